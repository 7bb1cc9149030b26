"""``tmc lsp``: the language server, for editors."""

from __future__ import annotations

import sys

import click

from tmc.cli.machine_texts import allowed_folders, allowing_use
from tmc.diagnostics import Rejected
from tmc.version import how_to_install

EPILOG = """\b
Example, as an editor is told to start it:
  tmc lsp --stdio"""


@click.command("lsp", epilog=EPILOG)
@allowing_use
@click.option("--stdio", is_flag=True, help="Use stdin and stdout. This is always so; some editors pass the option.")
def command(stdio: bool) -> int:
    """Run a language server, which helps an editor with machines.

    It is started by the editor and talks with it on stdin and stdout. It shows errors while you type, finds definitions,
    explains names, renames them, completes words and formats.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        raise click.UsageError("a language server is started by an editor, not by hand; docs/editors.md says how.")
    try:
        from tmc.editor.server import serve
    except ModuleNotFoundError as missing:
        package = (missing.name or "").split(".")[0]
        if package not in ("pygls", "lsprotocol"):
            raise
        raise Rejected(f"the language server needs {package}: {how_to_install('editor')}") from None
    return serve(allowed_folders())
