"""Linear forms over the units of a layer, and layers that grow unit by unit, with what their arithmetic needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from tmc.frozen import frozen
from tmc.ir.filters import UNUSED, Layer
from tmc.ir.numeral import Real, Scale
from tmc.ir.units import Number, Unit

ROUNDED_BITS = 25  # the binary digits of a third, as the paper's scale has it, after the point
NOTHING = Real(0)
FINEST = 1 << 10  # an exponent that no number has: that of 0


@frozen
class Form:
    """``bias + Σ weight · unit``, over the outputs of one layer. Weights are whole numbers times powers of two."""

    bias: Real = NOTHING
    weights: dict[int, Number] = field(default_factory=dict)

    @staticmethod
    def unit(index: int) -> Form:
        """A unit's output."""
        return Form(NOTHING, {index: 1})

    @staticmethod
    def sum(forms: Iterable[tuple[Form, Number]], bias: Real | int = 0) -> Form:
        """Forms, each times a factor, and a constant, added up."""
        total, weights = bias if isinstance(bias, Real) else Real(bias), dict[int, Number]()
        for form, factor in forms:
            total = total.plus(form.bias, factor)
            for index, weight in form.weights.items():
                weights[index] = weights.get(index, 0) + factor * weight
        return Form(total, {index: weight for index, weight in sorted(weights.items()) if weight})


class UnitRange(NamedTuple):
    """What a unit's output may be: `most`, and the powers of two of which its whole part and its thirds are multiples."""

    most: Fraction
    whole: int
    thirds: int


@dataclass
class LayerBuilder:
    """A layer with ReLUs that is being built over inputs of known ranges.

    `digits`: how many binary digits its sums need, in any order, at the integer scale and at the paper's.
    """

    name: str
    inputs: Sequence[UnitRange]
    units: list[tuple[str, Form, str, int]] = field(default_factory=list)
    ranges: list[UnitRange] = field(default_factory=list)
    digits: tuple[int, int] = (0, 0)

    def add(
        self,
        form: Form,
        name: str,
        rule: str = "read",
        line: int = 0,
        most: int | None = None,
        known: Real | None = None,
        matters: Form | None = None,
    ) -> Form:
        """A new unit ``σ(form)``; returns its output.

        Where it matters, it is known to be `most` at most, and a multiple of `known`: of 1, or of a third; and the form is what
        `matters` is, all else being 0.
        """
        self.units.append((name, form, rule, line))
        found = self._sum(form if matters is None else matters)
        if known is not None:
            found = UnitRange(found.most, exponent(known.whole), exponent(known.thirds))
        self.ranges.append(found if most is None else UnitRange(Fraction(most), found.whole, found.thirds))
        return Form.unit(len(self.units) - 1)

    def _sum(self, form: Form) -> UnitRange:
        terms = [(weight, self.inputs[index]) for index, weight in form.weights.items()]
        signed = [form.bias.value, *(weight * of.most for weight, of in terms)]
        most = max(sum((x for x in signed if x > 0), Fraction(0)), -sum((x for x in signed if x < 0), Fraction(0)))
        whole = min([exponent(form.bias.whole), *(exponent(weight) + of.whole for weight, of in terms)])
        thirds = min([exponent(form.bias.thirds), *(exponent(weight) + of.thirds for weight, of in terms)])
        needed = _digits(most * 3, min(whole, thirds)), _digits(most, min(whole, thirds - ROUNDED_BITS))
        self.digits = (max(self.digits[0], needed[0]), max(self.digits[1], needed[1]))
        return UnitRange(most, whole, thirds)

    def layer(self, width: int, scale: Scale, relu: bool = True) -> Layer:
        """The layer at some scale, filled up with unused units to this width."""
        units = [
            Unit(name, scale.of(form.bias), tuple(sorted(form.weights.items())), rule, line)
            for name, form, rule, line in self.units
        ]
        units += [Unit(UNUSED, 0, ())] * (width - len(units))
        return Layer(self.name, len(self.inputs), tuple(units), relu)


def exponent(number: Number) -> int:
    """The largest power of two of which a number is a multiple: its exponent. ValueError when it is no binary fraction."""
    if not number:
        return FINEST
    fraction = Fraction(number)
    if fraction.denominator & (fraction.denominator - 1):
        raise ValueError(f"{number} is no binary fraction")
    return (fraction.numerator & -fraction.numerator).bit_length() - fraction.denominator.bit_length()


def _digits(most: Fraction, finest: int) -> int:
    if not most:
        return 0
    scaled = most / Fraction(2) ** finest
    return int(scaled).bit_length()
