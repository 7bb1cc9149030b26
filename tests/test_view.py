"""Every stage as text, document and graph: all of two machines, one on a grid and one on a line, and the tables of the others.

`python tests/test_view.py` writes the golden texts anew; read the difference before it is kept.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tmc.files import read_text
from tmc.ir.table import Table
from tmc.optimise.passes import merged_states, optimise
from tmc.pipeline import Build, compile_machine, read_machine
from tmc.source import Source
from tmc.view import stages
from tmc.view.dot import dot, graphml
from tmc.view.layout import aligned, filled, grouped, symbol_name
from tmc.view.syntax import Syntax, outline
from tmc.view.table import Optimised

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
MACHINES = tuple(sorted(path.stem for path in (ROOT / "machines").glob("*.tm")))
STAGES = ("syntax", "table", "optimised", "rules", "cells", "filters")
WHOLE = ("gauss", "increment")
SMALLER = ("compare", "majority")  # when they are optimised
SHOWN = [
    (machine, stage)
    for machine in MACHINES
    for stage in (STAGES if machine in WHOLE else ("table", *(("optimised",) if machine in SMALLER else ())))
]
EVERY = pytest.mark.parametrize(("machine", "stage"), SHOWN)

ODD = """machine odd
tape data: grid of _ 0 1
start a
state a
    on 0 at left    -> accept
    otherwise       move up
"""
QUOTED = """machine quoted
tape data: line of _ '"' '\\' '&' '|'
start a
state a
    on '"'|'\\'   write '&'  move left
    on '&'       -> reject
test "a < b & \\"
    data _
    -> stuck
"""


def source_of(machine: str) -> Source:
    return read_text(ROOT / "machines" / f"{machine}.tm")


@cache
def built(machine: str) -> Build:
    return compile_machine(source_of(machine))


@cache
def written(machine: str) -> Table:
    """The table of a machine, as it is written."""
    return read_machine(source_of(machine))[0]


@cache
def optimised(machine: str) -> Optimised:
    """What `built` has for a table, without the network."""
    table = optimise(written(machine))[0]
    return Optimised(table, merged_states(written(machine), table))


def stage_of(machine: str, stage: str) -> stages.Stage:
    if stage == "table":
        return written(machine)
    if stage == "optimised":
        return optimised(machine)
    build = built(machine)
    if stage == "syntax":
        return Syntax(build.syntax, build.source)
    shown: stages.Stage = getattr(build, stage)
    return shown


def table_of(text: str) -> Table:
    return compile_machine(Source("text.tm", text)).table


@EVERY
def test_golden_texts(machine: str, stage: str) -> None:
    golden = GOLDEN / f"{machine}.{stage}.txt"
    assert golden.exists(), "there is no golden text yet: python tests/test_view.py writes it"
    assert stages.text(stage_of(machine, stage)) == golden.read_text(encoding="utf-8")


@EVERY
def test_texts_are_tidy(machine: str, stage: str) -> None:
    lines = stages.text(stage_of(machine, stage)).split("\n")
    assert lines[-1] == ""
    assert [line for line in lines if line != line.rstrip()] == []
    assert len(lines[3]) > 40  # a sentence on what this is stands near the top


@EVERY
def test_documents_are_json(machine: str, stage: str) -> None:
    document = stages.document(stage_of(machine, stage))
    assert json.loads(json.dumps(document, sort_keys=True)) == document


@EVERY
def test_graphs_are_plain_and_repeatable(machine: str, stage: str) -> None:
    graph = stages.graph(stage_of(machine, stage))
    attributes = [node for _, node in graph.nodes(data=True)] + [edge for _, _, edge in graph.edges(data=True)]
    assert {type(value) for attribute in attributes for value in attribute.values()} <= {str, int}
    assert all({"label", "kind", "rank"} <= set(node) for _, node in graph.nodes(data=True))
    again = stages.graph(stage_of(machine, stage))
    assert dot(again) == dot(graph)
    assert graphml(again) == graphml(graph)


@EVERY
def test_graphml_holds_the_graph(machine: str, stage: str) -> None:
    graph = stages.graph(stage_of(machine, stage))
    root = ET.fromstring(graphml(graph).encode())
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert (names.count("node"), names.count("edge")) == (graph.number_of_nodes(), graph.number_of_edges())


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("stage", STAGES)
def test_graphviz_reads_the_dot(stage: str) -> None:
    text = dot(stages.graph(stage_of("increment", stage)))
    subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True)


def test_the_syntax_graph_is_a_tree() -> None:
    graph, root = stages.graph(stage_of("gauss", "syntax")), outline(Syntax(built("gauss").syntax, built("gauss").source))
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (root.total(), root.total() - 1)
    assert [part.kind for part in root.parts[:4]] == ["tape", "tape", "bounds", "start"]
    machine = built("gauss").syntax
    assert sum(kind == "rule" for _, kind in graph.nodes(data="kind")) == sum(len(state.rules) for state in machine.states)


def test_the_state_graph() -> None:
    table, graph = built("gauss").table, stages.graph(built("gauss").table)
    assert set(graph.nodes) == {*table.states, "accept", "reject"}
    assert set(graph.edges) == {(table.states[t.state], table.target_name(t.target)) for t in table.transitions}
    assert sum(count for _, _, count in graph.edges(data="transitions")) == len(table.transitions)
    assert [name for name, start in graph.nodes(data="start") if start] == ["find"]
    assert graph.edges["find", "take"]["label"] == "on 1 at not bottom not right\n   write 0  move right, right"
    assert graph.edges["answer", "accept"]["label"] == "on 1 at bottom"


def test_a_state_graph_has_only_the_halting_states_that_are_reached() -> None:
    assert set(stages.graph(table_of(ODD)).nodes) == {"a", "accept"}


def test_the_rules_graph() -> None:
    rules, graph = built("gauss").rules, stages.graph(built("gauss").rules)
    kinds = [kind for _, kind in graph.nodes(data="kind")]
    assert sum(kind in ("decoding", "transition", "travel") for kind in kinds) == len(rules.rules)
    assert {n for n, kind in graph.nodes(data="kind") if kind == "written"} == {
        f"write {w.field}" for r in rules.rules for w in r.writes
    }
    edges = [kind for _, _, kind in graph.edges(data="kind")]
    assert edges.count("tests") == sum(len(rule.guard) for rule in rules.rules)
    assert edges.count("writes") == sum(len(rule.writes) for rule in rules.rules)
    assert {(graph.nodes[a]["rank"], graph.nodes[b]["rank"]) for a, b in graph.edges} == {(0, 1), (1, 2)}


def test_the_cells_graph() -> None:
    cells, graph = built("gauss").cells, stages.graph(built("gauss").cells)
    assert sum(kind == "conjunction" for _, kind in graph.nodes(data="kind")) == len(cells.conjunctions)
    assert graph.number_of_edges() == sum(len(c.literals) + len(c.changes) for c in cells.conjunctions)
    read = {(literal.place, literal.trit) for c in cells.conjunctions for literal in c.literals}
    changed = {trit for c in cells.conjunctions for trit, _ in c.changes}
    assert graph.number_of_nodes() == len(read) + len(cells.conjunctions) + len(changed)


def test_the_filters_graph() -> None:
    filters, graph = built("gauss").filters, stages.graph(built("gauss").filters)
    layers = (*filters.recurrent, *filters.head)
    read = {index for unit in filters.recurrent[0].units for index, _ in unit.weights}
    assert graph.number_of_nodes() == len(read) + sum(len(layer) for layer in layers)
    assert graph.number_of_edges() == sum(len(unit.weights) for layer in layers for unit in layer.units)
    assert {weight for _, _, weight in graph.edges(data="weight")} == {-4, -2, -1, "-1/2", "1/2", 1, 2, 4}


def test_dot_escapes() -> None:
    build = compile_machine(Source("quoted.tm", QUOTED))
    assert "\"  on '\\\"'|'\\\\'\\l     write '&amp;'  move left\\l\"" in dot(stages.graph(build.table))
    assert 'test \\"a < b &amp; \\\\\\"' in dot(stages.graph(Syntax(build.syntax, build.source)))


def test_a_table_is_written_in_the_words_of_the_language() -> None:
    rows = [line.split() for line in stages.text(table_of(ODD)).split("\n")]
    assert ["0", "left", ".", ".", "accept", "5"] in rows
    assert ["_|1", ".", "up", "a", "6"] in rows
    quoted = [line.split() for line in stages.text(table_of(QUOTED)).split("\n")]
    assert ["'\"'|'\\'", "'&'", "left", "a", "5"] in quoted


def test_lines_are_filled_between_parts() -> None:
    lines = filled("    when  ", ["a" * 60, "b" * 60, "c"])
    assert lines == ["    when  " + "a" * 60 + " ∧", "          " + "b" * 60 + " ∧ c"]
    assert filled("  add ", []) == ["  add"]


def test_names_and_numbers() -> None:
    assert [symbol_name(symbol) for symbol in "_1a#"] == ["_", "1", "a", "'#'"]
    assert (grouped(40949), grouped(12)) == ("40 949", "12")


def test_networkx_is_needed_for_graphs_only() -> None:
    program = "import sys, tmc.view.stages; print(sorted({'networkx', 'torch', 'numpy', 'lark'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT)
    assert shown.stdout == "[]\n"


def write_golden_texts() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.glob("*.txt"):
        path.unlink()
    for machine, stage in SHOWN:
        (GOLDEN / f"{machine}.{stage}.txt").write_text(stages.text(stage_of(machine, stage)), encoding="utf-8")


if __name__ == "__main__":
    write_golden_texts()


def test_columns_by_the_width_on_a_terminal() -> None:
    assert aligned([("状態", "a"), ("s", "b"), ("state", "漢")]) == ["状態   a", "s      b", "state  漢"]
