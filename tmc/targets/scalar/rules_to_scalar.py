"""Rules to the network of the paper's Definition 5, target `scalar`: one number per cell, five matrices and a head of two.

What is preserved: a cell's number is that of the cell of the stage `rules` (`tmc.ir.numeral`), so one application of the filters
is one layer of the rules, number for number.

Layers 1 to 3 read the numbers of the patch (`read`), layers 4 and 5 say what the cell becomes (`decide`), the `head` what its
number means. Each takes what the one before it returns.

What is left of a number means nothing unless a question about it is still open (`tmc.targets.scalar.groups`). What is read there is
something between the answers, and counts nowhere: a literal that was asked before fails. So all that must be exact is what sums
come to where all is as it should be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from tmc.automaton.reachable import Reachable, reachable
from tmc.diagnostics import Rejected
from tmc.frozen import frozen
from tmc.ir.filters import Filters
from tmc.ir.numeral import ROUNDED_THIRD, FieldGroup, Numeral, Real, Scale
from tmc.ir.rules import Rules
from tmc.ir.units import FLOAT64
from tmc.targets.scalar.decide import decide
from tmc.targets.scalar.digit_rules import DigitRule, rules_to_digits
from tmc.targets.scalar.digits import BEYOND, STATE, parts_of
from tmc.targets.scalar.forms import LayerBuilder
from tmc.targets.scalar.groups import LAYERS, Order, Population, ReadingPlan, balanced, readings
from tmc.targets.scalar.head import head
from tmc.targets.scalar.layout import numeral_of
from tmc.targets.scalar.questions import questions_of
from tmc.targets.scalar.read import read

# Orders of the digits, the most significant first. The answer comes first, so that the head can see it, and then the kind: a
# third has many binary digits at the paper's scale. Which is narrowest depends on the alphabets and on the operations that a
# machine uses.
_ORDERS = tuple(
    ("answer", "kind", "raw", *rest.split())
    for rest in (
        "right left symbol vertical wave call carry1 carry2",
        "symbol vertical left right wave call carry1 carry2",
        "symbol right left call vertical wave carry1 carry2",
        "left right wave call vertical carry1 symbol carry2",
    )
)


@frozen
class ScalarNetwork:
    """A machine as the paper's network: how cells are numbers, the layers at some scale, and the binary digits that they need."""

    numeral: Numeral
    scale: Scale
    filters: Filters
    digits: int


def rules_to_scalar(rules: Rules, scale: str = "integer") -> ScalarNetwork:
    """The network of the target `scalar`; `scale` is ``integer`` or ``paper``.

    At the paper's scale a memory cell is ±1/3, rounded to float32, and a pad is 1; at the other all is whole. Raises `Rejected`
    when a machine without a memory is asked for at the paper's scale, or float64 cannot hold the numbers.
    """
    cells = reachable(rules)
    parts = parts_of(rules, cells)
    changing, passing = rules_to_digits(rules, cells, parts)
    population = Population(parts, tuple(field.name for field in rules.fields), (*cells.sorts, cells.border))
    numeral, order, reading = _reading(rules, cells, population, changing, passing)
    unit = _scale(numeral, scale)
    patch = read(numeral, reading, _states_asked((*changing, *passing)))
    fourth, fifth = decide(numeral, patch, changing, passing, tuple(digit for digit in order if _persists(rules, parts, digit)))
    closing = head(numeral, unit, patch.layers[0].inputs[0])
    hidden = (*patch.layers, fourth)
    needed = max(layer.digits[scale == "paper"] for layer in (*hidden, fifth, *closing))
    if needed > FLOAT64:
        raise Rejected(
            f"the target scalar needs {needed} binary digits for this machine, float64 has {FLOAT64}; use the target wide"
        )
    return ScalarNetwork(numeral, unit, _filters(numeral, unit, hidden, fifth, closing), needed)


def _states_asked(rules: Iterable[DigitRule]) -> tuple[int, ...]:
    """The states that rules ask for, in the order of the rules."""
    asked = (literal for rule in rules for literal in rule.literals if literal.digit == STATE)
    return tuple(dict.fromkeys(state for literal in asked for state in literal.codes))


def _persists(rules: Rules, parts: tuple[FieldGroup, ...], digit: str) -> bool:
    part = next(part for part in parts if digit in part.digits)
    return rules.field(part.fields[0]).persists


def _scale(numeral: Numeral, name: str) -> Scale:
    if name == "integer":
        return Scale(name, Fraction(1 if numeral.pad is None else 3), Fraction(1))
    if numeral.pad is None:
        raise Rejected("the scale of the paper is for a learner's memory, and a machine on a line has no memory; leave --scale out")
    return Scale(name, Fraction(1, numeral.pad), ROUNDED_THIRD / numeral.pad)


def _reading(
    rules: Rules, cells: Reachable, population: Population, changing: tuple[DigitRule, ...], passing: tuple[DigitRule, ...]
) -> tuple[Numeral, Order, tuple[ReadingPlan, ...]]:
    """The order of the digits for which the widest layer is narrowest, and how each place is read."""
    used = population.digits()
    kept = tuple(digit for digit in used if _persists(rules, population.parts, digit))
    questions = questions_of((*changing, *passing), kept, frozenset(range(len(cells.sorts))))
    best: tuple[tuple[int, int], Numeral, Order, tuple[ReadingPlan, ...]] | None = None
    for digits in _ORDERS:
        order = tuple(digit for digit in digits if digit in used)
        numeral = numeral_of(rules, population.parts, population, order)
        options = [readings(population, asked, order, numeral) for asked in questions]
        if not all(options):
            continue
        chosen = balanced(options, 0)
        widths = [sum(reading.cost[layer] for reading in chosen) for layer in range(len(LAYERS))]
        if best is None or (max(widths), sum(widths)) < best[0]:
            best = (max(widths), sum(widths)), numeral, order, chosen
    if best is None:
        raise Rejected("the target scalar cannot hold this machine's cells in float64; use the target wide")
    return best[1:]


def _filters(
    numeral: Numeral, scale: Scale, hidden: Sequence[LayerBuilder], last: LayerBuilder, closing: tuple[LayerBuilder, LayerBuilder]
) -> Filters:
    """The network at a scale. Every hidden layer is as wide as the widest."""
    width = max(len(layer.units) for layer in hidden)
    first, *others = (layer.layer(width, scale) for layer in hidden)
    layers = [first, *(replace(layer, inputs=width) for layer in (*others, last.layer(1, scale, relu=False)))]
    beyond = numeral.weights["answer"].times(BEYOND if numeral.pad else 0)
    below, output = closing
    return Filters(
        target="scalar",
        channels=("number",),
        recurrent=tuple(layers),
        head=(below.layer(len(below.units), scale), output.layer(1, scale, relu=False)),
        symbol=0,
        answer=0,
        blank=(0,),
        pad=(scale.of(Real(numeral.pad or 0)),),
        border=(scale.of(beyond),),
    )
