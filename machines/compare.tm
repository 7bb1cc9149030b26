# Compares two binary numbers: is 101<110 true? The sign may be <, = or >.
#
# The first number is copied to the work tape, then both are read at once, from the right. The digits read last count most: where
# they differ, they decide, whatever was found before. So all that must be remembered is how the numbers compare as far as they
# have been read. In the end the sign is under the head, and is either what was found or not.
#
# An empty number is 0, and leading zeros do not matter.

machine compare
    "Says whether one binary number is less than, equal to or greater than another."

use "std.tm"

tape data: line of _ 0 1 '<' '=' '>'   # never written
tape work: line of _ 0 1               # the first number

# As in add.tm: n + 1 steps to the right, then at most n - 1 to the left, and one to halt.
bounds
    steps  2*n + 1
    work   n + 1

start copy

# Copy the first number, then go to the last digit of the second.
state copy
    on $x in 0|1        write ., $x   move right, right
    on '<'|'='|'>'                    move right, left    -> to_last(0|1, found('='))
    otherwise                                             -> reject

# So far the first number is `relation` than the second. The number that comes to its end first goes on with zeros: the second ends
# at the sign, where the data head waits.
state found(relation)
    on relation, _                                        -> accept
    on '<'|'='|'>', _                                     -> reject
    on '<'|'='|'>', 1                 move ., left        -> found('>')
    on '<'|'='|'>'                    move ., left
    on 0, 1                           move left, left     -> found('>')
    on 1, 0|_                         move left, left     -> found('<')
    otherwise                         move left, left

test "five is less than six"
    data '101<110'
    -> accept

test "six is not less than five"
    data '110<101'
    -> reject

test "the longer number is greater"
    data '1000>111'
    -> accept

test "unless it begins with zeros"
    data '0001=1'
    -> accept

test "nothing is zero"
    data '=00'
    -> accept

test "nothing is not less than nothing"
    data '<'
    -> reject

test "no sign"
    data 1
    -> reject

test "the empty tape"
    data _
    -> reject
