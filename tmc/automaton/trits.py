"""Where each field's trits are in a cell, and what fields' values are in trits."""

from __future__ import annotations

from collections.abc import Iterator

from tmc.automaton.boxes import boxes
from tmc.ir.cells import Trit, TritLiteral, code, width
from tmc.ir.rules import Field, Literal, Rules

Literals = tuple[TritLiteral, ...]
Change = tuple[int, int]  # a trit, and what is added to it


class Trits:
    """The trits of a machine's cells. Literals and changes that say the same are one object: conjunctions are many."""

    def __init__(self, rules: Rules) -> None:
        self.numbers = {field.name: field.numbers() for field in rules.fields}
        self.widths = {field.name: width(len(field.values)) for field in rules.fields}
        self.starts: dict[str, int] = {}
        trits: list[Trit] = []
        for field in rules.fields:
            self.starts[field.name] = len(trits)
            trits += self._trits_of(field)
        self.trits = tuple(trits)
        self._literals: dict[tuple[int, int, tuple[int, ...]], TritLiteral] = {}
        self._changes = [tuple((trit, change) for change in (0, 1, 2, -2, -1)) for trit in range(len(trits))]
        self._boxes: dict[int, tuple[Literals, ...]] = {}  # by the identity of the literal: rules share theirs

    def _trits_of(self, field: Field) -> Iterator[Trit]:
        codes = [code(number, self.widths[field.name]) for number in self.numbers[field.name]]
        for digit in range(self.widths[field.name]):
            values = tuple(sorted({0, *(trits[digit] for trits in codes)}))
            yield Trit(field.name, digit, values, field.persists)

    def literal(self, place: int, trit: int, values: tuple[int, ...]) -> TritLiteral:
        """The literal that says this."""
        key = (place, trit, values)
        if key not in self._literals:
            self._literals[key] = TritLiteral(*key)
        return self._literals[key]

    def change(self, trit: int, change: int) -> Change:
        """The change that is this."""
        return self._changes[trit][change] if -2 <= change <= 2 else (trit, change)

    def changes(self, field: str, before: int, after: int) -> list[Change]:
        """What changes when a field becomes one value that was another."""
        start, trits = self.starts[field], self.widths[field]
        pairs = zip(self._changes[start : start + trits], code(before, trits), code(after, trits), strict=True)
        return [shared[new - old] for shared, old, new in pairs if old != new]

    def boxes_of(self, literal: Literal) -> tuple[Literals, ...]:
        """A literal of a rule as literals of trits: one of these conjunctions holds where it does."""
        if id(literal) not in self._boxes:
            name, start = literal.field, self.starts[literal.field]
            found = boxes(tuple(sorted(literal.values)), self.numbers[name], self.widths[name])
            self._boxes[id(literal)] = tuple(
                tuple(
                    self.literal(literal.place, start + digit, values)
                    for digit, values in enumerate(box)
                    if values != self.trits[start + digit].values
                )
                for box in found
            )
        return self._boxes[id(literal)]
