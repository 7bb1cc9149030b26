"""Tapes as text: what stands on a tape, a character per symbol."""

from __future__ import annotations

from tmc.diagnostics import Rejected
from tmc.ir.tape import Grid, Line, Tape

MARKED, PLAIN = "[{}]", " {} "


def line_of_text(tape: Tape, text: str) -> Line:
    """A line whose position 0 holds the first character of `text`; `Rejected` names the first character that is not a symbol."""
    numbers = {symbol: number for number, symbol in enumerate(tape.symbols)}
    for place, character in enumerate(text, 1):
        if character not in numbers:
            known = " ".join(tape.symbols)
            raise Rejected(
                f"character {place} of the data is {character!r}, which is not a symbol of the tape {tape.name} ({known})"
            )
    return Line.of({position: numbers[character] for position, character in enumerate(text)})


def text_of_line(tape: Tape, line: Line) -> str:
    """The symbols of a line from its first to its last one that is not blank; "" when there is none."""
    return "".join(tape.symbols[symbol] for symbol in line.cells)


def text_of_grid(tape: Tape, grid: Grid) -> tuple[str, ...]:
    """The rows of a grid, each as a text."""
    return tuple("".join(tape.symbols[symbol] for symbol in row) for row in grid.rows)


def marked_line(tape: Tape, line: Line, head: int) -> str:
    """A line with the symbol under the head in brackets, reaching as far as the head does."""
    positions = [position for position, _ in line.items()] + [head]
    cells = ((position, tape.symbols[line.read(position)]) for position in range(min(positions), max(positions) + 1))
    return "".join((MARKED if position == head else PLAIN).format(symbol) for position, symbol in cells)


def marked_grid(tape: Tape, grid: Grid, head: tuple[int, int]) -> tuple[str, ...]:
    """The rows of a grid with the symbol under the head in brackets."""
    return tuple(
        "".join((MARKED if (i, j) == head else PLAIN).format(tape.symbols[symbol]) for j, symbol in enumerate(row))
        for i, row in enumerate(grid.rows)
    )
