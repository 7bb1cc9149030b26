"""``tmc simulate``: run a machine as the table it is."""

from __future__ import annotations

import click

from tmc.cli.arguments import MACHINE, Count
from tmc.cli.interrupts import held_back
from tmc.cli.machine_texts import allowing_use, read_machine
from tmc.cli.printing import print_json
from tmc.cli.simulate_trace import Job, coloured, show_trace
from tmc.diagnostics import render
from tmc.files import read_text
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.run.tapes import grid_of_text, line_of_text
from tmc.run.trace import texts_of

EPILOG = """\b
Examples:
  tmc simulate machines/increment.tm --data 1011 --trace
  tmc simulate machines/gauss.tm --input data.npz --trace --last 5
  tmc simulate machines/gauss.tm --input data.npz --query 3 --json
  tmc simulate machines/majority.tm --grid rows.txt"""


@click.command("simulate", epilog=EPILOG)
@click.argument("file", type=MACHINE)
@allowing_use
@click.option("--data", "text", metavar="TEXT", help="The data tape of a line machine, written as in a test; '' is the empty tape.")
@click.option("--input", "archive", metavar="FILE", help="The data set (.npz) for a learner.")
@click.option("--grid", "picture", metavar="FILE", help="A grid as a text, a row on each line, instead of a data set.")
@click.option("--query", type=click.IntRange(0), default=0, show_default=True, help="Which query of the data set, counted from 0.")
@click.option("--max-steps", type=Count(0), help="Take exactly so many steps.  [default: the machine's own bound, else 10000000]")
@click.option("--trace", is_flag=True, help="Show every configuration and the rule taken from it.")
@click.option("--last", type=Count(1), metavar="N", help="With --trace: show only the last N configurations.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; with --trace, before it one a line for each step.")
def command(
    file: str,
    text: str | None,
    archive: str | None,
    picture: str | None,
    query: int,
    max_steps: int | None,
    trace: bool,
    last: int | None,
    as_json: bool,
) -> int:
    """Run a machine as the table it is, without a network.

    The answer, the number of steps and the final tapes go to stdout. A machine that rejects, is stuck or does not come to an end
    was simulated all the same: the exit status is 0. A run that repeats itself for ever is stopped when that is proved, unless
    --max-steps is given. An interrupt shows how far the run has come.
    """
    if last is not None and not trace:
        raise click.UsageError("--last goes with --trace: say which steps to show with both.")
    from tmc.elaborate.syntax_to_table import syntax_to_table
    from tmc.syntax.program import read_program

    program = read_program(read_machine(file))
    table, warnings = syntax_to_table(program)
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    data = _data(table, text, archive, query) if picture is None else _grid(table, picture, text, archive)
    job = Job(table, data, max_steps)
    texts = texts_of((used.name, used.source) for used in program.files)
    with held_back() as interrupt:
        result = show_trace(job, texts, last, as_json, interrupt) if trace else job.result(interrupt)
    if as_json:
        print_json(result.document())
    else:
        click.echo(coloured(result))
    for sentence in result.broken:
        click.echo(f"warning: {sentence}", err=True)
    return interrupt.status


def _grid(table: Table, picture: str, text: str | None, archive: str | None) -> Grid:
    """The first content of a grid, from a picture."""
    if text is not None or archive is not None:
        raise click.UsageError(f"--grid and {'--data' if text is not None else '--input'} exclude each other.")
    if not table.is_grid:
        raise click.UsageError(f"the machine {table.name} reads a line: give it --data, not --grid.")
    return grid_of_text(table.data, picture, read_text(picture).text)


def _data(table: Table, text: str | None, archive: str | None, query: int) -> Grid | Line:
    """The first content of the data tape, from the option that fits the machine."""
    if table.is_grid and (archive is None or text is not None):
        wrong = ", not --data" if text is not None else " FILE, which `tmc data` makes, or --grid FILE, a picture"
        raise click.UsageError(f"the machine {table.name} learns from examples: give it --input{wrong}.")
    if table.is_grid:
        from tmc.learn.data import datasets

        return datasets.grid(table, datasets.load(str(archive)), query)
    if text is None or archive is not None:
        wrong = ", not --input" if archive is not None else " TEXT, or --data '' for an empty tape"
        raise click.UsageError(f"the machine {table.name} reads a line: give it --data{wrong}.")
    return line_of_text(table.data, text)
