"""Random restarts beside every single machine that they choose among, and Corollary 2 beside what is seen of it.

The family is the first `K` machines that `RestartClassifier` draws: the same ones for every problem, as the seed is the same. All
that there is to know of them is counted: every machine, with the examples on its tape, answers every one of the 2^d points. Points
are uniform and labels a function of them, so true errors are exact; nothing is estimated.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from tmc.learn.data.datasets import Bits
from tmc.learn.data.tasks import Task, points
from tmc.learn.estimators import RestartClassifier
from tmc.learn.estimators.restarts import shape_of
from tmc.learn.search.searching import Tables, problem, search
from tmc.run.many import VERDICTS, answers
from tmc.run.shapes import Entries

Counts = NDArray[np.int64]
ACCEPT, REJECT, STUCK, TIMEOUT = map(VERDICTS.index, ("accept", "reject", "stuck", "timeout"))


@dataclass(frozen=True, slots=True)
class Setting:
    """Problems of `d` features, with `examples` on the tape and `validation` more to choose by, and `restarts` machines."""

    d: int
    examples: int
    validation: int
    restarts: int
    delta: float = 0.05
    seed: int = 0

    @property
    def steps(self) -> int:
        """How long a machine may run: what `RestartClassifier` gives it."""
        return 4 * (self.examples + 1) * (self.d + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One problem. Of every machine (machines,) the `mistakes` on the validation examples and on how many of all points it is
    `wrong`; the numbers of the machine that was `chosen`, and of the one chosen when every point validates once (`everywhere`).

    `agrees`: whether the machines, the choice, its error and its predictions are what the count says. `redrawn`: how often there
    was but one class among all examples, which no classifier takes, and they were drawn anew.
    """

    mistakes: Counts
    wrong: Counts
    chosen: int
    everywhere: int
    agrees: bool
    redrawn: int


def trials(task: Task, setting: Setting, repeat: int, workers: int | None = None) -> Iterator[Trial]:
    """So many problems of a task, each with a function of its own, on `workers` threads (default: as many as there are cores).

    The same arguments give the same, and the first ones of a larger `repeat` are these. ValueError when the class is too large.
    """
    task.values(setting.d)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        yield from pool.map(partial(_trial, task, setting), range(repeat))


def _trial(task: Task, setting: Setting, number: int) -> Trial:
    every, values = points(setting.d), task.values(setting.d)
    values = values[values.min(axis=1) < values.max(axis=1)]  # a constant one has no two classes to be learnt
    random = np.random.default_rng([setting.seed, number, *task.name.encode()])
    hidden = values[random.integers(len(values))]
    drawn, redrawn = _sample(random, hidden, setting.examples + setting.validation)
    found = RestartClassifier(
        restarts=setting.restarts,
        examples=setting.examples,
        steps=setting.steps,
        delta=setting.delta,
        n_jobs=1,
        random_state=setting.seed,
    ).fit(every[drawn], hidden[drawn])
    # Its split and its machines, once more: what is drawn from its random state first and second.
    again = np.random.RandomState(setting.seed)
    order, family = again.permutation(len(drawn)), Tables(shape_of(found.states, found.edges), int(again.randint(1 << 31)))
    given, validating = drawn[order[: setting.examples]], drawn[order[setting.examples :]]
    signs = np.where(every > found.thresholds_, 1, -1).astype(np.int8)
    labels = np.where(hidden, 1, -1).astype(np.int8)
    asked = problem(family.shape, signs[given], labels[given], signs, labels, setting.steps)
    verdicts = answers(_entries(family, setting.restarts), asked.inputs, workers=1).verdicts
    # As validation counts: undecided is 1, and what is cut off is always wrong.
    mistaken = np.where(hidden, verdicts == REJECT, verdicts != REJECT) | (verdicts == TIMEOUT)
    mistakes = mistaken @ np.bincount(validating, minlength=len(every))
    everywhere = search(family, [asked], setting.restarts, workers=1)
    return Trial(
        mistakes,
        mistaken.sum(axis=1),
        found.best_.number,
        everywhere.number,
        found.prior_name_ == family.name and _agrees(found, mistakes, verdicts, every),
        redrawn,
    )


def _sample(random: np.random.Generator, hidden: Bits, count: int) -> tuple[Counts, int]:
    """Points, independent and uniform, with labels of both classes, and how often they were drawn anew for that."""
    redrawn = 0
    while True:
        drawn = random.integers(0, len(hidden), count)
        if hidden[drawn].min() < hidden[drawn].max():
            return drawn, redrawn
        redrawn += 1


@lru_cache(maxsize=2)
def _entries(family: Tables, count: int) -> Entries:
    """The first machines of a family, which are the same for all problems."""
    return family.machines(0, count).entries()


def _agrees(found: RestartClassifier, mistakes: Counts, verdicts: NDArray[np.uint8], every: Bits) -> bool:
    """Whether the choice is the first of the best, made as many mistakes as it says, and answers all points as it was counted.

    The search may stop at a machine that makes no mistake: no other is better.
    """
    number, best = int(mistakes.argmin()), found.best_
    counted = best.queries - best.right == mistakes[number] and (best.tried == len(mistakes) or not mistakes[number])
    same = np.array_equal(found.predict(every), verdicts[number] != REJECT)
    return bool(number == best.number and counted and same)
