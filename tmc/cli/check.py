"""``tmc check``: check machines for errors, without compiling them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from tmc.cli import hint
from tmc.cli.arguments import MACHINE, machine_files
from tmc.cli.machine_texts import allowing_use, read_machine
from tmc.cli.printing import print_json
from tmc.diagnostics import Diagnostic, Rejected, Severity, render
from tmc.frozen import frozen

EPILOG = """\b
Examples:
  tmc check machines
  tmc check --strict machines/gauss.tm
  tmc check --json machines | jq '.[].message'"""


@frozen
class UnreadableFile:
    """Why there is nothing to check in a file."""

    file: str
    message: str


Finding = Diagnostic | UnreadableFile


@click.command("check", epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=MACHINE)
@allowing_use
@click.option("--strict", is_flag=True, help="Exit with status 1 for warnings too, but not for notes.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of JSON objects; lines and columns count from 1.")
def command(paths: tuple[str, ...], strict: bool, as_json: bool) -> int:
    """Check machines, sketches and libraries for errors, without compiling them.

    PATHS are files (.tm), folders of such files, and - for stdin. The exit status is 1 when there are errors. The holes `?`
    of a sketch, which a search fills, are no errors.
    """
    files = machine_files(paths)
    found: list[Finding] = list(dict.fromkeys(finding for path in files for finding in _findings(path)))
    if as_json:
        print_json([_document(finding) for finding in found], indent=2)
    else:
        for finding in found:
            click.echo((render(finding) if isinstance(finding, Diagnostic) else f"error: {finding.message}") + "\n")
        click.echo(_summary(len(files), sum(map(_is_sketch, files)), found))
        hint([finding for finding in found if isinstance(finding, Diagnostic)], err=False)
    return 1 if _count(found, Severity.ERROR) or (strict and _count(found, Severity.WARNING)) else 0


def _findings(path: str) -> Sequence[Finding]:
    from tmc.pipeline import look_over

    try:
        return look_over(read_machine(path))
    except Rejected as error:
        return [UnreadableFile(path, str(error))]


def _document(finding: Finding) -> dict[str, Any]:
    """A finding as JSON; what a file that could not be read does not have is null."""
    if isinstance(finding, UnreadableFile):
        known = {"code": None, "severity": Severity.ERROR.value, "message": finding.message, "file": finding.file}
        return known | dict.fromkeys(("line", "column", "end_line", "end_column", "label", "help"))
    line, column = finding.source.place(finding.span.start)
    end_line, end_column = finding.source.place(finding.span.end)
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "file": finding.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "label": finding.label,
        "help": finding.help,
    }


def _is_sketch(path: str) -> bool:
    """Whether a file has holes and could be read."""
    from tmc.pipeline import is_sketch

    try:
        return is_sketch(read_machine(path))
    except Rejected:
        return False


def _summary(files: int, sketches: int, found: Sequence[Finding]) -> str:
    counts = [(_count(found, severity), severity.value) for severity in Severity]
    counts = [(count, name) for count, name in counts if count or name != Severity.NOTE.value]
    said = ", ".join(f"{count or 'no'} {name}{'' if count == 1 else 's'}" for count, name in counts)
    which = f" ({sketches} sketch{'' if sketches == 1 else 'es'})" if sketches else ""
    return f"{files} file{'' if files == 1 else 's'}{which}: {said}"


def _count(found: Sequence[Finding], severity: Severity) -> int:
    return sum((finding.severity if isinstance(finding, Diagnostic) else Severity.ERROR) is severity for finding in found)
