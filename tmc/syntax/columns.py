"""The rules of a file as one table: every clause begins in the column of its kind."""

from __future__ import annotations

from collections.abc import Sequence

from tmc.frozen import frozen
from tmc.width import padded, width_of

GAP = 3  # blanks between columns

# Of conditions, writes and moves: as wide as this a column may always be, and as wide as that when one rule in ten asks for it.
# A wider clause juts out, so that no single line pushes the whole table to the right.
LIMITS = ((18, 28), (14, 20), (17, 20))

Row = tuple[str, str, str, str]  # condition, write, move, target; the last three may be empty


@frozen
class Columns:
    """How wide the conditions, writes and moves of a file are; 0 if there are no such clauses."""

    widths: tuple[int, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """Where conditions, writes, moves and targets begin, counted from the condition."""
        starts = [0]
        for width in self.widths:
            starts.append(starts[-1] + (width + GAP if width else 0))
        return tuple(starts)


def columns(rows: Sequence[Row]) -> Columns:
    """Columns for all rules of a file. The first is never narrower than `otherwise`, which most states end with."""
    condition, *others = (_width(rows, place) for place in range(len(LIMITS)))
    return Columns((max(condition, len("otherwise")), *others))


def _width(rows: Sequence[Row], place: int) -> int:
    """The width of the widest clause, leaving out those that jut out."""
    narrow, wide = LIMITS[place]
    lengths = sorted(width_of(row[place]) for row in rows if row[place])
    common = lengths[-1 - len(lengths) // 10] if lengths else 0  # at most one in ten is wider
    return max((length for length in lengths if length <= min(max(narrow, common), wide)), default=0)


def lay_out(rows: Sequence[Row], columns: Columns) -> list[str]:
    """The lines of a state's rules. Clauses that jut out line up with each other.

    ::

        on 0|1                move right
        on _        write 1   move left    -> carry
    """
    widest = [max((width_of(row[place]) for row in rows), default=0) for place in range(len(LIMITS))]
    return [_line(row, columns, [*zip(columns.widths, widest, strict=True), (0, 0)]) for row in rows]


def _line(row: Row, columns: Columns, rooms: Sequence[tuple[int, int]]) -> str:
    """The line of a rule. `rooms`: how wide a clause is made, by its place, and how wide one that juts out."""
    text = ""
    for start, clause, (width, widest) in zip(columns.starts, row, rooms, strict=True):
        if clause:
            begun = max(start, width_of(text) + GAP if text else 0)
            text = padded(text, begun) + padded(clause, width if width_of(clause) <= width else widest)
    return text.rstrip()
