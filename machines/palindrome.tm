# Says whether a word reads the same in both directions.
#
# Two heads make it fast: the word is copied to the work tape, one head goes back to the first symbol while the other stays at the
# last, and then each walks over the whole word, one to the right, one to the left. That is three walks, whatever the length.
# With one tape the head must run to and fro, and the time grows with the square of the length: see palindrome_one_tape.tm.

machine palindrome
    "Accepts words that read the same in both directions."

use "std.tm"

tape data: line of _ a b   # never written
tape work: line of _ a b   # a copy

# n + 1 steps to copy, n + 1 to go back, n + 1 to compare. The work head stands on every cell of the copy and on both neighbours.
bounds
    steps  3*n + 3
    work   n + 2

start copy

state copy
    on $x in a|b   write ., $x   move right, right
    on _                         move left, left     -> to_first(a|b, compare)

# The same symbol on both tapes, n times.
state compare
    on _                                             -> accept
    on $x, $x                    move right, left
    otherwise                                        -> reject

test "an even word"
    data abba
    -> accept
    data is abba
    work is abba

test "an odd word"
    data abaabaaba
    -> accept

test "the middle does not matter"
    data abbba
    -> accept

test "no palindrome"
    data abab
    -> reject

test "a difference in the middle"
    data abbaba
    -> reject

test "one symbol"
    data b
    -> accept

test "the empty tape"
    data _
    -> accept
