"""The headline: how many examples it takes to learn a parity, for the compiled network and for others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tmc.bench.baselines import Learner, Signs, elimination, logistic_regression, random_forest

if TYPE_CHECKING:
    from tmc.pipeline import Stages

NETWORK, ELIMINATION = "RCNN, gauss compiled into it", "Gaussian elimination, NumPy"
OTHERS = ("MLP, SGD", "transformer, AdamW", "logistic regression", "random forest")


@dataclass(frozen=True, slots=True)
class Point:
    """One learner on one problem: the share of queries answered rightly, on how many it `agrees` with Gaussian elimination, and the
    seconds of learning and of answering (learners that are trained anew for the queries: all in the first)."""

    learner: str
    d: int
    m: int
    seed: int
    accuracy: float
    agrees: int
    queries: int
    learning: float
    answering: float


def problem(d: int, m: int, queries: int, noise: float, seed: int) -> tuple[Signs, Signs, Signs, Signs]:
    """A parity of a random set of features (not the empty one), examples and queries independent and uniform; a share `noise` of
    the examples' labels flipped, each independently. Smaller `m` of one seed are the beginning of larger ones."""
    secret, given, asked, flips = (np.random.default_rng([seed, d, part]) for part in range(4))
    chosen = secret.random(d) < 0.5
    if not chosen.any():
        chosen[secret.integers(d)] = True
    x, z = given.random((m, d)) < 0.5, asked.random((queries, d)) < 0.5
    y = x[:, chosen].sum(axis=1) % 2 == 1
    flipped = y ^ (flips.random(m) < noise)
    return _signs(x), _signs(flipped), _signs(z), _signs(z[:, chosen].sum(axis=1) % 2 == 1)


def _signs(bits: NDArray[np.bool_]) -> Signs:
    return np.where(bits, 1, -1).astype(np.int8)


def sizes(d: int) -> tuple[int, ...]:
    """The numbers of examples for `d` features: few and far between, but for those around d, where it is decided."""
    return tuple(sorted({max(1, d // 4), max(1, d // 2), max(1, 3 * d // 4), d, d + 2, d + 4, d + 8, 2 * d, 4 * d}))


def measure(
    stages: Stages,
    ds: Sequence[int],
    queries: int,
    repeat: int,
    *,
    noise: float = 0.0,
    seed: int = 0,
    learners: Sequence[str] = (NETWORK, ELIMINATION, *OTHERS),
    before: Callable[[str, int, int], None] = lambda learner, d, m: None,
) -> Iterator[Point]:
    """Every learner on `repeat` problems of every size; `stages` are the machine's that the network is compiled from."""
    for d in ds:
        for m in sizes(d):
            for number in range(seed, seed + repeat):
                x, y, z, wanted = problem(d, m, queries, noise, number)
                reference = elimination(x, y, z)
                for learner in learners:
                    before(learner, d, m)
                    answered, learning, answering = _answers(learner, stages, x, y, z, number)
                    accuracy, agrees = float((answered == wanted).mean()), int((answered == reference).sum())
                    yield Point(learner, d, m, number, accuracy, agrees, queries, learning, answering)


def _answers(learner: str, stages: Stages, x: Signs, y: Signs, z: Signs, seed: int) -> tuple[Signs, float, float]:
    began = perf_counter()
    if learner == NETWORK:
        from tmc.net.checkpoint.reading import from_stages
        from tmc.net.rcnn import RCNN

        network = RCNN(from_stages(stages)).fit(x, y)
        learnt = perf_counter()
        return network.predict(z), learnt - began, perf_counter() - learnt
    return _learner(learner)(x, y, z, seed), perf_counter() - began, 0.0


def _learner(name: str) -> Learner:
    from tmc.bench import networks

    known = (networks.mlp, networks.transformer, logistic_regression, random_forest)
    return dict(zip((ELIMINATION, *OTHERS), (elimination, *known), strict=True))[name]
