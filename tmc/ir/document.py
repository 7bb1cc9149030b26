"""Stages as documents: plain dictionaries, lists, numbers and strings, ready for JSON, with names instead of numbers where there
are names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tmc.ir.cells import Cells
from tmc.ir.cells import show_literal as show_trit
from tmc.ir.filters import Filters, Layer
from tmc.ir.lattice import PLACES
from tmc.ir.polynomial import Polynomial
from tmc.ir.rules import Literal, Rule, Rules, Write
from tmc.ir.table import Table, Transition, file_of
from tmc.ir.tape import EDGES, Tape
from tmc.ir.units import Number, Unit

if TYPE_CHECKING:
    from tmc.ir.numeral import Numeral, Scale

Document = dict[str, Any]


def table_document(table: Table) -> Document:
    """The table: tapes, states, transitions and bounds. A transition names its ``file`` when that is not the machine's own."""
    return {
        "name": table.name,
        "about": table.about,
        "tapes": [{"name": tape.name, "kind": tape.kind, "symbols": list(tape.symbols)} for tape in table.tapes],
        "states": list(table.states),
        "start": table.states[table.start],
        "transitions": [_transition(table, transition) for transition in table.transitions],
        "bounds": {"steps": bound_document(table.bounds.steps), "work": bound_document(table.bounds.work)},
    }


def _transition(table: Table, transition: Transition) -> Document:
    tests = zip(EDGES, transition.guard.edges, strict=True)
    moves = (transition.move_data, transition.move_work)[: len(table.tapes)]
    guards, writes = (transition.guard.data, transition.guard.work), (transition.write_data, transition.write_work)
    return {
        "state": table.states[transition.state],
        "on": [_symbols(tape, numbers) for tape, numbers in zip(table.tapes, guards, strict=False)],
        "at": {edge.name.lower(): test for edge, test in tests if test is not None},
        "write": [None if n is None else tape.symbols[n] for tape, n in zip(table.tapes, writes, strict=False)],
        "move": [move.name.lower() for move in moves],
        "to": table.target_name(transition.target),
        "line": transition.line,
        **({"file": transition.file} if transition.file else {}),
    }


def _symbols(tape: Tape, numbers: tuple[int, ...]) -> list[str]:
    return [tape.symbols[number] for number in numbers]


def bound_document(bound: Polynomial | None) -> Document | None:
    """A bound as text and as terms ``[[[variable, exponent], …], coefficient]``."""
    if bound is None:
        return None
    terms = [[[list(power) for power in monomial], coefficient] for monomial, coefficient in bound.terms]
    return {"text": str(bound), "terms": terms}


def rules_document(rules: Rules) -> Document:
    """The local rules: fields, rules, invariants and where the network is transparent."""
    return {
        "fields": [{"name": f.name, "values": list(f.values), "persists": f.persists} for f in rules.fields],
        "rules": [_rule(rules, rule) for rule in rules.rules],
        "invariants": [
            {"name": invariant.name, "at_most_one_of": [[_literal(rules, literal) for literal in m] for m in invariant.members]}
            for invariant in rules.invariants
        ],
        "transparent": [[_literal(rules, literal) for literal in guard] for guard in rules.transparent],
    }


def _rule(rules: Rules, rule: Rule) -> Document:
    writes: list[Document] = []
    for write in rule.writes:
        if isinstance(write, Write):
            writes.append({"field": write.field, "value": rules.field(write.field).values[write.value]})
        else:
            writes.append({"field": write.field, "copy": write.source, "of": PLACES[write.place]})
    return {
        "name": rule.name,
        "line": rule.line,
        **_file(rule.name, rules.files),
        "when": [_literal(rules, x) for x in rule.guard],
        "write": writes,
    }


def _literal(rules: Rules, literal: Literal) -> Document:
    values = rules.field(literal.field).values
    return {"place": PLACES[literal.place], "field": literal.field, "in": [values[number] for number in literal.values]}


def cells_document(cells: Cells) -> Document:
    """The cells: trits, how values are coded, and conjunctions."""
    return {
        **encoding_document(cells),
        "conjunctions": [
            {
                "rule": c.rule,
                "line": c.line,
                **_file(c.rule, cells.files),
                "when": [show_trit(literal, cells) for literal in c.literals],
                "add": {cells.trits[trit].name: change for trit, change in c.changes},
            }
            for c in cells.conjunctions
        ],
        "transparent": [[show_trit(literal, cells) for literal in literals] for literals in cells.transparent],
    }


def encoding_document(cells: Cells) -> Document:
    """How the fields of a cell are coded: its trits, and the names of each field's values."""
    return {
        "trits": [{"name": t.name, "values": list(t.values), "persists": t.persists} for t in cells.trits],
        "values": {name: list(values) for name, values in cells.values},
    }


def number_document(numeral: Numeral, scale: Scale) -> Document:
    """How cells are numbers: digits and what they are worth, ``[whole, thirds]``, what they code, and what 1 and a third of 1
    are."""
    return {
        "scale": scale.name,
        "one": _plain(scale.one),
        "third": _plain(scale.third),
        "pad": numeral.pad,
        "fields": list(numeral.fields),
        "digits": [[digit.name, digit.weight.whole, digit.weight.thirds] for digit in numeral.digits],
        "most": numeral.most,
        "states": [[value, code] for value, code in numeral.states.items()],
        "parts": [
            {"fields": list(p.fields), "digits": list(p.digits), "codes": [[list(v), list(c)] for v, c in p.codes.items()]}
            for p in numeral.parts
        ],
    }


def filters_document(filters: Filters) -> Document:
    """The filters with all their weights, sparse: ``[input, weight]`` pairs."""
    return {
        "target": filters.target,
        "channels": list(filters.channels),
        "recurrent": [_layer(layer) for layer in filters.recurrent],
        "head": [_layer(layer) for layer in filters.head],
        "symbol": filters.symbol,
        "answer": filters.answer,
        "blank": list(map(_plain, filters.blank)),
        "pad": list(map(_plain, filters.pad)),
        "border": list(map(_plain, filters.border)),
    }


def _file(rule: str, files: tuple[tuple[str, str], ...]) -> Document:
    """The file of a rule, if that is not the machine's own."""
    found = file_of(rule, files)
    return {"file": found} if found else {}


def _layer(layer: Layer) -> Document:
    units = [
        {
            **unit_document(unit),
            "bias": _plain(unit.bias),
            "weights": [[i, _plain(w)] for i, w in unit.weights],
        }
        for unit in layer.units
    ]
    return {"name": layer.name, "inputs": layer.inputs, "relu": layer.relu, "units": units}


def unit_document(unit: Unit) -> Document:
    """What is known of a hidden unit: its name, the rule it belongs to, and that rule's source line (0: the construction's own),
    with its file, if that is not the machine's own."""
    known: Document = {"name": unit.name, "rule": unit.rule, "line": unit.line}
    return {**known, "file": unit.file} if unit.file else known


def _plain(number: Number) -> int | float:
    """A fraction as the float that equals it: all of them are binary."""
    return number if isinstance(number, int) else int(number) if number.denominator == 1 else float(number)
