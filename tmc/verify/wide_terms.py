"""What the local rules say of a cell's next trits, as sums of boxes over the fields of its patch.

A field of a neighbour is a variable, and every box is a guard. A trit that persists is what it was; a rule that writes its field
adds, where its guard holds, the trit of what is written, less what would have stayed. As no two rules write a field at once, these
sums are the next trits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from tmc.ir.cells import code, width
from tmc.ir.lattice import HERE, PLACES
from tmc.ir.rules import Guard, Invariant, Rule, Rules, Write
from tmc.verify.boxes import EVERYWHERE, Box, Term, meet
from tmc.verify.unit_terms import Floats, InputVariable

Placed = tuple[Box, Term]  # a term, and the box that it goes with


@dataclass(frozen=True)
class WidePatches:
    """The patches of the target `wide`, in which `invariants` hold: variable ``place * fields + field`` is a field of the cell at a
    place, its value number `i` is the field's value ``numbers[field][i]``."""

    rules: Rules
    invariants: tuple[Invariant, ...]

    @cached_property
    def numbers(self) -> tuple[tuple[int, ...], ...]:
        """The values of each field that occur."""
        return tuple(field.numbers() for field in self.rules.fields)

    @cached_property
    def sizes(self) -> list[int]:
        """The number of values of each variable."""
        return [len(numbers) for numbers in self.numbers] * len(PLACES)

    @cached_property
    def variables(self) -> list[InputVariable]:
        """The fields of a patch as the network's inputs have them: trits."""
        found = []
        for place, name in enumerate(PLACES):
            first = 0
            for field, numbers in zip(self.rules.fields, self.numbers, strict=True):
                trits = width(len(field.values))
                inputs = tuple((first + digit) * len(PLACES) + place for digit in range(trits))
                values = np.array([code(number, trits) for number in numbers], dtype=np.float64).reshape(len(numbers), trits)
                found.append(InputVariable(f"{name}.{field.name}", inputs, values))
                first += trits
        return found

    @property
    def occurring(self) -> list[tuple[tuple[int, ...], Floats]]:
        """By variable: the network's inputs, and all that they may be."""
        return [(variable.inputs, variable.values) for variable in self.variables]

    @cached_property
    def impossible(self) -> list[Box]:
        """What no patch is in: two members of an invariant at once."""
        found = []
        for invariant in self.invariants:
            for one, other in combinations(map(self.box, invariant.members), 2):
                both = None if one is None or other is None else meet(one, other)
                found += [] if both is None else [both]
        return found

    @cached_property
    def _trits(self) -> tuple[tuple[int, int], ...]:
        return tuple((index, digit) for index, field in enumerate(self.rules.fields) for digit in range(width(len(field.values))))

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels."""
        return tuple(f"{self.rules.fields[field].name}.{digit}" for field, digit in self._trits)

    def expected(self, channel: int) -> Iterator[Placed]:
        """What a trit is next, by the rules, each of which has a box of its own."""
        field, digit = self._trits[channel]
        for term in self._persistence(field, digit):
            yield EVERYWHERE, term
        for rule in self.rules.rules:
            box = self.box(rule.guard)
            for term in self._changes(rule, field, digit) if box is not None else ():
                yield box or EVERYWHERE, term

    def describe(self, values: dict[int, int]) -> tuple[tuple[str, str, str], ...]:
        """The fields that have these values, by place and name."""
        count, described = len(self.rules.fields), []
        for variable, value in sorted(values.items()):
            field = self.rules.fields[variable % count]
            described.append((PLACES[variable // count], field.name, field.values[self.numbers[variable % count][value]]))
        return tuple(described)

    def _variable(self, place: int, name: str) -> int:
        """The variable of a field of the cell at a place."""
        return place * len(self.rules.fields) + self.rules.index(name)

    def box(self, guard: Guard) -> Box | None:
        """Where a guard holds; None if nowhere."""
        found: Box | None = ()
        for literal in guard:
            numbers = self.numbers[self.rules.index(literal.field)]
            values = sum(1 << index for index, number in enumerate(numbers) if number in literal.values)
            if values != (1 << len(numbers)) - 1:
                found = meet(found or (), ((self._variable(literal.place, literal.field), values),)) if values else None
            if found is None:
                return None
        return found

    def _persistence(self, field: int, digit: int) -> Iterator[Term]:
        """What a trit of a field is next if no rule writes it."""
        if self.rules.fields[field].persists:
            yield from self._trit((), self._variable(HERE, self.rules.fields[field].name), field, digit, 1)

    def _changes(self, rule: Rule, field: int, digit: int) -> Iterator[Term]:
        """What a rule adds to that."""
        name, box = self.rules.fields[field].name, self.box(rule.guard)
        for write in rule.writes:
            if write.field != name or box is None:
                continue
            if self.rules.fields[field].persists:
                yield from self._trit(box, self._variable(HERE, name), field, digit, -1)
            if isinstance(write, Write):
                yield box, code(write.value, self._width(field))[digit]
            else:
                source = self.rules.index(write.source)
                yield from self._trit(box, self._variable(write.place, write.source), source, digit, 1, self._width(field))

    def _trit(self, box: Box, variable: int, field: int, digit: int, factor: int, trits: int = 0) -> Iterator[Term]:
        """A trit of the value of a variable within a box, so many times; the value is coded in so many trits."""
        for index, number in enumerate(self.numbers[field]):
            trit = code(number, trits or self._width(field))[digit]
            inside = meet(box, ((variable, 1 << index),)) if trit else None
            if inside is not None:
                yield inside, factor * trit

    def _width(self, field: int) -> int:
        return width(len(self.rules.fields[field].values))
