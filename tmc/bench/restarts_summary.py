"""The results of random restarts on the problems of a task: beside every single machine, along the curve, and beside Corollary
2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tmc.bench.restarts import Counts, Setting, Trial
from tmc.learn.search.guarantees import deviation, gap


@dataclass(frozen=True, slots=True)
class BestOfFirst:
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
    `single_error`, what it is. Of all machines, one for all problems, so many are `worse` in the mean than those that are chosen
    problem by problem, `equal` to them, or `better`. `won`, `tied`, `lost`: problems, against the machine `single`. `deviation`:
    how far the validation error of any machine was from its true error on any problem; it was farther than it should be on
    `deviating` problems. `agreeing` problems: see `Trial`. `exact` problems: when every point validates, the choice has the least
    true error of all.
    """

    task: str
    problems: int
    machines: int
    curve: tuple[BestOfFirst, ...]
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
    def last(self) -> BestOfFirst:
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
    return np.asarray(np.abs(mistakes / setting.validation - wrong / (1 << setting.d)).max(axis=1))


def _step(setting: Setting, found: Sequence[Trial], wrong: Counts, count: int) -> BestOfFirst:
    leaders = [int(trial.mistakes[:count].argmin()) for trial in found]
    mistakes = [int(trial.mistakes[leader]) for trial, leader in zip(found, leaders, strict=True)]
    true, least = wrong[np.arange(len(found)), leaders] / (1 << setting.d), wrong[:, :count].min(axis=1) / (1 << setting.d)
    bound = gap(count, setting.validation, setting.delta)
    return BestOfFirst(
        restarts=count,
        validation=sum(mistakes) / (len(found) * setting.validation),
        true=float(true.mean()),
        least=float(least.mean()),
        largest=float((true - least).max()),
        bound=bound,
        deviation=deviation(count, setting.validation, setting.delta),
        violations=int((true - least > bound).sum()),
    )
