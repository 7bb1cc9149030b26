# The nearest neighbour: answers the label of the example that differs from the query in the fewest features.
#
# Distances do not change when a column is inverted, in all rows. So invert every column in which the query has a 1. The query is now
# 0 everywhere, and an example is as far from it as it has ones.
#
# The work tape is a shelf: cell k takes the label of an example at distance k. To find its place, a walk along the example moves the
# work head one cell on for each 1; the walk back moves it back, and undoes the count without a mark to look for. The rows are taken
# from the bottom up, and what stands on the shelf already is replaced by what comes later. In the end the first label on the shelf is the nearest
# example's, and of equally near ones the first in the grid.

learner nearest
    "Answers the label of the nearest example in Hamming distance, of the first if there are several."

use "std.tm"

tape data: grid of _ 0 1   # rows: examples, then the query; last column: labels
tape work: line of _ 0 1   # cell k: the label of the first example at distance k

bounds
    steps  4*m*d + 2*m + 3*d + 2   # a query of ones, and examples of zeros
    work   d + 1

start invert

# Down to the query. Where it has a 1, up again and invert the column; where it has a 0, on to the next column.
state invert
    on 0 at bottom                  move right
    on 1 at bottom     write 0      move up             -> inverse
    at bottom                       move left           -> back
    otherwise                       move down

state inverse
    on 1 at top        write 0      move right          -> invert
    at top             write 1      move right          -> invert
    on 1               write 0      move up
    otherwise          write 1      move up

# Back along a row, the work head back to cell 0, and on to the row above. (The query has no ones left.)
state back
    on 1 at top left                move ., left        -> first_label
    at top left                                         -> first_label
    on 1 at left                    move up, left       -> count
    at left                         move up             -> count
    on 1                            move left, left
    otherwise                       move left

# Along an example, and its label onto the shelf.
state count
    on 1 at right      write ., 1   move left           -> back
    at right           write ., 0   move left           -> back
    on 1                            move right, right
    otherwise                       move right

test "second of three"
    example 1 1 1 0 -> 0
    example 1 0 0 1 -> 1
    example 0 0 1 0 -> 0
    query   1 1 0 1 -> 1

test "of equally near ones the first"
    example 0 1 1 -> 0
    example 1 1 0 -> 1
    example 1 0 1 -> 0
    query   1 1 1 -> 0

test "contradictory examples: the first"
    example 0 1 -> 1
    example 0 1 -> 0
    query   0 1 -> 1

test "one example, one feature, and far away"
    example 0 -> 1
    query   1 -> 1

test "all alike"
    example 1 1 -> 0
    example 1 1 -> 0
    example 1 1 -> 0
    query   0 0 -> 0

test "a query of zeros"
    example 1 0 1 -> 1
    example 0 0 1 -> 0
    example 1 1 1 -> 1
    query   0 0 0 -> 0
