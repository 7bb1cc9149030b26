"""The engines agree in every number, at every layer."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import torch

from conftest import blocks, compiled
from tmc.diagnostics import Rejected
from tmc.files import read_text, shipped
from tmc.ir.lattice import Evolution
from tmc.ir.table import LineTest
from tmc.ir.tape import Line
from tmc.learn.data.datasets import DataSet, parity
from tmc.net.answer import answer, start_on_cells, start_on_query
from tmc.net.checkpoint.reading import Checkpoint, from_build, from_stages
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.net.draw import draw
from tmc.net.engines import Sparse, choose, patches_of
from tmc.net.learn import memorise
from tmc.net.line import run_line
from tmc.net.network import Network
from tmc.net.precision import exact_formats
from tmc.net.rcnn import RCNN
from tmc.net.sparse import engine as sparse_module
from tmc.net.sparse.patchwise import Patchwise
from tmc.pipeline import Stages, compile_machine, lower_table, read_machine
from tmc.report.families import family
from tmc.run.observe import memory, window
from tmc.testing.random_machines import Family, random_line, random_machine

MACHINES = sorted(shipped("machines").glob("*.tm"))
LEARNERS = [path for path in MACHINES if read_machine(read_text(path))[0].is_grid]
LINES = [path for path in MACHINES if path not in LEARNERS]


def first_lattice(stages: Stages, random: Random, room: int) -> np.ndarray:
    """The cells of a line with some room around its input, or of a small memory: (rows, columns, channels)."""
    if stages.lowered.is_grid:
        signs = [[random.choice((-1, 1)) for _ in range(4)] for _ in range(4)]
        lattice = memory(stages.rules, (*map(tuple, signs), (1, -1, 1, 1)), room)
    else:
        lattice = window(stages.lowered, stages.rules, random_line(random, stages.lowered, (0, 6)), room, 6 + room)
    return np.array([[stages.cells.encode(cell) for cell in row] for row in lattice], dtype=np.float32)


def check_every_layer(stages: Stages, random: Random, layers: int) -> None:
    """All engines on one lattice, layer by layer; then the sparse one again, all at once."""
    checkpoint = from_stages(stages)
    network, cells = Network(checkpoint), first_lattice(stages, random, room=1 + random.randrange(6))
    check_patch_by_patch(checkpoint, cells, layers)
    dense = start_on_cells(network, cells)
    first, known = dense.lattice(), patches_of(network)
    sparse = Sparse(network, first, known)
    seen = torch.zeros(2, 1, dtype=torch.bool)
    for _ in range(layers):
        answered, at_rest, overflow = dense.advance()
        seen |= torch.stack([answered, overflow])
        assert sparse.advance() == (seen[0], at_rest, seen[1])
        assert torch.equal(sparse.lattice(), dense.lattice())
    again = Sparse(network, first, known)
    assert again.advance(layers, until=0) == (seen[0], at_rest, seen[1])
    assert again.layers == layers
    assert torch.equal(again.lattice(), dense.lattice())


def check_patch_by_patch(checkpoint: Checkpoint, cells: np.ndarray, layers: int) -> None:
    """The weights by numpy, patch by patch, and the dense engine, layer by layer."""
    patchwise = Patchwise(checkpoint)
    lattice = tuple(tuple(map(tuple, row)) for row in cells.tolist())
    evolution, dense = Evolution(patchwise.local, patchwise.border, lattice), start_on_cells(Network(checkpoint), cells)
    for _ in range(layers):
        evolution.advance()
        dense.advance()
        assert np.array_equal(np.array(evolution.lattice), dense.lattice()[0].permute(1, 2, 0).numpy())


@pytest.mark.parametrize("scale", ["integer", "paper"])
def test_patch_by_patch_on_scalar_networks(scale: str) -> None:
    build = compile_machine(read_text(shipped("machines") / "gauss.tm"), target="scalar", scale=scale)
    lattice = memory(build.rules, ((1, -1, 1), (-1, -1, 1), (1, 1, 1)), 4)
    check_patch_by_patch(from_build(build), np.array([[[float(*build.encode(cell))] for cell in row] for row in lattice]), 60)


def test_patch_by_patch_where_matrices_are_stored_sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tmc.net.checkpoint.sparse_writing.DENSE", 1000)
    stages = lower_table(family(20, 1, "line"))
    checkpoint = from_stages(stages)
    assert any(isinstance(weight, SparseMatrix) for weight, _ in checkpoint.layers("recurrent"))
    lattice = window(stages.lowered, stages.rules, Line((1, 2, 2, 1)), 3, 8)
    check_patch_by_patch(checkpoint, np.array([[stages.encode(cell) for cell in row] for row in lattice], np.float64), 40)


@pytest.mark.parametrize(("target", "scale"), [("wide", "integer"), ("scalar", "integer"), ("scalar", "paper")])
def test_what_the_memory_delivers(target: str, scale: str) -> None:
    """Patch by patch nothing is trained: the memory is that of Lemma 1.1, which descent leaves in the module."""
    build = compile_machine(read_text(shipped("machines") / "gauss.tm"), target=target, scale=scale)
    network, data = RCNN(from_build(build)), parity(3, 5, 2, seed=4)
    shape = network.shape(5, 3)
    memorise(network, data.x_train, data.y_train, shape)
    dense = start_on_query(network, data.x_test[1], shape).lattice()[0].permute(1, 2, 0).numpy()
    found = Patchwise(from_build(build)).first_lattice(data.x_train, data.y_train, data.x_test[1], shape.pads)
    assert np.array_equal(np.array(found, dense.dtype), dense)


@pytest.mark.parametrize("seed", range(24))
def test_layer_by_layer(seed: int) -> None:
    random = Random(seed)
    family = Family(kind=("line", "grid")[seed % 2], work_tape=seed % 3 > 0)
    check_every_layer(lower_table(random_machine(random, family)), random, 50)


@pytest.mark.parametrize("block", blocks(10))
def test_three_hundred_random_machines(block: int) -> None:
    for seed in range(1000 + 30 * block, 1030 + 30 * block):
        random = Random(seed)
        family = Family(kind=("line", "grid", "rows")[seed % 3], work_tape=seed % 2 > 0)
        check_every_layer(lower_table(random_machine(random, family)), random, 120)


@pytest.mark.parametrize("target", ["wide", "scalar"])
@pytest.mark.parametrize("name", ["gauss", "majority"])
def test_queries(name: str, target: str) -> None:
    check_queries(name, target, parity(2, 4, 4, seed=3))


@pytest.mark.long
@pytest.mark.parametrize("name", [path.stem for path in LEARNERS])
def test_queries_of_every_learner(name: str) -> None:
    check_queries(name, "wide", parity(3, 5, 6, seed=4))
    check_queries(name, "scalar", parity(2, 2, 2, seed=5))


def check_queries(name: str, target: str, dataset: DataSet) -> None:
    """All engines, all formats, with early stop and through a depth that cuts some of the runs."""
    network = RCNN(from_build(compile_machine(read_text(shipped("machines") / f"{name}.tm"), target=target)))
    shape = network.shape(*dataset.x_train.shape)
    memorise(network, dataset.x_train, dataset.y_train, shape)
    ways = [("sparse", None), *(("dense", numbers) for numbers in exact_formats(network))]
    for limited, full_depth in ((shape, False), (replace(shape, depth=60), False), (replace(shape, depth=60), True)):
        found = [answer(network, dataset.x_test, limited, engine=e, dtype=n, full_depth=full_depth) for e, n in ways]
        for other in found[1:]:
            for part in ("outputs", "labels", "layers", "overflow", "undecided"):
                assert np.array_equal(getattr(found[0], part), getattr(other, part)), (name, other.engine)
            assert other.layers_run == found[0].layers_run


@pytest.mark.parametrize("name", [path.stem for path in LINES])
def test_line_machines(name: str) -> None:
    """On what their own tests have on the tape: at least one of them goes some way."""
    build = compile_machine(read_text(shipped("machines") / f"{name}.tm"))
    network, tests = RCNN(from_build(build)), build.table.tests
    assert tests
    layers = []
    for test in tests[:3]:
        assert isinstance(test, LineTest)
        sparse, dense = (run_line(network, test.data, engine=engine, max_layers=300) for engine in ("sparse", "dense"))
        assert sparse == dense
        layers.append(sparse.layers)
    assert max(layers) > 5


def test_patches_once_met_are_known() -> None:
    random = Random(1)
    stages = lower_table(random_machine(random, Family(kind="line")))
    network = Network(from_stages(stages))
    known = patches_of(network)
    start = start_on_cells(network, first_lattice(stages, random, room=4)).lattice()
    first = Sparse(network, start, known)
    first.advance(30, until=0)
    met = known.met
    assert 0 < met < first.looked_up
    second = Sparse(network, start, known)
    second.advance(30, until=0)
    assert known.met == met
    assert torch.equal(first.lattice(), second.lattice())


def test_the_number_of_threads_changes_nothing() -> None:
    network, dataset = trained("gauss", parity(3, 6, 5, seed=1))
    threads, found = torch.get_num_threads(), []
    try:
        for count in (1, 3):
            torch.set_num_threads(count)
            found.append(answer(network, dataset.x_test, network.shape(6, 3), engine="sparse"))
    finally:
        torch.set_num_threads(threads)
    assert np.array_equal(found[0].layers, found[1].layers)
    assert np.array_equal(found[0].outputs, found[1].outputs)
    assert found[0].evaluated.cells == found[1].evaluated.cells
    assert found[0].evaluated.patches <= found[1].evaluated.patches


@pytest.mark.parametrize("room", [1, 4, 64])
def test_room_is_made_or_all_is_forgotten(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network, dataset = trained("gauss", parity(3, 6, 2, seed=1))
    expected = answer(network, dataset.x_test, network.shape(6, 3), engine="sparse")
    monkeypatch.setattr(sparse_module, "FIRST", dict.fromkeys(sparse_module.FIRST, room))
    for last in (1 << 20, 1 << 10):  # fewer cells than the latter, but more patches
        monkeypatch.setattr(sparse_module, "LAST", dict.fromkeys(sparse_module.LAST, last))
        found = answer(network, dataset.x_test, network.shape(6, 3), engine="sparse")
        assert np.array_equal(found.layers, expected.layers)
        assert np.array_equal(found.outputs, expected.outputs)
        more = found.evaluated.patches > expected.evaluated.patches
        assert more == (last == 1 << 10)


def test_random_weights() -> None:
    drawn = draw(from_build(compile_machine(read_text(shipped("machines") / "increment.tm"), target="scalar")), seed=1).checkpoint
    assert choose(Network(drawn)).name == "dense"
    assert choose(Network(drawn)).why == "random weights hardly meet a patch twice"


# --- number formats


def test_formats_of_shipped_machines() -> None:
    for path in (*LEARNERS, *LINES):
        build = compile_machine(read_text(path))
        formats = exact_formats(Network(from_build(build)))
        assert set(formats) >= {"float32", "float64", "float16"}, path.stem


def test_a_format_that_would_round_is_refused() -> None:
    network, dataset = trained("gauss", parity(2, 3, 2, seed=0))
    with torch.no_grad():
        network.recurrent[2].bias += 4.0
    assert exact_formats(network) == ("float32", "float64", "float16")
    shape = network.shape(3, 2)
    with pytest.raises(Rejected, match="bfloat16 is not exact for gauss; use float32 or float64 or float16"):
        answer(network, dataset.x_test, shape, engine="dense", dtype="bfloat16")
    with torch.no_grad():
        network.recurrent[2].bias += 0.5
    assert exact_formats(network) == ("float32",)


def test_cells_that_do_not_stay_trits_are_noticed() -> None:
    network, dataset = trained("gauss", parity(2, 3, 2, seed=0))
    with torch.no_grad():
        network.recurrent[4].bias += 1.0
    with pytest.raises(Rejected, match="its cells do not stay trits; leave out --dtype"):
        answer(network, dataset.x_test, network.shape(3, 2), engine="dense", dtype="float64")


def test_an_engine_that_does_not_exist() -> None:
    network, dataset = trained("gauss", parity(2, 3, 2, seed=0))
    with pytest.raises(Rejected, match="no engine is called 'frontier'; there are auto, sparse, dense"):
        answer(network, dataset.x_test, network.shape(3, 2), engine="frontier")


def trained(name: str, dataset: DataSet) -> tuple[RCNN, DataSet]:
    """A learner that has learnt a data set."""
    network = RCNN(from_build(compile_machine(read_text(shipped("machines") / f"{name}.tm"))))
    return network.fit(dataset.x_train, dataset.y_train), dataset


@pytest.mark.parametrize("size", [1e-7, 1e-4, 0.3])
def test_weights_that_may_round_are_left_to_the_dense_engine(size: float) -> None:
    network = RCNN(from_build(compiled("majority")))
    network.fit([[0, 1], [1, 1]], [1, 0])
    assert network.answer([[1, 0]]).engine.name == "sparse"
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.recurrent.parameters():
            parameter.add_(size * torch.randn(parameter.shape, generator=random))
    found = network.answer([[1, 0]])
    assert (found.engine.name, found.engine.why) == ("dense", "its sums may be rounded")
    assert np.array_equal(found.outputs, network.answer([[1, 0]], engine="dense").outputs)
