"""``tmc export``: machines, and what learners have learnt, for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from tmc.circuits.registry import NAMES as CIRCUITS
from tmc.cli.arguments import ENDINGS, MACHINE, FileType
from tmc.cli.machine_texts import allowing_use
from tmc.cli.tables import table_of_file
from tmc.files import write_atomically
from tmc.formats.registry import FORMATS, format_named

EPILOG = """\b
Examples:
  tmc export machines/busy_beaver_4.tm --to bbchallenge
  tmc export machines/increment.tm --to turingmachine.io -o increment.yaml
  tmc export machines/gauss.tm --to aiger --input data.npz -o parity.aig
  tmc export trained.safetensors --to blif --what network -o network.blif"""


@click.command("export", epilog=EPILOG)
@click.argument("file", type=MACHINE)
@allowing_use
@click.option("--to", "name", required=True, type=click.Choice([*(one.name for one in FORMATS), *CIRCUITS]), help="The format.")
@click.option("--input", "archive", metavar="FILE", help="For a circuit or a function: the examples that are learnt (.npz).")
@click.option(
    "--what",
    type=click.Choice(["classifier", "run", "network"]),
    help="Of a circuit: what was learnt, learning and answering, or the network by its weights.  [default: classifier]",
)
@click.option("--simplify", is_flag=True, help="Of a circuit: make it smaller with ABC, which must be installed.")
@click.option("-o", "--output", metavar="FILE", type=FileType(""), help="Where to write it.  [default: stdout]")
def command(file: str, name: str, archive: str | None, what: str | None, simplify: bool, output: str | None) -> None:
    """Write a machine for another program.

    FILE is a machine (.tm) or a checkpoint, whose machine is meant. The text does, step for step, what the machine does; what the
    format cannot say is refused. A circuit or a function (aiger, blif, c, python, onnx) is what a learner has made of its examples:
    it labels queries.
    """
    if name in CIRCUITS:
        _write_circuit(file, name, archive, what or "classifier", simplify, output)
        return
    if archive is not None or what is not None or simplify:
        raise click.UsageError(f"--input, --what and --simplify are for {', '.join(CIRCUITS)}, not for {name}.")
    form = format_named(name)
    if output is not None:
        _fits(output, form.ending)
    text = form.write(table_of_file(file))
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
        click.echo(f"{output}: for {form.title}")


def _write_circuit(file: str, name: str, archive: str | None, what: str, simplify: bool, output: str | None) -> None:
    from tmc.circuits.registry import format_named
    from tmc.cli.export_circuit import circuit

    form = format_named(name, output)
    if output is not None:
        _fits(output, form.ending)
    elif not form.is_text:
        raise click.UsageError(f"{name} is no text; say with -o where to write it.")
    written, about = circuit(file, archive, what, form, simplify)
    if output is None:
        click.echo(written.decode(), nl=False)
    else:
        write_atomically(output, written)
        click.echo(f"{output}: {about}")


def _fits(output: str, own: str) -> None:
    """A usage error if the name of the file promises another format."""
    ending = Path(output).suffix.lower()
    others = ENDINGS | {".jff", ".json", ".yaml", ".yml"}
    if ending in others and ending not in (own, ".txt") and (own, ending) != (".yaml", ".yml"):
        raise click.UsageError(f"{output} ends in {ending}, and what is written is {own}; name it so.")
