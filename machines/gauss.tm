# Gaussian elimination over the integers modulo 2.
#
# Every example says: the sum of some features is the label. Two examples may be added (0+0=0, 0+1=1, 1+1=0) and what they say
# together is still true. So take an example with a 1 in the first column - the pivot - and add it to every row below that has a 1
# there too, the query included: the column is now 0 everywhere. Do this for each column, and the query has become
# a row of zeros. Its label, which began as a blank, has collected the labels of what was added: it is the answer.

learner gauss
    "Learns a parity by Gaussian elimination, then answers the query row."

tape data: grid of _ 0 1   # rows: examples, then the query; last column: labels
tape work: line of _ 0 1   # the pivot row, from the column right of the pivot to the label

bounds
    steps  (m + 1) * (d^2 + 3*d + 1) + 1
    work   d + 2

start find

# Walk down the column to the first row with a 1: the pivot. Each column starts at the top.
state find
    at right                                            -> answer
    at bottom                                           -> next_column
    on 1               write 0      move right, right   -> take
    otherwise                       move down

# Move the rest of the pivot row to the work tape, leaving zeros behind: a row is used once.
# The work tape's first cell stays blank. It marks the pivot's column.
state take
    on 1 at right      write 0, 1   move left, left     -> return
    at right           write 0, 0   move left, left     -> return
    on 1               write 0, 1   move right, right
    otherwise          write 0, 0   move right, right

# Go back to the pivot's column, both heads in step, and on to the next row.
state return
    on *, 0|1                       move left, left
    at bottom                                           -> next_column
    otherwise                       move down           -> eliminate

# Every row below that has a 1 in this column gets the pivot row added.
state eliminate
    on 1               write 0      move right, right   -> add
    at bottom                                           -> next_column
    otherwise                       move down

# Add the work tape to the row, cell by cell. (A blank is the query's label: nothing was added to it yet.)
state add
    on 1, 1 at right   write 0      move left, left     -> return
    on *, 1 at right   write 1      move left, left     -> return
    at right                        move left, left     -> return
    on 1, 1            write 0      move right, right
    on *, 1            write 1      move right, right
    otherwise                       move right, right

# The column is done: on to the top of the next one.
state next_column
    at top                          move right          -> find
    otherwise                       move up

# All columns are done. The label of the query is the answer.
state answer
    on 1 at bottom                                      -> accept
    at bottom                                           -> reject
    otherwise                       move down

test "x0 + x2"
    example 1 1 0 -> 1
    example 0 1 1 -> 1
    example 0 1 0 -> 0
    example 1 0 1 -> 0
    query   0 0 1 -> 1

test "a query that is an example"
    example 1 1 -> 0
    example 1 0 -> 1
    query   1 1 -> 0

test "all features"
    example 1 1 1 1 -> 0
    example 0 1 1 1 -> 1
    example 0 0 1 1 -> 0
    example 0 0 0 1 -> 1
    query   1 0 1 0 -> 0

test "one example, one feature"
    example 1 -> 1
    query   1 -> 1

test "rows in any order, one of them twice"
    example 0 0 1 -> 1
    example 0 1 1 -> 0
    example 0 1 1 -> 0
    example 1 0 0 -> 0
    query   1 1 0 -> 1
