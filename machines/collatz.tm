# Follows a binary number to 1: an even number n becomes n/2, an odd one (3*n + 1)/2, again and again.
#
# Halving takes the last digit away. When that is a 1, the number was n = 2*k + 1, and what is left of it, k, has to become
# (3*n + 1)/2 = 3*k + 2. So every digit is multiplied by 3, beginning with a carry of 2.
#
# Nobody knows whether this comes to an end for every number: so this machine promises no number of steps.

machine collatz
    "Follows a binary number to 1: n/2 when it is even, (3*n + 1)/2 when it is odd."

use "std.tm"

tape data: line of _ 0 1   # the number; in the end 1

start seek(_, right, left, halve)

# Halve the number. (Of zero nothing is left, and 1 is never reached.)
state halve
    on 0        write _   move left
    on 1        write _   move left    -> triple
    on _                               -> reject

# The number was odd: triple what is left and add 2. If nothing is left, it was 1.
state triple
    on _        write 1                -> accept
    on 0                  move left    -> carry_1
    on 1                  move left    -> carry_2

# 3*1 + 2 is 5: write 1, carry 2. 3*0 + 2 is 2: write 0, carry 1. Before the first digit there are zeros.
state carry_2
    on 1                  move left
    otherwise   write 0   move left    -> carry_1

state carry_1
    on 1        write 0   move left    -> carry_2
    otherwise   write 1   move left    -> carry_0

state carry_0
    on 0                  move left
    on 1                  move left    -> carry_1
    on _                  move right   -> seek(_, right, left, halve)

test "one"
    data 1
    -> accept
    data is 1

test "sixteen: only halves"
    data 10000
    -> accept
    data is 1

test "seven: 7 11 17 26 13 20 10 5 8 4 2 1"
    data 111
    -> accept
    data is 1

test "twenty-seven climbs to 4616"
    data 11011
    -> accept
    data is 1

test "leading zeros"
    data 0011
    -> accept
    data is 1

test "zero"
    data 0
    -> reject

test "the empty tape"
    data _
    -> reject
