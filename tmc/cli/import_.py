"""``tmc import``: machines of other programs, in the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
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
  tmc import copy.jff --fold --tape 2=ab -o copy.tm
  tmc import champions.txt --from bbchallenge --number 3
  tmc import champions.txt --from bbchallenge --all -o champions"""
WORD = re.compile(r"([0-9]{1,3})=(.*)", re.DOTALL)


@click.command("import", epilog=EPILOG)
@click.argument("file", type=FileType(""))
@click.option("--from", "name", type=click.Choice([one.name for one in FORMATS]), help="The format.  [default: by its looks]")
@click.option("-o", "--output", metavar="FILE", type=OutputType(".tm"), help="Where to write the machine.  [default: stdout]")
@click.option("--name", "machine", metavar="NAME", help="What the machine is called.  [default: as the file]")
@click.option("--semi-infinite", "wall", is_flag=True, help="Each tape begins at its first cell, where a move to the left stays.")
@click.option("--fold", is_flag=True, help="Fold tapes 2, 3 and so on into one; it takes more steps.")
@click.option("--tape", "words", metavar="N=WORD", multiple=True, help="Tape N, from 2 on, begins with WORD; may be repeated.")
@click.option("--number", type=click.IntRange(1), help="bbchallenge: which machine of a file of many, counted from 1.")
@click.option("--all", "every", is_flag=True, help="bbchallenge: all machines of the file, each in a file in the folder -o.")
def command(
    file: str,
    name: str | None,
    output: str | None,
    machine: str | None,
    wall: bool,
    fold: bool,
    words: tuple[str, ...],
    number: int | None,
    every: bool,
) -> None:
    """Write a machine of another program in the language.

    FILE is a machine of turingmachine.io, Morphett's simulator, bbchallenge.org, JFLAP, turingmachinesimulator.com or
    automata-lib; - is stdin. States, rules and comments stay in their order. What the language cannot write as it is - names with
    signs in them, a blank that is not `_` - gets another name, and a comment at the head says which. What cannot be imported is
    refused with its place.

    Where the other program has no rule, the machine is stuck; a state that halts there accepts, or rejects if its name says so.
    """
    beginnings = _words(words)
    if every and (output is None or number is not None or machine is not None):
        raise click.UsageError("--all needs -o FOLDER, and goes neither with --number nor with --name.")
    source = read_foreign(file)
    form = format_of(source) if name is None else format_named(name)
    called = machine or _stem(file)

    def finish(draft: Draft) -> Draft:
        from tmc.formats.walls import beginning_with

        return replace(beginning_with(draft, beginnings) if beginnings else draft, wall=wall)

    if every:
        _all(source, form, called, str(output), finish)
    else:
        _one(form, finish(_draft(source, form, called, fold, number)), output)


def _words(words: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for one in words:
        match = WORD.fullmatch(one)
        if match is None or int(match.group(1)) < 2 or int(match.group(1)) in found:
            raise click.UsageError(f"--tape {one}: write a number from 2 on, = and the word, each tape once.")
        found[int(match.group(1))] = tuple(match.group(2))
    return found


def _one(form: Format, draft: Draft, output: str | None) -> None:
    from tmc.formats.draft_to_text import draft_to_text

    found = draft_to_text(draft)
    if output is None:
        click.echo(found.text, nl=False)
    else:
        write_atomically(output, found.text.encode())
        click.echo(f"{output}: {draft.name}, {len(found.states)} state{'' if len(found.states) == 1 else 's'}, from {form.title}")


def _all(source: Source, form: Format, machine: str, folder: str, finish: Callable[[Draft], Draft]) -> None:
    """Every machine of a file, read before the first one is written."""
    from tmc.formats.draft_to_text import draft_to_text

    drafts = list(_drafts(source, form, machine))
    if not drafts:
        raise Rejected(f"{source.name}: there is no machine in this text")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Rejected(f"cannot make the folder {folder}: {error.strerror}") from None
    for draft in drafts:
        write_atomically(f"{folder}/{draft.name}.tm", draft_to_text(finish(draft)).text.encode())
    click.echo(f"{folder}: {len(drafts)} machines, {drafts[0].name} to {drafts[-1].name}, from {form.title}")


def _drafts(source: Source, form: Format, machine: str) -> Iterator[Draft]:
    from tmc.formats import bbchallenge

    _only_bbchallenge("--all", form)
    found = list(bbchallenge.lines(source))
    digits = len(str(len(found)))
    for number, (offset, text) in enumerate(found, 1):
        yield bbchallenge.one(source, offset, text, f"{machine}_{number:0{digits}}")


def _stem(file: str) -> str:
    stem = "machine" if file == STDIN else Path(file).stem
    return re.sub(r"\W+", "_", stem).strip("_") or "machine"


def _only_bbchallenge(option: str, form: Format) -> None:
    if form.name != "bbchallenge":
        raise click.UsageError(f"{option} is for bbchallenge, and this is {form.name}.")


def _draft(source: Source, form: Format, machine: str, fold: bool, number: int | None) -> Draft:
    if number is None:
        from tmc.formats.draft import MOST_FOLDED, MOST_TAPES

        return form.read(source, machine, MOST_FOLDED if fold else MOST_TAPES)
    from tmc.formats import bbchallenge

    _only_bbchallenge("--number", form)
    found = list(bbchallenge.lines(source))
    if number > len(found):
        raise Rejected(f"{source.name}: it holds {len(found)} machines, and --number asks for machine {number}")
    return bbchallenge.one(source, *found[number - 1], f"{machine}_{number}")
