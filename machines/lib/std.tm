# States that the machines share.
#
# Each comment says what a state does, where the heads stand before and after it, and how many steps it takes. The last
# parameter is the state that goes on. Columns and rows are those of the grid of a learner: the label stands in the last column,
# the query in the last row, and the query's own label is a blank.

# ---- Lines ----

# The data head goes to the nearest `mark` on its way, which may be where it stands, and from there one cell `then` (or stays).
# A step for each cell on the way and one for the mark.
state seek(mark, way, then, next)
    on mark                         move then          -> next
    otherwise                       move way

# The same with the work head.
state seek_work(mark, way, then, next)
    on *, mark                      move ., then       -> next
    otherwise                       move ., way

# To the last symbol of a word: from any of them, or from the blank behind it, the data head goes right to that blank, and then one
# back. A step for each cell on the way and one for the blank. What belongs neither to the word nor is blank is rejected.
state to_last(word, next)
    on word                         move right
    on _                            move left          -> next
    otherwise                                          -> reject

# To the first symbol of a word: the same to the left.
state to_first(word, next)
    on word                         move left
    on _                            move right         -> next
    otherwise                                          -> reject

# ---- Grids ----

# To the label of this row: the data head goes right to the last column. From column c that takes d - c + 1 steps.
state to_label(next)
    at right                                           -> next
    otherwise                       move right

# The labels go to the work tape, each replaced by `mark`, and so is the query's blank. Starts in the first row. Ends on the query's
# place for a label, with the work head behind the last label. From column c that takes d - c + m + 1 steps.
state move_labels(mark, next)
    at not right                    move right
    on $x in 0|1   write mark, $x   move down, right
    otherwise      write mark                          -> next

# The first label on the work tape is the answer: goes right to it, a step for every blank and one for the answer.
state first_label
    on *, 1                                            -> accept
    on *, 0                                            -> reject
    otherwise                       move ., right

# The data head goes up to the first row, the work head as many cells to the left. From row r that takes r + 1 steps.
state rewind(next)
    at top                                             -> next
    otherwise                       move up, left
