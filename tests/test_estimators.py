"""Learners in the manner of scikit-learn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from conftest import ROOT
from tmc.diagnostics import Rejected
from tmc.ir.tape import Edge
from tmc.learn.data import datasets
from tmc.learn.estimators import MachineClassifier, RestartClassifier, TuringOptimalClassifier, load
from tmc.learn.search.enumeration import AllTables
from tmc.learn.search.guarantees import gap, validation_size
from tmc.learn.search.searching import Prior, Tables
from tmc.run.shapes import MachineShape

ALL = [
    MachineClassifier(engine="table"),
    RestartClassifier(restarts=300, random_state=0),
    TuringOptimalClassifier(random_state=0),
]
OPTIONAL = ("check_array_api_input", "check_classifier_data_not_an_array")  # skipped without packages that tmc has no use for
SLOW = pytest.mark.long


def checks(estimators: list[Any]) -> list[Any]:
    found = [(estimator, check) for estimator in estimators for _, check in estimator_checks_generator(estimator)]
    return [
        pytest.param(estimator, check, id=f"{type(estimator).__name__}-{number}-{check.func.__name__}")
        for number, (estimator, check) in enumerate(found)
        if check.func.__name__ not in OPTIONAL
    ]


def passes(check: Any, estimator: Any) -> None:
    """A check that does nothing has not passed."""
    try:
        check(clone(estimator))
    except SkipTest as skipped:
        pytest.fail(f"skipped: {skipped}")


@pytest.mark.parametrize(("estimator", "check"), checks(ALL[:2]))
@pytest.mark.filterwarnings("ignore")
def test_conventions(estimator: Any, check: Any) -> None:
    passes(check, estimator)


@SLOW
@pytest.mark.parametrize(("estimator", "check"), checks([ALL[2], MachineClassifier()]))
@pytest.mark.filterwarnings("ignore")
def test_conventions_slowly(estimator: Any, check: Any) -> None:
    passes(check, estimator)


def bits(n: int, d: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, 2, (n, d))


def test_gauss_learns_parity() -> None:
    data = datasets.parity(5, 12, 30, seed=2)
    network = MachineClassifier("gauss").fit(data.x_train, data.y_train)
    assert network.score(data.x_test, data.y_test) == 1
    table = MachineClassifier("gauss", engine="table").fit(data.x_train, data.y_train)
    assert np.array_equal(table.predict(data.x_test), network.predict(data.x_test))


def test_names_and_thresholds() -> None:
    """Labels keep their names; features of many values are cut at their median, those of two between them."""
    x = bits(60, 3) * [1.0, 10.0, 100.0] + [0, 5, -50]
    y = np.where(x[:, 1] > 10, "yes", "no")
    learner = MachineClassifier("nearest", engine="table").fit(x, y)
    assert learner.thresholds_.tolist() == [0.5, 10.0, 0.0]
    assert learner.score(x, y) == 1


def test_the_largest_value_is_told_from_the_others() -> None:
    """Wherever the median is: a feature is never cut so that nothing is above it."""
    x = np.array([[0.0], [1.0], [2.0], [2.0], [2.0], [0.0], [2.0]])
    for sign in (1, -1):
        learner = MachineClassifier("nearest", engine="table").fit(sign * x, x[:, 0] == 2)
        assert learner.score(sign * x, x[:, 0] == 2) == 1
    close = np.array([[1 + 2**-52], [1 + 2**-51]] * 3)
    learner = MachineClassifier("nearest", engine="table").fit(close, close[:, 0] > close.min())
    assert learner.score(close, close[:, 0] > close.min()) == 1
    same = np.array([[3.0, 0.0], [3.0, 1.0], [3.0, 2.0]])
    assert MachineClassifier("nearest", engine="table").fit(same, [0, 0, 1]).thresholds_.tolist() == [3.0, 1.0]


def test_validation_examples_have_no_part_in_the_cut() -> None:
    """Machines are fixed before the examples that validate: a union bound needs that."""
    x, order = np.random.default_rng(0).normal(size=(40, 3)), np.random.RandomState(5).permutation(40)
    y, tape = x[:, 0] > 0, order[:8]
    moved = x + 0.7
    moved[tape] = x[tape]
    one, other = (RestartClassifier(restarts=50, examples=8, random_state=5).fit(each, y) for each in (x, moved))
    assert np.array_equal(one.thresholds_, np.median(x[tape], axis=0))
    assert np.array_equal(other.thresholds_, one.thresholds_)
    assert all(map(np.array_equal, one.tape_, other.tape_))


REFUSED: dict[str, Any] = {
    "delta is between 0 and 1, not 'x'": {"delta": "x"},
    "delta is between 0 and 1, not None": {"delta": None},
    "delta is between 0 and 1, not True": {"delta": True},
    "delta is between 0 and 1, not nan": {"delta": float("nan")},
    "epsilon is between 0 and 1, not 1.5": {"epsilon": 1.5},
    "epsilon is between 0 and 1, not '0.1'": {"epsilon": "0.1"},
    "there is no edge []: edges are top, bottom, left, right": {"edges": ([],)},
    "the prior is tables, the path of a sketch (.tm), or an object that gives machines, not array(['tables'], dtype='<U6')": {
        "prior": np.array(["tables"])
    },
    "a run takes 100000000 steps at most, not 100000001": {"steps": 10**8 + 1},
    "steps is a whole number of at least 1, not 0": {"steps": 0},
    "states is a whole number of at least 1, not 1.5": {"states": 1.5},
    "states is a whole number of at least 1, not '2'": {"states": "2"},
    "machines of 5000 states are too large for a search with these edges": {"states": 5000},
    "restarts is a whole number of at least 1, not 1000.0": {"restarts": 1e3},
    "restarts is a whole number of at least 1, not 0": {"restarts": 0},
    "examples is a whole number of at least 1, not True": {"examples": True},
    "n_jobs is a whole number of at least 1, not 0": {"n_jobs": 0},
    "edges are a tuple of some of top, bottom, left, right, not 'bottom,right'": {"edges": "bottom,right"},
    "edges are a tuple of some of top, bottom, left, right, not None": {"edges": None},
    "there is no edge north: edges are top, bottom, left, right": {"edges": ("north",)},
    "the prior is tables, the path of a sketch (.tm), or an object that gives machines, not 3": {"prior": 3},
    "the prior is tables, the path of a sketch (.tm), or an object that gives machines, not 'all'": {"prior": "all"},
}


@pytest.mark.parametrize("message", REFUSED)
def test_parameters_that_are_none(message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        RestartClassifier(**{"restarts": 2, **REFUSED[message]}).fit(bits(20, 2), bits(20, 2)[:, 0])


def test_too_many_features() -> None:
    with pytest.raises(ValueError, match="a search takes 126 features at most, not 127"):
        RestartClassifier(restarts=2).fit(bits(20, 127), bits(20, 2)[:, 0])
    assert RestartClassifier(restarts=2).fit(bits(20, 126), bits(20, 2)[:, 0]).n_features_in_ == 126


def test_a_path_is_a_name(machines: Path, tmp_path: Path) -> None:
    """Numbers of NumPy are numbers, too: whatever is fitted is saved."""
    x = bits(30, 3)
    learner = MachineClassifier(machines / "nearest.tm", engine="table").fit(x, x[:, 0])
    learner.save(tmp_path / "saved")
    assert load(tmp_path / "saved").get_params() == learner.get_params()
    sketch = ROOT / "docs" / "sketches" / "gauss.tm"
    found = RestartClassifier(restarts=np.int64(50), states=np.int64(2), steps=np.int64(90), prior=sketch, random_state=0).fit(
        x, x[:, 0]
    )
    found.save(tmp_path / "saved")
    assert load(tmp_path / "saved").get_params() == found.get_params()
    assert np.array_equal(load(tmp_path / "saved").predict(x), found.predict(x))


def test_restarts_find_a_dictator() -> None:
    x = bits(300, 4)
    learner = RestartClassifier(restarts=1 << 17, examples=3, random_state=1).fit(x, x[:, 0])
    assert learner.error_ == 0
    assert learner.score(bits(500, 4, 1), bits(500, 4, 1)[:, 0]) == 1
    assert learner.n_validation_ == 297
    assert learner.gap_ == gap(1 << 17, 297, 0.05)
    assert learner.validation_size_ == validation_size(1 << 17, 0.1, 0.05)


def test_the_winner_is_a_network() -> None:
    x = bits(80, 3)
    table = RestartClassifier(restarts=20_000, examples=2, random_state=1).fit(x, x[:, 0])
    network = RestartClassifier(restarts=20_000, examples=2, engine="network", random_state=1).fit(x, x[:, 0])
    assert network.table_ == table.table_
    assert np.array_equal(network.predict(bits(20, 3, 5)), table.predict(bits(20, 3, 5)))


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_nothing(workers: int) -> None:
    x = bits(100, 4)
    y = x[:, :3].sum(axis=1) > 1
    found = RestartClassifier(restarts=5000, n_jobs=workers, random_state=3).fit(x, y)
    assert found.best_ == RestartClassifier(restarts=5000, random_state=3).fit(x, y).best_


def test_turing_optimal() -> None:
    x = bits(200, 3)
    learner = TuringOptimalClassifier(random_state=0).fit(x, x[:, 0])
    assert [stage for stage, _, _ in learner.stages_] == list(range(1, 8))
    bounds = [error + spread for _, error, spread in learner.stages_]
    assert learner.stage_ == 1 + int(np.argmin(bounds))
    assert learner.score(x, x[:, 0]) >= 0.9


@pytest.mark.parametrize("learner", ALL, ids=lambda learner: type(learner).__name__)
def test_among_others(learner: Any) -> None:
    """In a pipeline, in cross validation. (Few restarts find little.)"""
    x = bits(60, 4).astype(float)
    scores = cross_val_score(make_pipeline(StandardScaler(), clone(learner)), x, x[:, 2] > 0, cv=3)
    assert scores.shape == (3,)
    assert scores.mean() > 0.7 or not isinstance(learner, MachineClassifier)


def test_a_grid_of_parameters() -> None:
    """Machines and engines as hyperparameters of a pipeline; the best is kept, and is a learner like any other."""
    x = bits(40, 4)
    grid = {"machine": ["majority", "dictator"], "engine": ["table", "network"]}
    steps = Pipeline([("scale", StandardScaler()), ("learn", MachineClassifier())])
    found = GridSearchCV(steps, {f"learn__{name}": values for name, values in grid.items()}, cv=3).fit(x, x[:, 1])
    assert found.best_params_ == {"learn__engine": "table", "learn__machine": "dictator"}
    assert found.best_score_ == 1
    assert sorted(found.cv_results_["rank_test_score"]) == [1, 1, 3, 3]
    restarts = {"states": [1, 2], "examples": [2, 5]}
    chosen = GridSearchCV(RestartClassifier(restarts=2000, random_state=0), restarts, cv=2).fit(x, x[:, 1])
    assert chosen.best_estimator_.score(x, x[:, 1]) >= 0.5


@pytest.mark.parametrize("prior", [Tables(MachineShape("grid", 2, 3, 2, (Edge.RIGHT,)), 7), AllTables(MachineShape("grid", 1, 3))])
def test_a_prior_of_ones_own(prior: Prior) -> None:
    """It alone says which machines are tried, and how many there are."""
    x = bits(80, 3)
    found = RestartClassifier(states=5, edges=("under",), restarts=5000, examples=2, prior=prior, random_state=0).fit(x, x[:, 0])
    assert found.prior_name_ == prior.name
    assert found.best_.error == 0 or found.best_.tried == min(5000, prior.size or 5000)
    assert found.table_ == found.best_.table(prior)
    network = clone(found).set_params(engine="network").fit(x, x[:, 0])
    assert np.array_equal(network.predict(bits(20, 3, 5)), found.predict(bits(20, 3, 5)))


def test_a_prior_without_machines() -> None:
    class Nothing(AllTables):
        size = 0

    x = bits(20, 3)
    with pytest.raises(ValueError, match="has no machines"):
        RestartClassifier(prior=Nothing(MachineShape("grid", 1, 3))).fit(x, x[:, 0])


def test_a_sketch_as_prior() -> None:
    """Gaussian elimination with holes: all fillings are tried until one learns the parity."""
    data = datasets.parity(4, 40, 60, seed=3)
    prior = str(ROOT / "docs" / "sketches" / "gauss.tm")
    learner = RestartClassifier(prior=prior, restarts=1 << 21, examples=10, random_state=0).fit(data.x_train, data.y_train)
    assert learner.error_ == 0
    assert learner.prior_name_.startswith("sketch gauss ")
    assert learner.score(data.x_test, data.y_test) == 1


@pytest.mark.parametrize(
    ("learner", "error", "message"),
    [
        (MachineClassifier("nobody"), Rejected, "there is no machine nobody that comes with tmc: .*gauss, "),
        (MachineClassifier("increment"), Rejected, "reads a line"),
        (MachineClassifier("missing.tm"), Rejected, "cannot read missing.tm"),
        (MachineClassifier(engine="both"), ValueError, "network or table, not both"),
        (RestartClassifier(engine="both"), ValueError, "network or table, not both"),
        (RestartClassifier(prior="sketch"), ValueError, "the prior is tables, the path of a sketch .*, not 'sketch'"),
        (RestartClassifier(prior=Tables(MachineShape("line", 1, 3))), ValueError, "inputs are one or more of the kind line"),
        (RestartClassifier(restarts=0), ValueError, "restarts is a whole number of at least 1, not 0"),
        (RestartClassifier(edges=("under",)), ValueError, "there is no edge under: edges are top, bottom, left, right"),
        (RestartClassifier(examples=30), ValueError, "of 30 samples, 30 cannot be examples and others validate"),
        (RestartClassifier(restarts=1, epsilon=2), ValueError, "epsilon is between 0 and 1"),
    ],
)
def test_refused(learner: Any, error: type[Exception], message: str) -> None:
    x = bits(30, 3)
    with pytest.raises(error, match=message):
        learner.fit(x, x[:, 0])
