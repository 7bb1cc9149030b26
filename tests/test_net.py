"""The network as a PyTorch module, and tmc as a Python library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tmc
from conftest import ROOT, compiled
from tmc.diagnostics import Rejected, SourceRejected
from tmc.learn.data.datasets import parity
from tmc.net.answer import answer
from tmc.net.checkpoint.reading import Checkpoint, from_build, save
from tmc.net.learn import memorise, memory_of, trained_checkpoint
from tmc.net.network import LAYER_CAP, SPARE_WORK, Shape, exact
from tmc.net.rcnn import RCNN

DATA = parity(3, 6, 8, seed=1)
TOY = "machine toy\ntape data: grid of _ 0 1\n{work}start s\nstate s\n  otherwise move {move}\n"


def network(name: str = "gauss") -> RCNN:
    return RCNN(from_build(compiled(name)))


def toy(bounds: str = "", work: str = "tape work: line of _ 1\n", move: str = "right, right") -> RCNN:
    return RCNN(from_build(tmc.compile(TOY.format(work=work + bounds, move=move))))


def test_it_is_made_of_plain_layers() -> None:
    for group, layers in (("recurrent", 3), ("head", 2)):
        modules = list(getattr(network(), group))
        assert [type(module) for module in modules] == [nn.Conv2d, nn.ReLU] * (layers - 1) + [nn.Conv2d]
        sides = [module.kernel_size for module in modules[::2]]
        assert sides == [(3, 3) if group == "recurrent" and index == 0 else (1, 1) for index in range(layers)]
        assert all(module.padding == ((side - 1) // 2,) * 2 for module, (side, _) in zip(modules[::2], sides, strict=True))
        assert all(module.padding_mode == "zeros" for module in modules[::2])


def test_only_the_memory_is_trained() -> None:
    trained = [name for name, parameter in network().named_parameters() if parameter.requires_grad]
    assert trained == []
    learner = network()
    learner.memory.reset(2, 3)
    assert [name for name, parameter in learner.named_parameters() if parameter.requires_grad] == ["memory.weight"]
    assert torch.equal(learner.memory.weight, torch.zeros(3, 4))


def test_its_state_is_the_tensors_of_the_checkpoint() -> None:
    state = network().state_dict()
    tensors = from_build(compiled("gauss")).tensors
    assert set(state) == {*tensors, "memory.weight"}
    assert all(np.array_equal(state[name].numpy(), tensor) for name, tensor in tensors.items())


def test_changing_the_network_leaves_the_checkpoint_alone() -> None:
    checkpoint = from_build(compiled("gauss"))
    changed = RCNN(checkpoint)
    changed.recurrent[0].weight.data.zero_()
    assert np.array_equal(checkpoint.tensors["recurrent.0.weight"], from_build(compiled("gauss")).tensors["recurrent.0.weight"])


def settings() -> tuple[object, ...]:
    cudnn = torch.backends.cudnn
    return cudnn.enabled, cudnn.allow_tf32, cudnn.benchmark, cudnn.deterministic, torch.get_float32_matmul_precision()


def test_exact_arithmetic_is_switched_on_and_off_again() -> None:
    before = settings()
    try:
        torch.set_float32_matmul_precision("medium")
        outside = settings()
        with exact():
            assert not torch.backends.cudnn.enabled
            assert not torch.backends.cudnn.allow_tf32
            assert torch.get_float32_matmul_precision() == "highest"
        assert settings() == outside
        with pytest.raises(KeyError), exact():
            raise KeyError
        assert settings() == outside
    finally:
        torch.set_float32_matmul_precision(str(before[-1]))
    assert settings() == before


def test_the_memory_layer_delivers_products_and_constants() -> None:
    learner, filters = network(), compiled("gauss").filters
    learner.memory.weight = nn.Parameter(torch.tensor([[1.0, -1.0], [0.0, 1.0]]))
    lattice = learner.memory(torch.tensor([[-1.0, 1.0], [1.0, 1.0]]), pads=3)
    assert lattice.shape == (2, len(filters.channels), 2, 5)
    products = torch.tensor([[[-1.0, -1.0], [0.0, 1.0]], [[1.0, -1.0], [0.0, 1.0]]])
    assert torch.equal(lattice[:, filters.symbol, :, :2], products)
    for channel, (blank, pad) in enumerate(zip(filters.blank, filters.pad, strict=True)):
        if channel != filters.symbol:
            assert (lattice[:, channel, :, :2] == blank).all()
        assert (lattice[:, channel, :, 2:] == pad).all()


def test_the_memory_of_some_examples() -> None:
    x, y = np.array([[1, -1], [-1, -1]], dtype=np.int8), np.array([-1, 1], dtype=np.int8)
    assert torch.equal(memory_of(x, y), torch.tensor([[-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0], [1.0, 1.0, 1.0]]))


# --- the size


@pytest.mark.parametrize(("m", "d"), [(1, 1), (4, 3), (24, 8), (100, 30)])
def test_the_size_of_a_machine_with_bounds(m: int, d: int) -> None:
    steps, work = (m + 1) * (d**2 + 3 * d + 1) + 1, d + 2
    assert network().shape(m, d) == Shape(m, d, depth=4 * steps + m + d + 2, pads=work + 1, bounded=True)


def test_the_size_of_a_machine_without_bounds() -> None:
    assert toy().shape(4, 3) == Shape(4, 3, depth=LAYER_CAP, pads=4 + 3 + SPARE_WORK + 1, bounded=False, grows=True)


def test_one_bound_may_be_missing() -> None:
    assert toy("bounds\n  steps 7*m\n").shape(4, 3) == Shape(4, 3, 4 * 28 + 4 + 3 + 2, 4 + 3 + SPARE_WORK + 1, True, grows=True)
    assert toy("bounds\n  work d\n").shape(4, 3) == Shape(4, 3, LAYER_CAP, 4, bounded=False)


def test_a_size_that_is_asked_for() -> None:
    assert network().shape(4, 3, work=9, depth=50) == Shape(4, 3, depth=50, pads=10, bounded=False)


def test_without_a_work_tape_that_moves_there_is_one_pad() -> None:
    assert toy(work="", move="right").shape(4, 3).pads == 1
    assert toy(work="tape work: line of _\n").shape(4, 3).pads == 1


def test_a_line_machine_has_no_size_for_examples() -> None:
    with pytest.raises(Rejected, match=r"^the machine increment reads a line, not a grid of examples: use `run`, not `fit`$"):
        network("increment").shape(3, 3)


def test_what_does_not_fit_the_memory_of_this_machine() -> None:
    with pytest.raises(Rejected, match=r"GB of memory, this machine has .* GB; "):
        network().check_memory(Shape(3, 3, 10, 10**12, bounded=True), batch=1, kept=0)
    network().check_memory(network().shape(3, 3), batch=1, kept=1)


# --- learning and answering


def trained() -> RCNN:
    learner = network()
    memorise(learner, DATA.x_train, DATA.y_train, learner.shape(6, 3))
    return learner


def test_a_trained_checkpoint_holds_the_papers_matrix() -> None:
    kept = trained_checkpoint(trained())
    assert kept.memory is not None
    assert np.array_equal(kept.memory, memory_of(DATA.x_train, DATA.y_train).numpy())
    assert kept.about == from_build(compiled("gauss")).about


def test_a_trained_network_answers_without_training(tmp_path: Path) -> None:
    learner = trained()
    save(trained_checkpoint(learner), tmp_path / "trained.safetensors")
    again = tmc.load(tmp_path / "trained.safetensors")
    shape = learner.shape(6, 3)
    first, second = (answer(asked, DATA.x_test, shape) for asked in (learner, again))
    assert np.array_equal(first.outputs, second.outputs)
    assert np.array_equal(first.layers, second.layers)
    assert np.array_equal(second.labels, DATA.y_test)
    assert np.array_equal(again.predict(DATA.x_test), DATA.y_test)


def test_the_engines_agree_in_every_number() -> None:
    learner, shape = trained(), network().shape(6, 3)
    for full_depth in (False, True):
        limited = replace(shape, depth=150)
        dense, sparse = (answer(learner, DATA.x_test, limited, engine=e, full_depth=full_depth) for e in ("dense", "sparse"))
        assert np.array_equal(dense.outputs, sparse.outputs)
        assert np.array_equal(dense.layers, sparse.layers)
        assert np.array_equal(dense.overflow, sparse.overflow)


@pytest.mark.parametrize("engine", ["dense", "sparse"])
def test_layers_beyond_the_answer_change_nothing(engine: str) -> None:
    small, learner = parity(1, 2, 2, seed=0), network()
    shape = learner.shape(2, 1)
    memorise(learner, small.x_train, small.y_train, shape)
    soon, late = (answer(learner, small.x_test, shape, engine=engine, full_depth=full) for full in (False, True))
    assert np.array_equal(soon.outputs, late.outputs)
    assert np.array_equal(soon.layers, late.layers)


def test_queries_do_not_disturb_each_other() -> None:
    learner, shape = trained(), network().shape(6, 3)
    together = answer(learner, DATA.x_test, shape)
    for index, query in enumerate(DATA.x_test):
        alone = answer(learner, query[None], shape)
        assert (alone.outputs[0], alone.layers[0]) == (together.outputs[index], together.layers[index])


@pytest.mark.parametrize("engine", ["dense", "sparse"])
def test_progress_is_told(engine: str) -> None:
    seen: list[tuple[float, int]] = []
    answer(trained(), DATA.x_test, network().shape(6, 3), engine=engine, progress=lambda *now: seen.append(now))
    assert seen == sorted(seen)
    assert len(seen) >= len(DATA.x_test)
    assert seen[-1] == (1.0, len(DATA.x_test))


def test_fit_and_predict() -> None:
    zeros_and_ones = [(values + 1) // 2 for values in (DATA.x_train, DATA.y_train, DATA.x_test)]
    for x, y, queries in (zeros_and_ones, (DATA.x_train, DATA.y_train, DATA.x_test)):
        assert np.array_equal(network().fit(x, y).predict(queries), DATA.y_test)
    assert np.array_equal(network().fit(DATA.x_train.tolist(), DATA.y_train.tolist()).predict(DATA.x_test), DATA.y_test)


@pytest.mark.parametrize(
    ("x", "y", "complaint"),
    [
        ([[0, 2]], [0], "x: features and labels are 0 and 1, or -1 and"),
        ([[0, 1]], [0, 1], r"features of shape \(1, 2\) do not fit labels of shape \(2,\)"),
        ([0, 1], [0, 1], "x: an array of 2 dimensions is needed"),
        (np.zeros((0, 2)), np.zeros(0), r"features of shape \(0, 2\) do not fit"),
        ([[np.nan]], [0], "x: features and labels are 0 and 1"),
    ],
)
def test_examples_that_are_none(x: object, y: object, complaint: str) -> None:
    with pytest.raises(Rejected, match=complaint):
        network().fit(x, y)  # type: ignore[arg-type]


def test_queries_that_do_not_fit_what_was_learnt() -> None:
    with pytest.raises(Rejected, match="queries of 2 features, but the memory holds examples of 3"):
        trained().predict([[0, 1]])
    with pytest.raises(Rejected, match="the network has learnt nothing yet: fit it first"):
        network().predict([[0, 1]])


def test_weights_that_do_not_learn_are_the_fault_of_who_changed_them() -> None:
    broken = network()
    broken.recurrent[4].weight.data.zero_()
    said = "gradient descent did not memorise the examples: its weights are not those of a compiled machine"
    with pytest.raises(Rejected, match=f"^gauss.tm: {said}; `tmc verify` says where$"):
        memorise(broken, DATA.x_train, DATA.y_train, broken.shape(6, 3))


# --- tmc as a library


def test_compile_takes_a_path_or_a_text() -> None:
    path = ROOT / "machines" / "gauss.tm"
    text = path.read_text(encoding="utf-8")
    builds = [tmc.compile(argument) for argument in (path, str(path), text)]
    assert [build.table for build in builds] == [compiled("gauss").table] * 3
    assert [build.source.name for build in builds] == [str(path), str(path), "<text>"]
    assert builds[0].filters == builds[2].filters == compiled("gauss").filters


def test_compile_rejects_a_bad_path_and_a_bad_text() -> None:
    with pytest.raises(Rejected, match=r"cannot read no\.tm: it does not exist"):
        tmc.compile("no.tm")
    with pytest.raises(SourceRejected, match=r"error\[TMC"):
        tmc.compile("machine m\nnonsense\n")


def test_load_takes_a_path_of_either_kind(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save(from_build(compiled("gauss")), path)
    for argument in (path, str(path)):
        loaded = tmc.load(argument)
        assert (loaded.name, loaded.reads_grid, loaded.symbols()) == ("gauss", True, ("_", "0", "1"))


def test_a_line_machine_can_be_loaded(tmp_path: Path) -> None:
    save(from_build(compiled("increment")), tmp_path / "net.safetensors")
    loaded = tmc.load(tmp_path / "net.safetensors")
    assert (loaded.name, loaded.reads_grid) == ("increment", False)


def test_simulate_says_what_the_network_says() -> None:
    path = ROOT / "machines" / "gauss.tm"
    labels = [1 if tmc.simulate(path, dataset=DATA, query=query).verdict == "accept" else -1 for query in range(8)]
    assert labels == trained().predict(DATA.x_test).tolist()
    assert isinstance(trained().checkpoint, Checkpoint)
