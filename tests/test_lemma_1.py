"""Lemma 1 of the paper, both parts, by real gradient descent and real runs: equality in every number.

1.1 Memorisation: after step `i`, rows `1..i` of `W` hold the examples, all others are 0.
1.2 Computation: with the trained `W`, the network's output is what the machine answers.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from conftest import ROOT, blocks
from tmc.learn.data.datasets import DataSet, grid, parity
from tmc.net.answer import answer
from tmc.net.checkpoint.reading import from_build
from tmc.net.learn import SgdStep, memorise, memory_of
from tmc.net.rcnn import RCNN
from tmc.pipeline import Build, compile_machine
from tmc.run.simulator import Run, simulate
from tmc.source import Source
from tmc.testing.lockstep import Caches, lockstep

Signs = NDArray[np.int8]
CACHES = Caches()  # all tests here are about one machine


@pytest.fixture(scope="module")
def gauss() -> Build:
    return compile_machine(Source("gauss.tm", (ROOT / "machines" / "gauss.tm").read_text(encoding="utf-8")))


@pytest.fixture
def network(gauss: Build) -> RCNN:
    return RCNN(from_build(gauss))


def signs(random: np.random.Generator, *shape: int) -> Signs:
    return random.choice(np.array([-1, 1], dtype=np.int8), shape)


def random_data(random: np.random.Generator, m: int, d: int, queries: int, parities: bool) -> DataSet:
    """Random examples and queries; the labels a parity of the features or random themselves."""
    if parities:
        return parity(d, m, queries, noise=0.0, seed=int(random.integers(1 << 30)))
    return DataSet(signs(random, m, d), signs(random, m), signs(random, queries, d))


def check_memorisation(network: RCNN, m: int, d: int, seed: int, full_depth: bool) -> int:
    """Every step of Algorithm 1 on random data: output 0, the paper's gradient, the paper's `W`. Returns the layers run per
    step."""
    random = np.random.default_rng(seed)
    x, y = signs(random, m, d), signs(random, m)
    final = memory_of(x, y)
    shape = network.shape(m, d)
    seen: list[int] = []

    def watch(step: SgdStep) -> None:
        row = step.index - 1
        expected = torch.zeros_like(final)
        expected[row] = -final[row]  # the loss falls fastest where row i becomes y·[x; 1]
        assert step.output == 0.0
        assert torch.equal(step.gradient, expected)
        before = torch.cat([final[:row], torch.zeros_like(final[row:])])  # watched before the step is taken
        assert torch.equal(network.memory.weight.detach(), before)
        seen.append(step.index)

    memorise(network, x, y, shape, full_depth=full_depth, watch=watch)
    assert seen == list(range(1, m + 2))
    assert torch.equal(network.memory.weight.detach(), final)
    return shape.depth


@pytest.mark.parametrize("m", range(1, 9))
@pytest.mark.parametrize("d", range(1, 7))
def test_memorisation_with_early_stop(network: RCNN, m: int, d: int) -> None:
    check_memorisation(network, m, d, seed=100 * m + d, full_depth=False)


@pytest.mark.parametrize(("m", "d"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_memorisation_through_every_layer(network: RCNN, m: int, d: int) -> None:
    check_memorisation(network, m, d, seed=m + d, full_depth=True)


@pytest.mark.long
@pytest.mark.parametrize("m", range(1, 9))
@pytest.mark.parametrize("d", range(1, 7))
def test_memorisation_through_every_layer_of_every_size(network: RCNN, m: int, d: int) -> None:
    assert check_memorisation(network, m, d, seed=1000 * m + d, full_depth=True) > 4 * m * d * d


def expected_label(run: Run) -> int:
    """An undecided query counts as +1."""
    return -1 if run.verdict == "reject" else 1


def check_computation(build: Build, network: RCNN, dataset: DataSet, engines: tuple[str, ...]) -> None:
    """Every query: the label, the layer at which it stood, and the bound on layers, against the simulator."""
    m, d = dataset.x_train.shape
    shape = network.shape(m, d)
    memorise(network, dataset.x_train, dataset.y_train, shape)
    runs = [simulate(build.table, grid(build.table, dataset, query)) for query in range(len(dataset.x_test))]
    for engine in engines:
        answers = answer(network, dataset.x_test, shape, engine=engine)
        assert answers.labels.tolist() == [expected_label(run) for run in runs]
        assert answers.undecided.tolist() == [run.verdict not in ("accept", "reject") for run in runs]
        for run, layers in zip(runs, answers.layers.tolist(), strict=True):
            assert layers <= 4 * run.steps + m + d + 2
            assert layers <= 2.5 * (run.steps + m + d)


def check_every_step(build: Build, network: RCNN, dataset: DataSet, query: int) -> None:
    """One query with the simulator at every machine step and all stages at every layer, the trained network among them."""
    m, d = dataset.x_train.shape
    agreement = lockstep(build, grid(build.table, dataset, query), network=network, caches=CACHES)
    assert not agreement.run.promise_broken
    assert agreement.layers <= min(4 * agreement.run.steps + m + d + 2, 2.5 * (agreement.run.steps + m + d))


@pytest.mark.parametrize("seed", range(6))
def test_computation(gauss: Build, network: RCNN, seed: int) -> None:
    random = np.random.default_rng(seed)
    m, d = int(random.integers(1, 6)), int(random.integers(1, 4))
    dataset = random_data(random, m, d, queries=3, parities=seed % 2 == 0)
    check_computation(gauss, network, dataset, ("sparse", "dense"))
    check_every_step(gauss, network, dataset, query=0)


@pytest.mark.parametrize("block", blocks(10))
def test_computation_on_300_data_sets(gauss: Build, network: RCNN, block: int) -> None:
    """d ≤ 6, m ≤ 10; labels random as well as parities; one query of each data set at every step, with the dense network."""
    for seed in range(30 * block, 30 * block + 30):
        random = np.random.default_rng(10_000 + seed)
        m, d = int(random.integers(1, 11)), int(random.integers(1, 7))
        dataset = random_data(random, m, d, queries=4, parities=seed % 2 == 0)
        check_computation(gauss, network, dataset, ("sparse", "dense") if seed % 10 == 0 else ("sparse",))
        check_every_step(gauss, network, dataset, query=int(random.integers(4)))


def test_parity_is_learnt(gauss: Build, network: RCNN) -> None:
    """What the machine is for: every query in the span of the examples is answered right."""
    dataset = parity(4, 8, 30, seed=1)
    shape = network.shape(8, 4)
    memorise(network, dataset.x_train, dataset.y_train, shape)
    assert dataset.y_test is not None
    assert answer(network, dataset.x_test, shape).labels.tolist() == dataset.y_test.tolist()
