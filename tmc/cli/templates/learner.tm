# A learner. What stands behind a `#` is a comment.
#
# A learner reads a grid: a row for every example, the query in the last row, and the labels in the last column. It accepts if its
# label for the query is 1, and rejects if it is 0. A state is a list of rules: of these, the first that applies is taken.

learner NAME
    "Answers with the label of the first example that equals the query, and 0 if there is none."

# Symbols of the tapes, the blank `_` first. The label of the query, which nobody knows, is a blank.
tape data: grid of _ 0 1
tape work: line of _ 0 1   # for a copy of the query

# A promise, checked whenever the machine runs: with m examples of d features, so many steps, and so many cells of the work tape.
bounds
    steps  2*m*d + 2*m + 3*d + 4
    work   d + 1

start find_query

# Both heads start on their first cell. Down to the query, the last row.
state find_query
    at bottom                                         -> copy
    otherwise                     move down

# Copy the query's features to the work tape. `.` leaves a tape alone, and `$x` is the symbol that is read, whatever it is.
state copy
    at right                      move left, left     -> rewind
    on $x           write ., $x   move right, right

# Both heads go back to their first cells ...
state rewind
    at left                                           -> climb
    otherwise                     move left, left

# ... and to the first example.
state climb
    at top                                            -> compare
    otherwise                     move up

# Compare a row with the copy. If all features agree, it tells the label. The query itself agrees too, but has no label.
state compare
    on 1 at right                                     -> accept
    at right                                          -> reject
    on $x, $x                     move right, right
    otherwise                                         -> next_row

# Back to the first cells, and on to the next row.
state next_row
    at left                       move down           -> compare
    otherwise                     move left, left

# Tests stand beside the machine.
test "an example that was seen"
    example 0 1 1 -> 0
    example 1 0 1 -> 1
    example 0 0 1 -> 0
    query   1 0 1 -> 1

test "the first of two that disagree"
    example 1 1 -> 0
    example 1 1 -> 1
    query   1 1 -> 0

test "one that was never seen"
    example 0 1 -> 1
    example 1 1 -> 1
    query   1 0 -> 0

# To try: answer 1 if there is none that equals the query; or compare the first feature only.
