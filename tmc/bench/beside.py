"""A machine on real data, by every engine, beside scikit-learn's classifiers: what is measured, and what has to agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tmc.bench.baselines import Learner, Signs, decision_tree, logistic_regression, random_forest, support_vectors
from tmc.bench.engines import Watch, by_convolution, by_machine_code, by_network, by_table, trained
from tmc.bench.real import DataSplit, nearest, validated

if TYPE_CHECKING:
    from tmc.pipeline import Stages

Found = TypeVar("Found")

NETWORK, TABLE, MACHINE_CODE = "network", "table, Python", "table, machine code"
NUMPY, NEIGHBOURS = "1-NN in NumPy", "1-NN of scikit-learn"
OTHERS: dict[str, Learner] = {
    "logistic regression": logistic_regression,
    "random forest": random_forest,
    "decision tree": decision_tree,
    "SVM, Gaussian kernel": support_vectors,
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One learner: the share of queries answered rightly, on how many it `agrees` with the table, and the seconds of learning and
    of answering one query (learners that are trained anew for the queries: all in the first)."""

    learner: str
    accuracy: float
    agrees: int
    learning: float
    answering: float


@dataclass(frozen=True, slots=True)
class DenseTiming:
    """The network by the dense convolution, on so many `queries` for so many `layers` each: seconds of one layer, times the layers
    that the sparse engine took to answer; and whether all numbers were the `same` as the sparse engine's."""

    queries: int
    layers: int
    layer: float
    query: float
    same: bool


@dataclass(frozen=True, slots=True)
class BenchReport:
    """A machine and others on one problem. `validated`: the machines among which it was chosen, if there were several, with their
    accuracy in cross validation over the examples. `steps`, `layers`: the means until an answer. `ties`: queries with several
    nearest examples, and `untied_same`: whether scikit-learn's neighbour gives the table's answer to all others; both None where
    the machine is no nearest neighbour."""

    data: str
    machine: str
    d: int
    m: int
    queries: int
    seed: int
    validated: tuple[tuple[str, float], ...]
    steps: float
    layers: float
    learners: tuple[Measured, ...]
    dense: DenseTiming | None
    ties: int | None
    untied_same: bool | None

    @property
    def agreed(self) -> bool:
        """Whether everything that runs the machine, or does the same without it, gives the same answer to every query."""
        ours = (NETWORK, TABLE, MACHINE_CODE, NUMPY)
        same = all(one.agrees == self.queries for one in self.learners if one.learner in ours)
        return same and (self.dense is None or self.dense.same) and self.untied_same is not False


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A split, and what the machine's table says of its queries: who else agrees with that?"""

    split: DataSplit
    table: Signs

    def measured(self, learner: str, found: Signs, learning: float, answering: float) -> Measured:
        """`answering`: the seconds for all queries."""
        accuracy, agrees = float((found == self.split.wanted).mean()), int((found == self.table).sum())
        return Measured(learner, accuracy, agrees, learning, answering / len(found))


def compare(
    data: str, machines: Sequence[Stages], split: DataSplit, seed: int, dense: int, watch: Watch = lambda what: None
) -> BenchReport:
    """Measure a machine on a split: its network, its table, and others; the dense engine on the first `dense` queries, if any.

    Of several `machines` it is the one that does best in cross validation over the examples, the first of equally good ones.
    `watch` is told what is being done. ValueError when the machine's runs do not fit the engine for many short runs.
    """
    scores = validated(machines, split, seed) if len(machines) > 1 else []
    stages = machines[int(np.argmax(scores)) if scores else 0]
    watch("engines, for the first time")
    _warm(stages, split)
    watch(TABLE)
    table, seconds = _timed(lambda: by_table(stages.table, split.x, split.y, split.z))
    asked = _Asked(split, table)
    (code, steps), code_seconds = _timed(lambda: by_machine_code(stages.table, split.x, split.y, split.z))
    ours = (asked.measured(TABLE, table, 0.0, seconds), asked.measured(MACHINE_CODE, code, 0.0, code_seconds))
    network, layers, convolved = _network(stages, asked, dense, watch)
    neighbours, ties, same = _neighbours(asked) if stages.table.name == "nearest" else ((), None, None)
    others = _others(asked, seed, watch)
    (m, d), scored = split.x.shape, tuple((each.table.name, score) for each, score in zip(machines, scores, strict=False))
    learners = (network, *ours, *neighbours, *others)
    sizes = d, m, len(split.z), seed
    return BenchReport(data, stages.table.name, *sizes, scored, float(steps.mean()), layers, learners, convolved, ties, same)


def _warm(stages: Stages, split: DataSplit) -> None:
    """Compile the engines, once for all machines, before anything is timed."""
    by_machine_code(stages.table, split.x, split.y, split.z[:1])
    network, _ = trained(stages, split.x[:1], split.y[:1], lambda what: None)
    by_network(network, 1, split.z[:1], lambda what: None)
    next(_others(_Asked(split, split.wanted), 0, lambda what: None))


def _network(stages: Stages, asked: _Asked, dense: int, watch: Watch) -> tuple[Measured, float, DenseTiming | None]:
    """The network, the mean of the layers until it answers, and the dense engine."""
    split = asked.split
    network, learning = trained(stages, split.x, split.y, watch)
    found = by_network(network, len(split.x), split.z, watch)
    measured, layers = asked.measured(NETWORK, found.labels, learning, found.seconds), float(found.layers.mean())
    if not dense:
        return measured, layers, None
    watch("dense convolution")
    some = by_convolution(network, len(split.x), split.z[:dense])
    return measured, layers, DenseTiming(some.queries, some.layers, some.seconds, some.seconds * layers, some.same)


def _neighbours(asked: _Asked) -> tuple[tuple[Measured, ...], int, bool]:
    """The nearest neighbour without the machine: by ourselves, with the same rule for ties, and by scikit-learn, which has its own;
    the number of ties, and whether scikit-learn's answers to all others are the table's."""
    from sklearn.neighbors import KNeighborsClassifier

    split = asked.split
    (ours, several), seconds = _timed(lambda: nearest(split.x, split.y, split.z))
    theirs, learning = _timed(lambda: KNeighborsClassifier(1, metric="hamming", algorithm="brute").fit(split.x, split.y))
    found, theirs_seconds = _timed(lambda: np.asarray(theirs.predict(split.z), np.int8))
    both = asked.measured(NUMPY, ours, 0.0, seconds), asked.measured(NEIGHBOURS, found, learning, theirs_seconds)
    return both, int(several.sum()), bool(np.array_equal(found[~several], asked.table[~several]))


def _others(asked: _Asked, seed: int, watch: Watch) -> Iterator[Measured]:
    split = asked.split
    for name, learner in OTHERS.items():
        watch(name)
        began = perf_counter()
        found = learner(split.x, split.y, split.z, seed)
        yield asked.measured(name, found, perf_counter() - began, 0.0)


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    began = perf_counter()
    return work(), perf_counter() - began
