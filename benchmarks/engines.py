"""The engines of the network: looking only where something changes, beside the dense convolution in eager PyTorch, one query at a
time and float32, which is what `torch.nn.Conv2d` gives when nobody does anything about it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from benchmarks.measure import Comparison, compare, seconds
from benchmarks.networks import gauss, taught
from tmc.net.answer import answer, start_on_query
from tmc.net.engines import Dense, Sparse, patches_of
from tmc.net.precision import fastest_format

EAGER_LAYERS, RUNS = 200, 5
BATCH = 32
MICRO = 1_000_000


def comparisons() -> Iterator[Comparison]:
    """Microseconds a layer."""
    yield from _sparse(8, 16)
    yield from _sparse(16, 32)
    yield _dense(8, 16)


def larger() -> Iterator[Comparison]:
    """What takes minutes: the same answers and grids all the way, and a grid of 129 rows."""
    yield _all_the_way(16, 32)
    yield from _large(64, 128, 100)


def _sparse(d: int, m: int) -> Iterator[Comparison]:
    """One query on one thread, when nothing is known yet and when its patches were met before; the dense engine for some layers."""
    network, query = gauss(), taught(d, m, 1).x_test[0]
    shape, known = network.shape(m, d), patches_of(network)
    first = start_on_query(network, query, shape).lattice()

    def sparse(fresh: bool) -> float:
        engine = Sparse(network, first, patches_of(network) if fresh else known)
        return MICRO * seconds(lambda: engine.advance(shape.depth)) / engine.layers

    def eager() -> float:
        engine = Dense(network, first)
        return MICRO * seconds(lambda: [engine.advance() for _ in range(EAGER_LAYERS)]) / EAGER_LAYERS

    for name, fresh in (("its first query", True), ("one more query", False)):
        title = f"sparse engine, gauss d={d} m={m}, {name}, per layer"
        yield compare(title, "dense float32, one query", "µs", lambda fresh=fresh: sparse(fresh), eager, RUNS)


def _dense(d: int, m: int) -> Comparison:
    """A batch in the fastest exact format, on all cores, beside one query in float32."""
    network, queries = gauss(), taught(d, m, BATCH).x_test
    shape, numbers = network.shape(m, d), fastest_format(network)
    with torch.no_grad():
        lattices = torch.cat([start_on_query(network, query, shape).lattice() for query in queries])

    def each(engine: Dense, batch: int) -> float:
        engine.advance()
        return (
            MICRO
            * seconds(lambda: [engine.advance() for _ in range(EAGER_LAYERS // batch + 5)])
            / (batch * (EAGER_LAYERS // batch + 5))
        )

    title = f"dense engine, gauss d={d} m={m}, {BATCH} queries in {numbers}, per query and layer"
    return compare(
        title,
        "dense float32, one query",
        "µs",
        lambda: each(Dense(network, lattices, numbers), BATCH),
        lambda: each(Dense(network, lattices[:1]), 1),
        RUNS,
    )


def _all_the_way(d: int, m: int) -> Comparison:
    """Seconds of a whole run; labels, layers and the last grid must be the same."""
    network, query = gauss(), taught(d, m, 1).x_test
    shape, ends = network.shape(m, d), {}

    def run(name: str) -> float:
        first = start_on_query(network, query[0], shape)
        engine = first if name == "dense" else Sparse(network, first.lattice(), patches_of(network))

        def until_answered() -> None:
            while not bool(engine.advance(shape.depth)[0]):
                pass

        took = seconds(until_answered)
        ends[name] = engine.layers, engine.lattice()
        return took

    found = compare(
        f"sparse engine, gauss d={d} m={m}, a whole run", "dense float32", "s", lambda: run("sparse"), lambda: run("dense"), 1
    )
    if ends["sparse"][0] != ends["dense"][0] or not torch.equal(ends["sparse"][1], ends["dense"][1]):
        raise SystemExit("the engines disagree")
    return found


def _large(d: int, m: int, queries: int) -> Iterator[Comparison]:
    """One query, and many on all cores; of the dense engine only the time of some layers is known, times their number."""
    network, dataset = gauss(), taught(d, m, queries)
    shape, layers = network.shape(m, d), 0

    def sparse(count: int) -> float:
        nonlocal layers
        found = []
        took = seconds(lambda: found.append(answer(network, dataset.x_test[:count], shape, engine="sparse")))
        if not np.array_equal(found[0].labels, dataset.y_test[:count]):
            raise SystemExit("the network is wrong")
        layers = int(found[0].layers.sum())
        return took

    def dense() -> float:
        engine = start_on_query(network, dataset.x_test[0], shape)
        return seconds(lambda: [engine.advance() for _ in range(20)]) / 20 * layers

    title, against = f"sparse engine, gauss d={d} m={m}", "dense float32, 20 layers × their number"
    yield compare(f"{title}, one query", against, "s", lambda: sparse(1), dense, RUNS)
    ours, other = sparse(queries), dense()
    yield Comparison(f"{title}, {queries} queries on all cores", ours, other, ours / other, "s", against)
