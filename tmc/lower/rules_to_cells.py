"""Rules to cells: fields become trits, and each rule becomes the conjunctions that make the same changes.

What is preserved: encoding a lattice and taking a layer is the same as taking a layer and encoding.

A guard on a set of values becomes a few boxes of trits. For each, one conjunction adds what the rule always changes; where a change
depends on a trit - the old value of a field that is overwritten, the value that is copied - one more conjunction for each sign of
that trit adds the difference. Conjunctions that test the same trit share all they change:

    left := carry, carry := own left   becomes   … ∧ left = +1  =>  left -1, carry +1     (and so for -1, and for the carry)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

from tmc.ir.cells import Cells, Conjunction, Trit, TritLiteral, code, width
from tmc.ir.lattice import HERE
from tmc.ir.rules import Copy, Field, Guard, Literal, Rule, Rules, Write
from tmc.lower.boxes import boxes

Literals = tuple[TritLiteral, ...]
Cause = TritLiteral | None  # what a change depends on besides the rule's guard
Changes = dict[Cause, dict[int, int]]


def rules_to_cells(rules: Rules) -> Cells:
    """The same automaton on trits."""
    layout = _Layout(rules)
    return Cells(
        trits=layout.trits,
        conjunctions=tuple(conjunction for rule in rules.rules for conjunction in layout.conjunctions(rule)),
        transparent=tuple(literals for guard in rules.transparent for literals in layout.literals(guard)),
        values=tuple((field.name, field.values) for field in rules.fields),
    )


class _Layout:
    """Where each field's trits are."""

    def __init__(self, rules: Rules) -> None:
        self.numbers = {field.name: field.numbers() for field in rules.fields}
        self.widths = {field.name: width(len(field.values)) for field in rules.fields}
        self.starts: dict[str, int] = {}
        trits: list[Trit] = []
        for field in rules.fields:
            self.starts[field.name] = len(trits)
            trits += self._trits_of(field)
        self.trits = tuple(trits)
        self.ways: dict[Literal, tuple[Literals, ...]] = {}

    def _trits_of(self, field: Field) -> Iterator[Trit]:
        codes = [code(number, self.widths[field.name]) for number in self.numbers[field.name]]
        for digit in range(self.widths[field.name]):
            values = tuple(sorted({0, *(trits[digit] for trits in codes)}))
            yield Trit(field.name, digit, values, field.persists)

    def literals(self, guard: Guard) -> Iterator[Literals]:
        """The conjunctions of trit literals, disjoint, that together are this guard."""
        for pick in product(*map(self._ways, guard)):
            yield tuple(chain.from_iterable(pick))

    def _ways(self, literal: Literal) -> tuple[Literals, ...]:
        """A literal as trit literals: one of these conjunctions holds where it does."""
        if literal not in self.ways:
            name, start = literal.field, self.starts[literal.field]
            found = boxes(tuple(sorted(literal.values)), self.numbers[name], self.widths[name])
            self.ways[literal] = tuple(
                tuple(
                    TritLiteral(literal.place, start + digit, values)
                    for digit, values in enumerate(box)
                    if set(values) != set(self.trits[start + digit].values)
                )
                for box in found
            )
        return self.ways[literal]

    def conjunctions(self, rule: Rule) -> Iterator[Conjunction]:
        """The conjunctions of a rule."""
        for literals in self.literals(rule.guard):
            for cause, changes in self._changes(rule, literals).items():
                pairs = tuple(sorted((trit, change) for trit, change in changes.items() if change))
                if pairs:
                    yield Conjunction(rule.name, rule.line, _and(literals, cause), pairs)

    def _changes(self, rule: Rule, literals: Literals) -> Changes:
        """What changes always (cause None), and what changes for each sign of a trit that decides."""
        known = {(literal.place, literal.trit): literal.values for literal in literals}
        changes: Changes = {None: {}}
        for write in rule.writes:
            for digit in range(self.widths[write.field]):
                target = self.starts[write.field] + digit
                if self.trits[target].persists:
                    self._add(changes, known, HERE, target, target, -1)
                self._add_write(changes, known, write, digit)
        return _fold(changes, known)

    def _add_write(self, changes: Changes, known: dict[tuple[int, int], tuple[int, ...]], write: Write | Copy, digit: int) -> None:
        target = self.starts[write.field] + digit
        if isinstance(write, Copy):
            if digit < self.widths[write.source]:
                self._add(changes, known, write.place, self.starts[write.source] + digit, target, 1)
            return
        value = code(write.value, self.widths[write.field])[digit]
        changes[None][target] = changes[None].get(target, 0) + value

    def _add(
        self, changes: Changes, known: dict[tuple[int, int], tuple[int, ...]], place: int, trit: int, target: int, sign: int
    ) -> None:
        """Add `sign` times the trit at `place` to `target`: at once if the guard fixes it, else for each value it may have."""
        values = known.get((place, trit), self.trits[trit].values)
        for value in values:
            if value == 0:
                continue
            cause = None if len(values) == 1 else TritLiteral(place, trit, (value,))
            added = changes.setdefault(cause, {})
            added[target] = added.get(target, 0) + sign * value


def _fold(changes: Changes, known: dict[tuple[int, int], tuple[int, ...]]) -> Changes:
    """Let what changes always go along with the causes of a trit that, by the guard, is -1 or +1: one conjunction fewer."""
    for cause in tuple(changes):
        if cause is None or known.get((cause.place, cause.trit)) != (-1, 1):
            continue
        always = changes.pop(None)
        for sign in (-1, 1):
            added = changes.setdefault(TritLiteral(cause.place, cause.trit, (sign,)), {})
            for trit, change in always.items():
                added[trit] = added.get(trit, 0) + change
        break
    return changes


def _and(literals: Literals, cause: Cause) -> Literals:
    """The conjunction of both; a cause replaces what the literals already say of its trit."""
    if cause is None:
        return literals
    return (*(literal for literal in literals if (literal.place, literal.trit) != (cause.place, cause.trit)), cause)
