"""``tmc bench``: the compiled network beside other learners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import click

from tmc.cli.arguments import Count, OutputType, Share
from tmc.cli.bars import bar
from tmc.cli.bench_real import cancer, digits
from tmc.cli.bench_restarts import restarts
from tmc.cli.bench_weights import weights
from tmc.cli.extras import check_learn, check_plot
from tmc.cli.printing import print_json
from tmc.files import read_text, shipped, write_atomically

if TYPE_CHECKING:
    from tmc.bench.parity import Point
    from tmc.view.plots import Panel

EPILOG = """\b
Examples:
  tmc bench parity --d 8 --repeat 1 --queries 50
  tmc bench parity --plot parity.png --json > parity.json"""
STYLES = ("first", "second", "third", "fourth", "fifth", "sixth")


@click.group("bench", epilog=EPILOG)
def command() -> None:
    """Measure the compiled network beside other learners."""


command.add_command(digits)
command.add_command(cancer)
command.add_command(restarts)
command.add_command(weights)


@command.command("parity", epilog=EPILOG)
@click.option("--d", "ds", type=click.IntRange(1, 64), multiple=True, help="Features; may be repeated.  [default: 8, 16 and 32]")
@click.option("--queries", type=Count(1), default=100, show_default=True, help="Queries of each problem.")
@click.option("--repeat", type=Count(1), default=3, show_default=True, help="Problems of each size.")
@click.option("--noise", type=Share(0, 0.5), default=0.0, help="Fraction of the examples' labels to flip.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same problems.")
@click.option("--plot", metavar="FILE", type=OutputType(".png"), help="Also draw the figure (.png).")
@click.option("--json", "as_json", is_flag=True, help="Print every point as one JSON object a line, as soon as it is measured.")
def parity(ds: tuple[int, ...], queries: int, repeat: int, noise: float, seed: int, plot: str | None, as_json: bool) -> int:
    """Accuracy on a parity against the number of examples.

    The network that Gaussian elimination is compiled into, trained by Algorithm 1, beside plain Gaussian elimination, an MLP and a
    small transformer trained by gradient descent, logistic regression and a random forest. How these are tuned is said in
    docs/learning.md.

    The exit status is 1 when the network ever answers otherwise than Gaussian elimination.
    """
    check_learn()
    if plot is not None:
        check_plot(plot)
    ds = ds or (8, 16, 32)
    points = _measured(ds, queries, repeat, noise, seed, as_json)
    if not as_json:
        click.echo("\n".join(_table(points, ds)))
    if plot is not None:
        from tmc.view.plots import draw

        count = f"mean of {repeat} problems, {queries} queries each" if repeat > 1 else f"one problem with {queries} queries"
        said = f"{count} for each number of examples; labels flipped: {noise:g}; seed {seed}"
        write_atomically(Path(plot), draw("Learning a parity", _panels(points, ds), said))
        click.echo(f"wrote {plot}", err=True)
    return 0 if _agree(points) else 1


def _measured(ds: Sequence[int], queries: int, repeat: int, noise: float, seed: int, as_json: bool) -> list[Point]:
    from tmc.bench.parity import NETWORK, OTHERS, measure, sizes
    from tmc.pipeline import compile_machine

    stages = compile_machine(read_text(str(shipped("machines") / "gauss.tm")))
    total = sum(len(sizes(d)) for d in ds) * repeat * (len(OTHERS) + 2)
    points = []
    with bar(total=total, unit="point") as shown:

        def before(learner: str, d: int, m: int) -> None:
            shown.set_description(f"d {d}, m {m}, {'RCNN' if learner == NETWORK else learner}")

        for point in measure(stages, ds, queries, repeat, noise=noise, seed=seed, before=before):
            points.append(point)
            shown.update()
            if as_json:
                print_json(asdict(point))
    return points


def _learners(points: Sequence[Point]) -> list[str]:
    return list(dict.fromkeys(point.learner for point in points))


def _curve(points: Sequence[Point], learner: str, d: int) -> tuple[tuple[float, float], ...]:
    """The mean accuracy by the number of examples."""
    mine = [point for point in points if point.learner == learner and point.d == d]
    return tuple((m, mean(point.accuracy for point in mine if point.m == m)) for m in dict.fromkeys(point.m for point in mine))


def _agree(points: Sequence[Point]) -> bool:
    from tmc.bench.parity import NETWORK

    return all(point.agrees == point.queries for point in points if point.learner == NETWORK)


def _table(points: Sequence[Point], ds: Sequence[int]) -> list[str]:
    """The result, as text."""
    from tmc.bench.parity import NETWORK

    lines = []
    width = max(map(len, _learners(points)))
    for d in ds:
        curves = {learner: _curve(points, learner, d) for learner in _learners(points)}
        ms = [int(m) for m, _ in next(iter(curves.values()))]
        lines += [f"d = {d}", f"  {'examples':{width}}  " + "  ".join(f"{m:5}" for m in ms) + "  seconds: learning, answering"]
        for learner, curve in curves.items():
            mine = [point for point in points if point.learner == learner and point.d == d]
            taken = f"{mean(point.learning for point in mine):9.2f}, {mean(point.answering for point in mine):.2f}"
            lines.append(f"  {learner:{width}}  " + "  ".join(f"{accuracy:5.3f}" for _, accuracy in curve) + f"  {taken}")
        lines.append("")
    network = [point for point in points if point.learner == NETWORK]
    agreed, asked = sum(point.agrees for point in network), sum(point.queries for point in network)
    return [*lines, f"the network answers as Gaussian elimination does: {agreed:,} of {asked:,} queries"]


def _panels(points: Sequence[Point], ds: Sequence[int]) -> list[Panel]:
    from tmc.view.plots import Curve, Panel

    panels = []
    for d in ds:
        curves = [
            Curve(learner, _curve(points, learner, d), style) for learner, style in zip(_learners(points), STYLES, strict=False)
        ]
        ms = [m for m, _ in curves[0].points]
        chance = Curve("chance", ((min(ms), 0.5), (max(ms), 0.5)), "bound")
        panels.append(
            Panel(f"d = {d} features", "examples", "accuracy on new queries", (*curves, chance), log="x", marks=tuple(ms[::2]))
        )
    return panels
