# A universal machine: its input is another machine, and it does what that one would do.
#
# The other machine has one tape, with the symbols _ 0 1. Its input, a word of 0 and 1, comes first, then its program: the number of
# its first state, and its states. Their numbers are x, xx, xxx, ... This is increment.tm, about to add one to 1011:
#
#     1011  p x  s r__Lxx r00Rx r11Rx  s r_1 r01 r10Lxx  p
#
#     p   the program begins, or ends
#     s   a state begins: the first is x, the second xx, ...
#     r   a rule begins: the symbol read, the symbol written, L or R if the head moves, and the number of the next state. So r__Lxx
#         says: on _ write _, move left, go on in the state xx. A rule without a number accepts. When no rule fits, it rejects.
#
# The data head reads the program. The work tape is the other machine's tape, on which the symbol under its head is marked: B, O
# and I stand for _, 0 and 1. To find the state xxx, the work head goes three cells away from the mark, one for each x, and comes
# back by one for each s that the data head meets from the beginning of the program on. When it is home, that is the state.

machine universal
    "Runs any Turing machine with one tape and the symbols _ 0 1 that is written on the data tape."

use "std.tm"

tape data: line of _ 0 1 L R x r s p   # never written
tape work: line of _ 0 1 B O I         # the other machine's tape; without a mark when it has accepted

start load

# Copy the word, then go back to its first symbol.
state load
    on $x in 0|1     write ., $x   move right, right
    on p                           move right, left    -> seek_work(_, left, right, go)
    otherwise                                          -> reject

# Go to the state whose number begins here: mark the symbol, and count. Without a number: halt.
state go
    on x, _          write ., B    move right, right   -> count
    on x, 0          write ., O    move right, right   -> count
    on x, 1          write ., I    move right, right   -> count
    otherwise                                          -> accept

state count
    on x                           move right, right
    otherwise                      move left           -> seek(p, left, right, find)

# Find the state, and then, with the work head at home, the next of its rules.
state find
    on r, B|O|I                    move right          -> read
    on s, B|O|I                                        -> reject
    on s                           move right, left
    on p                                               -> reject
    otherwise                      move right

# Does the rule fit?
state read
    on _, B                        move right          -> write
    on 0, O                        move right          -> write
    on 1, I                        move right          -> write
    otherwise                      move right          -> find

# Write, which takes the mark away, and move.
state write
    on $x in _|0|1   write ., $x   move right          -> move
    otherwise                                          -> reject

state move
    on L                           move right, left    -> go
    on R                           move right, right   -> go
    otherwise                                          -> go

test "increment.tm"
    data 1011 p x s r__Lxx r00Rx r11Rx s r_1 r01 r10Lxx p
    -> accept
    work is 1100

test "increment.tm, without an input"
    data p x s r__Lxx r00Rx r11Rx s r_1 r01 r10Lxx p
    -> accept
    work is 1

test "divisible_by_3.tm: three"
    data 11 p x s r__ r00Rx r11Rxx s r00Rxxx r11Rx s r00Rxx r11Rxxx p
    -> accept
    work is 11

test "divisible_by_3.tm: four"
    data 100 p x s r__ r00Rx r11Rxx s r00Rxxx r11Rx s r00Rxx r11Rxxx p
    -> reject

test "busy_beaver_2.tm"
    data p x s r_1Rxx r11Lxx s r_1Lx r11 p
    -> accept
    work is 1111

test "a machine without states"
    data 1 p x p
    -> reject

test "no machine"
    data 1
    -> reject

test "the empty tape"
    data _
    -> reject
