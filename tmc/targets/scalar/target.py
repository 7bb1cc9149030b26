"""The target `scalar` as an object."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from tmc.frozen import frozen
from tmc.targets.target import CARRIES, PACK, CellReader, Cellular, ChannelDigit, Coding, Lowered, Target

if TYPE_CHECKING:
    from tmc.ir.cells import Cells
    from tmc.ir.document import Document
    from tmc.ir.filters import Channels
    from tmc.ir.lattice import Cell
    from tmc.ir.numeral import Numeral, Scale
    from tmc.ir.rules import Rules


@frozen
class NumeralCoding:
    """One number for each cell, at a scale."""

    numeral: Numeral
    unit: Scale

    @property
    def scale(self) -> str:
        """See `Coding`."""
        return self.unit.name

    def encode(self, cell: Cell) -> Channels:
        """See `Coding`."""
        return (self.unit.of(self.numeral.encode(cell)),)

    def decode(self, channels: tuple[float, ...]) -> Cell:
        """See `Coding`."""
        from fractions import Fraction

        return self.numeral.decode_at(Fraction(channels[0]), self.unit)

    def learning_rate(self) -> float:
        """See `Coding`: a third of a pad."""
        from tmc.ir.numeral import Real

        return float(self.unit.of(Real(0, self.numeral.pad or 1)))

    def document(self) -> Document:
        """See `Coding`."""
        from tmc.ir.document import number_document

        return {"number": number_document(self.numeral, self.unit)}


class Digits:
    """Reads cells that are one number."""

    def __init__(self, coding: NumeralCoding, reads_grid: bool) -> None:
        self._weights = [(digit.name, float(coding.unit.of(digit.weight))) for digit in coding.numeral.digits]
        names = {name for name, _ in self._weights}
        self._left = set() if reads_grid else {"state"}
        self._right = {"state", *PACK, *CARRIES} & names
        self.packed = not names.isdisjoint(PACK)

    def _codes(self, values: Cellular, wanted: set[str]) -> Cellular:
        """Whether any of the digits wanted is not 0."""
        rest = values[..., 0]
        found = rest > math.inf  # as yet nowhere
        for name, weight in self._weights:
            code = (rest / weight).round()
            rest = rest - code * weight
            if name in wanted:
                found = found | (code != 0)
        return found

    def answered(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return (values[..., 0] / self._weights[0][1]).round() != 0

    def leaves_left(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return self._codes(values, self._left)

    def leaves_right(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return self._codes(values, self._right)

    def digits(self) -> list[list[ChannelDigit]]:
        """See `CellReader`."""
        names = enumerate(self._weights)
        return [[ChannelDigit(weight, i == 0, name in self._left, name in self._right) for i, (name, weight) in names]]


class Scalar(Target):
    """See the folder."""

    name = "scalar"
    says = "the paper's network, one number per cell and five matrices"
    scales = ("integer", "paper")
    recurrent, head = ("V1", "V2", "V3", "V4", "V5"), ("U2", "U1")  # the paper's names
    recurrent_layers, head_layers = recurrent, head
    memory = "W"
    formats = ("float32", "float64")
    small = False
    channel_per_trit = False
    paper = True

    def lower(self, rules: Rules, cells: Cells, scale: str) -> Lowered:
        """See `Target`."""
        from tmc.ir.filters import with_files
        from tmc.targets.scalar.rules_to_scalar import rules_to_scalar

        found = rules_to_scalar(rules, scale)
        filters = with_files(found.filters, rules.files)
        return Lowered(filters, NumeralCoding(found.numeral, found.scale), found.digits)

    def coding(self, about: Document, cells: Cells) -> tuple[Cells, Coding]:
        """See `Target`."""
        coding, values = _coding(about), dict(cells.values)
        if sorted(coding.numeral.fields) != sorted(values):
            raise ValueError("fields")
        return replace(cells, values=tuple((name, values[name]) for name in coding.numeral.fields)), coding

    def reader(self, about: Document, reads_grid: bool) -> CellReader:
        """See `Target`."""
        return Digits(_coding(about), reads_grid)

    def check(self, about: Document) -> None:
        """See `Target`: one finite number for each cell. OverflowError where a digit is worth more than a float holds."""
        cells, coding = about["cells"], _coding(about)
        values = (*cells["blank"], *cells["pad"], *cells["border"])
        whole = len(about["channels"]) == 1
        whole = whole and all(type(value) in (int, float) and abs(float(value)) < math.inf for value in values)
        if not whole or not all(abs(float(coding.unit.of(digit.weight))) < math.inf for digit in coding.numeral.digits):
            raise ValueError("cells")

    def weight_name(self, module: str) -> str:
        """See `Target`."""
        return module

    def weight_shape(self, module: str, units: int, inputs: int) -> tuple[int, ...]:
        """See `Target`: a matrix, (units, inputs)."""
        return units, inputs

    def scale_of(self, about: Document) -> str:
        """See `Target`."""
        return str(about["number"]["scale"])


def _coding(about: Document) -> NumeralCoding:
    from tmc.ir.from_document import numeral_of, scale_of

    return NumeralCoding(numeral_of(about["number"]), scale_of(about["number"]))
