"""How commands read the texts of machines: `-` is stdin, and which files a text may `use` is said by ``--allow-use``."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from tmc.diagnostics import Rejected
from tmc.files import READ_LIMIT, as_source, read_text
from tmc.source import Source

STDIN, STDIN_NAME = "-", "<stdin>"
_ALLOWED, _CONTENT = f"{__name__}.allowed", f"{__name__}.content"


def _allow(context: click.Context, _parameter: click.Parameter, folders: tuple[str, ...]) -> None:
    context.meta[_ALLOWED] = folders


allowing_use = click.option(
    "--allow-use", type=click.Path(exists=True, file_okay=False), metavar="DIR", multiple=True, expose_value=False, callback=_allow,
    help="Allow machines to `use` files of this folder and below, too; may be repeated.  [default: those of their own folder]",
)  # fmt: skip


def allowed_folders() -> tuple[str, ...]:
    """The folders that the command's option ``--allow-use`` names."""
    folders: tuple[str, ...] = click.get_current_context().meta.get(_ALLOWED, ())
    return folders


def read_machine(path: str) -> Source:
    """The text of a file that the command line names, or of stdin. Raises `Rejected` if it is not a text."""
    source = as_source(STDIN_NAME, read_stdin()) if path == STDIN else read_text(path)
    return replace(source, allowed=allowed_folders())


def read_foreign(path: str) -> Source:
    """The text of a machine of another program, from a file or from stdin. Raises `Rejected` when it is no text."""
    return as_source(STDIN_NAME, read_stdin()) if path == STDIN else read_text(path)


def read_stdin() -> bytes:
    """The content of stdin, which is read once. Raises `Rejected` if stdin is closed or holds too much."""
    meta = click.get_current_context().meta
    if _CONTENT not in meta:
        if sys.stdin is None:
            raise Rejected("cannot read stdin: it is closed")
        meta[_CONTENT] = sys.stdin.buffer.read(READ_LIMIT + 1)
    content: bytes = meta[_CONTENT]
    if len(content) > READ_LIMIT:
        raise Rejected(f"{STDIN_NAME} is larger than {READ_LIMIT / 1e6:g} MB, the most that is read")
    return content
