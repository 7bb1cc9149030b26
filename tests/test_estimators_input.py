"""What estimators are given: frames, names, kinds of labels, parameters; and where they run: processes, threads, forks."""

from __future__ import annotations

import multiprocessing
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from tmc.diagnostics import Rejected
from tmc.learn.estimators import MachineClassifier, RestartClassifier, TuringOptimalClassifier, load

Array = np.ndarray[Any, Any]
X = np.random.default_rng(0).integers(0, 2, (30, 3))
Y = X[:, 1]
LEARNERS: dict[str, Any] = {
    "network": MachineClassifier("dictator"),
    "table": MachineClassifier("dictator", engine="table"),
    "restarts": RestartClassifier(restarts=100, random_state=0, n_jobs=2),
    "restarts-network": RestartClassifier(restarts=100, engine="network", random_state=0),
    "optimal": TuringOptimalClassifier(random_state=0),
}
learners = pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)


class Frame:
    """A table with names, which becomes an array in Fortran order, as those of data frames are."""

    def __init__(self, values: Array) -> None:
        self._values, self.columns, self.shape = np.asfortranarray(values), ["a", "b", "c"], values.shape

    def __len__(self) -> int:
        return len(self._values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self._values, dtype=dtype)


class Named(Frame):
    """One whose names scikit-learn knows."""


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scikit-learn take the names of `Named` as it takes those of a data frame."""
    module = "sklearn.utils.validation._get_feature_names"
    monkeypatch.setattr(module, lambda x: np.array(x.columns, object) if isinstance(x, Named) else None)


@learners
def test_a_frame(learner: Any, tmp_path: Path) -> None:
    fitted = clone(learner).fit(Frame(X), Y)
    fitted.save(tmp_path / "saved")
    plainly = clone(learner).fit(X, Y)
    for one in (fitted, load(tmp_path / "saved")):
        assert np.array_equal(one.predict(Frame(X)), plainly.predict(X))
        assert one.n_features_in_ == 3
    plainly.save(tmp_path / "other")
    assert (tmp_path / "saved").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.usefixtures("names")
def test_names_of_features(tmp_path: Path) -> None:
    MachineClassifier("dictator", engine="table").fit(Named(X), Y).save(tmp_path / "saved")
    found: Any = load(tmp_path / "saved")
    assert found.feature_names_in_.tolist() == ["a", "b", "c"]
    other = Named(X)
    other.columns = ["b", "a", "c"]
    with pytest.raises(ValueError, match="The feature names should match those that were passed during fit"):
        found.predict(other)


@learners
def test_copies(learner: Any) -> None:
    fitted = clone(learner).fit(X, np.where(Y, "yes", "no"))
    again = pickle.loads(pickle.dumps(fitted))
    assert again.get_params() == fitted.get_params() == learner.get_params()
    assert np.array_equal(again.predict(X), fitted.predict(X))
    assert set(again.predict(X)) <= {"yes", "no"}
    assert not hasattr(clone(fitted), "classes_")


masked = np.ma.array(X, mask=np.eye(30, 3, dtype=bool))
WRONG: dict[str, tuple[Any, Any]] = {
    "X has entries that are masked out; fill them in, or leave out their rows": (masked, Y),
    "y has entries that are masked out; fill them in, or leave out their rows": (X, np.ma.array(Y, mask=Y == 0)),
    "the labels are of several kinds, int and str; use one": (X, np.array(["a", 1, "b"] * 10, object)),
    "the labels are of one class, and two are needed": (X, Y * 0),
    "Only binary classification is supported. The type of the target is multiclass; there are 3 classes": (X, np.arange(30) % 3),
    "Found input variables with inconsistent numbers of samples: [30, 29]": (X, Y[1:]),
    "Input X contains NaN.": (np.where(X == 1, np.nan, 0), Y),
    "Input X contains infinity or a value too large for dtype('float64').": (np.where(X == 1, np.inf, 0), Y),
    "Input y contains NaN.": (X, np.where(Y == 1, np.nan, 0)),
    "could not convert string to float: 'a'": (np.array([["a", "b", "c"]] * 30, object), Y),
    "Expected 2D array, got 1D array instead": (Y, Y),
    "Found array with 0 sample(s) (shape=(0, 3)) while a minimum of 1 is required": (X[:0], Y[:0]),
    "Found array with 0 feature(s) (shape=(30, 0)) while a minimum of 1 is required": (X[:, :0], Y),
}


@pytest.mark.parametrize("message", WRONG)
@pytest.mark.parametrize("kind", ["table", "restarts", "optimal"])
def test_data_that_are_refused(kind: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        clone(LEARNERS[kind]).fit(*WRONG[message])


def test_queries_that_are_refused() -> None:
    fitted = clone(LEARNERS["table"]).fit(X, Y)
    for queries, message in (
        (X[:, 1:], "X has 2 features, but MachineClassifier is expecting 3"),
        (masked, "X has entries that are"),
    ):
        for ask in (fitted.predict, fitted.decision_function):
            with pytest.raises(ValueError, match=f"^{message}"):
                ask(queries)


@pytest.mark.parametrize("engine", [3, None, ["network"], np.array(["network", "table"]), "Network", "auto", ""])
@pytest.mark.parametrize("kind", ["table", "restarts", "optimal"])
def test_engines_that_are_none(kind: str, engine: Any) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'the engine is network or table, not {engine}')}$"):
        LEARNERS[kind].__class__(engine=engine).fit(X, Y)


@pytest.mark.parametrize("machine", ["", ".", "a\0b", "gauss\n", 7, b"gauss"])
def test_machines_that_are_no_names(machine: Any) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'the machine is a name, or the path of a .tm file, not {machine!r}')}$"):
        MachineClassifier(machine).fit(X, Y)


@pytest.mark.parametrize("machine", ["../machines/gauss", "lib/std", "/etc/passwd", "lib/", "Gauss"])
def test_names_are_no_paths(machine: str) -> None:
    with pytest.raises(
        Rejected, match=f"^there is no machine {machine} that comes with tmc: add, balanced, .*; a file's name ends in .tm$"
    ):
        MachineClassifier(machine).fit(X, Y)


def test_the_share_of_failures_is_looked_at_first() -> None:
    """Not after a search of hours; and as it was given, not what a stage makes of it."""
    with pytest.raises(ValueError, match=r"^delta is between 0 and 1, not 2$"):
        TuringOptimalClassifier(delta=2).fit(X, Y)
    with pytest.raises(ValueError, match=r"^epsilon is between 0 and 1, not 2$"):
        RestartClassifier(restarts=1 << 60, epsilon=2).fit(X, Y)


# --- processes, threads, forks


@learners
def test_threads(learner: Any) -> None:
    """Several learn at once, and one is asked by several at once."""
    fitted = clone(learner).fit(X, Y)
    expected = fitted.predict(X)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: clone(learner).fit(X, Y).predict(X), range(4)))
        found += pool.map(fitted.predict, [X] * 4)
    assert all(np.array_equal(one, expected) for one in found)


@learners
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_forks(learner: Any) -> None:
    """After the parent has learnt and answered."""
    fitted = clone(learner).fit(X, Y)
    expected = fitted.predict(X)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert all(np.array_equal(one, expected) for one in pool.map_async(fitted.predict, [X, X]).get(60))
        again = pool.starmap_async(clone(learner).fit, [(X, Y)] * 2).get(60)
    assert all(np.array_equal(one.predict(X), expected) for one in again)


@pytest.mark.long
@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading"])
@learners
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_workers_of_joblib(learner: Any, backend: str) -> None:
    expected = cross_val_score(learner, X, Y, cv=3)
    with joblib.parallel_config(backend, n_jobs=2):
        assert np.array_equal(cross_val_score(learner, X, Y, cv=3, n_jobs=2), expected)
