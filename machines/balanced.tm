# Says whether parentheses and brackets are balanced: ([]()) is, ([)] is not.
#
# A work tape that is only used at one end is a stack. An opening sign goes onto it; a closing one must meet its counterpart on the
# top, and takes it away. The head stands on the top of the stack; when the stack is empty, on a blank. One state is enough.

machine balanced
    "Accepts balanced parentheses and brackets."

tape data: line of _ '(' ')' '[' ']'   # never written
tape work: line of _ '(' '['           # the stack, which grows to the right; blank when the input is accepted

# At most two steps for each sign, and one to halt. Every move of the work head belongs to a sign of the input.
bounds
    steps  2*n + 1
    work   n + 1

start read

state read
    on $x in '('|'[', _   write ., $x   move right         # push: onto a blank at once,
    on '('|'['                          move ., right      # else first to the cell beyond the top
    on ')', '('           write ., _    move right, left   # pop
    on ']', '['           write ., _    move right, left
    on _, _                                                -> accept
    otherwise                                              -> reject

test "nested and side by side"
    data '([]())[]'
    -> accept
    work is _

test "deep"
    data '((([[[]]])))'
    -> accept

test "crossed"
    data '([)]'
    -> reject

test "never closed"
    data '(()'
    -> reject

test "never opened"
    data '())'
    -> reject

test "one sign"
    data ')'
    -> reject

test "the empty tape"
    data _
    -> accept
