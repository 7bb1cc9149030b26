"""The memory of a tape, as the kernels use it: cells that change in place, on a line between two walls."""

from __future__ import annotations

import numpy as np

from tmc.diagnostics import Rejected
from tmc.ir.tape import Line
from tmc.run.packed import Cells

ROOM = 1 << 12  # cells on either side of what a line holds at first
MOST_CELLS = 1 << 27  # of a line: 512 MB, and twice that as a `Line`

Span = tuple[int, int]  # the first and the last position that a head may stand on


class Strip:
    """A line: index `origin` is position 0; at the indices `walls` stand the walls, in the place of the symbols `hidden`.

    A wall moves on when a head comes to it, unless it stands at the end of the span `within`.
    """

    def __init__(self, name: str, line: Line, step: int, wall: int, head: int, within: Span | None = None) -> None:
        """The tape `name` with a line on it, whose symbol ``s`` is stored as ``s * step``."""
        self.name, self.step, self.wall, self.within = name, step, wall, within
        first, end = min(line.start, head) - ROOM, max(line.start + len(line.cells), head + 1) + ROOM
        if within is not None:
            first, end = max(first, within[0]), min(end, within[1] + 1)
        self.origin = 2 - min(first, line.start)
        self.cells: Cells = np.zeros(self.origin + max(end, line.start + len(line.cells)) + 2, np.uint32)
        start = self.origin + line.start
        self.cells[start : start + len(line.cells)] = np.array(line.cells, np.uint32) * np.uint32(step)
        self.walls = [self.origin + first - 1, self.origin + end]
        self.hidden = [int(self.cells[index]) for index in self.walls]
        self.cells[self.walls] = wall

    def give_way(self, head: int) -> int | None:
        """Move the wall that the head stands on, if any, further away. Returns by how much indices grow; None when it must stay.

        Raises `Rejected` when the tape would not fit into memory.
        """
        if head not in self.walls:
            return 0
        side, position = self.walls.index(head), head - self.origin
        more = len(self.cells)
        if self.within is not None:
            if not self.within[0] <= position <= self.within[1]:
                return None
            more = min(more, abs(self.within[side] - position) + 1)
        if len(self.cells) + more > MOST_CELLS:
            raise Rejected(f"the tape {self.name} grows beyond {MOST_CELLS} cells, which is more than tmc keeps in memory")
        self.cells[head] = self.hidden[side]
        shift = self._extend(side, more)
        self.walls[side] = head + shift + (more if side else -more)
        self.hidden[side] = int(self.cells[self.walls[side]])
        self.cells[self.walls[side]] = self.wall
        return shift

    def _extend(self, side: int, more: int) -> int:
        """Room for a wall `more` cells further on. Returns by how much indices grow."""
        wall = self.walls[side]
        missing = max(0, wall + more + 2 - len(self.cells)) if side else max(0, more + 1 - wall)
        blank = np.zeros(missing, np.uint32)
        self.cells = np.concatenate((self.cells, blank) if side else (blank, self.cells))
        if side:
            return 0
        self.origin += missing
        self.walls = [index + missing for index in self.walls]
        return missing

    def line(self) -> Line:
        """What stands on the tape."""
        cells = self.cells.copy()
        cells[self.walls] = self.hidden
        used = np.flatnonzero(cells)
        if not len(used):
            return Line()
        first, end = int(used[0]), int(used[-1]) + 1
        return Line(tuple((cells[first:end] // np.uint32(self.step)).tolist()), first - self.origin)
