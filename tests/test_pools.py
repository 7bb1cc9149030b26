"""Whoever does the work of a search, the same machine is found."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from tmc.diagnostics import Rejected
from tmc.ir.tape import Edge
from tmc.learn.search import pools
from tmc.learn.search import searching as searching
from tmc.learn.search.enumeration import AllTables
from tmc.learn.search.searching import Best, Prior, Problem, Tables, problem, search
from tmc.run.shapes import MachineShape
from tmc.version import how_to_install

SHAPE = MachineShape("grid", 2, 3, 1, (Edge.BOTTOM, Edge.RIGHT))
ONE = MachineShape("grid", 1, 3)


def dictators(shape: MachineShape) -> list[Problem]:
    """Problems of two sizes."""
    x = np.where(np.random.default_rng(5).random((9, 3)) < 0.5, -1, 1).astype(np.int8)
    sizes = ((3, 3), (2, 2), (3, 3))
    return [problem(shape, x[:m, :d], x[:m, 0], x[m:, :d], x[m:, 0], 20) for m, d in sizes]


@pytest.mark.parametrize("prior", [Tables(SHAPE, 3), AllTables(ONE)], ids=["drawn", "all"])
def test_threads(prior: Prior, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any number of them, with blocks of any size."""
    given = dictators(prior.shape)
    best = search(prior, given, 3000, workers=1, stop_at_error=-1)
    assert search(prior, given, 3000, workers=3, stop_at_error=-1) == best
    for entries in (32 * 100, 32 * 7):
        monkeypatch.setattr(searching, "BLOCK_ENTRIES", entries)
        assert search(prior, given, 3000, workers=3, stop_at_error=-1) == best
    monkeypatch.setattr(searching, "BLOCK_ENTRIES", 0)
    monkeypatch.setattr(searching, "BLOCK_STEPS", 0)
    assert search(prior, given, 300, workers=2, stop_at_error=-1) == search(prior, given, 300, workers=1, stop_at_error=-1)


def test_blocks_are_small_where_candidates_are_large() -> None:
    given = dictators(SHAPE)
    steps = sum(len(each.labels) * 20 for each in given)
    queries = sum(len(each.labels) for each in given)
    assert searching._block(SHAPE, given, queries) == min((1 << 24) // 32, (1 << 30) // steps)
    hard = [replace(each, inputs=replace(each.inputs, limit=1 << 22)) for each in given]
    few = len(hard)  # of each problem so many queries as mistakes may be made, and one
    assert [searching._block(SHAPE, hard, mistakes) for mistakes in (0, 1)] == [(1 << 8) // few, (1 << 7) // few]
    large = MachineShape("grid", 1000, 3, 1, (Edge.BOTTOM, Edge.RIGHT))
    assert searching._block(large, dictators(large), 10) == (1 << 24) // 16000


@contextmanager
def cluster(processes: bool) -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=processes, dashboard_address=None, memory_limit=None
    ) as started:
        yield started.scheduler_address


def on_a_cluster(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "BLOCK_ENTRIES", 32 * 200)
    prior, given = Tables(SHAPE, 3), dictators(SHAPE)
    rounds: list[Best] = []
    best = search(prior, given, 1500, scheduler=address, stop_at_error=-1, after=lambda found, seconds: rounds.append(found))
    assert best == search(prior, given, 1500, workers=1, stop_at_error=-1)
    assert [one.tried for one in rounds] == [256, 512, 1024, 1500]
    assert search(prior, given, 1500, scheduler=address, begin=rounds[1], stop_at_error=-1) == best


@pytest.mark.long
@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.filterwarnings("default")  # those of Dask are not ours
def test_a_cluster(processes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster(processes) as address:
        on_a_cluster(address, monkeypatch)


@pytest.mark.long
@pytest.mark.filterwarnings("default")
def test_a_cluster_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as started:
        monkeypatch.setattr(pools, "REACH", 1.0)
        with pytest.raises(Rejected, match=rf"^the Dask cluster at {started.scheduler_address} has no workers$"):
            search(Tables(SHAPE), dictators(SHAPE), 300, scheduler=started.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "localhost", "nonsense://", ""])
@pytest.mark.filterwarnings("default")
def test_nobody_answers(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(pools, "REACH", 0.2)
    with pytest.raises(Rejected, match=rf"^no scheduler of Dask answers at {address}: .+$"):
        search(Tables(SHAPE), dictators(SHAPE), 300, scheduler=address)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = f"a cluster needs the package distributed: {how_to_install('cluster')}"
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        search(Tables(SHAPE), dictators(SHAPE), 300, scheduler="tcp://127.0.0.1:1")


def test_a_few_blocks_at_a_time() -> None:
    """Blocks are asked for when there is somebody to do them, and those that wait are not done when the search is interrupted."""
    asked, done = list[int](), list[int]()

    def blocks() -> Iterator[pools.Block]:
        for number in range(1000):
            asked.append(number)
            yield number, 1, 0

    def work(_: object, block: pools.Block) -> pools.Leader:
        done.append(block[0])
        return 1, -block[0]

    with pools.threads(work, None, 2) as pool:
        assert max(pool.leaders(blocks())) == (1, 0)
        assert sorted(done) == asked == list(range(1000))
        asked.clear()
        found = iter(pool.leaders(blocks()))
        next(found)
        assert len(asked) <= 2 * pools.AHEAD + 1
        del found
    assert len(asked) <= 2 * pools.AHEAD + 1
