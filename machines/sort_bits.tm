# Sorts digits: 10110 becomes 00111.
#
# Counting is faster than swapping. Every 1 is put onto the work tape and a 0 left in its place; then, from the right, the ones
# are written back. Two walks over the tape.

machine sort_bits
    "Puts zeros before ones."

tape data: line of _ 0 1
tape work: line of _ 1   # as many ones as were found so far; blank in the end

# n + 1 steps to the right, then one for each 1, and one to halt.
bounds
    steps  2*n + 2
    work   n + 2

start take

state take
    on 1        write 0, 1   move right, right
    on 0                     move right
    on _                     move left, left     -> put_back

state put_back
    on *, 1     write 1, _   move left, left
    otherwise                                    -> accept

test "some of each"
    data 10110
    -> accept
    data is 00111
    work is _

test "the wrong way round"
    data 111000
    -> accept
    data is 000111

test "sorted already"
    data 0011
    -> accept
    data is 0011

test "only ones"
    data 111
    -> accept
    data is 111

test "one digit"
    data 0
    -> accept
    data is 0

test "the empty tape"
    data _
    -> accept
    data is _
