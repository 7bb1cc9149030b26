"""Builds graphs of AND gates, simplifying as it goes.

Up to `EXHAUSTIVE` inputs, the builder knows what each wire is in every single case. A wire that is constant then *is* the constant,
so that nothing is built for what cannot happen; and with `merge`, two wires that are always equal are one. With more inputs only
what two levels of gates show is simplified.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tmc.circuits.graph import FALSE, TRUE, Graph, Literal, all_cases, needed
from tmc.diagnostics import Rejected

EXHAUSTIVE = 14  # inputs of a circuit all of whose cases are looked at
MOST_GATES = 2_000_000


class Gates:
    """A graph that grows."""

    def __init__(self, inputs: Sequence[str], *, merge: bool = True) -> None:
        self.names = tuple(inputs)
        self.first_gate = 1 + len(self.names)
        self.gates: list[tuple[Literal, Literal]] = []
        self.knows_all = len(self.names) <= EXHAUSTIVE
        self._known: dict[tuple[Literal, Literal], Literal] = {}
        self._full = (1 << (1 << len(self.names))) - 1 if self.knows_all else 0
        self._cases = [0, *all_cases(len(self.names))] if self.knows_all else []
        self._by_cases = {word: 2 * variable for variable, word in enumerate(self._cases)} if merge else {}
        self._merge = merge and self.knows_all

    def input(self, name: str) -> Literal:
        """The literal of an input."""
        return 2 * (1 + self.names.index(name))

    def both(self, left: Literal, right: Literal) -> Literal:
        """The conjunction."""
        if left > right:
            left, right = right, left
        if left == FALSE or left == right ^ 1:
            return FALSE
        if left in (TRUE, right):
            return right
        known = self._known.get((left, right))
        if known is None:
            known = self._simplified(left, right)
            self._known[left, right] = known
        return known

    def either(self, left: Literal, right: Literal) -> Literal:
        """The disjunction."""
        return self.both(left ^ 1, right ^ 1) ^ 1

    def any_of(self, literals: Iterable[Literal]) -> Literal:
        """The disjunction of some, as a balanced tree; false for none."""
        row = list(literals)
        while len(row) > 1:
            last = row[-1:] if len(row) % 2 else []
            row = [self.either(one, other) for one, other in zip(row[::2], row[1::2], strict=False)] + last
        return row[0] if row else FALSE

    def graph(self, outputs: Sequence[tuple[str, Literal]], name: str) -> Graph:
        """The graph of some outputs."""
        return needed(Graph(self.names, tuple(self.gates), tuple(outputs), name))

    def _simplified(self, left: Literal, right: Literal) -> Literal:
        if self.knows_all:
            return self._by_all_cases(left, right)
        for one, other in ((left, right), (right, left)):
            found = self._by_parts(one, other)
            if found is not None:
                return found
        return self._new(left, right)

    def _by_all_cases(self, left: Literal, right: Literal) -> Literal:
        a, b = self._word(left), self._word(right)
        word = a & b
        if word == 0:
            return FALSE
        if word in (a, b):
            return left if word == a else right
        if self._merge:
            if word in self._by_cases:
                return self._by_cases[word]
            if word ^ self._full in self._by_cases:
                return self._by_cases[word ^ self._full] ^ 1
        literal = self._new(left, right)
        self._cases.append(word)
        if self._merge:
            self._by_cases[word] = literal
        return literal

    def _word(self, literal: Literal) -> int:
        word = self._cases[literal >> 1]
        return word ^ self._full if literal & 1 else word

    def _by_parts(self, one: Literal, other: Literal) -> Literal | None:
        """What `one` and `other` come to if the gate of `other` shows it."""
        if other >> 1 < self.first_gate:
            return None
        left, right = self.gates[(other >> 1) - self.first_gate]
        if not other & 1:
            return other if one in (left, right) else FALSE if one ^ 1 in (left, right) else None
        if one ^ 1 in (left, right):
            return one
        if one in (left, right):
            return self.both(one, (right if one == left else left) ^ 1)
        return self._common(one, left, right)

    def _common(self, one: Literal, left: Literal, right: Literal) -> Literal | None:
        """Neither a ∧ b nor a ∧ ¬b is: not a."""
        if not one & 1 or one >> 1 < self.first_gate:
            return None
        parts = self.gates[(one >> 1) - self.first_gate]
        if left in parts and right ^ 1 in parts:
            return left ^ 1
        return right ^ 1 if right in parts and left ^ 1 in parts else None

    def _new(self, left: Literal, right: Literal) -> Literal:
        if len(self.gates) == MOST_GATES:
            raise Rejected(f"the circuit takes more than {MOST_GATES} gates; use fewer examples or features")
        self.gates.append((left, right))
        return 2 * (self.first_gate + len(self.gates) - 1)
