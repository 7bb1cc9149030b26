# Adds one to a binary number, least significant digit last. The head starts on the first digit.

machine increment
    "Adds one to a binary number."

tape data: line of _ 0 1

bounds
    steps  2*n + 3

start to_end

# Walk past the last digit.
state to_end
    on 0|1                move right
    on _                  move left    -> carry

# Ones become zeros and the carry walks on; the first zero, or the blank before the number, takes it.
state carry
    on 1        write 0   move left
    on 0|_      write 1                -> accept

test "eleven plus one"
    data 1011
    -> accept
    data is 1100

test "seven plus one grows a digit"
    data 111
    -> accept
    data is 1000

test "nothing plus one"
    data _
    -> accept
    data is 1
