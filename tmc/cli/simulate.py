"""``tmc simulate``: run a machine as the table it is."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import click

from tmc.diagnostics import render
from tmc.files import read_text
from tmc.ir.table import Configuration, Table, Transition
from tmc.ir.tape import Grid, Line
from tmc.run.simulator import Promise, Run, configurations, simulate, step_limit
from tmc.run.tapes import line_of_text, marked_grid, marked_line, text_of_grid, text_of_line
from tmc.source import Source

EPILOG = """\b
Examples:
  tmc simulate machines/increment.tm --data 1011 --trace
  tmc simulate machines/gauss.tm --input data.npz --query 3 --json"""


@click.command("simulate", epilog=EPILOG)
@click.argument("file")
@click.option("--data", "text", metavar="TEXT", help="What stands on the data tape of a line machine; '' is the empty tape.")
@click.option("--input", "archive", metavar="FILE", help="The data set (.npz) for a grid machine.")
@click.option("--query", type=click.IntRange(0), default=0, show_default=True, help="Which query of the data set, counted from 0.")
@click.option(
    "--max-steps", type=click.IntRange(0), help="Stop after so many steps.  [default: the machine's own bound, else 10000000]"
)
@click.option("--trace", is_flag=True, help="Show every configuration and the rule taken from it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    file: str, text: str | None, archive: str | None, query: int, max_steps: int | None, trace: bool, as_json: bool
) -> None:
    """Run a machine as the table it is, without a network.

    The answer, the number of steps and the final tapes go to stdout. A machine that rejects, is stuck or does not come to an end
    was simulated all the same: the exit status is 0.
    """
    if trace and as_json:
        raise click.UsageError("--trace and --json exclude each other.")
    from tmc.pipeline import read_machine

    source = read_text(file)
    table, warnings = read_machine(source)
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    data = _data(table, text, archive, query)
    if trace:
        _print_trace(source, table, data, max_steps)
    run = simulate(table, data, max_steps)
    click.echo(json.dumps(_as_json(table, run), ensure_ascii=False) if as_json else _as_text(table, run))
    for what, promise in (("steps", run.steps_promise), ("work", run.work_promise)):
        if promise is not None and not promise.kept:
            click.echo(_broken(table, run, what, promise), err=True)


def _data(table: Table, text: str | None, archive: str | None, query: int) -> Grid | Line:
    """The first content of the data tape, from the option that fits the machine."""
    if table.is_grid and (archive is None or text is not None):
        raise click.UsageError(f"the machine {table.name} reads a grid of examples: give it --input, not --data.")
    if table.is_grid:
        from tmc.learn import datasets

        return datasets.grid(table, datasets.load(str(archive)), query)
    if text is None or archive is not None:
        raise click.UsageError(f"the machine {table.name} reads a line: give it --data, not --input.")
    return line_of_text(table.data, text)


def _print_trace(source: Source, table: Table, data: Grid | Line, max_steps: int | None) -> None:
    limit = step_limit(table, data) if max_steps is None else max_steps
    for step, (configuration, transition) in enumerate(islice(configurations(table, data), limit + 1)):
        click.echo(_traced(source, table, step, configuration, transition) + "\n")


def _traced(source: Source, table: Table, step: int, configuration: Configuration, transition: Transition | None) -> str:
    row, column = configuration.head
    place = f"row {row}, column {column}" if table.is_grid else f"position {column}"
    data = configuration.data
    marked = marked_grid(table.data, data, (row, column)) if isinstance(data, Grid) else (marked_line(table.data, data, column),)
    work = (marked_line(table.work, configuration.work, configuration.work_head),) if table.work else ()
    rows = [f"step {step}: {table.target_name(configuration.state)}, {place}"]
    rows += [f"  {line}" for line in _named(table, marked, work)]
    if transition is not None:
        rows.append(f"  {_rule(source, transition)}")
    return "\n".join(rows)


def _named(table: Table, *tapes: tuple[str, ...]) -> list[str]:
    """The lines of the tapes with the tape's name before the first of each."""
    width = max(len(tape.name) for tape in table.tapes)
    named = [
        (tape.name if i == 0 else "", line) for tape, lines in zip(table.tapes, tapes, strict=False) for i, line in enumerate(lines)
    ]
    return [f"{name:{width}}  {line}".rstrip() for name, line in named]


def _rule(source: Source, transition: Transition) -> str:
    """The source line of a rule."""
    lines = source.text.split("\n")
    from_elsewhere = any(line.startswith("use") for line in lines)  # then a line number may be another file's
    if from_elsewhere or not 0 < transition.line <= len(lines):
        return f"line {transition.line}"
    return f"{source.name}:{transition.line}: {' '.join(source.line(transition.line).split())}"


def _as_text(table: Table, run: Run) -> str:
    """The result for people."""
    rows = [f"{run.verdict} after {run.steps} step{'' if run.steps == 1 else 's'}{_remark(table, run)}"]
    data, work = _tapes(table, run)
    return "\n".join(rows + _named(table, (data,) if isinstance(data, str) else data, (work,)))


def _remark(table: Table, run: Run) -> str:
    if run.verdict == "stuck":
        return f" in state {table.target_name(run.configuration.state)}, where no rule applies: undecided"
    if run.verdict == "timeout":
        return f" in state {table.target_name(run.configuration.state)}, still running: undecided"
    return ""


def _tapes(table: Table, run: Run) -> tuple[str | tuple[str, ...], str]:
    """The final tapes as text, a grid row by row."""
    data = run.configuration.data
    work = text_of_line(table.work, run.configuration.work) if table.work else ""
    return (text_of_grid(table.data, data) if isinstance(data, Grid) else text_of_line(table.data, data)), work


def _as_json(table: Table, run: Run) -> dict[str, Any]:
    """The result for programs."""
    configuration = run.configuration
    data, work = _tapes(table, run)
    return {
        "machine": table.name,
        "verdict": run.verdict,
        "steps": run.steps,
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
