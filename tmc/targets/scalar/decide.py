"""Layers 4 and 5 of the paper's network: what a cell becomes, of what is known of its patch.

- Layer 4 has a unit for each rule, `σ(1 - 2 · failing)`, where `failing` is how many of its literals do not hold, and one for what
  it copies, `σ(copied - M · failing)`.
- Layer 5 adds up what stays and what changes.

In the first row that is still 0 one unit of layer 4 lets the derivative through, `σ(v + 1 - M · failing)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from tmc.frozen import frozen
from tmc.ir.lattice import HERE, PLACES
from tmc.ir.numeral import Numeral, Real
from tmc.ir.units import Number
from tmc.targets.scalar.digit_rules import DigitLiteral, DigitRule, Term
from tmc.targets.scalar.digits import CONTROL_DIGIT, STATE
from tmc.targets.scalar.forms import Form, LayerBuilder
from tmc.targets.scalar.groups import Order
from tmc.targets.scalar.layout import worth_of
from tmc.targets.scalar.questions import in_thirds
from tmc.targets.scalar.read import Patch

_OWN_STATE = Term(HERE, STATE, STATE, 1)


class _WeightedUnit(NamedTuple):
    """A unit of layer 4, for what see `LayerBuilder.add`, and the `weight` that it has in layer 5."""

    form: Form
    weight: Number
    name: str
    rule: str
    line: int = 0
    most: int | None = None
    matters: Form | None = None


def decide(
    numeral: Numeral, patch: Patch, changing: Iterable[DigitRule], passing: Iterable[DigitRule], kept: Order
) -> tuple[LayerBuilder, LayerBuilder]:
    """Layers 4 and 5: a cell's own digits (`kept` are those that persist), the rules, and what lets the derivative through."""
    decider = _Decider(numeral, patch, {})
    own, constant = decider.keep(kept)
    units = [*own]
    for rule in changing:
        units += decider.apply(rule)
    for rule in passing:
        units += decider.let_through(rule)
    layer, change = LayerBuilder("V4", patch.layers[-1].ranges), dict[int, Number]()
    for unit in units:
        (index,) = layer.add(unit.form, unit.name, unit.rule, unit.line, unit.most, matters=unit.matters).weights
        change[index] = unit.weight
    last = LayerBuilder("V5", layer.ranges)
    last.add(Form(constant, change), "number", "")
    return layer, last


@frozen
class _Decider:
    """The units of layer 4 for one thing after the other. `found`: literals that were looked up before."""

    numeral: Numeral
    patch: Patch
    found: dict[DigitLiteral, Form]

    def keep(self, kept: Order) -> tuple[list[_WeightedUnit], Real]:
        """A cell's digits that persist; its state only where there is one, lest the derivative come through. And what is to be
        added to them: they are never below 0."""
        worth, code = partial(worth_of, self.numeral), self.patch.code
        terms = [(code(Term(HERE, digit, digit, 1)), worth(digit)) for digit in kept if digit != "raw"]
        offset = sum(self.numeral.most[digit] * int(worth(digit)) for digit in kept if digit != "raw")
        units, constant = [_WeightedUnit(Form.sum(terms, offset), 1, "own digits", "keep", most=2 * offset)], Real(-offset)
        if "raw" in kept:
            product = Form.sum([(code(Term(HERE, "raw", "raw", 1)), 1)], Real(0, 1))
            units.append(_WeightedUnit(product, worth("raw"), "own product", "keep", most=2))
            constant = constant.plus(Real(0, -worth("raw")))
        nobody = self.patch.places[HERE].control[frozenset({1})]
        own = Form.sum([(code(_OWN_STATE), 1), (nobody, -self._large([_OWN_STATE]))])
        units.append(_WeightedUnit(own, 1, "own state", "keep", most=len(self.numeral.states)))
        return units, constant

    def apply(self, rule: DigitRule) -> Iterator[_WeightedUnit]:
        """A rule: a unit that says whether it applies, for what changes by a constant, and one for what changes by digits."""
        fails = [self._fails(literal) for literal in rule.literals]
        for thirds in (False, True):
            always = sum(code * worth_of(self.numeral, digit) for digit, code in rule.constant if (digit == "raw") is thirds)
            terms = [term for term in rule.terms if in_thirds(term) is thirds]
            if terms:
                least, worth = sum(map(self._least, terms)), worth_of(self.numeral, "raw") if thirds else 1
                yield self._copy(rule, terms, fails, Real(0, -least) if thirds else Real(-least), worth)
                always += least * worth
            if always:
                yield _gate(fails, Real(0, 1) if thirds else Real(1), always, rule)

    def _copy(self, rule: DigitRule, terms: list[Term], fails: list[Form], start: Real, worth: Number) -> _WeightedUnit:
        """A unit for what a rule copies, from `start` on, lest it be below 0."""
        copied = [
            (self.patch.code(term), term.factor * (1 if in_thirds(term) else worth_of(self.numeral, term.target))) for term in terms
        ]
        large = self._large(terms)
        form = Form.sum([*copied, *((fail, -large) for fail in fails)], start)
        matters = Form.sum([*copied, *((fail, -large) for fail in self._summed(rule))], start)
        name = " + ".join(f"{term.factor} {PLACES[term.place]}.{term.digit}" for term in terms)
        return _WeightedUnit(form, worth, name, rule.name, rule.line, sum(map(self._span, terms)), matters)

    def let_through(self, rule: DigitRule) -> Iterator[_WeightedUnit]:
        """Let the derivative through where the literals hold, and the value is 0: `σ(v + 1) - 1`."""
        fails = [self._fails(literal) for literal in rule.literals]
        large = self._large([_OWN_STATE])
        through = Form.sum([(self.patch.code(_OWN_STATE), 1), *((fail, -large) for fail in fails)], 1)
        yield _WeightedUnit(through, 1, "the number", rule.name, most=1)
        yield _gate(fails, Real(1), -1, rule)

    def _large(self, terms: Sequence[Term]) -> int:
        """More than twice what terms can add up to, whether their rule applies or not."""
        most = (2 * self.numeral.reach() if term.digit == STATE else self._span(term) for term in terms)
        return 2 << sum(most).bit_length()

    def _span(self, term: Term) -> int:
        """By how much what a term adds may vary where its rule applies."""
        return len(self.numeral.states) if term.digit == STATE else -2 * self._least(term)

    def _least(self, term: Term) -> int:
        """The least that a term adds; of one in thirds, before it is multiplied by what `raw` is worth."""
        if term.digit == STATE:
            return -len(self.numeral.states) if term.factor < 0 else 0
        most = self.numeral.most[term.digit] * abs(term.factor)
        return -most if in_thirds(term) else -most * int(worth_of(self.numeral, term.target))

    def _summed(self, rule: DigitRule) -> list[Form]:
        """By how much its literals fail, but for those of which all units are 0 where they hold."""
        return [self._fails(x) for x in rule.literals if x.digit in (STATE, CONTROL_DIGIT) or not self.patch.is_read_last(x)]

    def _fails(self, literal: DigitLiteral) -> Form:
        if literal not in self.found:
            self.found[literal] = self.patch.fails(literal)
        return self.found[literal]


def _gate(fails: list[Form], height: Real, weight: Number, rule: DigitRule) -> _WeightedUnit:
    """A unit that is so high where the rule applies, and else 0."""
    return _WeightedUnit(Form.sum([(fail, -2) for fail in fails], height), weight, "applies", rule.name, rule.line, most=1)
