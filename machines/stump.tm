# The best stump: the one feature that makes the fewest mistakes.
#
# A learner that wants a feature without any mistake is lost as soon as one label is wrong. This one counts them, and so finds the
# best feature on any data (this is called empirical risk minimisation). A number of examples of the order of log(d) is enough for what
# is best on them to be nearly the best on others, too. Of features equally good it takes the leftmost, and answers what the query
# has there.
#
# The mistakes of a feature are the distance between its column and that of the labels. So this is the nearest neighbour of
# nearest.tm once more, with rows and columns exchanged: an example whose label is 1 is inverted, and then the ones in a column are its
# mistakes. Walking down the column takes the work head to the cell for so many, where the query's feature at the bottom goes on the
# shelf; walking up takes it back. The columns are taken from right to left, and the first that is on the shelf in the end is the answer.

learner stump
    "Finds the feature that differs from the label in the fewest examples, and answers what the query has there."

use "std.tm"

tape data: grid of _ 0 1   # rows: examples, then the query; last column: labels
tape work: line of _ 0 1   # cell k: what the query has in the leftmost column with k mistakes

bounds
    steps  4*m*d + 3*m + 2*d + 2   # all labels are 1, and all features 0
    work   m + 1

start invert

# On to the label. If it is 1, back and invert the example; if it is 0, down to the next label.
state invert
    on 0 at right                   move down
    on 1 at right      write 0      move left          -> inverse
    at right                        move up            -> back
    otherwise                       move right

state inverse
    on 1 at left       write 0      move down          -> invert
    at left            write 1      move down          -> invert
    on 1               write 0      move left
    otherwise          write 1      move left

# Up a column, the work head back to cell 0, and on to the column on the left. (All labels are 0 by now.)
state back
    on 1 at top left                move ., left       -> first_label
    at top left                                        -> first_label
    on 1 at top                     move left, left    -> count
    at top                          move left          -> count
    on 1                            move up, left
    otherwise                       move up

# Down a column to the query, and what it has there onto the shelf.
state count
    on 1 at bottom     write ., 1   move up            -> back
    at bottom          write ., 0   move up            -> back
    on 1                            move down, right
    otherwise                       move down

test "the second feature, with one mistake"
    example 0 1 1 -> 1
    example 1 0 1 -> 0
    example 0 1 0 -> 1
    example 0 0 0 -> 1
    query   0 1 0 -> 1

test "of equally good ones the leftmost"
    example 1 0 -> 1
    example 1 0 -> 0
    query   0 1 -> 0

test "a feature without mistakes"
    example 1 0 -> 0
    example 0 1 -> 1
    query   1 0 -> 0

test "one example, one feature, always wrong"
    example 0 -> 1
    query   1 -> 1

test "all alike"
    example 1 1 1 -> 0
    example 1 1 1 -> 0
    query   0 0 0 -> 0

test "contradictory examples"
    example 1 0 -> 0
    example 1 0 -> 1
    example 1 0 -> 0
    query   1 0 -> 0
