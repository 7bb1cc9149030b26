"""State diagrams: valid SVG that names every state and transition, and in which no loop meets anything else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conftest import ROOT, line_table, rule
from tmc.diagnostics import Rejected
from tmc.files import read_text
from tmc.ir.table import Table
from tmc.ir.tape import Move
from tmc.pipeline import read_machine
from tmc.report.families import family
from tmc.view import graphviz
from tmc.view.state_diagram import CROWDED, LABEL, LONGEST, LOOP, WIDEST, state_diagram, state_edges
from tmc.view.svg import mono_width

SVG = "{http://www.w3.org/2000/svg}"
MACHINES = sorted((ROOT / "machines").glob("*.tm"), key=str)
drawn = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def table_of(path: Path) -> Table:
    return read_machine(read_text(path))[0]


def with_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [found for found in root.iter() if name in found.get("class", "").split()]


def box(state: ET.Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a state."""
    shape = with_class(state, "box")[0]
    if shape.tag == f"{SVG}circle":
        x, y, r = (float(shape.get(name, "")) for name in ("cx", "cy", "r"))
        return x - r, y - r, x + r, y + r
    x, y, wide, high = (float(shape.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, x + wide, y + high


@drawn
@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.stem)
def test_every_state_and_transition_is_there_once(path: Path) -> None:
    table = table_of(path)
    root = ET.fromstring(state_diagram(table))
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert [part.tag for part in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    ids = [found.get("id") for found in root.iter() if found.get("id")]
    halting = {table.target_name(each.target) for each in table.transitions if each.halts}
    wanted = {f"state-{number}" for number in range(len(table.states))} | {f"state-{name}" for name in halting}
    assert sorted(name for name in ids if name.startswith("state-")) == sorted(wanted)
    assert [state.get("data-state") for state in with_class(root, "state")][: len(table.states)] == list(table.states)
    numbers = [int(name) for edge in with_class(root, "edge") for name in edge.get("data-transitions", "").split()]
    assert sorted(numbers) == list(range(len(table.transitions)))
    assert len(ids) == len(set(ids))
    if all(len(edge.lines()) <= LONGEST for edge in state_edges(table)):
        assert {name for name in ids if name.startswith("transition-")} == {f"transition-{number}" for number in numbers}


@drawn
@pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.stem)
def test_no_state_stands_on_another_or_on_a_loop(path: Path) -> None:
    root = ET.fromstring(state_diagram(table_of(path)))
    boxes = {str(state.get("data-state")): box(state) for state in with_class(root, "state")}
    for edge in with_class(root, "edge"):
        ends, colon, _ = edge.findtext(f"{SVG}title", "").partition(":\n")
        assert colon
        state, target = ends.split(" → ")
        if state != target:
            continue
        _, top, left, bottom = boxes[state]
        lines = with_class(edge, "transition")
        right = max(float(line.get("x", "")) + mono_width(line.text or "", LABEL) for line in lines)
        assert right > left + LOOP
        for name, other in boxes.items():
            assert name == state or other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top, (state, name)


@drawn
def test_what_is_lit() -> None:
    table = table_of(ROOT / "machines" / "gauss.tm")
    root = ET.fromstring(state_diagram(table, lit=(2,)))
    assert [state.get("id") for state in with_class(root, "lit") if state.tag == f"{SVG}g" and state.get("id")] == ["state-1"]
    assert [edge.get("data-transitions") for edge in with_class(root, "edge") if "lit" in edge.get("class", "")] == ["2"]
    assert with_class(ET.fromstring(state_diagram(table)), "lit") == []


@drawn
def test_themes_and_ids() -> None:
    table = table_of(ROOT / "machines" / "increment.tm")
    assert "prefers-color-scheme" in state_diagram(table)
    assert "@media" not in state_diagram(table, theme="light")
    assert "@media" not in state_diagram(table, theme="dark") != state_diagram(table, theme="light")
    assert " id=" not in state_diagram(table, ids=False)
    assert state_diagram(table) == state_diagram(table)


@drawn
def test_long_labels_are_cut_and_told_in_the_title() -> None:
    symbols = "_" + "".join(map(chr, range(0x100, 0x160)))
    many = [rule(0, (number,), 1, write=number + 1) for number in range(30)]
    wide = rule(1, tuple(range(60)), 0, move=Move.LEFT)
    root = ET.fromstring(state_diagram(line_table(*many, wide, symbols=symbols)))
    first, second = with_class(root, "edge")
    lines = [line.text or "" for line in with_class(first, "transition")]
    assert (len(lines), lines[-1]) == (LONGEST, "… 49 more lines")
    assert first.findtext(f"{SVG}title", "").count("\n") == 60
    assert max(len(line.text or "") for line in with_class(second, "transition")) == WIDEST


@drawn
def test_signs_that_mean_something_in_xml() -> None:
    table = line_table(rule(0, (1,), 0, move=Move.LEFT), rule(0, (2,), -2), symbols="_<&")
    root = ET.fromstring(state_diagram(replace(table, name="a<b", states=("<&\"'>",))))
    assert root.findtext(f"{SVG}title") == "State diagram of a<b"
    assert [state.get("data-state") for state in with_class(root, "state")] == ["<&\"'>", "reject"]


@drawn
def test_a_crowd_has_no_labels_and_too_many_are_refused() -> None:
    table = family(32, seed=0)
    edges = state_edges(table)
    assert len(edges) > CROWDED
    root = ET.fromstring(state_diagram(table))
    assert with_class(root, "transition") == []
    assert len(with_class(root, "edge")) == len(edges)
    assert sum(edge.findtext(f"{SVG}title", "").count("on ") > 0 for edge in with_class(root, "edge")) > CROWDED
    with pytest.raises(Rejected, match=r"the state diagram of family has \d+ edges, and more than 1000 cannot be told apart"):
        state_diagram(family(256, seed=0))


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz.shutil, "which", lambda _: None)
    with pytest.raises(Rejected, match=r"Graphviz, which lays out state diagrams, is not installed: install it"):
        state_diagram(table_of(ROOT / "machines" / "increment.tm"))
