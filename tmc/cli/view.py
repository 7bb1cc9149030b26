"""``tmc view``: a page on which a program, its machine, its tapes and its network move on one timeline."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from tmc.cli.arguments import Count, OutputType
from tmc.cli.machine_given import Given, given
from tmc.cli.machine_input import Input, with_input
from tmc.cli.machine_texts import STDIN, allowing_use
from tmc.cli.targets import choosing_a_target
from tmc.diagnostics import Rejected
from tmc.files import check_writable, write_atomically

MAX_STEPS = 1_000_000

EPILOG = """\b
Examples:
  tmc view machines/increment.tm --data 1011
  tmc view machines/gauss.tm --input data.npz --query 3 --open
  tmc view machines/gauss.tm --input data.npz --target scalar -o gauss.html
  tmc view gauss.safetensors --input data.npz"""


@click.command("view", epilog=EPILOG)
@click.argument("file")
@allowing_use
@with_input
@click.option("-o", "--output", metavar="OUT", type=OutputType(".html"), help="The page.  [default: the file's name, .html]")
@click.option("--open", "shown", is_flag=True, help="Open the page in a browser.")
@click.option("--max-steps", type=Count(1), default=MAX_STEPS, show_default=True, help="Show so many steps of the machine at most.")
@choosing_a_target
def command(
    file: str,
    text: str | None,
    archive: str | None,
    picture: str | None,
    query: int,
    output: str | None,
    shown: bool,
    max_steps: int,
    target: str,
    scale: str,
) -> None:
    """Make a page on which a program and its network can be watched: one HTML file that needs nothing else, and asks nobody.

    FILE is a machine (.tm), - for stdin, or a checkpoint (.safetensors), trained or not. The page holds the source, the state
    diagram, the tapes, the network's cells, what its units do, and for a learner the steps of SGD, and moves through them by
    layers and steps.
    """
    if file == STDIN and output is None:
        raise click.UsageError("a text from stdin has no file name: say with -o where the page goes.")
    path = output if output is not None else f"{Path(file).stem}.html"
    check_writable(path)
    for read in (file, archive, picture):
        if read is not None and Path(path).resolve() == Path(read).resolve():
            raise Rejected(f"the page would overwrite {read}; name another file with -o")
    subject = given(file, Input(text, archive, picture, query))
    if subject.network is not None and _says_target():
        raise click.UsageError(f"{file} is a network already: --target and --scale go with the text of a machine.")
    content = _page(subject, Input(text, archive, picture, query), max_steps, target, scale)
    write_atomically(path, content)
    click.echo(f"{path}: {len(content) / 1e6:.1f} MB")
    if shown:
        _open(path)


def _open(path: str) -> None:
    """Open the page in a browser, if there is one."""
    if click.launch(Path(path).resolve().as_uri()):
        click.echo(f"warning: no browser could be started; open {path} yourself", err=True)


def _says_target() -> bool:
    context = click.get_current_context()
    asked = (context.get_parameter_source(name) for name in ("target", "scale"))
    return any(source is ParameterSource.COMMANDLINE for source in asked)


def _page(subject: Given, input: Input, max_steps: int, target: str, scale: str) -> bytes:
    from tmc.cli.view_parts import Wanted, parts_of, stages_of
    from tmc.view.page.diagram import diagram_of
    from tmc.view.page.document import page_document
    from tmc.view.page.page import page

    called = input.archive or input.picture or input.text or ""
    query, label = None, None
    if input.archive is not None:
        from tmc.learn.data.datasets import load_queries

        labels = load_queries(input.archive).y_test
        query, label = input.query, None if labels is None else int(labels[input.query])
    parts = parts_of(subject, stages_of(subject, target, scale), Wanted(called, query, label, max_steps))
    return page(page_document(parts, diagram_of(parts.table)))
