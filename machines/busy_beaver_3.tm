# The busy beaver with three states (see busy_beaver_2.tm): S(3) is 21, as Lin and Radó proved in 1965.
#
# There are two champions. This machine runs longest, and leaves 5 ones. Others leave 6, the most, but take no more than 14 steps.
# With two, four and five states, one machine is the champion of both.

machine busy_beaver_3
    "Runs for 21 steps, the longest run of three states, and leaves 5 ones."

tape data: line of _ 1

bounds
    steps  21   # on the blank tape, for which the machine is made: S(3)

start a

state a
    on _        write 1   move right   -> b
    on 1                               -> accept

state b
    on _        write 1   move left
    on 1        write _   move right   -> c

state c
    on _        write 1   move left
    on 1                  move left    -> a

test "the blank tape"
    data _
    -> accept
    data is 11111

test "a 1 on the right: the last 17 of these steps"
    data _1
    -> accept
    data is 11111

test "three ones on the right: the last 12"
    data _111
    -> accept
    data is 11111

test "one 1"
    data 1
    -> accept
    data is 1
