"""What the sparse engine does is done without torch: where that cannot be imported, everything comes out as it should."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import ROOT, Outcome, compiled
from tmc.files import read_text
from tmc.learn.data import datasets
from tmc.net.answer import answer
from tmc.net.as_checkpoint import checkpoint_of
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.net.described import Described, Memory, Shape
from tmc.net.draw import draw
from tmc.net.learn import memorise, train
from tmc.net.line import run_line
from tmc.net.modules import module_of
from tmc.net.network import Network
from tmc.net.rcnn import RCNN
from tmc.net.sparse.chain_rule import Inexact
from tmc.net.sparse.gradients import SparseNetwork
from tmc.net.sparse.plain import PlainNetwork
from tmc.pipeline import read_machine

Tmc = Callable[..., Outcome]
MACHINES = sorted((ROOT / "machines").glob("*.tm"))
LEARNERS = [path.stem for path in MACHINES if read_machine(read_text(path))[0].is_grid]
LINES = [path.stem for path in MACHINES if path.stem not in LEARNERS]
TARGETS = (("wide", "integer"), ("scalar", "integer"), ("scalar", "paper"))
BLOCKED = ("torch", "tqdm", "sympy", "networkx", "sklearn", "matplotlib", "lark")
PROGRAM = f"""
import sys
sys.modules.update(dict.fromkeys({BLOCKED}))
from tmc.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a data set, that commands run in."""
    monkeypatch.chdir(tmp_path)
    datasets.save(datasets.parity(3, 4, 5, seed=0), tmp_path / "data.npz")
    return tmp_path


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network may be made a module of torch."""

    def refuse(network: Network, checkpoint: Checkpoint) -> None:
        raise AssertionError(f"{checkpoint.name} needs torch")

    monkeypatch.setattr(Network, "__init__", refuse)


def blocked(*arguments: object) -> Outcome:
    """A command line in a process that cannot import torch."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(("target", "scale"), TARGETS)
def test_a_learner_learns_and_answers(tmc: Tmc, folder: Path, target: str, scale: str) -> None:
    files.save(from_build(compiled("majority", target, scale)), folder / "net.safetensors")
    run = ("run", "net.safetensors", "--input", "data.npz", "--json")
    dense = tmc(*run, "--engine", "dense", "--save", "dense.safetensors", "--output", "dense.npz")
    plain = blocked(*run, "--save", "plain.safetensors", "--output", "plain.npz")
    assert (dense.status, plain.status, plain.err) == (0, 0, dense.err)
    for part in ("predictions", "undecided", "accuracy", "layers", "layers_run", "depth"):
        assert json.loads(dense.out)[part] == json.loads(plain.out)[part]
    for ending in ("safetensors", "npz"):
        assert (folder / f"plain.{ending}").read_bytes() == (folder / f"dense.{ending}").read_bytes()
    again = blocked("run", "plain.safetensors", "--input", "data.npz", "--json", "--full-depth", "--max-layers", "300")
    assert json.loads(again.out)["predictions"] == json.loads(plain.out)["predictions"]


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_a_line_machine_runs(tmc: Tmc, folder: Path, target: str) -> None:
    files.save(from_build(compiled("increment", target)), folder / "net.safetensors")
    run = ("run", "net.safetensors", "--data", "1011")
    assert blocked(*run) == tmc(*run, "--engine", "dense") == Outcome(0, "accept after 15 layers of 44\ndata  1100\n", "")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(("target", "scale"), TARGETS)
@pytest.mark.parametrize("name", LEARNERS)
def test_no_learner_needs_torch(name: str, target: str, scale: str) -> None:
    """Every sum of the head, and every step of training, is exact."""
    data = datasets.parity(2, 3, 3, seed=1)
    network = PlainNetwork(from_build(compiled(name, target, scale)))
    shape = network.shape(3, 2)
    memorise(network, data.x_train, data.y_train, shape)
    outputs = answer(network, data.x_test, shape).outputs
    assert outputs.dtype == network.dtype
    assert set(outputs.tolist()) <= {-1.0, 0.0, 1.0}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("name", LINES)
def test_no_line_machine_needs_torch(name: str) -> None:
    run = run_line(PlainNetwork(from_build(compiled(name))), "", max_layers=100)
    assert run.engine.name == "sparse"


# --- where torch is needed, it is asked


def noisy(checkpoint: Checkpoint) -> RCNN:
    """A network whose weights are a little wrong: sums are rounded."""
    network = RCNN(checkpoint)
    for parameter in (*network.recurrent.parameters(), *network.head.parameters()):
        parameter.data += 1e-4
    return network


def test_a_head_that_rounds_is_left_to_torch() -> None:
    data = datasets.parity(2, 3, 4, seed=1)
    network = RCNN(from_build(compiled("majority")))
    shape = network.shape(3, 2)
    memorise(network, data.x_train, data.y_train, shape)
    for parameter in network.head.parameters():
        parameter.data += 1e-3
    sparse, dense = (answer(network, data.x_test, shape, engine=engine).outputs for engine in ("sparse", "dense"))
    assert np.array_equal(sparse, dense)
    assert not np.array_equal(sparse, np.rint(sparse))


@pytest.mark.parametrize("seed", range(6))
def test_training_that_rounds_is_left_to_torch(seed: int) -> None:
    """Whole weights that are a little wrong: numbers may grow until autograd rounds, or everything is nan."""
    random, data = np.random.default_rng(seed), datasets.parity(3, 3, 2, seed=seed)
    changed = RCNN(from_build(compiled("majority")))
    for parameter in (*changed.recurrent.parameters(), *changed.head.parameters()):
        parameter.data += torch.from_numpy(random.choice([-1, 0, 1], parameter.shape, p=[0.01, 0.98, 0.01])).to(parameter)

    def memories(network: Described, engine: str) -> list[Memory]:
        found: list[Memory] = []
        shape = network.shape(3, 3, depth=40)
        train(network, data.x_train, data.y_train, shape, engine=engine, after=lambda learnt: found.append(learnt.weight))
        return found

    found = [memories(PlainNetwork(checkpoint_of(changed)), "auto"), memories(RCNN(checkpoint_of(changed)), "dense")]
    assert [len(each) for each in found] == [4, 4]
    np.testing.assert_array_equal(*found)


def test_a_step_that_rounds_is_left_to_torch() -> None:
    """Whether a product is rounded before the sum is depends on who adds: that is asked for, not guessed."""
    network = SparseNetwork(PlainNetwork(from_build(compiled("majority", "scalar", "paper"))), Shape(1, 1, 1, 1, bounded=False))
    weight, gradient = np.array([[0.1, 0.0], [0.25, 0.5]]), np.array([[0.0, 7.0], [0.0, 1.0]])
    network.network.set_memory(weight)
    network.descend(gradient)
    rate = network.network.learning_rate
    assert np.array_equal(network.network.memory_array(), [[0.1, -7 * rate], [0.25, 0.5 - rate]])
    before = network.network.memory_array().copy()
    network.network.learning_rate = 1 / 3
    with pytest.raises(Inexact):
        network.descend(np.array([[7.0, 0.0], [0.0, 0.0]]))
    assert np.array_equal(network.network.memory_array(), before)


def test_a_plain_network_and_a_module_have_the_same_weights() -> None:
    module = noisy(from_build(compiled("majority", "scalar")))
    assert module_of(module.plain()) is module
    plain = PlainNetwork(draw(from_build(compiled("majority")), 1).checkpoint)
    assert module_of(plain) is module_of(plain)
    for one, other in zip(plain.layers.recurrent, module_of(plain).plain().layers.recurrent, strict=True):
        assert all(np.array_equal(getattr(one, part), getattr(other, part)) for part in ("begin", "unit", "weight", "bias"))
    for one, other in zip(plain.layers.head, module_of(plain).plain().layers.head, strict=True):
        assert all(np.array_equal(*parts) for parts in zip(one, other, strict=True))
