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
from tmc.net.checkpoint import Checkpoint
from tmc.net.sparse_tensors import SparseMatrix
from tmc.verify.boxes import Box, Number, Term

Floats = NDArray[np.float64]
PLACES = 9


@dataclass(frozen=True, slots=True)
class Variable:
    """Something that is read, `name`, with its values: shape (values, inputs), what each of the `inputs` is at each value. Inputs
    are numbered ``channel * 9 + place``."""

    name: str
    inputs: tuple[int, ...]
    values: Floats


@dataclass(frozen=True, slots=True)
class Additive:
    """The joint layer's sums, ``bias[unit] + Σ tables[variable][value, unit]``, and the last layer's weights (channels, units).

    `margin`: how near to its kink any unit before the joint layer comes; `digits`: how many binary digits a sum there needs.
    """

    bias: Floats
    tables: tuple[Floats, ...]
    weights: Floats
    constants: Floats
    margin: float
    digits: int


def additive(checkpoint: Checkpoint, variables: Sequence[Variable]) -> Additive:
    """The recurrent convolution of a checkpoint, where its inputs are what the variables say; inputs of no variable are 0.

    Raises `Rejected` when its layers are not of this kind: a unit before the joint layer that looks at two inputs, or more than one
    layer after it.
    """
    layers = [(_matrix(weight), bias.astype(np.float64)) for weight, bias in checkpoint.layers("recurrent")]
    count = layers[0][0].shape[1]
    apart, sources = 0, np.arange(count)
    found = [sources]
    for matrix, _ in layers[:-1]:
        sources = _sources(matrix, sources)
        if (sources == _SEVERAL).any():
            break
        apart += 1
        found.append(sources)
    if apart != len(layers) - 2:
        raise Rejected(f"{checkpoint.name}: the units of layer {apart + 1} of {len(layers)} look at several inputs each")
    tables, margin, digits = [], np.inf, 1
    for variable in variables:
        total = np.zeros((len(variable.values), len(layers[apart][1])))
        for column, index in enumerate(variable.inputs):
            values = np.zeros((len(variable.values), 1))
            values[:, 0] = variable.values[:, column]
            units = np.array([index])
            for layer in range(apart):
                matrix, bias = layers[layer]
                mine = np.flatnonzero(found[layer + 1] == index)
                sums = values @ matrix[np.ix_(mine, units)].T + bias[mine]
                digits = max(digits, needed(values, matrix[np.ix_(mine, units)], bias[mine]))
                margin = min(margin, np.abs(sums).min(initial=np.inf))
                values, units = np.maximum(sums, 0), mine
            total += values @ layers[apart][0][:, units].T
        tables.append(total)
    joint, last = layers[apart], layers[apart + 1]
    bias = joint[1].copy()
    if apart:  # units that look at nothing
        none = np.flatnonzero(found[apart] == _NOTHING)
        constant = np.maximum(layers[apart - 1][1][none], 0) if apart == 1 else _constants(layers, found, apart)[none]
        bias += joint[0][:, none] @ constant
    return Additive(bias, tuple(tables), last[0], last[1], float(margin), digits)


_SEVERAL, _NOTHING = -2, -1


def _sources(matrix: Floats, sources: NDArray[np.int64]) -> NDArray[np.int64]:
    """The one input that each unit looks at, through the units before it."""
    units, before = np.nonzero(matrix)
    lowest, highest = np.full(len(matrix), np.iinfo(np.int64).max), np.full(len(matrix), _NOTHING)
    read = sources[before]
    seen = read != _NOTHING
    np.minimum.at(lowest, units[seen], read[seen])
    np.maximum.at(highest, units[seen], read[seen])
    return np.where((highest != _NOTHING) & (lowest < highest), _SEVERAL, highest)


def _constants(layers: list[tuple[Floats, Floats]], found: list[NDArray[np.int64]], apart: int) -> Floats:
    """The outputs of units that look at nothing, in the last layer before the joint one."""
    values = np.zeros(layers[0][0].shape[1])
    for layer in range(apart):
        matrix, bias = layers[layer]
        before = np.where(found[layer] == _NOTHING, values, 0) if layer else values
        values = np.maximum(matrix @ before + bias, 0)
    return values


def _matrix(weight: NDArray[np.floating[Any]] | SparseMatrix) -> Floats:
    if isinstance(weight, SparseMatrix):
        return weight.dense().astype(np.float64)
    return weight.reshape(len(weight), -1).astype(np.float64)


def needed(values: Floats, matrix: Floats, bias: Floats) -> int:
    """How many binary digits hold every partial sum of ``values @ matrix.T + bias``, in whatever order it is added up."""
    if not matrix.size:
        return 1
    reach = (np.abs(values).max(axis=0, initial=0) @ np.abs(matrix).T + np.abs(bias)).max()
    step = min(lowest_digit(values) * lowest_digit(matrix), lowest_digit(bias))
    return int(np.ceil(np.log2(max(reach / step, 1) + 1)))


def lowest_digit(values: Floats) -> float:
    """The largest power of two, 1 at most, of which all values are multiples."""
    mantissas, exponents = np.frexp(values[values != 0])
    if not len(mantissas):
        return 1.0
    whole = (mantissas * 2.0**53).astype(np.int64)
    trailing = np.log2((whole & -whole).astype(np.float64)).astype(np.int64)
    return float(min(1.0, 2.0 ** int((exponents - 53 + trailing).min())))


@dataclass(frozen=True, slots=True)
class UnitTerms:
    """Where a unit is above 0 and what it is there; `margin` is how near to its kink it comes anywhere."""

    terms: tuple[Term, ...]
    margin: Number


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
    nearest: list[Number] = []

    def choose(position: int, left: Number, box: Box) -> Iterator[Term]:
        if left <= 0:
            nearest.append(-left)
            return
        if position == len(choices):
            nearest.append(left)
            yield box, left
            return
        variable, falls = choices[position]
        for fall, values in falls:
            if left - fall <= 0:
                nearest.append(fall - left)
                break
            yield from choose(position + 1, left - fall, (*box, (variable, values)))

    terms.extend(choose(0, top, ()))
    return UnitTerms(tuple(terms), min(nearest))


def levels_of(network: Additive, unit: int) -> list[dict[float, int]]:
    """For each variable its values, as bits, by what they add to a unit's sum."""
    found = []
    for table in network.tables:
        by_level: dict[float, int] = {}
        for value, level in enumerate(table[:, unit].tolist()):
            by_level[level] = by_level.get(level, 0) | 1 << value
        found.append(by_level)
    return found


def exactly(number: float) -> Number:
    """A float as what it is."""
    return int(number) if number == int(number) else Fraction(number)
