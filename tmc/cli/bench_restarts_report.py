"""``tmc bench restarts``: the result, as text and as plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tmc.bench.restarts import Setting
    from tmc.bench.restarts_summary import BestOfFirst, Summary
    from tmc.view.plots import Panel


def said(found: Sequence[Summary], setting: Setting) -> str:
    """What was measured."""
    return (
        f"{found[0].problems} problems of {setting.d} features a task; machines: {setting.restarts:,}, examples on the tape: "
        f"{setting.examples}, for validation: {setting.validation:,}, δ = {setting.delta:g}, seed {setting.seed}"
    )


def report(found: Sequence[Summary], setting: Setting) -> list[str]:
    """The result, as text."""
    problems, redrawn = sum(each.problems for each in found), sum(each.redrawn for each in found)
    drawn = [f"examples that were drawn anew, being of one class: {redrawn:,} times"] if redrawn else []
    beaten = sum(not each.equal and not each.better for each in found)
    as_good = sum(not each.better for each in found) - beaten
    agreeing, exact = sum(each.agreeing for each in found), sum(each.exact for each in found)
    violations, counts = sum(each.violations for each in found), len(found[0].curve)
    curves = (line for each in found for line in (*_curve(each), ""))
    return [
        *(said(found, setting), "", *_beside(found), "", *_bounds(found), "", *curves, *drawn),
        f"better than every single machine on {beaten} of {len(found)} tasks, as good as the best of them on {as_good}",
        f"the bound is violated {violations} times: {problems:,} problems, {counts} numbers of restarts each",
        f"the choice is the first of the best, all machines counted: {agreeing:,} of {problems:,} problems",
        f"no machine is better than the choice if every point validates once: {exact:,} of {problems:,} problems",
    ]


def _beside(found: Sequence[Summary]) -> list[str]:
    """True errors: the choices', the best single machine's, and of the best machine for each problem."""
    head = f"{'true error':14}{'restarts':>9}{'best single':>13}{'best of each':>14}"
    lines = (
        f"{each.task:14}{each.last.true:9.4f}{each.single_error:13.4f}{each.last.least:14.4f}"
        f"{each.worse:19,}{each.equal:7,}{each.better:8,}{each.won:17,}{each.tied:6,}{each.lost:6,}"
        for each in found
    )
    return [f"{head}   machines: worse, equal, better   problems: won, tied, lost", *lines]


def _bounds(found: Sequence[Summary]) -> list[str]:
    """How far the choice is from the best machine, and validation errors from true ones."""
    head = f"{'Corollary 2':14}{'mean gap':>9}{'largest':>9}{'bound':>8}{'of it':>7}"
    lines = (
        f"{each.task:14}{each.last.true - each.last.least:9.4f}{each.last.largest:9.4f}{each.last.bound:8.4f}"
        f"{each.last.largest / each.last.bound:7.1%}{each.deviation:31.4f}{each.last.deviation:9.4f}{each.deviating:8,}"
        for each in found
    )
    return [f"{head}   validation to true: largest, allowed, beyond", *lines]


def _curve(each: Summary) -> list[str]:
    """A column for every number of restarts."""
    rows: tuple[tuple[str, str, str], ...] = (
        ("restarts", "restarts", ",d"),
        ("validation error", "validation", ".4f"),
        ("true error", "true", ".4f"),
        ("best of them", "least", ".4f"),
        ("largest gap", "largest", ".4f"),
        ("bound", "bound", ".4f"),
    )
    return [
        each.task,
        *(
            f"  {said:16}" + "".join(f"{format(getattr(step, figure), form):>8}" for step in each.curve)
            for said, figure, form in rows
        ),
    ]


def panel(each: Summary) -> Panel:
    """The curve of a task."""
    from tmc.view.plots import Band, Curve, Panel

    def points(figure: str) -> tuple[tuple[float, float], ...]:
        return tuple((step.restarts, getattr(step, figure)) for step in each.curve)

    def around(step: BestOfFirst) -> tuple[float, float, float]:
        return step.restarts, max(0.0, step.validation - step.deviation), min(1.0, step.validation + step.deviation)

    counts = [step.restarts for step in each.curve]
    curves = (
        Curve("true error of the choice", points("true"), "first"),
        Curve("its validation error", points("validation"), "second"),
        Curve("true error of the best of them", points("least"), "fit"),
        Curve("that + the bound of Corollary 2", tuple((s.restarts, min(1.0, s.least + s.bound)) for s in each.curve), "other fit"),
        Curve("best single machine, all problems", ((counts[0], each.single_error), (counts[-1], each.single_error)), "bound"),
    )
    band = Band("validation error ± deviation", tuple(map(around, each.curve)))
    return Panel(each.task, "restarts", "error", curves, log="x", marks=tuple(counts[::2]), bands=(band,))
