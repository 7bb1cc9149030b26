"""Training by the sparse engine beside autograd through dense layers: output, gradient and `W` at every step, to the last bit."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch
from torch import Tensor

from conftest import compiled
from tmc.diagnostics import Rejected
from tmc.net.checkpoint.reading import from_build, from_stages
from tmc.net.draw import draw
from tmc.net.engines import patches_of
from tmc.net.learn import SgdStep, memorise, memory_of, train
from tmc.net.network import Network, Shape, exact
from tmc.net.sparse import engine as sparse
from tmc.net.sparse.chain_rule import Inexact, last_digit, last_digits, matrices
from tmc.net.sparse.gradients import SparseNetwork, is_sparse
from tmc.pipeline import lower_table
from tmc.testing.random_machines import Family, random_machine

LEARNERS = ("conjunction", "decision_list", "dictator", "gauss", "majority", "memory", "nearest", "perceptron", "stump")


def network(name: str = "gauss", target: str = "wide", scale: str = "integer") -> Network:
    return Network(from_build(compiled(name, target, scale)))


def signs(random: np.random.Generator, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    return random.choice(np.array([-1, 1], dtype=np.int8), shape)


def trained(learner: Network, shape: Shape, engine: str, seed: int, full_depth: bool = False) -> list[tuple[float, Tensor, Tensor]]:
    """Output, gradient and `W` at every step."""
    random, seen = np.random.default_rng(seed), []

    def watch(step: SgdStep) -> None:
        assert step.gradient.dtype == learner.dtype
        seen.append((step.output, step.gradient, learner.memory.weight.detach().clone()))

    x, y = signs(random, shape.m, shape.d), signs(random, shape.m)
    train(learner, x, y, shape, full_depth=full_depth, engine=engine, watch=watch)
    return [*seen, (0.0, torch.zeros(()), learner.memory.weight.detach())]


def check_training(learner: Network, shape: Shape, seed: int, full_depth: bool = False) -> list[tuple[float, Tensor, Tensor]]:
    ours, autograd = (trained(learner, shape, engine, seed, full_depth) for engine in ("sparse", "dense"))
    assert len(ours) == shape.m + 2
    for (output, *tensors), (other, *others) in zip(ours, autograd, strict=True):
        assert output == other
        assert all(torch.equal(a, b) for a, b in zip(tensors, others, strict=True))
    return ours


def gradient(
    learner: Network, weight: Tensor, z: Tensor, shape: Shape, engine: str, full_depth: bool = False
) -> tuple[float, Tensor]:
    """`f(z; W)` and its gradient by `W`."""
    learner.memory.weight = torch.nn.Parameter(weight.clone())
    if engine == "sparse":
        forward = SparseNetwork(learner, shape, full_depth)(z[0].numpy().astype(np.int8))
        return forward.output, torch.from_numpy(forward.pull_back(1.0))
    with exact():
        output = learner(z, shape, full_depth)
        output.sum().backward()
    assert learner.memory.weight.grad is not None
    return float(output.detach()), learner.memory.weight.grad


def check_gradient(learner: Network, random: np.random.Generator, shape: Shape, full_depth: bool = False) -> int:
    """At any `W`, also such as training never meets: rows of 0, rows of examples, entries of ±1 anywhere, in a random order.
    Returns how many entries of the gradient are not 0, or -1 where it grows so large that autograd rounds."""
    rows, columns = shape.m + 1, shape.d + 1
    kept = random.choice([0, 1], (rows, 1)) * random.choice([0, 1], (rows, columns), p=[0.1, 0.9])
    weight = torch.from_numpy(signs(random, rows, columns) * kept).to(learner.dtype) * learner.learning_rate
    z = torch.from_numpy(signs(random, 1, columns)).to(learner.dtype)
    z[:, -1] = 1
    try:
        output, ours = gradient(learner, weight, z, shape, "sparse", full_depth)
    except Inexact:
        return -1
    other, autograd = gradient(learner, weight, z, shape, "dense", full_depth)
    assert output == other
    assert torch.equal(ours, autograd)
    return int(ours.count_nonzero())


@pytest.mark.parametrize("m", range(1, 7))
@pytest.mark.parametrize("d", range(1, 5))
def test_gauss(m: int, d: int) -> None:
    learner, random = network(), np.random.default_rng(10 * m + d)
    check_training(learner, learner.shape(m, d), seed=10 * m + d)
    assert max(check_gradient(learner, random, learner.shape(m, d, depth=depth)) for depth in (1, 5, 20, 150)) > 0


@pytest.mark.parametrize("scale", ["integer", "paper"])
@pytest.mark.parametrize(("m", "d"), [(1, 1), (3, 2), (4, 3)])
def test_gauss_by_the_target_scalar(scale: str, m: int, d: int) -> None:
    learner, random = network(target="scalar", scale=scale), np.random.default_rng(m)
    check_training(learner, learner.shape(m, d), seed=m)
    assert max(check_gradient(learner, random, learner.shape(m, d, depth=depth)) for depth in (1, 2, 5, 30)) > 0


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner(name: str) -> None:
    learner, random = network(name), np.random.default_rng(0)
    check_training(learner, learner.shape(4, 3), seed=1)
    assert max(check_gradient(learner, random, learner.shape(4, 3, depth=depth)) for depth in (1, 3, 10, 100)) > 0


@pytest.mark.parametrize("seed", range(20))
def test_random_machines(seed: int) -> None:
    random = Random(seed)
    learner = Network(from_stages(lower_table(random_machine(random, Family(work_tape=seed % 3 > 0)))))
    numbers = np.random.default_rng(seed)
    for m, d in ((1, 2), (4, 3)):
        check_training(learner, learner.shape(m, d, depth=60), seed)
        assert max(check_gradient(learner, numbers, learner.shape(m, d, depth=depth)) for depth in (1, 2, 5, 10, 60)) >= 0


def perturbed(seed: int) -> Network:
    """A network with some of its weights and biases one larger, or smaller."""
    learner, random = network("majority"), np.random.default_rng(seed)
    for parameter in (*learner.recurrent.parameters(), *learner.head.parameters()):
        chosen = random.random(parameter.shape) < 2 / parameter.numel()
        parameter.data += torch.from_numpy(signs(random, *parameter.shape) * chosen).to(parameter)
    return learner


@pytest.mark.parametrize("seed", range(20))
def test_perturbed_weights(seed: int) -> None:
    learner, random = perturbed(seed), np.random.default_rng(seed)
    for depth in (1, 3, 40):
        trained_alike = [trained(learner, learner.shape(3, 3, depth=depth), engine, seed) for engine in ("sparse", "dense")]
        for (output, *tensors), (other, *others) in zip(*trained_alike, strict=True):
            np.testing.assert_equal(output, other)  # which may be nan, where it explodes
            for one, two in zip(tensors, others, strict=True):
                np.testing.assert_array_equal(one, two)
        check_gradient(learner, random, learner.shape(3, 3, depth=depth))


@pytest.mark.parametrize(("target", "depth"), [("wide", 200), ("scalar", 40)])
def test_through_every_layer(target: str, depth: int) -> None:
    learner, random = network(target=target), np.random.default_rng(1)
    check_training(learner, learner.shape(3, 2, depth=depth), seed=1, full_depth=True)
    for layers in (1, 2, 5, depth):
        check_gradient(learner, random, learner.shape(3, 2, depth=layers), full_depth=True)


def test_what_is_not_exact_is_left_to_autograd(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = network()
    for layers in (learner.head, learner.recurrent):
        for parameter in layers.parameters():
            parameter.data *= 0.1
        check_training(learner, learner.shape(3, 2, depth=30), seed=1)
    monkeypatch.setattr(sparse, "LAST", dict.fromkeys(sparse.LAST, 1))  # no room for more patches
    monkeypatch.setattr(sparse, "FIRST", dict.fromkeys(sparse.FIRST, 16))
    check_training(network(), learner.shape(3, 2), seed=1)


def test_which_engine() -> None:
    learner = network("majority")
    drawn = Network(draw(learner.checkpoint, 0).checkpoint)
    assert [is_sparse(learner, engine) for engine in ("auto", "sparse", "dense")] == [True, True, False]
    assert [is_sparse(drawn, engine) for engine in ("auto", "sparse", "dense")] == [False, True, False]
    with pytest.raises(Rejected, match="no engine is called 'fast'; there are auto, sparse, dense"):
        is_sparse(learner, "fast")


def test_the_layers_as_matrices() -> None:
    learner = network("majority")
    for layer, matrix in zip(learner.convolutions(), matrices(patches_of(learner).weights), strict=True):
        assert np.array_equal(layer.weight.flatten(1).numpy(), matrix)


def test_the_last_digit() -> None:
    assert [last_digit(np.array(values)) for values in ([0, 3.0], [4.0, 8.0], [1, 0.75], [-(2.0**-20)])] == [1, 1, 0.25, 2**-20]
    smallest = 2.0**-1074
    assert [last_digit(np.array(values)) for values in ([smallest], [1 + 2.0**-52, -7], [1.0, np.inf], [np.nan], [])] == [
        smallest, 2.0**-52, 0, 0, 1
    ]  # fmt: skip
    assert last_digits(np.array([[0.5, 3], [2, -0.0]])).tolist() == [0.5, 1]


@pytest.mark.long
@pytest.mark.parametrize(("target", "scale"), [("wide", "integer"), ("scalar", "integer"), ("scalar", "paper")])
@pytest.mark.parametrize("full_depth", [False, True])
def test_a_large_memory(target: str, scale: str, full_depth: bool) -> None:
    learner, random = network(target=target, scale=scale), np.random.default_rng(0)
    x, y = signs(random, 32, 16), signs(random, 32)
    memorise(learner, x, y, learner.shape(32, 16), engine="sparse", full_depth=full_depth)
    assert torch.equal(learner.memory.weight.detach(), memory_of(x, y).to(learner.dtype) * learner.learning_rate)
