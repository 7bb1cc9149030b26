# Says whether a word reads the same in both directions, with one tape.
#
# The classic: take the first symbol away, keep it in mind, run to the other end and compare; then run back and do the same with
# what is left. Each of the n/2 rounds walks over the word twice, so the time grows with the square of its length, and no machine
# with one tape can do much better. A second tape makes it linear: see palindrome.tm.

machine palindrome_one_tape
    "Accepts words that read the same in both directions, and takes quadratic time."

use "std.tm"

tape data: line of _ a b   # taken away from both ends; blank when the word is accepted

# A round takes 2k + 1 steps when k symbols are left: (n + 1) * (n + 2) / 2 steps for a palindrome, which is never more than this.
bounds
    steps  n^2 + n + 1

start first

# Take the first symbol. When all are taken, the word has passed.
state first
    on $x in a|b   write _   move right   -> to_last(a|b, last($x))
    on _                                  -> accept

# The last symbol must be the same. (When the first was the only one, there is none.)
state last(taken)
    on taken       write _   move left    -> to_first(a|b, first)
    on _                                  -> accept
    otherwise                             -> reject

test "an even word"
    data abba
    -> accept
    data is _

test "an odd word"
    data abaabaaba
    -> accept
    data is _

test "no palindrome"
    data abab
    -> reject

test "a difference in the middle"
    data abbaba
    -> reject

test "one symbol"
    data b
    -> accept
    data is _

test "the empty tape"
    data _
    -> accept
