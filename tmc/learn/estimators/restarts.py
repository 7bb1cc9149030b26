"""Random restarts over small machines as classifiers in the manner of scikit-learn (Corollary 2, Observation 1)."""

from __future__ import annotations

import math
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from tmc.files import read_text
from tmc.ir.document import Document, table_document
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import Bounds, Table
from tmc.ir.tape import EDGES
from tmc.learn.estimators.binary import Signs, TwoClasses, network_of, thresholds
from tmc.learn.search.guarantees import between_0_and_1, deviation, validation_size
from tmc.learn.search.searching import Best, Prior, Tables, grids, problem, search
from tmc.learn.search.sketch import Sketch
from tmc.run.many import VERDICTS, WIDEST, answers, lay
from tmc.run.shapes import MachineShape, pack_tables

if TYPE_CHECKING:
    from tmc.pipeline import Stages

REJECTED = VERDICTS.index("reject")
MOST_FEATURES = WIDEST - 2  # a column more for the label, see `tmc.run.many.lay`
MOST_STEPS = 10**8  # of a run: the engine lays out as much tape beforehand


class RestartClassifier(TwoClasses):
    """Random restarts (Corollary 2): machines of so many states are drawn at random, and the one that does best on validation
    examples is kept.

    The data are split at random: `examples` go onto the machine's tape, the others are queries that validate. With probability
    ``1 - delta`` the true error of the chosen machine, with these examples on its tape, is larger than that of the best of all that
    were tried by at most `gap_`, ``2 √(ln(2K/δ) / 2n)`` for `n` validation examples and `K` machines; for it to be `epsilon` there
    must be ``2 ln(2K/δ) / ε²`` of them (`validation_size_`). In both errors a run that is cut off after `steps` is a mistake: the
    chosen machine answers +1 then, so on new data it errs no more than that, and to be right by being cut off makes no machine the
    best. Features with more than two values are cut by the examples on the tape alone.

    `states`: of every machine; its symbols are blank, 0 and 1. `edges`: those of the grid that it can feel. `restarts`: how many
    are tried. `examples`: None is a quarter of the data, at most 16. `steps`: None is ``4 (m + 1)(d + 1)``. `engine`: ``table``, or
    ``network``, which compiles the winner and trains its memory; it has layers for as many steps, and where a run takes more, it
    may come to the answer before which the table is cut off. `n_jobs`: threads, None or -1 for as many as there are cores; they
    change nothing but the time. `prior`: ``tables``, each entry of a table drawn uniformly; the path of a sketch, a ``.tm`` file
    with holes, whose bounds say how many steps there are if it has any; or any `tmc.learn.search.searching.Prior` of machines that
    read a grid. Then `states` and `edges` are not looked at, and if it has no more than `restarts` machines, all of them are
    tried.

    After `fit`: `best_` (how many were tried, and the winner's number), `prior_name_`, `table_`, `error_` on the validation
    examples, `gap_`, `deviation_`, `validation_size_`, `n_validation_`; and with the engine ``network`` the trained `network_`.
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
        prior: str | Path | Prior = "tables",
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
        self.prior = prior

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Try machines and keep the best. ValueError when data or parameters are not what they should be."""
        self.check_engine()
        restarts = at_least_one("restarts", self.restarts)
        delta, epsilon = between_0_and_1("delta", self.delta), between_0_and_1("epsilon", self.epsilon)
        random = check_random_state(self.random_state)
        split = self._split(random, X, y, self.examples)
        prior = self._prior(int(random.randint(1 << 31)))
        limit = self._steps(prior, *split[0].shape)
        best = search(prior, [problem(prior.shape, *split, limit)], restarts, workers=self._workers())
        family = restarts if prior.size is None else min(restarts, prior.size)
        spread = deviation(family, len(split[2]), delta)
        self._keep(prior, split, best, limit, spread)
        self.validation_size_ = validation_size(family, epsilon, delta)
        return self

    def _split(self, random: Any, x: ArrayLike, y: ArrayLike, examples: int | None) -> tuple[Signs, Signs, Signs, Signs]:
        """Examples and validation examples, which have no part in the cut of a feature with more than two values."""
        features, y = self._read(x, y)
        samples = len(features)
        m = min(max(1, samples // 4), 16) if examples is None else at_least_one("examples", examples)
        if self.n_features_in_ > MOST_FEATURES:
            raise ValueError(f"a search takes {MOST_FEATURES} features at most, not {self.n_features_in_}")
        if not 1 <= m < samples:
            raise ValueError(
                f"of {samples} samples, {m} cannot be examples and others validate; there must be at least one of each"
            )
        order = random.permutation(samples)
        learnt, others = order[:m], order[m:]
        self.thresholds_ = thresholds(features, features[learnt])
        x = self._signs(features)
        return x[learnt], y[learnt], x[others], y[others]

    def _prior(self, seed: int) -> Prior:
        """The prior that the parameter means. Raises ValueError if it means no prior."""
        prior = self.prior
        if isinstance(prior, str) and prior == "tables":
            return Tables(shape_of(self.states, self.edges), seed)
        if isinstance(prior, (str, Path)) and str(prior).endswith(".tm"):
            sketch = Sketch(read_text(str(prior)))
            if sketch.shape.kind != "grid" or sketch.table.tapes[0].symbols[:3] != ("_", "0", "1"):
                raise ValueError(f"the machine of {prior} does not read a grid of _ 0 1")
            return sketch if sketch.size <= self.restarts else sketch.drawn(seed)
        if isinstance(prior, (str, Path)) or not hasattr(prior, "machines"):
            raise ValueError(f"the prior is tables, the path of a sketch (.tm), or an object that gives machines, not {prior!r}")
        if prior.size == 0:
            raise ValueError(f"the prior {prior.name} has no machines")
        return prior

    def _steps(self, prior: Prior, m: int, d: int) -> int:
        """How many steps a run may take: a sketch may say so itself."""
        bound = getattr(prior, "bounds", Bounds()).steps
        steps = 4 * (m + 1) * (d + 1) if bound is None else int(bound.evaluate({"m": m, "d": d}))
        steps = steps if self.steps is None else at_least_one("steps", self.steps)
        if steps > MOST_STEPS:
            raise ValueError(f"a run takes {MOST_STEPS} steps at most, not {steps}")
        return steps

    def _workers(self) -> int | None:
        return None if self.n_jobs is None or self.n_jobs == -1 else at_least_one("n_jobs", self.n_jobs)

    def _keep(self, prior: Prior, split: tuple[Signs, Signs, Signs, Signs], best: Best, limit: int, spread: float) -> None:
        """The winner, and what is known of it. `spread` is the deviation of all that might have been tried: how many were before a
        perfect one ended the search depends on the data, and a union bound must not."""
        self._limit, self.prior_name_ = limit, prior.name
        self.best_, self.table_, self.error_ = best, best.table(prior), best.error
        self.n_validation_ = len(split[2])
        self.deviation_, self.gap_ = spread, 2 * spread
        self.tape_ = split[:2]
        if self.engine == "network":
            self.network_ = network_of(_lowered(self.table_, limit))
            self.network_.fit(*self.tape_)

    def _scores(self, queries: Signs) -> Signs:
        """See `TwoClasses`. What a machine leaves undecided counts as +1 here, as it did when the machine was chosen; and nothing
        is told of runs that are cut off, since after how many steps is a parameter."""
        from tmc.net.answer import answer

        if self.engine == "network":
            m, d = self.tape_[0].shape
            return answer(self.network_, queries, self.network_.shape(m, d)).labels
        shape, entries = pack_tables([self.table_])
        verdicts = answers(entries, lay(shape, grids(*self.tape_, queries), self._limit), self._workers()).verdicts[0]
        return np.where(verdicts == REJECTED, -1, 1).astype(np.int8)

    def fitted_document(self) -> Document:
        """See `TwoClasses`."""
        best = self.best_
        return {
            "table": table_document(self.table_),
            "limit": int(self._limit),
            "prior": self.prior_name_,
            "best": [best.tried, best.number, best.right, best.queries],
            "deviation": self.deviation_,
            "gap": self.gap_,
            **({"validation_size": self.validation_size_} if hasattr(self, "validation_size_") else {}),
        }

    def restore(self, document: Document, table: Table) -> None:
        """See `TwoClasses`."""
        shape, _ = pack_tables([table])
        self._limit, self.prior_name_ = _natural(document["limit"]), str(document["prior"])
        if shape.kind != "grid" or table.data.symbols[:3] != ("_", "0", "1") or self._limit > MOST_STEPS:
            raise ValueError("this is no machine that was found")
        self.best_ = best = Best(*map(_natural, document["best"]))
        if best.number >= best.tried or best.right > best.queries or best.queries < 1:
            raise ValueError("no search ends like this")
        self.table_, self.error_, self.n_validation_ = table, best.error, best.queries
        self.deviation_, self.gap_ = _spread(document["deviation"]), _spread(document["gap"])
        if self.gap_ != 2 * self.deviation_:
            raise ValueError("the gap is twice the deviation")
        if "validation_size" in document:
            self.validation_size_ = _natural(document["validation_size"])
        if self.engine == "network":
            self.network_ = network_of(_lowered(table, self._limit))


def at_least_one(name: str, value: object) -> int:
    """A parameter that is a whole number of at least 1. ValueError when it is not."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} is a whole number of at least 1, not {value!r}")
    return int(value)


def _natural(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a number is not what it should be")
    return value


def _spread(value: object) -> float:
    if type(value) is not float or not 0 < value < math.inf:
        raise ValueError("a deviation is not what it should be")
    return value


def _lowered(table: Table, limit: int) -> Stages:
    """A machine that was found, ready to be a network: it promises as many steps as it was given, and what they reach."""
    from dataclasses import replace

    from tmc.pipeline import lower_table

    work = None if table.work is None else Polynomial.constant(limit + 1)
    return lower_table(replace(table, bounds=Bounds(Polynomial.constant(limit), work)))


def shape_of(states: int, edges: tuple[str, ...]) -> MachineShape:
    """Of the machines that are drawn. ValueError when there is no such edge."""
    known = {edge.name.lower(): edge for edge in EDGES}
    given: object = edges
    if not isinstance(given, (tuple, list)):
        raise ValueError(f"edges are a tuple of some of {', '.join(known)}, not {given!r}")
    for edge in edges:
        if not isinstance(edge, str) or edge not in known:
            raise ValueError(f"there is no edge {edge}: edges are {', '.join(known)}")
    states, found = at_least_one("states", states), tuple(edge for name, edge in known.items() if name in edges)
    try:
        return MachineShape("grid", states, 3, 1, found)
    except ValueError:
        raise ValueError(f"machines of {states} states are too large for a search with these edges") from None


class TuringOptimalClassifier(RestartClassifier):
    """As good as any short program (Observation 1 and Claim 1), without hyperparameters: larger machines, more of them, and longer
    runs are tried as the data allow.

    In stage ``k = 1, 2, …, log2 n`` there are ``256 · 2^k`` machines of `k` states, with ``4k (m + 1)(d + 1)`` steps each. A
    stage's failure is allowed a probability of ``δ / k(k+1)``, all of them together `delta`. The winner has the least sum of
    validation error and deviation of all stages, so its true error is, with probability ``1 - delta``, larger by at most twice its
    stage's deviation than that of any machine tried there. More data mean more stages: a machine of any size is tried in the end.

    After `fit` as `RestartClassifier`, but for `validation_size_`; `stage_` is the winner's, `stages_` the best of each: (k, error,
    deviation).
    """

    def __init__(self, delta: float = 0.05, engine: str = "table", n_jobs: int | None = None, random_state: Any = None) -> None:
        super().__init__(delta=delta, engine=engine, n_jobs=n_jobs, random_state=random_state)

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return ["delta", "engine", "n_jobs", "random_state"]

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Try stage after stage and keep the best. ValueError when data or parameters are not what they should be."""
        self.check_engine()
        delta = between_0_and_1("delta", self.delta)
        random = check_random_state(self.random_state)
        split = self._split(random, X, y, None)
        seed, cells, n = int(random.randint(1 << 31)), (len(split[0]) + 1) * (self.n_features_in_ + 1), len(split[2])
        found = []
        for stage in range(1, max(1, int(math.log2(n))) + 1):
            prior, limit = Tables(shape_of(stage, self.edges), seed + stage), 4 * stage * cells
            best = search(prior, [problem(prior.shape, *split, limit)], 256 << stage, workers=self._workers())
            spread = deviation(256 << stage, n, delta / (stage * (stage + 1)))
            found.append((best.error + spread, stage, limit, prior, best, spread))
        _, self.stage_, limit, prior, best, spread = min(found, key=lambda one: one[:2])
        self.stages_ = [(stage, best.error, spread) for _, stage, _, _, best, spread in found]
        self._keep(prior, split, best, limit, spread)
        return self

    def fitted_document(self) -> Document:
        """See `TwoClasses`."""
        return {**super().fitted_document(), "stage": self.stage_, "stages": self.stages_}

    def restore(self, document: Document, table: Table) -> None:
        """See `TwoClasses`."""
        super().restore(document, table)
        self.stage_ = _natural(document["stage"])
        self.stages_ = [(_natural(stage), float(error), _spread(spread)) for stage, error, spread in document["stages"]]
