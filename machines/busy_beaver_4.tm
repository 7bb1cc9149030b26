# The busy beaver with four states (see busy_beaver_2.tm): S(4) is 107, as Brady proved in 1983.
#
# The machine leaves 13 ones, and no machine with four states that halts leaves more.

machine busy_beaver_4
    "Runs for 107 steps and leaves 13 ones: the longest run of four states."

tape data: line of _ 1

bounds
    steps  107   # on the blank tape, for which the machine is made: S(4)

start a

state a
    on _        write 1   move right   -> b
    on 1                  move left    -> b

state b
    on _        write 1   move left    -> a
    on 1        write _   move left    -> c

state c
    on _        write 1                -> accept
    on 1                  move left    -> d

state d
    on _        write 1   move right
    on 1        write _   move right   -> a

test "the blank tape"
    data _
    -> accept
    data is 1_111111111111

test "two ones: all but 2 of these steps"
    data 11
    -> accept
    data is 1_111111111111

test "ones further on: the last 49"
    data 111_1111
    -> accept
    data is 1_111111111111

test "one 1"
    data 1
    -> accept
    data is 1_1111
