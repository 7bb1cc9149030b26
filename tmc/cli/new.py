"""``tmc new``: write a small machine to begin with."""

from __future__ import annotations

import re
from os.path import lexists
from pathlib import Path
from shlex import quote

import click

from tmc.cli.arguments import OutputType
from tmc.diagnostics import Rejected
from tmc.files import write_atomically

EPILOG = """\b
Examples:
  tmc new flip
  tmc new vote --learner -o machines/vote.tm"""

TEMPLATES = Path(__file__).parent / "templates"
NEXT = {
    "line": ("tmc test {file}", "tmc simulate {file} --data 1011 --trace"),
    "learner": ("tmc test {file}", "tmc compile {file} -o {name}.safetensors"),
}


def _name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if re.fullmatch(r"[^\W\d]\w*", value):
        return value
    why = "is not a name: that has letters, digits and `_` only. (-o says where to write.)"
    if re.fullmatch(r"\w+", value):
        why = "begins with a digit, a name does not."
    raise click.BadParameter(f"`{value}` {why}", ctx, param)


@click.command("new", epilog=EPILOG)
@click.argument("name", callback=_name)
@click.option("--line", "kind", flag_value="line", default="line", help="A machine on a line.  [default]")
@click.option("--learner", "kind", flag_value="learner", help="A machine that learns from examples and answers a query.")
@click.option(
    "-o", "--output", metavar="FILE", type=OutputType(".tm"), help="Where to write it; never over another file.  [default: NAME.tm]"
)
def command(name: str, kind: str, output: str | None) -> None:
    """Write a small machine to begin with: complete, with tests that pass, and with comments that teach.

    NAME is what the machine is called.
    """
    file = output if output is not None else f"{name}.tm"
    if file and lexists(file):
        raise Rejected(f"{file} exists already, and is left as it is; choose another name, or another file with -o")
    template = (TEMPLATES / f"{kind}.tm").read_text(encoding="utf-8")
    write_atomically(file, template.replace("NAME", name, 1).encode())
    click.echo(f"{file} is there, ready to be changed. Next:")
    for suggestion in NEXT[kind]:
        click.echo(f"  {suggestion.format(file=quote(file), name=name)}")
