"""The layout of an array in memory reaches no file and no digest: the same numbers are the same bytes, and are read back equal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy
from numpy.typing import NDArray

from conftest import ROOT, compiled
from tmc.diagnostics import Rejected
from tmc.learn.data import datasets
from tmc.learn.data.datasets import DataSet
from tmc.learn.estimators import MachineClassifier, RestartClassifier, load
from tmc.learn.search.searching import Problem, Tables, problem
from tmc.learn.search.searchlog import header
from tmc.net import training
from tmc.net.checkpoint import reading as checkpoint
from tmc.net.checkpoint import sealed
from tmc.net.checkpoint.arrays import plain
from tmc.net.learn import Learnt
from tmc.net.rcnn import RCNN
from tmc.run.shapes import MachineShape

Array = NDArray[Any]
KIND = sealed.FileKind("tmc-layouts", "a test", 1)


def spread(array: Array) -> Array:
    """Every other entry of every axis of something larger."""
    wide = np.zeros([2 * length for length in array.shape], array.dtype)
    places = (slice(None, None, 2),) * array.ndim
    wide[places] = array
    return wide[places] if array.ndim else array


def backwards(array: Array) -> Array:
    """Negative strides along every axis."""
    return np.ascontiguousarray(np.flip(array))[(slice(None, None, -1),) * array.ndim] if array.ndim else array


def read_only(array: Array) -> Array:
    array = array.copy()
    array.flags.writeable = False
    return array


def mapped(array: Array) -> Array:
    with TemporaryDirectory() as folder:
        np.save(Path(folder, "array.npy"), array)
        found: Array = np.load(Path(folder, "array.npy"), mmap_mode="r" if array.size else None)
        return found


def aside(array: Array) -> Array:
    """At an address that is no multiple of the size of a number."""
    room = np.zeros(array.nbytes + 1, np.uint8)
    found = room[1:].view(array.dtype).reshape(array.shape)
    found[...] = array
    return found


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "Fortran": lambda array: np.array(array, order="F"),
    "transposed": lambda array: np.ascontiguousarray(array.T).T if array.ndim else array,
    "strided": spread,
    "backwards": backwards,
    "big-endian": lambda array: array.astype(array.dtype.newbyteorder(">")),
    "big-endian, Fortran": lambda array: np.array(array, array.dtype.newbyteorder(">"), order="F"),
    "read-only": read_only,
    "mapped": mapped,
    "aside": aside,
    "with a mask that masks nothing": np.ma.array,
}
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
floats, integers = of_numpy.floating_dtypes(endianness="<", sizes=(32, 64)), of_numpy.integer_dtypes(endianness="<")
kinds: Any = floats | integers | of_numpy.boolean_dtypes()
arrays = kinds.flatmap(lambda kind: of_numpy.arrays(kind, of_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))


def same(one: Array, other: Array) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@given(arrays, st.sampled_from(list(LAYOUTS.values())))
def test_plain(array: Array, layout: Callable[[Array], Array]) -> None:
    found = plain(layout(array))
    assert type(found) is np.ndarray
    assert found.flags.c_contiguous
    assert same(found, np.array(array, order="C"))


@given(arrays, st.sampled_from(list(LAYOUTS.values())))
def test_documents_with_arrays(array: Array, layout: Callable[[Array], Array]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "file")
        sealed.save(KIND, {"one": 1}, {"array": layout(array), "other": array.T}, file)
        plainly = {"array": np.array(array, order="C"), "other": array.T.copy()}
        assert file.read_bytes() == sealed.to_bytes(KIND, {"one": 1}, plainly)
        document, found = sealed.load(KIND, file)
    assert document == {"one": 1}
    assert same(found["array"], np.array(array, order="C"))


def test_what_is_masked_has_no_place_in_a_file() -> None:
    with pytest.raises(ValueError, match="masked out"):
        plain(np.ma.array([1, 2], mask=[False, True]))


@every_layout
@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_checkpoints(target: str, layout: Callable[[Array], Array], tmp_path: Path) -> None:
    given_ = checkpoint.from_build(compiled("dictator", target))
    laid = replace(given_, tensors={name: layout(tensor) for name, tensor in given_.tensors.items()})
    assert laid.digest == given_.digest
    assert checkpoint.to_bytes(laid) == checkpoint.to_bytes(given_)
    checkpoint.save(laid, tmp_path / "file")
    found = checkpoint.load(tmp_path / "file").tensors
    assert all(same(found[name], np.array(tensor)) for name, tensor in given_.tensors.items())


def table(data: int) -> tuple[Array, Array, Array]:
    random = np.random.default_rng(data)
    x, queries = (random.choice(np.array([-1, 1], np.int8), (n, 3)) for n in (4, 5))
    return x, x[:, 1].copy(), queries


@every_layout
def test_trainings(layout: Callable[[Array], Array], tmp_path: Path) -> None:
    network, (x, y, _) = RCNN(checkpoint.from_build(compiled("dictator"))), table(0)
    shape = network.shape(*x.shape)
    known = training.identity(network, x, y, shape, full_depth=False)
    assert training.identity(network, layout(x), layout(y), shape, full_depth=False) == known
    weight = np.arange(20, dtype=np.float32).reshape(5, 4)
    one, other = (training.Training(known, Learnt(3, each)) for each in (weight, layout(weight)))
    assert training.to_bytes(other) == training.to_bytes(one)
    training.save(other, tmp_path / "file")
    assert same(training.load(tmp_path / "file").learnt.weight, weight)


@every_layout
def test_data_sets(layout: Callable[[Array], Array], tmp_path: Path) -> None:
    x, y, queries = table(1)
    known = DataSet(x, y, queries, queries[:, 1])
    datasets.save(DataSet(*(layout(array) for _, array in known.arrays())), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == datasets.to_bytes(known)
    found = datasets.load(tmp_path / "file")
    assert all(same(one, np.array(other)) for (_, one), (_, other) in zip(found.arrays(), known.arrays(), strict=True))
    stored: dict[str, Any] = {name: layout(array.astype(np.float64)) for name, array in known.arrays()}
    np.savez(tmp_path / "theirs.npz", **stored)
    theirs = datasets.load(tmp_path / "theirs.npz")
    assert datasets.to_bytes(theirs) == datasets.to_bytes(known)


@every_layout
def test_predictions(layout: Callable[[Array], Array], tmp_path: Path) -> None:
    labels, undecided = np.array([1, -1, 1], np.int8), np.array([True, False, False])
    datasets.save_predictions(labels, undecided, tmp_path / "one.npz")
    datasets.save_predictions(layout(labels), layout(undecided), tmp_path / "other.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()
    with np.load(tmp_path / "other.npz", allow_pickle=False) as found:
        assert same(found["predictions"], labels)
        assert same(found["undecided"], undecided)


@every_layout
def test_logs_of_searches(layout: Callable[[Array], Array]) -> None:
    x, y, queries = table(2)
    prior = Tables(MachineShape("grid", 1, 3))
    one = problem(prior.shape, x, y, queries, queries[:, 0].copy(), 30)
    inputs = replace(one.inputs, data=layout(one.inputs.data), shifts=layout(one.inputs.shifts))
    assert header(prior, [Problem(inputs, layout(one.labels))]) == header(prior, [one])
    assert header(prior, [problem(prior.shape, layout(x), layout(y), layout(queries), one.labels, 30)]) == header(prior, [one])


@every_layout
@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_networks(target: str, layout: Callable[[Array], Array], tmp_path: Path) -> None:
    """What they learn from, are asked and hold."""
    x, y, queries = table(3)
    plainly = RCNN(checkpoint.from_build(compiled("dictator", target))).fit(x, y)
    network = RCNN(checkpoint.from_build(compiled("dictator", target))).fit(layout(x), layout(y))
    assert np.array_equal(network.predict(layout(queries)), plainly.predict(queries))
    network.memory.weight.data = network.memory.weight.data.t().contiguous().t()
    network.save(tmp_path / "one")
    plainly.save(tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@every_layout
@pytest.mark.parametrize(
    "estimator",
    [
        MachineClassifier("dictator"),
        MachineClassifier("dictator", engine="table"),
        RestartClassifier(restarts=50, random_state=0),
        RestartClassifier(restarts=50, engine="network", random_state=0),
    ],
    ids=["network", "table", "restarts", "restarts-network"],
)
def test_estimators(estimator: Any, layout: Callable[[Array], Array], tmp_path: Path) -> None:
    x, y, queries = table(4)
    x = x * np.array([1.0, 2.5, -3.0])
    estimator.fit(x, y).save(tmp_path / "one")
    expected = estimator.predict(queries)
    estimator.fit(layout(x), layout(y)).save(tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert np.array_equal(estimator.predict(layout(queries)), expected)
    assert np.array_equal(load(tmp_path / "other").predict(queries), expected)


BAD: dict[str, DataSet] = {
    "the data set: X_train[0, 1] is nan; features and labels are 0 and 1, or -1 and 1": DataSet(
        np.array([[1, np.nan]]), np.array([1]), np.array([[1, 1]])
    ),
    "the data set: X_train has entries that are masked out; features and labels are 0 and 1, or -1 and 1": DataSet(
        np.ma.array([[1, 1]], mask=[[True, False]]), np.array([1]), np.array([[1, 1]])
    ),
    "the data set: X_train has 2 features, X_test has 1": DataSet(np.array([[1, 1]]), np.array([1]), np.array([[1]])),
    "the data set: X_train has 1 dimensions, shape (2,); it needs 2": DataSet(np.array([1, 1]), np.array([1]), np.array([[1]])),
    "the data set: X_test has no queries, shape (0, 1)": DataSet(np.array([[1]]), np.array([1]), np.ones((0, 1), np.int8)),
    "the data set: y_train holds a 0 and X_train holds a -1; use 0 and 1, or -1 and 1, throughout": DataSet(
        np.array([[-1]]), np.array([0]), np.array([[1]])
    ),
    "the data set: y_train[0] is yes; features and labels are 0 and 1, or -1 and 1": DataSet(
        np.array([[1]]), np.array(["yes"], object), np.array([[1]])
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_data_sets_that_could_not_be_read_are_not_written(message: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=f"^{re.escape(message)}$"):
        datasets.save(BAD[message], tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_one_way_to_a_file() -> None:
    """Nobody else hands arrays to what copies them as they lie, but in plain order."""
    writes = re.compile(r"safetensors\.\w+ import save|write_array\((?!member, plain\()|np\.savez?\b")
    found = [path for path in (ROOT / "tmc").rglob("*.py") if writes.search(path.read_text(encoding="utf-8"))]
    assert sorted(str(path.relative_to(ROOT)) for path in found) == ["tmc/net/checkpoint/arrays.py"]
