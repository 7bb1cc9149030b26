"""Conflicts between rules: that no two may write one field of a cell at once is shown from their guards and the stated invariants.

Two guards exclude each other when they read one thing differently, or imply two members of an invariant. They still do with more
literals. So of guards that begin alike only the beginning is compared, and the rest where that is not enough: the work grows with
the number of rules, not with that of pairs.

    control = here, move = none, …     excludes      move = left      whatever follows
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

from tmc.diagnostics import InternalError
from tmc.ir.lattice import HERE
from tmc.ir.rules import Guard, Invariant, Literal, Rule, Rules

Thing = tuple[int, str]  # a place and a field


def validate(rules: Rules) -> None:
    """Check that no two rules can write one field at once, and no rule twice; InternalError names them.

    Rules that test the control's own state for different states are exclusive, so only rules of one state are compared, and rules
    of any state with all.
    """
    claims = Claims(rules.invariants)
    by_state: dict[int, list[_Writer]] = {}
    for rule in rules.rules:
        by_state.setdefault(_tested_state(rule), []).append(_writer(rule, claims))
    anywhere = by_state.get(_ANY, [])
    for writers in by_state.values():
        for one, other in combinations(writers, 2):
            if not (one.fields.isdisjoint(other.fields) or one.claim.excludes(other.claim)):
                raise _conflict(one, other)
    tree = _Tree(claims.of(()))
    for writer in (writer for state, writers in by_state.items() if state != _ANY for writer in writers):
        tree.add(claims, writer)
    for other in anywhere:
        for one in tree.meeting(other.claim):
            if not one.fields.isdisjoint(other.fields):
                raise _conflict(one, other)


def exclusive(one: Guard, other: Guard, invariants: Iterable[Invariant] = ()) -> bool:
    """Whether no patch satisfies both: they read one thing differently, or imply two members of an invariant."""
    claims = Claims(tuple(invariants))
    return claims.of(one).excludes(claims.of(other))


def implies(guard: Guard, conclusion: Guard) -> bool:
    """Whether every literal of `conclusion` follows from one literal of `guard`."""
    return all(
        any(
            literal.place == goal.place and literal.field == goal.field and set(literal.values) <= set(goal.values)
            for literal in guard
        )
        for goal in conclusion
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """What a guard says: the values that it admits of what it reads, and the members of each invariant that it implies."""

    values: dict[Thing, frozenset[int]]
    members: tuple[frozenset[int], ...]

    def excludes(self, other: Claim) -> bool:
        """Whether no patch can satisfy both guards."""
        for thing, values in other.values.items():
            if thing in self.values and values.isdisjoint(self.values[thing]):
                return True
        return any(ours and theirs and len(ours | theirs) > 1 for ours, theirs in zip(self.members, other.members, strict=True))


class Claims:
    """What guards say where some invariants hold."""

    def __init__(self, invariants: tuple[Invariant, ...]) -> None:
        self._invariants = invariants
        self._mentioned = {(x.place, x.field) for invariant in invariants for member in invariant.members for x in member}
        self._members: dict[Guard, tuple[frozenset[int], ...]] = {}

    def of(self, guard: Guard) -> Claim:
        """What this guard says."""
        values: dict[Thing, frozenset[int]] = {}
        decisive = []  # the literals on which it depends what the guard implies
        for literal in guard:
            thing = (literal.place, literal.field)
            values[thing] = values[thing].intersection(literal.values) if thing in values else _admitted(literal.values)
            if thing in self._mentioned:
                decisive.append(literal)
        return Claim(values, self._implied(tuple(decisive)))

    def _implied(self, guard: Guard) -> tuple[frozenset[int], ...]:
        if guard not in self._members:
            self._members[guard] = tuple(
                frozenset(number for number, member in enumerate(invariant.members) if implies(guard, member))
                for invariant in self._invariants
            )
        return self._members[guard]


@cache
def _admitted(values: tuple[int, ...]) -> frozenset[int]:
    return frozenset(values)


@dataclass(frozen=True, slots=True)
class _Writer:
    """A rule with the fields that it writes and what its guard says."""

    rule: Rule
    fields: frozenset[str]
    claim: Claim


def _writer(rule: Rule, claims: Claims) -> _Writer:
    fields = frozenset(write.field for write in rule.writes)
    if len(fields) < len(rule.writes):
        raise InternalError(f"rule `{rule.name}` writes one field twice")
    return _Writer(rule, fields, claims.of(rule.guard))


@dataclass(frozen=True, slots=True)
class _Tree:
    """Rules whose guards begin alike, if their tests for a state are left out. `claim` is what that beginning says; `writers` are
    the rules of which it is all."""

    claim: Claim
    writers: list[_Writer] = field(default_factory=list)
    longer: dict[Literal, _Tree] = field(default_factory=dict)

    def add(self, claims: Claims, writer: _Writer) -> None:
        """Add a rule."""
        guard = [literal for literal in writer.rule.guard if not _tests_state(literal)]
        node = self
        for count, literal in enumerate(guard, 1):
            if literal not in node.longer:
                node.longer[literal] = _Tree(claims.of(tuple(guard[:count])))
            node = node.longer[literal]
        node.writers.append(writer)

    def meeting(self, claim: Claim) -> Iterator[_Writer]:
        """The rules whose guards do not exclude this claim."""
        if not self.claim.excludes(claim):
            yield from (writer for writer in self.writers if not writer.claim.excludes(claim))
            for longer in self.longer.values():
                yield from longer.meeting(claim)


_ANY = -1  # in place of a state: a rule that does not test for one


def _tested_state(rule: Rule) -> int:
    return next((literal.values[0] for literal in rule.guard if _tests_state(literal) and len(literal.values) == 1), _ANY)


def _tests_state(literal: Literal) -> bool:
    return literal.place == HERE and literal.field == "state"


def _conflict(one: _Writer, other: _Writer) -> InternalError:
    shared = next(write.field for write in one.rule.writes if write.field in other.fields)
    return InternalError(f"rules `{one.rule.name}` and `{other.rule.name}` may both write {shared}")
