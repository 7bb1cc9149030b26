"""Source texts and the places in them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from tmc.frozen import frozen


@frozen
class Span:
    """A stretch of a source text: character offsets, `end` not included."""

    start: int
    end: int

    def __lt__(self, other: Span) -> bool:
        return (self.start, self.end) < (other.start, other.end)

    def to(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """A named text. `name` is what messages call it: a path as the user typed it, or ``<text>``.

    It may `use` files of the folder of the machine's own file - `root`, or "" when it is that file - and of the folders `allowed`.
    """

    name: str
    text: str
    root: str = field(default="", compare=False)
    allowed: tuple[str, ...] = field(default=(), compare=False)
    _starts: list[int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0] + [offset + 1 for offset, character in enumerate(self.text) if character == "\n"]
        object.__setattr__(self, "_starts", starts)

    def __repr__(self) -> str:
        return f"<Source {self.name}: {len(self.text)} characters>"

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line counted from 1, without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")
