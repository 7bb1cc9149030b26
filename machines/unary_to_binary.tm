# Turns a number of strokes into a binary number: 11111 becomes 101.
#
# The strokes are taken away one by one, and a binary counter on the work tape is increased by one each time. That is faster than it
# looks: every second time only the last digit changes, in half of the other cases the last two, and so on: less than two digits on
# the average. So the time is linear.

machine unary_to_binary
    "Writes a unary number in binary."

tape data: line of _ 0 1   # strokes are ones; in the end: the binary number, and nothing else
tape work: line of _ 0 1   # the counter, which ends as a copy of the result

# A stroke takes 1 step when the counter ends in 0, and 2*k + 2 when it ends in k ones. Of n strokes, at most n/2 find a one at
# the end, n/4 at least two, and so on: all together take no more than n + n/2 + 2*(n/2 + n/4 + ...), less than 3*n + n/2.
# Then there is one step for each digit of the result, of which there are no more than n/2 + 1, and one to halt: less
# than 4*n + 2 in all. The work head stands on the digits of the counter and on one more cell at either end.
bounds
    steps  4*n + 1
    work   n + 2

start count

# Take a stroke and add one to the counter, whose last digit is under the work head. Behind the last stroke, write the counter from
# there to the left, where all is blank now.
state count
    on 1, 1           write _, 0   move right, left   -> carry
    on 1              write _, 1   move right
    on _, $x in 0|1   write $x     move left, left
    on _                                              -> accept
    otherwise                                         -> reject

# Ones become zeros, up to the first zero or blank.
state carry
    on *, 1           write ., 0   move ., left
    otherwise         write ., 1   move ., right      -> return

# Back to the last digit.
state return
    on *, 0                        move ., right
    otherwise                      move ., left       -> count

test "thirteen"
    data 1111111111111
    -> accept
    data is 1101
    work is 1101

test "a power of two"
    data 11111111
    -> accept
    data is 1000

test "one less than that"
    data 1111111
    -> accept
    data is 111

test "one"
    data 1
    -> accept
    data is 1

test "nothing stays nothing"
    data _
    -> accept
    data is _

test "a digit that is no stroke"
    data 110
    -> reject
