"""What the learners in the manner of scikit-learn have in common: two classes, features of two values each, and saving.

Features that have more values are cut at their median over the examples on the tape; the cut belongs to what is learnt.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from tmc.ir.document import Document
from tmc.ir.table import Table

if TYPE_CHECKING:
    from tmc.net.rcnn import RCNN
    from tmc.pipeline import Stages

Signs = NDArray[np.int8]


class TwoClasses(ClassifierMixin, BaseEstimator, ABC):
    """Features and labels as -1 and +1, and back.

    A learner of this kind has a parameter `engine`, ``network`` or ``table``. After `fit` it has, besides the attributes that
    scikit-learn asks for, `thresholds_` (d,), where features are cut; `tape_`, the examples on the machine's tape, `x` (m, d) and
    `y` (m,), -1 and +1; and with the engine ``network`` the trained `network_`.
    """

    engine: str
    network_: RCNN
    tape_: tuple[Signs, Signs]

    def __sklearn_tags__(self) -> Any:
        """Two classes are all that a verdict can tell."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def save(self, path: str | Path) -> None:
        """Write what was learnt to a file, all at once or not at all; `tmc.learn.estimators.load` reads it.

        The same estimator gives the same bytes. Raises `Rejected` when the file cannot be written, or a parameter is not one that
        can be: a generator of random numbers, say.
        """
        from tmc.learn.estimators.saving import save

        check_is_fitted(self)
        save(self, path)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Labels (q,) for queries `X` (q, d). What is undecided is the second of the classes, as in the paper."""
        return self._named(np.where(self._scores(self._asked(X)) < 0, -1, 1).astype(np.int8))

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Scores (q,) for queries `X` (q, d): +1 where the machine accepts, -1 where it rejects, 0 where it leaves a query
        undecided. There is nothing in between: a machine does not say how sure it is."""
        return self._scores(self._asked(X)).astype(np.float64)

    @property
    def predict_proba(self) -> Any:
        """AttributeError: a machine gives no probabilities."""
        raise AttributeError(
            f"a {type(self).__name__} gives no probabilities, only scores of -1, 0 and +1 (decision_function); "
            "sklearn.calibration.CalibratedClassifierCV makes probabilities of them"
        )

    @abstractmethod
    def _scores(self, queries: Signs) -> Signs:
        """-1 or +1 for each of some queries (q, d), 0 where it is undecided."""

    @abstractmethod
    def fitted_document(self) -> Document:
        """What was learnt, but for arrays, ready for JSON: a ``table``, and what else there is."""

    @abstractmethod
    def restore(self, document: Document, table: Table) -> None:
        """Take over what `fitted_document` gave, and the table in it. Raises ValueError, KeyError or TypeError when it is anything
        else."""

    def check_engine(self) -> None:
        """Raises ValueError for another value of the parameter."""
        engine: object = self.engine
        if not isinstance(engine, str) or engine not in ("network", "table"):
            raise ValueError(f"the engine is network or table, not {engine}")

    def _read(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], Signs]:
        """The examples, labels in signs; sets `classes_` and `n_features_in_`."""
        _check_unmasked("X", x)
        _check_unmasked("y", y)
        features, labels = validate_data(self, x, y, dtype=np.float64)
        try:
            check_classification_targets(labels)
            self.classes_, numbers = np.unique(labels, return_inverse=True)
        except TypeError:  # they cannot be sorted
            kinds = sorted({type(label).__name__ for label in labels.tolist()})
            raise ValueError(f"the labels are of several kinds, {' and '.join(kinds)}; use one") from None
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {type_of_target(y)}; "
                f"there are {len(self.classes_)} classes"
            )
        if len(self.classes_) < 2:
            raise ValueError("the labels are of one class, and two are needed")
        return features, np.where(numbers == 1, 1, -1).astype(np.int8)

    def _signs(self, features: NDArray[np.float64]) -> Signs:
        return np.where(features > self.thresholds_, 1, -1).astype(np.int8)

    def _asked(self, x: ArrayLike) -> Signs:
        check_is_fitted(self)
        _check_unmasked("X", x)
        return self._signs(validate_data(self, x, reset=False, dtype=np.float64))

    def _named(self, signs: Signs) -> NDArray[Any]:
        return np.asarray(self.classes_[(signs > 0).astype(np.int64)])


def _check_unmasked(name: str, values: ArrayLike) -> None:
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has entries that are masked out; fill them in, or leave out their rows")


def thresholds(features: NDArray[np.float64], tape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each feature is cut, what is above is +1: between the two values that it has, or, if there are more, at its median over
    the examples on the `tape` - below the largest of these, so that the cut parts them."""
    low, high = features.min(axis=0), features.max(axis=0)
    two = ((features == low) | (features == high)).all(axis=0)
    top = tape.max(axis=0)
    below = np.where(tape < top, tape, -np.inf).max(axis=0)  # the largest but one; -inf if all are the same
    median = np.median(tape, axis=0)
    cut = np.where((median < top) | np.isinf(below), median, _between(below, top))
    return np.asarray(np.where(two, _between(low, high), cut))


def _between(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """The middle, or `low` where that cannot be told from `high`."""
    middle = low / 2 + high / 2
    return np.where(middle < high, middle, low)


def network_of(stages: Stages) -> RCNN:
    """The network of a compiled machine, untrained."""
    from tmc.net.checkpoint.reading import from_build, from_stages
    from tmc.net.rcnn import RCNN
    from tmc.pipeline import Build

    return RCNN(from_build(stages) if isinstance(stages, Build) else from_stages(stages))
