"""``tmc fmt``: format machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import unified_diff
from io import StringIO
from pathlib import Path

import click

from tmc.cli.arguments import MACHINE, machine_files
from tmc.cli.machine_texts import STDIN, STDIN_NAME, read_stdin
from tmc.diagnostics import Rejected, SourceRejected
from tmc.files import as_source, read_bytes, write_atomically

EPILOG = """\b
Examples:
  tmc fmt machines
  tmc fmt --check machines/gauss.tm
  tmc fmt - < draft.tm > clean.tm"""

CHANGED, UNCHANGED, REJECTED = "changed", "unchanged", "rejected"


@dataclass(frozen=True, slots=True)
class _FormatOptions:
    """What to do with a text that changes; to write it, when neither is asked for."""

    check: bool
    diff: bool

    @property
    def write(self) -> bool:
        return not self.check and not self.diff


@click.command("fmt", epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=MACHINE)
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change, and exit with 1 if there are any.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
def command(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Format machines and libraries.

    PATHS are files (.tm), folders of such files, or - to read stdin and write stdout. Rules come to stand in columns and blocks
    apart; comments and the meaning stay, and so do line ends: of LF and CRLF in one file, the more frequent one. A file with syntax
    errors is left as it is, and the exit status is 1.
    """
    options = _FormatOptions(check, diff)
    if STDIN in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` stands alone: it reads stdin and writes stdout.")
        return _format_stdin(options)
    outcomes = Counter[str]()
    try:
        for path in machine_files(paths):
            outcomes[_format_file(path, options)] += 1
    except KeyboardInterrupt as interrupt:
        interrupt.args = (f"until then: {_summary(outcomes, options)}",) if outcomes[CHANGED] and options.write else ()
        raise
    click.echo(_summary(outcomes, options), err=True)
    return 1 if outcomes[REJECTED] or (check and outcomes[CHANGED]) else 0


def _format_stdin(options: _FormatOptions) -> int:
    before = read_stdin()
    after = _formatted(STDIN_NAME, before)
    if options.write:
        click.echo(after, nl=False)
    elif after != before:
        _show(STDIN_NAME, before, after, options)
    return 1 if options.check and after != before else 0


def _format_file(path: str, options: _FormatOptions) -> str:
    """Format one file, or say what is wrong with it; returns what became of it."""
    try:
        before = read_bytes(path)
        after = _formatted(path, before)
        if after == before:
            return UNCHANGED
        if options.write:
            if not Path(path).is_file():
                raise Rejected(f"{path} is not a file that can be written again; use `tmc fmt -`")
            write_atomically(path, after)
        _show(path, before, after, options)
    except SourceRejected as error:
        click.echo(f"{error}\n", err=True)
        return REJECTED
    except Rejected as error:
        click.echo(f"error: {error}", err=True)
        return REJECTED
    return CHANGED


def _formatted(name: str, content: bytes) -> bytes:
    from tmc.syntax.formatter import format_source

    return format_source(as_source(name, content)).encode()


def _show(name: str, before: bytes, after: bytes, options: _FormatOptions) -> None:
    if options.diff:
        old, new = (StringIO(text.decode("utf-8"), newline="\n").readlines() for text in (before, after))
        for line in unified_diff(old, new, name, name, "as it is", "formatted"):
            click.echo(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", nl=False)
    elif options.check:
        click.echo(name)
    else:
        click.echo(f"formatted {name}", err=True)


def _summary(outcomes: Counter[str], options: _FormatOptions) -> str:
    total = outcomes.total()
    parts = [f"{outcomes[CHANGED]} {'formatted' if options.write else 'would change'}", f"{outcomes[UNCHANGED]} unchanged"]
    parts += [f"{outcomes[REJECTED]} with errors"] if outcomes[REJECTED] else []
    return f"{total} file{'' if total == 1 else 's'}: {', '.join(parts)}"
