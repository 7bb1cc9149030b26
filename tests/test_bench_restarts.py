"""`tmc bench restarts`: random restarts beside every single machine, and Corollary 2 beside what is seen of it."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest

from tmc.bench import restarts as bench
from tmc.bench.restarts import Setting, Trial, trials
from tmc.bench.restarts_summary import summary
from tmc.cli import main
from tmc.ir.tape import BLANK, Grid
from tmc.learn.data.tasks import TASKS, points
from tmc.learn.estimators import RestartClassifier
from tmc.learn.estimators.restarts import shape_of
from tmc.learn.search.searching import Tables
from tmc.run.simulator import simulate

SETTING = Setting(d=3, examples=2, validation=40, restarts=96, seed=4)
QUICK = ["bench", "restarts", "--d", "3", "--restarts", "64", "--validation", "30", "--repeat", "3"]


def drawn(task: str, setting: Setting, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The hidden function on all points, and the numbers of the points drawn: those on the tape, those for validation."""
    values = np.array([each for each in TASKS[task].values(setting.d) if each.any() and not each.all()])
    random = np.random.default_rng([setting.seed, number, *task.encode()])
    hidden = values[random.integers(len(values))]
    chosen = random.integers(0, 1 << setting.d, setting.examples + setting.validation)
    chosen = chosen[np.random.RandomState(setting.seed).permutation(len(chosen))]
    return hidden, chosen[: setting.examples], chosen[setting.examples :]


@pytest.mark.parametrize("task", ["literals", "parities"])
def test_counts(task: str) -> None:
    """Every machine on every point, one by one in the simulator."""
    setting = replace(SETTING, restarts=20)
    every = points(setting.d)
    for number, trial in enumerate(trials(TASKS[task], setting, 3)):
        hidden, given, validating = drawn(task, setting, number)
        rows = tuple((*(int(bit) + 1 for bit in every[place]), int(hidden[place]) + 1) for place in given)
        fitted = RestartClassifier(restarts=20, examples=2, steps=setting.steps, random_state=setting.seed)
        again = np.random.RandomState(setting.seed)
        order = np.argsort(again.permutation(42))
        prior = Tables(shape_of(2, ("bottom", "right")), int(again.randint(1 << 31)))
        fitted.fit(every[np.concatenate([given, validating])[order]], hidden[np.concatenate([given, validating])[order]])
        assert fitted.prior_name_ == prior.name
        for machine in range(20):
            table = replace(fitted.best_, number=machine).table(prior)
            grids = [Grid((*rows, (*(int(bit) + 1 for bit in point), BLANK))) for point in every]
            verdicts = [simulate(table, grid, setting.steps).verdict for grid in grids]
            right = {0: ("reject",), 1: ("accept", "stuck")}
            wrong = np.array([verdict not in right[int(label)] for verdict, label in zip(verdicts, hidden, strict=True)])
            assert trial.wrong[machine] == wrong.sum()
            assert trial.mistakes[machine] == wrong[validating].sum()
        assert trial.agrees
        assert trial.redrawn == 0
        assert trial.chosen == fitted.best_.number == trial.mistakes.argmin()
        assert trial.everywhere == trial.wrong.argmin()


def test_the_curve_is_that_of_fewer_restarts() -> None:
    """The first machines are the same, however many are drawn; so are the problems, however many there are."""
    whole = list(trials(TASKS["literals"], SETTING, 5))
    curve = summary("literals", SETTING, whole).curve
    assert [step.restarts for step in curve] == [1, 2, 4, 8, 16, 32, 64, 96]
    for step in curve:
        setting = replace(SETTING, restarts=step.restarts)
        assert summary("literals", setting, list(trials(TASKS["literals"], setting, 5, workers=1))).last == step
    again = list(trials(TASKS["literals"], SETTING, 2))
    assert all(np.array_equal(one.wrong, other.wrong) for one, other in zip(whole, again, strict=False))


def invented(mistakes: list[int], wrong: list[int], chosen: int, agrees: bool = True) -> Trial:
    return Trial(np.array(mistakes), np.array(wrong), chosen, int(np.argmin(wrong)), agrees, 0)


def test_summary() -> None:
    """Figures small enough to be told by hand: two problems of 4 points, three machines, 10 validation examples."""
    setting = Setting(d=2, examples=1, validation=10, restarts=3, delta=0.1)
    found = summary("any", setting, [invented([5, 2, 9], [2, 1, 4], 1), invented([6, 8, 0], [2, 3, 1], 2, agrees=False)])
    assert (found.single, found.single_error) == (0, 0.5)  # 4 and 4 and 5 of 8: the first of the best
    assert (found.worse, found.equal, found.better) == (3, 0, 0)
    assert (found.won, found.tied, found.lost) == (2, 0, 0)
    assert (found.agreeing, found.exact, found.violations) == (1, 2, 0)
    assert [step.restarts for step in found.curve] == [1, 2, 3]
    assert [step.validation for step in found.curve] == pytest.approx([11 / 20, 8 / 20, 2 / 20])
    assert [step.true for step in found.curve] == [4 / 8, 3 / 8, 2 / 8]
    assert [step.least for step in found.curve] == [4 / 8, 3 / 8, 2 / 8]
    assert found.last.bound == pytest.approx(2 * sqrt(log(2 * 3 / 0.1) / 20))
    assert found.deviation == pytest.approx(0.25)  # 0 of 10, but 1 of 4


def test_a_violation_is_counted() -> None:
    """Of 10 000 validation examples none is a mistake of a machine that is always wrong: nobody should believe that."""
    setting = Setting(d=2, examples=1, validation=10_000, restarts=2)
    found = summary("any", setting, [invented([1, 0], [0, 4], 1), invented([0, 1], [0, 4], 0)])
    assert found.last.violations == found.violations == 1
    assert found.last.largest == 1
    assert found.deviating == 2
    assert (found.worse, found.equal, found.better) == (1, 0, 1)
    assert (found.won, found.tied, found.lost) == (0, 1, 1)


def test_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plot = tmp_path / "restarts.png"
    assert main([*QUICK, "--task", "literals", "--task", "literals", "--task", "majorities", "--plot", str(plot)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "3 problems of 3 features a task; machines: 64, examples on the tape: 2, for validation: 30, δ = 0.05, seed 0\n"
    )
    assert "\nthe bound is violated 0 times: 6 problems, 7 numbers of restarts each\n" in out
    assert "\nthe choice is the first of the best, all machines counted: 6 of 6 problems\n" in out
    assert out.endswith("no machine is better than the choice if every point validates once: 6 of 6 problems\n")
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The validation examples are as many as make the bound what is said of it."""
    arguments = ["bench", "restarts", "--d", "3", "--restarts", "64", "--repeat", "2", "--json"]
    assert main([*arguments, "--task", "parities", "--task", "literals"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["task"] for one in found] == ["parities", "literals"]
    assert all(one["d"] == 3 and one["problems"] == one["agreeing"] == one["exact"] == 2 for one in found)
    assert all(0.19 < one["curve"][-1]["bound"] <= 0.2 for one in found)
    assert main([*arguments, "--task", "literals"]) == 0
    assert json.loads(capsys.readouterr().out) == found[1]


def test_examples_of_one_class_are_drawn_anew(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--task", "conjunctions", "--examples", "1", "--validation", "1", "--repeat", "8", "--restarts", "4"]
    assert main(["bench", "restarts", *arguments]) == 0
    assert "\nexamples that were drawn anew, being of one class: " in capsys.readouterr().out


def test_a_violated_bound_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "trials", lambda task, setting, repeat: [invented([1, 0], [0, 8], 1)] * repeat)
    arguments = ["--d", "3", "--restarts", "2", "--validation", "10000", "--repeat", "3", "--task", "literals"]
    assert main(["bench", "restarts", *arguments]) == 1
    assert "\nthe bound is violated 3 times: 3 problems, 2 numbers of restarts each\n" in capsys.readouterr().out


def test_a_wrong_choice_is_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Careless(RestartClassifier):
        """It keeps another machine than the best."""

        def _keep(self, prior, split, best, limit, spread) -> None:  # type: ignore[no-untyped-def]
            super()._keep(prior, split, replace(best, number=best.number ^ 1), limit, spread)

    monkeypatch.setattr(bench, "RestartClassifier", Careless)
    assert main([*QUICK, "--task", "literals"]) == 1
    assert "\nthe choice is the first of the best, all machines counted: 0 of 3 problems\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "constants"], "'constants' is not one of"),
        (["--d", "11"], "11 is not in the range"),
        (["--delta", "nan"], "nan is not in the range"),
        (["--plot", "missing/restarts.png"], "missing"),
    ],
)
def test_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "restarts", *arguments]) in (1, 2)
    assert message in capsys.readouterr().err
