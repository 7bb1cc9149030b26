# The busy beaver with five states (see busy_beaver_2.tm). Marxen and Buntrock found it in 1989, but that S(5) is 47 176 870 was
# only proved in 2024. It leaves 4 098 ones, and no machine with five states that halts leaves more.
#
# What takes so long is much like the sequence of collatz.tm. When the machine is in state a, on the blank before n ones and with
# nothing else on the tape, the remainder of n by 3 says what follows:
#
#     n = 3*k       5*k^2 + 19*k + 15 steps, then it is there again, with 5*k + 6 ones
#     n = 3*k + 1   5*k^2 + 25*k + 27 steps, then it is there again, with 5*k + 9 ones
#     n = 3*k + 2   6*k + 12 steps, then it halts
#
# From the blank tape, n is 0, 6, 16, 34, 64, 114, 196, 334, 564, 946, 1584, 2646, 4416, 7366 and 12284, which is 3*4094 + 2. The
# tests begin with other tapes, which take less time.

machine busy_beaver_5
    "Runs for 47 176 870 steps and leaves 4 098 ones: the longest run of five states."

tape data: line of _ 1

bounds
    steps  47176870   # on the blank tape, for which the machine is made: S(5)

start a

state a
    on _        write 1   move right   -> b
    on 1                  move left    -> c

state b
    on _        write 1   move right   -> c
    on 1                  move right

state c
    on _        write 1   move right   -> d
    on 1        write _   move left    -> e

state d
    on _        write 1   move left    -> a
    on 1                  move left

state e
    on _        write 1                -> accept
    on 1        write _   move left    -> a

test "two ones: 12 steps"
    data _11
    -> accept
    data is 1_1__11

test "four ones, then 14: 57 + 36 steps"
    data _1111
    -> accept
    data is 1_1__1__1__1__1__11

test "one, then 9, 21 and 41: 27 + 117 + 393 + 90 steps"
    data _1
    -> accept
    data is 1_1__1__1__1__1__1__1__1__1__1__1__1__1__1__11

test "five ones: 18 steps"
    data _11111
    -> accept
    data is 1_1__1__11
