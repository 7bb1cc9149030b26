"""What an estimator has learnt as a circuit; and random restarts without random bits (Corollary 2): extra examples give the bits.

Two examples that are drawn independently are as likely to come in one order as in the other. So each pair of different ones is a
fair bit, whatever the distribution is (von Neumann), and the bits are independent of each other and of the examples that are
learnt. The same sample then always gives the same circuit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tmc.circuits.classifier import classifier
from tmc.circuits.graph import Graph
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from tmc.learn.estimators.binary import TwoClasses
    from tmc.learn.estimators.restarts import RestartClassifier

SEED_BITS = 32  # all that a search draws is a function of its seed


@dataclass(frozen=True, slots=True)
class Derandomised:
    """`graph`: the classifier; `estimator`: the restarts that found it; `seed`: their random bits; `extra`: how many examples were
    taken for these, from the end of the sample."""

    graph: Graph
    estimator: RestartClassifier
    seed: int
    extra: int


def derandomised(X: ArrayLike, y: ArrayLike, **parameters: Any) -> Derandomised:  # noqa: N803
    """Restarts (`RestartClassifier` of these `parameters`) on a sample `X` (n, d), `y` (n,) whose last examples are random bits.

    As many pairs are taken from the end as it takes for `SEED_BITS` bits; the rest is learnt from. Raises `Rejected` when that
    leaves fewer than two examples, ValueError when a parameter is not what it should be.
    """
    from tmc.learn.estimators.restarts import RestartClassifier

    if "random_state" in parameters:
        raise ValueError("the random bits are those of the examples: leave random_state out")
    features, labels = np.asarray(X), np.asarray(y)
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError("X has the shape (n, d), and y (n,)")
    rows = [(*row, label) for row, label in zip(features.tolist(), labels.tolist(), strict=True)]
    seed = bits = extra = 0
    for pair, bit in _bits(rows):
        seed, bits, extra = seed << 1 | bit, bits + 1, 2 * pair
        if bits == SEED_BITS:
            break
    kept = len(rows) - extra
    if bits < SEED_BITS or kept < 2:
        raise Rejected(
            f"{len(rows)} examples are too few: {SEED_BITS} pairs of different ones are taken for random bits, and two must be left"
        )
    estimator = RestartClassifier(**parameters, random_state=seed).fit(features[:kept], labels[:kept])
    return Derandomised(circuit_of(estimator), estimator, seed, extra)


def circuit_of(estimator: TwoClasses) -> Graph:
    """The circuit of a fitted estimator. Input number `i` is 1 where feature `i` is above ``thresholds_[i]``, and ``label`` is 1
    for the second of ``classes_``. Raises `Rejected` as `tmc.circuits.classifier.classifier` does."""
    from sklearn.utils.validation import check_is_fitted

    from tmc.learn.estimators.machine import MachineClassifier
    from tmc.learn.estimators.restarts import RestartClassifier

    check_is_fitted(estimator)
    if isinstance(estimator, MachineClassifier):
        return classifier(estimator.machine_.table, *estimator.tape_)
    if isinstance(estimator, RestartClassifier):
        return classifier(estimator.table_, *estimator.tape_, steps=estimator.fitted_document()["limit"])
    raise Rejected(f"a {type(estimator).__name__} is not an estimator of tmc")


def _bits(rows: list[tuple[Any, ...]]) -> Iterator[tuple[int, int]]:
    """A bit for each pair of different rows, from the end, with how many pairs were looked at."""
    for pair in range(1, len(rows) // 2 + 1):
        first, second = rows[-2 * pair], rows[-2 * pair + 1]
        if first != second:
            yield pair, int(first > second)
