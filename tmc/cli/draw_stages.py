"""``tmc draw`` of a table and of the stages of its compilation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.draw_wanted import Drawn, DrawOptions
from tmc.cli.machine_texts import STDIN, read_machine
from tmc.diagnostics import Rejected, render
from tmc.ir.table import Table, file_of, rule_name
from tmc.targets.registry import DEFAULT

if TYPE_CHECKING:
    from tmc.ir.cells import Cells
    from tmc.ir.filters import Filters
    from tmc.ir.rules import Rules
    from tmc.net.checkpoint.reading import Checkpoint
    from tmc.targets.target import Coding

Place = tuple[str, int, str]  # a rule's name, its line and its file


def draw_stage(wanted: DrawOptions) -> Drawn:
    """Draw the table, or what the compiler makes of it."""
    table, checkpoint = machine_of(wanted.file)
    if checkpoint is not None and wanted.target not in (checkpoint.target.name, DEFAULT.name):
        raise click.UsageError("a checkpoint is drawn as it is: --target and --scale go with a machine's text.")
    match wanted.what:
        case "table":
            return _table(wanted, table)
        case "rules":
            return _rules(wanted, table, _rules_of(table, checkpoint))
        case "cells":
            return _cells(wanted, table, *_coded(wanted, table, checkpoint))
        case _:
            return _filters(wanted, table, _filters_of(wanted, table, checkpoint))


def machine_of(file: str) -> tuple[Table, Checkpoint | None]:
    """The table of a machine as it is written, or that of a checkpoint, with the checkpoint. Warnings of a text go to stderr."""
    from tmc.net.checkpoint import reading as checkpoints

    if file != STDIN and checkpoints.is_checkpoint(Path(file)):
        from tmc.ir.from_document import table_of

        checkpoint = checkpoints.load(file)
        try:
            return table_of(checkpoint.about["table"]), checkpoint
        except (KeyError, ValueError):
            raise Rejected(f"{file}: {checkpoints.DAMAGED}") from None
    from tmc.pipeline import read_machine as table_of_text

    table, warnings = table_of_text(read_machine(file))
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    return table, None


def optimised(table: Table, checkpoint: Checkpoint | None) -> Table:
    """The table that is lowered: that of a checkpoint is optimised already."""
    from tmc.optimise.passes import optimise

    return table if checkpoint is not None else optimise(table)[0]


def _rules_of(table: Table, checkpoint: Checkpoint | None) -> Rules:
    from tmc.automaton.rows_to_grid import rows_to_grid
    from tmc.automaton.table_to_rules import table_to_rules

    return table_to_rules(rows_to_grid(optimised(table, checkpoint)))


def _coded(wanted: DrawOptions, table: Table, checkpoint: Checkpoint | None) -> tuple[Cells, Coding]:
    from tmc.pipeline import lower_table

    if checkpoint is not None:
        return checkpoint.coding()
    stages = lower_table(optimised(table, None), wanted.target, wanted.scale)
    return stages.cells, stages.coding


def _filters_of(wanted: DrawOptions, table: Table, checkpoint: Checkpoint | None) -> Filters:
    from tmc.pipeline import lower_table

    if checkpoint is not None:
        from tmc.net.checkpoint.as_filters import filters_of

        return filters_of(checkpoint)
    return lower_table(optimised(table, None), wanted.target, wanted.scale).filters


def _check_marked(wanted: DrawOptions, name: str, places: Iterable[Place]) -> None:
    """Raise `Rejected` when nothing is what the command line says to mark."""
    known = dict.fromkeys(places)
    if not wanted.marks or any(wanted.lit(*place) for place in known):
        return
    if wanted.rule is not None and not any(rule == wanted.rule.replace("->", "→") for rule, _, _ in known):
        from difflib import get_close_matches

        near = get_close_matches(wanted.rule.replace("->", "→"), [rule for rule, _, _ in known], 1)
        meant = f"; did you mean {near[0]!r}?" if near else "; --what rules shows their names"
        raise Rejected(f"{name} has no rule called {wanted.rule!r}{meant}")
    file, line = wanted.line or ("", 0)
    lines = sorted({at for _, at, where in known if where == file and at})
    if wanted.rule is not None:
        raise Rejected(f"the rule {wanted.rule!r} of {name} does not stand at {f'{file}:' if file else 'line '}{line}")
    said = f"those of {file or name} stand at {', '.join(map(str, lines))}" if lines else f"none comes from {file}"
    raise Rejected(f"{name} has no rule at {f'{file}:' if file else 'line '}{line}: {said}")


def _graph(wanted: DrawOptions, stage: Any, table: Table) -> str:
    """A stage as Mermaid or GraphML; of a marked rule its path alone."""
    from tmc.view import stages
    from tmc.view.dot import graphml
    from tmc.view.mermaid import mermaid_flow, mermaid_states, path_of

    if wanted.form == "mmd" and isinstance(stage, Table):
        return mermaid_states(stage)
    graph = stages.graph(stage)
    if wanted.marks and not isinstance(stage, Table):
        graph = path_of(graph, wanted.lit)
    return graphml(graph) if wanted.form == "graphml" else mermaid_flow(graph, f"{wanted.what.capitalize()} of {table.name}")


def _table(wanted: DrawOptions, table: Table) -> Drawn:
    from tmc.view.state_diagram import state_diagram

    places = [(rule_name(table, each), each.line, each.file) for each in table.transitions]
    _check_marked(wanted, table.name, places)
    lit = [index for index, place in enumerate(places) if wanted.lit(*place)]
    is_graph = wanted.form in ("mmd", "graphml")
    content = _graph(wanted, table, table) if is_graph else state_diagram(table, lit, wanted.theme)
    return Drawn(content, table.name, table.sizes, {"states": len(table.states), "transitions": len(table.transitions)})


def _rules(wanted: DrawOptions, table: Table, rules: Rules) -> Drawn:
    from tmc.view.rules_picture import rules_picture

    _check_marked(wanted, table.name, ((rule.name, rule.line, file_of(rule.name, rules.files)) for rule in rules.rules))
    is_graph = wanted.form in ("mmd", "graphml")
    content = _graph(wanted, rules, table) if is_graph else rules_picture(rules, table.name, wanted.lit, wanted.theme)
    return Drawn(content, table.name, f"{len(rules.rules)} rules on {len(rules.fields)} fields", {"rules": len(rules.rules)})


def _cells(wanted: DrawOptions, table: Table, cells: Cells, coding: Coding) -> Drawn:
    from tmc.targets.scalar.target import NumeralCoding
    from tmc.view.cells_picture import cells_picture, numeral_picture

    if isinstance(coding, NumeralCoding):
        content = numeral_picture(coding.numeral, coding.unit, cells, table.name, wanted.theme)
        return Drawn(
            content, table.name, f"a number of {len(coding.numeral.digits)} digits", {"digits": len(coding.numeral.digits)}
        )
    content = cells_picture(cells, table.name, wanted.theme)
    return Drawn(content, table.name, f"{len(cells.trits)} trits", {"trits": len(cells.trits)})


def _filters(wanted: DrawOptions, table: Table, filters: Filters) -> Drawn:
    from tmc.view.filters_picture import filters_picture

    units = (unit for layer in filters.recurrent for unit in layer.units if unit.rule)
    if wanted.marks:
        _check_marked(wanted, table.name, ((unit.rule, unit.line, file_of(unit.rule, filters.files)) for unit in units))
    is_graph = wanted.form in ("mmd", "graphml")
    content = _graph(wanted, filters, table) if is_graph else filters_picture(filters, table.name, wanted.lit, wanted.theme)
    return Drawn(content, table.name, filters.sizes, {"channels": len(filters.channels)})
