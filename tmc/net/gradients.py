"""The network's output for one input, with its gradient: by autograd through dense layers, or by the sparse engine."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tmc.net.engines import ENGINES, patches_of
from tmc.net.network import SMALL, Network, Shape
from tmc.run.gradients import Slopes, Tracked
from tmc.run.patches import Floats


def is_sparse(network: Network, engine: str) -> bool:
    """Whether ``auto``, ``sparse`` or ``dense`` means the sparse engine. ValueError for another name."""
    if engine not in ENGINES:
        raise ValueError(f"no engine is called {engine!r}; there are {', '.join(ENGINES)}")
    return engine == "sparse" or (engine == "auto" and not network.is_drawn)


class DenseNetwork:
    """`f(z; W)` by `Network.forward`, for autograd. `small`: whether torch does best with one thread. Raises `Rejected` when the
    layers do not fit this machine's memory."""

    def __init__(self, network: Network, shape: Shape, full_depth: bool = False) -> None:
        network.check_memory(shape, batch=1, kept=shape.depth if full_depth else 1)
        self._network, self._shape, self._full_depth = network, shape, full_depth
        self.small = (shape.m + 1) * (shape.d + 1 + shape.pads) < SMALL

    def __call__(self, z: Tensor) -> Tensor:
        """`z`: (1, d+1). Returns (1,)."""
        return self._network(z, self._shape, self._full_depth)  # type: ignore[no-any-return]


class SparseNetwork:
    """`f(z; W)` as `Network.forward` computes it, value and gradient, from the weights that the network has now.

    The memory layer and the head are differentiated by autograd, the layers between them by `tmc.run.gradients`. With `full_depth`
    the layers after the first that changes nothing count, too: forwards they change nothing, and backwards they are applied one by
    one for as long as the gradient changes. Raises `Rejected` as `DenseNetwork` does.
    """

    small = True

    def __init__(self, network: Network, shape: Shape, full_depth: bool = False) -> None:
        network.check_memory(shape, batch=1, kept=0)
        self._network, self._shape, self._full_depth = network, shape, full_depth
        self._known = patches_of(network, apart=False)
        self._slopes = Slopes(self._known)

    def __call__(self, z: Tensor) -> Tensor:
        """`z`: (1, d+1). Returns (1,). This, or going backward from it, raises `Inexact` unless the result is to the last bit what
        autograd finds."""
        lattice = self._network.memory(z, self._shape.pads)
        return self._network.output(_Layers.apply(lattice, self))  # type: ignore[no-untyped-call]

    def track(self, values: Floats) -> Tracked:
        """Run a lattice (rows, columns, channels)."""
        return Tracked(self._slopes, self._known, values, self._shape.depth, self._full_depth)


class _Layers(torch.autograd.Function):
    """All applications of the recurrent convolution to one lattice (1, channels, rows, columns)."""

    @staticmethod
    def forward(ctx: Any, lattice: Tensor, network: SparseNetwork) -> Tensor:
        ctx.tracked = network.track(_values(lattice))
        return _tensor(ctx.tracked.values(), lattice)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _tensor(ctx.tracked.pull_back(_values(gradient)), gradient), None


def _values(lattice: Tensor) -> Floats:
    """(1, channels, rows, columns) as (rows, columns, channels)."""
    return lattice.detach()[0].permute(1, 2, 0).cpu().double().contiguous().numpy()


def _tensor(values: Floats, like: Tensor) -> Tensor:
    """(rows, columns, channels) as (1, channels, rows, columns)."""
    return torch.from_numpy(values).to(like).permute(2, 0, 1)[None]
