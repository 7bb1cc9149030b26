"""Degenerate machines go through every command and every target: one symbol, one state, one transition, no answer, one row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conftest import Outcome
from tmc.targets.registry import TARGETS

Tmc = Callable[..., Outcome]
LINES = {
    "one symbol": ("_", "", "otherwise    -> accept"),
    "one symbol, and it moves": ("_", "", "otherwise    move right    -> t\n\nstate t\n    otherwise    -> reject"),
    "one transition": ("_ 0 1", "", "on 1    -> accept"),
    "no answer": ("_ 0 1", "", "on 1         move right\n    otherwise    move left"),
    "one answer": ("_ 0 1", "", "otherwise    -> reject"),
    "a work tape of one symbol": ("_ 0 1", "tape work: line of _\n", "on 1, _      move right, right\n    otherwise    -> accept"),
}
GRIDS = {
    "one answer": "otherwise    -> accept",
    "no answer": "otherwise    move right",
    "stuck": "on 1 at top left    -> accept",
}
ENDS = {"one symbol": "accept", "one symbol, and it moves": "reject", "one answer": "reject", "a work tape of one symbol": "accept"}


def text(kind: str, tape: str, more: str, rules: str) -> str:
    return f"{kind} small\n\ntape data: {tape}\n{more}\nstart s\n\nstate s\n    {rules}\n"


def go_through(tmc: Tmc, folder: Path, machine: str, data: tuple[object, ...]) -> list[str]:
    """Every command with a machine; the verdicts that the networks printed."""
    file, said = folder / "small.tm", []
    file.write_text(machine, encoding="utf-8")
    stages = [("inspect", file, "--stage", stage) for stage in ("syntax", "table", "optimised", "rules", "cells", "filters")]
    for command in (("check", file), ("fmt", file), ("fmt", "--check", file), ("test", file), ("report", file), *stages):
        outcome = tmc(*command)
        assert outcome.status == 0, (command, outcome.err)
    assert tmc("simulate", file, *data, "--max-steps", 60).status == 0
    draw_everything(tmc, folder, file, data)
    for target in TARGETS:
        model = folder / f"{target}.safetensors"
        assert tmc("compile", file, "--target", target, "-o", model).status == 0
        assert tmc("verify", model).status == 0
        assert tmc("inspect", model, "--stage", "filters").status == 0
        assert tmc("draw", model, "--what", "cells", "-o", folder / "picture.svg").status == 0
        compared = tmc("diff", model, file, *data)
        assert compared.status == 0, compared.err
        for engine in ("sparse", "dense"):
            ran = tmc("run", model, *data, "--engine", engine, "--max-layers", 200)
            assert ran.status == 0, ran.err
            said.append(ran.out)
    return said


def draw_everything(tmc: Tmc, folder: Path, file: Path, data: tuple[object, ...]) -> None:
    """Every picture of a machine, but for the state diagram, which needs Graphviz."""
    for what in ("rules", "cells", "filters", "trace", "space-time", *(["memory"] if "--input" in data else [])):
        given = data if what in ("trace", "space-time", "memory") else ()
        outcome = tmc("draw", file, "--what", what, *given, "-o", folder / "picture.svg")
        assert outcome.status == 0, (what, outcome.err)
        ET.parse(folder / "picture.svg")


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("data", ["", "_"])
def test_lines(tmc: Tmc, tmp_path: Path, name: str, data: str) -> None:
    symbols, more, rules = LINES[name]
    said = go_through(tmc, tmp_path, text("machine", f"line of {symbols}", more, rules), ("--data", data))
    assert len({one.split(",")[0].split(" after ")[0] for one in said}) == 1, said
    assert all(one.startswith(ENDS.get(name, "")) for one in said)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("kind", ["grid", "line"])
@pytest.mark.parametrize("work", ["", "tape work: line of _\n"])
def test_learners(tmc: Tmc, tmp_path: Path, name: str, kind: str, work: str) -> None:
    rules = GRIDS[name].replace(" at top left", "" if kind == "line" else " at top left")
    assert tmc("data", "parity", "--d", 1, "--m", 1, "--queries", 2, "-o", tmp_path / "d.npz").status == 0
    machine = text("learner", f"{kind} of _ 0 1", work, rules)
    said = go_through(tmc, tmp_path, machine, ("--input", tmp_path / "d.npz"))
    assert len({one.split("  engine ")[0].split("accuracy")[1] for one in said}) == 1, said
