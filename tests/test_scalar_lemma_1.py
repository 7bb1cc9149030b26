"""Lemma 1 of the paper by the target `scalar`, at both scales: equality in every number. See also `test_lemma_1`."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from conftest import compiled
from tmc.learn.data.datasets import DataSet, grid, parity
from tmc.net.answer import answer, start_on_cells
from tmc.net.checkpoint.reading import from_build, from_stages
from tmc.net.engines import Sparse, patches_of
from tmc.net.learn import SgdStep, memorise, memory_of
from tmc.net.network import Network, Shape
from tmc.net.rcnn import RCNN
from tmc.pipeline import Stages, lower_table
from tmc.run.observe import memory, window
from tmc.run.simulator import simulate
from tmc.testing.lockstep import Caches, lockstep
from tmc.testing.random_machines import Family, random_line, random_machine

Signs = NDArray[np.int8]
SCALES = ("integer", "paper")
THIRD = float(np.float32(1) / np.float32(3))


def network(scale: str, name: str = "gauss") -> RCNN:
    return RCNN(from_build(compiled(name, "scalar", scale)))


def signs(random: np.random.Generator, *shape: int) -> Signs:
    return random.choice(np.array([-1, 1], dtype=np.int8), shape)


# --- memorisation


def check_memorisation(learner: RCNN, m: int, d: int, seed: int, full_depth: bool) -> None:
    """Every step of Algorithm 1: output 0, the paper's gradient, and a third of `y·[x; 1]` in its row, nothing in the others."""
    random = np.random.default_rng(seed)
    x, y = signs(random, m, d), signs(random, m)
    examples = memory_of(x, y).double()
    final, seen = examples * learner.learning_rate, []

    def watch(step: SgdStep) -> None:
        row = step.index - 1
        expected = torch.zeros_like(final)
        expected[row] = -examples[row]
        assert step.output == 0.0
        assert torch.equal(step.gradient, expected)
        assert torch.equal(learner.memory.weight.detach()[:row], final[:row])  # watched before the step is taken
        assert not learner.memory.weight.detach()[row:].any()
        seen.append(step.index)

    memorise(learner, x, y, learner.shape(m, d), full_depth=full_depth, watch=watch)
    assert seen == list(range(1, m + 2))
    assert torch.equal(learner.memory.weight.detach(), final)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("m", "d"), [(1, 1), (2, 3), (5, 2)])
def test_memorisation_with_early_stop(scale: str, m: int, d: int) -> None:
    check_memorisation(network(scale), m, d, seed=10 * m + d, full_depth=False)


@pytest.mark.parametrize(("scale", "name"), [("integer", "majority"), ("paper", "majority")])
def test_memorisation_through_every_layer(scale: str, name: str) -> None:
    check_memorisation(network(scale, name), 2, 2, seed=1, full_depth=True)


@pytest.mark.long
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("m", "d"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_memorisation_of_parity_through_every_layer(scale: str, m: int, d: int) -> None:
    check_memorisation(network(scale), m, d, seed=m + d, full_depth=True)


@pytest.mark.long
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", ["conjunction", "decision_list", "dictator", "memory", "nearest", "perceptron", "stump"])
def test_memorisation_of_every_learner(name: str, scale: str) -> None:
    check_memorisation(network(scale, name), 4, 3, seed=7, full_depth=False)


def test_the_papers_scale_is_a_third_and_a_pad_is_1() -> None:
    learner = network("paper")
    assert learner.learning_rate == THIRD
    x, y = np.array([[1, -1], [-1, -1]], dtype=np.int8), np.array([-1, 1], dtype=np.int8)
    memorise(learner, x, y, learner.shape(2, 2))
    expected = np.array([[-1, 1, -1], [-1, -1, 1], [1, 1, 1]]) * THIRD
    assert np.array_equal(learner.memory.weight.detach().numpy(), expected)
    lattice = learner.memory(torch.tensor([[-1.0, 1.0, 1.0]], dtype=torch.float64), pads=2).detach()
    assert lattice.shape == (1, 1, 3, 5)
    assert np.array_equal(lattice[0, 0, :, :3].numpy(), expected * [-1, 1, 1])
    assert (lattice[..., 3:] == 1).all()


def test_a_whole_scale_has_whole_numbers() -> None:
    learner = network("integer")
    learner.memory.reset(1, 1)
    pad = learner.memory(torch.ones(1, 2, dtype=torch.float64), pads=1).detach()[0, 0, 0, 2]
    assert learner.learning_rate == int(learner.learning_rate)
    assert float(pad) == 3 * learner.learning_rate


# --- computation


def random_data(seed: int, m: int, d: int, queries: int) -> DataSet:
    """Random examples and queries; the labels a parity of the features or random themselves."""
    random = np.random.default_rng(seed)
    if seed % 2 == 0:
        return parity(d, m, queries, noise=0.0, seed=seed)
    return DataSet(signs(random, m, d), signs(random, m), signs(random, queries, d))


def check_computation(scale: str, dataset: DataSet, shape: Shape | None = None, engine: str = "sparse", full: bool = False) -> None:
    """Labels, outputs, what is undecided, and the bound on layers, against the simulator."""
    build, learner = compiled("gauss", "scalar", scale), network(scale)
    m, d = dataset.x_train.shape
    shape = learner.shape(m, d) if shape is None else shape
    memorise(learner, dataset.x_train, dataset.y_train, shape, full_depth=full)
    found = answer(learner, dataset.x_test, shape, engine=engine, full_depth=full)
    assert found.layers_run == shape.depth or not full
    for query, (output, layers) in enumerate(zip(found.outputs.tolist(), found.layers.tolist(), strict=True)):
        run = simulate(build.table, grid(build.table, dataset, query))
        assert output == {"accept": 1.0, "reject": -1.0}.get(run.verdict, 0.0)
        assert found.labels[query] == (-1 if run.verdict == "reject" else 1)
        assert layers <= 4 * run.steps + m + d + 2
    assert not found.overflow.any()


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("m", "d"), [(3, 2), (4, 3)])
def test_computation(scale: str, m: int, d: int) -> None:
    check_computation(scale, random_data(m + d, m, d, queries=4))


@pytest.mark.parametrize("scale", SCALES)
def test_computation_through_every_layer(scale: str) -> None:
    check_computation(scale, random_data(1, 1, 1, queries=2), full=True)


@pytest.mark.long
@pytest.mark.parametrize("scale", SCALES)
def test_computation_on_many_data_sets(scale: str) -> None:
    """d ≤ 4, m ≤ 7; of every fifth data set one query with all stages at every layer."""
    caches = Caches()
    for seed in range(20):
        random = Random(seed)
        m, d = random.randint(1, 7), random.randint(1, 4)
        dataset = random_data(seed, m, d, queries=3)
        check_computation(scale, dataset, engine="dense" if seed % 10 == 0 else "sparse")
        if seed % 5 == 0:
            build = compiled("gauss", "scalar", scale)
            lockstep(build, grid(build.table, dataset, 0), network=network(scale), caches=caches)


@pytest.mark.long
@pytest.mark.parametrize("scale", SCALES)
def test_the_construction_to_the_letter(scale: str) -> None:
    """As many pads as layers, every cell in every layer, trained through all of them."""
    learner = network(scale)
    depth = learner.shape(2, 1).depth
    shape = replace(learner.shape(2, 1, work=depth - 1), depth=depth)
    assert shape.pads == depth == learner.shape(2, 1).depth
    check_computation(scale, parity(1, 2, 2, seed=0), shape, engine="dense", full=True)


# --- the engines


def first_lattice(stages: Stages, random: Random, room: int) -> NDArray[np.float64]:
    """The cells of a line with some room around its input, or of a small memory: (rows, columns, 1)."""
    if stages.table.is_grid:
        rows = [[random.choice((-1, 1)) for _ in range(4)] for _ in range(4)]
        lattice = memory(stages.rules, (*map(tuple, rows), (1, -1, 1, 1)), room)
    else:
        lattice = window(stages.table, stages.rules, random_line(random, stages.table, (0, 6)), room, 6 + room)
    return np.array([[stages.encode(cell) for cell in row] for row in lattice], dtype=np.float64)


@pytest.mark.parametrize(("seed", "scale"), [(0, "integer"), (2, "integer"), (3, "paper")])
def test_the_engines_agree_layer_by_layer(seed: int, scale: str) -> None:
    check_engines(seed, scale)


@pytest.mark.long
@pytest.mark.parametrize("scale", SCALES)
def test_the_engines_agree_on_more_machines(scale: str) -> None:
    for seed in range(10, 20):
        check_engines(seed, scale if seed % 2 else "integer")


def check_engines(seed: int, scale: str) -> None:
    random = Random(seed)
    family = Family(kind=("line", "grid")[seed % 2], work_tape=seed % 3 > 0, states=(2, 3), symbols=(2, 3))
    stages = lower_table(random_machine(random, family), "scalar", scale)
    net = Network(from_stages(stages))
    dense = start_on_cells(net, first_lattice(stages, random, room=2))
    sparse = Sparse(net, dense.lattice(), patches_of(net))
    overflowed = torch.zeros(1, dtype=torch.bool)
    for _ in range(40):
        answered, at_rest, overflow = dense.advance()
        overflowed |= overflow
        assert sparse.advance() == (answered, at_rest, overflowed)
        assert torch.equal(sparse.lattice(), dense.lattice())


@pytest.mark.parametrize("scale", SCALES)
def test_the_engines_agree_on_a_trained_network(scale: str) -> None:
    learner, dataset = network(scale), parity(2, 3, 4, seed=1)
    shape = learner.shape(3, 2)
    memorise(learner, dataset.x_train, dataset.y_train, shape)
    dense, sparse = (answer(learner, dataset.x_test, shape, engine=engine) for engine in ("dense", "sparse"))
    for part in ("outputs", "layers", "overflow", "labels"):
        assert np.array_equal(getattr(dense, part), getattr(sparse, part))


@pytest.mark.long
@pytest.mark.parametrize("scale", SCALES)
def test_a_work_tape_that_runs_out_is_noticed(scale: str) -> None:
    learner, dataset = network(scale), parity(3, 6, 4, seed=1)
    shape = learner.shape(6, 3, work=1, depth=400)
    memorise(learner, dataset.x_train, dataset.y_train, shape)
    dense, sparse = (answer(learner, dataset.x_test, shape, engine=engine) for engine in ("dense", "sparse"))
    assert dense.overflow.any()
    assert np.array_equal(dense.overflow, sparse.overflow)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("increment", ("", "1", "101", "110011")),
        ("sort_bits", ("", "10", "0110")),
        ("palindrome_one_tape", ("", "aa", "abba", "abb")),
    ],
)
def test_lines_say_what_the_wide_network_says(name: str, texts: tuple[str, ...]) -> None:
    learner, wide = network("integer", name), RCNN(from_build(compiled(name)))
    for text in texts:
        assert learner.run(text, max_layers=200) == wide.run(text, max_layers=200)
