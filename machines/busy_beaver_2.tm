# The busy beaver with two states.
#
# Of all machines with two states that begin on a blank tape, know no other symbol than 1, and halt, this one runs longest: S(2) = 6
# steps. It also leaves the most ones, 4.
#
# There is no program that computes S(n), the longest run of n states, for every n. It would solve the halting problem: a machine
# that has taken more than S(n) steps never halts.

machine busy_beaver_2
    "Runs for 6 steps and leaves 4 ones: the longest run of two states."

tape data: line of _ 1

bounds
    steps  6   # on every tape: S(2)

start a

state a
    on _        write 1   move right   -> b
    on 1                  move left    -> b

state b
    on _        write 1   move left    -> a
    on 1                               -> accept

test "the blank tape"
    data _
    -> accept
    data is 1111

test "one 1"
    data 1
    -> accept
    data is 111

test "a 1 on the right"
    data _1
    -> accept
    data is 11

test "three ones"
    data 111
    -> accept
    data is 11111
