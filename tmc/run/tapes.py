"""Tapes as text: what stands on a tape, a character per symbol."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tmc.diagnostics import Rejected
from tmc.ir.tape import BLANK, Grid, Line, Tape

_QUOTED = re.compile(r"'.'|'[^'\n]*'")  # as in the grammar


def line_of_text(tape: Tape, text: str) -> Line:
    """A line whose position 0 holds the first symbol of a text that a person wrote, as a test of a machine writes it.

    Symbols stand in runs with blanks between them, or in single quotes; ``'''`` is the quote itself. Unlike in a test, signs need
    no quotes here, and ``#`` begins no comment. Raises `Rejected`, which names the first character that is not a symbol, a
    quote that is not closed, or quotes around nothing.

    ::

        >>> text_of_line(tape, line_of_text(tape, "01 '#'  '1#'"))
        '01#1#'
    """
    return _line(_numbers(tape, _symbols_in(text, "the data"), "the data"))


def line_of_symbols(tape: Tape, symbols: str) -> Line:
    """A line whose position 0 holds the first of these symbols, each a character. Raises `Rejected` with the first character that
    is not a symbol."""
    return _line(_numbers(tape, enumerate(symbols, 1), "the data"))


def grid_of_text(tape: Tape, name: str, text: str) -> Grid:
    """A grid as a picture: a row for each line of the text, its symbols written as those of a line; shorter rows end with blanks.

    `name` is what messages call the text. Raises `Rejected` as `line_of_text` does, and for a grid of one row or one column.
    """
    lines = text.rstrip().split("\n")
    places = [f"line {number} of {name}" for number in range(1, len(lines) + 1)]
    rows = [_numbers(tape, _symbols_in(line, place), place) for line, place in zip(lines, places, strict=True)]
    width = max(map(len, rows))
    if len(rows) < 2 or width < 2:
        raise Rejected(f"{name}: a grid has at least two rows and two columns; the blank is written _")
    return Grid(tuple(tuple(row + [BLANK] * (width - len(row))) for row in rows))


def _line(numbers: list[int]) -> Line:
    return Line.of(dict(enumerate(numbers)))


def _numbers(tape: Tape, written: Iterable[tuple[int, str]], where: str) -> list[int]:
    """The numbers of symbols, each given with its place in what was written."""
    numbers = {symbol: number for number, symbol in enumerate(tape.symbols)}
    found: list[int] = []
    for place, character in written:
        if character not in numbers:
            known = " ".join(tape.symbols)
            raise Rejected(
                f"character {place} of {where} is {character!r}, which is not a symbol of the tape {tape.name} ({known})"
            )
        found.append(numbers[character])
    return found


def _symbols_in(text: str, where: str) -> Iterator[tuple[int, str]]:
    """The symbols of a text, without blanks and quotes, with their places, counted from 1."""
    place = 0
    while place < len(text):
        if text[place] == "'":
            quoted = _QUOTED.match(text, place)
            if quoted is None:
                raise Rejected(f"the quote at character {place + 1} of {where} is not closed; the symbol ' itself is written '''")
            if quoted.end() - place == 2:
                raise Rejected(f"there is no symbol between the quotes at character {place + 1} of {where}; the blank is written _")
            yield from enumerate(text[place + 1 : quoted.end() - 1], place + 2)
            place = quoted.end()
        else:
            if not text[place].isspace():
                yield place + 1, text[place]
            place += 1


def text_of_line(tape: Tape, line: Line) -> str:
    """The symbols of a line from its first to its last one that is not blank; "" if all are blank."""
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
