"""What the compiled network is measured beside: an algorithm, and learners that other people use.

Each takes examples `x` (m, d) and `y` (m,), queries (q, d), all -1 and +1, and a seed, and returns labels (q,). How each is tuned
is said where it is made; whatever is chosen among learns three quarters of the examples and is tried on the others, and the one
that did best learns all of them. With fewer than 8 examples the first is taken.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.int8]
Learner = Callable[[Signs, Signs, Signs, int], Signs]

FEWEST = 8  # examples of which some validate


def elimination(x: Signs, y: Signs, queries: Signs, seed: int = 0) -> Signs:
    """Gaussian elimination over the integers modulo 2, in NumPy: +1 where the labels add up to 1.

    The pivot of a column is the first row, of those that have not been one, with a 1 there. A query that the examples do not
    determine is answered as if the sum left over were 0.
    """
    rows = np.column_stack([x, y]) > 0
    asked = np.column_stack([queries > 0, np.zeros(len(queries), dtype=bool)])
    unused = np.ones(len(rows), dtype=bool)
    for column in range(x.shape[1]):
        candidates = np.flatnonzero(rows[:, column] & unused)
        if len(candidates):
            pivot = candidates[0]
            unused[pivot] = False
            rows[rows[:, column] & unused] ^= rows[pivot]
            asked[asked[:, column]] ^= rows[pivot]
    return np.where(asked[:, -1], 1, -1).astype(np.int8)


def best_of(options: Sequence[Any], learn: Callable[[Any, Signs, Signs, Signs], Signs], x: Signs, y: Signs, seed: int) -> Any:
    """The option that does best on a quarter of the examples; the first of equally good ones."""
    if len(x) < FEWEST or len(options) == 1:
        return options[0]
    order = np.random.default_rng(seed).permutation(len(x))
    validating, learning = order[: len(x) // 4], order[len(x) // 4 :]
    right = [(learn(option, x[learning], y[learning], x[validating]) == y[validating]).sum() for option in options]
    return options[int(np.argmax(right))]


def logistic_regression(x: Signs, y: Signs, queries: Signs, seed: int = 0) -> Signs:
    """Logistic regression of scikit-learn; C is 0.01, 1 or 100."""
    from sklearn.linear_model import LogisticRegression

    return _fitted((1.0, 0.01, 100.0), lambda c: LogisticRegression(C=c, max_iter=1000), x, y, queries, seed)


def random_forest(x: Signs, y: Signs, queries: Signs, seed: int = 0) -> Signs:
    """A random forest of scikit-learn, of 300 trees; a split looks at √d or at all features."""
    from sklearn.ensemble import RandomForestClassifier

    def forest(features: str | None) -> Any:
        return RandomForestClassifier(300, max_features=features, random_state=seed)

    return _fitted(("sqrt", None), forest, x, y, queries, seed)


def decision_tree(x: Signs, y: Signs, queries: Signs, seed: int = 0) -> Signs:
    """A decision tree of scikit-learn, of any depth or of at most 3."""
    from sklearn.tree import DecisionTreeClassifier

    return _fitted((None, 3), lambda depth: DecisionTreeClassifier(max_depth=depth, random_state=seed), x, y, queries, seed)


def support_vectors(x: Signs, y: Signs, queries: Signs, seed: int = 0) -> Signs:
    """A support vector machine of scikit-learn with a Gaussian kernel; C is 1, 0.1 or 10."""
    from sklearn.svm import SVC

    return _fitted((1.0, 0.1, 10.0), lambda c: SVC(C=c), x, y, queries, seed)


def _fitted(options: Sequence[Any], make: Callable[[Any], Any], x: Signs, y: Signs, queries: Signs, seed: int) -> Signs:
    def learn(option: Any, x: Signs, y: Signs, queries: Signs) -> Signs:
        if (y == y[0]).all():  # of one class scikit-learn learns nothing
            return np.full(len(queries), y[0], np.int8)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(make(option).fit(x, y).predict(queries), dtype=np.int8)

    return learn(best_of(options, learn, x, y, seed), x, y, queries)
