"""The chain rule through a recurrent convolution, asked about no patch twice.

What the next cell's channel `c` owes to the 9 cells of its patch, its *slopes*, are those of one affine map: the layers with those
units that are above 0. They depend on the patch alone, so they are found once for every patch and channel that a gradient comes
through. ReLU has slope 0 at 0, as torch has it.

Autograd finds the same to the last bit as long as its numbers are exact. They no longer are when a gradient grows beyond what the
network's number format holds: that is watched for, and ends in `Inexact`.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.native.jit import kernel
from tmc.native.tables import BITS, Floats, Ints, Numbers, Rows
from tmc.native.written import Dimensions
from tmc.net.sparse.engine import EngineRun, PatchCache
from tmc.net.sparse.patches import CELLS, LayerWeights

Cube = Annotated[NDArray[np.float64], Dimensions(3)]
SIDE = 3  # of a patch
DIGITS = {True: 24, False: 53}  # binary digits of a number, float32 or not


class Inexact(Exception):
    """The numbers, or what has to be kept of them, grow too large."""


class Slopes:
    """The slopes met so far. `cache`: the patches of the same network, whose numbers they go by; it must not forget any, and its
    joint layer must be the first: cells that look alike to a later one may differ in their slopes."""

    def __init__(self, cache: PatchCache) -> None:
        self._cache, self._matrices = cache, matrices(cache.weights)
        self._numbers: dict[tuple[int, int], int] = {}
        self._rows, self._sums = np.zeros((0, self._matrices[0].shape[1])), np.zeros((0, len(self._matrices), 2))
        self._limit = 2.0 ** DIGITS[cache.weights.single]

    @np.errstate(all="ignore")
    def check_values(self) -> None:
        """Raise `Inexact` unless in all layers, of all cells met, every sum is exact in float32. In float64 that is what the
        compiler sees to, and only that cells are no larger is checked."""
        cache, weights = self._cache.arrays, self._cache.weights
        cells = cache.cells[: cache.used[CELLS]]
        largest, unit = abs(cells).max(initial=0), last_digit(cells)
        if weights.single:
            for matrix, first in zip(self._matrices, weights.first_unit, strict=False):
                bias = weights.bias[first : first + len(matrix)]
                largest = max(largest, (abs(matrix).sum(axis=1) * largest + abs(bias)).max())
                unit = min(unit * last_digit(matrix), last_digit(bias))
        if not largest < self._limit * unit:
            raise Inexact

    def pull_back(self, gradient: Floats, patches: Numbers) -> Floats:
        """The gradient (rows, columns, channels) by the cells before a layer, from that by the cells after it. `patches`, of shape
        (rows, columns, 3): see `EngineRun.patches`. Raises `Inexact`."""
        if not np.array_equal(gradient, np.rint(gradient)):
            raise Inexact
        rows, columns, channels = (np.ascontiguousarray(places) for places in np.nonzero(gradient))
        slopes = self._find(patches[rows, columns].astype(np.int64), channels)
        reach, digits = self._sums[slopes].transpose(2, 1, 0)
        largest = (abs(gradient[rows, columns, channels]) * reach).max(axis=1, initial=0)
        most = SIDE * SIDE * gradient.shape[2]  # so many such sums meet in a cell, at most
        if not (largest * most < self._limit * digits.min(axis=1, initial=1)).all():
            raise Inexact
        bordered = np.zeros((gradient.shape[0] + 2, gradient.shape[1] + 2, gradient.shape[2]))
        _scatter(rows, columns, gradient[rows, columns, channels], slopes, self._rows, bordered)
        return np.ascontiguousarray(bordered[1:-1, 1:-1])

    def _find(self, patches: Ints, channels: Ints) -> Ints:
        """Where in `_rows` the slopes of these channels of these patches, (n, 3), are."""
        keys = (patches[:, 0] << 2 * BITS) | (patches[:, 1] << BITS) | patches[:, 2]
        kinds = np.unique(keys, return_inverse=True)[1].reshape(-1)  # few, so that with the channel they make one number
        _, first, inverse = np.unique(kinds * len(self._matrices[-1]) + channels, return_index=True, return_inverse=True)
        pairs = list(zip(keys[first].tolist(), channels[first].tolist(), strict=True))
        new = [index for index, pair in zip(first.tolist(), pairs, strict=True) if pair not in self._numbers]
        if new:
            rows, sums = self._slopes(patches[new], channels[new])
            self._rows, self._sums = np.concatenate([self._rows, rows]), np.concatenate([self._sums, sums])
            for index in new:
                self._numbers[int(keys[index]), int(channels[index])] = len(self._numbers)
        return np.array([self._numbers[pair] for pair in pairs], dtype=np.int64)[inverse.reshape(-1)]

    @np.errstate(all="ignore")  # what is not finite ends in `Inexact`
    def _slopes(self, patches: Ints, channels: Ints) -> tuple[Floats, Floats]:
        """The slopes of one channel each of some patches, (n, inputs of the first layer). And of the sums on the way to them, in
        each layer, how far they reach at most, and of what all their terms are multiples: (n, layers, 2)."""
        weights, totals = self._cache.weights, self._cache.joint_sums(patches)
        above: list[Any] = []
        for matrix, first in zip(self._matrices[1:], weights.first_unit[1:], strict=False):
            above.append(totals > 0)
            totals = np.maximum(totals, 0) @ matrix.T + weights.bias[first : first + len(matrix)]
        slopes, reach, digits = np.eye(len(self._matrices[-1]))[channels], list[Floats](), list[Floats]()
        for matrix, positive in zip(reversed(self._matrices), [*reversed(above), True], strict=True):
            met = np.where(slopes != 0, last_digits(matrix), 1).min(axis=1)  # by the units that a slope comes through
            reach.append((abs(slopes) @ abs(matrix)).max(axis=1))
            digits.append(last_digits(slopes) * met)
            slopes = (slopes @ matrix) * positive
        return slopes, np.stack([reach, digits], axis=1).transpose(2, 0, 1)


def last_digit(values: Floats) -> float:
    """The largest power of two, 1 at most, of which all values are multiples; 0 where some are not finite."""
    return float(last_digits(values.reshape(1, -1))[0])


@np.errstate(all="ignore")
def last_digits(values: Floats) -> Floats:
    """The same of each row."""
    fractions, exponents = np.frexp(values)
    whole = np.where(np.isfinite(values), np.ldexp(fractions, DIGITS[False]), 0).astype(np.int64)
    units = np.where(whole == 0, 1.0, np.ldexp((whole & -whole).astype(np.float64), exponents - DIGITS[False]))
    return np.asarray(np.where(np.isfinite(values), np.minimum(units, 1.0), 0.0).min(axis=-1, initial=1.0))


def matrices(weights: LayerWeights) -> list[Floats]:
    """The layers as dense matrices (units, inputs)."""
    found = []
    for layer in range(len(weights.first_unit) - 1):
        (first, last), units = weights.first_input[layer : layer + 2], np.diff(weights.first_unit)[layer]
        matrix = np.zeros((units, last - first))
        entries = slice(weights.begin[first], weights.begin[last])
        inputs = np.repeat(np.arange(last - first), np.diff(weights.begin[first : last + 1]))
        matrix[weights.unit[entries], inputs] = weights.weight[entries]
        found.append(matrix)
    return found


class Tracked:
    """A lattice run from its first `values`, (rows, columns, channels), with what is needed to walk back through its layers.

    It runs `layers` layers, but at the longest until one changes nothing; `through_all` says whether to count those that are then
    left: they compute that same layer again. Raises `Inexact` when numbers grow too large, or there are too many patches to keep.
    """

    def __init__(self, slopes: Slopes, cache: PatchCache, values: Floats, layers: int, through_all: bool) -> None:
        self._slopes, self._running = slopes, EngineRun(cache, values)
        self._patches: list[Numbers] = []
        while self._running.layers < layers and not self._running.at_rest:
            try:
                self._running.run(self._running.layers + 1, 0)
            except Rejected as error:
                raise Inexact from error
            if cache.forgotten:
                raise Inexact
            self._patches.append(self._running.patches())
        slopes.check_values()
        self._left = layers - self._running.layers if through_all else 0

    def cells(self) -> tuple[Floats, Numbers]:
        """The lattice after the last layer: all cells met, (cells, channels), and the numbers of its own, (rows, columns)."""
        return self._running.cells()

    def pull_back(self, gradient: Floats) -> Floats:
        """The gradient by the first lattice from that by the last, both (rows, columns, channels)."""
        for _ in range(self._left):
            after, gradient = gradient, self._slopes.pull_back(gradient, self._patches[-1])
            if np.array_equal(after, gradient):  # so it is in all layers that are left
                break
        for patches in reversed(self._patches):
            gradient = self._slopes.pull_back(gradient, patches)
        return gradient


@kernel
def _scatter(rows: Ints, columns: Ints, gradient: Floats, numbers: Ints, slopes: Rows, bordered: Cube) -> None:
    """Add what each channel's gradient gives to the 9 cells of its patch; `bordered` is the lattice with a border of one cell."""
    size = SIDE * SIDE
    for i in range(len(rows)):
        slope = slopes[numbers[i]]
        for j in range(len(slope)):
            if slope[j] != 0:
                channel, place = j // size, j % size
                bordered[rows[i] + place // SIDE, columns[i] + place % SIDE, channel] += gradient[i] * slope[j]
