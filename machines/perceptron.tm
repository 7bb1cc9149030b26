# The perceptron (Rosenblatt, 1958), learning online: a neuron, run by a Turing machine, run by a network of neurons.
#
# Read every 0 as -1. There is a weight for each feature, in the beginning 0. The prediction for an example is 1 if the sum of the
# weights times the features is positive. If that is not the label, the example is added to the weights when its label is 1, and
# subtracted when it is 0. Whenever some weights separate the ones from the zeros, the mistakes come to an end: there are at most
# (R/g)^2 of them, however many examples (Novikoff, 1962). Every example is used once, in turn. The query comes after them all.
#
# No weight is written down anywhere. The weights are a sum of examples, namely of those that were mistakes, with the sign of their
# labels. So these rows stay in the grid, as + and -, and all the others are forgotten, as blanks. A sum of weights times features is
# then a sum over the cells above the example: 1 for every + above a 1 and for every - above a 0, else -1, nothing for a blank.
# That sum is not written down either. It is how far the work head has gone to the right: up a column, one cell at a time.
#
# On the work tape there are ones to the right of the head's origin and blanks to the left. So what the head reads is the
# prediction, and it finds back from either side. No sum is larger than the number of + and - in the grid: so when a row with d of them
# is learned, d more ones are written, at the left of the others, and that moves the origin.

learner perceptron
    "Learns online with the perceptron's rule, and answers what it predicts for the query."

use "std.tm"

tape data: grid of _ 0 1 '+' '-'   # above the row in turn: what was learned. It and those below: as they came
tape work: line of _ 1             # ones on the right of the origin, blanks on the left

# The example below i others is summed up in d*(2*i + 1) + 1 steps, the head finds back in at most d*i + 3, and the row is rewritten in d.
# For m examples, a query below m others and the first step that is (3*d*m^2 + 5*d*m) / 2 + 4*m + d + 2.
bounds
    steps  2*d*m^2 + 2*d*m + 4*m + d + 2
    work   2*d*m + 2   # the origin moves to the left by d for each example, and the last sum may be as far as d*m from it

start plant

# One 1, so that there is always something to find.
state plant
    otherwise           write ., 1     move ., left        -> find

# Down to the row in turn, the first that has not been rewritten. A feature there is summed up with the column above it.
# The label tells whether the prediction is right; if so, it is deleted. The query has none, and the prediction is the answer.
state find
    on 0|1 at top not right            move right
    on 1 at not right                  move up             -> sum(right, left)
    on 0 at not right                  move up             -> sum(left, right)
    on 1, 1             write _                            -> home
    on 0, 1                                                -> home
    on 1, _                                                -> seek_work(1, right, left, home)
    on 0, _             write _                            -> seek_work(1, right, left, home)
    on *, 1 at bottom                                      -> accept
    at bottom                                              -> reject
    otherwise                          move down

# Up the column, and on to the next.
state sum(plus, minus)
    on '+' at top                      move right, plus    -> find
    on '-' at top                      move right, minus   -> find
    at top                             move right          -> find
    on '+'                             move up, plus
    on '-'                             move up, minus
    otherwise                          move up

# The work head goes to the origin, the first blank on the left. Then a row whose label is still there is learned, another forgotten.
state home
    on *, 1                            move ., left
    on 1                write _        move left           -> learn(1)
    on 0                write _        move left           -> learn(0)
    otherwise                          move left           -> forget

# Back along the row. Now + stands for what equals the label, and for each feature there is one more 1 on the work tape.
state learn(label)
    on label at left    write '+', 1   move down, left     -> find
    at left             write '-', 1   move down, left     -> find
    on label            write '+', 1   move left, left
    otherwise           write '-', 1   move left, left

state forget
    at left             write _        move down           -> find
    otherwise           write _        move left

test "the majority of three features"
    example 1 1 0 -> 1
    example 0 0 1 -> 0
    example 1 0 1 -> 1
    example 0 1 0 -> 0
    example 0 1 1 -> 1
    query   0 1 1 -> 1

test "the second mistake outweighs the first"
    example 1 1 1 -> 1
    example 1 1 0 -> 0
    query   1 1 0 -> 0

test "all labels 0: no mistake, and nothing learned"
    example 1 0 -> 0
    example 0 1 -> 0
    query   1 1 -> 0

test "one example, one feature"
    example 0 -> 1
    query   1 -> 0

test "a tie is predicted 0"
    example 1 1 -> 1
    query   1 0 -> 0

test "contradictory examples"
    example 1 0 -> 1
    example 1 0 -> 0
    example 1 0 -> 1
    query   1 0 -> 1

test "all alike"
    example 1 0 1 -> 1
    example 1 0 1 -> 1
    example 1 0 1 -> 1
    query   0 1 1 -> 0
