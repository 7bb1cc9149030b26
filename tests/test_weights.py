"""The paper's own prior: networks whose weights are drawn, many of them trained at once, and restarts over them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from itertools import permutations, product
from math import factorial, log2

import numpy as np
import pytest

from conftest import Outcome
from tmc.bench.weights import FEW, FRAMES, GOALS, VALUES, Effort, attempt, blind_error, compiled
from tmc.learn.data.tasks import TASKS
from tmc.learn.search.weight_search import Tally, batch, error, restart
from tmc.learn.search.weights import CHUNK, Architecture, Redrawn, Weights, network
from tmc.net.answer import answer
from tmc.net.checkpoint.reading import Checkpoint
from tmc.net.draw import draw
from tmc.net.equivalent import _log2_equivalents, log2_equivalents
from tmc.net.learn import memorise, train
from tmc.net.many import Batch, labels, outputs
from tmc.net.network import Network, Shape


def reject() -> Checkpoint:
    return compiled("always_0")[0]


def tiny(width: int = 4, frame: str = "thirds", seed: int = 0, head: int = 1) -> Weights:
    return Weights(Architecture(width, head, VALUES, FRAMES[frame]), seed)


def alone(prior: Weights | Redrawn, number: int, given: Batch) -> np.ndarray:
    """The outputs of one candidate, trained and asked by itself (p, q)."""
    single = Network(network(prior, number, reject()))
    shape, found = Shape(given.x.shape[1], given.x.shape[2], given.layers, given.pads, bounded=False), []
    for x, y, queries in zip(given.x, given.y, given.queries, strict=True):
        train(single, x, y, shape, full_depth=True)
        found.append(answer(single, queries, shape, full_depth=True).outputs)
    return np.array(found)


@pytest.mark.parametrize(("width", "layers", "m", "d"), [(1, 1, 1, 1), (2, 1, 3, 2), (4, 1, 2, 2)])
def test_many_compute_what_one_computes(width: int, layers: int, m: int, d: int) -> None:
    """To the last bit, as nothing is rounded; and some of them have learnt something."""
    prior, given = tiny(width, seed=5), batch(TASKS["literals"], 2, d, m, 3, 0, layers)
    found = outputs(prior.networks(1000, 60), prior.architecture.frame, given)
    assert found.shape == (60, 2, 3)
    for number in range(60):
        assert np.array_equal(alone(prior, 1000 + number, given), found[number])
    assert width == 1 or (np.ptp(found, axis=(1, 2)) > 0).any()


@pytest.mark.parametrize("frame", sorted(FRAMES))
def test_many_answer_what_one_answers(frame: str) -> None:
    """Where sums are rounded, of more layers, a larger head and thirds: in every label."""
    prior, given = tiny(3, frame, head=2), batch(TASKS["dictators"], 2, 2, 2, 4, 0, 2)
    found = labels(outputs(prior.networks(0, 60), prior.architecture.frame, given))
    assert {-1, 1} == set(found.ravel().tolist())
    for number in range(60):
        assert np.array_equal(labels(alone(prior, number, given)), found[number])


@pytest.mark.parametrize("scale", ["integer", "paper"])
def test_many_do_what_a_compiled_network_does(scale: str) -> None:
    """The network of a machine is among them: it gives what its own layers give, the label of the first example."""
    checkpoint, _ = compiled("first_label", scale)
    single, prior = Network(checkpoint), Redrawn(checkpoint, ())
    shape = single.shape(2, 2)
    given = batch(TASKS["literals"], 3, 2, 2, 4, 0, shape.depth)
    found = outputs(prior.networks(0, 1), prior.architecture.frame, given)[0]
    for x, y, queries, each in zip(given.x, given.y, given.queries, found, strict=True):
        memorise(single, x, y, shape, engine="dense")
        asked = answer(single, queries, shape, engine="dense", full_depth=True)
        assert np.array_equal(asked.outputs, each)
        assert (labels(each) == y[0]).all()


def test_undecided_counts_as_one() -> None:
    assert labels(np.array([0.0, -0.0, np.nan, np.inf, -np.inf, -1e-300])).tolist() == [1, 1, 1, 1, -1, -1]


def test_a_candidate_is_its_number() -> None:
    """However many are drawn at once, and from wherever on; another seed, another network."""
    prior = tiny(2, seed=7)
    every = prior.networks(CHUNK - 3, 8)
    for number in range(8):
        for name, tensor in prior.networks(CHUNK - 3 + number, 1).items():
            assert np.array_equal(tensor[0], every[name][number])
    assert not np.array_equal(every["V1"], tiny(2, seed=8).networks(CHUNK - 3, 8)["V1"])
    assert len({tensor.tobytes() for tensor in prior.networks(0, 2 * CHUNK)["V1"]}) == 2 * CHUNK


def test_entries_are_uniform() -> None:
    prior = tiny(2)
    drawn = np.concatenate([tensor.ravel() for tensor in prior.networks(0, 4000).values()])
    counts = np.array([Counter(drawn.tolist())[value] for value in VALUES])
    expected = 4000 * prior.architecture.entries / len(VALUES)
    assert ((counts - expected) ** 2 / expected).sum() < 30  # chi squared, of 4 degrees
    assert prior.log2_chance == -prior.architecture.entries * log2(5)
    assert prior.architecture.entries == 2 * 9 + 3 * 4 + 2 + 4 * 2 + 1 + 1 + 1 + 1 + 1


def test_the_architecture_of_a_compiled_network() -> None:
    """It draws what `tmc.net.draw` draws: as many entries, from the same values."""
    architecture, drawn = Architecture.of(reject()), draw(reject(), 0)
    assert (architecture.entries, len(architecture.values)) == (drawn.entries, drawn.values)
    assert {name: tensor.shape for name, tensor in reject().tensors.items()} == dict(architecture.shapes)
    assert Weights(architecture).log2_chance == drawn.log2_chance


def test_redrawn() -> None:
    """The entries drawn are those at the places, all others are kept."""
    prior = Redrawn(reject(), (3, 500), seed=1)
    networks, kept = prior.networks(0, 2000), Redrawn(reject(), ()).networks(0, 1)
    changed = sum((tensor != kept[name]).any(axis=0).sum() for name, tensor in networks.items())
    assert changed == 2
    assert prior.log2_chance == -2 * log2(len(prior.architecture.values))


def test_equivalents() -> None:
    """Counted by trying every network of a tiny chain of layers: none of those that are counted is counted twice."""
    values = (-1.0, 0.0, 1.0)
    weight, bias = np.array([[1.0], [-1.0]]), np.array([0.0, 1.0])
    last = (np.array([[1.0, 0.0]]), np.array([0.0]))
    both = (np.array([[1.0, -1.0]]), np.array([0.0]))

    def swapped(order: tuple[int, ...], free: tuple[float, float] | None) -> tuple[float, ...]:
        first = np.column_stack([weight, bias])
        if free is not None:
            first[1] = free
        out = last[0] if free is not None else both[0]
        return (*first[list(order)].ravel(), *out[0, list(order)])

    orders = list(permutations(range(2)))
    unread = {swapped(order, (a, b)) for order in orders for a, b in product(values, repeat=2)}
    assert _log2_equivalents([(weight, bias), last], 3) == pytest.approx(log2(len(unread)))
    read = {swapped(order, None) for order in orders}
    assert _log2_equivalents([(weight, bias), both], 3) == pytest.approx(log2(len(read)))
    alike = [(np.ones((3, 1)), np.zeros(3)), (np.ones((1, 3)), np.zeros(1))]
    assert _log2_equivalents(alike, 3) == 0


def test_an_equivalent_network_does_the_same() -> None:
    """Units in another order, and other weights into those that nobody reads."""
    checkpoint, _ = compiled("first_label")
    tensors, random = {name: tensor.copy() for name, tensor in checkpoint.tensors.items()}, np.random.default_rng(0)
    unread = (tensors["V5"] == 0).all(axis=0)
    tensors["V4"][unread] = random.choice(np.unique(tensors["V4"]), (int(unread.sum()), tensors["V4"].shape[1]))
    order = random.permutation(len(unread))
    tensors["V4"], tensors["V4.bias"], tensors["V5"] = tensors["V4"][order], tensors["V4.bias"][order], tensors["V5"][:, order]
    given = batch(TASKS["constants"], 3, 2, 2, 4, 0, 20)
    prior = Redrawn(checkpoint, ())
    one, other = ({name: tensor[None] for name, tensor in some.items()} for some in (checkpoint.tensors, tensors))
    assert np.array_equal(*(outputs(some, prior.architecture.frame, given) for some in (one, other)))
    assert log2_equivalents(checkpoint, 133) > log2(factorial(int((~unread).sum())))


def test_restarts_find_a_network_that_learns() -> None:
    """Of width 4: no constant is right, so what is right has learnt from the examples. It is right by itself, too."""
    prior, given = tiny(4), batch(TASKS["constants"], 64, 1, 1, 4, 0, 1)
    tally = restart(prior, [given], 2048)
    assert blind_error([given]) > 0.4
    assert (tally.mistakes, tally.error) == (0, 0.0)
    assert tally.perfect > 0
    assert error(prior, tally.best, reject(), batch(TASKS["constants"], 50, 1, 1, 4, 99, 1)) == 0


def test_restarts_however_they_go() -> None:
    """Interruptions and giving up change neither the winner nor how many are perfect."""
    prior, given = tiny(4), [batch(TASKS["constants"], 12, 1, 1, 4, 0, 1), batch(TASKS["constants"], 5, 2, 2, 4, 0, 1)]
    whole = restart(prior, given, 2000)
    weights = prior.networks(0, 2000)
    mistakes = sum((labels(outputs(weights, prior.architecture.frame, each)) != each.wanted).sum(axis=(1, 2)) for each in given)
    assert (whole.best, whole.mistakes, whole.perfect) == (np.argmin(mistakes), np.min(mistakes), (mistakes == 0).sum())
    part = None
    for until in (1, 500, 1024, 1999, 2000):
        part = restart(prior, given, until, begin=part)
    assert part == whole
    assert restart(prior, given, 3, max_error=0.0) == Tally(tried=3, queries=whole.queries)


def test_an_attempt() -> None:
    goal = next(goal for goal in GOALS if goal.task.name == "always -1")
    made = attempt(tiny(1, "paper"), goal, lambda m, d: 1, Effort(200 * FEW, 20, 0))
    assert (made.blind, made.fresh, made.tally.error) == (0, 0, 0)
    assert made.log2_frequency == log2(made.tally.perfect / 200)
    assert made.log2_restarts == pytest.approx(22 * log2(5) + log2(np.log(20)))


@pytest.mark.long
def test_the_command(tmc: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    from tmc.bench import weights
    from tmc.cli import bench_weights

    monkeypatch.setattr(bench_weights, "MOST", 2)
    monkeypatch.setattr(weights.figures, "__defaults__", (("always_0",),))
    options = ("bench", "weights", "--width", 1, "--candidates", 30, "--redraws", 2, "--test-problems", 3)
    outcome = tmc(*options)
    assert (outcome.status, outcome.err) == (0, "")
    assert "always_0         paper       1    31    3,343    111    -22,713.7    -21,596.5" in outcome.out
    lines = [json.loads(line) for line in tmc(*options, "--json").out.splitlines()]
    assert Counter(line["kind"] for line in lines) == {"machines": 2, "tiny": 14, "own": 4, "redrawn": 4}
    assert all(line["entries"] == 22 for line in lines if line["kind"] == "tiny")
