"""What the digits of each place are asked: which sets their codes are in, and which codes they are.

The rules on digits ask the same again and again, or almost: of two literals that agree wherever both must be right, one *test*
will do. A *value* is a digit whose code some change adds up. The state, the last digit, is treated apart: for it the rest of the
number must be taken away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tmc.frozen import frozen
from tmc.ir.lattice import HERE, PLACES
from tmc.targets.scalar.digit_rules import DigitLiteral, DigitRule, Term
from tmc.targets.scalar.digits import CONTROL_DIGIT, STATE


@frozen
class Value:
    """A digit whose code is used where the cell is of one of the sorts `domain`. `thirds`: for the digit `raw`, which is worth a
    third."""

    digit: str
    domain: frozenset[int]
    thirds: bool


@frozen
class Questions:
    """What is asked of the cell at a place. `through`: the sorts for which the state is, or, while the memory is learnt, the number
    itself; `states`: whether that is tested, and not only passed on."""

    place: int
    tests: tuple[DigitLiteral, ...]
    values: tuple[Value, ...]
    through: frozenset[int]
    states: bool

    @property
    def name(self) -> str:
        """The place's."""
        return PLACES[self.place]


def in_thirds(term: Term) -> bool:
    """Whether a term adds up thirds: a raw cell's number becomes, or stays, a raw cell's."""
    return term.target == "raw"


def questions_of(rules: Iterable[DigitRule], kept: tuple[str, ...], everywhere: frozenset[int]) -> tuple[Questions, ...]:
    """What rules ask of each place. The digits `kept` of a cell's own number are always needed, whatever the cell
    (`everywhere`)."""
    rules = tuple(rules)
    literals = {literal for rule in rules for literal in rule.literals}
    tests: dict[int, list[DigitLiteral]] = {HERE: []}
    for literal in sorted((x for x in literals if x.digit not in (STATE, CONTROL_DIGIT)), key=_order):
        _add(tests.setdefault(literal.place, []), literal)
    values: dict[int, dict[tuple[str, bool], frozenset[int]]] = {HERE: {(d, d == "raw"): everywhere for d in kept}}
    through: dict[int, frozenset[int]] = {HERE: everywhere}
    for place, term, domain in sorted(_uses(rules), key=lambda use: use[:2]):
        if term == STATE:
            through[place] = through.get(place, frozenset()) | domain
        else:
            found = values.setdefault(place, {})
            key = (term.removesuffix("/3"), term.endswith("/3"))
            found[key] = found.get(key, frozenset()) | domain
    states = [literal for literal in literals if literal.digit in (STATE, CONTROL_DIGIT)]
    for literal in states:
        through[literal.place] = through.get(literal.place, frozenset()) | literal.domain
    tested = {literal.place for literal in states} | {HERE}
    return tuple(
        Questions(
            place,
            tuple(tests.get(place, ())),
            tuple(Value(digit, domain, thirds) for (digit, thirds), domain in sorted(values.get(place, {}).items())),
            through.get(place, frozenset()),
            place in tested,
        )
        for place in sorted({*tests, *values, *through})
    )


def _uses(rules: Iterable[DigitRule]) -> set[tuple[int, str, frozenset[int]]]:
    """Places, digits (``raw/3`` if it adds up thirds) and the sorts that may stand there."""
    return {
        (term.place, "raw/3" if in_thirds(term) else term.digit, frozenset(index for index, _ in cells))
        for rule in rules
        for term in rule.terms
        for place, cells in rule.standing
        if place == term.place
    }


def _order(literal: DigitLiteral) -> tuple[object, ...]:
    """Literals that must be right of more cells first."""
    sets = (literal.codes, literal.among, literal.domain)
    return (literal.place, literal.digit, *(-len(found) for found in sets), *(sorted(found) for found in sets))


def _add(tests: list[DigitLiteral], literal: DigitLiteral) -> None:
    """Make one of the tests speak for this literal, too, or add it."""
    for index, test in enumerate(tests):
        if answers(test, literal, agree=True):
            codes, among, domain = test.codes | literal.codes, test.among | literal.among, test.domain | literal.domain
            tests[index] = replace(test, codes=codes, among=among, domain=domain)
            return
    tests.append(literal)


def answers(test: DigitLiteral, literal: DigitLiteral, agree: bool = False) -> bool:
    """Whether a test is right wherever a literal must be; or, at least, wherever both must be (`agree`)."""
    if (test.place, test.digit) != (literal.place, literal.digit):
        return False
    covers = agree or (literal.among <= test.among and literal.domain <= test.domain)
    return covers and test.codes & literal.among == literal.codes & test.among
