"""The loops of `tmc.run.space_time`, compiled by numba: how far the heads of a run go, and what its configurations hold, counted.

Rules are rows of one array: row ``state * codes + cell + work cell`` says what follows that reading. Cells change in place. `place`
says where the run stands, before and after.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from tmc.native.jit import kernel
from tmc.native.written import Dimensions

NEXT, CELL, MOVE, WORK_CELL, WORK_MOVE, READ, WRITTEN, WORK_READ = range(8)  # fields of a rule: the last three are symbols
FIELDS = 8
STUCK = -3  # as `NEXT`: no rule applies
STATE, HEAD, WORK_HEAD, LOW, HIGH, WORK_LOW, WORK_HIGH = range(7)  # of `place`; the last four: indices at which heads have stood
PLACES = 7

TWO = Dimensions(2)
Words = NDArray[np.int64]
Cells = NDArray[np.int32]
Counts = Annotated[NDArray[np.int64], TWO]
Rules = Annotated[NDArray[np.int32], TWO]


@kernel
def travel(rules: Rules, codes: int, cells: Cells, work: Cells, place: Words, budget: int) -> int:
    """Take up to `budget` steps, as long as neither head stands at an end of its cells. Returns the steps taken."""
    state, head, spot = place[STATE], place[HEAD], place[WORK_HEAD]
    low, high, work_low, work_high = place[LOW], place[HIGH], place[WORK_LOW], place[WORK_HIGH]
    last, work_last = len(cells) - 1, len(work) - 1
    taken = budget
    for step in range(budget):
        if state < 0 or head == 0 or head == last or spot == 0 or spot == work_last:
            taken = step
            break
        rule = state * codes + cells[head] + work[spot]
        if rules[rule, NEXT] == STUCK:
            taken = step
            break
        state = np.int64(rules[rule, NEXT])
        cells[head] = rules[rule, CELL]
        work[spot] = rules[rule, WORK_CELL]
        head += rules[rule, MOVE]
        spot += rules[rule, WORK_MOVE]
        low, high = min(low, head), max(high, head)
        work_low, work_high = min(work_low, spot), max(work_high, spot)
    place[STATE], place[HEAD], place[WORK_HEAD] = state, head, spot
    place[LOW], place[HIGH], place[WORK_LOW], place[WORK_HIGH] = low, high, work_low, work_high
    return taken


@kernel
def count(
    rules: Rules,
    codes: int,
    cells: Cells,
    work: Cells,
    place: Words,
    configurations: int,
    columns: Words,
    work_columns: Words,
    kinds: Words,
    marks: Counts,
    work_marks: Counts,
    now: Counts,
    work_now: Counts,
    heads: Counts,
    work_heads: Counts,
) -> int:
    """Count what so many configurations hold, the one at `place` first, and stand at the one that follows them.

    `columns` and `work_columns` say into which column the cell at an index falls, `kinds` where the head of a state is counted
    (first those of REJECT and ACCEPT). `now` and `work_now` hold, before and after, how many cells of a column bear each symbol in
    the configuration at `place`. `marks` and `work_marks` come to hold the sums of these, and `heads` and `work_heads` how often
    the heads stood in a column. Returns how many steps were taken: one less than `configurations` at the run's end.

    A symbol is counted when it is written, for all configurations that are left: so a step costs the same however long the tapes.
    """
    state, head, spot = place[STATE], place[HEAD], place[WORK_HEAD]
    for column in range(len(now)):
        for symbol in range(now.shape[1]):
            marks[column, symbol] += now[column, symbol] * configurations
    for column in range(len(work_now)):
        for symbol in range(work_now.shape[1]):
            work_marks[column, symbol] += work_now[column, symbol] * configurations
    taken = 0
    for left in range(configurations - 1, -1, -1):
        column, work_column = columns[head], work_columns[spot]
        heads[column, kinds[state + 2]] += 1
        work_heads[work_column, kinds[state + 2]] += 1
        if state < 0:
            break
        rule = state * codes + cells[head] + work[spot]
        if rules[rule, NEXT] == STUCK:
            break
        before, after = rules[rule, READ], rules[rule, WRITTEN]
        if before != after:
            cells[head] = rules[rule, CELL]
            marks[column, before] -= left
            marks[column, after] += left
            now[column, before] -= 1
            now[column, after] += 1
        before, after = rules[rule, WORK_READ], rules[rule, WORK_CELL]
        if before != after:
            work[spot] = after
            work_marks[work_column, before] -= left
            work_marks[work_column, after] += left
            work_now[work_column, before] -= 1
            work_now[work_column, after] += 1
        state = np.int64(rules[rule, NEXT])
        head += rules[rule, MOVE]
        spot += rules[rule, WORK_MOVE]
        taken += 1
    place[STATE], place[HEAD], place[WORK_HEAD] = state, head, spot
    return taken
