"""``tmc export``: machines for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tmc.cli.arguments import MACHINE
from tmc.cli.machine_texts import allowing_use, read_machine
from tmc.files import write_atomically
from tmc.formats.registry import FORMATS, format_named

if TYPE_CHECKING:
    from tmc.ir.table import Table

EPILOG = """\b
Examples:
  tmc export machines/busy_beaver_4.tm --to bbchallenge
  tmc export machines/increment.tm --to turingmachine.io -o increment.yaml"""


@click.command("export", epilog=EPILOG)
@click.argument("file", type=MACHINE)
@allowing_use
@click.option("--to", "name", required=True, type=click.Choice([one.name for one in FORMATS]), help="The format.")
@click.option("-o", "--output", metavar="FILE", help="Where to write it.  [default: stdout]")
def command(file: str, name: str, output: str | None) -> None:
    """Write a machine for another program.

    The text does, step for step, what the machine does; what the format cannot say is refused.
    """
    text = format_named(name).write(_table(file))
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
        click.echo(f"{output}: for {format_named(name).title}")


def _table(file: str) -> Table:
    from tmc.elaborate.syntax_to_table import syntax_to_table
    from tmc.syntax.program import read_program

    return syntax_to_table(read_program(read_machine(file)))[0]
