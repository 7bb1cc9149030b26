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

from tmc.automaton.trits import Change, Literals, Trits
from tmc.frozen import frozen
from tmc.ir.cells import Cells, Conjunction, TritLiteral, code
from tmc.ir.lattice import HERE
from tmc.ir.rules import Copy, Guard, Literal, Rule, Rules, Write

Thing = tuple[int, str]  # a place and a field
Cause = TritLiteral | None  # what a change depends on besides the rule's guard

STATE = (HERE, "state")
NOTHING: Literals = ()


def rules_to_cells(rules: Rules) -> Cells:
    """The same automaton on trits."""
    lowering = _CellLowering(rules)
    return Cells(
        trits=lowering.trits.trits,
        conjunctions=tuple(conjunction for rule in rules.rules for conjunction in lowering.conjunctions(rule)),
        transparent=tuple(way.before for guard in rules.transparent for way in lowering.ways(guard, len(guard))),
        values=tuple((field.name, field.values) for field in rules.fields),
        files=rules.files,
    )


@frozen
class _Alternative:
    """One way for a guard to hold, its test for a state left out: the literals before and after that, and all by what they test."""

    before: Literals
    after: Literals
    by_thing: dict[Thing, Literals]


@frozen
class _TritChange:
    """What a write changes where `cause` holds. `decides`: whether the rule's guard says that this trit is -1 or +1."""

    cause: TritLiteral
    decides: bool
    changes: tuple[Change, ...]


class _CellLowering:
    """Lowers rules, and remembers what it found out about parts of guards and about writes.

    Rules share these, so they are known by their identity. Only the test for a state differs in most rules: it is taken by itself.
    """

    def __init__(self, rules: Rules) -> None:
        self.trits = Trits(rules)
        self._ways: dict[tuple[int, ...], tuple[_Alternative, ...]] = {}
        self._effects: dict[tuple[int, int, int], tuple[list[Change], list[_TritChange]]] = {}

    def ways(self, guard: Guard, at: int) -> tuple[_Alternative, ...]:
        """The conjunctions of trit literals, disjoint, that together are this guard; what was at `at` is left out."""
        key = (at, *map(id, guard))
        if key not in self._ways:
            self._ways[key] = tuple(_way(guard, pick, at) for pick in product(*map(self.trits.boxes_of, guard)))
        return self._ways[key]

    def conjunctions(self, rule: Rule) -> Iterator[Conjunction]:
        """The conjunctions of a rule."""
        guard, own = rule.guard, NOTHING
        at = next((index for index, literal in enumerate(guard) if _is_state(literal)), len(guard))
        if at < len(guard):
            own, guard = self.trits.boxes_of(guard[at])[0], guard[:at] + guard[at + 1 :]
        for way in self.ways(guard, at):
            literals = way.before + own + way.after
            always, effects = self._effects_in(rule, at, way, own)
            if effects:
                for cause, changes in self._by_cause(always, effects):
                    yield Conjunction(rule.name, rule.line, literals if cause is None else _and(literals, cause), changes)
            elif always:
                always.sort()
                yield Conjunction(rule.name, rule.line, literals, tuple(always))

    def _effects_in(self, rule: Rule, at: int, way: _Alternative, own: Literals) -> tuple[list[Change], list[_TritChange]]:
        """What a rule changes always, and what it changes besides for each sign of a trit on which that depends."""
        always: list[Change] = []
        effects: list[_TritChange] = []
        for write in rule.writes:
            if own and write.field == "state" and isinstance(write, Write):
                always += self.trits.changes("state", rule.guard[at].values[0], write.value)
                continue
            target = own if own and write.field == "state" else way.by_thing.get((HERE, write.field), NOTHING)
            source = NOTHING
            if isinstance(write, Copy):
                thing = (write.place, write.source)
                source = own if own and thing == STATE else way.by_thing.get(thing, NOTHING)
            key = (id(write), id(target), id(source))
            if key not in self._effects:
                self._effects[key] = self._effects_of(write, target + source)
            fixed, decided = self._effects[key]
            always += fixed
            effects += decided
        return always, effects

    def _effects_of(self, write: Write | Copy, guard: Literals) -> tuple[list[Change], list[_TritChange]]:
        """What a write changes where these literals hold."""
        layout, changes = self.trits, _Changes(self.trits, guard)
        for digit in range(layout.widths[write.field]):
            target = layout.starts[write.field] + digit
            if layout.trits[target].persists:
                changes.add(HERE, target, target, -1)
            if isinstance(write, Write):
                changes.always[target] = changes.always.get(target, 0) + code(write.value, layout.widths[write.field])[digit]
            elif digit < layout.widths[write.source]:
                changes.add(write.place, layout.starts[write.source] + digit, target, 1)
        return [layout.change(*change) for change in changes.always.items() if change[1]], changes.effects()

    def _by_cause(self, always: list[Change], effects: list[_TritChange]) -> Iterator[tuple[Cause, tuple[Change, ...]]]:
        """The effects that have one cause, together.

        What changes always goes along with the causes of a trit that, by the guard, is -1 or +1: one conjunction fewer.
        """
        by_cause: dict[int, list[Change]] = {}
        causes: dict[int, TritLiteral] = {}
        folded = None
        for effect in effects:
            by_cause.setdefault(id(effect.cause), []).extend(effect.changes)
            causes[id(effect.cause)] = effect.cause
            folded = effect.cause if folded is None and effect.decides else folded
        if folded is not None:
            for sign in (-1, 1):
                cause = self.trits.literal(folded.place, folded.trit, (sign,))
                by_cause.setdefault(id(cause), []).extend(always)
                causes[id(cause)] = cause
        elif always:
            yield None, tuple(sorted(always))
        for key, changes in by_cause.items():
            summed = self._summed(changes)
            if summed:
                yield causes[key], summed

    def _summed(self, changes: list[Change]) -> tuple[Change, ...]:
        """The changes of each trit added up."""
        sums: dict[int, int] = {}
        for trit, change in changes:
            sums[trit] = sums.get(trit, 0) + change
        return tuple([self.trits.change(*change) for change in sorted(sums.items()) if change[1]])


class _Changes:
    """What changes where some literals hold: always, and for each sign of a trit that they leave open."""

    def __init__(self, trits: Trits, guard: Literals) -> None:
        self.trits = trits
        self.known = {(literal.place, literal.trit): literal.values for literal in guard}
        self.always: dict[int, int] = {}
        self.by_cause: dict[TritLiteral, dict[int, int]] = {}

    def add(self, place: int, trit: int, target: int, sign: int) -> None:
        """Add `sign` times the trit at `place` to `target`: at once if the guard fixes it, else for each value it may have."""
        values = self.known.get((place, trit), self.trits.trits[trit].values)
        for value in filter(None, values):
            cause = self.trits.literal(place, trit, (value,))
            added = self.always if len(values) == 1 else self.by_cause.setdefault(cause, {})
            added[target] = added.get(target, 0) + sign * value

    def effects(self) -> list[_TritChange]:
        """What changes by causes."""
        return [
            _TritChange(cause, self.known.get((cause.place, cause.trit)) == (-1, 1), tuple(changes.items()))
            for cause, changes in self.by_cause.items()
        ]


def _way(guard: Guard, pick: tuple[Literals, ...], at: int) -> _Alternative:
    by_thing: dict[Thing, Literals] = {}
    for literal, literals in zip(guard, pick, strict=True):
        thing = (literal.place, literal.field)
        by_thing[thing] = by_thing.get(thing, NOTHING) + literals
    return _Alternative(tuple(chain.from_iterable(pick[:at])), tuple(chain.from_iterable(pick[at:])), by_thing)


def _and(literals: Literals, cause: TritLiteral) -> Literals:
    """The conjunction of both; a cause replaces what the literals already say of its trit."""
    place, trit = cause.place, cause.trit
    kept = [literal for literal in literals if literal.trit != trit or literal.place != place]
    kept.append(cause)
    return tuple(kept)


def _is_state(literal: Literal) -> bool:
    return literal.field == "state" and literal.place == HERE and len(literal.values) == 1
