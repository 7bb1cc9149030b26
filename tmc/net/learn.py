"""Algorithm 1: plain stochastic gradient descent through the whole network, which memorises the training set in `W`.

Lemma 1.1: after step `i`, rows `1..i` of `W` hold the examples `y·x` and labels `y`, times ⅓ at the network's scale (1 for the
target `wide`), and all other rows are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tmc.diagnostics import InternalError
from tmc.net.checkpoint import MEMORY, Checkpoint
from tmc.net.gradients import DenseNetwork, SparseNetwork, is_sparse
from tmc.net.network import Network, Shape, exact, one_thread
from tmc.run.gradients import Inexact


@dataclass(frozen=True, slots=True)
class Step:
    """One step of Algorithm 1: `output` before it (the lemma says 0) and the gradient of the loss, shape (m+1, d+1)."""

    index: int
    output: float
    gradient: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """How far training has come: `weight` is `W`, shape (m+1, d+1), after so many steps."""

    steps: int
    weight: NDArray[np.floating[Any]]


def memorise(
    network: Network,
    x: NDArray[np.int8],
    y: NDArray[np.int8],
    shape: Shape,
    *,
    full_depth: bool = False,
    engine: str = "auto",
    watch: Callable[[Step], None] | None = None,
    begin: Learnt | None = None,
    after: Callable[[Learnt], None] | None = None,
) -> None:
    """Train `W` of a compiled network, see `train`, and see that it has memorised. InternalError when the result is not the memory
    that Lemma 1.1 promises."""
    train(network, x, y, shape, full_depth=full_depth, engine=engine, watch=watch, begin=begin, after=after)
    expected = memory_of(x, y).to(network.dtype) * network.learning_rate
    if not torch.equal(network.memory.weight.detach().cpu(), expected):
        raise InternalError("gradient descent did not memorise the examples: W is not the matrix of Lemma 1.1")


def train(
    network: Network,
    x: NDArray[np.int8],
    y: NDArray[np.int8],
    shape: Shape,
    *,
    full_depth: bool = False,
    engine: str = "auto",
    watch: Callable[[Step], None] | None = None,
    begin: Learnt | None = None,
    after: Callable[[Learnt], None] | None = None,
) -> None:
    """Algorithm 1, for any weights: train `W` on examples `x` (m, d) with labels `y` (m,), all -1 and +1, one pass, one example at
    a time, then the dummy example.

    The squared loss `½(y - f(z; W))²` is differentiated through every layer that is run: with the engine ``dense`` by autograd
    alone; with ``sparse`` by the chain rule patch by patch (`tmc.net.gradients`), for as long as that gives the same to the last
    bit. ``auto`` is ``dense`` for weights drawn at random, else ``sparse``. `watch` is called before every step and `after` after
    it, with a copy of `W`; training that goes on from `begin` ends where it would have ended. Raises `Rejected` when the layers do
    not fit this machine's memory.
    """
    network.memory.reset(shape.m, shape.d)
    weight = network.memory.weight
    done = 0 if begin is None else begin.steps
    if begin is not None:
        weight.data.copy_(torch.from_numpy(begin.weight))
    way = SparseNetwork if is_sparse(network, engine) else DenseNetwork
    output: SparseNetwork | DenseNetwork = way(network, shape, full_depth)
    for index, (z, label) in islice(enumerate(_samples(x, y, network.dtype), 1), done, None):
        try:
            prediction = _differentiate(output, weight, z[None].to(weight.device), label)
        except Inexact:
            output = DenseNetwork(network, shape, full_depth)
            prediction = _differentiate(output, weight, z[None].to(weight.device), label)
        if watch is not None and weight.grad is not None:
            watch(Step(index, prediction, weight.grad.clone()))
        descend(weight, network.learning_rate)
        if after is not None:
            after(Learnt(index, weight.detach().cpu().numpy().copy()))


def descend(weight: Tensor, learning_rate: float) -> None:
    """One step of plain stochastic gradient descent, `W ← W - η·∇W`: what `torch.optim.SGD` does, to the last bit. Constructing one
    of those would load torch's compiler, which takes seconds."""
    assert weight.grad is not None
    with torch.no_grad():
        weight.add_(weight.grad, alpha=-learning_rate)


def _differentiate(output: SparseNetwork | DenseNetwork, weight: Tensor, z: Tensor, label: float) -> float:
    """`f(z; W)`; the gradient of the loss is then with `W`. May raise `Inexact`."""
    weight.grad = None
    with exact(), one_thread(output.small):
        prediction = output(z)[0]
        loss = (label - prediction) ** 2 / 2
        loss.backward()  # type: ignore[no-untyped-call]
    return float(prediction.detach())


def trained_checkpoint(network: Network) -> Checkpoint:
    """The network's checkpoint with its memory `W`."""
    weight = network.memory.weight.detach().cpu().numpy()
    return replace(network.checkpoint, tensors={**network.checkpoint.tensors, MEMORY[network.checkpoint.target]: weight})


def _samples(x: NDArray[np.int8], y: NDArray[np.int8], dtype: torch.dtype) -> Iterable[tuple[Tensor, float]]:
    """`z = [x; 1]` and `y` for every example, then the dummy `(1, …, 1; 1)`."""
    ones = np.ones((len(x), 1), dtype=np.int8)
    for row, label in zip(np.concatenate([x, ones], axis=1), y, strict=True):
        yield torch.from_numpy(row).to(dtype), float(label)
    yield torch.ones(x.shape[1] + 1, dtype=dtype), 1.0


def memory_of(x: NDArray[np.int8], y: NDArray[np.int8]) -> Tensor:
    """The paper's `W` after all m+1 steps, scaled by 3: rows `[y·x; y]`, and a last row of ones. Shape (m+1, d+1)."""
    examples = np.concatenate([x, np.ones((len(x), 1), dtype=np.int8)], axis=1) * y[:, None]
    last = np.ones((1, x.shape[1] + 1), dtype=np.int8)
    return torch.from_numpy(np.concatenate([examples, last]).astype(np.float32))
