"""The network's output for one input, with its gradient by the memory `W`, by the chain rule patch by patch: see
`tmc.net.sparse.chain_rule`. Without torch; `tmc.net.autograd` is the other way."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from tmc.net.choice import is_sparse
from tmc.net.described import Described, Memory, Shape
from tmc.net.sparse.chain_rule import Inexact, Slopes, Tracked
from tmc.net.sparse.plain import PlainNetwork

__all__ = ["Forward", "SparseNetwork", "is_sparse"]


class SparseNetwork:
    """`f(z; W)` as `Network.forward` computes it, value and gradient, from the weights that the network has now.

    With `full_depth` the layers after the first that changes nothing count, too: forwards they change nothing, and backwards they
    are applied one by one for as long as the gradient changes. Raises `Rejected` when the layers do not fit this machine's memory.
    """

    def __init__(self, network: Described, shape: Shape, full_depth: bool = False) -> None:
        network.check_memory(shape, batch=1, kept=0)
        self.network = network.plain()
        self._shape, self._full_depth = shape, full_depth
        self._cache = self.network.patches(apart=False)
        self._slopes = Slopes(self._cache)

    def __call__(self, z: NDArray[np.int8]) -> Forward:
        """`z`: (d+1,). This, or going backward, raises `Inexact` unless the result is to the last bit what autograd finds."""
        lattice = self.network.first_lattice(z, self._shape.pads)
        return Forward(self.network, z, Tracked(self._slopes, self._cache, lattice, self._shape.depth, self._full_depth))

    # --- as a way of Algorithm 1, see `tmc.net.learn`

    def differentiate(self, z: NDArray[np.int8], label: float) -> tuple[float, Memory]:
        """`f(z; W)`, and the gradient of the loss `½(label - f)²`. Raises `Inexact`."""
        forward, kind = self(z), self.network.dtype.type
        slope = kind(forward.output) - kind(label)
        return forward.output, forward.pull_back(float(slope))

    def descend(self, gradient: Memory) -> None:
        """One step of plain gradient descent, `W ← W - η·gradient`. Raises `Inexact`, and changes nothing, where it would matter
        whether the product is rounded before the sum is."""
        weight, rate = self.network.memory_array(), self.network.dtype.type(-self.network.learning_rate)
        product = rate * gradient
        moved = (weight != 0) & (gradient != 0)
        if not all(
            _is_product(*numbers, float(rate)) for numbers in zip(product[moved].tolist(), gradient[moved].tolist(), strict=True)
        ):
            raise Inexact
        self.network.set_memory(weight + product)


def _is_product(product: float, one: float, other: float) -> bool:
    """Whether a product is exact."""
    return isfinite(product) and Fraction(one) * Fraction(other) == Fraction(product)


class Forward:
    """The network's `output` for one input, and the way back."""

    def __init__(self, network: PlainNetwork, z: NDArray[np.int8], layers: Tracked) -> None:
        self._network, self._z, self._layers = network, z, layers
        cells, numbers = layers.cells()
        self._channels, self._numbers = cells.shape[1], numbers
        counts = np.bincount(numbers[:, : len(z)].ravel())
        self._met = np.flatnonzero(counts)  # what the head does not tell apart is asked about once
        self.output, self._above = network.head.on(cells[self._met], counts[self._met])

    def pull_back(self, gradient: float) -> Memory:
        """The gradient by `W`, shape (m+1, d+1), from that by the output. Raises `Inexact`."""
        by_cell = np.zeros((int(self._met[-1]) + 1, self._channels))
        by_cell[self._met] = self._network.head.pull_back(gradient, self._above)
        last = np.zeros((*self._numbers.shape, self._channels))
        last[:, : len(self._z)] = by_cell[self._numbers[:, : len(self._z)]]
        first = self._layers.pull_back(last)[:, : len(self._z), self._network.symbol]
        found: Memory = first.astype(self._network.dtype) * self._z.astype(self._network.dtype)
        return found
