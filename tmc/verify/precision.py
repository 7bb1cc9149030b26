"""The precision contract: in which number formats a network is exact, and how much noise on its weights changes nothing.

A sum is exact in whatever order it is added up if all its terms are multiples of one power of two and no partial sum is more than
the format's digits of them. So of every layer these are found, over all legal patches: what its weights and its inputs are
multiples of, and how far up and down partial sums can reach. Where a sum is so far below 0 that rounding cannot lift it up to 0, a
ReLU makes 0 of it: it need not be exact. Cells are looked at one by one, so nothing depends on how large a grid is, or on how many
layers there are.

*Noise* is an error of at most δ on every weight and bias, at once. With cells rounded to legal values after each layer - trits to
the nearest, numbers of the target `scalar` to the nearest legal one - a layer with noise is a layer without, if no output can be
wrong by half a step. That is shown by interval arithmetic; a unit that is never nearer to its kink than its error stays 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tmc.net.checkpoint.reading import Checkpoint
from tmc.verify.unit_terms import FAR, Apart, Floats, InputVariable, UnitTerms, dense

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Format:
    """A number format: binary digits of the numbers that are multiplied and of those that are added up, the largest number, and the
    exponent of the smallest step. `whole`: it has whole numbers only."""

    name: str
    digits: int
    sums: int
    largest: float
    step: int
    whole: bool = False


FORMATS = (
    Format("float64", 53, 53, 2.0**1023, -1074),
    Format("float32", 24, 24, 2.0**127, -149),
    Format("tf32", 11, 24, 2.0**127, -126),  # float32 numbers, rounded where they are multiplied
    Format("float16", 11, 11, 65504.0, -24),
    Format("bfloat16", 8, 8, 2.0**127, -133),
    Format("int8", 7, 31, 127.0, 0, whole=True),  # products are added up in 32 bits
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a layer needs: the binary digits of its weights, its inputs and its sums, the largest of all these numbers, of those
    that are multiplied, and the exponent of the smallest step."""

    layer: str
    weights: int
    inputs: int
    sums: int
    largest: float
    multiplied: float
    step: int

    def fault(self, form: Format) -> str:
        """Why the layer is not exact in a format ("": it is)."""
        for what, needed, there in (
            ("weights", self.weights, form.digits), ("inputs", self.inputs, form.digits), ("sums", self.sums, form.sums),
        ):  # fmt: skip
            if needed > there and not (form.whole and what != "sums"):
                return f"{self.layer}: its {what} need {needed} binary digits, {form.name} has {there}"
        if (self.multiplied if form.whole else self.largest) > form.largest:
            return f"{self.layer}: there are numbers of {self.largest:g}, and {form.name} ends at {form.largest:g}"
        if self.step < form.step:
            what = "has whole numbers only" if form.whole else f"has no multiples of less than 2^{form.step}"
            return f"{self.layer}: there are multiples of 2^{self.step}, and {form.name} {what}"
        return ""


@dataclass(frozen=True, slots=True)
class Contract:
    """What is known of a network's precision: the needs of its layers, and the noise δ that is harmless where cells are rounded
    after every layer."""

    needs: tuple[Needs, ...]
    noise: float

    def fault(self, form: Format) -> str:
        """Why the network is not exact in a format ("": it is)."""
        return next((fault for needs in self.needs if (fault := needs.fault(form))), "")

    @property
    def exact(self) -> tuple[str, ...]:
        """The formats in which it is exact."""
        return tuple(form.name for form in FORMATS if not self.fault(form))


class _LayerNeeds:
    """What a layer needs, as more and more becomes known of it."""

    def __init__(self, name: str, matrix: Floats, bias: Floats) -> None:
        self.name, self.bias = name, bias
        self.terms = (matrix != 0).sum(axis=1) + 1
        self.far: Floats | None = None  # if sums at or below 0 are at least so far below, see `beyond`
        self.open = np.stack([np.maximum(bias, 0), np.minimum(bias, 0)])  # like `above` and `below`, where sums are above 0
        self.weights = _digits(np.concatenate([matrix.reshape(-1), bias]))
        self.inputs = 1
        self.largest = self.multiplied = float(np.abs(matrix).max(initial=0))
        self.above, self.below = np.maximum(bias, 0), np.minimum(bias, 0)
        self.step = exponents(bias)
        self.lowest = int(exponents(matrix).min(initial=0))

    def add(self, units: Ints, weights: Floats, values: Floats) -> None:
        """Some units sum up weights times inputs that are, in one case after the other, these values (cases, inputs); what is
        added next does not depend on them. Partial sums are then between the sums of all that is positive, and negative."""
        if not values.size or not weights.size:
            return
        up, down = np.maximum(weights, 0).T, np.minimum(weights, 0).T
        positive, negative = np.maximum(values, 0), np.minimum(values, 0)
        self.above[units] += (positive @ up + negative @ down).max(axis=0)
        self.below[units] += (positive @ down + negative @ up).min(axis=0)
        size, exponent = np.abs(values).max(axis=0), exponents(values).min(axis=0)
        steps = np.where(weights != 0, exponents(weights) + exponent, 0).min(axis=1)
        self.step[units] = np.minimum(self.step[units], steps)
        self.inputs = max(self.inputs, int(np.ceil(np.log2(size * 2.0**-exponent + 1)).max()))
        self.multiplied = max(self.multiplied, float(size.max()))
        self.lowest = min(self.lowest, int(exponent.min()))

    def needs(self) -> Needs:
        """All of it."""
        reach, units = np.maximum(self.above, -self.below), 2.0 ** -self.step.astype(np.float64)
        sums = np.ceil(np.log2(reach * units + 1))
        if self.far is not None:
            exact = np.ceil(np.log2(np.maximum(self.open[0], -self.open[1]) * units + 1))
            unknown = self.terms * np.maximum(self.above - self.below, 1) / np.maximum(self.far, 2.0**-100)
            rounded = np.ceil(np.log2(unknown)) + 1
            sums = np.minimum(sums, np.maximum(exact, rounded))
        step = min(self.lowest, int(self.step.min(initial=0)))
        largest = max(float(reach.max(initial=0)), self.multiplied)
        return Needs(self.name, self.weights, self.inputs, int(sums.max(initial=1)), largest, self.multiplied, step)


def contract(checkpoint: Checkpoint, variables: Sequence[InputVariable], units: Sequence[UnitTerms]) -> Contract:
    """The contract of a checkpoint, from what `tmc.verify.unit_terms` found of its units."""
    apart = Apart(checkpoint)
    layers = [_LayerNeeds(f"layer {number}", *given) for number, given in enumerate(apart.layers, 1)]
    everything = np.arange(len(layers[-2].bias))
    for variable in variables:
        for column, index in enumerate(variable.inputs):
            values = variable.values[:, [column]]
            for number, sums in apart.steps(index, variable.values[:, column]):
                layers[number - 1].add(sums.units, sums.weights, sums.values)
                values = np.maximum(sums.total, 0)
            layers[-2].add(everything, apart.layers[-2][0][:, apart.units(index)], values)
    _open(layers[-2], apart, variables, units)
    most = _most(units)
    layers[-1].add(np.arange(len(layers[-1].bias)), apart.layers[-1][0], most[None])
    head = _head(checkpoint, variables)
    return Contract(tuple(layer.needs() for layer in (*layers, *head)), _noise(apart, variables, units))


def _open(joint: _LayerNeeds, apart: Apart, variables: Sequence[InputVariable], units: Sequence[UnitTerms]) -> None:
    """What partial sums of the joint layer come to where its units are above 0, and how far below they are elsewhere."""
    joint.far = np.array([float(min(unit.below, FAR)) for unit in units])
    for number, variable in enumerate(variables):
        up, down = np.zeros((2, len(variable.values), len(units)))
        for column, index in enumerate(variable.inputs):
            values, weights = apart.outputs(index, variable.values[:, column]), apart.layers[-2][0][:, apart.units(index)]
            up += values @ np.maximum(weights, 0).T
            down += values @ np.minimum(weights, 0).T
        for unit, found in enumerate(units):
            where = _where(found, number, len(variable.values))
            joint.open[0, unit] += up[where, unit].max(initial=0)
            joint.open[1, unit] += down[where, unit].min(initial=0)


def _where(unit: UnitTerms, variable: int, size: int) -> NDArray[np.bool_]:
    """The values of a variable with which a unit may be above 0."""
    everywhere, found = (1 << size) - 1, 0
    for box, _ in unit.terms:
        found |= dict(box).get(variable, everywhere)
    return np.unpackbits(np.frombuffer(found.to_bytes(-(-size // 8), "little"), dtype=np.uint8), count=size, bitorder="little") > 0


def _most(units: Sequence[UnitTerms]) -> Floats:
    """How large the units of the joint layer become."""
    return np.array([max((float(value) for _, value in unit.terms), default=0.0) for unit in units])


def _head(checkpoint: Checkpoint, variables: Sequence[InputVariable]) -> list[_LayerNeeds]:
    """The head looks at one cell: at the channels of the middle of a patch, each of which may be anything that it ever is."""
    given = [(dense(weight), bias.astype(np.float64)) for weight, bias in checkpoint.layers("head")]
    layers = [_LayerNeeds(f"head, layer {number}", *parameters) for number, parameters in enumerate(given, 1)]
    sources = {index: variable.values[:, [column]] for variable in variables for column, index in enumerate(variable.inputs)}
    high, low = np.maximum(given[0][1], 0), given[0][1].copy()
    for channel in range(given[0][0].shape[1]):
        values, weights = sources[channel * 9 + 4], given[0][0][:, [channel]]
        layers[0].add(np.arange(len(weights)), weights, values)
        products = values @ weights.T
        high, low = high + products.max(axis=0), low + products.min(axis=0)
    outputs = np.stack([np.maximum(high, 0), np.maximum(low, 0)])
    layers[1].add(np.arange(len(given[1][1])), given[1][0], outputs)
    return layers


def exponents(values: Floats, most: int = 0) -> Ints:
    """The exponent of the largest power of two that each number is a multiple of, `most` at most: of 0 it is that."""
    mantissas, found = np.frexp(values)
    whole = np.abs(mantissas * 2.0**53).astype(np.int64)
    lowest = whole & -whole
    trailing = np.where(whole == 0, 1 << 20, np.log2(np.maximum(lowest, 1).astype(np.float64)).astype(np.int64))
    return np.minimum(found.astype(np.int64) - 53 + trailing, most)


def _digits(values: Floats) -> int:
    """The most binary digits that any of these numbers has, from its first 1 to its last."""
    mantissas, _ = np.frexp(values[values != 0])
    whole = np.abs(mantissas * 2.0**53).astype(np.int64)
    if not len(whole):
        return 1
    return int(53 - np.log2((whole & -whole).astype(np.float64)).astype(np.int64).min())


def _noise(apart: Apart, variables: Sequence[InputVariable], units: Sequence[UnitTerms]) -> float:
    """The largest power of two that is harmless, as noise; 0 if that would be below 2^-80."""
    step = _spacing(variables)
    return next((2.0**e for e in range(0, -80, -1) if _error(apart, variables, units, 2.0**e) < step / 2), 0.0)


def _spacing(variables: Sequence[InputVariable]) -> float:
    """How near to each other two values of a channel can be."""
    columns = [variable.values[:, column] for variable in variables for column in range(len(variable.inputs))]
    return float(min((np.diff(np.unique(values)).min() for values in columns if values.min() < values.max()), default=1.0))


def _error(apart: Apart, variables: Sequence[InputVariable], units: Sequence[UnitTerms], noise: float) -> float:
    """How wrong an output can be if every weight and bias is wrong by `noise`: by its inputs' errors, by the noise on its weights
    times what they are multiplied with, and by that on its bias. Weights that are 0 are wrong too."""
    inputs = np.zeros(len(apart.sources[0]))
    for variable in variables:
        inputs[list(variable.inputs)] = np.abs(variable.values).max(axis=0, initial=0)
    size, error = inputs, np.zeros(len(inputs))
    for number, (matrix, _) in enumerate(apart.layers, 1):
        error = np.abs(matrix) @ error + noise * ((size + error).sum() + 1)
        if number < len(apart.layers) - 1:
            size = _sizes(apart, variables, number)
        elif number == len(apart.layers) - 1:
            size = _most(units)
            silent = (size == 0) & (np.array([float(unit.margin) for unit in units]) > error)
            error = np.where(silent, 0.0, error)
    return float(error.max())


def _sizes(apart: Apart, variables: Sequence[InputVariable], layer: int) -> Floats:
    """How large the units of one of the first layers become."""
    found = np.zeros(len(apart.layers[layer - 1][1]))
    for variable in variables:
        for column, index in enumerate(variable.inputs):
            for number, sums in apart.steps(index, variable.values[:, column]):
                if number == layer:
                    found[sums.units] = np.maximum(sums.total, 0).max(axis=0, initial=0)
    return found
