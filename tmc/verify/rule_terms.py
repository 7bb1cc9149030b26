"""What the local rules say of a cell's next trits, as sums of boxes over the fields of its patch.

A field of a neighbour is a variable, and every box is a guard. A trit that persists is what it was; a rule that writes its field
adds, where its guard holds, the trit of what is written, less what would have stayed. As no two rules write a field at once, these
sums are the next trits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tmc.ir.cells import code, width
from tmc.ir.lattice import HERE
from tmc.ir.rules import Guard, Rule, Rules, Write
from tmc.verify.boxes import Box, Term, meet

PLACES = 9


@dataclass(frozen=True, slots=True)
class Wide:
    """The variables of the target `wide`: variable ``place * fields + field`` is a field of the cell at a place, its value number
    `i` is the field's value ``numbers[field][i]``."""

    rules: Rules

    @property
    def numbers(self) -> tuple[tuple[int, ...], ...]:
        """The values of each field that occur."""
        return tuple(field.numbers() for field in self.rules.fields)

    def sizes(self) -> list[int]:
        """The number of values of each variable."""
        return [len(numbers) for numbers in self.numbers] * PLACES

    def variable(self, place: int, name: str) -> int:
        """The variable of a field of the cell at a place."""
        return place * len(self.rules.fields) + self.rules.index(name)

    def box(self, guard: Guard) -> Box | None:
        """Where a guard holds; None if nowhere."""
        found: Box | None = ()
        for literal in guard:
            numbers = self.numbers[self.rules.index(literal.field)]
            values = sum(1 << index for index, number in enumerate(numbers) if number in literal.values)
            if values != (1 << len(numbers)) - 1:
                found = meet(found or (), ((self.variable(literal.place, literal.field), values),)) if values else None
            if found is None:
                return None
        return found

    def persistence(self, field: int, digit: int) -> Iterator[Term]:
        """What a trit of a field is next if no rule writes it."""
        if self.rules.fields[field].persists:
            yield from self._trit((), self.variable(HERE, self.rules.fields[field].name), field, digit, 1)

    def changes(self, rule: Rule, field: int, digit: int) -> Iterator[Term]:
        """What a rule adds to that."""
        name, box = self.rules.fields[field].name, self.box(rule.guard)
        for write in rule.writes:
            if write.field != name or box is None:
                continue
            if self.rules.fields[field].persists:
                yield from self._trit(box, self.variable(HERE, name), field, digit, -1)
            if isinstance(write, Write):
                yield box, code(write.value, self._width(field))[digit]
            else:
                source = self.rules.index(write.source)
                yield from self._trit(box, self.variable(write.place, write.source), source, digit, 1, self._width(field))

    def _trit(self, box: Box, variable: int, field: int, digit: int, factor: int, trits: int = 0) -> Iterator[Term]:
        """A trit of the value of a variable within a box, so many times; the value is coded in so many trits."""
        for index, number in enumerate(self.numbers[field]):
            trit = code(number, trits or self._width(field))[digit]
            inside = meet(box, ((variable, 1 << index),)) if trit else None
            if inside is not None:
                yield inside, factor * trit

    def _width(self, field: int) -> int:
        return width(len(self.rules.fields[field].values))
