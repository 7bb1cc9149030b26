"""A machine that is walked step by step, from any configuration on, on tapes that change in place.

It takes a step as fast as Python can and shows what the step does; `tmc.run.engine` is a thousand times as fast and shows nothing
in between.
"""

from __future__ import annotations

from collections.abc import Iterator

from tmc.diagnostics import Rejected
from tmc.ir.table import Configuration, Table
from tmc.ir.tape import BLANK, Grid, Line, Symbol
from tmc.run.lookup import Action, Lookup


class Walker:
    """A machine in motion.

    `state`: where it is, or ACCEPT or REJECT. `place`: the data head, on a grid ``row * columns + column``; `spot`: the work head.
    `steps`: how many were taken, here or before. Raises `Rejected` when the machine reads a grid and the data are a line, or the
    other way round.
    """

    __slots__ = ("_actions", "_data", "_grid", "_work", "columns", "lookup", "place", "spot", "state", "steps", "table")

    def __init__(self, table: Table, configuration: Configuration, steps: int = 0) -> None:
        data, (row, column) = configuration.data, configuration.head
        if table.is_grid != isinstance(data, Grid):
            kind = "grid" if table.is_grid else "line"
            raise Rejected(f"the machine {table.name} reads a {kind}, and this is not a {kind}")
        self.table, self.steps, self.state = table, steps, configuration.state
        self.columns = len(data.rows[0]) if isinstance(data, Grid) else 0
        self.lookup, self._grid = Lookup(table, self.columns or 1), data if isinstance(data, Grid) else None
        self.place, self.spot = row * self.columns + column, configuration.work_head
        self._data, self._work = dict(self._coded(data)), dict(configuration.work.items())
        self._actions: dict[int, Action] = self.lookup.actions[self.state] if self.state >= 0 else {}

    def _coded(self, data: Grid | Line) -> Iterator[tuple[int, int]]:
        """The data tape as the parts of codes, see `tmc.run.lookup`."""
        if isinstance(data, Line):
            yield from ((position, symbol * self.lookup.work_symbols) for position, symbol in data.items())
            return
        for number, place in enumerate((i, j) for i in range(len(data.rows)) for j in range(self.columns)):
            yield number, self.lookup.cell(data.read(place), data.touching(place))

    def action(self) -> Action | None:
        """What is done in the next step; None when the machine has halted or no transition applies."""
        code = self._data.get(self.place, 0) + self._work.get(self.spot, 0)
        return self._actions.get(code) or (self.lookup.find(self.state, code) if self.state >= 0 else None)

    def take(self, action: Action) -> None:
        """Take the step."""
        if action.change_data:
            self._data[self.place] = self._data.get(self.place, 0) + action.change_data
        if action.change_work:
            self._work[self.spot] = self._work.get(self.spot, 0) + action.change_work
        self.place += action.shift_data
        self.spot += action.shift_work
        self._actions, self.state = action.then, action.transition.target
        self.steps += 1

    @property
    def head(self) -> tuple[int, int]:
        """The data head: row and column; on a line the row is 0."""
        return divmod(self.place, self.columns) if self.columns else (0, self.place)

    def has_place(self, place: int) -> bool:
        """Whether there is such a place on the data tape: on a line always."""
        return self._grid is None or 0 <= place < len(self._grid.rows) * self.columns

    def data_symbol(self, place: int) -> Symbol:
        """The symbol at a place of the data tape."""
        return self._data.get(place, 0) // self.lookup.work_symbols % self.lookup.data_symbols

    def work_symbol(self, spot: int) -> Symbol:
        """The symbol at a position of the work tape."""
        return self._work.get(spot, BLANK)

    def configuration(self) -> Configuration:
        """The configuration, as it is now."""
        work = Line.of(self._work), self.spot
        if self._grid is None:
            line = Line.of({position: self.data_symbol(position) for position in self._data})
            return Configuration(self.state, line, (0, self.place), *work)
        rows = len(self._grid.rows)
        symbols = [self.data_symbol(place) for place in range(rows * self.columns)]
        grid = Grid(tuple(tuple(symbols[row * self.columns : (row + 1) * self.columns]) for row in range(rows)))
        return Configuration(self.state, grid, self.head, *work)
