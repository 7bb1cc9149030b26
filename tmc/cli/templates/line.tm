# A machine on a line. What stands behind a `#` is a comment.
#
# A machine is a list of states, and a state is a list of rules: of these, the first that applies is taken. A rule says what the head
# must read (`on`), what it writes, how it moves, and which state comes next (`->`; the same one if nothing is said).

machine NAME
    "Flips every bit of a word: zeros become ones and ones become zeros."

# The tape: its symbols, the blank `_` first. The head starts on the first symbol of the word, with blanks all around.
tape data: line of _ 0 1

# A promise: so many steps at most, for a word of n symbols. It is checked whenever the machine runs.
bounds
    steps  2*n + 2

start flip

# To the right, flipping every bit, up to the blank behind the word.
state flip
    on 0        write 1   move right
    on 1        write 0   move right
    on _                  move left    -> home

# Back to the blank before the word. `0|1` means either; the halting states are `accept` and `reject`.
state home
    on 0|1                move left
    otherwise                          -> accept

# Tests stand beside the machine: the word, how the run ends, and what the tape holds then.
test "a word"
    data 1011
    -> accept
    data is 0100

test "no word at all"
    data _
    -> accept
    data is _

# To try: flip only every second bit (with one state more), or reject words in which two ones stand side by side.
