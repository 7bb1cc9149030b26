"""Sums of boxes: functions of a few small variables that are added up from constants on boxes, and the proof that one is 0.

A variable is a number, its values are ``0 … size - 1``. A *box* asks of some variables that they have one of a few values; sets of
values are bits of an integer. A *term* is a number wherever its box holds and 0 elsewhere.

    3·[x ∈ {0, 1}] + 1·[x = 2] - 1·[y = 0] …      is 0 everywhere if it is on every way through the classes of values that no
                                                   box of it tells apart
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Number = int | Fraction
Box = tuple[tuple[int, int], ...]  # variables, rising, each with the values that it may have, as bits
Term = tuple[Box, Number]
EVERYWHERE: Box = ()


def meet(one: Box, other: Box) -> Box | None:
    """What is in both boxes; None if nothing is."""
    both = dict(one)
    for variable, values in other:
        both[variable] = both.get(variable, values) & values
        if not both[variable]:
            return None
    return tuple(sorted(both.items()))


def within(one: Box, other: Box) -> bool:
    """Whether all of `one` is in `other`."""
    found = dict(one)
    return all(variable in found and not found[variable] & ~values for variable, values in other)


def added(terms: Iterable[Term]) -> list[Term]:
    """The same sum with one term per box, without zero terms."""
    total: dict[Box, Number] = {}
    for box, number in terms:
        total[box] = total.get(box, 0) + number
    return [(box, number) for box, number in total.items() if number]


@dataclass
class Proof:
    """A proof that sums of boxes are 0 outside the boxes `impossible`. `cases` counts the classes of assignments
    that were looked at one by one."""

    sizes: Sequence[int]
    impossible: Sequence[Box] = ()
    cases: int = 0
    _zero: set[frozenset[Term]] = field(default_factory=set)

    def counterexample(self, terms: Iterable[Term]) -> dict[int, int] | None:
        """Values of some variables for which the sum is not 0, whatever the others are; None if it is 0."""
        needed: list[Box] = []  # those of `impossible` that matter
        while True:
            self._zero.clear()
            found = self._search(added(terms := list(terms)), tuple(needed))
            if found is None:
                return None
            excluding = [box for box in self.impossible if box not in needed and _touches(box, found)]
            if not excluding:
                return {variable: (values & -values).bit_length() - 1 for variable, values in found.items()}
            needed.append(min(excluding, key=lambda box: sum(variable not in found for variable, _ in box)))

    def _search(self, terms: list[Term], impossible: tuple[Box, ...]) -> dict[int, int] | None:
        """Classes of values for which the sum is not 0; None if it is always 0."""
        if not terms or EVERYWHERE in impossible:
            self.cases += 1
            return None
        key = frozenset((*terms, *((box, 0) for box in impossible)))
        if key in self._zero:
            return None
        asked = Counter(variable for box, _ in terms for variable, _ in box)
        if not asked:  # what is left of it is a constant, and not 0
            asked = Counter(variable for box in impossible for variable, _ in box)
            if not asked:
                self.cases += 1
                return {}
        variable = max(asked, key=lambda candidate: (asked[candidate], -candidate))
        masks = {values for box in (*(box for box, _ in terms), *impossible) for asks, values in box if asks == variable}
        for values in classes(self.sizes[variable], masks):
            rest = added((left, number) for box, number in terms if (left := _given(box, variable, values)) is not None)
            still = tuple(left for box in impossible if (left := _given(box, variable, values)) is not None)
            found = self._search(rest, still)
            if found is not None:
                return {variable: values, **found}
        self._zero.add(key)
        return None


def classes(size: int, masks: Iterable[int]) -> list[int]:
    """The classes of values that these sets do not tell apart."""
    found = [(1 << size) - 1]
    for mask in masks:
        found = [part for values in found for part in (values & mask, values & ~mask) if part]
    return found


def _given(box: Box, variable: int, values: int) -> Box | None:
    """What a box still asks when a variable has one of these values, which it does not tell apart."""
    for asks, admitted in box:
        if asks == variable:
            return tuple(item for item in box if item[0] != variable) if admitted & values else None
    return box


def _touches(box: Box, found: Mapping[int, int]) -> bool:
    """Whether a box asks of what was found, and some of the assignments found are in it."""
    asked = [values & found[variable] for variable, values in box if variable in found]
    return bool(asked) and all(asked)
