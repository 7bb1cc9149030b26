"""What can be read off a network's cells: whether there is an answer, and whether something of the run stands at an edge.

For the target `wide` a channel is a trit of a field; for the target `scalar` the one number of a cell has digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any, Protocol

from tmc.ir.cells import Cells
from tmc.ir.document import Document
from tmc.ir.from_document import cells_of, numeral_of, scale_of
from tmc.ir.lattice import Cell

PACK, CARRIES, CONTROL = ("right", "left"), ("carry1", "carry2"), ("control",)  # fields of a cell, see docs/construction.md


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit of a channel: how much it counts for, and what is to be known of a cell where it is not 0, see `CellReader`."""

    value: float
    answers: bool
    leaves_left: bool
    leaves_right: bool


Cellular = Any  # numbers of cells, and what is found of them: arrays of numpy or tensors of torch, the ones from the others


class CellReader(Protocol):
    """Reads cells, shape (…, channels), all at once. `packed`: whether cells carry a work tape with them."""

    packed: bool

    def answered(self, values: Cellular) -> Cellular:
        """Whether a cell holds the verdict, shape (…)."""

    def leaves_left(self, values: Cellular) -> Cellular:
        """Whether something in the first column belongs to the run, where the next layer may lose it, shape (…)."""

    def leaves_right(self, values: Cellular) -> Cellular:
        """The same of the last column."""

    def digits(self) -> list[list[Digit]]:
        """All that, digit by digit: those of each channel, the largest value first."""


class Trits:
    """Cells of the target `wide`."""

    def __init__(self, about: Document, reads_grid: bool) -> None:
        fields = tuple(name.split(".")[0] for name in about["channels"])
        self._answer: int = about["cells"]["answer"]
        self._channels = len(fields)
        self._left = [i for i, field in enumerate(fields) if field in CONTROL and not reads_grid]
        self._right = [i for i, field in enumerate(fields) if field in PACK + CARRIES + CONTROL]
        self.packed = any(field in PACK for field in fields)

    def answered(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return values[..., self._answer] != 0

    def leaves_left(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return values[..., self._left].any(-1)

    def leaves_right(self, values: Cellular) -> Cellular:
        """See `CellReader`."""
        return values[..., self._right].any(-1)

    def digits(self) -> list[list[Digit]]:
        """See `CellReader`."""
        return [[Digit(1.0, i == self._answer, i in self._left, i in self._right)] for i in range(self._channels)]


class Digits:
    """Cells of the target `scalar`."""

    def __init__(self, about: Document, reads_grid: bool) -> None:
        numeral, scale = numeral_of(about["number"]), scale_of(about["number"])
        self._weights = [(digit.name, float(scale.of(digit.weight))) for digit in numeral.digits]
        names = {name for name, _ in self._weights}
        self._left = set() if reads_grid else {"state"}
        self._right = {"state", *PACK, *CARRIES} & names
        self.packed = not names.isdisjoint(PACK)

    def _codes(self, values: Cellular, wanted: set[str]) -> Cellular:
        """Whether any of the digits wanted is not 0."""
        rest = values[..., 0]
        found = rest > inf  # as yet nowhere
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

    def digits(self) -> list[list[Digit]]:
        """See `CellReader`."""
        names = enumerate(self._weights)
        return [[Digit(weight, i == 0, name in self._left, name in self._right) for i, (name, weight) in names]]


def reader_of(about: Document, reads_grid: bool) -> CellReader:
    """How to read a checkpoint's cells."""
    return Digits(about, reads_grid) if about["target"] == "scalar" else Trits(about, reads_grid)


def coder_of(about: Document) -> tuple[Cells, Callable[[Cell], tuple[float, ...]], Callable[[tuple[float, ...]], Cell]]:
    """The fields of a checkpoint's cells, and how they become channels and are read off them again. ValueError when they are
    damaged."""
    cells = cells_of(about["encoding"])
    if about["target"] != "scalar":
        if [trit.name for trit in cells.trits] != about["channels"]:
            raise ValueError("channels")
        return cells, lambda cell: tuple(map(float, cells.encode(cell))), lambda values: cells.decode(tuple(map(int, values)))
    numeral, scale = numeral_of(about["number"]), scale_of(about["number"])
    if numeral.fields != tuple(name for name, _ in cells.values):
        raise ValueError("fields")
    return (
        cells,
        lambda cell: (float(scale.of(numeral.encode(cell))),),
        lambda values: numeral.decode_at(Fraction(values[0]), scale),
    )
