"""Cells as balanced base-3 numerals: every field is a few trits in {-1, 0, +1}, and a rule is a conjunction of literals on trits.

A cell is now a tuple of trits. In one layer, a trit that persists keeps its value and the others fall to 0; then every conjunction
that holds adds its changes. Every trit must end in {-1, 0, +1}.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.lattice import HERE, PLACES, Cell, Lattice, Local, Patch, advance, matching

_DIGITS = (0, -1, 1)  # the trit for each base-3 digit of a value's number


def width(values: int) -> int:
    """How many trits it takes to tell `values` values apart."""
    trits, reach = 0, 1
    while reach < values:
        trits, reach = trits + 1, reach * 3
    return trits


@cache
def code(number: int, trits: int) -> tuple[int, ...]:
    """The trits of a value's number, lowest first: 0 is all zeros, 1 is (-1, 0, …), 2 is (+1, 0, …)."""
    digits = []
    for _ in range(trits):
        number, digit = divmod(number, 3)
        digits.append(_DIGITS[digit])
    return tuple(digits)


def number(trits: tuple[int, ...]) -> int:
    """The number whose code this is."""
    return sum(_DIGITS.index(trit) * 3**place for place, trit in enumerate(trits))


@frozen
class Trit:
    """One trit of a cell: digit `digit` of a field. `values` are those it can have, 0 among them."""

    field: str
    digit: int
    values: tuple[int, ...]
    persists: bool

    @property
    def name(self) -> str:
        """Such as ``state.1``."""
        return f"{self.field}.{self.digit}"


@frozen
class TritLiteral:
    """Trit number `trit` of the cell at `place` has one of `values`."""

    place: int
    trit: int
    values: tuple[int, ...]


@frozen
class Conjunction:
    """When all literals hold, add each change to its trit. `rule` and `line` say where it comes from."""

    rule: str
    line: int
    literals: tuple[TritLiteral, ...]
    changes: tuple[tuple[int, int], ...]


@frozen
class Cells:
    """The automaton on trits. `values` repeats the names of every field's values, so that a cell can be read by itself. `files`: as
    those of `tmc.ir.rules.Rules`."""

    trits: tuple[Trit, ...]
    conjunctions: tuple[Conjunction, ...]
    transparent: tuple[tuple[TritLiteral, ...], ...]
    values: tuple[tuple[str, tuple[str, ...]], ...]
    files: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"<Cells: {len(self.trits)} trits, {len(self.conjunctions)} conjunctions>"

    @property
    def border(self) -> Cell:
        """What stands beyond the edges."""
        return (0,) * len(self.trits)

    def index(self, field: str, digit: int = 0) -> int:
        """The index of a trit in a cell. Raises KeyError if the cell has no such trit."""
        for position, trit in enumerate(self.trits):
            if (trit.field, trit.digit) == (field, digit):
                return position
        raise KeyError(f"{field}.{digit}")

    def widths(self) -> tuple[int, ...]:
        """The number of trits of each field, in the order of `values`."""
        return tuple(sum(trit.field == name for trit in self.trits) for name, _ in self.values)

    def encode(self, numbers: Cell) -> Cell:
        """The trits of a cell of the stage before: one value number per field."""
        pairs = zip(numbers, self.widths(), strict=True)
        return tuple(trit for value, trits in pairs for trit in code(value, trits))

    def decode(self, cell: Cell) -> Cell:
        """The value numbers of a cell; the inverse of `encode`."""
        return tuple(number(piece) for piece in self._pieces(cell))

    def _pieces(self, cell: Cell) -> Iterator[tuple[int, ...]]:
        start = 0
        for trits in self.widths():
            yield cell[start : start + trits]
            start += trits


def local(cells: Cells) -> Local:
    """The function from a patch to the cell's next value. Raises InternalError when a trit leaves {-1, 0, +1}."""
    kept = tuple(trit.persists for trit in cells.trits)
    holding = matching(
        [[(literal.place, literal.trit, literal.values) for literal in conjunction.literals] for conjunction in cells.conjunctions]
    )
    changes = [conjunction.changes for conjunction in cells.conjunctions]

    def next_value(patch: Patch) -> Cell:
        new = [trit if keep else 0 for trit, keep in zip(patch[HERE], kept, strict=True)]
        for number in holding(patch):
            for trit, change in changes[number]:
                new[trit] += change
        if not all(-1 <= trit <= 1 for trit in new):
            raise InternalError(f"a trit leaves -1 … +1: {new}")
        return tuple(new)

    return next_value


def step(cells: Cells, lattice: Lattice) -> Lattice:
    """One layer."""
    return advance(local(cells), cells.border, lattice)


@cache
def _sign(trit: int) -> str:
    return {-1: "-1", 0: "0", 1: "+1"}[trit]


def show_literal(literal: TritLiteral, cells: Cells) -> str:
    """A literal in words, such as ``west.push.0 = +1``."""
    trit = cells.trits[literal.trit]
    subject = trit.name if literal.place == HERE else f"{PLACES[literal.place]}.{trit.name}"
    return f"{subject} = {' or '.join(_sign(value) for value in literal.values)}"
