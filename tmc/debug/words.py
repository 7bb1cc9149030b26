"""A run in words: the transition about to be taken, the tapes around their heads, the cells of the network."""

from __future__ import annotations

from collections.abc import Mapping

from tmc.ir.table import Configuration, Table, Transition
from tmc.ir.tape import EDGES, Grid, Line, Move, Tape
from tmc.run.tapes import marked
from tmc.run.trace import cell_width
from tmc.width import padded, visible

WAYS = {Move.LEFT: "left", Move.RIGHT: "right", Move.UP: "up", Move.DOWN: "down"}


def transition_in_words(table: Table, configuration: Configuration, transition: Transition | None) -> str:
    """What happens next: ``carry reads 1: writes 0, moves left, stays in carry``."""
    if configuration.state < 0:
        return f"halted: {table.target_name(configuration.state)}"
    state, seen = table.states[configuration.state], _reading(table, configuration)
    if transition is None:
        return f"{state} reads {seen}: no rule applies, the machine is stuck"
    done = [*_writes(table, transition), *_moves(table, transition)]
    if transition.target == configuration.state:
        done.append(f"stays in {state}")
    elif transition.halts:
        done.append(f"{table.target_name(transition.target)}s")
    else:
        done.append(f"goes on in {table.states[transition.target]}")
    return f"{state} reads {seen}: {', '.join(done)}"


def _reading(table: Table, configuration: Configuration) -> str:
    data, (row, column) = configuration.data, configuration.head
    if isinstance(data, Grid):
        symbol = table.data.symbols[data.read((row, column))]
        edges = [edge.name.lower() for edge, touch in zip(EDGES, data.touching((row, column)), strict=True) if touch]
    else:
        symbol, edges = table.data.symbols[data.read(column)], []
    parts = [visible(symbol)]
    if table.work is not None:
        work = table.work.symbols[configuration.work.read(configuration.work_head)]
        parts = [f"{visible(symbol)} on {table.data.name}", f"{visible(work)} on {table.work.name}"]
    return " and ".join(parts) + (f" at the {' and '.join(edges)}" if edges else "")


def _writes(table: Table, transition: Transition) -> list[str]:
    written = zip(table.tapes, (transition.write_data, transition.write_work), strict=False)
    two = len(table.tapes) > 1
    return [
        f"writes {visible(tape.symbols[symbol])}{f' on {tape.name}' if two else ''}"
        for tape, symbol in written
        if symbol is not None
    ]


def _moves(table: Table, transition: Transition) -> list[str]:
    if transition.halts:
        return []
    moved = zip(table.tapes, (transition.move_data, transition.move_work), strict=False)
    moves = [(tape.name, WAYS[move]) for tape, move in moved if move is not Move.STAY]
    if len(table.tapes) == 1:
        return [f"moves {way}" for _, way in moves]
    if len(moves) == 2 and moves[0][1] == moves[1][1]:
        return [f"moves both heads {moves[0][1]}"]
    return [f"moves {name} {way}" for name, way in moves]


def tape_lines(table: Table, configuration: Configuration, width: int, rows: int) -> list[str]:
    """The tapes around their heads, as lines no wider than `width`, the cell under a head in brackets; of a grid `rows` rows.

    Before each stands its name; of a line, under it, the positions of its first and last cell shown and of the head.
    """
    name = max(len(tape.name) for tape in table.tapes) + 2
    data = configuration.data
    if isinstance(data, Grid):
        lines = _grid_lines(table.data, data, configuration.head, width - name, rows)
    else:
        lines = _line_lines(table.data, data, configuration.head[1], width - name)
    lines = [f"{table.data.name if number == 0 else '':{name}}{line}" for number, line in enumerate(lines)]
    if table.work is not None:
        work = _line_lines(table.work, configuration.work, configuration.work_head, width - name)
        lines += [f"{table.work.name if number == 0 else '':{name}}{line}" for number, line in enumerate(work)]
    return [line.rstrip() for line in lines]


def _line_lines(tape: Tape, line: Line, head: int, width: int) -> list[str]:
    size = 1 + cell_width(tape)
    count = max(3, (width - 1) // size)
    end = max(line.start + len(line.cells) - 1, head, 0)
    first = min(line.start, head, 0)
    if end - first + 1 > count:
        first = min(max(first, head - count // 2), max(first, end - count + 1))
    last = min(end, first + count - 1)
    cells = [padded(visible(tape.symbols[line.read(position)]), size - 1) for position in range(first, last + 1)]
    shown = marked(cells, head - first)
    ruler = [" "] * (len(shown) + 24)
    for position in sorted({first, last, head}, key=lambda place: place == head):
        at, text = 1 + (position - first) * size, str(position)
        if position == head or all(sign == " " for sign in ruler[max(0, at - 1) : at + len(text) + 1]):
            ruler[at : at + len(text)] = list(text)
    return [shown, "".join(ruler)[: max(width, 1)].rstrip()]


def _grid_lines(tape: Tape, grid: Grid, head: tuple[int, int], width: int, rows: int) -> list[str]:
    size, number = 1 + cell_width(tape), len(str(len(grid.rows) - 1))
    count = max(3, (width - number - 2) // size)
    top = min(max(0, head[0] - rows // 2), max(0, len(grid.rows) - rows))
    left = min(max(0, head[1] - count // 2), max(0, len(grid.rows[0]) - count))
    lines = []
    for row in range(top, min(top + rows, len(grid.rows))):
        cells = [padded(visible(tape.symbols[symbol]), size - 1) for symbol in grid.rows[row][left : left + count]]
        lines.append(f"{row:{number}} {marked(cells, head[1] - left if row == head[0] else None)}")
    return lines


def cell_in_words(fields: Mapping[str, str]) -> str:
    """The fields of a cell: ``symbol 1, control here, state carry``; ``at rest`` when there are none."""
    return ", ".join(f"{name} {value}" for name, value in fields.items() if name != "inside") or "at rest"
