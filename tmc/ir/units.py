"""Units of a network: one by one, or, as a layer may have millions of them, packed into arrays and made when they are asked for."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import overload

from tmc.diagnostics import InternalError
from tmc.frozen import frozen

Number = int | Fraction
Weights = tuple[tuple[int, Number], ...]  # inputs and what each counts, sorted by input

FLOAT32, FLOAT64 = 24, 53  # binary digits of the whole numbers that a format holds
SPAN, MIDDLE = 16, 8  # packed weights are -MIDDLE … SPAN - MIDDLE - 1


@frozen
class Unit:
    """One output of a layer: ``bias + Σ weight · input``. `weights` is sorted by input. `rule`, `line` and `file` say where it
    comes from; a `file` of "" is the machine's own."""

    name: str
    bias: Number
    weights: Weights
    rule: str = ""
    line: int = 0
    file: str = ""


def packed(unit: int, weight: int) -> int:
    """A weight on the output of a unit as one number; sorted, these are sorted by unit."""
    if not -MIDDLE <= weight < SPAN - MIDDLE:
        raise InternalError(f"the weight {weight} is too large to be packed")
    return unit * SPAN + weight + MIDDLE


def unpacked(number: int) -> tuple[int, int]:
    """The inverse of `packed`."""
    unit, weight = divmod(number, SPAN)
    return unit, weight - MIDDLE


@frozen
class PackedUnits(Sequence[Unit]):
    """Units with small whole weights. Those of unit `n` are ``entries[starts[n] : starts[n + 1]]``, each `packed`; `name` and
    `origin`, the rule with its line and file, are made when they are asked for."""

    starts: array[int]
    entries: array[int]
    biases: array[int]
    name: Callable[[int], str]
    origin: Callable[[int], tuple[str, int, str]]

    @overload
    def __getitem__(self, index: int) -> Unit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Unit, ...]: ...
    def __getitem__(self, index: int | slice) -> Unit | tuple[Unit, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self))))
        number = range(len(self))[index]
        return Unit(self.name(number), self.biases[number], self.weights(number), *self.origin(number))

    def __len__(self) -> int:
        return len(self.biases)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def weights(self, number: int) -> tuple[tuple[int, int], ...]:
        """The weights of a unit."""
        return tuple(map(unpacked, self.entries[self.starts[number] : self.starts[number + 1]]))


def sums(units: Sequence[Unit]) -> Iterator[tuple[Number, Weights]]:
    """The bias and the weights of each unit, and nothing else of it."""
    if isinstance(units, PackedUnits):
        return zip(units.biases, map(units.weights, range(len(units))), strict=True)
    return ((unit.bias, unit.weights) for unit in units)


def nonzero(units: Sequence[Unit]) -> int:
    """How many weights the units have."""
    return len(units.entries) if isinstance(units, PackedUnits) else sum(len(unit.weights) for unit in units)


def values(units: Sequence[Unit]) -> set[Number]:
    """The distinct weights of the units."""
    if isinstance(units, PackedUnits):
        return {number % SPAN - MIDDLE for number in set(units.entries)}
    return {weight for unit in units for _, weight in unit.weights}


def biases(units: Sequence[Unit]) -> Iterable[Number]:
    """The bias of each unit."""
    return units.biases if isinstance(units, PackedUnits) else [unit.bias for unit in units]
