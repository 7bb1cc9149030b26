"""Tapes as text: what stands on a tape, a character per symbol."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tmc.diagnostics import Rejected
from tmc.ir.tape import Grid, Line, Tape


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


def marked(cells: Sequence[str], head: int | None, mark: Callable[[str], str] = str) -> str:
    """Cells in a row, the one at the place `head` in brackets: ``" 1 0[1]1"``. `mark` may colour what is in brackets, and them."""
    before, after = (cells, ()) if head is None else (cells[:head], cells[head + 1 :])
    text = "".join(f" {cell}" for cell in before)
    if head is None:
        return text
    return text + mark(f"[{cells[head]}]") + " ".join(after)
