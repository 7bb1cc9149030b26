"""Conflicts between rules: that no two may write one field of a cell at once is shown from their guards and the stated invariants.

Two guards exclude each other when they read one thing differently, or imply two members of an invariant. What a guard excludes is
kept as bits of one number, so two guards are compared in a few operations, and guards that are the same but for the state they
test are compared with others once. Where the bits do not tell, the guards themselves do.

    control = here, move = none, …     excludes      move = left      whatever follows
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations

from tmc.diagnostics import InternalError
from tmc.frozen import frozen
from tmc.ir.lattice import HERE
from tmc.ir.rules import Guard, Invariant, Literal, Rule, Rules

Thing = tuple[int, str]  # a place and a field
MOST_VALUES = 256  # of a thing, to be compared by bits
Writer = tuple[Rule, int, int]  # a rule, the fields that it writes and what its guard excludes, both as bits


def validate(rules: Rules) -> None:
    """Check that no two rules can write one field at once, and no rule twice; InternalError names them.

    Rules that test the control's own state for different states are exclusive, so only rules of one state are compared, and rules
    of any state with all.
    """
    claims, bits = Claims(rules.invariants), _Bits(rules)
    by_state: dict[int, list[Writer]] = {}
    alike: dict[int, list[Writer]] = {}  # rules that test for a state, by what they exclude besides
    for rule in rules.rules:
        state, excluded = bits.of_guard(rule.guard)
        writer = (rule, bits.of_writes(rule), excluded)
        by_state.setdefault(state, []).append(writer)
        if state != _ANY:
            alike.setdefault(excluded, []).append(writer)
    lowest, highest = bits.lowest, bits.highest
    for writers in by_state.values():
        for one, other in combinations(writers, 2):
            if one[1] & other[1] and not ((one[2] | other[2]) + lowest) & highest:
                _compare(one[0], other[0], claims)
    for other in by_state.get(_ANY, []):
        for excluded, writers in alike.items():
            if not ((excluded | other[2]) + lowest) & highest:
                for one in writers:
                    if one[1] & other[1]:
                        _compare(one[0], other[0], claims)


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


@frozen
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
        self.invariants = invariants
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
                for invariant in self.invariants
            )
        return self._members[guard]


@cache
def _admitted(values: tuple[int, ...]) -> frozenset[int]:
    return frozenset(values)


class _Bits:
    """What guards exclude, as bits: for every thing that is read a bit for each value, for every invariant one for each member.

    Two guards exclude each other if together they exclude all values of a thing, or all members of an invariant. Each of these has
    a segment of the number, with one more bit above: adding 1 at the `lowest` bits of all segments carries into their `highest`
    ones where a segment is full. Things of more than `MOST_VALUES` values are left out.
    """

    def __init__(self, rules: Rules) -> None:
        self.lowest = self.highest = 0
        self._end = 0
        self._sizes = {field.name: len(field.values) for field in rules.fields}
        self._starts: dict[Thing, int | None] = {}
        self._claims = Claims(rules.invariants)
        self._members = [self._segment(len(invariant.members) or 1) for invariant in rules.invariants]
        self._literals: dict[int, int] = {}  # by the identity of the literal: rules share theirs
        self._guards: dict[tuple[int, ...], int] = {}
        self._fields = {field.name: 1 << number for number, field in enumerate(rules.fields)}

    def of_guard(self, guard: Guard) -> tuple[int, int]:
        """The state that a guard tests for, and what it excludes besides."""
        for index, literal in enumerate(guard):
            if _tests_state(literal) and len(literal.values) == 1:
                return literal.values[0], self._of_rest(guard[:index] + guard[index + 1 :])
        return _ANY, self._of_rest(guard)

    def of_writes(self, rule: Rule) -> int:
        """The fields that a rule writes."""
        written = 0
        for write in rule.writes:
            field = self._fields[write.field]
            if written & field:
                raise InternalError(f"rule `{rule.name}` writes one field twice")
            written |= field
        return written

    def _of_rest(self, guard: Guard) -> int:
        key = tuple(map(id, guard))
        if key not in self._guards:
            self._guards[key] = self._excluded(guard)
        return self._guards[key]

    def _excluded(self, guard: Guard) -> int:
        excluded = 0
        for literal in guard:
            if id(literal) not in self._literals:
                self._literals[id(literal)] = self._of_literal(literal)
            excluded |= self._literals[id(literal)]
        for start, invariant, implied in zip(self._members, self._claims.invariants, self._claims.of(guard).members, strict=True):
            if len(implied) == 1:
                excluded |= ((1 << len(invariant.members)) - 1 ^ 1 << min(implied)) << start
        return excluded

    def _of_literal(self, literal: Literal) -> int:
        thing, size = (literal.place, literal.field), self._sizes[literal.field]
        if thing not in self._starts:
            self._starts[thing] = self._segment(size) if size <= MOST_VALUES else None
        start = self._starts[thing]
        return 0 if start is None else ((1 << size) - 1 ^ sum(1 << value for value in set(literal.values))) << start

    def _segment(self, size: int) -> int:
        """The lowest bit of a new segment."""
        start, self._end = self._end, self._end + size + 1
        self.lowest |= 1 << start
        self.highest |= 1 << start + size
        return start


_ANY = -1  # in place of a state: a rule that does not test for one


def _tests_state(literal: Literal) -> bool:
    return literal.place == HERE and literal.field == "state"


def _compare(one: Rule, other: Rule, claims: Claims) -> None:
    """InternalError if two rules that write one field do not exclude each other."""
    if not claims.of(one.guard).excludes(claims.of(other.guard)):
        fields = {write.field for write in other.writes}
        shared = next(write.field for write in one.writes if write.field in fields)
        raise InternalError(f"rules `{one.name}` and `{other.name}` may both write {shared}")
