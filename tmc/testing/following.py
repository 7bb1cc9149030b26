"""Following a machine on a lattice: its table runs in place, and only changes of the lattice are examined.

What was equal and has not changed is equal still. So a step costs the same, however long the tapes are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tmc.diagnostics import InternalError
from tmc.ir.lattice import Cell, Lattice
from tmc.ir.rules import Rules
from tmc.ir.table import ACCEPT, REJECT, Table, Transition, moved
from tmc.ir.tape import BLANK, NOWHERE, Grid, Line, Move, Symbol, Touching
from tmc.run.observe import AT_REST, work_tape

Place = tuple[int, int]  # row and column; on a line's tape the row is 0
CREDIT = 2_000  # cells that may be looked at for each step to see the whole work tape


class Path:
    """A run of a table that is not on rows, step by step, on tapes that change in place; the work tape has no blanks."""

    def __init__(self, table: Table, data: Grid | Line) -> None:
        self.state, self.head, self.work_head = table.start, (0, 0), 0
        self.data: dict[Place, Symbol] = {}
        self.work: dict[int, Symbol] = {}
        self.changed: list[Place] = []  # where the data tape has changed since this was last read
        self._around, self._cache = data, dict[tuple[int, Symbol, Symbol, Touching], Transition | None]()
        if isinstance(data, Grid):
            self.data |= {(i, j): symbol for i, row in enumerate(data.rows) for j, symbol in enumerate(row)}
        else:
            self.data |= {(0, position): symbol for position, symbol in data.items()}
        self._transitions: list[list[Transition]] = [[] for _ in table.states]
        for transition in table.transitions:
            self._transitions[transition.state].append(transition)

    def transition(self) -> Transition | None:
        """The transition about to be taken; None when the machine has halted or is stuck."""
        if self.state < 0:
            return None
        touching = self._around.touching(self.head) if isinstance(self._around, Grid) else NOWHERE
        seen = self.state, self.data.get(self.head, BLANK), self.work.get(self.work_head, BLANK), touching
        if seen not in self._cache:
            fitting = (transition for transition in self._transitions[self.state] if transition.guard.admits(*seen[1:]))
            self._cache[seen] = next(fitting, None)
        return self._cache[seen]

    def take(self, transition: Transition) -> tuple[Move, Move]:
        """Take a transition. Returns the operation that it is here: a halting one moves nothing, and an edge stops a move."""
        if transition.write_data is not None and transition.write_data != self.data.get(self.head, BLANK):
            self.data[self.head] = transition.write_data
            self.changed.append(self.head)
        if transition.write_work is not None:
            self.work[self.work_head] = transition.write_work
            if transition.write_work == BLANK:
                del self.work[self.work_head]
        self.state = transition.target
        if transition.halts:
            return (Move.STAY, Move.STAY)
        before, self.head = self.head, moved(self._around, self.head, transition.move_data)
        self.work_head += transition.move_work.value[1]
        return (Move.STAY if before == self.head else transition.move_data, transition.move_work)


@dataclass(slots=True)
class Sight:
    """What is seen of a machine on a lattice of the stage `rules`. `origin` is the column of a line's position 0."""

    table: Table
    rules: Rules
    data: Grid | Line
    origin: int
    _cells: dict[Place, Cell] = field(default_factory=dict)  # that have changed since they were compared
    _controls: dict[Place, Cell] = field(default_factory=dict)
    _signals: set[Place] = field(default_factory=set)
    _credit: int = 0
    _symbols: list[int] = field(default_factory=list)  # of the values of the field `symbol`; -1 for what is no symbol

    def __post_init__(self) -> None:
        values, symbols = self.rules.field("symbol").values, self.table.data.symbols
        self._symbols = [symbols.index(value) if value in symbols else -1 for value in values]

    def changes(self, cells: Iterable[tuple[Place, Cell]]) -> None:
        """Take note of cells that have changed."""
        control, answer = self.rules.index("control"), self.rules.index("answer")
        signals = [self.rules.index(name) for name in ("move", "push") if self.rules.has(name)]
        for place, cell in cells:
            self._cells[place] = cell
            if cell[control] or cell[answer]:
                self._controls[place] = cell
            else:
                self._controls.pop(place, None)
            if any(cell[signal] for signal in signals):
                self._signals.add(place)
            else:
                self._signals.discard(place)

    def difference(self, path: Path, lattice: Lattice | None) -> str:
        """How the machine on the lattice differs from that of a path; "" if it does not. Without the `lattice`, of the work tape
        only the symbol under its head is seen."""
        if len(self._controls) > 1:
            raise InternalError(f"there is more than one control: {sorted(self._controls)}")
        if not self._controls or not self._at_rest(cell := next(iter(self._controls.values()))):
            return f"the control should be at rest, in state {self.table.target_name(path.state)}"
        row, column = place = next(iter(self._controls))
        expected, found = path.head, (row, column - self.origin)
        if found != expected:
            return f"head is {found} in the network, {expected} in the table"
        if (state := self._state(cell)) != path.state:
            return f"state is {self.table.target_name(state)} in the network, {self.table.target_name(path.state)} in the table"
        return self._data_difference(path) or self._work_difference(path, cell, place, lattice)

    def whole(self, cells: int) -> bool:
        """Whether it is time to see the whole work tape, on so many cells along which waves are carried out: in every step, as long
        as these are few."""
        if not self.rules.has("right"):
            return False
        self._credit += CREDIT
        if cells * (1 + len(self._signals)) > self._credit:
            return False
        self._credit = 0
        return True

    def _at_rest(self, cell: Cell) -> bool:
        signal = self.rules.field("move").values[cell[self.rules.index("move")]]
        return signal in AT_REST and not (self.rules.has("push") and cell[self.rules.index("push")])

    def _state(self, cell: Cell) -> int:
        if answer := cell[self.rules.index("answer")]:
            return ACCEPT if self.rules.field("answer").values[answer] == "accept" else REJECT
        return self.table.states.index(self.rules.field("state").values[cell[self.rules.index("state")]])

    def _data_difference(self, path: Path) -> str:
        for row, position in path.changed:
            self._cells.setdefault((row, position + self.origin), ())  # it has not changed, and should have
        for (row, column), cell in self._cells.items():
            place = (row, column - self.origin)
            expected = path.data.get(place, None if isinstance(self.data, Grid) else BLANK)
            found = self._symbol(cell) if cell else None
            if found != expected:
                names = [None if symbol is None else self.table.data.symbols[symbol] for symbol in (found, expected)]
                return f"data at {place} is {names[0]} in the network, {names[1]} in the table"
        self._cells.clear()
        path.changed.clear()
        return ""

    def _symbol(self, cell: Cell) -> Symbol | None:
        """The symbol of a cell of the data tape; None for one beside it."""
        if self.table.is_grid and self.rules.field("kind").values[cell[self.rules.index("kind")]] != "live":
            return None
        return self._symbols[cell[self.rules.index("symbol")]]

    def _work_difference(self, path: Path, cell: Cell, place: Place, lattice: Lattice | None) -> str:
        if not self.rules.has("right"):
            return ""
        if lattice is None:
            found, expected = cell[self.rules.index("right")], path.work.get(path.work_head, BLANK)
            return "" if found == expected else f"work is {found} under the head in the network, {expected} in the table"
        seen, tape = work_tape(self.rules, lattice, *place), Line.of({at - path.work_head: s for at, s in path.work.items()})
        return "" if seen == tape else f"work is {seen} in the network, {tape} in the table"
