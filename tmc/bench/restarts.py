"""Random restarts beside every single machine that they choose among, and Corollary 2 beside what is seen of it.

The family is the first `K` machines that `RestartClassifier` draws: the same ones for every problem of the same size, as the seed is
the same. All that there is to know of them is counted: every machine, with the examples on its tape, answers every one of the 2^d
points. So true errors are exact, the labels' distribution being a function and the points' uniform; nothing is estimated.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from tmc.learn.datasets import Bits
from tmc.learn.estimators import RestartClassifier
from tmc.learn.guarantees import deviation, gap
from tmc.learn.search import Prior, problem, search
from tmc.learn.tasks import Task, points
from tmc.run.many import VERDICTS, Drawn, answers
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

    `agrees`: whether the choice, its error and its predictions are what the count says. `redrawn`: how often there was but one
    class among all examples, which no classifier takes, and they were drawn anew.
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
    # Its split, once more: the first thing that is drawn from its random state.
    order = np.random.RandomState(setting.seed).permutation(len(drawn))
    given, validating = drawn[order[: setting.examples]], drawn[order[setting.examples :]]
    signs = np.where(every > found.thresholds_, 1, -1).astype(np.int8)
    labels = np.where(hidden, 1, -1).astype(np.int8)
    asked = problem(found.prior_.shape, signs[given], labels[given], signs, labels, setting.steps)
    verdicts = answers(_family(found.prior_, setting.restarts), asked.inputs, workers=1).verdicts
    # As validation counts: undecided is 1, and what is cut off is always wrong.
    mistaken = np.where(hidden, verdicts == REJECT, verdicts != REJECT) | (verdicts == TIMEOUT)
    mistakes = mistaken @ np.bincount(validating, minlength=len(every))
    everywhere = search(found.prior_, [asked], setting.restarts, workers=1)
    return Trial(
        mistakes,
        mistaken.sum(axis=1),
        found.best_.number,
        everywhere.number,
        _agrees(found, mistakes, verdicts, every),
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
def _family(prior: Prior, count: int) -> Entries:
    """The first machines of a prior."""
    machines = prior.machines(0, count)
    return machines.entries() if isinstance(machines, Drawn) else machines


def _agrees(found: RestartClassifier, mistakes: Counts, verdicts: NDArray[np.uint8], every: Bits) -> bool:
    """Whether the choice is the first of the best, made as many mistakes as it says, and answers all points as it was counted."""
    number, best = int(mistakes.argmin()), found.best_
    counted = best.tried == len(mistakes) and best.queries - best.right == mistakes[number]
    same = np.array_equal(found.predict(every), verdicts[number] != REJECT)
    return bool(number == best.number and counted and same)


@dataclass(frozen=True, slots=True)
class Step:
    """The best of the first `restarts` machines on the validation examples, mean of all problems: its `validation` error and its
    `true` error, beside the `least` true error that any of them has. `largest`: the largest gap between those two; `bound`: what
    Corollary 2 says of it, ``2 √(ln(2K/δ) / 2n)``; `violations`: how many problems have a larger one. `deviation`: half the bound,
    within which the validation error of every one of them should be of its true error."""

    restarts: int
    validation: float
    true: float
    least: float
    largest: float
    bound: float
    deviation: float
    violations: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All problems of a task.

    `single`: the number of the machine that has the least true error in the mean of all problems, chosen in hindsight, and
    `single_error`, what it is. Of all machines, one for all problems, so many are `worse` in the mean than the one that is chosen for
    each problem, `equal` to it, or `better`. `won`, `tied`, `lost`: problems, against the machine `single`. `deviation`: how far the
    validation error of any machine was from its true error on any problem; it was more than it should be on `deviating` problems.
    `agreeing` problems: see `Trial`. `exact` problems: the choice has the least true error of all when every point validates.
    """

    task: str
    problems: int
    machines: int
    curve: tuple[Step, ...]
    single: int
    single_error: float
    worse: int
    equal: int
    better: int
    won: int
    tied: int
    lost: int
    deviation: float
    deviating: int
    agreeing: int
    exact: int
    redrawn: int

    @property
    def last(self) -> Step:
        """With all restarts."""
        return self.curve[-1]

    @property
    def violations(self) -> int:
        """Problems with a larger gap than the bound, added up over the curve."""
        return sum(step.violations for step in self.curve)


def summary(task: str, setting: Setting, found: Sequence[Trial]) -> Summary:
    """What came of the trials of a task, one or more. Errors are compared as whole numbers of points, so ties are ties."""
    wrong = np.array([trial.wrong for trial in found])  # (problems, machines)
    chosen = wrong[np.arange(len(found)), [trial.chosen for trial in found]]
    totals, total = wrong.sum(axis=0), int(chosen.sum())
    single = int(totals.argmin())
    deviations = _deviations(setting, found, wrong)
    return Summary(
        task=task,
        problems=len(found),
        machines=setting.restarts,
        curve=tuple(_step(setting, found, wrong, count) for count in _counts(setting.restarts)),
        single=single,
        single_error=float(totals[single]) / (len(found) << setting.d),
        worse=int((totals > total).sum()),
        equal=int((totals == total).sum()),
        better=int((totals < total).sum()),
        won=int((chosen < wrong[:, single]).sum()),
        tied=int((chosen == wrong[:, single]).sum()),
        lost=int((chosen > wrong[:, single]).sum()),
        deviation=float(deviations.max()),
        deviating=int((deviations > deviation(setting.restarts, setting.validation, setting.delta)).sum()),
        agreeing=sum(trial.agrees for trial in found),
        exact=sum(int(trial.wrong[trial.everywhere] == trial.wrong.min()) for trial in found),
        redrawn=sum(trial.redrawn for trial in found),
    )


def _counts(restarts: int) -> list[int]:
    """1, 2, 4, … and all."""
    return sorted({*(1 << power for power in range(restarts.bit_length())), restarts})


def _deviations(setting: Setting, found: Sequence[Trial], wrong: Counts) -> NDArray[np.float64]:
    """How far the validation error of any machine is from its true error: (problems,)."""
    mistakes = np.array([trial.mistakes for trial in found])
    return np.abs(mistakes / setting.validation - wrong / (1 << setting.d)).max(axis=1)


def _step(setting: Setting, found: Sequence[Trial], wrong: Counts, count: int) -> Step:
    leaders = [int(trial.mistakes[:count].argmin()) for trial in found]
    mistakes = [int(trial.mistakes[leader]) for trial, leader in zip(found, leaders, strict=True)]
    true, least = wrong[np.arange(len(found)), leaders] / (1 << setting.d), wrong[:, :count].min(axis=1) / (1 << setting.d)
    bound = gap(count, setting.validation, setting.delta)
    return Step(
        restarts=count,
        validation=sum(mistakes) / (len(found) * setting.validation),
        true=float(true.mean()),
        least=float(least.mean()),
        largest=float((true - least).max()),
        bound=bound,
        deviation=deviation(count, setting.validation, setting.delta),
        violations=int((true - least > bound).sum()),
    )
