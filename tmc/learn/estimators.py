"""Learners in the manner of scikit-learn (``pip install 'tmc[learn]'``): compiled networks, and restarts over small machines.

All of them are for two classes and for features of two values each. Features that have more are cut at their median over the
examples; the cut belongs to what is learnt.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from tmc.diagnostics import Rejected
from tmc.files import read_text, shipped
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import Bounds, Table
from tmc.ir.tape import EDGES
from tmc.learn.guarantees import deviation, gap, validation_size
from tmc.learn.search import Best, Prior, Tables, grids, problem, search
from tmc.run.many import VERDICTS, answers, lay
from tmc.run.shapes import Shape
from tmc.run.simulator import simulate

if TYPE_CHECKING:
    from tmc.net.rcnn import RCNN
    from tmc.pipeline import Stages

Signs = NDArray[np.int8]
REJECTED = VERDICTS.index("reject")


class _TwoClasses(ClassifierMixin, BaseEstimator):
    """What the learners have in common: features and labels as -1 and +1, and back."""

    def __sklearn_tags__(self) -> Any:
        """Two classes are all that a verdict can tell."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _learnt(self, x: ArrayLike, y: ArrayLike) -> tuple[Signs, Signs]:
        """The examples in signs; sets `classes_`, `thresholds_` (d,) and `n_features_in_`."""
        features, labels = validate_data(self, x, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {type_of_target(y)}; "
                f"there are {len(self.classes_)} classes"
            )
        if len(self.classes_) < 2:
            raise ValueError("the labels are of one class, and two are needed")
        self.thresholds_ = _thresholds(features)
        return self._signs(features), np.where(numbers == 1, 1, -1).astype(np.int8)

    def _signs(self, features: NDArray[np.float64]) -> Signs:
        return np.where(features > self.thresholds_, 1, -1).astype(np.int8)

    def _asked(self, x: ArrayLike) -> Signs:
        check_is_fitted(self)
        return self._signs(validate_data(self, x, reset=False, dtype=np.float64))

    def _named(self, signs: Signs) -> NDArray[Any]:
        return np.asarray(self.classes_[(signs > 0).astype(np.int64)])


def _thresholds(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each feature is cut: between its two values, or at its median if it has more (above it is 1)."""
    low, high = features.min(axis=0), features.max(axis=0)
    two = ((features == low) | (features == high)).all(axis=0)
    return np.asarray(np.where(two, low / 2 + high / 2, np.median(features, axis=0)))


def _stages(machine: str) -> Stages:
    """A machine by the path of its file, or by the name of one that comes with tmc."""
    from tmc.pipeline import compile_machine

    path = Path(machine)
    if not path.suffix:
        path = shipped("machines") / f"{machine}.tm"
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in path.parent.glob("*.tm")))
            raise Rejected(f"there is no machine {machine} that comes with tmc: {known}; a file's name ends in .tm")
    stages = compile_machine(read_text(str(path)))
    if not stages.lowered.is_grid:
        raise Rejected(f"the machine {stages.table.name} reads a line, not a grid of examples")
    return stages


def _network(stages: Stages) -> RCNN:
    from tmc.net.checkpoint import from_build, from_stages
    from tmc.net.rcnn import RCNN
    from tmc.pipeline import Build

    return RCNN(from_build(stages) if isinstance(stages, Build) else from_stages(stages))


class MachineClassifier(_TwoClasses):
    """A compiled network: `fit` trains its memory by gradient descent, each example once (Algorithm 1); `predict` lets it run.

    With `m` examples it answers exactly as the machine does on them (Theorem 1); what the machine leaves undecided is the second of
    the classes, +1.

    `machine`: the path of a ``.tm`` file, or the name of a machine that comes with tmc, such as ``nearest`` or ``gauss``.
    `engine`: ``network``, or ``table``, which runs the machine without its network, with the same answers.

    After `fit`: `classes_` (2,), `thresholds_` (d,) where features are cut, `machine_` the compiled stages, and with the engine
    ``network`` the trained `network_`.
    """

    def __init__(self, machine: str = "nearest", engine: str = "network") -> None:
        self.machine = machine
        self.engine = engine

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Memorise examples `X` (m, d) with labels `y` (m,). Raises `Rejected` when there is no such machine, ValueError when data
        or parameters are not what they should be."""
        if self.engine not in ("network", "table"):
            raise ValueError(f"the engine is network or table, not {self.engine}")
        x, labels = self._learnt(X, y)
        self.machine_ = _stages(self.machine)
        self._x, self._y = x, labels
        if self.engine == "network":
            self.network_ = _network(self.machine_)
            self.network_.fit(x, labels)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Labels (q,) for queries `X` (q, d)."""
        queries = self._asked(X)
        if self.engine == "network":
            return self._named(self.network_.predict(queries))
        return self._named(_by_table(self.machine_.table, self._x, self._y, queries))


def _by_table(table: Table, x: Signs, y: Signs, queries: Signs) -> Signs:
    """What a machine answers, query by query."""
    numbers = {False: table.data.number("0"), True: table.data.number("1")}
    different, which = np.unique(queries, axis=0, return_inverse=True)
    plain = grids(x, y, different)
    found = []
    for grid in plain:
        rows = tuple(tuple(0 if cell == 0 else numbers[cell == 2] for cell in row) for row in grid.rows)
        found.append(-1 if simulate(table, type(grid)(rows)).verdict == "reject" else 1)
    return np.array(found, np.int8)[which.reshape(-1)]


class RestartClassifier(_TwoClasses):
    """Random restarts (Corollary 2): machines of so many states are drawn at random, and the one that does best on validation
    examples is kept.

    The data are split at random: `examples` go onto the machine's tape, the others are queries that validate. With probability
    ``1 - delta`` the true error of the chosen machine, with these examples on its tape, is larger than that of the best of all that
    were tried by at most `gap_`, ``2 √(ln(2K/δ) / 2n)`` for `n` validation examples and `K` machines; for it to be `epsilon` there
    must be ``2 ln(2K/δ) / ε²`` of them (`validation_size_`). Here a run that is cut off after `steps` counts as a mistake, so the
    error on new data is not larger than what is bounded.

    `states`: of every machine; its symbols are blank, 0 and 1. `edges`: those of the grid that it can feel. `restarts`: how many
    are drawn, each table's entries uniformly (prior ``tables``). `examples`: None is a quarter of the data, at most 16. `steps`:
    None is ``4 (m + 1)(d + 1)``. `engine`: ``table``, or ``network``, which compiles the winner and trains its memory. `n_jobs`:
    threads, None for as many as there are cores; they change nothing but the time.

    After `fit`: `best_` (how many were tried, and the winner's number), `table_`, `error_` on the validation examples, `gap_`,
    `deviation_`, `validation_size_`, `n_validation_`; and with the engine ``network`` the trained `network_`.
    """

    def __sklearn_tags__(self) -> Any:
        """No machine of a few states does well on everything."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def __init__(
        self,
        states: int = 2,
        restarts: int = 1 << 18,
        edges: tuple[str, ...] = ("bottom", "right"),
        examples: int | None = None,
        steps: int | None = None,
        epsilon: float = 0.1,
        delta: float = 0.05,
        engine: str = "table",
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.states = states
        self.restarts = restarts
        self.edges = edges
        self.examples = examples
        self.steps = steps
        self.epsilon = epsilon
        self.delta = delta
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Draw machines and keep the best. ValueError when data or parameters are not what they should be."""
        if self.engine not in ("network", "table"):
            raise ValueError(f"the engine is network or table, not {self.engine}")
        if self.restarts < 1:
            raise ValueError(f"there is at least one restart, not {self.restarts}")
        x, labels = self._learnt(X, y)
        random = check_random_state(self.random_state)
        split = _split(random, x, labels, self.examples)
        prior = Tables(_shape(self.states, self.edges), int(random.randint(1 << 31)))
        self._limit = 4 * (len(split[0]) + 1) * (x.shape[1] + 1) if self.steps is None else self.steps
        self._keep(prior, split, search(prior, [problem(prior.shape, *split, self._limit)], self.restarts, workers=self.n_jobs))
        self.validation_size_ = validation_size(self.best_.tried, self.epsilon, self.delta)
        return self

    def _keep(self, prior: Prior, split: tuple[Signs, Signs, Signs, Signs], best: Best) -> None:
        """The winner, and what is known of it."""
        self.best_, self.prior_, self.n_validation_ = best, prior, len(split[2])
        self.table_, self.error_ = best.table(prior), best.error
        self.deviation_ = deviation(best.tried, self.n_validation_, self.delta)
        self.gap_ = gap(best.tried, self.n_validation_, self.delta)
        self._x, self._y = split[:2]
        if self.engine == "network":
            self.network_ = _network(_lowered(self.table_, self._limit))
            self.network_.fit(self._x, self._y)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Labels (q,) for queries `X` (q, d)."""
        queries = self._asked(X)
        if self.engine == "network":
            return self._named(self.network_.predict(queries))
        laid = lay(self.prior_.shape, grids(self._x, self._y, queries), self._limit)
        machines = self.prior_.machines(self.best_.number, 1)
        entries = machines if isinstance(machines, np.ndarray) else machines.entries()
        verdicts = answers(entries, laid, self.n_jobs).verdicts[0]
        return self._named(np.where(verdicts == REJECTED, -1, 1).astype(np.int8))


def _lowered(table: Table, limit: int) -> Stages:
    """A machine that was found, ready to be a network: it promises as many steps as it was given."""
    from dataclasses import replace

    from tmc.pipeline import lower_table

    return lower_table(replace(table, bounds=Bounds(Polynomial.constant(limit))))


def _shape(states: int, edges: tuple[str, ...]) -> Shape:
    known = {edge.name.lower(): edge for edge in EDGES}
    for edge in edges:
        if edge not in known:
            raise ValueError(f"there is no edge {edge}: edges are {', '.join(known)}")
    return Shape("grid", states, 3, 1, tuple(edge for name, edge in known.items() if name in edges))


def _split(random: Any, x: Signs, y: Signs, examples: int | None) -> tuple[Signs, Signs, Signs, Signs]:
    """Examples and validation examples."""
    m = min(max(1, len(x) // 4), 16) if examples is None else examples
    if not 1 <= m < len(x):
        raise ValueError(f"of {len(x)} samples, {m} cannot be examples and others validate; there must be at least one of each")
    order = random.permutation(len(x))
    learnt, others = order[:m], order[m:]
    return x[learnt], y[learnt], x[others], y[others]


class TuringOptimalClassifier(RestartClassifier):
    """As good as any short program (Observation 1 and Claim 1), without hyperparameters: larger machines, more of them, and longer
    runs are tried as the data allow.

    In stage ``k = 1, 2, …, log2 n`` there are ``256 · 2^k`` machines of `k` states, with ``4k (m + 1)(d + 1)`` steps each. A
    stage's failure is allowed a probability of ``δ / k(k+1)``, all of them together `delta`. The winner has the least sum of
    validation error and deviation of all stages, so its true error is, with probability ``1 - delta``, larger by at most twice its
    stage's deviation than that of any machine tried there. More data mean more stages: a machine of any size is tried in the end.

    After `fit` as `RestartClassifier`; `stage_` is the winner's, `stages_` the best of each: (k, error, deviation).
    """

    def __init__(self, delta: float = 0.05, engine: str = "table", n_jobs: int | None = None, random_state: Any = None) -> None:
        super().__init__(delta=delta, engine=engine, n_jobs=n_jobs, random_state=random_state)

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return ["delta", "engine", "n_jobs", "random_state"]

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Try stage after stage and keep the best. ValueError when data or parameters are not what they should be."""
        x, labels = self._learnt(X, y)
        random = check_random_state(self.random_state)
        split = _split(random, x, labels, None)
        seed, cells, n = int(random.randint(1 << 31)), (len(split[0]) + 1) * (x.shape[1] + 1), len(split[2])
        found = []
        for stage in range(1, max(1, int(math.log2(n))) + 1):
            prior, limit = Tables(_shape(stage, self.edges), seed + stage), 4 * stage * cells
            best = search(prior, [problem(prior.shape, *split, limit)], 256 << stage, workers=self.n_jobs)
            spread = deviation(best.tried, n, self.delta / (stage * (stage + 1)))
            found.append((best.error + spread, stage, limit, prior, best, spread))
        _, self.stage_, self._limit, prior, best, spread = min(found, key=lambda one: one[:2])
        self.stages_ = [(stage, best.error, spread) for _, stage, _, _, best, spread in found]
        self._keep(prior, split, best)
        self.deviation_, self.gap_ = spread, 2 * spread
        return self
