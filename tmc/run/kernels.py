"""The loops that take steps, compiled by numba: one for each kind of tape.

Each takes up to `budget` steps on cells that change in place, and ends early at an entry whose `NEXT` is negative. `place`, of
`PLACES` numbers, says where the run stands, before and after: see `NOW` …. Nothing else is tested; walls end the memory of a line.

How fast a step can be is a matter of what must be known before the next: its entry, for which the next cell must be read, for
which the entry before says where. So on lines both neighbours of the head are read before it is known which is needed. An entry
then selects by masks, which is sooner done than a read and never guesses wrong.
"""

from __future__ import annotations

import numpy as np
from numba import int64, uint32, uint64
from numpy.typing import NDArray

from tmc.run.jit import kernel
from tmc.run.packed import (
    BASE,
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

# Fields as unsigned numbers: an index that may be negative would be tested for it at every step.
_NEXT, _WRITE, _MOVE, _LEFT, _RIGHT, _BASE = (uint64(field) for field in (NEXT, WRITE, MOVE, LEFT, RIGHT, BASE))
_WRITE_WORK, _MOVE_WORK, _LEFT_WORK, _RIGHT_WORK = (uint64(field) for field in (WRITE_WORK, MOVE_WORK, LEFT_WORK, RIGHT_WORK))
_ONE = uint64(1)


@kernel
def on_a_line(entries: Entries, cells: Cells, place: Place, budget: int) -> int:
    """One tape, a line. Returns the steps taken."""
    head = uint64(place[HEAD])
    before = now = place[NOW]
    left, right = uint64(cells[head - _ONE]), uint64(cells[head + _ONE])
    entry = uint64(now) + uint64(cells[head])
    taken = budget
    for step in range(budget):
        before = now
        now = int64(entries[entry + _NEXT])
        cells[head] = uint32(entries[entry + _WRITE])
        head += entries[entry + _MOVE]
        entry = ((left & entries[entry + _LEFT]) | (right & entries[entry + _RIGHT])) + entries[entry + _BASE]
        left, right = uint64(cells[head - _ONE]), uint64(cells[head + _ONE])
        if now < 0:
            taken = step if now in (STUCK, WALL) else step + 1
            break
    place[NOW], place[BEFORE], place[HEAD] = now, before, int64(head)
    return taken


@kernel
def on_two_lines(entries: Entries, cells: Cells, work: Cells, place: Place, budget: int) -> int:
    """Two tapes, both lines. Returns the steps taken."""
    head, spot, low, high = uint64(place[HEAD]), uint64(place[SPOT]), uint64(place[LOW]), uint64(place[HIGH])
    before = now = place[NOW]
    left, right = uint64(cells[head - _ONE]), uint64(cells[head + _ONE])
    left_work, right_work = uint64(work[spot - _ONE]), uint64(work[spot + _ONE])
    entry = uint64(now) + uint64(cells[head]) + uint64(work[spot])
    taken = budget
    for step in range(budget):
        before = now
        now = int64(entries[entry + _NEXT])
        cells[head] = uint32(entries[entry + _WRITE])
        work[spot] = uint32(entries[entry + _WRITE_WORK])
        head += entries[entry + _MOVE]
        spot += entries[entry + _MOVE_WORK]
        known = (left & entries[entry + _LEFT]) + entries[entry + _BASE]
        data = right & entries[entry + _RIGHT]
        entry = (known + data) + ((left_work & entries[entry + _LEFT_WORK]) + (right_work & entries[entry + _RIGHT_WORK]))
        left, right = uint64(cells[head - _ONE]), uint64(cells[head + _ONE])
        left_work, right_work = uint64(work[spot - _ONE]), uint64(work[spot + _ONE])
        low, high = min(low, spot), max(high, spot)
        if now < 0:
            taken = step if now in (STUCK, WALL) else step + 1
            break
    place[NOW], place[BEFORE], place[HEAD], place[SPOT] = now, before, int64(head), int64(spot)
    place[LOW], place[HIGH] = int64(low), int64(high)
    return taken


@kernel
def on_a_grid(entries: Entries, cells: Cells, work: Cells, place: Place, budget: int) -> int:
    """A grid or its rows, and a work tape, which may be one cell that nothing moves from. Returns the steps taken."""
    head, spot, low, high = uint64(place[HEAD]), uint64(place[SPOT]), uint64(place[LOW]), uint64(place[HIGH])
    before = now = place[NOW]
    taken = budget
    for step in range(budget):
        entry = uint64(now) + uint64(cells[head]) + uint64(work[spot])
        before = now
        now = int64(entries[entry + _NEXT])
        cells[head] = uint32(entries[entry + _WRITE])
        work[spot] = uint32(entries[entry + _WRITE_WORK])
        head += entries[entry + _MOVE]
        spot += entries[entry + _MOVE_WORK]
        low, high = min(low, spot), max(high, spot)
        if now < 0:
            taken = step if now in (STUCK, WALL) else step + 1
            break
    place[NOW], place[BEFORE], place[HEAD], place[SPOT] = now, before, int64(head), int64(spot)
    place[LOW], place[HIGH] = int64(low), int64(high)
    return taken
