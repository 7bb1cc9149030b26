# Adds two binary numbers: 101+11 becomes 1000.
#
# As on paper: from the right, digit by digit, with a carry. Two heads make it fast. The first number goes to the work tape,
# then each head stands on the last digit of a number, and both walk left. The sum is written over the second number.
#
# An empty number is 0. The sum has as many digits as the longer number, leading zeros included, and one more for a last carry.

machine add
    "Adds two binary numbers."

use "std.tm"

tape data: line of _ 0 1 '+'   # in the end: the sum, and nothing else
tape work: line of _ 0 1       # the first number, which stays there

# To the right, over everything, takes n + 1 steps; to the left one for each digit of the longer number, at most n - 1, and one to
# halt. The work head stands on as many cells as the longer number has digits, and on one more at either end.
bounds
    steps  2*n + 1
    work   n + 1

start take

# Take the first number to the work tape.
state take
    on $x in 0|1   write _, $x   move right, right
    on '+'         write _       move right, left    -> to_last(0|1, add)
    otherwise                                        -> reject

# Add digit to digit. The first number may have come to its end: then what stands on the data tape is right as it is.
state add
    on *, _                                          -> accept
    on 1, 1        write 0       move left, left     -> carry
    on 0|_, $x     write $x      move left, left
    otherwise                    move left, left

# The same with a carry. A number that has come to its end goes on with zeros, for the carry may run on.
state carry
    on 1, 1                      move left, left
    on 1, 0|_      write 0       move left, left
    on 0|_, 1      write 0       move left, left
    otherwise      write 1       move left, left     -> add

test "five plus three"
    data '101+11'
    -> accept
    data is 1000
    work is 101

test "no carry, and the second number is longer"
    data '10+10101'
    -> accept
    data is 10111

test "a carry that runs beyond both numbers"
    data '1+111'
    -> accept
    data is 1000

test "leading zeros stay"
    data '001+01'
    -> accept
    data is 010

test "nothing is zero"
    data '+'
    -> accept
    data is _

test "no plus sign"
    data 101
    -> reject

test "two plus signs"
    data '1+1+1'
    -> reject

test "the empty tape"
    data _
    -> reject
