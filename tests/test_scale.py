"""Machines of many states: their layers are packed, stored sparse, read back as they were, and run as the table says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load as parse_tensors

import tmc
from conftest import compiled, replaced
from tmc.diagnostics import InternalError, Rejected
from tmc.ir.columns import columns_of, transitions_of
from tmc.ir.filters import Layer, evaluate, size
from tmc.ir.from_document import table_of
from tmc.ir.tape import Grid
from tmc.ir.units import PackedUnits, biases, nonzero, packed, sums, unpacked, values
from tmc.net.checkpoint import sparse_tensors, sparse_writing
from tmc.net.checkpoint import writing as checkpoint_writing
from tmc.net.checkpoint.reading import Checkpoint, from_stages, load, save, to_bytes
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.net.draw import draw
from tmc.net.engines import Sparse, patches_of
from tmc.net.rcnn import RCNN
from tmc.pipeline import Stages, lower_table
from tmc.report.families import family
from tmc.run.observe import memory, observe, view
from tmc.run.simulator import configurations
from tmc.testing.timing import effective, moments

WEIGHT = "recurrent.2.weight"


@pytest.fixture
def always_sparse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store what becomes smaller sparse, however small it is."""
    monkeypatch.setattr(sparse_writing, "DENSE", 0)


# --- packed units


def test_packed_units_are_units() -> None:
    layer = compiled("gauss").filters.recurrent[1]
    assert isinstance(layer.units, PackedUnits)
    units = tuple(layer.units)
    assert layer.units == units
    assert hash(layer.units) == hash(units)
    assert layer.units[-1] == units[-1]
    assert layer.units[3:9:2] == units[3:9:2]
    assert layer.units != units[1:]
    assert list(sums(layer.units)) == list(sums(units))
    assert list(biases(layer.units)) == list(biases(units))
    assert (nonzero(layer.units), values(layer.units)) == (nonzero(units), values(units))
    inputs = [index % 3 for index in range(layer.inputs)]
    assert evaluate(layer, inputs) == evaluate(Layer(layer.name, layer.inputs, units, relu=True), inputs)
    with pytest.raises(IndexError):
        layer.units[len(units)]


def test_a_weight_is_packed_or_refused() -> None:
    for unit in (0, 1, 10**6):
        assert [unpacked(packed(unit, weight)) for weight in range(-8, 8)] == [(unit, weight) for weight in range(-8, 8)]
    for weight in (-9, 8):
        with pytest.raises(InternalError, match="too large to be packed"):
            packed(0, weight)


# --- transitions in columns


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_transitions_come_back(name: str) -> None:
    table = compiled(name).lowered
    assert transitions_of(columns_of(table)) == table.transitions


@pytest.mark.parametrize("value", [None, "x", [], {}, [-3], [1.5], [True], [10**9], [None], ["x"], [[]], 5])
def test_columns_that_are_none(value: object) -> None:
    about = from_large().about
    for column in about["table"]["transitions"]:
        given = about["table"]["transitions"][column]
        wrong = [*given[:-1], *value] if isinstance(value, list) else value
        damaged = replaced(about["table"], ("transitions", column), wrong)
        if wrong != given and (column, value) not in (("line", [10**9]), ("files", ["x"])):  # these might be
            with pytest.raises(ValueError, match="not the document of a table"):
                table_of(damaged)


# --- sparse tensors


def from_large() -> Checkpoint:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse_writing, "DENSE", 0)
        return from_stages(compiled("gauss"))


def test_small_machines_are_stored_as_they_always_were() -> None:
    assert not any(name.endswith(".rows") for name in from_stages(compiled("gauss")).tensors)


@pytest.mark.usefixtures("always_sparse")
def test_a_sparse_checkpoint_is_the_same_network(tmp_path: Path) -> None:
    dense, path = compiled("gauss"), tmp_path / "net.safetensors"
    save(from_stages(dense), path)
    loaded = load(path)
    assert to_bytes(loaded) == path.read_bytes()
    assert {f"{WEIGHT}.rows", f"{WEIGHT}.columns", f"{WEIGHT}.values"} <= set(loaded.tensors)
    assert table_of(loaded.about["table"]).transitions == dense.lowered.transitions
    plain = parse_tensors(to_bytes(with_dense(dense)))
    for key, tensor in RCNN(loaded).state_dict().items():
        if key in plain:
            values = (tensor.to_dense() if tensor.is_sparse else tensor).numpy()
            assert np.array_equal(values.ravel(), plain[key].ravel()), key


def with_dense(stages: Stages) -> Checkpoint:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse_writing, "DENSE", 1 << 40)
        return from_stages(stages)


def test_the_units_of_a_sparse_layer_are_counted_by_rule() -> None:
    units, found = compiled("gauss").filters.recurrent[1].units, from_large().about["units"]["recurrent.2"]
    runs = zip(found["rules"], found["lines"], found["counts"], strict=True)
    origins = [(found["names"][rule], line) for rule, line, count in runs for _ in range(count)]
    assert origins == [(unit.rule, unit.line) for unit in units]


def damages(tensors: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    rows, columns, numbers = (tensors[f"{WEIGHT}.{part}"] for part in ("rows", "columns", "values"))
    yield "rows", rows[:-1]
    yield "rows", rows + 1
    yield "rows", np.append(rows[:-1], rows[-1] + 1)
    yield "rows", np.concatenate([rows[:1], rows[2:3], rows[1:2] - 1, rows[3:]])
    yield "rows", rows.astype(np.int32)
    yield "rows", rows[None]
    yield "rows", np.full_like(rows, -1)
    yield "columns", columns[::-1].copy()
    yield "columns", np.full_like(columns, 60000)
    yield "columns", columns.astype(np.float32)
    yield "columns", columns.astype(np.int32) - 1000
    yield "columns", None
    yield "values", numbers[:-1]
    yield "values", np.zeros_like(numbers)
    yield "values", numbers.astype(np.float32)
    yield "values", None


def test_sparse_tensors_that_do_not_fit(tmp_path: Path) -> None:
    good, path = from_large(), tmp_path / "net.safetensors"
    for part, wrong in damages(dict(good.tensors)):
        tensors = {name: tensor for name, tensor in good.tensors.items() if name != f"{WEIGHT}.{part}"}
        if wrong is not None:
            tensors[f"{WEIGHT}.{part}"] = wrong
        save(Checkpoint("x", tensors, good.about), path)
        with pytest.raises(Rejected, match=rf"the tensor '{WEIGHT}\.(rows|columns|values)' does not fit the checkpoint's metadata"):
            tmc.load(path)


def test_a_sparse_network_is_saved_as_it_is(tmp_path: Path) -> None:
    network, path = RCNN(from_large()), tmp_path / "net.safetensors"
    network.save(path)
    assert path.read_bytes() == to_bytes(network.checkpoint)
    layer = sparse_layer_of(network)
    with torch.no_grad():
        layer.weight.values()[:2] = torch.tensor([0.0, 5.0])
    network.save(path)
    assert torch.equal(sparse_layer_of(tmc.load(path)).weight.to_dense(), layer.weight.to_dense())
    with torch.no_grad():
        layer.weight.values()[0] = 0.5
    with pytest.raises(Rejected, match=rf"^the weights of {WEIGHT} are stored as whole numbers from -127 to 127; some are not"):
        network.save(path)


def sparse_layer_of(network: RCNN) -> Any:
    return next(layer for layer in network.convolutions() if layer.weight.is_sparse)


@pytest.mark.parametrize("count", [-1, 1, 10**12, 1.5, True, None, "1"])
def test_a_number_of_units_that_is_none(tmp_path: Path, count: object) -> None:
    good, path = from_large(), tmp_path / "net.safetensors"
    save(Checkpoint("x", good.tensors, replaced(good.about, ("units", "recurrent.2", "count"), count)), path)
    with pytest.raises(Rejected, match="the checkpoint's metadata are damaged"):
        tmc.load(path)


def test_metadata_that_no_file_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint_writing, "MOST_METADATA", 20_000)
    with pytest.raises(Rejected, match=r"^what is known of the machine takes \d+ MB, and 0 MB is the most; use a machine of fewer"):
        to_bytes(from_large())


def test_a_matrix_is_not_made_dense_that_takes_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_tensors, "MOST_BYTES", 1000)
    matrix = next(weight for weight, _ in from_large().layers("recurrent") if isinstance(weight, SparseMatrix))
    with pytest.raises(Rejected, match=r"^a layer of \d+ × \d+ weights takes 0\.\d GB when it is not sparse"):
        matrix.dense()


def test_weights_are_not_drawn_for_sparse_layers() -> None:
    with pytest.raises(Rejected, match="too large for its weights to be drawn"):
        draw(from_large(), seed=0)


# --- many states


def run_sparse(loaded: Checkpoint, lattice: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """The lattice, shape (rows, columns, channels), layer after layer, by the sparse engine."""
    network = RCNN(loaded)
    engine = Sparse(network, torch.from_numpy(lattice).movedim(-1, 0)[None], patches_of(network))
    while True:
        yield engine.lattice()[0].movedim(0, -1).numpy()
        engine.advance()


def check_run(stages: Stages, loaded: Checkpoint, steps: int) -> None:
    """The first steps of a run, read off the network's lattice at the layers foretold."""
    products = ((1, -1, 1), (-1, 1, -1), (1, 1, 1))
    start = memory(stages.rules, products, steps + 1)
    lattice = np.array([[stages.encode(cell) for cell in row] for row in start], dtype=np.float32)
    query = products[-1][:-1]
    decoded = [[sign * z * row[-1] for sign, z in zip(row[:-1], query, strict=True)] + [row[-1]] for row in products[:-1]]
    symbol = {-1: 1, 0: 0, 1: 2}
    data = Grid(tuple(tuple(symbol[value] for value in row) for row in [*decoded, [*query, 0]]))
    path = list(islice(configurations(stages.lowered, data), steps + 1))
    taken = (effective(before, transition) for before, transition in path[:-1] if transition is not None)
    layers = list(moments(taken, len(products) - 1 + len(query) + 2))
    lattices = run_sparse(loaded, lattice)
    for layer, found in enumerate(islice(lattices, layers[-1] + 1)):
        if layer in layers:
            cells = tuple(tuple(stages.cells.decode(tuple(map(int, cell))) for cell in row) for row in found)
            assert observe(stages.lowered, stages.rules, cells) == view(path[layers.index(layer)][0])
    assert len(path) > steps // 2


def test_a_machine_runs_by_its_sparse_layers(tmp_path: Path) -> None:
    stages = lower_table(family(40, seed=0))
    save(from_stages(stages), tmp_path / "net.safetensors")
    check_run(stages, load(tmp_path / "net.safetensors"), steps=8)


def test_a_machine_runs_the_same_whichever_way_it_is_stored() -> None:
    start = np.zeros((3, 12, len(compiled("gauss").filters.channels)), dtype=np.float32)
    start[:, :4] = compiled("gauss").filters.blank
    start[:, 4:] = compiled("gauss").filters.pad
    runs = [run_sparse(checkpoint, start) for checkpoint in (from_large(), from_stages(compiled("gauss")))]
    for one, other in islice(zip(*runs, strict=True), 40):
        assert np.array_equal(one, other)


@pytest.mark.long
def test_ten_thousand_states(tmp_path: Path) -> None:
    stages, path = lower_table(family(10_000, seed=0)), tmp_path / "net.safetensors"
    save(from_stages(stages), path)
    dense = 4 * size(stages.filters).weights
    assert path.stat().st_size < 40e6 < dense / 3
    check_run(stages, load(path), steps=12)
