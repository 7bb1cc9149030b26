"""The table engine: takes hundreds of millions of steps a second, one after the other, exactly as `tmc.ir.table.step` says.

`tmc.run.simulator.simulate` uses it when a run is long; use `TableRun` to stop at more than a number of steps, and to go on.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np

from tmc.diagnostics import InternalError, Rejected
from tmc.ir.table import ACCEPT, Configuration, Table, start
from tmc.ir.tape import EMPTY, Grid, Line
from tmc.run.kernels import BEFORE, HEAD, HIGH, LOW, NOW, PLACES, SPOT, on_a_grid, on_a_line, on_two_lines
from tmc.run.packed import FIELD, NEXT, STUCK, WALL, pack
from tmc.run.strip import Span, Strip

Stop = Literal["steps", "halted", "stuck", "state", "outside"]
Verdict = Literal["accept", "reject", "stuck", "timeout"]


class TableRun:
    """A machine in motion, from a configuration on. It can be stopped and goes on from there.

    `steps`: how many were taken, here or before. `state`: where it is, or ACCEPT or REJECT.
    """

    def __init__(
        self,
        table: Table,
        configuration: Configuration,
        *,
        steps: int = 0,
        stood: Span | None = None,
        stops: Collection[int] = (),
        within: Span | None = None,
        work_within: Span | None = None,
    ) -> None:
        """`stood`: the lowest and the highest position of the work head up to here. The run stops when it enters one of the states
        `stops`, and when a head leaves the span of positions `within` on a line of data or `work_within` on the work tape.

        Raises `Rejected` when the machine reads a grid (or its rows) and the data are a line, or the other way round; ValueError
        for a span that the head is not in, or one on a grid.
        """
        grid = configuration.data if isinstance(configuration.data, Grid) else None
        if table.is_grid != (grid is not None):
            kind = "grid" if table.is_grid else "line"
            raise Rejected(f"the machine {table.name} reads a {kind}, and this is not a {kind}")
        _check_span(within, configuration.head[1], grid is None)
        _check_span(work_within, configuration.work_head, table.work is not None)
        self.table, self.steps, self.state = table, steps, configuration.state
        self._packed = pack(table, grid, stops)
        self._grid, self._columns = grid, len(grid.rows[0]) if grid else 1
        self._place = np.zeros(PLACES, np.int64)
        self._lay_data(configuration, within)
        self._lay_work(configuration, work_within, stood or (configuration.work_head, configuration.work_head))

    @classmethod
    def on(cls, table: Table, data: Grid | Line) -> TableRun:
        """The machine before its first step, to be stopped by nothing but a number of steps."""
        return cls(table, start(table, data))

    def _lay_data(self, configuration: Configuration, within: Span | None) -> None:
        packed, head = self._packed, configuration.head
        if isinstance(configuration.data, Grid):
            grid = configuration.data
            places = ((i, j) for i in range(len(grid.rows)) for j in range(self._columns))
            self._cells = np.array([packed.data_cell(grid.read(place), grid.touching(place)) for place in places], np.uint32)
            self._place[HEAD] = head[0] * self._columns + head[1]
            return
        self._line = Strip(self.table.data.name, configuration.data, packed.data_cell(1), packed.data_wall, head[1], within)
        self._place[HEAD] = self._line.origin + head[1]

    def _lay_work(self, configuration: Configuration, within: Span | None, stood: Span) -> None:
        packed = self._packed
        self._work = None
        if self.table.work is None:
            self._no_work = np.zeros(3, np.uint32)
            self._place[[SPOT, LOW, HIGH]] = 1
            return
        work = Strip(self.table.work.name, configuration.work, packed.size, packed.work_wall, configuration.work_head, within)
        self._work = work
        self._place[[SPOT, LOW, HIGH]] = configuration.work_head, *stood
        self._place[[SPOT, LOW, HIGH]] += work.origin

    def run(self, steps: int) -> Stop:
        """Take up to `steps` more steps; says why no more were taken. Raises `Rejected` when a tape would not fit into memory."""
        end = self.steps + steps
        while self.state >= 0:
            if not self._give_way():
                return "outside"
            self._place[NOW] = self._packed.at(self.state)
            if self.steps == end:
                return "steps"
            self.steps += self._kernel(end - self.steps)
            now = int(self._place[NOW])
            self.state = self._packed.state(int(self._place[BEFORE]) if now in (STUCK, WALL) else now)
            if now == STUCK:
                return "stuck"
            if now < WALL:
                return "state"
        return "halted"

    def _kernel(self, budget: int) -> int:
        entries, place = self._packed.entries, self._place
        work = self._no_work if self._work is None else self._work.cells
        if self._grid is not None:
            return on_a_grid(entries, self._cells, work, place, budget)
        if self._work is None:
            return on_a_line(entries, self._line.cells, place, budget)
        return on_two_lines(entries, self._line.cells, work, place, budget)

    def _give_way(self) -> bool:
        """Move walls that the heads stand on; False when one must stay."""
        if self._grid is None:
            shift = self._line.give_way(int(self._place[HEAD]))
            if shift is None:
                return False
            self._place[HEAD] += shift
        if self._work is not None:
            shift = self._work.give_way(int(self._place[SPOT]))
            if shift is None:
                return False
            self._place[[SPOT, LOW, HIGH]] += shift
        return True

    def advance(self, budget: int) -> bool:
        """Take up to `budget` steps; False when the machine has stopped by itself."""
        return self.run(budget) == "steps"

    def verdict(self) -> Verdict:
        """How the run stands: ``stuck`` when no transition applies, ``timeout`` when one does."""
        if self.state < 0:
            return "accept" if self.state == ACCEPT else "reject"
        if not self._give_way():
            raise InternalError("a machine that was stopped has no verdict")
        cells = self._line.cells if self._grid is None else self._cells
        code = int(cells[self._place[HEAD]]) + (0 if self._work is None else int(self._work.cells[self._place[SPOT]]))
        following = self._packed.entries.view(np.int64)[(self._packed.at(self.state) + code) // FIELD + NEXT]
        return "stuck" if following == STUCK else "timeout"

    def work_cells(self) -> int:
        """How many cells of the work tape its head stood on."""
        return 0 if self._work is None else int(self._place[HIGH] - self._place[LOW]) + 1

    def length(self) -> int:
        """How many cells of the line tapes lie between the outermost symbols."""
        data = 0 if self._grid is not None else len(self._line.line().cells)
        return data + (0 if self._work is None else len(self._work.line().cells))

    def configuration(self) -> Configuration:
        """The configuration reached."""
        work = (EMPTY, 0) if self._work is None else (self._work.line(), int(self._place[SPOT]) - self._work.origin)
        head = int(self._place[HEAD])
        if self._grid is None:
            return Configuration(self.state, self._line.line(), (0, head - self._line.origin), *work)
        rows = self._packed.data_symbol(self._cells).reshape(-1, self._columns).tolist()
        return Configuration(self.state, Grid(tuple(map(tuple, rows))), divmod(head, self._columns), *work)


def _check_span(span: Span | None, head: int, possible: bool) -> None:
    if span is not None and not (possible and span[0] <= head <= span[1]):
        raise ValueError("a span is one of a line, and the head stands in it")
