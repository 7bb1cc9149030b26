"""Asking a trained network: the recurrent convolution run on many queries at once, until each has its answer.

Two engines, which agree in every number. `dense` applies the convolution to every cell. `frontier` applies the same weights only
to the cells whose patch has changed since the last layer: all others are at a fixed point of the same function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tmc.net.network import SMALL, Network, Shape, exact, one_thread

CHUNK = 1 << 15  # cells evaluated at a time: their hidden units take about 100 MB
Progress = Callable[[int, int], None]  # called after every layer with the layers done and the queries answered


@dataclass(frozen=True, slots=True)
class Answers:
    """What the network said of each query, in arrays of shape (queries,).

    `outputs`: the network's output, 0 where undecided. `labels`: -1 or +1; what is undecided counts as +1, as in the paper.
    `layers`: after how many layers the answer stood, or the query's lattice was at rest without one, or the depth was reached.
    `overflow`: whether the work tape ran out of pad columns, so that nothing the query says can be trusted.
    """

    outputs: NDArray[np.float32]
    layers: NDArray[np.int64]
    overflow: NDArray[np.bool_]

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Queries without an answer that counts."""
        return np.asarray((self.outputs == 0) | self.overflow, dtype=np.bool_)

    @property
    def labels(self) -> NDArray[np.int8]:
        """-1 or +1 for each query."""
        return np.where((self.outputs < 0) & ~self.undecided, -1, 1).astype(np.int8)


class Engine(Protocol):
    """A batch of lattices, advanced layer by layer."""

    def advance(self) -> tuple[Tensor, Tensor, Tensor]:
        """One layer. For each query: has it its answer, is it at rest, has its work tape reached the last column."""

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
        full = self._lattice[:, list(self._network.pack_channels), :, -1].flatten(1).any(dim=1)
        return answered, at_rest, full


class Frontier:
    """Only cells whose patch has changed, and each patch only once, however many cells of however many queries have it.

    Lattices lie in one long array of cells, each with a border of zeros around it. Beside the cells stand their *codes*, the
    numbers whose balanced base-3 digits the channels are: two patches are the same if their nine codes are.
    """

    def __init__(self, network: Network, lattice: Tensor) -> None:
        self._answer, self._pack = network.answer_channel, list(network.pack_channels)
        convolutions = [module for module in network.recurrent if isinstance(module, torch.nn.Conv2d)]
        self._layers = [(convolution.weight.flatten(1), convolution.bias) for convolution in convolutions]
        batch, channels, rows, columns = lattice.shape
        self._shape = (batch, rows + 2, columns + 2, channels)
        self._first = self._by_place(self._layers[0][0], channels)
        cells = torch.nn.functional.pad(lattice.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
        self._cells = cells.reshape(-1, channels).contiguous()
        inside = torch.nn.functional.pad(torch.ones(batch, rows, columns, dtype=torch.bool), (1, 1, 1, 1))
        self._inside = inside.flatten().to(lattice.device)
        self._powers = 3 ** torch.arange(channels, device=lattice.device)
        self._codes = self._cells.long() @ self._powers
        random = torch.Generator().manual_seed(0)
        self._multipliers = torch.randint(-(1 << 62), 1 << 62, (9,), generator=random).to(lattice.device)
        offsets = [row * (columns + 2) + column for row in (-1, 0, 1) for column in (-1, 0, 1)]
        self._offsets = torch.tensor(offsets, device=lattice.device)
        self._stirred = torch.zeros_like(self._inside)
        self._changed = self._inside.nonzero()[:, 0]
        self._answered = torch.zeros(batch, dtype=torch.bool, device=lattice.device)
        self._full = torch.zeros(batch, dtype=torch.bool, device=lattice.device)

    @staticmethod
    def _by_place(weight: Tensor, channels: int) -> Tensor:
        """The 3x3 convolution as a matrix over a patch whose cells come one after the other."""
        return weight.reshape(len(weight), channels, 9).permute(0, 2, 1).reshape(len(weight), -1)

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
        values = self._cells[(places[:, None] + self._offsets).flatten()].reshape(len(places), self._first.shape[1])
        values = torch.nn.functional.linear(values, self._first, self._layers[0][1])
        for weight, bias in self._layers[1:]:
            values = torch.nn.functional.linear(torch.relu_(values), weight, bias)
        return values

    def _report(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, rows, columns, _ = self._shape
        query = self._changed // (rows * columns)
        at_rest = torch.ones(batch, dtype=torch.bool, device=values.device)
        at_rest[query] = False
        self._answered[query[values[:, self._answer] != 0]] = True
        last = self._changed % columns == columns - 2
        self._full[query[last & values[:, self._pack].any(dim=1)]] = True
        return self._answered, at_rest, self._full


def start_on_query(network: Network, query: NDArray[np.int8], shape: Shape) -> Engine:
    """The dense engine on a trained network about to answer one query (d,)."""
    with torch.no_grad():
        return Dense(network, network.memory(_inputs(network, query[None]), shape.pads))


def start_on_cells(network: Network, channels: NDArray[np.float32]) -> Engine:
    """The dense engine on given cells, shape (rows, columns, channels)."""
    return Dense(network, torch.from_numpy(channels).permute(2, 0, 1)[None].contiguous())


def _inputs(network: Network, x: NDArray[np.int8]) -> Tensor:
    """`z = [x'; 1]` for every query: (q, d) to (q, d+1)."""
    ones = np.ones((len(x), 1), dtype=np.int8)
    return torch.from_numpy(np.concatenate([x, ones], axis=1).astype(np.float32)).to(network.memory.weight.device)


ENGINES: dict[str, Callable[[Network, Tensor], Engine]] = {"dense": Dense, "frontier": Frontier}


def answer(
    network: Network,
    x: NDArray[np.int8],
    shape: Shape,
    *,
    engine: str = "frontier",
    full_depth: bool = False,
    progress: Progress | None = None,
) -> Answers:
    """Label the queries `x` (q, d), -1 and +1, in one batch.

    A run ends when every query has its answer or is at rest; with `full_depth`, after all layers. Raises `Rejected` when the
    lattices do not fit this machine's memory.
    """
    network.check_memory(shape, batch=len(x), kept=0)
    with torch.no_grad(), exact(), one_thread(engine == "frontier"):
        running = ENGINES[engine](network, network.memory(_inputs(network, x), shape.pads))
        layers = torch.full((len(x),), -1)
        overflow = torch.zeros(len(x), dtype=torch.bool)
        done = 0
        while done < shape.depth and (full_depth or bool((layers < 0).any())):
            answered, at_rest, full = (flags.cpu() for flags in running.advance())
            done += 1
            overflow |= full & (layers < 0)
            layers[(layers < 0) & (answered | at_rest)] = done
            if progress is not None:
                progress(done, int(answered.sum()))
        layers[layers < 0] = done
        outputs = network.output(running.lattice())
    return Answers(outputs.cpu().numpy(), layers.numpy(), overflow.numpy())
