# Says whether a binary number is divisible by 3.
#
# Read from the left, each further digit doubles the number and adds the digit. So a remainder r becomes that of 2*r + digit, and to
# remember it, three states are enough. The machine never writes: it is a finite automaton.

machine divisible_by_3
    "Accepts binary numbers that are divisible by 3."

tape data: line of _ 0 1   # never written

bounds
    steps  n + 1

start zero

# The digits so far leave no remainder. (No digits at all are 0.)
state zero
    on 0        move right
    on 1        move right   -> one
    on _                     -> accept

# They leave 1.
state one
    on 0        move right   -> two
    on 1        move right   -> zero
    on _                     -> reject

# They leave 2.
state two
    on 0        move right   -> one
    on 1        move right
    on _                     -> reject

test "fifteen"
    data 1111
    -> accept
    data is 1111

test "seven leaves one"
    data 111
    -> reject

test "eight leaves two"
    data 1000
    -> reject

test "leading zeros"
    data 0011
    -> accept

test "one"
    data 1
    -> reject

test "zero"
    data 0
    -> accept

test "the empty tape"
    data _
    -> accept
