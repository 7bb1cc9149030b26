"""The head of the paper's network, `U1 σ(U2 v)`: the answer, plus a function that is 0 at the numbers of memory cells and has slope
1 at 0."""

from __future__ import annotations

from fractions import Fraction

from tmc.ir.numeral import Numeral, Real, Scale, room
from tmc.ir.units import Number
from tmc.targets.scalar.forms import Form, LayerBuilder, UnitRange


def head(numeral: Numeral, scale: Scale, number: UnitRange) -> tuple[LayerBuilder, LayerBuilder]:
    """`U2` and `U1`, over a cell's `number`."""
    hidden = LayerBuilder("U2", [number])
    terms: list[tuple[Form, Number]] = []
    value = Form.unit(0)
    if numeral.pad:
        kink = numeral.pad // 8  # a product is a third, and nothing else is nearer to 0
        for at, factor in ((-2, -1), (-1, 2), (1, -2), (2, 1)):
            terms.append((hidden.add(Form.sum([(value, 1)], -at * kink), f"number > {at} · {kink}", "head"), factor))
    reach = numeral.reach("answer")
    width = 1 if scale.name == "integer" else room(reach)
    threshold = (reach // width + 1) * width
    height = Real(0, 1) if scale.name == "integer" and numeral.pad else Real(width)
    for sign, verdict in ((1, "accept"), (-1, "reject")):
        low, high = (
            hidden.add(Form.sum([(value, sign)], bias), f"{verdict}{label}", "head")
            for bias, label in ((Real(-threshold), ""), (Real(-threshold).plus(height, -1), " level"))
        )
        worth = sign / Fraction(scale.of(height))
        terms += [(low, worth), (high, -worth)]
    output = LayerBuilder("U1", hidden.ranges)
    output.add(Form.sum(terms), "output", "head")
    return hidden, output
