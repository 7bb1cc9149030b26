"""Places in a text as editors count them: line and column from 0, the column in code units of UTF-16 or what else was agreed on."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from tmc.source import Span

_LINE_END = re.compile(r"\r\n|\n|\r")

Position = tuple[int, int]  # line and column
Range = tuple[Position, Position]  # the end is not included


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text. `encoding` is ``utf-8``, ``utf-16`` or ``utf-32``: a column counts code units of it.

    ::

        >>> Lines("on 𝟙 -> up").position(5)
        (0, 6)
    """

    text: str
    encoding: str = "utf-16"
    _starts: list[int] = field(init=False, repr=False, compare=False)
    _ends: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        breaks = [found.span() for found in _LINE_END.finditer(self.text)]
        object.__setattr__(self, "_starts", [0, *(end for _, end in breaks)])
        object.__setattr__(self, "_ends", [*(start for start, _ in breaks), len(self.text)])

    def position(self, offset: int) -> Position:
        """The line and column of a character; of one that ends a line, the end of that line."""
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : min(offset, self._ends[line])]
        return line, units(before, self.encoding)

    def range(self, span: Span) -> Range:
        """Where a span begins and ends."""
        return self.position(span.start), self.position(span.end)

    def offset(self, position: Position) -> int:
        """The character at a position; past the end of a line, that end; in the middle of a character, the character."""
        line, column = position
        if line >= len(self._starts):
            return len(self.text)
        offset, end = self._starts[line], self._ends[line]
        while offset < end and (width := units(self.text[offset], self.encoding)) <= column:
            offset, column = offset + 1, column - width
        return offset


def units(text: str, encoding: str) -> int:
    """The length of a text in code units."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    size = 2 if encoding == "utf-16" else 1
    return len(text.encode("utf-16-le" if size == 2 else "utf-8", "surrogatepass")) // size
