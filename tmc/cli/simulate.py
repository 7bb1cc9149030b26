"""``tmc simulate``: run a machine's table."""

from __future__ import annotations

import click

from tmc.cli.arguments import MACHINE, Count
from tmc.cli.interrupts import held_back
from tmc.cli.machine_input import Input, with_input
from tmc.cli.machine_texts import allowing_use, read_machine
from tmc.cli.printing import print_json
from tmc.cli.simulate_trace import Job, coloured, show_trace
from tmc.diagnostics import render
from tmc.run.trace import texts_of

EPILOG = """\b
Examples:
  tmc simulate machines/increment.tm --data 1011 --trace
  tmc simulate machines/gauss.tm --input data.npz --trace --last 5
  tmc simulate machines/gauss.tm --input data.npz --query 3 --json
  tmc simulate machines/majority.tm --grid rows.txt
  tmc simulate machines/busy_beaver_5.tm --data '' --max-tape 1000"""


@click.command("simulate", epilog=EPILOG)
@click.argument("file", type=MACHINE)
@allowing_use
@with_input
@click.option(
    "--max-steps",
    type=Count(0),
    help="Take so many steps, or fewer if the run ends.  [default: the machine's own bound, else 10000000]",
)
@click.option("--max-tape", type=Count(1), help="Stop when the tapes hold more than so many cells between their outermost symbols.")
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
    max_tape: int | None,
    trace: bool,
    last: int | None,
    as_json: bool,
) -> int:
    """Run a machine's table, without a network.

    The answer, the number of steps and the final tapes go to stdout. A machine that rejects, is stuck or does not come to an end
    was simulated all the same: the exit status is 0. A run that repeats itself for ever is stopped when that is proved, unless
    --max-steps is given. An interrupt shows how far the run has come. The length of the tapes is looked at after each of the first
    500000 steps, then every 250000 steps.
    """
    if picture is not None and query:
        raise click.UsageError("--query goes with --input: a picture has one query, in its last row.")
    if last is not None and not trace:
        raise click.UsageError("--last goes with --trace: say which steps to show with both.")
    from tmc.elaborate.syntax_to_table import syntax_to_table
    from tmc.syntax.program import read_program

    program = read_program(read_machine(file))
    table, warnings = syntax_to_table(program)
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    job = Job(table, Input(text, archive, picture, query).tape(table), max_steps, max_tape)
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
