"""Tapes: what a machine's heads stand on and how they move.

A *line* is unbounded both ways; a *grid* is a rectangle with edges. Both are values: writing gives a new one. The *rows* of a grid
are the same cells and edges read as one line, row by row: a move off the end of a row goes on in the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from tmc.frozen import frozen

BLANK = 0  # the number of the blank in every alphabet

Symbol = int  # a position in `Tape.symbols`


class Move(Enum):
    """One step of a head: ``(rows, columns)``."""

    STAY = (0, 0)
    LEFT = (0, -1)
    RIGHT = (0, 1)
    UP = (-1, 0)
    DOWN = (1, 0)

    __hash__ = object.__hash__  # `Enum`'s takes long, and what is done in a step is looked up all the time


class Edge(Enum):
    """An edge of the grid; the value is the move that it stops."""

    TOP = Move.UP
    BOTTOM = Move.DOWN
    LEFT = Move.LEFT
    RIGHT = Move.RIGHT


EDGES = (Edge.TOP, Edge.BOTTOM, Edge.LEFT, Edge.RIGHT)
Touching = tuple[bool, bool, bool, bool]  # which of EDGES the head touches


@frozen
class Tape:
    """A tape: its name, its kind (``grid``, ``rows`` or ``line``) and its symbols, the blank ``_`` first.

    In the data tape of a learner the symbols that follow are ``0`` and ``1`` (where the machine has them), which stand for the
    data values -1 and +1.
    """

    name: str
    kind: str
    symbols: tuple[str, ...]

    def number(self, symbol: str) -> Symbol:
        """The number of a symbol; ValueError when the tape does not have it."""
        return self.symbols.index(symbol)


@frozen
class Line:
    """A tape unbounded both ways, trimmed of blanks: `cells[0]` is at position `start` (0 when all is blank)."""

    cells: tuple[Symbol, ...] = ()
    start: int = 0

    @staticmethod
    def of(cells: dict[int, Symbol]) -> Line:
        """The line with these symbols at these positions."""
        used = [position for position, symbol in cells.items() if symbol != BLANK]
        if not used:
            return Line()
        first, last = min(used), max(used)
        return Line(tuple(cells.get(position, BLANK) for position in range(first, last + 1)), first)

    def items(self) -> Iterator[tuple[int, Symbol]]:
        """Positions and symbols, left to right."""
        return enumerate(self.cells, self.start)

    def read(self, position: int) -> Symbol:
        """The symbol at a position."""
        offset = position - self.start
        return self.cells[offset] if 0 <= offset < len(self.cells) else BLANK

    def write(self, position: int, symbol: Symbol) -> Line:
        """The same line with one symbol changed."""
        offset = position - self.start
        if 0 < offset < len(self.cells) - 1:  # not at an end: nothing to trim
            return Line((*self.cells[:offset], symbol, *self.cells[offset + 1 :]), self.start)
        return Line.of({**dict(self.items()), position: symbol})


EMPTY = Line()


@frozen
class Grid:
    """A data tape that is a grid: rows of symbols, all of one length, surrounded by edges."""

    rows: tuple[tuple[Symbol, ...], ...]

    def read(self, place: tuple[int, int]) -> Symbol:
        """The symbol at ``(row, column)``."""
        return self.rows[place[0]][place[1]]

    def write(self, place: tuple[int, int], symbol: Symbol) -> Grid:
        """The same grid with one symbol changed."""
        row, column = place
        cells = self.rows[row]
        changed = (*cells[:column], symbol, *cells[column + 1 :])
        return Grid((*self.rows[:row], changed, *self.rows[row + 1 :]))

    def touching(self, place: tuple[int, int]) -> Touching:
        """Which edges a head at ``(row, column)`` touches."""
        row, column = place
        return (row == 0, row == len(self.rows) - 1, column == 0, column == len(self.rows[0]) - 1)


NOWHERE: Touching = (False, False, False, False)
