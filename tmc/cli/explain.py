"""``tmc explain``: explain an error, a warning or a note, with an example and the fix."""

from __future__ import annotations

import re

import click
from click.shell_completion import CompletionItem

from tmc.diagnostics import Code
from tmc.files import shipped

EPILOG = """\b
Examples:
  tmc explain TMC004
  tmc explain 4
  tmc explain"""


def _codes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(code, help=title) for code, title in titles().items() if code.startswith(incomplete.upper())]


@click.command("explain", epilog=EPILOG)
@click.argument("code", required=False, shell_complete=_codes)
def command(code: str | None) -> None:
    """Explain an error, a warning or a note.

    CODE is what stands in brackets behind `error`, `warning` or `note`; without it, all codes are listed.
    """
    known = titles()
    if code is None:
        for known_code, title in known.items():
            click.echo(f"{known_code}  {known_code.severity.value:7}  {title}")
        return
    digits = re.fullmatch(r"(?:TMC)?([0-9]{1,3})", code.strip(), re.IGNORECASE)
    wanted = f"TMC{int(digits[1]):03}" if digits else ""
    if wanted not in known:
        raise click.BadParameter(
            f"`{code}` is not the code of an error or a warning; `tmc explain` lists all codes.", param_hint="'CODE'"
        )
    click.echo(as_text(page(wanted)), nl=False)


def titles() -> dict[Code, str]:
    """The title of each code."""
    return {code: page(code).split("\n", 1)[0].partition(": ")[2] for code in Code}


def page(code: str) -> str:
    """The page on a code, in Markdown."""
    return (shipped("docs/diagnostics") / f"{code}.md").read_text(encoding="utf-8")


def as_text(markdown: str) -> str:
    """A page as it is shown on a terminal: what stands between fences is indented."""
    lines: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            lines.append(f"    {line}".rstrip())
        else:
            lines.append(re.sub(r"^##* (.*)", r"\1", line))
    return "\n".join(lines) + "\n"
