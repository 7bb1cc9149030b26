"""``tmc debug``: step through a run, forwards and back, and change it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tmc.cli.extras import check_debug
from tmc.cli.interrupts import held_back
from tmc.cli.machine_given import Given, given
from tmc.cli.machine_input import Input, with_input
from tmc.cli.machine_texts import STDIN, allowing_use, read_stdin
from tmc.diagnostics import Rejected
from tmc.files import as_source, read_text

if TYPE_CHECKING:
    from tmc.debug.commands import Commands

EPILOG = """\b
Examples:
  tmc debug machines/palindrome.tm --data abab
  tmc debug machines/gauss.tm --input data.npz --query 3
  tmc debug machines/increment.tm --data 1011 --commands script.txt
  echo 'run if head == -5' | tmc debug machines/busy_beaver_4.tm --data '' --commands -"""


@click.command("debug", epilog=EPILOG)
@click.argument("file")
@allowing_use
@with_input
@click.option("--commands", "script", metavar="FILE", help="Carry out the commands of a file, a line each; - is stdin.")
def command(file: str, text: str | None, archive: str | None, picture: str | None, query: int, script: str | None) -> int:
    """Step through a run, forwards and back, stop it where something happens, and change it.

    FILE is a machine (.tm) or a checkpoint (.safetensors). On a terminal there is a screen: the source with the current rule, the
    tapes, what comes next in words, watches, and the network beside it; ? shows the keys. With --commands nothing is drawn: each
    command is carried out and what it says is printed, up to the first that cannot be. `help` among them lists them all.
    """
    if script is None and not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise click.UsageError("the debugger needs a terminal; without one give it --commands FILE, where - is stdin.")
    if script == STDIN and file == STDIN:
        raise click.UsageError("machine and commands cannot both come from stdin.")
    if script is None:
        check_debug()
    subject = given(file, Input(text, archive, picture, query))
    if script is not None:
        return _scripted(subject, _lines(script), script)
    from tmc.debug.screen import show

    show(subject.table, subject.data, subject.texts, subject.file)
    return 0


def _lines(script: str) -> list[str]:
    source = as_source("<stdin>", read_stdin()) if script == STDIN else read_text(script)
    return source.text.splitlines()


def _scripted(subject: Given, lines: list[str], script: str) -> int:
    """Carry out commands, one after the other. The first that cannot be carried out ends it."""
    from tmc.debug.commands import Commands, Quit
    from tmc.debug.session import Session

    with held_back() as interrupt:
        commands = Commands(Session(subject.table, subject.data), subject.texts, lambda _: bool(interrupt))
        for number, line in enumerate(lines, 1):
            try:
                _carry_out(commands, line)
            except Rejected as rejected:
                raise Rejected(f"{script}:{number}: {rejected}") from None
            except Quit:
                break
            if interrupt:
                break
    return interrupt.status


def _carry_out(commands: Commands, line: str) -> None:
    """Print a command and what it says."""
    if not line.strip() or line.lstrip().startswith("#"):
        return
    click.echo(f"> {line.strip()}")
    for said in commands.do(line):
        click.echo(said)
