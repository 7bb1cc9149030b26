"""``tmc inspect``: show a stage of a machine's compilation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.machine_texts import allowing_use, read_machine
from tmc.cli.passes import leaving_out_passes, say_what_was_saved
from tmc.cli.printing import json_text, print_text
from tmc.cli.targets import choosing_a_target
from tmc.diagnostics import Diagnostic, Rejected, render
from tmc.files import check_writable, write_atomically
from tmc.source import Source

if TYPE_CHECKING:
    from tmc.ir.table import Table
    from tmc.optimise.passes import Saving
    from tmc.view.stages import Stage

EPILOG = """\b
Examples:
  tmc inspect machines/gauss.tm
  tmc inspect machines/gauss.tm --stage rules --format json
  tmc inspect machines/gauss.tm --stage filters --target scalar
  tmc inspect machines/gauss.tm --format dot | dot -Tsvg -o gauss.svg"""

STAGES = ("syntax", "table", "rules", "cells", "filters")


@click.command("inspect", epilog=EPILOG)
@click.argument("file")
@allowing_use
@click.option("--stage", type=click.Choice(STAGES), default="table", show_default=True, help="What to show.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "dot", "graphml")), default="text", show_default=True,
    help="For people, for programs, for Graphviz, or for graph tools.",
)  # fmt: skip
@click.option("-o", "output", metavar="OUT", help="Write to this file instead of stdout.")
@choosing_a_target
@leaving_out_passes
def command(file: str, stage: str, form: str, output: str | None, target: str, scale: str, without: frozenset[str]) -> None:
    """Show a stage of a machine's compilation.

    syntax is what the parser reads, table the machine with everything resolved and made smaller (with all the --no- options: as it
    is written), rules its local rules as a cellular automaton, cells the same on trits, and filters the network's layers with all
    their weights.
    """
    if output is not None:
        check_writable(output)
        if Path(output).resolve() == Path(file).resolve():
            raise Rejected(f"the output would overwrite {file}; name another file with -o")
    if target == "scalar" and stage != "filters":
        raise click.UsageError("--target scalar goes with --stage filters: the other stages are the same for both targets.")
    shown, warnings, savings = _reached(read_machine(file), stage, without, target, scale)
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    say_what_was_saved(savings)
    text = _formatted(shown, form)
    if output is not None:
        write_atomically(output, text.encode())
    elif form == "text":
        click.echo(text, nl=False)
    else:
        print_text(text)


def _reached(
    source: Source, stage: str, without: frozenset[str], target: str, scale: str
) -> tuple[Stage, tuple[Diagnostic, ...], tuple[Saving, ...]]:
    """The stage, by no more passes than it takes, the warnings of the source, and what the optimiser saved."""
    if stage == "syntax":
        from tmc.syntax.parser import parse
        from tmc.view.syntax import Syntax

        return Syntax(parse(source), source), (), ()
    from tmc.optimise.passes import optimise
    from tmc.pipeline import read_machine

    written, warnings = read_machine(source)
    table, savings = optimise(written, without)
    return _lowered(table, stage, target, scale), warnings, savings


def _lowered(table: Table, stage: str, target: str, scale: str) -> Stage:
    from tmc.lower.cells_to_filters import cells_to_filters
    from tmc.lower.rows_to_grid import rows_to_grid
    from tmc.lower.rules_to_cells import rules_to_cells
    from tmc.lower.table_to_rules import table_to_rules
    from tmc.pipeline import lower_table

    if stage == "table":
        return table
    if target == "scalar":
        return lower_table(table, target, scale).filters
    rules = table_to_rules(rows_to_grid(table))
    if stage == "rules":
        return rules
    cells = rules_to_cells(rules)
    return cells if stage == "cells" else cells_to_filters(cells)


def _formatted(shown: Stage, form: str) -> str:
    from tmc.view import stages

    if form == "text":
        return stages.text(shown)
    if form == "json":
        return json_text(stages.document(shown), indent=2, sort=True) + "\n"
    from tmc.view.dot import dot, graphml

    graph = stages.graph(shown)
    return dot(graph) if form == "dot" else graphml(graph)
