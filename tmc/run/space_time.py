"""The configurations of a run over time, counted exactly: what a space-time diagram shows.

The configurations of a part of a run are shared out over rows, the cells of each tape over columns. In each of the *bins* that so
arise is counted how often each symbol stands on a cell, and how often the head stands there, in which state. A bin of one
configuration and one cell says what is there; a larger one says how much of it. Nothing is left out and nothing is sampled, and the
time this takes grows with the steps only, not with the length of the tapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.ir.table import Configuration, Table
from tmc.ir.tape import Grid, Line
from tmc.run.lookup import Lookup
from tmc.run.simulator import simulate
from tmc.run.space_time_kernels import (
    FIELDS,
    HEAD,
    HIGH,
    LOW,
    NEXT,
    PLACES,
    STATE,
    STUCK,
    WORK_HEAD,
    WORK_HIGH,
    WORK_LOW,
    Cells,
    Rules,
    Words,
    count,
    travel,
)

Counts = NDArray[np.int64]

ROOM = 1 << 10  # cells on either side of what a line holds at first
MOST_CELLS = 1 << 25  # of a line
MOST_COUNTS = 1 << 26  # numbers that are counted: 512 MB


@dataclass(frozen=True, slots=True, eq=False)
class Tapes:
    """One tape over time. Column `c` of a row has the cells from position ``first + c * width`` on, `width` of them, or fewer in
    the last, for the tape has `cells` in all; of a grid the cells are counted row by row.

    `marks`, of the shape (rows, columns, symbols), says how many cells of a bin bear a symbol, over all its configurations;
    `heads`, of the shape (rows, columns, kinds), in how many of them the head stands there.
    """

    name: str
    symbols: tuple[str, ...]
    first: int
    cells: int
    width: int
    marks: Counts
    heads: Counts

    def marked(self) -> Counts:
        """How many cells of each bin are not blank, over all its configurations: (rows, columns)."""
        found: Counts = self.marks[:, :, 1:].sum(axis=2)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class SpaceTime:
    """A part of a run, counted. Row `r` has the configurations from number ``starts[r]`` to before ``starts[r + 1]``, the first of
    a run being number 0. If `by_state`, the kinds of `Tapes.heads` are REJECT, ACCEPT and the states; else there is one for all."""

    table: Table
    starts: tuple[int, ...]
    tapes: tuple[Tapes, ...]
    by_state: bool
    columns_of_grid: int

    def configurations(self) -> int:
        """How many configurations there are in all."""
        return self.starts[-1] - self.starts[0]


def space_time(
    table: Table, data: Grid | Line, part: tuple[int, int], size: tuple[int, int], *, by_state: bool = True
) -> SpaceTime:
    """Count the configurations from number ``part[0]`` to ``part[1]`` of a run, or to its end, into at most ``size[0]`` rows and
    ``size[1]`` columns of each tape.

    Raises `Rejected` when the run ends before the first of them, a tape would not fit into memory, or the counts would not.
    """
    run = simulate(table, data, part[0])
    if run.steps < part[0]:
        raise Rejected(f"the run of {table.name} ends after step {run.steps}, and there is no step {part[0]}")
    counting = _Counting(table, run.configuration)
    taken = counting.travel(part[1] - part[0])
    total = taken + 1
    rows = min(size[0], total)
    starts = tuple(part[0] + row * total // rows for row in range(rows + 1))
    return counting.count(starts, size[1], by_state)


class _Tape:
    """The cells of a tape from index 0 on; position 0 is at the index `origin`. A grid does not grow, and has a cell more at either
    end, which no head comes to. `begun` are the cells as they were at first, `head` is where the head stood then."""

    def __init__(self, named: tuple[str, tuple[str, ...]], cells: Cells, origin: int, head: int, fixed: bool) -> None:
        self.name, self.symbols = named
        self.cells, self.begun, self.origin, self.fixed = cells, cells.copy(), origin, fixed
        self.head = head + origin

    def grow(self, index: int) -> int:
        """More cells, if the head stands at one end. Returns by how much indices grow."""
        if not self.is_end(index):
            return 0
        more = len(self.cells)
        if 2 * more > MOST_CELLS:
            raise Rejected(f"the tape {self.name} grows beyond {MOST_CELLS} cells, which is more than a space-time diagram counts")
        before, after = (more, 0) if index == 0 else (0, more)
        self.cells, self.begun = (np.pad(cells, (before, after)) for cells in (self.cells, self.begun))
        self.origin += before
        self.head += before
        return before

    def is_end(self, index: int) -> bool:
        """Whether there is no cell beyond the one at an index, though there should be."""
        return not self.fixed and index in (0, len(self.cells) - 1)

    def extent(self, low: int, high: int) -> tuple[int, int]:
        """The first and the last index that are shown, if the head stood from `low` to `high`."""
        if self.fixed:
            return 1, len(self.cells) - 2
        used = np.flatnonzero(self.begun)
        return (min(low, int(used[0])), max(high, int(used[-1]))) if len(used) else (low, high)


class _Counts:
    """Bins of a tape: `size` rows and columns, and the kinds of heads."""

    def __init__(self, tape: _Tape, extent: tuple[int, int], size: tuple[int, int, int]) -> None:
        rows, most, kinds = size
        self.tape, self.low = tape, extent[0]
        self.cells = extent[1] - extent[0] + 1
        self.width = -(-self.cells // most)
        columns, symbols = -(-self.cells // self.width), len(tape.symbols)
        if rows * columns * (symbols + kinds) > MOST_COUNTS:
            raise Rejected(f"{rows} rows and {columns} columns of {symbols} symbols and {kinds} states are too much to count")
        self.columns = np.clip((np.arange(len(tape.begun)) - self.low) // self.width, 0, columns - 1)
        self.marks = np.zeros((rows, columns, symbols), np.int64)
        self.heads = np.zeros((rows, columns, kinds), np.int64)

    def now(self, step: int) -> Counts:
        """How many cells of a column bear each symbol at first; a symbol is stored as a multiple of `step`, and edges above it."""
        shown = slice(self.low, self.low + self.cells)
        found = np.zeros(self.marks.shape[1:], np.int64)
        np.add.at(found, (self.columns[shown], self.tape.begun[shown] // step % len(self.tape.symbols)), 1)
        return found

    def tapes(self) -> Tapes:
        """What was counted."""
        name, symbols, first = self.tape.name, self.tape.symbols, self.low - self.tape.origin
        return Tapes(name, symbols, first, self.cells, self.width, self.marks, self.heads)


class _Counting:
    """A run from a configuration on, which is gone through twice: to see how far the heads go, and to count."""

    def __init__(self, table: Table, configuration: Configuration) -> None:
        grid = configuration.data if isinstance(configuration.data, Grid) else None
        self.table, self.state, self.columns = table, configuration.state, len(grid.rows[0]) if grid else 1
        self.lookup = Lookup(table, self.columns)
        self.codes = (16 if grid else 1) * self.lookup.data_symbols * self.lookup.work_symbols
        self.rules = _rules(table, self.lookup, self.codes)
        if isinstance(configuration.data, Grid):
            self.data = self._grid(configuration.data, configuration.head)
        else:
            self.data = self._line(0, configuration.data, configuration.head[1])
        self.work = self._line(1, configuration.work, configuration.work_head)
        self.place: Words = np.zeros(PLACES, np.int64)
        self.place[STATE] = self.state
        self.place[[HEAD, LOW, HIGH]] = self.data.head
        self.place[[WORK_HEAD, WORK_LOW, WORK_HIGH]] = self.work.head

    def _grid(self, grid: Grid, head: tuple[int, int]) -> _Tape:
        places = product(range(len(grid.rows)), range(self.columns))
        cells = [self.lookup.cell(grid.read(place), grid.touching(place)) for place in places]
        index, tape = head[0] * self.columns + head[1], self.table.data
        return _Tape((tape.name, tape.symbols), np.array([0, *cells, 0], np.int32), 1, index, fixed=True)

    def _line(self, number: int, line: Line, head: int) -> _Tape:
        tapes = self.table.tapes
        named = (tapes[number].name, tapes[number].symbols) if number < len(tapes) else ("", ("_",))
        step = self.lookup.work_symbols if number == 0 else 1
        first, end = min(line.start, head) - ROOM, max(line.start + len(line.cells), head + 1) + ROOM
        cells = np.zeros(end - first, np.int32)
        cells[line.start - first : line.start - first + len(line.cells)] = np.array(line.cells, np.int32) * step
        return _Tape(named, cells, -first, head, fixed=False)

    def travel(self, budget: int) -> int:
        """Take up to so many steps, and know how far the heads go. Returns the steps taken."""
        taken = 0
        while True:
            self.place[[HEAD, LOW, HIGH]] += self.data.grow(int(self.place[HEAD]))
            self.place[[WORK_HEAD, WORK_LOW, WORK_HIGH]] += self.work.grow(int(self.place[WORK_HEAD]))
            taken += travel(self.rules, self.codes, self.data.cells, self.work.cells, self.place, budget - taken)
            ends = self.data.is_end(int(self.place[HEAD])) or self.work.is_end(int(self.place[WORK_HEAD]))
            if taken == budget or self.place[STATE] < 0 or not ends:
                return taken

    def count(self, starts: tuple[int, ...], most: int, by_state: bool) -> SpaceTime:
        """Count, after `travel`."""
        rows, states = len(starts) - 1, len(self.table.states) + 2
        kinds = np.arange(states) if by_state else np.zeros(states, np.int64)
        size = rows, most, states if by_state else 1
        data = _Counts(self.data, self.data.extent(int(self.place[LOW]), int(self.place[HIGH])), size)
        work = _Counts(self.work, self.work.extent(int(self.place[WORK_LOW]), int(self.place[WORK_HIGH])), size)
        cells, work_cells = self.data.begun.copy(), self.work.begun.copy()
        self.place[[STATE, HEAD, WORK_HEAD]] = self.state, self.data.head, self.work.head
        now, work_now = data.now(self.lookup.work_symbols), work.now(1)
        for row in range(rows):
            bins = data.marks[row], work.marks[row], now, work_now, data.heads[row], work.heads[row]
            columns = data.columns, work.columns, kinds
            count(self.rules, self.codes, cells, work_cells, self.place, starts[row + 1] - starts[row], *columns, *bins)
        shown = (data,) if self.table.work is None else (data, work)
        return SpaceTime(self.table, starts, tuple(counts.tapes() for counts in shown), by_state, self.columns)


def _rules(table: Table, lookup: Lookup, codes: int) -> Rules:
    """What follows each reading in each state, see `tmc.run.space_time_kernels`."""
    rules = np.zeros((len(table.states) * codes, FIELDS), np.int32)
    rules[:, NEXT] = STUCK
    for state, code in product(range(len(table.states)), range(codes)):
        action = lookup.find(state, code)
        if action is not None:
            cell, work = divmod(code, lookup.work_symbols)
            cell *= lookup.work_symbols
            read, step = cell // lookup.work_symbols % lookup.data_symbols, lookup.work_symbols
            written = read + action.change_data // step
            moves = action.shift_data, work + action.change_work, action.shift_work
            rules[state * codes + code] = (action.transition.target, cell + action.change_data, *moves, read, written, work)
    return rules
