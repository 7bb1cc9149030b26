# Conjunctions: learning by elimination (Valiant, 1984).
#
# Every label says whether some literals all hold, such as x0 and not x2. To begin with, suppose that all literals count: every
# feature and every negation of one. A positive example refutes those that do not hold in it. What survives all of them is the most
# cautious conjunction there is: whatever it accepts, every other one that accepts the positive examples accepts, too. So when the
# labels do come from a conjunction, it errs on a query only by rejecting, and the negative examples tell it nothing.
#
# The work tape says for every feature which literals survive. It is a cell's alphabet that does the learning:
#
#     _   both: there was no positive example yet
#     1   x alone: in all positive examples the feature is 1
#     0   not x alone: it is 0 in all of them
#     *   none: it was both
#
# So the query has to agree with every 0 and 1, and there is no query that agrees with a blank.

learner conjunction
    "Learns a conjunction of literals from the positive examples."

tape data: grid of _ 0 1       # rows: examples, then the query; last column: labels
tape work: line of _ 0 1 '*'   # what the positive examples have in common, feature by feature

bounds
    steps  2*m*d + m + 2*d + 1   # all examples are positive: to the label and back for each, and the query last
    work   d + 1

start label

# On to the label, the work head in step. A negative example is passed by. The query's label is a blank.
state label
    at not right                       move right, right
    on 1                               move left, left     -> learn
    at bottom                          move left, left     -> ask
    otherwise                          move down

# Back along a positive example: a literal that does not hold in it goes.
state learn
    on 1, 1|_ at left   write ., 1     move down           -> label
    on 0, 0|_ at left   write ., 0     move down           -> label
    at left             write ., '*'   move down           -> label
    on 1, 1|_           write ., 1     move left, left
    on 0, 0|_           write ., 0     move left, left
    otherwise           write ., '*'   move left, left

# Back along the query: all that survived must hold.
state ask
    on 1, 0|_                                              -> reject
    on 0, 1|_                                              -> reject
    at left                                                -> accept
    otherwise                          move left, left

test "x0 and not x2"
    example 1 1 0 -> 1
    example 1 1 1 -> 0
    example 1 0 0 -> 1
    example 0 0 0 -> 0
    query   1 1 0 -> 1

test "not what was never seen"
    example 1 1 0 -> 1
    example 1 1 1 -> 0
    query   1 0 0 -> 0

test "nothing survives: everything is accepted"
    example 0 1 -> 1
    example 1 0 -> 1
    query   0 0 -> 1

test "no positive example: nothing is accepted"
    example 0 1 -> 0
    example 1 0 -> 0
    query   0 1 -> 0

test "one example, one feature"
    example 0 -> 1
    query   0 -> 1

test "all alike"
    example 1 1 -> 1
    example 1 1 -> 1
    query   1 0 -> 0

test "contradictory examples"
    example 1 0 1 -> 0
    example 1 0 1 -> 1
    query   1 0 1 -> 1
