"""What names mean, and where they are mentioned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tmc.source import Span


class NameKind(Enum):
    """The kinds of things that names mean; from `HALTING` on, words that the language itself gives a meaning."""

    STATE = "state"
    PARAMETER = "parameter"
    CAPTURE = "capture"
    TAPE = "tape"
    SYMBOL = "symbol"
    FILE = "file"
    HALTING = "halting state"
    DIRECTION = "direction"
    EDGE = "edge"
    BOUND = "bound"
    VARIABLE = "variable of a bound"


@dataclass(frozen=True, slots=True)
class Referent:
    """What a name means: something that is defined at `places` in the file at position `file` of the program.

    A word of the language has no place. A symbol has several when it is not known which tape it is for, as in an argument; in a
    library, it has none.
    """

    kind: NameKind
    name: str
    places: tuple[Span, ...] = ()
    file: int = 0

    def meets(self, other: Referent) -> bool:
        """Whether the two are, or may be, the same thing."""
        alike = (self.kind, self.name, self.file) == (other.kind, other.name, other.file)
        return alike and (self.places == other.places or not set(self.places).isdisjoint(other.places))


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text where something is mentioned; the ``$`` of a capture belongs to its `span`."""

    span: Span
    referent: Referent

    @property
    def defines(self) -> bool:
        """Whether this is where it is defined."""
        return not self.referent.file and self.span in self.referent.places
