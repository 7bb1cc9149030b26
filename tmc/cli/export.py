"""``tmc export``: machines for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from tmc.cli.arguments import ENDINGS, MACHINE, FileType
from tmc.cli.machine_texts import allowing_use
from tmc.cli.tables import table_of_file
from tmc.files import write_atomically
from tmc.formats.registry import FORMATS, format_named

EPILOG = """\b
Examples:
  tmc export machines/busy_beaver_4.tm --to bbchallenge
  tmc export machines/increment.tm --to turingmachine.io -o increment.yaml"""


@click.command("export", epilog=EPILOG)
@click.argument("file", type=MACHINE)
@allowing_use
@click.option("--to", "name", required=True, type=click.Choice([one.name for one in FORMATS]), help="The format.")
@click.option("-o", "--output", metavar="FILE", type=FileType(""), help="Where to write it.  [default: stdout]")
def command(file: str, name: str, output: str | None) -> None:
    """Write a machine for another program.

    FILE is a machine (.tm) or a checkpoint, whose machine is meant. The text does, step for step, what the machine does; what the
    format cannot say is refused.
    """
    form = format_named(name)
    if output is not None:
        _fits(output, form.ending)
    text = form.write(table_of_file(file))
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
        click.echo(f"{output}: for {form.title}")


def _fits(output: str, own: str) -> None:
    """A usage error if the name of the file promises another format."""
    ending = Path(output).suffix.lower()
    others = ENDINGS | {".jff", ".json", ".yaml", ".yml"}
    if ending in others and ending not in (own, ".txt") and (own, ending) != (".yaml", ".yml"):
        raise click.UsageError(f"{output} ends in {ending}, and what is written is {own}; name it so.")
