"""A cell as one number: `Σ code · weight` over its digits, the cell's value in the paper's network.

A *digit* is a small integer that codes a few values of the cell. Its weight leaves it room: more than twice what all digits below
it can add up to. So every number is the number of one cell at most.

Numbers are whole, but for thirds: a memory cell is a third of a pad (Lemma 1.1). Binary floats have no third; `Real` keeps thirds
apart, and a `Scale` says what they are. Everything else is a whole number times a power of two at either scale, so nothing is
rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from tmc.frozen import frozen
from tmc.ir.lattice import Cell
from tmc.ir.units import Number

Codes = tuple[int, ...]
PartValues = tuple[int, ...]  # a value for each field of a part
THIRD = Fraction(1, 3)
ROUNDED_THIRD = Fraction(11184811, 1 << 25)  # the float32 next to it


class Real(NamedTuple):
    """`whole + thirds / 3`."""

    whole: Number
    thirds: Number = 0

    def plus(self, other: Real, factor: Number = 1) -> Real:
        """This, and `factor` times another."""
        return Real(self.whole + factor * other.whole, self.thirds + factor * other.thirds)

    def times(self, factor: Number) -> Real:
        """This, so many times."""
        return Real(self.whole * factor, self.thirds * factor)

    @property
    def value(self) -> Fraction:
        """The number itself."""
        return self.whole + THIRD * self.thirds


def room(reach: int) -> int:
    """The width of a step between two codes of a digit, a power of two: where less stands below, a narrower one will do."""
    return 1 << max(0, (reach // 8).bit_length() - 1)


@frozen
class Scale:
    """What 1 and a third of 1 are in a network: its numbers are `whole · one + thirds · third`."""

    name: str
    one: Fraction
    third: Fraction

    def of(self, real: Real) -> Number:
        """A number at this scale."""
        result = real.whole * self.one + real.thirds * self.third
        return int(result) if result.denominator == 1 else result


@dataclass(frozen=True, eq=False)
class FieldGroup:
    """Fields that are coded together: for each combination of values that occurs, a code for each of its digits."""

    fields: tuple[str, ...]
    digits: tuple[str, ...]
    codes: dict[PartValues, Codes]

    @cached_property
    def values(self) -> dict[Codes, PartValues]:
        """The inverse of `codes`."""
        return {codes: values for values, codes in self.codes.items()}


@frozen
class Digit:
    """A digit and what 1 of it is worth."""

    name: str
    weight: Real


@dataclass(frozen=True)
class Numeral:
    """How cells with these `fields` are numbers. `digits`: the most significant first; the last one is the state: `states` gives
    the code of each value of the field `state`. `most`: the largest code of each other digit, up or down. `pad` is what an empty
    pad is, the paper's 1 (None: the machine has no memory)."""

    fields: tuple[str, ...]
    parts: tuple[FieldGroup, ...]
    digits: tuple[Digit, ...]
    states: dict[int, int]
    most: dict[str, int]
    pad: int | None

    @cached_property
    def weights(self) -> dict[str, Real]:
        """The weight of each digit."""
        return {digit.name: digit.weight for digit in self.digits}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.fields)}

    @cached_property
    def _values(self) -> dict[int, int]:
        return {code: value for value, code in self.states.items()}

    def reach(self, above: str = "") -> int:
        """The most that the digits below one of them add up to; of all digits by default. (A product stands alone, and is less
        than a pad.)"""
        return self._reaches[above]

    @cached_property
    def _reaches(self) -> dict[str, int]:
        reaches, reach = {}, len(self.states)
        for digit in reversed(self.digits[:-1]):
            reaches[digit.name] = reach
            reach += self.most[digit.name] * int(digit.weight.whole)
        return {**reaches, "": reach}

    @cached_property
    def _in_thirds(self) -> dict[str, int]:
        return {digit.name: int(3 * digit.weight.value) for digit in self.digits}

    def worth(self, digits: Iterable[str], codes: Iterable[int]) -> int:
        """What codes of some digits are worth together, in thirds."""
        weights = self._in_thirds
        return sum(weights[digit] * code for digit, code in zip(digits, codes, strict=True))

    def encode(self, cell: Cell) -> Real:
        """The number of a cell of the stage `rules`. KeyError when no such cell can occur."""
        number = Real(0)
        for part in self.parts:
            values = tuple(cell[self._positions[field]] for field in part.fields)
            for digit, code in zip(part.digits, part.codes[values], strict=True):
                if digit == "control" and code:
                    number = number.plus(Real(self.states[cell[self._positions["state"]]]))
                elif code:
                    number = number.plus(self.weights[digit], code)
        return number

    def decode(self, number: Real) -> Cell:
        """The cell of a number; the inverse of `encode`. KeyError when it is no cell's."""
        return self._cell(self.codes(number))

    def decode_at(self, number: Number, scale: Scale) -> Cell:
        """The cell of a number at a scale. KeyError when it is no cell's."""
        return self._cell(self._codes(Fraction(number), [Fraction(scale.of(digit.weight)) for digit in self.digits]))

    def codes(self, number: Real) -> dict[str, int]:
        """The digits of a number. KeyError when something is left."""
        return self._codes(number.value, [digit.weight.value for digit in self.digits])

    def _codes(self, number: Fraction, weights: list[Fraction]) -> dict[str, int]:
        codes = {}
        for digit, weight in zip(self.digits, weights, strict=True):
            codes[digit.name] = code = round(number / weight)
            number -= code * weight
        if number:
            raise KeyError(number)
        return {**codes, "control": int(codes["state"] > 0)}

    def _cell(self, codes: dict[str, int]) -> Cell:
        found: dict[str, int] = {}
        for part in self.parts:
            values = part.values[tuple(codes.get(digit, 0) for digit in part.digits)]
            found.update(zip(part.fields, values, strict=True))
        found["state"] = self._values[codes["state"]] if codes["control"] else 0
        return tuple(found[field] for field in self.fields)
