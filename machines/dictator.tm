# Dictator: one feature decides.
#
# If one feature equals the label in every example, it is the rule: the answer is what the query has there. If several do, they may
# disagree on the query and no example can tell which is right; the rightmost is taken. If none does, no feature is the dictator,
# and the answer is 0.
#
# Comparing a feature with a label far away would take a walk along the row for every cell. So the labels are moved to the work
# tape first. Then both heads go down in step, one along a column and the other along the labels. A column that reaches the bottom has
# passed, and the head stands on the answer: the bottom row is the query.

learner dictator
    "Finds the feature that equals the label, and answers what the query has there."

use "std.tm"

tape data: grid of _ 0 1   # rows: examples, then the query; last column: labels
tape work: line of _ 0 1   # the labels, from top to bottom

bounds
    steps  2*m*d + 2*m + d + 2   # every column fails, and only in the last example
    work   m + 1                 # the labels, and the blank behind them

start move_labels(_, column)

# To the top of the column on the left, the work head with it to the first label.
state column
    at top left                           -> reject
    at top             move left          -> check
    otherwise          move up, left

# Down the column as long as it equals the labels.
state check
    on 1 at bottom                        -> accept
    at bottom                             -> reject
    on $x in 0|1, $x   move down, right
    otherwise                             -> column

test "the second of three"
    example 1 0 1 -> 0
    example 1 1 0 -> 1
    example 0 1 1 -> 1
    query   0 1 0 -> 1

test "the first of three"
    example 1 0 1 -> 1
    example 0 1 1 -> 0
    query   0 1 1 -> 0

test "none: the negation of a feature is no dictator"
    example 1 0 -> 0
    example 0 0 -> 1
    query   0 0 -> 0

test "of two the rightmost"
    example 1 1 -> 1
    example 0 0 -> 0
    query   1 0 -> 0

test "one example, one feature"
    example 1 -> 1
    query   1 -> 1

test "all alike"
    example 0 0 -> 0
    example 0 0 -> 0
    query   1 1 -> 1

test "contradictory examples"
    example 1 1 -> 1
    example 1 1 -> 0
    query   1 1 -> 0
