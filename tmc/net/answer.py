"""Asking a trained network: the recurrent convolution run on many queries, until each has its answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tmc.net.engines import SETTLED, Choice, Dense, Sparse, choose, patches_of
from tmc.net.network import Network, Shape, exact, one_thread

STRIDE = 1 << 14  # layers of the sparse engine between two reports
Progress = Callable[[float, int], None]  # called now and then with the share of the work done and the number of queries answered


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What it took: cells evaluated, over all layers, and how many of them the weights were asked about, because the same patch had
    not been met before."""

    cells: int
    patches: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What the network said of each query, in arrays of shape (queries,).

    `outputs`: the network's output, 0 where undecided. `labels`: -1 or +1; what is undecided counts as +1, as in the paper.
    `layers`: after how many layers the answer stood, or the query's lattice was at rest without one, or the depth was reached;
    a query's output is that of this layer, or of the last with `full_depth`.
    `overflow`: whether the work tape ran out of pad columns, so that nothing the query says can be trusted.
    `layers_run`: how many layers were run, the most of all queries.
    """

    outputs: NDArray[np.floating[Any]]
    layers: NDArray[np.int64]
    overflow: NDArray[np.bool_]
    layers_run: int
    engine: Choice
    evaluated: Evaluated

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Queries without an answer that counts."""
        return np.asarray((self.outputs == 0) | np.isnan(self.outputs) | self.overflow, dtype=np.bool_)

    @property
    def labels(self) -> NDArray[np.int8]:
        """-1 or +1 for each query."""
        return np.where((self.outputs < 0) & ~self.undecided, -1, 1).astype(np.int8)


def start_on_query(network: Network, query: NDArray[np.int8], shape: Shape) -> Dense:
    """The dense engine on a trained network about to answer one query (d,)."""
    with torch.no_grad():
        return Dense(network, network.memory(_inputs(network, query[None]), shape.pads))


def start_on_cells(network: Network, channels: NDArray[np.float64]) -> Dense:
    """The dense engine on given cells, shape (rows, columns, channels)."""
    return Dense(network, torch.from_numpy(channels).to(network.dtype).permute(2, 0, 1)[None].contiguous())


def _inputs(network: Network, x: NDArray[np.int8]) -> Tensor:
    """`z = [x'; 1]` for every query: (q, d) to (q, d+1)."""
    ones = np.ones((len(x), 1), dtype=np.int8)
    return torch.from_numpy(np.concatenate([x, ones], axis=1)).to(network.memory.weight)


def answer(
    network: Network,
    x: NDArray[np.int8],
    shape: Shape,
    *,
    engine: str = "auto",
    numbers: str | None = None,
    full_depth: bool = False,
    progress: Progress | None = None,
) -> Answers:
    """Label the queries `x` (q, d), -1 and +1.

    A query's run ends when it has its answer or is at rest; with `full_depth`, after all layers. The sparse engine takes as many
    queries at a time as torch has threads, the dense one all in one batch, in the number format `numbers`. Raises `Rejected` when
    the lattices do not fit this machine's memory, or the format is not exact.
    """
    chosen = choose(network, engine, numbers)
    queries = _Queries(network, x, shape, full_depth, progress)
    if chosen.name == "sparse":
        queries.one_by_one()
    else:
        queries.together(chosen.numbers)
    return queries.answers(chosen)


class _Queries:
    """Queries being answered."""

    def __init__(self, network: Network, x: NDArray[np.int8], shape: Shape, full_depth: bool, progress: Progress | None) -> None:
        self._network, self._x, self._shape, self._full_depth, self._progress = network, x, shape, full_depth, progress
        self._outputs = torch.zeros(len(x), dtype=network.dtype)
        self._layers = torch.zeros(len(x), dtype=torch.long)
        self._overflow = torch.zeros(len(x), dtype=torch.bool)
        self._shares, self._answered, self._layers_run = np.zeros(len(x)), 0, 0
        self._cells = self._patches = 0
        self._stopped, self._lock = False, Lock()

    def answers(self, engine: Choice) -> Answers:
        """What has come of them."""
        evaluated = Evaluated(self._cells, self._patches)
        return Answers(self._outputs.numpy(), self._layers.numpy(), self._overflow.numpy(), self._layers_run, engine, evaluated)

    def _report(self, answered: int = 0) -> None:
        with self._lock:
            self._answered += answered
            if self._progress is not None:
                self._progress(float(self._shares.mean()), self._answered)

    # --- the dense engine

    def together(self, numbers: str) -> None:
        """All in one batch, from which queries are taken as they settle."""
        network, depth = self._network, self._shape.depth
        network.check_memory(self._shape, batch=len(self._x), kept=0)
        with torch.no_grad(), exact():
            engine = Dense(network, network.memory(_inputs(network, self._x), self._shape.pads), numbers)
            left = torch.arange(len(self._x))
            while len(left) and engine.layers < depth:
                answered, at_rest, overflowed = (flags.cpu() for flags in engine.advance())
                unsettled = self._layers[left] == 0
                self._overflow[left] |= overflowed & unsettled
                settled = unsettled & (answered | at_rest | torch.tensor(engine.layers == depth))
                self._layers[left[settled]] = engine.layers
                self._cells += len(left) * (self._shape.m + 1) * (self._shape.d + 1 + self._shape.pads)
                self._shares[left.numpy()] = engine.layers / depth
                ends = settled if not self._full_depth else torch.full_like(settled, engine.layers == depth)
                if bool(ends.any()):
                    self._outputs[left[ends]] = network.output(engine.lattice()[ends]).cpu()
                    self._shares[left[ends].numpy()] = 1
                    left = left[~ends]
                    engine.keep(~ends)
                self._report(int((settled & answered).sum()))
        self._layers_run, self._patches = engine.layers, self._cells

    # --- the sparse engine

    def one_by_one(self) -> None:
        """Each by itself, on as many threads as torch has."""
        workers = min(torch.get_num_threads(), len(self._x))
        with exact(), one_thread(), ThreadPoolExecutor(max(1, workers)) as pool:
            try:
                done = [pool.submit(self._answer_some, range(first, len(self._x), workers)) for first in range(workers)]
                for part in done:
                    part.result()
            finally:
                self._stopped = True

    def _answer_some(self, numbers: range) -> None:
        """Answer these queries, on one thread."""
        network, cells = self._network, 0
        network.check_memory(self._shape, batch=1, kept=0)
        known = patches_of(network)
        for number in numbers:
            with torch.no_grad():
                engine = Sparse(network, network.memory(_inputs(network, self._x[number : number + 1]), self._shape.pads), known)
                self._settle(engine, number)
                self._outputs[number] = network.output(engine.lattice())[0].cpu()
            cells += engine.looked_up
        with self._lock:
            self._cells, self._patches = self._cells + cells, self._patches + known.met

    def _settle(self, engine: Sparse, number: int) -> None:
        depth, settled, answered = self._shape.depth, False, False
        while not self._stopped and engine.layers < depth and (self._full_depth or not settled):
            flags = engine.advance(min(STRIDE, depth - engine.layers), 0 if settled else SETTLED)
            self._shares[number] = engine.layers / depth
            if not settled:
                answered, at_rest, self._overflow[number] = (bool(flag) for flag in flags)
                settled, self._layers[number] = answered or at_rest, engine.layers
            self._report()
        self._shares[number] = 1
        with self._lock:
            self._layers_run = max(self._layers_run, engine.layers)
        self._report(answered)
