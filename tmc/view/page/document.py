"""What a page is given: a machine at every stage, its input and what SGD did, as one document; `types.d.ts` describes it.

The run itself is not in it: the page computes that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tmc.ir.document import Document
from tmc.ir.filters import Filters, Layer
from tmc.ir.lattice import Lattice
from tmc.ir.numeral import Numeral, Scale
from tmc.ir.rules import Literal, Rule, Rules, Write
from tmc.ir.table import Table, Transition, file_of
from tmc.ir.tape import Grid, Line
from tmc.ir.units import Number
from tmc.run.observe import cell_of
from tmc.source import Source
from tmc.version import __version__
from tmc.view.page.diagram import diagram_document
from tmc.view.page.words import action, in_words
from tmc.view.rules import DECODING, MEANINGS, TRAVEL, purpose

FORMAT = 1
_KINDS = {DECODING: "decoding", TRAVEL: "travel"}


@dataclass(frozen=True, slots=True)
class Network:
    """The network: `says` what its target is, `whole` whether its units are shown. Cells are channels by `trits` of each field, or
    one number by `numeral` at `scale`."""

    filters: Filters
    says: str
    whole: bool = True
    trits: tuple[int, ...] | None = None
    numeral: Numeral | None = None
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """What SGD did: its `rate`, which is what 1 is in the memory; `examples` with their labels last, then the query, all -1 and +1;
    and of each step the label, the output and the gradient, sparse: ``(row, column, value)``."""

    rate: float
    examples: tuple[tuple[int, ...], ...]
    steps: tuple[tuple[float, float, tuple[tuple[int, int, float], ...]], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """The data tape at the start, what it was given as, and for a learner which query and its label, if that is known."""

    data: Grid | Line
    text: str = ""
    query: int | None = None
    label: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The most steps and layers that a page computes, and the most cells that it looks at for that: some seconds' worth."""

    steps: int
    layers: int
    cells: int = 100_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """All that a page shows: `files` are the texts by their names in transitions, `table` the machine as it is written, `lowered`
    the one of the network, `lattice` the cells of the stage `rules` at the start, whose column `origin` is position 0; it
    `grows` when a run comes to its edge."""

    files: tuple[tuple[str, Source], ...]
    table: Table
    lowered: Table
    rules: Rules
    network: Network
    input: Input
    lattice: Lattice
    origin: int
    grows: bool
    training: Training | None
    limits: Limits


def page_document(parts: Parts, svg: str | None) -> Document:
    """The document of a page; `svg` is the picture of `tmc.view.page.diagram`, if it was drawn."""
    table = parts.table
    return {
        "format": FORMAT,
        "version": __version__,
        "name": table.name,
        "about": table.about,
        "files": [{"name": name, "title": source.name, "text": source.text} for name, source in parts.files],
        "machine": machine_document(table),
        "lowered": list(parts.lowered.states),
        "diagram": None if svg is None else diagram_document(table, svg),
        "input": _input(parts.input),
        "rules": rules_document(parts.rules),
        "network": network_document(parts.network, parts.rules),
        "lattice": _lattice(parts),
        "training": None if parts.training is None else _training(parts.training),
        "limits": {"steps": parts.limits.steps, "layers": parts.limits.layers, "cells": parts.limits.cells},
    }


def machine_document(table: Table) -> Document:
    """A table, with numbers for states and symbols."""
    return {
        "states": list(table.states),
        "start": table.start,
        "tapes": [{"name": tape.name, "kind": tape.kind, "symbols": list(tape.symbols)} for tape in table.tapes],
        "transitions": [_transition(table, transition) for transition in table.transitions],
    }


def _transition(table: Table, transition: Transition) -> Document:
    tapes = len(table.tapes)
    guard = transition.guard
    return {
        "state": transition.state,
        "on": [list(symbols) for symbols in (guard.data, guard.work)][:tapes],
        "at": list(guard.edges),
        "write": [transition.write_data, transition.write_work][:tapes],
        "move": [list(move.value) for move in (transition.move_data, transition.move_work)][:tapes],
        "target": transition.target,
        "line": transition.line,
        "file": transition.file,
        "words": in_words(table, transition),
        "action": action(table, transition),
    }


def rules_document(rules: Rules) -> Document:
    """The local rules, with numbers for fields and values."""
    return {
        "fields": [
            {"name": field.name, "values": list(field.values), "persists": field.persists, "says": MEANINGS.get(field.name, "")}
            for field in rules.fields
        ],
        "rules": [_rule(rules, rule) for rule in rules.rules],
    }


def _rule(rules: Rules, rule: Rule) -> Document:
    def literal(part: Literal) -> list[Any]:
        return [part.place, rules.index(part.field), list(part.values)]

    def write(part: Any) -> list[int]:
        if isinstance(part, Write):
            return [rules.index(part.field), part.value]
        return [rules.index(part.field), part.place, rules.index(part.source)]

    return {
        "name": rule.name,
        "line": rule.line,
        "file": file_of(rule.name, rules.files),
        "kind": _KINDS.get(purpose(rule), "transition"),
        "when": [literal(part) for part in rule.guard],
        "write": [write(part) for part in rule.writes],
    }


def network_document(network: Network, rules: Rules) -> Document:
    """The network, with all its weights."""
    filters = network.filters
    return {
        "target": filters.target,
        "says": network.says,
        "scale": "" if network.scale is None else network.scale.name,
        "channels": list(filters.channels),
        "layers": [_layer(layer) for layer in filters.recurrent] if network.whole else [],
        "border": list(map(_plain, filters.border)),
        "trits": None if network.trits is None else list(network.trits),
        "numeral": None if network.numeral is None or network.scale is None else _numeral(network.numeral, network.scale, rules),
    }


def _layer(layer: Layer) -> Document:
    units = [
        {
            "name": unit.name,
            "rule": unit.rule,
            "line": unit.line,
            "file": unit.file,
            "bias": _plain(unit.bias),
            "weights": [[index, _plain(weight)] for index, weight in unit.weights],
        }
        for unit in layer.units
    ]
    return {"name": layer.name, "inputs": layer.inputs, "relu": layer.relu, "units": units}


def _numeral(numeral: Numeral, scale: Scale, rules: Rules) -> Document:
    return {
        "digits": [{"name": digit.name, "weight": _plain(scale.of(digit.weight))} for digit in numeral.digits],
        "states": [[value, code] for value, code in sorted(numeral.states.items())],
        "parts": [
            {
                "fields": [rules.index(field) for field in part.fields],
                "digits": list(part.digits),
                "codes": [[list(values), list(codes)] for values, codes in part.codes.items()],
            }
            for part in numeral.parts
        ],
    }


def _plain(number: Number) -> int | float:
    return number if isinstance(number, int) else int(number) if number.denominator == 1 else float(number)


def _input(given: Input) -> Document:
    data = given.data
    rows: Iterable[Sequence[int]] = data.rows if isinstance(data, Grid) else (data.cells,)
    return {
        "rows": [list(row) for row in rows],
        "from": 0 if isinstance(data, Grid) else data.start,
        "text": given.text,
        "query": given.query,
        "label": given.label,
    }


def _lattice(parts: Parts) -> Document:
    cells = list(dict.fromkeys(cell for row in parts.lattice for cell in row))
    number = {cell: index for index, cell in enumerate(cells)}
    blank = cell_of(parts.rules, kind="pad", inside="yes") if parts.table.is_grid else parts.rules.border
    return {
        "rows": [[number[cell] for cell in row] for row in parts.lattice],
        "cells": [list(cell) for cell in cells],
        "from": -parts.origin,
        "blank": list(blank),
        "grows": parts.grows,
    }


def _training(training: Training) -> Document:
    return {
        "rate": training.rate,
        "unit": training.rate,
        "examples": [list(row) for row in training.examples],
        "steps": [
            {"example": number, "label": label, "output": output, "gradient": [list(entry) for entry in gradient]}
            for number, (label, output, gradient) in enumerate(training.steps)
        ],
    }
