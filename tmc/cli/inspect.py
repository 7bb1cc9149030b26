"""``tmc inspect``: show a stage of a machine's compilation, or what a checkpoint holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.machine_texts import allowing_use, read_machine
from tmc.cli.passes import leaving_out_passes, say_what_was_saved
from tmc.cli.printing import json_text
from tmc.cli.targets import choosing_a_target
from tmc.diagnostics import Rejected, render
from tmc.files import check_writable, write_atomically
from tmc.source import Source
from tmc.targets.registry import DEFAULT
from tmc.view.graphviz import svg_of

if TYPE_CHECKING:
    from tmc.ir.table import Table
    from tmc.net.checkpoint.reading import Checkpoint
    from tmc.view.stages import Stage

EPILOG = """\b
Examples:
  tmc inspect machines/gauss.tm
  tmc inspect machines/gauss.tm --stage rules --json
  tmc inspect machines/gauss.tm --stage filters --target scalar
  tmc inspect machines/gauss.tm -o gauss.svg
  tmc inspect gauss.safetensors --stage filters"""

STAGES = ("syntax", "table", "optimised", "rules", "cells", "filters")
FORMATS = {"text": (".txt",), "json": (".json",), "dot": (".dot", ".gv"), "graphml": (".graphml",), "svg": (".svg",)}


@click.command("inspect", epilog=EPILOG)
@click.argument("file")
@allowing_use
@click.option("--stage", type=click.Choice(STAGES), default="table", show_default=True, help="What to show.")
@click.option(
    "--format", "form", type=click.Choice(tuple(FORMATS)),
    help="For people, programs, Graphviz, graph tools, or a picture.  [default: what the ending of OUT says, else text]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "--output", metavar="OUT", help="Write to this file instead of stdout.")
@choosing_a_target
@leaving_out_passes
def command(
    file: str, stage: str, form: str | None, as_json: bool, output: str | None, target: str, scale: str, without: frozenset[str]
) -> None:
    """Show a stage of a machine's compilation, or what a checkpoint holds.

    syntax is what the parser reads, table the machine as it is written, with everything resolved, optimised the same made smaller
    (without the passes that a --no- option leaves out), rules its local rules as a cellular automaton, cells the same on trits, and
    filters the network's layers with all their weights.

    FILE is a machine (.tm) or a checkpoint (.safetensors). A checkpoint holds its source, the optimised table, which is its table
    here, and its weights, which are its filters; rules and cells are those that the compiler makes of that table.
    """
    if output is not None:
        check_writable(output)
        if Path(output).resolve() == Path(file).resolve():
            raise Rejected(f"the output would overwrite {file}; name another file with -o")
    form = _format(form, as_json, output)
    if target != DEFAULT.name and stage != "filters":
        raise click.UsageError(f"--target {target} goes with --stage filters: the other stages are the same for all targets.")
    if _is_checkpoint(file):
        if target != DEFAULT.name or without:
            raise click.UsageError("a checkpoint is shown as it is: --target, --scale and --no-… go with a machine's text.")
        shown = _held(file, stage)
    else:
        shown = _reached(read_machine(file), stage, without, target, scale)
    content = _formatted(shown, form)
    if output is not None:
        write_atomically(output, content)
    elif form == "text":
        click.echo(content.decode(), nl=False)
    else:
        click.echo(content, nl=False)


def _format(form: str | None, as_json: bool, output: str | None) -> str:
    """The format asked for, or that of the ending of the file to be written."""
    if as_json:
        if form not in (None, "json"):
            raise click.UsageError(f"--json and --format {form} exclude each other.")
        form = "json"
    ending = Path(output or "").suffix.lower()
    said = next((name for name, endings in FORMATS.items() if ending in endings), None)
    if form is not None:
        if said not in (None, form):
            known = " or ".join(FORMATS[form])
            raise click.UsageError(
                f"{output} ends like {said}, and the format asked for is {form}: name a file that ends in {known}."
            )
        return form
    if said is None and ending:
        known = ", ".join(known for endings in FORMATS.values() for known in endings)
        raise click.UsageError(f"no format has the ending {ending}: name a file that ends in one of {known}, or say --format.")
    return said or "text"


def _is_checkpoint(file: str) -> bool:
    """Whether a file is a safetensors file, by its name or its first bytes: the length of a header, and its brace."""
    if file.endswith(".safetensors"):
        return True
    try:
        with Path(file).open("rb") as opened:
            begun = opened.read(9) if Path(file).is_file() else b""
    except (OSError, ValueError):
        return False  # `read_machine` says why
    return b"\0" in begun[:8] and begun[8:] == b"{"


def _held(file: str, stage: str) -> Stage:
    """The stage of a checkpoint: what the file holds, or what the compiler makes of the table in it."""
    from tmc.ir.from_document import table_of
    from tmc.net.checkpoint import reading as checkpoints

    checkpoint = checkpoints.load(file)
    if stage == "syntax":
        return _syntax(_source_in(checkpoint))
    if stage == "filters":
        from tmc.net.checkpoint.as_filters import filters_of

        return filters_of(checkpoint)
    try:
        table = table_of(checkpoint.about["table"])
    except (KeyError, ValueError):
        raise Rejected(f"{file}: {checkpoints.DAMAGED}") from None
    return table if stage in ("table", "optimised") else _lowered(table, stage, DEFAULT.name, DEFAULT.scales[0])


def _source_in(checkpoint: Checkpoint) -> Source:
    text = str(checkpoint.about["source"]["text"])
    if not text:
        raise Rejected(f"{checkpoint.name} holds no source, as it was made from a table; ask for --stage table")
    return Source(f"{checkpoint.about['table']['name']}.tm", text)


def _syntax(source: Source) -> Stage:
    from tmc.syntax.parser import parse
    from tmc.view.syntax import Syntax

    return Syntax(parse(source), source)


def _reached(source: Source, stage: str, without: frozenset[str], target: str, scale: str) -> Stage:
    """The stage, by no more passes than it takes. The warnings of the source, and what the optimiser saved, are said on stderr."""
    if stage == "syntax":
        return _syntax(source)
    from tmc.optimise.passes import merged_states, optimise
    from tmc.pipeline import read_machine

    written, warnings = read_machine(source)
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    if stage == "table":
        return written
    table, savings = optimise(written, without)
    say_what_was_saved(savings)
    merged = merged_states(written, table)
    if stage == "optimised":
        from tmc.view.table import Optimised

        return Optimised(table, merged)
    if merged:
        said = "; ".join(f"{name} is {', '.join(others)}, too" for name, others in merged.items())
        click.echo(f"states that do the same are one: {said}", err=True)
    return _lowered(table, stage, target, scale)


def _lowered(table: Table, stage: str, target: str, scale: str) -> Stage:
    from tmc.automaton.rows_to_grid import rows_to_grid
    from tmc.automaton.rules_to_cells import rules_to_cells
    from tmc.automaton.table_to_rules import table_to_rules
    from tmc.pipeline import lower_table

    if stage == "filters":
        return lower_table(table, target, scale).filters
    rules = table_to_rules(rows_to_grid(table))
    return rules if stage == "rules" else rules_to_cells(rules)


def _formatted(shown: Stage, form: str) -> bytes:
    """The stage as the content of a file."""
    from tmc.view import stages

    if form == "text":
        return stages.text(shown).encode()
    if form == "json":
        return (json_text(stages.document(shown), indent=2, sort=True) + "\n").encode()
    from tmc.view.dot import dot, graphml

    diagram = _state_diagram(shown) if form == "svg" else None
    if diagram is not None:
        return diagram
    graph = stages.graph(shown)
    if form == "graphml":
        return graphml(graph).encode()
    return svg_of(dot(graph)) if form == "svg" else dot(graph).encode()


def _state_diagram(shown: Stage) -> bytes | None:
    """A table as `tmc draw` draws it; None for other stages, and where that is refused: then Graphviz draws the graph, or fails."""
    from tmc.ir.table import Table
    from tmc.view.state_diagram import state_diagram
    from tmc.view.table import Optimised

    table = shown.table if isinstance(shown, Optimised) else shown
    try:
        return state_diagram(table).encode() if isinstance(table, Table) else None
    except Rejected:
        return None
