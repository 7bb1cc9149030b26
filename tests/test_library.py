"""tmc as a library: what its functions take, and what they refuse in one line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tmc
from conftest import ROOT
from tmc.diagnostics import Rejected
from tmc.given import kind_of
from tmc.learn.data.dataset_of import dataset_of
from tmc.learn.data.datasets import DataSet, parity, save
from tmc.net.checkpoint.reading import from_build
from tmc.net.rcnn import RCNN

GAUSS, INCREMENT = ROOT / "machines" / "gauss.tm", ROOT / "machines" / "increment.tm"
DATA = parity(3, 5, 4, seed=2)


class Named:
    """A path of another kind."""

    def __fspath__(self) -> str:
        return str(INCREMENT)


def test_simulate_takes_a_machine_of_any_kind() -> None:
    build = tmc.compile(INCREMENT)
    machines = (INCREMENT, str(INCREMENT), Named(), INCREMENT.read_text(encoding="utf-8"), build, build.written(), build.table)
    runs = [tmc.simulate(machine, "1011") for machine in machines]  # type: ignore[arg-type]
    assert {(run.verdict, run.steps) for run in runs} == {("accept", 8)}
    assert tmc.simulate(build, "1011") == tmc.simulate(INCREMENT, "1011")


def ways(folder: Path) -> dict[str, Any]:
    """A data set in all the ways in which a caller may hold it."""
    save(DATA, folder / "data.npz")
    arrays = dict(DATA.arrays())
    bits = {name: (array + 1) // 2 for name, array in arrays.items()}
    return {
        "a data set": DATA,
        "a data set of bits": DataSet(*bits.values()),
        "a path": folder / "data.npz",
        "a name": str(folder / "data.npz"),
        "a dictionary": arrays,
        "an archive": np.load(folder / "data.npz"),
        "fields": {name.lower(): array.tolist() for name, array in arrays.items()},
        "a tuple": tuple(arrays.values()),
        "a tuple of lists": tuple(array.tolist() for array in bits.values()),
        "without labels": (*list(arrays.values())[:3], None),
        "three": list(bits.values())[:3],
        "tensors": {name: torch.from_numpy(array) for name, array in arrays.items()},
    }


def test_a_data_set_is_taken_in_many_ways(tmp_path: Path) -> None:
    expected = tmc.simulate(GAUSS, dataset=DATA, query=2)
    for way, given in ways(tmp_path).items():
        found = dataset_of(given)
        assert [array.dtype.name for _, array in found.arrays()] in (["int8"] * 3, ["int8"] * 4), way
        assert all(np.array_equal(array, getattr(DATA, name.lower())) for name, array in found.arrays()), way
        assert tmc.simulate(GAUSS, dataset=given, query=2) == expected, way


X = [[0, 1]]
REFUSED = {
    "the data set must be a DataSet, the path of an archive (.npz), a dictionary or a tuple of X_train, y_train, X_test and maybe "
    "y_test; not an int": 3,
    "the data set must be a DataSet, the path of an archive (.npz), a dictionary or a tuple of X_train, y_train, X_test and maybe "
    "y_test; not a tuple of 2": (X, [0]),
    "the data set: there is no array X_test (it holds X_train, y_train)": {"X_train": X, "y_train": [0]},
    "the data set: there is no array X_train (it holds nothing)": {},
    "the data set: y_train has 0 dimensions, shape (); it needs 1": (X, 0, X),
    "the data set: X_test[0, 1] is 2; features and labels are 0 and 1, or -1 and 1": (X, [0], [[0, 2]]),
    "the data set: X_test holds object values; features and labels are 0 and 1, or -1 and 1": (X, [0], [[None, 1]]),
    "the data set: X_train holds str32 values; features and labels are 0 and 1, or -1 and 1": ([["1"]], [0], X),
    "the data set: X_train has 2 features, X_test has 1": (X, [0], [[1]]),
    "the data set: X_train has 1 rows, y_train has 2 labels": (X, [0, 1], X),
}


@pytest.mark.parametrize(("said", "given"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_no_data_set(said: str, given: Any) -> None:
    with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
        tmc.simulate(GAUSS, dataset=given)


def test_rows_of_different_lengths_are_no_array() -> None:
    with pytest.raises(Rejected, match=r"^the data set: X_train is not an array \(setting an array element with a sequence\."):
        tmc.simulate(GAUSS, dataset=([[0, 1], [1]], [0, 1], X))


def test_what_is_no_machine_and_no_path() -> None:
    for given in (None, 3, b"machines/gauss.tm", ["machine"]):
        with pytest.raises(Rejected, match=f"^a machine is given as a path or a text, not as {kind_of(given)}$"):
            tmc.simulate(given, "1")  # type: ignore[arg-type]
        with pytest.raises(Rejected, match=f"^a machine is given as a path or a text, not as {kind_of(given)}$"):
            tmc.compile(given)  # type: ignore[arg-type]
        with pytest.raises(Rejected, match=f"^a checkpoint is given as a path, not as {kind_of(given)}$"):
            tmc.load(given)  # type: ignore[arg-type]


def test_numbers_out_of_range_and_what_is_no_text() -> None:
    refused = {
        "max_steps: -1 is not in the range x>=0": (INCREMENT, {"data": "1", "max_steps": -1}),
        "max_steps: 1.5 is not a whole number": (INCREMENT, {"data": "1", "max_steps": 1.5}),
        "`data` is the text on the tape, not an int": (INCREMENT, {"data": 1011}),
        "query: -1 is not in the range x>=0": (GAUSS, {"dataset": DATA, "query": -1}),
        "query: '0' is not a whole number": (GAUSS, {"dataset": DATA, "query": "0"}),
        "there is no query 4: they are numbered from 0 to 3": (GAUSS, {"dataset": DATA, "query": 4}),
    }
    for said, (machine, options) in refused.items():
        with pytest.raises(Rejected, match=f"^{re.escape(said)}$"):
            tmc.simulate(machine, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_from_a_build_to_its_network(target: str) -> None:
    build = tmc.compile(ROOT / "machines" / "gauss.tm", target=target)
    network = build.network()
    assert isinstance(network, RCNN)
    expected = RCNN(from_build(build)).state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in network.state_dict().items())
    assert np.array_equal(network.fit(DATA.x_train, DATA.y_train).predict(DATA.x_test), DATA.y_test)
