"""Saved estimators: what was learnt comes back, nothing is executed, and whatever else a file holds is refused."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as parse
from sklearn.exceptions import NotFittedError

from conftest import compiled
from tmc.diagnostics import Rejected
from tmc.given import kind_of
from tmc.ir.table import Table
from tmc.learn.estimators import MachineClassifier, RestartClassifier, TuringOptimalClassifier, load
from tmc.learn.estimators.saving import KIND
from tmc.learn.search.enumeration import AllTables
from tmc.learn.search.searching import Tables
from tmc.net.checkpoint import reading as checkpoint
from tmc.net.checkpoint import sealed
from tmc.run.shapes import MachineShape

TINY = MachineShape("grid", 1, 3, 2)
ALL = [
    MachineClassifier("nearest"),
    MachineClassifier("perceptron", engine="table"),
    MachineClassifier("memory"),
    RestartClassifier(restarts=300, random_state=0),
    RestartClassifier(restarts=300, edges=("top", "left", "bottom"), engine="network", n_jobs=-1, random_state=3),
    RestartClassifier(restarts=300, prior=Tables(TINY, 5), random_state=1),
    RestartClassifier(restarts=300, prior=AllTables(TINY), engine="network", steps=30, random_state=1),
    TuringOptimalClassifier(random_state=0),
    TuringOptimalClassifier(engine="network", delta=0.1, random_state=4),
]
NAMES = [
    np.array([-3, 7]),
    np.array([3, 200], np.uint8),
    np.array([False, True]),
    np.array([-2.0, 1e15]),
    np.array(["no", "yes"]),
    np.array(["ja", "nein — “no”"], object),
]


def data(seed: int = 0, n: int = 40, d: int = 3) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)), random.integers(0, 2, n)


def fitted(estimator: Any, names: Any = NAMES[4]) -> Any:
    x, y = data()
    return estimator.fit(x, names[y])


@pytest.mark.parametrize("estimator", ALL, ids=[f"{type(one).__name__}-{number}" for number, one in enumerate(ALL)])
def test_it_comes_back(estimator: Any, tmp_path: Path) -> None:
    fitted(estimator).save(tmp_path / "one")
    again: Any = load(tmp_path / "one")
    assert type(again) is type(estimator)
    assert again.get_params() == estimator.get_params()
    queries = data(1, 60)[0]
    assert np.array_equal(again.predict(queries), estimator.predict(queries))
    for name, value in vars(estimator).items():
        if name not in ("machine_", "network_"):
            assert repr(getattr(again, name)) == repr(value), name
            assert not isinstance(value, Table) or getattr(again, name) == value
    again.save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("names", NAMES, ids=lambda names: str(names.dtype))
def test_names_of_classes(names: np.ndarray[Any, Any], tmp_path: Path) -> None:
    estimator = fitted(MachineClassifier("majority", "table"), names)
    estimator.save(tmp_path / "saved")
    found = load(tmp_path / "saved").classes_
    assert found.dtype == estimator.classes_.dtype
    assert found.tolist() == estimator.classes_.tolist()


def test_the_machine_is_in_the_file(tmp_path: Path, machines: Path) -> None:
    """The .tm file, and the library that it uses, may be gone."""
    shutil.copytree(machines, tmp_path / "machines")
    estimator = fitted(MachineClassifier(str(tmp_path / "machines" / "conjunction.tm"), "table"))
    estimator.save(tmp_path / "saved")
    shutil.rmtree(tmp_path / "machines")
    queries = data(1)[0]
    assert np.array_equal(load(tmp_path / "saved").predict(queries), estimator.predict(queries))


def test_only_what_is_fitted(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        MachineClassifier().save(tmp_path / "saved")


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (RestartClassifier(restarts=20, random_state=np.random.RandomState(0)), "random_state is a RandomState.*; use a number"),
        (RestartClassifier(restarts=20, delta=np.float64(0.1), n_jobs=1, examples=5, random_state=np.int64(3)), None),
    ],
)
def test_parameters_that_can_be_kept(estimator: Any, message: str | None, tmp_path: Path) -> None:
    fitted(estimator)
    if message is None:
        estimator.save(tmp_path / "saved")
        assert load(tmp_path / "saved").get_params() == estimator.get_params()
        return
    with pytest.raises(Rejected, match=message):
        estimator.save(tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_names_that_are_too_long(tmp_path: Path) -> None:
    """What would not be read is not written."""
    x = np.random.default_rng(0).integers(0, 2, (20, 3))
    estimator = MachineClassifier("nearest", engine="table").fit(x, np.where(x[:, 0] > 0, "a" * 70_000, "b"))
    with pytest.raises(Rejected, match="names of classes of more than 65536 characters cannot be saved"):
        estimator.save(tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "good"
    fitted(RestartClassifier(restarts=50, engine="network", random_state=0)).save(path)
    return path


def network_file(path: Path) -> None:
    checkpoint.save(checkpoint.from_build(compiled("gauss")), path)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: None, "cannot read .*: it does not exist"),
        (lambda path: path.mkdir(), "it is a folder"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(pickle.dumps([1, 2, 3])), "is not a saved estimator"),
        (lambda path: path.write_bytes(b"12345678{"), "is damaged or cut short"),
        (network_file, "is a compiled network, not a saved estimator"),
    ],
)
def test_other_files(write: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    write(tmp_path / "file")
    with pytest.raises(Rejected, match=message) as caught:
        load(tmp_path / "file")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [None, 7, b"file"])
def test_paths_that_are_none(path: Any) -> None:
    with pytest.raises(Rejected, match=f"^a saved estimator is given as a path, not as {kind_of(path)}$"):
        load(path)


def test_cut_short_or_changed(good: Path, tmp_path: Path) -> None:
    """Whatever byte is wrong or missing."""
    content, file = good.read_bytes(), tmp_path / "file"
    for place in range(0, len(content), 61):
        file.write_bytes(content[:place])
        with pytest.raises(Rejected):
            load(file)
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(Rejected):
            load(file)


def parts(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    document = json.loads(header["__metadata__"][KIND.key])
    return {key: value for key, value in document.items() if key not in ("digest", "format")}, dict(parse(content))


DAMAGES: list[tuple[str, Any]] = [
    ("estimator", "NobodyClassifier"), ("estimator", 3), ("parameters", {}), ("parameters", 5), ("table", {}), ("table", None),
    ("classes", {"kind": "int64", "values": [1]}), ("classes", {"kind": "object", "values": [[], {}]}),
    ("classes", {"kind": "U99999999", "values": ["a", "b"]}), ("classes", {"kind": "int8", "values": [1, 1000]}),
    ("classes", {"kind": "datetime64", "values": [1, 2]}), ("features", ["one"]), ("features", 7),
    ("limit", -1), ("limit", 1 << 60), ("limit", True), ("best", [1, 2, 3]), ("best", [1, 0, 0, 0]), ("best", "four"),
    ("best", [50, 50, 9, 9]), ("best", [50, 3, 10, 9]), ("deviation", "-3"), ("deviation", -0.5), ("deviation", 0.25),
    ("gap", "nan"), ("classes", {"kind": "int64", "values": [1, 1]}), ("limit", 10**9),
    ("deviation", "much"), ("gap", None), ("validation_size", 0.5), ("prior", None),
]  # fmt: skip


@pytest.mark.parametrize(("part", "value"), DAMAGES, ids=[f"{part}-{number}" for number, (part, _) in enumerate(DAMAGES)])
def test_documents_that_are_none(part: str, value: Any, good: Path, tmp_path: Path) -> None:
    """Sealed as they should be, so all that keeps them out is what is asked of them."""
    document, arrays = parts(good)
    sealed.save(KIND, {**document, part: value}, arrays, tmp_path / "file")
    if part == "prior":  # any name is one
        load(tmp_path / "file")
        return
    with pytest.raises(Rejected, match=r"is damaged: it holds no|holds an estimator that this tmc does not know"):
        load(tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("x", lambda x: x[:, :1]),
        ("x", lambda x: x * 2),
        ("x", lambda x: x.astype(np.int64)),
        ("y", lambda y: y[:, None]),
        ("y", lambda y: y[:0]),
        ("thresholds", lambda thresholds: thresholds * np.nan),
        ("thresholds", lambda thresholds: thresholds[0]),
        ("memory", lambda memory: -memory),
        ("memory", lambda memory: memory[:-1]),
        ("memory", lambda memory: memory.astype(np.float64)),
        ("memory", lambda memory: None),
        ("more", lambda nothing: np.zeros(3)),
    ],
)
def test_arrays_that_are_none(name: str, change: Callable[[Any], Any], good: Path, tmp_path: Path) -> None:
    document, arrays = parts(good)
    found = change(arrays.get(name))
    changed = {**arrays, name: np.ascontiguousarray(found)} if found is not None else {k: v for k, v in arrays.items() if k != name}
    sealed.save(KIND, document, changed, tmp_path / "file")
    with pytest.raises(Rejected, match="is damaged: it holds no RestartClassifier that could have been saved"):
        load(tmp_path / "file")


@pytest.mark.parametrize(("number", "message"), [(0, "save it again"), (2, "made by a newer tmc"), ("1", "damaged")])
def test_other_versions(number: Any, message: str, good: Path, tmp_path: Path) -> None:
    document, arrays = parts(good)
    sealed.save(sealed.FileKind(KIND.key, KIND.what, number), document, arrays, tmp_path / "file")
    with pytest.raises(Rejected, match=message):
        load(tmp_path / "file")
