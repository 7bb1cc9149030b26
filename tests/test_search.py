"""Search: the winner does not depend on how it was found."""

from __future__ import annotations

import numpy as np
import pytest

from tmc.ir.tape import Edge
from tmc.learn.search.enumeration import AllTables
from tmc.learn.search.searching import RIGHT, Best, Prior, Problem, Tables, grids, most_mistakes, problem, search
from tmc.run.many import VERDICTS, DrawnMachines, answers
from tmc.run.shapes import MachineShape
from tmc.run.simulator import simulate

SHAPE = MachineShape("grid", 2, 3, 1, (Edge.BOTTOM, Edge.RIGHT))
LIMIT = 30


def dictator(shape: MachineShape, seed: int = 0, queries: int = 60) -> Problem:
    """The label is the first feature."""
    x = np.where(np.random.default_rng(seed).random((queries + 3, 3)) < 0.5, -1, 1).astype(np.int8)
    return problem(shape, x[:3], x[:3, 0], x[3:], x[3:, 0], LIMIT)


def slowly(prior: Prior, given: Problem, count: int) -> tuple[int, int]:
    """Every candidate on every query, to its end; the first of the best."""
    machines = prior.machines(0, count)
    entries = machines.entries() if isinstance(machines, DrawnMachines) else machines
    verdicts = answers(entries, given.inputs).verdicts
    right = [
        sum(VERDICTS[verdict] in RIGHT[int(label)] for verdict, label in zip(row, given.labels, strict=True)) for row in verdicts
    ]
    return int(np.argmax(right)), max(right)


@pytest.mark.parametrize("seed", range(3))
def test_the_best(seed: int) -> None:
    prior, given = Tables(SHAPE, seed), dictator(SHAPE)
    best = search(prior, [given], 3000, stop_at_error=-1)
    assert (best.number, best.right) == slowly(prior, given, 3000)
    assert (best.tried, best.queries) == (3000, 60)


def test_however_it_goes() -> None:
    """Workers, interruptions and the division into problems change nothing."""
    prior, problems = Tables(SHAPE, 1), [dictator(SHAPE, seed, 20) for seed in range(3)]
    best = search(prior, problems, 5000, workers=1, stop_at_error=-1)
    assert search(prior, problems, 5000, workers=3, stop_at_error=-1) == best
    part = None
    for until in (1, 300, 301, 2048, 4999, 5000):
        part = search(prior, problems, until, begin=part, stop_at_error=-1)
    assert part == best
    rounds: list[int] = []
    search(prior, problems, 5000, after=lambda found, seconds: rounds.append(found.tried), stop_at_error=-1)
    assert rounds == [256, 512, 1024, 2048, 4096, 5000]


def test_found_and_run() -> None:
    """A dictator is found, and the table that is unpacked does what was counted."""
    prior, given = Tables(SHAPE, 0), dictator(SHAPE)
    best = search(prior, [given], 1 << 18)
    assert best.error == 0
    table = best.table(prior)
    x = np.where(np.random.default_rng(9).random((8, 3)) < 0.5, -1, 1).astype(np.int8)
    for query, grid in zip(x[3:], grids(x[:3], x[:3, 0], x[3:]), strict=True):
        assert (simulate(table, grid, LIMIT).verdict == "reject") == (query[0] < 0)


def test_no_more_than_there_are() -> None:
    prior: Prior = AllTables(MachineShape("grid", 1, 3, 1))
    given = dictator(prior.shape)
    best = search(prior, [given], 1 << 20)
    assert best.tried == prior.size
    assert (best.number, best.right) == slowly(prior, given, prior.size)


def test_nothing_yet() -> None:
    assert search(Tables(SHAPE), [dictator(SHAPE)], 0) == Best(queries=60)


def test_the_largest_error() -> None:
    """A candidate that makes more mistakes is none; what makes no more is found as if nothing had been said."""
    prior, x = Tables(SHAPE, 2), np.where(np.random.default_rng(0).random((63, 3)) < 0.5, -1, 1).astype(np.int8)
    given = problem(SHAPE, x[:3], x[:3].prod(axis=1), x[3:], x[3:].prod(axis=1), LIMIT)
    number, right = slowly(prior, given, 3000)
    best = search(prior, [given], 3000)
    assert (best.number, best.right) == (number, right)
    mistakes = 60 - right
    assert 0 < mistakes < 25
    assert search(prior, [given], 3000, max_error=mistakes / 60) == best
    assert search(prior, [given], 3000, max_error=(mistakes - 1) / 60) == Best(3000, queries=60)


def test_the_most_mistakes() -> None:
    """What a share allows is told as one would write it down, whatever the rounding of its digits."""
    for queries in (1, 3, 7, 10, 60, 100, 997):
        for mistakes in range(queries + 1):
            assert most_mistakes(mistakes / queries, queries) == mistakes
    assert [most_mistakes(share, 100) for share in (0.28, 0.29, 0.57, 0.999, 1.0)] == [28, 29, 57, 99, 100]
    assert [most_mistakes(share, 3) for share in (0.0, 0.33, 0.34, 0.99)] == [0, 0, 1, 2]
    assert Best(1, 0, 71, 100).error == 0.29
