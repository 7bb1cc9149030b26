"""Algorithm 1: plain stochastic gradient descent through the whole network, which memorises the training set in `W`.

Lemma 1.1: after step `i`, rows `1..i` of `W` hold the examples `y·x` and labels `y`, times ⅓ at the network's scale (1 for the
target `wide`), and all other rows are 0.

torch is loaded for the dense engine only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tmc.net.checkpoint.reading import Checkpoint
from tmc.net.choice import is_sparse
from tmc.net.described import Described, Memory, Shape, not_compiled
from tmc.net.sparse.chain_rule import Inexact
from tmc.net.sparse.gradients import SparseNetwork

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class SgdStep:
    """One step of Algorithm 1: `output` before it (the lemma says 0) and the gradient of the loss, shape (m+1, d+1): a tensor if
    the network is a module of torch, else an array."""

    index: int
    output: float
    gradient: Any


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """How far training has come: `weight` is `W`, shape (m+1, d+1), after so many steps."""

    steps: int
    weight: Memory


class GradientMethod(Protocol):
    """How gradients are found: see `tmc.net.sparse.gradients.SparseNetwork` and `tmc.net.autograd.DenseNetwork`."""

    @property
    def network(self) -> Described:
        """What is trained."""

    def differentiate(self, z: NDArray[np.int8], label: float) -> tuple[float, Memory]:
        """`f(z; W)`, and the gradient of the loss `½(label - f)²`. May raise `Inexact`."""

    def descend(self, gradient: Memory) -> None:
        """One step of plain gradient descent, `W ← W - η·gradient`. May raise `Inexact`."""


def memorise(
    network: Described,
    x: NDArray[np.int8],
    y: NDArray[np.int8],
    shape: Shape,
    *,
    full_depth: bool = False,
    engine: str = "auto",
    watch: Callable[[SgdStep], None] | None = None,
    begin: Learnt | None = None,
    after: Callable[[Learnt], None] | None = None,
) -> None:
    """Train `W` of a compiled network, see `train`, and see that it has memorised. Raises `Rejected` when the result is not the
    memory that Lemma 1.1 promises, so that the weights are not those of a compiled machine."""
    train(network, x, y, shape, full_depth=full_depth, engine=engine, watch=watch, begin=begin, after=after)
    if not np.array_equal(network.memory_array(), memory_of_lemma(network, x, y)):
        raise not_compiled(network, "gradient descent did not memorise the examples")


def train(
    network: Described,
    x: NDArray[np.int8],
    y: NDArray[np.int8],
    shape: Shape,
    *,
    full_depth: bool = False,
    engine: str = "auto",
    watch: Callable[[SgdStep], None] | None = None,
    begin: Learnt | None = None,
    after: Callable[[Learnt], None] | None = None,
) -> None:
    """Algorithm 1, for any weights: train `W` on examples `x` (m, d) with labels `y` (m,), all -1 and +1, one pass, one example at
    a time, then the dummy example.

    The squared loss `½(y - f(z; W))²` is differentiated through every layer that is run: with the engine ``dense`` by autograd
    alone; with ``sparse`` by the chain rule patch by patch (`tmc.net.sparse.gradients`), for as long as that gives the same to the
    last bit. ``auto`` is ``dense`` for weights drawn at random, else ``sparse``. The step is that of plain SGD, without momentum
    or decay. `watch` is called before every step and `after` after it, with a copy of `W`; training that goes on from `begin` ends
    where it would have ended. Raises `Rejected` when the layers do not fit this machine's memory.
    """
    zeros = np.zeros((shape.m + 1, shape.d + 1))
    network.set_memory(zeros if begin is None else begin.weight)
    descent = _Descent(network, shape, full_depth, engine)
    for index, (z, label) in islice(enumerate(_samples(x, y), 1), 0 if begin is None else begin.steps, None):
        output, gradient = descent.differentiate(z, label)
        if watch is not None:
            watch(SgdStep(index, output, network.native(gradient)))
        descent.descend(gradient)
        if after is not None:
            after(Learnt(index, network.memory_array().copy()))


class _Descent:
    """A network that is trained, by the chain rule until that is no longer exact, then by autograd."""

    def __init__(self, network: Described, shape: Shape, full_depth: bool, engine: str) -> None:
        self._network, self._shape, self._full_depth = network, shape, full_depth
        self._way: GradientMethod = SparseNetwork(network, shape, full_depth) if is_sparse(network, engine) else self._dense()

    def _dense(self) -> GradientMethod:
        from tmc.net.autograd import DenseNetwork

        return DenseNetwork(self._network, self._shape, self._full_depth)

    def differentiate(self, z: NDArray[np.int8], label: float) -> tuple[float, Memory]:
        """See `GradientMethod`."""
        try:
            return self._way.differentiate(z, label)
        except Inexact:
            self._way = self._dense()
            return self._way.differentiate(z, label)

    def descend(self, gradient: Memory) -> None:
        """See `GradientMethod`."""
        try:
            self._way.descend(gradient)
        except Inexact:
            self._way = self._dense()
            self._way.descend(gradient)
        if self._way.network is not self._network:
            self._network.set_memory(self._way.network.memory_array())


def trained_checkpoint(network: Described) -> Checkpoint:
    """The network's checkpoint with its memory `W`."""
    tensors = {**network.checkpoint.tensors, network.checkpoint.target.memory: network.memory_array().copy()}
    return replace(network.checkpoint, tensors=tensors)


def _samples(x: NDArray[np.int8], y: NDArray[np.int8]) -> Iterable[tuple[NDArray[np.int8], float]]:
    """`z = [x; 1]` and `y` for every example, then the dummy `(1, …, 1; 1)`."""
    ones = np.ones((len(x), 1), dtype=np.int8)
    for row, label in zip(np.concatenate([x, ones], axis=1), y, strict=True):
        yield row, float(label)
    yield np.ones(x.shape[1] + 1, dtype=np.int8), 1.0


def rows_of(x: NDArray[np.int8], y: NDArray[np.int8]) -> NDArray[np.int8]:
    """The paper's `W` after all m+1 steps, scaled by 3: rows `[y·x; y]`, and a last row of ones. Shape (m+1, d+1)."""
    examples = np.concatenate([x, np.ones((len(x), 1), dtype=np.int8)], axis=1) * y[:, None]
    return np.concatenate([examples, np.ones((1, x.shape[1] + 1), dtype=np.int8)])


def memory_of_lemma(network: Described, x: NDArray[np.int8], y: NDArray[np.int8], steps: int | None = None) -> Memory:
    """The `W` that Lemma 1.1 promises after so many steps (None: after all), shape (m+1, d+1)."""
    found: Memory = rows_of(x, y).astype(network.memory_array().dtype) * network.learning_rate
    found[len(found) if steps is None else steps :] = 0
    return found


def memory_of(x: NDArray[np.int8], y: NDArray[np.int8]) -> Tensor:
    """The same as a tensor of float32."""
    import torch

    return torch.from_numpy(rows_of(x, y).astype(np.float32))
