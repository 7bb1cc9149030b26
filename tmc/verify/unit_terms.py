"""What the recurrent convolution of a checkpoint computes, as sums of boxes: read off its weights, and off nothing else.

As long as every unit of the first layers looks at one *input* alone - one channel of one place of the patch - its output is a table
over the values that this input can have. The first layer whose units look at more is the *joint* one: what a unit of it sums up is
one number for each input's value, added. So it is above 0 on a few boxes, on each of them it is a constant, and the last layer adds
these up. Nothing is sampled: the boxes say what the network makes of every patch there is.

Equation: Definition 5 of the paper, `V5 σ(V4 σ(V3 σ(V2 σ(V1 vec(patch)))))`; in the target `wide` the joint layer is the second of
three, in the target `scalar` the fourth of five.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.net.checkpoint.reading import Checkpoint
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.verify.boxes import Box, Number, Term

Floats = NDArray[np.float64]
PLACES = 9


@dataclass(frozen=True, slots=True)
class InputVariable:
    """Something that is read, `name`, with its values: shape (values, inputs), what each of the `inputs` is at each value. Inputs
    are numbered ``channel * 9 + place``."""

    name: str
    inputs: tuple[int, ...]
    values: Floats


@dataclass(frozen=True, slots=True)
class Additive:
    """The joint layer's sums, ``bias[unit] + Σ tables[variable][value, unit]``, and the last layer's weights (channels, units).

    `margin`: how near to its kink any unit before the joint layer comes.
    """

    bias: Floats
    tables: tuple[Floats, ...]
    weights: Floats
    constants: Floats
    margin: float


@dataclass(frozen=True, slots=True)
class Sums:
    """What some units of a layer sum up in several cases: `total`, shape (cases, units), is ``values @ weights.T + bias``. Units
    that look at nothing count as a part of the bias."""

    units: NDArray[np.int64]
    values: Floats
    weights: Floats
    bias: Floats
    total: Floats


class SeveralInputs(Rejected):
    """Units before the joint layer that look at more than one input: of which layer, counted from 1, and which they are."""

    def __init__(self, checkpoint: Checkpoint, layer: int, layers: int, units: tuple[int, ...]) -> None:
        super().__init__(f"{checkpoint.name}: units of layer {layer} of {layers} look at several inputs each")
        self.layer = layer
        self.units = units


class Apart:
    """The layers of a checkpoint's recurrent convolution whose units look at one input each, and the joint one after them.

    Raises `SeveralInputs` when its layers are not of this kind.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.layers = [(dense(weight), bias.astype(np.float64)) for weight, bias in checkpoint.layers("recurrent")]
        self.sources = [np.arange(self.layers[0][0].shape[1])]
        for number, (matrix, _) in enumerate(self.layers[:-2], 1):
            sources = _sources(matrix, self.sources[-1])
            several = np.flatnonzero(sources == _SEVERAL)
            if len(several):
                raise SeveralInputs(checkpoint, number, len(self.layers), tuple(several.tolist()))
            self.sources.append(sources)
        self.fixed = [
            np.zeros(len(self.sources[0]))
        ]  # by layer, what its inputs that look at nothing come to; the others are 0 here
        for sources, (matrix, bias) in zip(self.sources[1:], self.layers, strict=False):
            with np.errstate(all="ignore"):  # `tmc.verify.sums` refuses what is not finite
                total = matrix @ self.fixed[-1] + bias
            self.fixed.append(np.where(sources == _NOTHING, np.maximum(total, 0), 0))
        self.margin = np.inf

    def looks_at_nothing(self, layer: int) -> NDArray[np.bool_]:
        """Which units of a layer look at no input: they come to the same everywhere."""
        return np.asarray(self.sources[layer] == _NOTHING)

    def units(self, index: int) -> NDArray[np.int64]:
        """The units of the layer before the joint one that look at an input."""
        return np.flatnonzero(self.sources[-1] == index)

    def outputs(self, index: int, numbers: Floats) -> Floats:
        """What these units are where the input is each of some numbers: shape (numbers, units)."""
        values = numbers[:, None]
        for _, sums in self.steps(index, numbers):
            self.margin = min(self.margin, float(np.abs(sums.total).min(initial=np.inf)))
            values = np.maximum(sums.total, 0)
        return values

    def steps(self, index: int, numbers: Floats) -> Iterator[tuple[int, Sums]]:
        """The sums of all units that look at an input, layer by layer."""
        values, units = numbers[:, None], np.array([index])
        for layer, (matrix, bias) in enumerate(self.layers[:-2], 1):
            mine = np.flatnonzero(self.sources[layer] == index)
            weights = matrix[np.ix_(mine, units)]
            constant = bias[mine] + matrix[mine] @ self.fixed[layer - 1]
            sums = Sums(mine, values, weights, constant, values @ weights.T + constant)
            yield layer, sums
            values, units = np.maximum(sums.total, 0), mine

    def sums(self, index: int, numbers: Floats) -> Floats:
        """What these units add to the sums of the joint layer: shape (numbers, units of the joint layer)."""
        return self.outputs(index, numbers) @ self.layers[-2][0][:, self.units(index)].T

    def constants(self) -> Floats:
        """What the joint layer's units sum up of units that look at nothing, and their biases."""
        matrix, bias = self.layers[-2]
        return np.asarray(bias + matrix @ self.fixed[-1])


def additive(checkpoint: Checkpoint, variables: Sequence[InputVariable]) -> Additive:
    """The recurrent convolution of a checkpoint, where its inputs are what the variables say; inputs of no variable are 0.

    Raises `SeveralInputs` when its layers are not of this kind, see `Apart`.
    """
    apart = Apart(checkpoint)
    joint, last = apart.layers[-2:]
    tables = []
    for variable in variables:
        total = np.zeros((len(variable.values), len(joint[1])))
        for column, index in enumerate(variable.inputs):
            total += apart.sums(index, variable.values[:, column])
        tables.append(total)
    return Additive(apart.constants(), tuple(tables), last[0], last[1], apart.margin)


_SEVERAL, _NOTHING = -2, -1
FAR = 1 << 100  # how near a unit comes to its kink that is always on one side of it


def _sources(matrix: Floats, sources: NDArray[np.int64]) -> NDArray[np.int64]:
    """The one input that each unit looks at, through the units before it."""
    units, before = np.nonzero(matrix)
    lowest, highest = np.full(len(matrix), np.iinfo(np.int64).max), np.full(len(matrix), _NOTHING)
    read = sources[before]
    seen = read != _NOTHING
    np.minimum.at(lowest, units[seen], read[seen])
    np.maximum.at(highest, units[seen], read[seen])
    return np.where((highest != _NOTHING) & (lowest < highest), _SEVERAL, highest)


def dense(weight: NDArray[np.floating[Any]] | SparseMatrix) -> Floats:
    """A layer's weights, shape (units, inputs)."""
    if isinstance(weight, SparseMatrix):
        return weight.dense().astype(np.float64)
    return weight.reshape(len(weight), -1).astype(np.float64)


@dataclass(frozen=True, slots=True)
class UnitTerms:
    """Where a unit is above 0 and what it is there, and how near to its kink it comes, where it is `above` and where it is
    `below`."""

    terms: tuple[Term, ...]
    above: Number
    below: Number

    @property
    def margin(self) -> Number:
        """How near to its kink it comes anywhere."""
        return min(self.above, self.below)


def unit_terms(network: Additive, unit: int, levels: Sequence[Mapping[float, int]]) -> UnitTerms:
    """The boxes on which a unit of the joint layer is above 0. `levels`: of each variable the values, as bits, by what they add."""
    top = exactly(float(network.bias[unit]))
    choices: list[tuple[int, list[tuple[Number, int]]]] = []
    for variable, by_level in enumerate(levels):
        highest = max(by_level)
        top += exactly(highest)
        if len(by_level) > 1:
            falls = sorted((exactly(highest) - exactly(level), values) for level, values in by_level.items())
            choices.append((variable, falls))
    terms: list[Term] = []
    below: list[Number] = [FAR]

    def choose(position: int, left: Number, box: Box) -> Iterator[Term]:
        if left <= 0:
            below.append(-left)
            return
        if position == len(choices):
            yield box, left
            return
        variable, falls = choices[position]
        for fall, values in falls:
            if left - fall <= 0:
                below.append(fall - left)
                break
            yield from choose(position + 1, left - fall, (*box, (variable, values)))

    terms.extend(choose(0, top, ()))
    return UnitTerms(tuple(terms), min((number for _, number in terms), default=FAR), min(below))


def levels_of(network: Additive, unit: int) -> list[dict[float, int]]:
    """For each variable its values, as bits, by what they add to a unit's sum."""
    return [_by_level(table[:, unit]) for table in network.tables]


def _by_level(column: Floats) -> dict[float, int]:
    if (column == column[0]).all():
        return {float(column[0]): (1 << len(column)) - 1}
    levels, which = np.unique(column, return_inverse=True)
    return {level: bits(which == number) for number, level in enumerate(levels.tolist())}


def bits(which: NDArray[np.bool_]) -> int:
    """Truth values as one integer, the first the lowest bit."""
    return int.from_bytes(np.packbits(which, bitorder="little").tobytes(), "little")


def exactly(number: float) -> Number:
    """A float as what it is."""
    return int(number) if number == int(number) else Fraction(number)
