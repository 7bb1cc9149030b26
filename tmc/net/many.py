"""Many networks at once: Algorithm 1 on thousands of small networks of one architecture, in batches of matrices.

Each computes what `tmc.net.learn.train` and `tmc.net.answer.answer` compute for it with ``full_depth``: all `L` layers are run and
differentiated. The sums are the same but may be added in another order, so outputs agree in every bit where no sum is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from tmc.diagnostics import Rejected
from tmc.net.checkpoint.reading import Checkpoint
from tmc.net.modes import exact, one_thread, usual
from tmc.targets.registry import SCALAR

NUMBERS = 1 << 20  # that a layer of a part of the networks has at most: more at a time are slower. Measured
HIDDEN = 5  # matrices of the recurrent convolution, V1 to V5
Weights = Mapping[str, NDArray[np.floating[Any]]]  # by the names of a checkpoint, each of shape (networks, …)


@dataclass(frozen=True, slots=True)
class FixedCells:
    """What is not drawn: the cell of the pad columns, the one beyond the edges (the paper's p), and η."""

    pad: float
    border: float
    learning_rate: float

    @classmethod
    def of(cls, compiled: Checkpoint) -> FixedCells:
        """That of a compiled network. Raises `Rejected` for a target whose tensors are not the paper's."""
        if not compiled.target.paper:
            raise Rejected(f"{compiled.name}: many networks are run at once for the target {SCALAR.name} alone")
        cells = compiled.about["cells"]
        return cls(float(cells["pad"][0]), float(cells["border"][0]), float(compiled.about["learning_rate"]))


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Problems of one size, all -1 and +1: examples `x` (p, m, d) with labels `y` (p, m), and `queries` (p, q, d) with theirs,
    `wanted` (p, q). `layers` is L, `pads` the number of pad columns."""

    x: NDArray[np.int8]
    y: NDArray[np.int8]
    queries: NDArray[np.int8]
    wanted: NDArray[np.int8]
    layers: int
    pads: int = 1

    def part(self, first: int, end: int) -> Batch:
        """The problems from number `first` to before `end`."""
        some = slice(first, end)
        return Batch(self.x[some], self.y[some], self.queries[some], self.wanted[some], self.layers, self.pads)


def outputs(weights: Weights, frame: FixedCells, batch: Batch) -> NDArray[np.floating[Any]]:
    """Train each network on each problem and ask it the queries. Returns (networks, p, q)."""
    problems, examples, features = batch.x.shape
    cells = problems * batch.queries.shape[1] * (examples + 1) * (features + 1 + batch.pads)
    size = max(1, NUMBERS // (cells * max(9, weights["V1"].shape[1])))
    parts = []
    with usual(grad=True), exact(), one_thread():
        for first in range(0, len(weights["V1"]), size):
            some = {name: torch.from_numpy(np.ascontiguousarray(array[first : first + size])) for name, array in weights.items()}
            parts.append(_Networks(some, frame, batch).outputs().numpy())
    return np.concatenate(parts)


def labels(found: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
    """-1 or +1 for each output. 0 and NaN are undecided, which counts as +1, as in the paper."""
    return np.where(found < 0, -1, 1).astype(np.int8)


class _Networks:
    """Some networks and some problems."""

    def __init__(self, weights: Mapping[str, Tensor], frame: FixedCells, batch: Batch) -> None:
        self._frame, self._batch = frame, batch
        self._dtype = weights["V1"].dtype
        self._weights = {name: tensor for name, tensor in weights.items() if not name.endswith(".bias")}
        self._biases = {name: weights[f"{name}.bias"][:, :, None] for name in self._weights}
        self._networks = len(weights["V1"])

    def outputs(self) -> Tensor:
        """(networks, p, q)."""
        memory = self._trained()
        with torch.no_grad():
            return self._output(memory, self._inputs(self._batch.queries))

    def _inputs(self, x: NDArray[np.int8]) -> Tensor:
        """`z = [x; 1]`: (p, q, d) to (p, q, d+1)."""
        return pad(torch.from_numpy(x).to(self._dtype), (0, 1), value=1.0)

    def _trained(self) -> Tensor:
        """`W` after one pass of gradient descent, the dummy example last: (networks, p, m+1, d+1)."""
        problems, examples, features = self._batch.x.shape
        x = np.concatenate([self._batch.x, np.ones((problems, 1, features), np.int8)], axis=1)
        z, y = self._inputs(x), pad(torch.from_numpy(self._batch.y).to(self._dtype), (0, 1), value=1.0)
        memory = torch.zeros(self._networks, problems, examples + 1, features + 1, dtype=self._dtype)
        for step in range(examples + 1):
            memory.requires_grad_()
            loss = (y[:, step] - self._output(memory, z[:, step : step + 1])[:, :, 0]) ** 2 / 2
            (gradient,) = torch.autograd.grad(loss.sum(), memory)
            memory = memory.detach().add(gradient, alpha=-self._frame.learning_rate)
        return memory

    def _output(self, memory: Tensor, z: Tensor) -> Tensor:
        """`f(z; W)` for `z` (p, q, d+1). Returns (networks, p, q)."""
        problems, queries, columns = z.shape
        products = memory[:, :, None] * z[None, :, :, None, :]
        lattice = pad(products.flatten(1, 2), (0, self._batch.pads), value=self._frame.pad)
        for _ in range(self._batch.layers):
            lattice = self._convolved(lattice)
        hidden = torch.relu(self._layer("U2", lattice[..., :columns].reshape(self._networks, 1, -1)))
        return self._layer("U1", hidden).reshape(self._networks, problems, queries, -1).sum(dim=3)

    def _convolved(self, lattice: Tensor) -> Tensor:
        """One application of the recurrent convolution to (networks, lattices, rows, columns)."""
        patches = pad(lattice, (1, 1, 1, 1), value=self._frame.border).unfold(2, 3, 1).unfold(3, 3, 1)
        values = patches.permute(0, 4, 5, 1, 2, 3).reshape(self._networks, 9, -1)
        for number in range(1, HIDDEN):
            values = torch.relu(self._layer(f"V{number}", values))
        return self._layer(f"V{HIDDEN}", values).reshape(lattice.shape)

    def _layer(self, name: str, values: Tensor) -> Tensor:
        """(networks, inputs, cells) to (networks, units, cells)."""
        return torch.baddbmm(self._biases[name], self._weights[name], values)
