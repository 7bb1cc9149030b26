"""Two ways to run the recurrent convolution layer by layer, which agree in every number.

- `Dense` applies the convolution to every cell of many lattices at once, in PyTorch.
- `Sparse` takes one lattice and the same weights, and asks them only about cells that see a change, and about no patch twice
  (`tmc.run.sparse`): some microseconds a layer.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from tmc.diagnostics import Rejected
from tmc.net.cells import Digit
from tmc.net.network import SMALL, Network, SparseConvolution, exact, one_thread
from tmc.net.precision import exact_formats, fastest_format
from tmc.run.patches import ANSWERED, LEAVES_LEFT, LEAVES_RIGHT, RESTS
from tmc.run.sparse import Patches, Running, SparseLayer, weights_of

CHUNK = 1 << 13  # cells evaluated at a time: their hidden units then stay in a processor's cache. Measured
SETTLED = ANSWERED | RESTS
LEAVES = LEAVES_LEFT | LEAVES_RIGHT

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
    """Every cell, every layer. `numbers` is a format of `tmc.net.precision`; by default it is the network's own."""

    def __init__(self, network: Network, lattice: Tensor, numbers: str | None = None) -> None:
        self._network, self._layers = network, 0
        self._dtype = network.dtype if numbers is None else getattr(torch, numbers)
        convolution: Any = network.recurrent
        if self._dtype != network.dtype:
            convolution = copy.deepcopy(convolution).to(self._dtype).to(memory_format=torch.channels_last)
        self._convolution = convolution
        self._lattice = lattice.to(self._dtype, memory_format=self._memory_format)

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return self._layers

    @property
    def _memory_format(self) -> torch.memory_format:
        return torch.contiguous_format if self._dtype == self._network.dtype else torch.channels_last

    def lattice(self) -> Tensor:
        """The lattices: (batch, channels, rows, columns)."""
        return self._lattice.to(self._network.dtype, memory_format=torch.contiguous_format)

    def keep(self, which: Tensor) -> None:
        """Go on with these lattices alone."""
        self._lattice = self._lattice[which].contiguous(memory_format=self._memory_format)

    def advance(self, most: int = 1, until: int = SETTLED) -> Flags:
        """One layer, see `Engine`."""
        before, size = self._lattice, self._lattice[0, 0].numel()
        with torch.no_grad(), exact(), one_thread(before[:, 0].numel() < SMALL):
            parts = [self._convolution(part) for part in torch.split(before, max(1, CHUNK // size))]
        self._lattice, self._layers = torch.cat(parts), self._layers + 1
        if self._dtype != self._network.dtype and bool(self._lattice.abs().amax() > 1):
            raise Rejected(f"{self._network.checkpoint.name}: its cells do not stay trits; leave out --numbers")
        cells, reader = self._lattice.movedim(1, -1), self._network.reader
        at_rest = ~(before != self._lattice).flatten(1).any(dim=1)
        leaves = reader.leaves_left(cells[:, :, 0]) | reader.leaves_right(cells[:, :, -1])
        return reader.answered(cells).flatten(1).any(dim=1), at_rest, leaves.any(dim=1)


class Sparse:
    """One lattice, where something changes. `known` holds the patches met so far, for the next lattice of the same network."""

    def __init__(self, network: Network, lattice: Tensor, known: Patches) -> None:
        self._like = lattice[:, :, :0, :0]
        self._running = Running(known, lattice[0].permute(1, 2, 0).cpu().double().numpy())

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return self._running.layers

    @property
    def looked_up(self) -> int:
        """How many cells saw a change and so were looked up, over all layers."""
        return self._running.looked_up

    def lattice(self) -> Tensor:
        """The lattices: (1, channels, rows, columns)."""
        return torch.from_numpy(self._running.values()).to(self._like).permute(2, 0, 1)[None]

    def advance(self, most: int = 1, until: int = SETTLED) -> Flags:
        """Up to `most` layers, see `Engine`."""
        self._running.run(self.layers + most, until)
        flags = self._running.seen(ANSWERED), self._running.at_rest, self._running.seen(LEAVES)
        answered, at_rest, overflowed = torch.tensor([flags]).T
        return answered, at_rest, overflowed


def patches_of(network: Network, apart: bool = True) -> Patches:
    """What a network makes of patches: as yet nothing is known. `apart`: see `weights_of`."""
    layers = [_entries(layer) for layer in network.convolutions()]
    digits = [[(digit.value, _marks(digit)) for digit in channel] for channel in network.reader.digits()]
    return Patches(weights_of(layers, digits, network.dtype == torch.float32, apart), np.array(network.border))


def _entries(layer: torch.nn.Conv2d | SparseConvolution) -> SparseLayer:
    weight, bias = layer.weight.detach().cpu(), layer.bias
    assert bias is not None
    if not weight.is_sparse:
        weight = weight.flatten(1).to_sparse_coo()  # type: ignore[no-untyped-call]
    (units, inputs), values = weight.indices().numpy(), weight.values().numpy()
    return SparseLayer.of(units, inputs, values, weight.shape[1], bias.detach().cpu().numpy())


def _marks(digit: Digit) -> int:
    return ANSWERED * digit.answers | LEAVES_LEFT * digit.leaves_left | LEAVES_RIGHT * digit.leaves_right


ENGINES = ("auto", "sparse", "dense")


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine: ``sparse`` or ``dense``, the number format it computes with, and `why` it was chosen ("": it was asked for)."""

    name: str
    numbers: str
    why: str = ""


def choose(network: Network, engine: str = "auto", numbers: str | None = None) -> Choice:
    """The engine that is meant by ``auto``, ``sparse`` or ``dense``, and for the last the number format, by default the fastest
    that is exact. Raises `Rejected` for a format that would not be exact."""
    why = ""
    if engine not in ENGINES:
        raise ValueError(f"no engine is called {engine!r}; there are {', '.join(ENGINES)}")
    if engine == "auto":
        few = "few cells change in a layer", "random weights hardly meet a patch twice"
        engine, why = ("dense", few[1]) if network.is_drawn else ("sparse", few[0])
    if engine == "sparse":
        return Choice(engine, "float64", why)
    formats = exact_formats(network)
    if numbers is not None and numbers not in formats:
        raise Rejected(f"{numbers} is not exact for {network.name}; use {' or '.join(formats)}")
    return Choice(engine, numbers or fastest_format(network), why)
