"""``tmc bench restarts``: random restarts beside every single machine that they choose among, and Corollary 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.arguments import Count, OutputType, Share
from tmc.cli.bars import bar
from tmc.cli.bench_restarts_report import panel, report, said
from tmc.cli.extras import check_learn, check_plot
from tmc.cli.printing import print_json
from tmc.files import write_atomically

if TYPE_CHECKING:
    from tmc.bench.restarts import Setting
    from tmc.bench.restarts_summary import Summary

EPILOG = """\b
Examples:
  tmc bench restarts --task literals --repeat 20
  tmc bench restarts --plot restarts.png --json > restarts.json"""
FAMILIES = ("dictators", "literals", "conjunctions", "disjunctions", "majorities", "parities")
BOUND = 0.2  # for which there are validation examples, if nothing else is said


@click.command("restarts", epilog=EPILOG)
@click.option(
    "--task", "tasks", type=click.Choice(FAMILIES), multiple=True, help="What is learnt; may be repeated.  [default: all of them]"
)
@click.option("--d", type=click.IntRange(1, 10), default=6, show_default=True, help="Features.")
@click.option("--examples", type=Count(1, 100), default=2, show_default=True, help="Examples on the machines' tape.")
@click.option("--validation", type=Count(1, 1 << 20), help=f"Validation examples.  [default: with which the bound is {BOUND}]")
@click.option("--restarts", "count", type=Count(1, 1 << 16), default=1 << 12, show_default=True, help="Machines.")
@click.option("--repeat", type=Count(1), default=200, show_default=True, help="Problems of each task.")
@click.option(
    "--delta",
    type=Share(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="With which probability the bound may fail.",
)
@click.option(
    "--seed", type=click.IntRange(0, (1 << 32) - 1), default=0, show_default=True, help="The same seed gives the same figures."
)
@click.option("--plot", metavar="FILE", type=OutputType(".png"), help="Also draw the curves (.png).")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line for every task, as soon as it is measured.")
def restarts(
    tasks: tuple[str, ...],
    d: int,
    examples: int,
    validation: int | None,
    count: int,
    repeat: int,
    delta: float,
    seed: int,
    plot: str | None,
    as_json: bool,
) -> int:
    """Random restarts beside every single machine that they choose among.

    For every problem - a function drawn from the task, uniform examples of it - RestartClassifier draws the same small machines and
    keeps the one that does best on validation examples. Every machine is then asked about all 2^d points, so all true errors are
    exact: that of the chosen machines, of every single machine for all problems, and of the best machine for each problem. The gap
    to the latter stands beside the bound of Corollary 2. docs/learning.md says more.

    The exit status is 1 when a gap is larger than its bound, or a choice is not the best that is counted.
    """
    check_learn()
    if plot is not None:
        check_plot(plot)
    from tmc.bench.restarts import Setting
    from tmc.learn.search.guarantees import validation_size

    setting = Setting(d, examples, validation or validation_size(count, BOUND, delta), count, delta, seed)
    found = _measured(tuple(dict.fromkeys(tasks)) or FAMILIES, setting, repeat, as_json)
    if not as_json:
        click.echo("\n".join(report(found, setting)))
    if plot is not None:
        from tmc.view.plots import draw

        write_atomically(Path(plot), draw("Random restarts", [panel(each) for each in found], said(found, setting)))
        click.echo(f"wrote {plot}", err=True)
    return 0 if all(each.agreeing == each.exact == each.problems and not each.violations for each in found) else 1


def _measured(tasks: Sequence[str], setting: Setting, repeat: int, as_json: bool) -> list[Summary]:
    from tmc.bench.restarts import trials
    from tmc.bench.restarts_summary import summary
    from tmc.learn.data.tasks import TASKS

    found = []
    with bar(total=len(tasks) * repeat, unit="problem") as shown:
        for task in tasks:
            shown.set_description(task)
            measured = []
            for trial in trials(TASKS[task], setting, repeat):
                measured.append(trial)
                shown.update()
            found.append(summary(task, setting, measured))
            if as_json:
                print_json(asdict(setting) | asdict(found[-1]))
    return found
