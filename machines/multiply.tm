# Multiplies two binary numbers: 101*11 becomes 1111.
#
# As on paper: the digits of the second number are taken from the right, and for each 1 the first number is added to the product,
# every time one place further left. The product grows on the work tape. While the data head walks over the first number, the work
# head walks along, so that the digits to be added are under the two heads; while it walks over the second, the work head waits.
#
# An empty number is 0. The product may have leading zeros.

machine multiply
    "Multiplies two binary numbers."

use "std.tm"

tape data: line of _ 0 1 '*'   # the second number is taken away digit by digit; in the end: the product, and nothing else
tape work: line of _ 0 1       # the product; it stays there

# With a and b digits, n = a + 1 + b. Going to the last digit takes n + 1 steps. A digit with r others before it takes at most
# 2*a + 2*r + 5, so all b of them take b * (2*a + b + 4), at most (n - 1) * (n + 3), since a + b = n - 1. In the end it takes
# b + 2 steps to find the product's last digit, and at most n + 1 to copy it. Together n^2 + 5*n; and 1 for the empty tape.
bounds
    steps  n^2 + 5*n + 1
    work   n + 3

start forth

# Over the first number, both heads in step. Behind it the work head turns back: to the place where the sum began, ...
state forth
    on 0|1                            move right, right
    on '*'                            move right, left    -> to_digit
    otherwise                                             -> reject

# ... and from there one to the left, when the data head is at the last digit that is left of the second number.
state to_digit
    on 0|1                            move right
    on _                              move left, left     -> digit
    otherwise                                             -> reject

# Take that digit. A 0 adds nothing, but the product must have a digit there.
state digit
    on 0, _             write _, 0    move left, left
    on 0                write _       move left, left
    on 1                write _       move left           -> seek('*', left, left, add)
    otherwise                         move ., right       -> seek_work(_, right, left, copy)

# Add the first number to the product.
state add
    on _                              move right, right   -> forth
    on 1, 1             write ., 0    move left, left     -> carry
    on $x in 0|1, 0|_   write ., $x   move left, left
    otherwise                         move left, left

# The same with a carry. The product never reaches further than the first number, so a last carry meets a blank.
state carry
    on _                write ., 1    move right, right   -> forth
    on 1, 1                           move left, left
    on 1                write ., 0    move left, left
    on 0, 1             write ., 0    move left, left
    otherwise           write ., 1    move left, left     -> add

# Copy the product over the sign and the first number. What is longer decides when it is done.
state copy
    on _, _                                               -> accept
    on *, $x            write $x      move left, left

test "five times three"
    data '101*11'
    -> accept
    data is 1111
    work is 1111

test "carries"
    data '111*111'
    -> accept
    data is 110001

test "zeros at the end"
    data '110*1100'
    -> accept
    data is 1001000

test "times zero"
    data '1011*0'
    -> accept
    data is 0

test "times one"
    data '1011*1'
    -> accept
    data is 1011

test "times nothing"
    data '1011*'
    -> accept
    data is _

test "no sign"
    data 10
    -> reject

test "the empty tape"
    data _
    -> reject
