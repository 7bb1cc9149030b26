"""Three ways to run the recurrent convolution layer by layer, which agree in every number.

- `Dense` applies the convolution to every cell.
- `Frontier` applies the same weights only to the cells whose patch has changed since the last layer: all others are at a fixed
  point of the same function. It is made for many lattices at once.
- `Lookup` does so for a single lattice, and evaluates no patch twice: what the weights make of it is looked up from then on. It is
  the fastest as long as few cells change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from tmc.ir.lattice import Cell, Evolution, Patch
from tmc.net.network import SMALL, Network, exact, one_thread

CHUNK = 1 << 15  # cells evaluated at a time: their hidden units take about 100 MB
BUSY = 50  # cells that change in a layer: from about here on `Frontier` is faster than `Lookup`


class Engine(Protocol):
    """A batch of lattices, advanced layer by layer."""

    def advance(self) -> tuple[Tensor, Tensor, Tensor]:
        """One layer. For each lattice, shape (batch,): has it its answer, is it at rest, has it *overflowed*.

        It has overflowed when something that belongs to the run stands in its last column, where the next layer may lose it: a
        symbol of the work tape or the control (on a line the control in the first column, too).
        """

    def lattice(self) -> Tensor:
        """The lattices: (batch, channels, rows, columns)."""


class Dense:
    """Every cell, every layer."""

    def __init__(self, network: Network, lattice: Tensor) -> None:
        self._network, self._lattice = network, lattice

    def lattice(self) -> Tensor:
        """The lattices: (batch, channels, rows, columns)."""
        return self._lattice

    def advance(self) -> tuple[Tensor, Tensor, Tensor]:
        """One layer, see `Engine`."""
        before, size = self._lattice, self._lattice[0, 0].numel()
        with torch.no_grad(), exact(), one_thread(before[:, 0].numel() < SMALL):
            parts = [self._network.recurrent(part) for part in torch.split(before, max(1, CHUNK // size))]
        self._lattice = torch.cat(parts)
        cells, reader = self._lattice.movedim(1, -1), self._network.reader
        at_rest = ~(before != self._lattice).flatten(1).any(dim=1)
        leaves = reader.leaves_left(cells[:, :, 0]) | reader.leaves_right(cells[:, :, -1])
        return reader.answered(cells).flatten(1).any(dim=1), at_rest, leaves.any(dim=1)


class _Patches:
    """The recurrent convolution as a function of patches: from (patches, 9 · channels), place by place, to (patches, channels)."""

    def __init__(self, network: Network) -> None:
        convolutions = [module for module in network.recurrent if isinstance(module, torch.nn.Conv2d)]
        layers = [(convolution.weight.flatten(1), convolution.bias) for convolution in convolutions]
        weight, self._bias = layers[0]
        places = weight.reshape(len(weight), -1, 9).permute(0, 2, 1)
        self._weight, self._others = places.reshape(len(weight), -1), layers[1:]

    def __call__(self, patches: Tensor) -> Tensor:
        values = torch.nn.functional.linear(patches, self._weight, self._bias)
        for weight, bias in self._others:
            values = torch.nn.functional.linear(torch.relu_(values), weight, bias)
        return values


class Frontier:
    """Only cells whose patch has changed, and in a layer each patch only once, however many cells of however many lattices have it.

    Lattices lie in one long array of cells, each with a border around it. Beside the cells stand their *codes*, numbers that only
    equal cells share: two patches are the same if their nine codes are.
    """

    def __init__(self, network: Network, lattice: Tensor) -> None:
        batch, channels, rows, columns = lattice.shape
        device = lattice.device
        self._reader, self._patches = network.reader, _Patches(network)
        self._shape = (batch, rows + 2, columns + 2, channels)
        cells = torch.tensor(network.border, dtype=lattice.dtype, device=device).expand(self._shape).clone()
        cells[:, 1:-1, 1:-1] = lattice.permute(0, 2, 3, 1)
        self._cells = cells.reshape(-1, channels)
        inside = torch.nn.functional.pad(torch.ones(batch, rows, columns, dtype=torch.bool), (1, 1, 1, 1))
        self._inside = inside.flatten().to(device)
        self._codes = self._reader.identity(self._cells)
        random = torch.Generator().manual_seed(0)
        self._multipliers = torch.randint(-(1 << 62), 1 << 62, (9,), generator=random).to(device)
        offsets = [row * (columns + 2) + column for row in (-1, 0, 1) for column in (-1, 0, 1)]
        self._offsets = torch.tensor(offsets, device=device)
        self._stirred = torch.zeros_like(self._inside)
        self._changed = self._inside.nonzero()[:, 0]
        self._answered = torch.zeros(batch, dtype=torch.bool, device=device)
        self._overflowed = torch.zeros(batch, dtype=torch.bool, device=device)

    def lattice(self) -> Tensor:
        """The lattices: (batch, channels, rows, columns)."""
        return self._cells.reshape(self._shape)[:, 1:-1, 1:-1].permute(0, 3, 1, 2)

    def advance(self) -> tuple[Tensor, Tensor, Tensor]:
        """One layer, see `Engine`."""
        self._stirred.zero_()
        self._stirred[(self._changed[:, None] + self._offsets).flatten()] = True
        places = (self._stirred & self._inside).nonzero()[:, 0]
        representatives, which = self._distinct(places)
        values = torch.cat([self._evaluate(part) for part in torch.split(representatives, CHUNK)])
        codes = self._reader.identity(values)[which]
        moved = codes != self._codes[places]
        self._changed = places[moved]
        self._codes[self._changed] = codes[moved]
        self._cells[self._changed] = values[which[moved]]
        return self._report(values[which[moved]])

    def _distinct(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Some of `places` that have all the different patches, and for each place which of them has its patch.

        Patches are sorted by a hash of their codes and then compared with what they were taken for; should two different ones ever
        share a hash, every place stands for itself.
        """
        patches = self._codes[places[:, None] + self._offsets]
        found, which = torch.unique((patches * self._multipliers).sum(dim=1), return_inverse=True)
        chosen = torch.empty(len(found), dtype=torch.long, device=places.device)
        chosen[which] = torch.arange(len(places), device=places.device)
        if not torch.equal(patches[chosen[which]], patches):
            return places, torch.arange(len(places), device=places.device)
        return places[chosen], which

    def _evaluate(self, places: Tensor) -> Tensor:
        """The next value of the cells at `places`: (places, channels)."""
        return self._patches(self._cells[places[:, None] + self._offsets].flatten(1))

    def _report(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, rows, columns, _ = self._shape
        index, column = self._changed // (rows * columns), self._changed % columns
        at_rest = torch.ones(batch, dtype=torch.bool, device=values.device)
        at_rest[index] = False
        self._answered[index[self._reader.answered(values)]] = True
        for edge, leaves in ((1, self._reader.leaves_left), (columns - 2, self._reader.leaves_right)):
            at_edge = (column == edge).nonzero()[:, 0]
            if len(at_edge):
                self._overflowed[index[at_edge[leaves(values[at_edge])]]] = True
        return self._answered, at_rest, self._overflowed


class Lookup:
    """One lattice, cell by cell in Python. `known` holds the patches met so far, for the next lattice of the same network; `busy`
    says whether so many cells have changed in the last layer that `Frontier` would be faster."""

    def __init__(self, network: Network, lattice: Tensor, known: dict[Patch, Cell] | None = None) -> None:
        self._network, self._patches, self._device = network, _Patches(network), lattice.device
        self._dtype = lattice.dtype
        rows = lattice[0].permute(1, 2, 0).tolist()
        cells: dict[Cell, Cell] = {}  # equal cells are one object
        shared = tuple(tuple(cells.setdefault(cell, cell) for cell in map(tuple, row)) for row in rows)
        self._last = len(shared[0]) - 1
        self._evolution = Evolution(self._evaluate, network.border, shared, known)
        reader = network.reader
        self._questions = (reader.answered, reader.leaves_left, reader.leaves_right)
        self._read: dict[Cell, tuple[bool, ...]] = {}  # what has been read off a cell
        self._answered = self._overflowed = self.busy = False

    def lattice(self) -> Tensor:
        """The lattices: (1, channels, rows, columns)."""
        cells = torch.tensor(self._evolution.lattice, dtype=self._dtype, device=self._device)
        return cells.permute(2, 0, 1)[None]

    def advance(self) -> tuple[Tensor, Tensor, Tensor]:
        """One layer, see `Engine`."""
        self._evolution.advance()
        changed = list(self._evolution.changed())
        self.busy = len(changed) > BUSY
        for row, column in changed:
            cell = self._evolution.cell(row, column)
            if cell not in self._read:
                values = torch.tensor(cell, dtype=self._dtype)
                self._read[cell] = tuple(bool(found(values)) for found in self._questions)
            answered_here, leaves_left, leaves_right = self._read[cell]
            self._answered |= answered_here
            self._overflowed |= (column == 0 and leaves_left) or (column == self._last and leaves_right)
        answered, at_rest, overflowed = torch.tensor([[self._answered], [self._evolution.at_rest], [self._overflowed]])
        return answered, at_rest, overflowed

    def _evaluate(self, patch: Patch) -> Cell:
        values = self._patches(torch.tensor(patch, dtype=self._dtype, device=self._device).reshape(1, -1))
        return tuple(values[0].tolist())


ENGINES: dict[str, Callable[[Network, Tensor], Engine]] = {"dense": Dense, "frontier": Frontier}
