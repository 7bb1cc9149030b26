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
        before, cells = self._lattice, self._lattice[0, 0].numel()
        with torch.no_grad(), exact(), one_thread(before[:, 0].numel() < SMALL):
            parts = [self._network.recurrent(part) for part in torch.split(before, max(1, CHUNK // cells))]
        self._lattice = torch.cat(parts)
        answered = self._lattice[:, self._network.answer_channel].flatten(1).any(dim=1)
        at_rest = ~(before != self._lattice).flatten(1).any(dim=1)
        first = self._lattice[:, list(self._network.first_column_channels), :, 0].flatten(1).any(dim=1)
        last = self._lattice[:, list(self._network.last_column_channels), :, -1].flatten(1).any(dim=1)
        return answered, at_rest, first | last


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

    Lattices lie in one long array of cells, each with a border of zeros around it. Beside the cells stand their *codes*, the
    numbers whose balanced base-3 digits the channels are: two patches are the same if their nine codes are.
    """

    def __init__(self, network: Network, lattice: Tensor) -> None:
        batch, channels, rows, columns = lattice.shape
        device = lattice.device
        self._answer, self._patches = network.answer_channel, _Patches(network)
        self._shape = (batch, rows + 2, columns + 2, channels)
        self._first_column = torch.tensor(network.first_column_channels, dtype=torch.long, device=device)
        self._last_column = torch.tensor(network.last_column_channels, dtype=torch.long, device=device)
        cells = torch.nn.functional.pad(lattice.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
        self._cells = cells.reshape(-1, channels).contiguous()
        inside = torch.nn.functional.pad(torch.ones(batch, rows, columns, dtype=torch.bool), (1, 1, 1, 1))
        self._inside = inside.flatten().to(device)
        self._powers = 3 ** torch.arange(channels, device=device)
        self._codes = self._cells.long() @ self._powers
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
        codes = (values.long() @ self._powers)[which]
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
        self._answered[index[values[:, self._answer] != 0]] = True
        first = (column == 1) & values[:, self._first_column].any(dim=1)
        last = (column == columns - 2) & values[:, self._last_column].any(dim=1)
        self._overflowed[index[first | last]] = True
        return self._answered, at_rest, self._overflowed


class Lookup:
    """One lattice, cell by cell in Python. `known` holds the patches met so far, for the next lattice of the same network; `busy`
    says whether so many cells have changed in the last layer that `Frontier` would be faster."""

    def __init__(self, network: Network, lattice: Tensor, known: dict[Patch, Cell] | None = None) -> None:
        self._network, self._patches, self._device = network, _Patches(network), lattice.device
        rows = lattice[0].permute(1, 2, 0).long().tolist()
        cells: dict[Cell, Cell] = {}  # equal cells are one object
        shared = tuple(tuple(cells.setdefault(cell, cell) for cell in map(tuple, row)) for row in rows)
        self._last = len(shared[0]) - 1
        self._evolution = Evolution(self._evaluate, (0,) * lattice.shape[1], shared, known)
        self._answered = self._overflowed = self.busy = False

    def lattice(self) -> Tensor:
        """The lattices: (1, channels, rows, columns)."""
        cells = torch.tensor(self._evolution.lattice, dtype=torch.float32, device=self._device)
        return cells.permute(2, 0, 1)[None]

    def advance(self) -> tuple[Tensor, Tensor, Tensor]:
        """One layer, see `Engine`."""
        self._evolution.advance()
        network, changed = self._network, list(self._evolution.changed())
        self.busy = len(changed) > BUSY
        for row, column in changed:
            cell = self._evolution.cell(row, column)
            self._answered |= cell[network.answer_channel] != 0
            self._overflowed |= column == 0 and any(cell[channel] for channel in network.first_column_channels)
            self._overflowed |= column == self._last and any(cell[channel] for channel in network.last_column_channels)
        answered, at_rest, overflowed = torch.tensor([[self._answered], [self._evolution.at_rest], [self._overflowed]])
        return answered, at_rest, overflowed

    def _evaluate(self, patch: Patch) -> Cell:
        values = self._patches(torch.tensor(patch, dtype=torch.float32, device=self._device).reshape(1, -1))
        return tuple(values[0].long().tolist())


ENGINES: dict[str, Callable[[Network, Tensor], Engine]] = {"dense": Dense, "frontier": Frontier}
