"""What each digit of a cell's number is worth: as little as leaves room for all that may stand below it, and for steps between."""

from __future__ import annotations

from tmc.ir.numeral import Digit, FieldGroup, Numeral, Real, room
from tmc.ir.rules import Rules
from tmc.ir.units import Number
from tmc.targets.scalar.digits import STATE, state_codes
from tmc.targets.scalar.groups import Order, Population


def numeral_of(rules: Rules, parts: tuple[FieldGroup, ...], population: Population, order: Order) -> Numeral:
    """The numbers of a machine's cells, whose digits are `order`, the most significant first, and then the state.

    A digit of which nothing but `reach` stands below is worth `2 · reach` and room for three steps, see `room`. A pad is a power of
    two, so that the paper's scale, at which it is 1, has the same binary digits.
    """
    states = state_codes(rules)
    most = {
        name: max(abs(code) for sort in range(population.size) for (code,) in population.codes(sort, (name,))) for name in order
    }
    digits, reach, pad = [Digit(STATE, Real(1))], len(states), None
    for name in reversed(order):
        width = room(reach)
        weight = -(-2 * reach // width) * width + 3 * width
        if name == "raw":  # a third of the pad, whose weight comes next
            pad = 1 << (3 * weight - 1).bit_length()
            digits.insert(0, Digit(name, Real(0, pad)))
            continue
        if name == "kind" and pad is not None:
            weight = pad
        digits.insert(0, Digit(name, Real(weight)))
        reach += most[name] * weight
    fields = tuple(field.name for field in rules.fields)
    return Numeral(fields, parts, tuple(digits), states, most, pad)


def worth_of(numeral: Numeral, digit: str) -> Number:
    """The weight of a digit, in thirds if it is `raw`."""
    weight = numeral.weights[digit]
    return weight.thirds if digit == "raw" else weight.whole
