"""``tmc diff``: find where a network first differs from a source."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tmc.cli.arguments import CHECKPOINT, MACHINE, Count
from tmc.cli.bars import bar
from tmc.cli.machine_texts import allowed_folders, allowing_use, read_machine
from tmc.cli.printing import print_json
from tmc.diagnostics import Rejected
from tmc.ir.table import file_of
from tmc.source import Source

if TYPE_CHECKING:
    from tmc.ir.rules import Rule
    from tmc.net.network import Network
    from tmc.pipeline import Build
    from tmc.run.trace import Texts
    from tmc.testing.divergence import Comparison, Divergence, Moment
    from tmc.testing.first_unit import UnitDifference

MOST_WEIGHTS = 5  # that are shown of a unit

EPILOG = """\b
Examples:
  tmc diff gauss.safetensors gauss.tm --input data.npz
  tmc diff gauss.safetensors --input data.npz --query 3 --json
  tmc diff increment.safetensors machines/increment.tm --data 1011"""


@click.command("diff", epilog=EPILOG)
@click.argument("model", type=CHECKPOINT)
@click.argument("file", required=False, type=MACHINE)
@allowing_use
@click.option("--input", "archive", metavar="FILE", help="For a learner: its data (.npz).")
@click.option("--query", type=click.IntRange(0), default=0, show_default=True, help="Which query of the data set, counted from 0.")
@click.option(
    "--data", "text", metavar="TEXT", help="For a line machine: its data tape, written as in a test; '' is the empty tape."
)
@click.option("--max-layers", type=Count(1), help="Compare at most so many layers.  [default: until all is at rest]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    model: str, file: str | None, archive: str | None, query: int, text: str | None, max_layers: int | None, as_json: bool
) -> int:
    """Find where a network first differs from a source.

    The rules of FILE and the network MODEL run side by side on one input, layer by layer. Where they first differ, the cell and its
    fields are named, the rules that meant to write them, and the hidden unit and the weights that did otherwise. Without FILE it
    is the source in the checkpoint. The network may come from another source: cells are compared by the names of their fields.

    The exit status is 1 when they differ.
    """
    from tmc.net.checkpoint import reading as checkpoints
    from tmc.net.network import Network
    from tmc.run.trace import texts_of

    if archive is not None and text is not None:
        raise click.UsageError("--input and --data exclude each other.")
    checkpoint = checkpoints.load(model, as_written=False)
    source = _source_in(model, checkpoint.about) if file is None else read_machine(file)
    network = Network(checkpoint)
    if network.is_drawn:
        raise Rejected(f"{model}: its weights were drawn at random; there is no source to compare it with")
    build = _compiled(source, checkpoint.about)
    comparison = _compare(network, build, _data(build, archive, query, text), max_layers)
    texts = texts_of((used.name, used.source) for used in build.program.files)
    if as_json:
        print_json(_document(comparison, build), sort=True)
    else:
        click.echo("\n".join(_lines(comparison, model, source.name, build, texts)))
    return 0 if comparison.agree else 1


def _source_in(model: str, about: Any) -> Source:
    text = str(about["source"]["text"])
    if not text:
        raise Rejected(f"{model} holds no source, as it was made from a table; name the machine's file")
    return Source(f"{about['table']['name']}.tm", text, allowed=allowed_folders())


def _compiled(source: Source, about: Any) -> Build:
    """The source, compiled for a checkpoint's target, and with the same passes if that makes the same table."""
    from itertools import combinations

    from tmc.ir.document import table_document
    from tmc.optimise.passes import PASSES
    from tmc.pipeline import compile_machine

    number = about.get("number")
    how = (about["target"], "integer" if number is None else str(number["scale"]))
    first = compile_machine(source, (), *how)
    if table_document(first.lowered) == about["table"] or source.text != about["source"]["text"]:
        return first
    for count in range(1, len(PASSES) + 1):
        for without in combinations(PASSES, count):
            build = compile_machine(source, without, *how)
            if table_document(build.lowered) == about["table"]:
                return build
    return first


def _data(build: Build, archive: str | None, query: int, text: str | None) -> Any:
    from tmc.learn.data import datasets
    from tmc.run.tapes import line_of_text

    table = build.table
    if table.is_grid or table.is_rows:
        if archive is None:
            raise click.UsageError(f"the machine {table.name} learns from examples: give it --input FILE.")
        return datasets.grid(table, datasets.load(archive), query)
    if text is None:
        raise click.UsageError(f"the machine {table.name} reads a line: give it --data TEXT, or --data '' for an empty tape.")
    return line_of_text(table.data, text)


def _compare(network: Network, build: Build, data: Any, max_layers: int | None) -> Comparison:
    from tmc.testing.divergence import compare

    with bar(desc="comparing", unit="layer", delay=1) as shown:
        return compare(network, build, data, max_layers, lambda layers: shown.update(layers - shown.n))


def _lines(comparison: Comparison, model: str, name: str, build: Build, texts: Texts) -> list[str]:
    """The result, as text."""
    if comparison.strayed is not None:
        which = f"example {comparison.strayed}" if comparison.strayed < comparison.size[0] else "the last, the dummy example"
        says = f"{model}: training diverged at {which}: it does not leave the memory of Lemma 1.1, which is taken instead"
        return [says, "", *_compared(comparison, model, name, build, texts)]
    return _compared(comparison, model, name, build, texts)


def _compared(comparison: Comparison, model: str, name: str, build: Build, texts: Texts) -> list[str]:
    divergence = comparison.divergence
    rows, columns = comparison.size
    if divergence is None:
        of = f"{comparison.layers:,} layers of {rows} × {columns} cell{'' if rows * columns == 1 else 's'}"
        if comparison.outputs is not None and comparison.outputs[0] == comparison.outputs[1]:
            end = "until nothing changed any more" if comparison.at_rest else "and were stopped there"
            return [f"{model} and {name} agree in {of}, {end}: {comparison.verdict}"]
        assert comparison.outputs is not None
        ours, theirs = comparison.outputs
        return [f"{model} and {name} agree in {of}, but the output is {_number(theirs)}, not {_number(ours)}: look at the head"]
    where = f"row {divergence.place[0]}, column {divergence.place[1]}"
    more = f" and {_count(divergence.cells - 1, 'more cell')}" if divergence.cells > 1 else ""
    when = f"after layer {divergence.layer}" if divergence.layer else "before the first layer, in what the memory delivers"
    lines = [f"{model} and {name} differ {when}, at {where}{more}", "", *_fields(divergence)]
    said = [*_moment(divergence.moment, texts), *_rules(divergence, name, build), *_unit(divergence, name, build)]
    width = max((len(what) for what, _ in said), default=0)
    return lines + ([""] if said else []) + [f"{what:{width}}  {says}" for what, says in said]


def _fields(divergence: Divergence) -> list[str]:
    table = [("field", "source", "network"), *((one.field, one.source, one.network) for one in divergence.fields)]
    widths = [max(len(row[column]) for row in table) for column in range(3)]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _moment(moment: Moment | None, texts: Texts) -> list[tuple[str, str]]:
    from tmc.run.trace import rule_text

    if moment is None:
        return []
    rule = "" if moment.transition is None else rule_text(texts, moment.transition)
    return [("machine", f"step {moment.step}, state {moment.state}" + (f", {rule}" if rule else ""))]


def _rules(divergence: Divergence, name: str, build: Build) -> list[tuple[str, str]]:
    if not divergence.layer:
        return []
    if not divergence.rules:
        return [("rule", "no rule of the source writes them here: they keep their values or fall back to rest")]
    return [
        ("rule", f"`{rule.name}` writes {_written(rule)}{_line(file_of(rule.name, build.rules.files) or name, rule.line)}")
        for rule in divergence.rules
    ]


def _written(rule: Rule) -> str:
    return ", ".join(write.field for write in rule.writes)


def _line(name: str, line: int) -> str:
    return f" ({name}:{line})" if line else ""


def _unit(divergence: Divergence, name: str, build: Build) -> list[tuple[str, str]]:
    unit = divergence.unit
    if unit is None:
        return [("unit", "no unit differs: the same weights give another result by rounding")] if divergence.layer else []
    what = f"layer {unit.layer}, unit {unit.unit}" + (f", `{unit.name}`" if unit.name else "")
    rule = f", for the rule `{unit.rule}`{_line(file_of(unit.rule, build.rules.files) or name, unit.line)}" if unit.rule else ""
    others = f"; {_count(unit.others, 'other')} of this layer too" if unit.others else ""
    lines = [("unit", what + rule), ("", f"{_value(unit.source)} in the source, {_value(unit.network)} in the network{others}")]
    return lines + _weights(unit)


def _weights(unit: UnitDifference) -> list[tuple[str, str]]:
    shown = [
        ("weight", f"{weight.input}: {_number(weight.source)} in the source, {_number(weight.network)} in the network")
        for weight in unit.weights[:MOST_WEIGHTS]
    ]
    left = len(unit.weights) - MOST_WEIGHTS
    return [*shown, ("", f"and {left} more")] if left > 0 else shown


def _value(number: float | None) -> str:
    return "no such unit" if number is None else _number(number)


def _number(number: float) -> str:
    return f"{number:.0f}" if math.isfinite(number) and number == int(number) else f"{number:.17g}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _document(comparison: Comparison, build: Build) -> dict[str, Any]:
    """The result, as JSON."""
    divergence = comparison.divergence
    document: dict[str, Any] = {
        "machine": build.table.name,
        "agree": comparison.agree,
        "training_diverged_at": comparison.strayed,
        "layers": comparison.layers,
        "size": list(comparison.size),
        "at_rest": comparison.at_rest,
        "verdict": comparison.verdict,
        "outputs": None if comparison.outputs is None else dict(zip(("source", "network"), comparison.outputs, strict=True)),
        "divergence": None,
    }
    if divergence is not None:
        moment, unit = divergence.moment, divergence.unit
        document["divergence"] = {
            "layer": divergence.layer,
            "cell": list(divergence.place),
            "cells": divergence.cells,
            "fields": [asdict(one) for one in divergence.fields],
            "rules": [
                {"name": rule.name, "line": rule.line, "file": file_of(rule.name, build.rules.files)} for rule in divergence.rules
            ],
            "step": None if moment is None else {"number": moment.step, "state": moment.state, "line": _source_line(moment)},
            "unit": None if unit is None else {**asdict(unit), "file": file_of(unit.rule, build.rules.files)},
        }
    return document


def _source_line(moment: Moment) -> int:
    return 0 if moment.transition is None else moment.transition.line
