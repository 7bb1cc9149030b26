"""Two ways to run the recurrent convolution layer by layer, which agree in every number.

- `Dense` applies the convolution to every cell of many lattices at once, in PyTorch.
- `Sparse` takes one lattice and the same weights, and asks them only about cells that see a change, and about no patch twice
  (`tmc.net.sparse.engine`): some microseconds a layer.
"""

from __future__ import annotations

import copy
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tmc.diagnostics import Rejected
from tmc.native.tables import Floats
from tmc.net.choice import choose
from tmc.net.described import Described
from tmc.net.modes import SMALL, exact, one_thread, usual
from tmc.net.network import Network
from tmc.net.sparse.engine import PatchCache
from tmc.net.sparse.running import SETTLED, SparseRun

__all__ = ["Dense", "DenseRun", "Engine", "Flags", "Sparse", "choose", "inputs_of", "patches_of", "tensor_of"]

CHUNK = 1 << 13  # cells evaluated at a time: their hidden units then stay in a processor's cache. Measured
Flags = tuple[Tensor, Tensor, Tensor]


class Engine(Protocol):
    """A batch of lattices, advanced layer by layer."""

    @property
    def layers(self) -> int:
        """How many layers were run."""

    def advance(self, most: int = 1, until: int = SETTLED) -> Flags:
        """One layer, or up to `most`, stopping at the latest when a lattice has one of the marks `until`.

        Returns for each lattice, shape (batch,): has it its answer, is it at rest, has it *overflowed*: something that belongs to
        the run stands, or stood, in its last column, where the next layer may lose it: a symbol of the work tape or the control (on
        a line the control in the first column, too).
        """

    def lattice(self) -> Tensor:
        """The lattices: (batch, channels, rows, columns)."""


class Dense:
    """Every cell, every layer. `dtype` is a format of `tmc.net.precision`; by default it is the network's own."""

    def __init__(self, network: Network, lattice: Tensor, dtype: str | None = None) -> None:
        self._network, self._layers, self._own = network, 0, network.dtype
        self._dtype = self._own if dtype is None else getattr(torch, dtype)
        self._chunk = len(lattice) if network.why_called() else max(1, CHUNK // (lattice.shape[2] * lattice.shape[3]))
        convolution: Any = network.recurrent
        if self._dtype != self._own:
            convolution = copy.deepcopy(convolution).to(self._dtype).to(memory_format=torch.channels_last)
        self._convolution = convolution
        self._lattice = lattice.to(self._dtype, memory_format=self._memory_format)

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return self._layers

    @property
    def _memory_format(self) -> torch.memory_format:
        return torch.contiguous_format if self._dtype == self._own else torch.channels_last

    def lattice(self) -> Tensor:
        """The lattices: (batch, channels, rows, columns)."""
        return self._lattice.to(self._own, memory_format=torch.contiguous_format)

    def keep(self, which: Tensor) -> None:
        """Go on with these lattices alone."""
        self._lattice = self._lattice[which].contiguous(memory_format=self._memory_format)

    def advance(self, most: int = 1, until: int = SETTLED) -> Flags:
        """One layer, see `Engine`."""
        before = self._lattice
        with usual(), exact(), one_thread(before[:, 0].numel() < SMALL):
            parts = [self._convolution(part) for part in torch.split(before, self._chunk)]
        self._lattice, self._layers = torch.cat(parts), self._layers + 1
        if self._dtype != self._own and bool(self._lattice.abs().amax() > 1):
            raise Rejected(f"{self._network.checkpoint.name}: its cells do not stay trits; leave out --dtype")
        cells, reader = self._lattice.movedim(1, -1), self._network.reader
        at_rest = ~(before != self._lattice).flatten(1).any(dim=1)
        leaves = reader.leaves_left(cells[:, :, 0]) | reader.leaves_right(cells[:, :, -1])
        return reader.answered(cells).flatten(1).any(dim=1), at_rest, leaves.any(dim=1)


class Sparse:
    """One lattice, where something changes. `cache` holds the patches met so far, for the next lattice of the same network."""

    def __init__(self, network: Network, lattice: Tensor, cache: PatchCache) -> None:
        self._like = lattice[:, :, :0, :0]
        self._run = SparseRun(_numbers(lattice), cache)

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return self._run.layers

    @property
    def looked_up(self) -> int:
        """How many cells saw a change and so were looked up, over all layers."""
        return self._run.looked_up

    def lattice(self) -> Tensor:
        """The lattices: (1, channels, rows, columns)."""
        return torch.from_numpy(self._run.lattice()).to(self._like).permute(2, 0, 1)[None]

    def advance(self, most: int = 1, until: int = SETTLED) -> Flags:
        """Up to `most` layers, see `Engine`."""
        answered, at_rest, overflowed = torch.tensor([self._run.advance(most, until)]).T
        return answered, at_rest, overflowed


def patches_of(network: Described, apart: bool = True) -> PatchCache:
    """What a network makes of patches: an empty cache. `apart`: see `tmc.net.sparse.engine.weights_of`."""
    return network.plain().patches(apart)


class DenseRun:
    """The dense engine on one lattice (rows, columns, channels) of numbers, see `tmc.net.sparse.running.LatticeRun`."""

    def __init__(self, network: Network, lattice: Floats) -> None:
        self._engine = Dense(network, tensor_of(network, lattice))

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return self._engine.layers

    def advance(self, most: int = 1, until: int = SETTLED) -> tuple[bool, bool, bool]:
        """One layer."""
        answered, at_rest, overflowed = (bool(flags) for flags in self._engine.advance())
        return answered, at_rest, overflowed

    def lattice(self) -> Floats:
        """The lattice: (rows, columns, channels)."""
        return _numbers(self._engine.lattice())


def tensor_of(network: Network, lattice: Floats) -> Tensor:
    """A lattice (rows, columns, channels) as the engines take it: (1, channels, rows, columns)."""
    return torch.from_numpy(lattice).to(network.memory.weight).permute(2, 0, 1)[None].contiguous()


def _numbers(lattice: Tensor) -> Floats:
    """The way back."""
    return lattice[0].permute(1, 2, 0).cpu().double().contiguous().numpy()


def inputs_of(network: Network, x: NDArray[np.int8]) -> Tensor:
    """`z = [x'; 1]` for every query: (q, d) to (q, d+1)."""
    ones = np.ones((len(x), 1), dtype=np.int8)
    return torch.from_numpy(np.concatenate([x, ones], axis=1)).to(network.memory.weight)
