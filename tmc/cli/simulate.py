"""``tmc simulate``: run a machine as the table it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any

import click

from tmc.cli.arguments import MACHINE, Count
from tmc.cli.printing import print_json
from tmc.diagnostics import render
from tmc.files import read_text
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.run.loops import Loop, simulate_to_the_end
from tmc.run.simulator import Promise, Run, simulate, step_limit
from tmc.run.tapes import line_of_text, marked_grid, text_of_grid, text_of_line
from tmc.run.trace import (
    Step,
    Texts,
    Window,
    all_steps,
    data_line,
    in_window,
    last_steps,
    rule_text,
    texts_of,
    windows,
    work_line,
)

CHUNK = 1000  # configurations of a trace that are aligned with each other: a run without end must be shown as it goes

EPILOG = """\b
Examples:
  tmc simulate machines/increment.tm --data 1011 --trace
  tmc simulate machines/gauss.tm --input data.npz --trace --last 5
  tmc simulate machines/gauss.tm --input data.npz --query 3 --json"""


@click.command("simulate", epilog=EPILOG)
@click.argument("file", type=MACHINE)
@click.option("--data", "text", metavar="TEXT", help="What stands on the data tape of a line machine; '' is the empty tape.")
@click.option("--input", "archive", metavar="FILE", help="The data set (.npz) for a learner.")
@click.option("--query", type=click.IntRange(0), default=0, show_default=True, help="Which query of the data set, counted from 0.")
@click.option("--max-steps", type=Count(0), help="Stop after so many steps.  [default: the machine's own bound, else 10000000]")
@click.option("--trace", is_flag=True, help="Show every configuration and the rule taken from it.")
@click.option("--last", type=Count(1), metavar="N", help="With --trace: show only the last N configurations.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    file: str,
    text: str | None,
    archive: str | None,
    query: int,
    max_steps: int | None,
    trace: bool,
    last: int | None,
    as_json: bool,
) -> None:
    """Run a machine as the table it is, without a network.

    The answer, the number of steps and the final tapes go to stdout. A machine that rejects, is stuck or does not come to an end
    was simulated all the same: the exit status is 0.
    """
    if trace and as_json:
        raise click.UsageError("--trace and --json exclude each other.")
    if last is not None and not trace:
        raise click.UsageError("--last goes with --trace: say which steps to show with both.")
    from tmc.lower.syntax_to_table import syntax_to_table
    from tmc.syntax.program import read_program

    program = read_program(read_text(file))
    table, warnings = syntax_to_table(program)
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    data = _data(table, text, archive, query)
    run, loop = _run(table, data, max_steps)
    if trace:
        steps = islice(all_steps(table, data), run.steps + 1) if last is None else last_steps(table, data, run.steps, last)
        _print_trace(table, texts_of((used.name, used.source) for used in program.files), steps)
    if as_json:
        print_json(_as_json(table, run, loop))
    else:
        click.echo(_as_text(table, run, loop))
    for what, promise in (("steps", run.steps_promise), ("work", run.work_promise)):
        if promise is not None and not promise.kept:
            click.echo(_broken(table, run, what, promise), err=True)


def _data(table: Table, text: str | None, archive: str | None, query: int) -> Grid | Line:
    """The first content of the data tape, from the option that fits the machine."""
    if table.is_grid and (archive is None or text is not None):
        wrong = ", not --data" if text is not None else " FILE; `tmc data` makes data sets"
        raise click.UsageError(f"the machine {table.name} learns from examples: give it --input{wrong}.")
    if table.is_grid:
        from tmc.learn import datasets

        return datasets.grid(table, datasets.load(str(archive)), query)
    if text is None or archive is not None:
        wrong = ", not --input" if archive is not None else " TEXT, or --data '' for an empty tape"
        raise click.UsageError(f"the machine {table.name} reads a line: give it --data{wrong}.")
    return line_of_text(table.data, text)


def _run(table: Table, data: Grid | Line, max_steps: int | None) -> tuple[Run, Loop | None]:
    """The run, and why it never ends if that is known; on a terminal, with a progress bar when it takes long."""
    from tqdm import tqdm

    hidden = sys.stderr is None or not sys.stderr.isatty()
    limit = step_limit(table, data) if max_steps is None else max_steps
    with tqdm(total=limit, desc="simulating", unit="step", leave=False, delay=1, disable=hidden) as bar:

        def watch(steps: int) -> None:
            bar.update(steps - bar.n)

        if max_steps is not None:
            return simulate(table, data, max_steps, watch), None
        return simulate_to_the_end(table, data, limit, watch)


def _print_trace(table: Table, texts: Texts, steps: Iterator[Step]) -> None:
    """All steps, each with its tapes, aligned with those before. (Not all are made at once: there may be millions.)"""
    shown: tuple[Window, ...] = ()
    while chunk := tuple(islice(steps, CHUNK)):
        now = windows(chunk)
        shown = tuple(one.to(other) for one, other in zip(now, shown or now, strict=True))
        for step in chunk:
            click.echo(_traced(table, texts, step, *shown) + "\n")


def _traced(table: Table, texts: Texts, step: Step, data: Window, work: Window) -> str:
    configuration = step.configuration
    row, column = configuration.head
    place = f"row {row}, column {column}" if table.is_grid else f"position {column}"
    marked = (
        marked_grid(table.data, configuration.data, (row, column))
        if isinstance(configuration.data, Grid)
        else (in_window(table.data, *data_line(configuration), data),)
    )
    second = (in_window(table.work, *work_line(configuration), work),) if table.work else ()
    rows = [f"step {step.number}: {table.target_name(configuration.state)}, {place}"]
    rows += [f"  {line}" for line in _named(table, marked, second)]
    rows += [f"  {rule_text(texts, step.transition)}"] if step.transition is not None else []
    return "\n".join(rows)


def _named(table: Table, *tapes: tuple[str, ...]) -> list[str]:
    """The lines of the tapes with the tape's name before the first of each."""
    width = max(len(tape.name) for tape in table.tapes)
    named = [
        (tape.name if i == 0 else "", line) for tape, lines in zip(table.tapes, tapes, strict=False) for i, line in enumerate(lines)
    ]
    return [f"{name:{width}}  {line}".rstrip() for name, line in named]


def _as_text(table: Table, run: Run, loop: Loop | None) -> str:
    """The result for people."""
    rows = [f"{run.verdict} after {run.steps} step{'' if run.steps == 1 else 's'}{_remark(table, run, loop)}"]
    data, work = _tapes(table, run)
    return "\n".join(rows + _named(table, (data,) if isinstance(data, str) else data, (work,)))


def _remark(table: Table, run: Run, loop: Loop | None) -> str:
    if run.verdict == "stuck":
        return f" in state {table.target_name(run.configuration.state)}, where no rule applies: undecided"
    if run.verdict == "timeout":
        doing = "still running" if loop is None else f"doing {loop.words(table)}"
        return f" in state {table.target_name(run.configuration.state)}, {doing}: undecided"
    return ""


def _tapes(table: Table, run: Run) -> tuple[str | tuple[str, ...], str]:
    """The final tapes as text, a grid row by row."""
    data = run.configuration.data
    work = text_of_line(table.work, run.configuration.work) if table.work else ""
    return (text_of_grid(table.data, data) if isinstance(data, Grid) else text_of_line(table.data, data)), work


def _as_json(table: Table, run: Run, loop: Loop | None) -> dict[str, Any]:
    """The result for programs."""
    configuration = run.configuration
    data, work = _tapes(table, run)
    return {
        "machine": table.name,
        "verdict": run.verdict,
        "steps": run.steps,
        "loop": None if loop is None else asdict(loop),
        "state": table.target_name(configuration.state),
        "head": list(configuration.head) if table.is_grid else configuration.head[1],
        "data": data,
        "work": work,
        "work_head": configuration.work_head,
        "work_cells": run.work_cells,
        "bounds": {"steps": _promised(run.steps_promise), "work": _promised(run.work_promise)},
    }


def _promised(promise: Promise | None) -> dict[str, Any] | None:
    if promise is None:
        return None
    return {"bound": str(promise.bound), "limit": promise.limit, "used": promise.used, "kept": promise.kept}


def _broken(table: Table, run: Run, what: str, promise: Promise) -> str:
    unit = {"steps": "steps", "work": "cells of the work tape"}[what]
    more = "more than " if what == "steps" and run.verdict == "timeout" else ""
    return (
        f"warning: {table.name} breaks its promise: it took {more}{promise.used} {unit}, "
        f"and its bound {what} {promise.bound} allows {promise.limit} here"
    )
