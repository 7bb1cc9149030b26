# Majority: the vote in one pass of Boyer and Moore.
#
# Two opposite labels cancel. So go down the labels and remember only which one is ahead and by how many: the state says which, and
# the work head how many, for it stands that many cells to the right of where it began. There a 1 marks that neither is ahead. When
# the other label is met there, it takes the lead. Nothing but the mark is ever written; the position of a head is a memory, too.
#
# The features are not looked at, neither the examples' nor the query's. It is the best that a learner can do when they say nothing
# about the label, and what any other one has to beat.

learner majority
    "Answers the label of most examples; 0 where there are as many of both."

tape data: grid of _ 0 1   # only the last column is read: the labels, and the query's blank
tape work: line of _ 1     # a 1 on the cell where the head begins

bounds
    steps  m + d + 1   # along the first row, down the labels, and the answer: never more, never fewer
    work   m + 1       # where all labels are alike

start ahead(1, accept, 0, reject)

# The leader is ahead by as many examples as the work head is cells away from the mark. It would win with the answer `yes`, the other
# with `no`. On the way to the labels the work head waits, and leaves the mark.
state ahead(leader, yes, other, no)
    at not right        write ., 1   move right
    on *, 1 at bottom                                   -> reject
    at bottom                                           -> yes
    on other, _                      move down, left
    on other, 1                      move down, right   -> ahead(other, no, leader, yes)
    otherwise                        move down, right

test "two of three"
    example 0 0 -> 1
    example 0 1 -> 0
    example 1 0 -> 1
    query   1 1 -> 1

test "the lead changes"
    example 0 -> 1
    example 1 -> 0
    example 0 -> 0
    example 1 -> 0
    example 0 -> 1
    query   0 -> 0

test "a tie"
    example 1 1 -> 1
    example 1 1 -> 0
    query   1 1 -> 0

test "one example, one feature"
    example 0 -> 1
    query   1 -> 1

test "all alike"
    example 1 0 1 -> 0
    example 1 0 1 -> 0
    example 1 0 1 -> 0
    query   0 1 0 -> 0

test "contradictory examples"
    example 1 0 -> 1
    example 1 0 -> 0
    example 1 0 -> 1
    query   0 1 -> 1
