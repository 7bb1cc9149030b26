"""Rules that come from a library carry its name to every stage, every unit and every message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import Outcome, compiled
from tmc.ir.document import cells_document, filters_document, rules_document
from tmc.ir.table import rule_files
from tmc.net.checkpoint import from_build, save
from tmc.net.checkpoint.as_filters import filters_of
from tmc.view.graphs import cells_graph, filters_graph, rules_graph

Tmc = Callable[..., Outcome]
THERE, BACK = "to_first(a|b,compare) → compare", "to_first(a|b,compare) → to_first(a|b,compare)"
FILES = ((THERE, "std.tm"), (BACK, "std.tm"))


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_every_stage_knows_them(target: str) -> None:
    build = compiled("palindrome", target)
    assert rule_files(build.table) == build.rules.files == build.cells.files == build.filters.files == FILES
    assert filters_of(from_build(build)) == build.filters
    rules = {rule["name"]: rule.get("file") for rule in rules_document(build.rules)["rules"]}
    assert {name for name, file in rules.items() if file} == {THERE, BACK}
    conjunctions = cells_document(build.cells)["conjunctions"]
    assert {one["rule"] for one in conjunctions if one.get("file") == "std.tm"} == {THERE, BACK}
    layers = filters_document(build.filters)["recurrent"]
    assert {unit["rule"] for layer in layers for unit in layer["units"] if unit.get("file") == "std.tm"} == {THERE, BACK}


@pytest.mark.parametrize("stage", ["rules", "cells", "filters"])
def test_graphs_know_them(stage: str) -> None:
    build = compiled("palindrome")
    made = {"rules": rules_graph(build.rules), "cells": cells_graph(build.cells), "filters": filters_graph(build.filters)}
    named = "rule" if stage == "filters" else "label"
    found = {
        (node[named], node["line"], node.get("file", "")) for _, node in made[stage].nodes(data=True) if node.get("line") == 29
    }
    assert found == {("compare → compare", 29, ""), (BACK, 29, "std.tm")}


def test_a_machine_without_a_library_has_none() -> None:
    assert compiled("gauss").filters.files == ()


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("table", ["  std.tm:29\n", "  std.tm:30\n", "    29\n"]),
        ("rules", [f"{BACK} (std.tm:29)", "compare → compare (line 29)"]),
        ("cells", [f"{BACK} (std.tm:29)", "compare → compare (line 29)"]),
        ("filters", [f"{BACK} (std.tm:29)", "compare → compare (line 29)"]),
    ],
)
def test_what_is_shown(tmc: Tmc, machines: Path, stage: str, said: list[str]) -> None:
    shown = tmc("inspect", machines / "palindrome.tm", "--stage", stage)
    assert shown.status == 0
    assert not [text for text in said if text not in shown.out]


def test_what_is_said_of_a_wrong_unit(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    build = compiled("palindrome")
    held, (unit, _) = (
        from_build(build),
        next((index, unit) for index, unit in enumerate(build.filters.recurrent[1].units) if unit.rule == BACK),
    )
    tensors = {name: tensor.copy() for name, tensor in held.tensors.items()}
    tensors["recurrent.2.weight"][unit], tensors["recurrent.2.bias"][unit] = 0, 0
    save(replace(held, tensors=tensors), tmp_path / "wrong.safetensors")
    verified = tmc("verify", tmp_path / "wrong.safetensors")
    assert verified.status == 1
    assert f"for the rule `{BACK}` (std.tm:29): its weights are not the compiler's" in verified.out
    parted = tmc("diff", tmp_path / "wrong.safetensors", machines / "palindrome.tm", "--data", "aba")
    assert parted.status == 1
    assert f"for the rule `{BACK}` (std.tm:29)" in parted.out
