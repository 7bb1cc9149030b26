"""The head of a network without torch: two 1x1 convolutions on every cell, summed, and the gradient of that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tmc.native.tables import Floats
from tmc.net.checkpoint.reading import Array
from tmc.net.sparse.chain_rule import DIGITS, Inexact, last_digit


@dataclass(frozen=True, slots=True, eq=False)
class _HeadLayer:
    """Weights (units, inputs) and biases (units,); and of what those of each unit are multiples, (units,)."""

    weight: Floats
    bias: Floats
    weight_digit: Floats
    bias_digit: Floats

    @staticmethod
    def of(weight: Array, bias: Array) -> _HeadLayer:
        wide, biases = weight.astype(np.float64), bias.astype(np.float64)
        digits = np.array([last_digit(row) for row in wide])
        return _HeadLayer(wide, biases, digits, np.array([last_digit(number) for number in biases]))

    def turned(self) -> _HeadLayer:
        """The way back."""
        return _HeadLayer.of(self.weight.T, np.zeros(self.weight.shape[1]))


class Head:
    """The head by its weights: matrices (units, inputs), biases (units,). `single`: whether numbers are float32, not float64."""

    def __init__(self, layers: list[tuple[Array, Array]], single: bool) -> None:
        self._limit = 2.0 ** DIGITS[single]
        self._layers = [_HeadLayer.of(*layer) for layer in layers]
        self._back = [layer.turned() for layer in reversed(self._layers)]

    @np.errstate(all="ignore")  # what is not finite ends in `Inexact`
    def on(self, cells: Floats, counts: NDArray[np.int64] | None = None) -> tuple[float, list[NDArray[np.bool_]]]:
        """The output for cells (n, channels), each of which is there so many times, `counts` (n,), or once; and which hidden units
        of each, (n, units), are above 0.

        Raises `Inexact` where a sum may be rounded, so that its order would matter."""
        values, above = cells, list[NDArray[np.bool_]]()
        for number, layer in enumerate(self._layers):
            if number:
                above.append(values > 0)
                values = np.maximum(values, 0)
            values = self._sums(values, layer)
        outputs = values[:, 0] if counts is None else values[:, 0] * counts
        self._check(abs(outputs).sum(), last_digit(values))
        return float(outputs.sum()), above

    @np.errstate(all="ignore")
    def pull_back(self, gradient: float, above: list[NDArray[np.bool_]]) -> Floats:
        """The gradient (n, channels) by the cells, from that by the output. Raises `Inexact` as `on` does."""
        values = np.full((len(above[0]), 1), gradient)
        for layer, positive in zip(self._back, [*reversed(above), None], strict=True):
            values = self._sums(values, layer)
            if positive is not None:
                values = values * positive
        return values

    def _sums(self, values: Floats, layer: _HeadLayer) -> Floats:
        """What a layer makes of values (n, inputs): (n, units)."""
        reach = abs(values) @ abs(layer.weight).T + abs(layer.bias)
        self._check(reach, np.minimum(layer.weight_digit * last_digit(values), layer.bias_digit))
        return values @ layer.weight.T + layer.bias

    def _check(self, reach: Floats, digit: Floats | float) -> None:
        """Sums that come to `reach` at most, of multiples of `digit`, must be exact."""
        if not (reach < self._limit * digit).all():
            raise Inexact
