"""Reading a machine's configuration off a lattice of the stage `rules`, and putting one there. Of the rules, only their fields are
used.

While the control is at rest, its waves may still be on their way to the right. They are accounted for: `observe` carries each one
out to the end of its row, oldest first, so what it returns is the whole work tape at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from tmc.diagnostics import InternalError
from tmc.ir.lattice import Cell, Lattice
from tmc.ir.rules import Rules
from tmc.ir.table import ACCEPT, REJECT, Configuration, Table
from tmc.ir.tape import Grid, Line

AT_REST = ("none", "right-wave", "slide")  # the values of `move` with which the control may wait


@dataclass(frozen=True, slots=True)
class View:
    """What can be seen of a configuration: the work tape is given relative to its head (positions in a network have no names)."""

    state: int
    head: tuple[int, int]
    data: Grid | Line
    work: Line


def view(configuration: Configuration) -> View:
    """The same view of a simulator's configuration."""
    work = Line.of({position - configuration.work_head: symbol for position, symbol in configuration.work.items()})
    return View(configuration.state, configuration.head, configuration.data, work)


def cell_of(rules: Rules, **values: str) -> Cell:
    """A cell with these values, other fields at rest; a field that the machine does not use is passed over."""
    return tuple(field.values.index(values[field.name]) if field.name in values else 0 for field in rules.fields)


def memory(rules: Rules, products: tuple[tuple[int, ...], ...], pads: int) -> Lattice:
    """What the memory layer delivers: `W·diag(z)`, scaled to -1, 0, +1, shape (m+1, d+1), and `pads` columns of the constant."""
    symbols = {0: "_", -1: "0", 1: "1"}
    pad = cell_of(rules, kind="pad", inside="yes")
    return tuple((*(cell_of(rules, symbol=symbols[value], inside="yes") for value in row), *([pad] * pads)) for row in products)


def window(table: Table, rules: Rules, text: Line, left: int, right: int) -> Lattice:
    """A line machine about to start: the cells from position `-left` to position `right`, the control at position 0."""
    symbols = table.data.symbols
    cells = [cell_of(rules, symbol=symbol) for symbol in symbols]
    row = [cells[text.read(position)] for position in range(-left, right + 1)]
    row[left] = cell_of(rules, symbol=symbols[text.read(0)], control="here", state=table.states[table.start])
    return (tuple(row),)


def observe(table: Table, rules: Rules, lattice: Lattice, origin: int = 0) -> View | None:
    """The configuration that a lattice holds, or None while the machine is not at rest. `origin` is the column of a line's
    position 0."""
    found = _control(rules, lattice)
    if found is None:
        return None
    row, column = found
    number = rules.index
    cell = lattice[row][column]
    signal = rules.field("move").values[cell[number("move")]]
    if signal not in AT_REST or (rules.has("push") and cell[number("push")]):
        return None
    return View(
        _state(table, rules, cell),
        (row, column - origin),
        _data(table, rules, lattice, origin),
        work_tape(rules, lattice, row, column),
    )


def _control(rules: Rules, lattice: Lattice) -> tuple[int, int] | None:
    """Where the control is, or the answer of a machine that has halted."""
    control, answer = rules.index("control"), rules.index("answer")
    found = [(r, c) for r, row in enumerate(lattice) for c, cell in enumerate(row) if cell[control] or cell[answer]]
    if len(found) > 1:
        raise InternalError(f"there is more than one control: {found}")
    return found[0] if found else None


def _state(table: Table, rules: Rules, cell: Cell) -> int:
    answer = cell[rules.index("answer")]
    if answer:
        return ACCEPT if rules.field("answer").values[answer] == "accept" else REJECT
    return table.states.index(rules.field("state").values[cell[rules.index("state")]])


def _data(table: Table, rules: Rules, lattice: Lattice, origin: int) -> Grid | Line:
    symbol = rules.index("symbol")
    values, symbols = rules.field("symbol").values, table.data.symbols
    numbers = {number: symbols.index(value) for number, value in enumerate(values) if value in symbols}
    if not table.is_grid:
        return Line.of({column - origin: numbers[cell[symbol]] for column, cell in enumerate(lattice[0])})
    kind, live = rules.index("kind"), rules.field("kind").values.index("live")
    return Grid(tuple(tuple(numbers[cell[symbol]] for cell in row if cell[kind] == live) for row in lattice))


Pack = dict[int, dict[int, tuple[int, int]]]  # row -> column -> (right, left)


def work_tape(rules: Rules, lattice: Lattice, row: int, column: int) -> Line:
    """The work tape of a machine whose control is at rest at a place, relative to its head."""
    if not rules.has("right"):
        return Line()
    right = rules.index("right")
    if not rules.has("left"):
        return Line.of({0: lattice[row][column][right]})
    left = rules.index("left")
    pack = {r: {c: (cell[right], cell[left]) for c, cell in enumerate(cells)} for r, cells in enumerate(lattice)}
    signals = _signals(rules, lattice)
    end = len(lattice[0]) + 2 * len(signals)  # a wave moves a symbol by two cells at most, maybe beyond the edge
    for r, c in signals:
        _carry_out(rules, lattice, pack, (r, c), end)
    cells = {c - column: pair[0] for c, pair in pack[row].items() if c >= column}
    cells |= {column - c: pair[1] for c, pair in pack[row].items() if c > column}
    return Line.of(cells)


def _signals(rules: Rules, lattice: Lattice) -> list[tuple[int, int]]:
    """Cells with a signal in flight, oldest (rightmost) first."""
    push, move = rules.index("push"), rules.index("move")
    found = [(r, c) for r, row in enumerate(lattice) for c, cell in enumerate(row) if cell[push] or cell[move]]
    return sorted(found, key=lambda place: -place[1])


def _carry_out(rules: Rules, lattice: Lattice, pack: Pack, place: tuple[int, int], end: int) -> None:
    """What the wave at a place (row, column) will have done to the cells right of it, up to column `end`."""
    r, c = place
    cell, old = lattice[r][c], dict(pack[r])
    carry1 = cell[rules.index("carry1")]
    carry2 = cell[rules.index("carry2")] if rules.has("carry2") else 0
    signal = rules.field("move").values[cell[rules.index("move")]]
    push = rules.field("push").values[cell[rules.index("push")]]

    def was(column: int) -> tuple[int, int]:
        return old.get(column, (0, 0))

    for j in range(c + 1, end):
        if signal in ("up", "down"):
            pack[r + (1 if signal == "down" else -1)][j] = was(j)
        elif signal == "left-wave":
            pack[r][j] = was(j + 1)
        elif signal == "right-wave":
            pack[r][j] = (carry1, carry2) if j == c + 1 else was(j - 1)
        elif signal == "slide":
            pack[r][j] = (was(j)[0], carry1 if j == c + 1 else carry2 if j == c + 2 else was(j - 2)[1])
        elif push == "right":
            pack[r][j] = (was(j + 1)[0], carry1 if j == c + 1 else was(j - 1)[1])
        else:
            pack[r][j] = (carry1 if j == c + 1 else was(j - 1)[0], was(j + 1)[1])
