"""Algorithm 1: plain stochastic gradient descent through the whole network, which memorises the training set in `W`.

Lemma 1.1: after step `i`, rows `1..i` of `W` hold the examples `y·x` and labels `y`, times ⅓ at the network's scale (1 for the
target `wide`), and all other rows are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tmc.diagnostics import InternalError
from tmc.net.checkpoint import MEMORY, Checkpoint
from tmc.net.gradients import SparseNetwork, is_sparse
from tmc.net.network import SMALL, Network, Shape, exact, one_thread


@dataclass(frozen=True, slots=True)
class Step:
    """One step of Algorithm 1: `output` before it (the lemma says 0) and the gradient of the loss, shape (m+1, d+1)."""

    index: int
    output: float
    gradient: Tensor


def memorise(
    network: Network,
    x: NDArray[np.int8],
    y: NDArray[np.int8],
    shape: Shape,
    *,
    full_depth: bool = False,
    engine: str = "auto",
    watch: Callable[[Step], None] | None = None,
) -> None:
    """Train `W` of a compiled network, see `train`, and see that it has memorised. InternalError when the result is not the memory
    that Lemma 1.1 promises."""
    train(network, x, y, shape, full_depth=full_depth, engine=engine, watch=watch)
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
) -> None:
    """Algorithm 1, for any weights: train `W` on examples `x` (m, d) with labels `y` (m,), all -1 and +1, one pass, one example at
    a time, then the dummy example.

    The squared loss `½(y - f(z; W))²` is differentiated through every layer that is run: with the engine ``dense`` by autograd
    alone, with ``sparse`` by the chain rule patch by patch (`tmc.net.gradients`); ``auto`` is ``dense`` for weights drawn at
    random, else ``sparse``. Raises `Rejected` when the layers do not fit this machine's memory.
    """
    sparse = is_sparse(network, engine)
    network.check_memory(shape, batch=1, kept=0 if sparse else shape.depth if full_depth else 1)
    network.memory.reset(shape.m, shape.d)
    weight = network.memory.weight
    optimizer = torch.optim.SGD([weight], lr=network.learning_rate)
    output = SparseNetwork(network, shape, full_depth) if sparse else partial(network, shape=shape, full_depth=full_depth)
    for index, (z, label) in enumerate(_samples(x, y, network.dtype), 1):
        optimizer.zero_grad()
        with exact(), one_thread(sparse or (shape.m + 1) * (shape.d + 1 + shape.pads) < SMALL):
            prediction = output(z[None].to(weight.device))[0]
            loss = (label - prediction) ** 2 / 2
            loss.backward()
        if watch is not None and weight.grad is not None:
            watch(Step(index, float(prediction.detach()), weight.grad.clone()))
        optimizer.step()


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
