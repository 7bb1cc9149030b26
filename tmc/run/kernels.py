"""The loops that take steps, compiled by numba: one for each kind of tape.

Each takes up to `budget` steps on cells that change in place, and ends early at an entry whose `NEXT` is negative. `place`, of
`PLACES` numbers, says where the run stands, before and after: see `NOW` …. Nothing else is tested; walls end the memory of a line.

How fast a step can be is a matter of what must be known before the next: its entry, for which the next cell must be read, for
which the entry before says where. So on lines both neighbours of the head are read before it is known which is needed. An entry
then selects by masks, which is sooner done than a read and never guesses wrong.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tmc.native.jit import kernel
from tmc.native.memory import cell, field, put
from tmc.run.packed import (
    BASE,
    CELL,
    FIELD,
    LEFT,
    LEFT_WORK,
    MOVE,
    MOVE_WORK,
    NEXT,
    RIGHT,
    RIGHT_WORK,
    STUCK,
    WALL,
    WRITE,
    WRITE_WORK,
    Cells,
    Entries,
)

NOW, BEFORE = 0, 1  # where the state begins, or the negative number that ended the run; and the same before the last step
HEAD, SPOT = 2, 3  # indices of the data head and of the work head
LOW, HIGH = 4, 5  # the lowest and the highest index of the work head so far
PLACES = 6

Place = NDArray[np.int64]

# Everything is an unsigned number of bytes: signed ones would be tested for being negative.
_NEXT, _WRITE, _MOVE, _LEFT, _RIGHT, _BASE = (np.uint64(FIELD * number) for number in (NEXT, WRITE, MOVE, LEFT, RIGHT, BASE))
_WRITE_WORK, _MOVE_WORK = np.uint64(FIELD * WRITE_WORK), np.uint64(FIELD * MOVE_WORK)
_LEFT_WORK, _RIGHT_WORK = np.uint64(FIELD * LEFT_WORK), np.uint64(FIELD * RIGHT_WORK)
_CELL = np.uint64(CELL)


@kernel
def on_a_line(entries: Entries, cells: Cells, place: Place, budget: int) -> int:
    """One tape, a line. Returns the steps taken."""
    table, origin = np.uint64(entries.ctypes.data), np.uint64(cells.ctypes.data)
    head = origin + _CELL * np.uint64(place[HEAD])
    before = now = place[NOW]
    left, right = cell(head - _CELL), cell(head + _CELL)
    entry = table + np.uint64(now) + cell(head)
    taken = budget
    for step in range(budget):
        before = now
        now = np.int64(field(entry + _NEXT))
        put(head, field(entry + _WRITE))
        head += field(entry + _MOVE)
        entry = ((left & field(entry + _LEFT)) | (right & field(entry + _RIGHT))) + (table + field(entry + _BASE))
        left, right = cell(head - _CELL), cell(head + _CELL)
        if now < 0:
            taken = step if now in (STUCK, WALL) else step + 1
            break
    place[NOW], place[BEFORE], place[HEAD] = now, before, (head - origin) // _CELL
    return taken


@kernel
def on_two_lines(entries: Entries, cells: Cells, work: Cells, place: Place, budget: int) -> int:
    """Two tapes, both lines. Returns the steps taken."""
    table, origin, work_origin = np.uint64(entries.ctypes.data), np.uint64(cells.ctypes.data), np.uint64(work.ctypes.data)
    head, spot = origin + _CELL * np.uint64(place[HEAD]), work_origin + _CELL * np.uint64(place[SPOT])
    low, high = work_origin + _CELL * np.uint64(place[LOW]), work_origin + _CELL * np.uint64(place[HIGH])
    before = now = place[NOW]
    left, right = cell(head - _CELL), cell(head + _CELL)
    left_work, right_work = cell(spot - _CELL), cell(spot + _CELL)
    entry = table + np.uint64(now) + cell(head) + cell(spot)
    taken = budget
    for step in range(budget):
        before = now
        now = np.int64(field(entry + _NEXT))
        put(head, field(entry + _WRITE))
        put(spot, field(entry + _WRITE_WORK))
        head += field(entry + _MOVE)
        spot += field(entry + _MOVE_WORK)
        known = (left & field(entry + _LEFT)) + (table + field(entry + _BASE))
        data = right & field(entry + _RIGHT)
        entry = (known + data) + ((left_work & field(entry + _LEFT_WORK)) + (right_work & field(entry + _RIGHT_WORK)))
        left, right = cell(head - _CELL), cell(head + _CELL)
        left_work, right_work = cell(spot - _CELL), cell(spot + _CELL)
        low, high = min(low, spot), max(high, spot)
        if now < 0:
            taken = step if now in (STUCK, WALL) else step + 1
            break
    place[NOW], place[BEFORE], place[HEAD] = now, before, (head - origin) // _CELL
    place[SPOT], place[LOW], place[HIGH] = (
        (spot - work_origin) // _CELL,
        (low - work_origin) // _CELL,
        (high - work_origin) // _CELL,
    )
    return taken


@kernel
def on_a_grid(entries: Entries, cells: Cells, work: Cells, place: Place, budget: int) -> int:
    """A grid or its rows, and a work tape, which may be one cell that nothing moves from. Returns the steps taken."""
    table, origin, work_origin = np.uint64(entries.ctypes.data), np.uint64(cells.ctypes.data), np.uint64(work.ctypes.data)
    head, spot = origin + _CELL * np.uint64(place[HEAD]), work_origin + _CELL * np.uint64(place[SPOT])
    low, high = work_origin + _CELL * np.uint64(place[LOW]), work_origin + _CELL * np.uint64(place[HIGH])
    before = now = place[NOW]
    taken = budget
    for step in range(budget):
        entry = table + np.uint64(now) + cell(head) + cell(spot)
        before = now
        now = np.int64(field(entry + _NEXT))
        put(head, field(entry + _WRITE))
        put(spot, field(entry + _WRITE_WORK))
        head += field(entry + _MOVE)
        spot += field(entry + _MOVE_WORK)
        low, high = min(low, spot), max(high, spot)
        if now < 0:
            taken = step if now in (STUCK, WALL) else step + 1
            break
    place[NOW], place[BEFORE], place[HEAD] = now, before, (head - origin) // _CELL
    place[SPOT], place[LOW], place[HIGH] = (
        (spot - work_origin) // _CELL,
        (low - work_origin) // _CELL,
        (high - work_origin) // _CELL,
    )
    return taken
