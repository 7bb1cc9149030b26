"""Stages back from their documents: nothing is lost, and nothing that is not ours is taken for ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from conftest import compiled, replaced
from tmc.ir.document import bound_document, cells_document, table_document
from tmc.ir.from_document import bound_of, cells_of, fields_of, table_of
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import Table
from tmc.pipeline import lower_table
from tmc.testing.random_machines import Family, random_machine

FAMILIES = [Family(kind=kind, work_tape=work) for kind in ("line", "grid", "rows") for work in (False, True)]


def through_json(document: Any) -> Any:
    return json.loads(json.dumps(document, sort_keys=True))


def tables() -> Iterator[Table]:
    yield from (compiled(name).table for name in ("increment", "gauss"))
    for seed in range(60):
        yield random_machine(Random(seed), FAMILIES[seed % len(FAMILIES)])


def test_tables_come_back() -> None:
    for table in tables():
        assert table_of(through_json(table_document(table))) == replace(table, tests=())


def test_a_transition_knows_the_file_that_it_is_from() -> None:
    table = compiled("increment").table
    elsewhere = replace(table, transitions=tuple(replace(t, file="std.tm") for t in table.transitions), tests=())
    assert table_of(through_json(table_document(elsewhere))) == elsewhere


def test_cells_come_back_without_their_conjunctions() -> None:
    for seed in range(20):
        stages = lower_table(random_machine(Random(seed), FAMILIES[seed % len(FAMILIES)]))
        cells = cells_of(through_json(cells_document(stages.cells)))
        assert cells.trits == stages.cells.trits
        assert [pair for pair in cells.values if pair in stages.cells.values] == list(cells.values)
        assert set(cells.values) == set(stages.cells.values)
        fields = fields_of(cells)
        assert {field.name: field.values for field in fields.fields} == {f.name: f.values for f in stages.rules.fields}
        coded = [field for field in fields.fields if len(field.values) > 1]
        assert coded == [field for field in stages.rules.fields if len(field.values) > 1]


def test_bounds_come_back() -> None:
    m, d = Polynomial.variable("m"), Polynomial.variable("d")
    for bound in (None, Polynomial.constant(0), m * d * d + m + Polynomial.constant(7)):
        document = None if bound is None else bound_document(bound)
        assert bound_of(through_json(document)) == bound


# --- damage


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield from places(value[key], (*path, key))


WRONG = (None, "", -1, 1.5, [], {}, True, [[]], "\n", 10**30)


def test_any_value_of_a_table_may_be_wrong() -> None:
    """It is refused, or it is another valid table."""
    document = table_document(compiled("increment").table)
    for path in places(document):
        if path[-1] == "text":  # of a bound: only for people
            continue
        for value in WRONG:
            damaged = replaced(document, path, value)
            try:
                table = table_of(damaged)
            except ValueError:
                continue
            again = through_json(table_document(table))
            again["bounds"] = damaged["bounds"]
            assert again == damaged, path


def test_any_value_of_an_encoding_may_be_wrong() -> None:
    document = cells_document(compiled("gauss").cells)
    document = {"trits": document["trits"], "values": document["values"]}
    for path in places(document):
        for value in WRONG:
            damaged = replaced(document, path, value)
            try:
                cells = cells_of(damaged)
            except ValueError:
                continue
            again = through_json(cells_document(cells))
            assert {"trits": again["trits"], "values": again["values"]} == damaged, path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("start",), "nowhere"),
        (("states",), ["to_end", "to_end"]),
        (("states", 0), "accept"),
        (("tapes", 0, "symbols"), ["0", "_", "1"]),
        (("tapes", 0, "symbols"), ["_", "0", "0"]),
        (("tapes", 0, "symbols"), ["_", "0", "10"]),
        (("tapes", 0, "kind"), "ring"),
        (("tapes",), []),
        (("transitions", 0, "on"), [["1", "0"]]),
        (("transitions", 0, "on"), [["_", "0", "1"]]),
        (("transitions", 0, "at"), {"left": True}),
        (("transitions", 0, "at"), {"left": 1}),
        (("transitions", 0, "write"), "1"),
        (("transitions", 0, "move"), ["up"]),
        (("transitions", 0, "move"), ["LEFT"]),
        (("transitions", 0, "move"), ["left", "left"]),
        (("transitions", 0, "to"), "nowhere"),
        (("bounds", "steps"), {"terms": [[[["m", 1]], 1]]}),
    ],
)
def test_a_table_that_is_none(path: tuple[Any, ...], value: Any) -> None:
    document = table_document(compiled("increment").table)
    with pytest.raises(ValueError, match="this is not the document of a table: "):
        table_of(replaced(document, path, value))
