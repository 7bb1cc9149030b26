"""``tmc import``: machines of other programs, in the language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.arguments import FileType, OutputType
from tmc.cli.machine_texts import STDIN, read_foreign
from tmc.diagnostics import Rejected
from tmc.files import write_atomically
from tmc.formats.registry import FORMATS, format_named, format_of
from tmc.source import Source

if TYPE_CHECKING:
    from tmc.formats.draft import Draft
    from tmc.formats.registry import Format

EPILOG = """\b
Examples:
  tmc import palindrome.yaml -o palindrome.tm
  tmc import adder.txt --from morphett --semi-infinite
  tmc import champions.txt --from bbchallenge --number 3"""


@click.command("import", epilog=EPILOG)
@click.argument("file", type=FileType(""))
@click.option("--from", "name", type=click.Choice([one.name for one in FORMATS]), help="The format.  [default: by its looks]")
@click.option("-o", "--output", metavar="FILE", type=OutputType(".tm"), help="Where to write the machine.  [default: stdout]")
@click.option("--name", "machine", metavar="NAME", help="What the machine is called.  [default: as the file]")
@click.option(
    "--semi-infinite", "wall", is_flag=True, help="morphett: the tape begins at the first cell, where a move to the left stays."
)
@click.option("--number", type=click.IntRange(1), help="bbchallenge: which machine of a file of many, counted from 1.")
def command(file: str, name: str | None, output: str | None, machine: str | None, wall: bool, number: int | None) -> None:
    """Write a machine of another program in the language.

    FILE is a machine of turingmachine.io, Morphett's simulator, bbchallenge.org, JFLAP, turingmachinesimulator.com or
    automata-lib; - is stdin. States, rules and comments stay in their order. What the language cannot write as it is - names with
    signs in them, a blank that is not `_` - gets another name, and a comment at the head says which. What cannot be imported is
    refused with its place.

    Where the other program has no rule, the machine is stuck; a state that halts there accepts, or rejects if its name says so.
    """
    from tmc.formats.draft_to_text import draft_to_text

    source = read_foreign(file)
    form = format_of(source) if name is None else format_named(name)
    draft = _draft(source, form, machine or _stem(file), wall, number)
    text = draft_to_text(draft).text
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
        click.echo(f"{output}: {draft.name}, {len(draft.states)} states, from {form.title}")


def _stem(file: str) -> str:
    stem = "machine" if file == STDIN else Path(file).stem
    return re.sub(r"\W+", "_", stem).strip("_") or "machine"


def _draft(source: Source, form: Format, machine: str, wall: bool, number: int | None) -> Draft:
    if wall and form.name != "morphett":
        raise click.UsageError(f"--semi-infinite is for morphett, and this is {form.name}.")
    if number is not None and form.name != "bbchallenge":
        raise click.UsageError(f"--number is for bbchallenge, and this is {form.name}.")
    if number is None:
        return form.read(source, machine, **({"wall": True} if wall else {}))
    from tmc.formats import bbchallenge

    found = list(bbchallenge.lines(source))
    if number > len(found):
        raise Rejected(f"{source.name}: it holds {len(found)} machines, and --number asks for machine {number}")
    return bbchallenge.one(source, *found[number - 1], f"{machine}_{number}")
