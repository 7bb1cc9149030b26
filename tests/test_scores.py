"""Scores of the learners in the manner of scikit-learn, and what is built on them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import TunedThresholdClassifierCV, cross_val_predict
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier

from tmc.learn.estimators import MachineClassifier, RestartClassifier, TuringOptimalClassifier, load

NO_PROBABILITIES = (
    "a MachineClassifier gives no probabilities, only scores of -1, 0 and +1 (decision_function); "
    "sklearn.calibration.CalibratedClassifierCV makes probabilities of them"
)
UNSURE = """machine unsure
tape data: grid of _ 0 1
start down
state down
    on 0 at bottom  move right  -> second
    on 1 at bottom              -> accept
    otherwise       move down
state second
    on 0                        -> reject
"""


def bits(n: int, d: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, 2, (n, d))


@pytest.mark.parametrize("engine", ["network", "table"])
def test_accepted_rejected_undecided(engine: str, tmp_path: Path) -> None:
    """What is undecided has the score 0, and the label that the paper gives it."""
    (tmp_path / "unsure.tm").write_text(UNSURE)
    learner = MachineClassifier(tmp_path / "unsure.tm", engine=engine).fit(bits(4, 2), ["a", "b", "a", "b"])
    queries = [[1, 1], [0, 0], [0, 1]]
    scores = learner.decision_function(queries)
    assert (scores.dtype.name, scores.tolist()) == ("float64", [1, -1, 0])
    assert learner.predict(queries).tolist() == ["b", "a", "b"]
    learner.save(tmp_path / "saved")
    assert load(tmp_path / "saved").decision_function(queries).tolist() == [1, -1, 0]


@pytest.mark.parametrize("engine", ["network", "table"])
@pytest.mark.parametrize("kind", [RestartClassifier, TuringOptimalClassifier])
def test_restarts_score_what_they_predict(kind: Any, engine: str) -> None:
    """There undecided counts as +1, as it did when the machine was chosen."""
    x = bits(60, 3)
    parameters = {"restarts": 300} if kind is RestartClassifier else {}
    learner = kind(engine=engine, random_state=0, **parameters).fit(x, x[:, 0])
    scores = learner.decision_function(bits(50, 3, 1))
    assert set(scores.tolist()) <= {-1.0, 1.0}
    assert np.array_equal(learner.classes_[(scores > 0).astype(int)], learner.predict(bits(50, 3, 1)))


def test_scores_need_an_estimator_that_is_fitted() -> None:
    with pytest.raises(NotFittedError):
        MachineClassifier().decision_function([[0, 1]])


@pytest.mark.parametrize("engine", ["network", "table"])
def test_one_versus_rest(engine: str) -> None:
    """Three classes: which of the first features is 1."""
    points = np.eye(3, dtype=int)
    x, y = np.tile(points, (4, 1)), np.tile(["red", "green", "blue"], 4)
    for kind in (OneVsRestClassifier, OneVsOneClassifier):
        learner = kind(MachineClassifier("nearest", engine=engine)).fit(x, y)
        assert learner.predict(points).tolist() == ["red", "green", "blue"]
    assert learner.decision_function(points).shape == (3, 3)


def test_voting() -> None:
    x = bits(40, 3)
    members = [(name, MachineClassifier(name, engine="table")) for name in ("nearest", "dictator", "majority")]
    assert VotingClassifier(members).fit(x, x[:, 1]).score(x, x[:, 1]) == 1
    soft = VotingClassifier(members, voting="soft").fit(x, x[:, 1])
    with pytest.raises(AttributeError, match=f"^{re.escape(NO_PROBABILITIES)}$"):
        soft.predict(x)
    with pytest.raises(AttributeError, match=f"^{re.escape(NO_PROBABILITIES)}$"):
        members[0][1].predict_proba([[0, 1, 0]])
    assert not hasattr(members[0][1], "predict_proba")


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration(method: str) -> None:
    """The probabilities are those of the three scores: how often each was right."""
    x = bits(300, 3)
    y = x[:, 0] ^ (np.random.default_rng(1).random(300) < 0.2)
    learner = CalibratedClassifierCV(MachineClassifier("stump", engine="table"), method=method, cv=3).fit(x, y)
    chances = learner.predict_proba([[0, 0, 0], [1, 0, 0]])[:, 1]
    assert 0.1 < chances[0] < 0.3
    assert 0.7 < chances[1] < 0.9
    members = [("one", learner), ("two", learner)]
    assert VotingClassifier(members, voting="soft").fit(x, y).predict([[0, 0, 0], [1, 0, 0]]).tolist() == [0, 1]


def test_whatever_asks_for_scores() -> None:
    x = bits(40, 3)
    scores = cross_val_predict(MachineClassifier("dictator", engine="table"), x, x[:, 1], method="decision_function", cv=3)
    assert roc_auc_score(x[:, 1], scores) == 1
    tuned = TunedThresholdClassifierCV(MachineClassifier("dictator", engine="table"), cv=3).fit(x, x[:, 1])
    assert tuned.score(x, x[:, 1]) == 1
