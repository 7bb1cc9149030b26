"""The network beside the machine: its lattice at any layer of a run, by the rules.

It is advanced from the layer where it was looked at last, or from one that was kept. Where that would take too long, it is found
from a configuration a little earlier: put on the lattice with the control at rest and all waves arrived, and advanced by as many
layers as a wave needs to leave its row. On a line that is the network; on a grid it is in all that its machine can still read, but
what was left behind elsewhere may be missing, and `Seen.whole` says so. At an
edit the network is laid out anew: there nothing is in flight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tmc.diagnostics import Rejected
from tmc.ir import rules as rule_stage
from tmc.ir.lattice import Cell, Evolution, Lattice, Patch
from tmc.ir.rules import Rules
from tmc.ir.table import Configuration, Table
from tmc.ir.tape import Grid, Line
from tmc.pipeline import Stages, lower_table
from tmc.run.observe import cell_of, memory

if TYPE_CHECKING:
    from tmc.debug.session import Session

MARGIN = 3  # cells beyond what a tape holds
ROOM = 16  # the same to begin with, where the run goes on for long; doubled when it comes to the end
MOST = 200_000  # cells of a lattice
FAR = 10_000  # layers that are run on a grid to get somewhere
FAR_ON_A_LINE = 2_000  # the same on a line, where nothing is left behind
KEPT = 64  # lattices that are kept, `EVERY` so many layers apart or further
EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A lattice of the stage `rules` after so many layers; `origin` is the column of a line's position 0. `whole`: whether it is
    the network's in every cell, also those that no longer matter."""

    rules: Rules
    lattice: Lattice
    layer: int
    origin: int
    whole: bool

    def fields(self, row: int, column: int) -> dict[str, str]:
        """The fields of a cell that are not at rest, and the state where the control is."""
        pairs = tuple(zip(self.rules.fields, self.lattice[row][column], strict=True))
        named = {field.name: field.values[value] for field, value in pairs if value}
        states = {field.name: field.values[value] for field, value in pairs if field.name == "state"}
        return {**named, **states} if "control" in named else named

    def signals(self, row: int, column: int) -> str:
        """What is in flight in a cell: the values of `move` and `push`."""
        fields = self.fields(row, column)
        return " ".join(fields[name] for name in ("move", "push") if name in fields)

    @property
    def control(self) -> tuple[int, int] | None:
        """Where the control is, or the answer."""
        for row, cells in enumerate(self.lattice):
            for column in range(len(cells)):
                fields = self.fields(row, column)
                if "control" in fields or "answer" in fields:
                    return row, column
        return None


@dataclass(slots=True)
class _Cursor:
    """A lattice in motion since a beginning: the start, or the last of some edits, after `begin` layers. `first`: the layers before
    those of `evolution`."""

    edits: tuple[int, ...]
    evolution: Evolution
    first: int
    origin: int
    room: int
    begin: int
    kept: dict[int, Lattice]
    every: int = EVERY

    @property
    def layer(self) -> int:
        """After how many layers it stands."""
        return self.first + self.evolution.layers


class Beside:
    """The network of a session's machine."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._patches: dict[Patch, Cell] = {}
        self._cursor: _Cursor | None = None

    @cached_property
    def stages(self) -> Stages:
        """All stages of the machine as it is written."""
        return lower_table(self._table)

    @property
    def rules(self) -> Rules:
        """The rules of its cells."""
        return self.stages.rules

    def seen(self, session: Session) -> Seen:
        """The lattice at the session's layer. Raises `Rejected` when its layers were not counted, or its tapes are too long."""
        layer = session.layer
        if layer is None:
            raise Rejected("nobody counted the layers of so long a run; go to an earlier step, or run there by less than 2e6 steps")
        edits = tuple(step for step in session.timeline.edits() if step <= session.step)
        cursor = self._cursor
        if cursor is None or cursor.edits != edits:
            cursor = self._cursor = self._beginning(session, edits, ROOM)
        if layer < cursor.layer:
            self._back(cursor, layer)
        far = FAR if self._table.is_grid else min(FAR, FAR_ON_A_LINE)
        if layer - cursor.layer > far:
            return self._nearby(session, layer)
        while cursor.layer < layer:
            self._advance(cursor)
            if self._ends(cursor):
                cursor = self._cursor = self._beginning(session, edits, 2 * cursor.room)
                if layer - cursor.layer > far:
                    return self._nearby(session, layer)
        return Seen(self.rules, cursor.evolution.lattice, layer, cursor.origin, whole=True)

    def _beginning(self, session: Session, edits: tuple[int, ...], room: int) -> _Cursor:
        """The lattice at the start of the run or at its last edit, with so much room around."""
        step, since = session.step, session.since
        session.go_to(edits[-1] if edits else 0)
        configuration, ready = session.configuration, session.timeline.layer
        session.go_to(step)
        session.since = since
        low, high = _reach(configuration)
        if isinstance(session.data, Grid) and not edits:
            lattice, origin, first = self._memory(session.data, room), 0, 0
        else:
            (lattice, origin), first = (
                self.laid_out(configuration, low - room, high + room, _pads(configuration) + room),
                ready or 0,
            )
        return _Cursor(edits, self._evolution(lattice), first, origin, room, begin=first, kept={first: lattice})

    def _memory(self, grid: Grid, pads: int) -> Lattice:
        """What the memory of a learner's network delivers."""
        signs = [{"0": -1, "1": 1}.get(symbol, 0) for symbol in self._table.data.symbols]
        values = [[signs[symbol] for symbol in row] for row in grid.rows]
        query = [*values[-1][:-1], 1]
        if grid.rows[-1][-1] or not all(all(row) for row in values[:-1]) or not all(query):
            raise Rejected("the network learns examples: every cell of the grid is 0 or 1, but for the last, which is blank")
        products = [tuple(x * z * row[-1] for x, z in zip([*row[:-1], 1], query, strict=True)) for row in values[:-1]]
        return memory(self.rules, (*products, tuple(query)), pads)

    def _advance(self, cursor: _Cursor) -> None:
        cursor.evolution.advance()
        if (cursor.layer - cursor.begin) % cursor.every == 0:
            cursor.kept[cursor.layer] = cursor.evolution.lattice
            if len(cursor.kept) > KEPT:
                cursor.every *= 2
                cursor.kept = {at: kept for at, kept in cursor.kept.items() if (at - cursor.begin) % cursor.every == 0}

    def _back(self, cursor: _Cursor, layer: int) -> None:
        """Put the cursor at the last kept layer that is not behind this one."""
        at = max(kept for kept in cursor.kept if kept <= layer)
        cursor.evolution, cursor.first = self._evolution(cursor.kept[at]), at

    def _ends(self, cursor: _Cursor) -> bool:
        """Whether something that belongs to the run stands at an end of the lattice."""
        rules, evolution = self.rules, cursor.evolution
        marks = [rules.index(name) for name in ("control", "answer", "right", "left") if rules.has(name)]
        rows, columns = evolution.size
        if self._table.is_grid:
            return any(evolution.cell(row, columns - 1)[mark] for row in range(rows) for mark in marks[2:])
        return any(evolution.cell(0, column)[mark] for column in (0, columns - 1) for mark in marks)

    def _nearby(self, session: Session, layer: int) -> Seen:
        """The lattice from a configuration a little earlier."""
        step, since = session.step, session.since
        low, high = _reach(session.configuration)
        columns = session.timeline.walker.columns or high - low + 1
        wide = 4 * MARGIN + (0 if self._table.work is None else columns + _pads(session.configuration))
        early = max([0, *session.timeline.edits(), step - wide])
        session.go_to(early)
        first, ready = session.configuration, session.timeline.layer
        while session.step < step:
            session.timeline.forward()
            low, high = min(low, session.timeline.walker.place), max(high, session.timeline.walker.place)
        session.since = since
        lattice, origin = self.laid_out(first, low - MARGIN, high + MARGIN, _pads(first) + step - early)
        evolution = self._evolution(lattice)
        for _ in range(layer - (ready or 0)):
            evolution.advance()
        return Seen(self.rules, evolution.lattice, layer, origin, whole=not self._table.is_grid)

    def _evolution(self, lattice: Lattice) -> Evolution:
        return Evolution(rule_stage.local(self.rules), self.rules.border, lattice, self._patches)

    def laid_out(self, configuration: Configuration, low: int, high: int, pads: int) -> tuple[Lattice, int]:
        """A configuration on the lattice, the control at rest; of a line the positions `low` to `high`, and `pads` columns more.
        Returns the column of position 0, too."""
        table, data, (row, column) = self._table, configuration.data, configuration.head
        if isinstance(data, Grid):
            live, pad = {"kind": "live", "inside": "yes"}, {"kind": "pad", "inside": "yes"}
            origin, symbols = 0, table.data.symbols
            rows = [[{**live, "symbol": symbols[symbol]} for symbol in cells] for cells in data.rows]
            rows = [[*cells, *(dict(pad) for _ in range(pads))] for cells in rows]
        else:
            origin, end = -low, high + pads
            if end - low > MOST:
                raise Rejected(f"a lattice of {end - low} cells is too wide to be shown")
            rows = [[{"symbol": table.data.symbols[data.read(position)]} for position in range(low, end + 1)]]
        self._put_control(configuration, rows[row], column + origin)
        return tuple(tuple(cell_of(self.rules, **values) for values in cells) for cells in rows), origin

    def _put_control(self, configuration: Configuration, cells: list[dict[str, str]], column: int) -> None:
        """The control and the work tape that it carries."""
        table, work, spot = self._table, configuration.work, configuration.work_head
        if configuration.state < 0:
            cells[column]["answer"] = table.target_name(configuration.state)
        else:
            cells[column] |= {"control": "here", "state": table.states[configuration.state]}
        if table.work is None:
            return
        for number, cell in enumerate(cells[column:]):
            cell["right"] = table.work.symbols[work.read(spot + number)]
            if number:
                cell["left"] = table.work.symbols[work.read(spot - number)]


def _pads(configuration: Configuration) -> int:
    """Columns to the right of the data that the work tape needs, from any place of the head."""
    work, spot = configuration.work, configuration.work_head
    if not work.cells:
        return 1 + MARGIN
    return max(abs(work.start - spot), abs(work.start + len(work.cells) - 1 - spot)) + 1 + MARGIN


def _reach(configuration: Configuration) -> tuple[int, int]:
    """The positions of a line that hold something, and the head."""
    data, place = configuration.data, configuration.head[1]
    if isinstance(data, Grid):
        return 0, len(data.rows[0]) - 1
    assert isinstance(data, Line)
    return min(data.start, place), max(data.start + len(data.cells) - 1, place)
