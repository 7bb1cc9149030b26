"""One machine by all engines: its network trained and asked, sparse and dense, and its table, in Python and in machine code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tmc.bench.baselines import Signs
from tmc.ir.table import Table
from tmc.learn.search.searching import grids
from tmc.run.many import VERDICTS, answers, lay
from tmc.run.shapes import pack_tables
from tmc.run.simulator import simulate, step_limit

if TYPE_CHECKING:
    from tmc.net.rcnn import RCNN
    from tmc.pipeline import Stages

DENSE_LAYERS = 100  # of each query, run on the dense engine: a whole run takes minutes
REJECTED = VERDICTS.index("reject")
Watch = Callable[[str], None]  # told what is being done


@dataclass(frozen=True, slots=True, eq=False)
class ByNetwork:
    """What a network answers: `labels` (q,), after how many `layers` (q,), and the seconds for all queries."""

    labels: Signs
    layers: NDArray[np.int64]
    seconds: float


@dataclass(frozen=True, slots=True)
class ByConvolution:
    """The dense engine, one query at a time in float32, on so many `queries` for so many `layers` each: the seconds of a layer,
    and whether the lattices are then the `same` as the sparse engine's in every number."""

    queries: int
    layers: int
    seconds: float
    same: bool


def trained(stages: Stages, x: Signs, y: Signs, watch: Watch) -> tuple[RCNN, float]:
    """A machine's network, its memory trained on examples by Algorithm 1, and the seconds that took."""
    from tmc.net.checkpoint.reading import from_stages
    from tmc.net.learn import memorise
    from tmc.net.rcnn import RCNN

    began, network = perf_counter(), RCNN(from_stages(stages))
    memorise(network, x, y, network.shape(*x.shape), after=lambda learnt: watch(f"SGD: example {learnt.steps} of {len(x) + 1}"))
    return network, perf_counter() - began


def by_network(network: RCNN, m: int, queries: Signs, watch: Watch) -> ByNetwork:
    """What the network says of queries (q, d), by the sparse engine, on as many threads as torch has."""
    from tmc.net.answer import answer

    began = perf_counter()
    found = answer(
        network,
        queries,
        network.shape(m, queries.shape[1]),
        engine="sparse",
        progress=lambda share, answered: watch(f"network: query {answered} of {len(queries)}"),
    )
    return ByNetwork(found.labels, found.layers, perf_counter() - began)


def by_convolution(network: RCNN, m: int, queries: Signs) -> ByConvolution:
    """The dense engine for some layers of each query, beside the sparse one."""
    import torch

    from tmc.net.answer import start_on_query
    from tmc.net.engines import Sparse, patches_of

    cache, took, same = patches_of(network), 0.0, True
    for query in queries:
        dense = start_on_query(network, query, network.shape(m, queries.shape[1]))
        sparse = Sparse(network, dense.lattice(), cache)
        began = perf_counter()
        for _ in range(DENSE_LAYERS):
            dense.advance()
        took += perf_counter() - began
        sparse.advance(DENSE_LAYERS, until=0)
        same = same and torch.equal(dense.lattice(), sparse.lattice())
    return ByConvolution(len(queries), DENSE_LAYERS, took / (len(queries) * DENSE_LAYERS), same)


def by_table(table: Table, x: Signs, y: Signs, queries: Signs) -> Signs:
    """What the table says of queries (q, d), one after the other, by the simulator in Python."""
    verdicts = [simulate(table, grid).verdict for grid in grids(x, y, queries)]
    return np.array([-1 if verdict == "reject" else 1 for verdict in verdicts], np.int8)


def by_machine_code(table: Table, x: Signs, y: Signs, queries: Signs) -> tuple[Signs, NDArray[np.int32]]:
    """What the table says by the engine for many short runs: labels (q,) and steps (q,). ValueError as `lay`."""
    shape, entries = pack_tables([_started_first(table)])
    laid = grids(x, y, queries)
    found = answers(entries, lay(shape, laid, step_limit(table, laid[0])))
    return np.where(found.verdicts[0] == REJECTED, -1, 1).astype(np.int8), found.steps[0]


def _started_first(table: Table) -> Table:
    """The same machine with its states numbered so that it starts in the first: the engine knows no other start."""
    swapped = {table.start: 0, 0: table.start}
    names = tuple(table.states[swapped.get(index, index)] for index in range(len(table.states)))
    transitions = (
        replace(t, state=swapped.get(t.state, t.state), target=swapped.get(t.target, t.target)) for t in table.transitions
    )
    return replace(table, states=names, start=0, transitions=tuple(transitions))
