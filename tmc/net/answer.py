"""Asking a trained network: the recurrent convolution run on many queries, until each has its answer.

The sparse engine does without torch, which is loaded for the dense one only.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tmc.native.tables import Floats
from tmc.net.answers import Answers, Evaluated, Progress
from tmc.net.choice import EngineChoice, choose
from tmc.net.described import Described, Shape
from tmc.net.modules import module_of
from tmc.net.room import with_room
from tmc.net.sparse.chain_rule import Inexact
from tmc.net.sparse.running import LEAVES, SETTLED, SparseRun

if TYPE_CHECKING:
    from tmc.net.engines import Dense
    from tmc.net.network import Network

STRIDE = 1 << 14  # layers of the sparse engine between two reports


def start_on_query(network: Network, query: NDArray[np.int8], shape: Shape) -> Dense:
    """The dense engine on a trained network about to answer one query (d,)."""
    from tmc.net.engines import Dense, inputs_of
    from tmc.net.modes import usual

    with usual():
        return Dense(network, network.memory(inputs_of(network, query[None]), shape.pads))


def start_on_cells(network: Network, channels: NDArray[np.float64]) -> Dense:
    """The dense engine on given cells, shape (rows, columns, channels)."""
    from tmc.net.engines import Dense, tensor_of

    return Dense(network, tensor_of(network, channels))


def answer(
    network: Described,
    x: NDArray[np.int8],
    shape: Shape,
    *,
    engine: str = "auto",
    dtype: str | None = None,
    full_depth: bool = False,
    progress: Progress | None = None,
) -> Answers:
    """Label the queries `x` (q, d), -1 and +1.

    A query's run ends when it has its answer or is at rest; with `full_depth`, after all layers. Where the work tape runs out of
    columns and the shape `grows`, the query is run again with twice as many, for as long as they fit this machine's memory. The
    sparse engine takes as many queries at a time as the network has threads, the dense one all in one batch, in the number format
    `dtype`. Raises `Rejected` when the lattices do not fit this machine's memory, or the format is not exact.
    """
    chosen = choose(network, engine, dtype)

    def ask(queries: NDArray[np.int8], shape: Shape, progress: Progress | None) -> Answers:
        if chosen.name == "dense":
            from tmc.net.answer_dense import answer_together

            return answer_together(module_of(network), queries, shape, chosen, full_depth, progress)
        return _SparseQueries(network, queries, shape, full_depth, progress).one_by_one(chosen)

    return with_room(network, ask, x, shape, progress)


class _SparseQueries:
    """Queries being answered by the sparse engine."""

    def __init__(self, network: Described, x: NDArray[np.int8], shape: Shape, full_depth: bool, progress: Progress | None) -> None:
        network.check_memory(shape, batch=1, kept=0)
        self._network, self._workers = network.plain(), max(1, min(network.threads(), len(x)))
        self._x, self._shape, self._full_depth, self._progress = x, shape, full_depth, progress
        self._outputs = np.zeros(len(x), self._network.dtype)
        self._layers = np.zeros(len(x), np.int64)
        self._overflow = np.zeros(len(x), np.bool_)
        self._shares, self._answered, self._layers_run = np.zeros(len(x)), 0, 0
        self._cells = self._patches = 0
        self._stopped, self._lock = False, Lock()

    def one_by_one(self, engine: EngineChoice) -> Answers:
        """Each by itself, on as many threads as the network has."""
        with ThreadPoolExecutor(self._workers) as pool:
            try:
                parts = [range(first, len(self._x), self._workers) for first in range(self._workers)]
                for part in [pool.submit(self._answer_some, part) for part in parts]:
                    part.result()
            finally:
                self._stopped = True
        evaluated = Evaluated(self._cells, self._patches)
        return Answers(self._outputs, self._layers, self._overflow, self._layers_run, engine, evaluated, self._shape.pads)

    def _report(self, answered: int = 0) -> None:
        with self._lock:
            self._answered += answered
            if self._progress is not None:
                self._progress(float(self._shares.mean()), self._answered)

    def _answer_some(self, numbers: range) -> None:
        """Answer these queries, on one thread."""
        network, cells = self._network, 0
        cache = network.patches()
        for number in numbers:
            run = SparseRun(network.first_lattice(np.append(self._x[number], np.int8(1)), self._shape.pads), cache)
            self._settle(run, number)
            if not self._is_lost(number):
                self._outputs[number] = self._output(run.lattice())
            cells += run.looked_up
        with self._lock:
            self._cells, self._patches = self._cells + cells, self._patches + cache.met

    def _output(self, lattice: Floats) -> float:
        """`f(z; W)` from the last lattice."""
        try:
            return self._network.output(lattice)
        except Inexact:
            with self._lock:  # torch has settings for the whole process
                return module_of(self._network).output_of(lattice)

    def _is_lost(self, number: int) -> bool:
        """Whether the query is to be run again with more columns."""
        return self._shape.grows and bool(self._overflow[number])

    def _settle(self, run: SparseRun, number: int) -> None:
        depth, settled, answered = self._shape.depth, False, False
        until = SETTLED | LEAVES if self._shape.grows else SETTLED
        while not self._stopped and run.layers < depth and (self._full_depth or not settled) and not self._is_lost(number):
            flags = run.advance(min(STRIDE, depth - run.layers), 0 if settled else until)
            self._shares[number] = run.layers / depth
            if not settled:
                answered, at_rest, self._overflow[number] = flags
                settled, self._layers[number] = answered or at_rest, run.layers
            self._report()
        self._shares[number] = 1
        with self._lock:
            self._layers_run = max(self._layers_run, run.layers)
        self._report(answered and not self._is_lost(number))
