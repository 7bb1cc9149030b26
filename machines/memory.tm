# Memory: answers as it was told before.
#
# If the query has been seen, its label is the answer; if it was seen more than once, the label of the last time; if never, 0. That
# is all that learning by heart can do, and SGD has done the hard part: the examples stand on the tape.
#
# Here the tape is a line: the rows follow one another, so that the head leaves a row at its right end and is in the next. It reads
# like a diary, and it is read backwards: from the query, one example after the other, until one is the same.

learner memory
    "Answers the label of the last example that is the query itself; 0 if there is none."

tape data: line of _ 0 1   # an example after the other, each with its label behind it, then the query
tape work: line of _ 0 1   # the query, between two blanks

# To the end of the query (m + 1) * (d + 1), and back d. For every example at most d + 1 to its label's place and d + 1 over the example;
# for the one that is the query d + 1, then d back and d + 1 forth.
bounds
    steps  3*m*d + 3*m + 3*d + 1
    work   d + 1

start to_end

state to_end
    at bottom right                  move left         -> take
    otherwise                        move right

# Copy the query from right to left, and on to the label of the example before it.
state take
    on $x at left      write ., $x   move left         -> label
    on $x              write ., $x   move left, left

# The data head waits on a label until the work head is behind the query.
state label
    on *, _                          move left, left   -> compare
    otherwise                        move ., right

# Back along an example as long as it is the query.
state compare
    on $x in 0|1, $x at left                           -> found
    on $x in 0|1, $x                 move left, left
    otherwise                                          -> other

# It is another one: on to the label of the example before it.
state other
    at top left                                        -> reject
    at left                          move left         -> label
    otherwise                        move left

# It is the query: forth to its label.
state found
    on 1 at right                                      -> accept
    at right                                           -> reject
    otherwise                        move right

test "the second of three"
    example 1 1 0 -> 0
    example 1 0 1 -> 1
    example 0 0 1 -> 0
    query   1 0 1 -> 1

test "never seen"
    example 1 1 -> 1
    example 0 0 -> 1
    query   1 0 -> 0

test "contradictory examples: the last"
    example 0 1 -> 0
    example 0 1 -> 1
    example 1 1 -> 0
    query   0 1 -> 1

test "one example, one feature"
    example 0 -> 1
    query   0 -> 1

test "one example, one feature, never seen"
    example 0 -> 1
    query   1 -> 0

test "all alike"
    example 1 1 1 -> 1
    example 1 1 1 -> 1
    query   1 1 1 -> 1
