"""Rules that come from a library carry its name to every stage, every unit and every message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import Outcome, compiled
from tmc.ir.document import cells_document, filters_document, rules_document
from tmc.ir.table import rule_files
from tmc.net.checkpoint import Checkpoint, from_build, save, to_bytes
from tmc.net.checkpoint.as_filters import filters_of
from tmc.net.checkpoint.sparse_writing import units_document
from tmc.verify.certificate import certify
from tmc.verify.metadata import metadata_faults
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


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_the_metadata_of_units_know_them(target: str) -> None:
    build = compiled("palindrome", target)
    units = [unit for layer in from_build(build).about["units"].values() for unit in layer]
    assert {unit["rule"] for unit in units if unit.get("file") == "std.tm"} == {THERE, BACK}
    assert not [unit for unit in units if unit["rule"] not in (THERE, BACK) and "file" in unit]
    layers = (*build.filters.recurrent, *build.filters.head)
    assert [unit.get("file", "") for unit in units] == [unit.file for layer in layers for unit in layer.units]


def test_units_that_are_stored_sparse_know_them() -> None:
    layer = compiled("palindrome").filters.recurrent[1]
    known = units_document(layer, True)
    assert isinstance(known, dict)
    assert dict(zip(known["names"], known["files"], strict=True))[BACK] == "std.tm"
    named = [known["names"][rule] for rule, count in zip(known["rules"], known["counts"], strict=True) for _ in range(count)]
    files = [known["files"][known["names"].index(name)] for name in named]
    assert [(unit.rule, unit.file) for unit in layer.units] == list(zip(named, files, strict=True))
    assert "files" not in units_document(compiled("gauss").filters.recurrent[1], True)


def with_files(held: Checkpoint, file: str | None) -> Checkpoint:
    """A checkpoint whose units of a library are said to come from another file; None: from none, as an older tmc wrote it."""
    other = {} if file is None else {"file": file}
    units = {
        module: [{key: value for key, value in unit.items() if key != "file"} | (other if "file" in unit else {}) for unit in layer]
        for module, layer in held.about["units"].items()
    }
    return replace(held, about={**held.about, "units": units})


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_a_checkpoint_of_an_older_tmc_is_right(target: str) -> None:
    build = compiled("palindrome", target)
    fresh = from_build(build)
    older = with_files(fresh, None)
    assert older.about != fresh.about
    assert filters_of(older) == build.filters
    assert list(metadata_faults(older.about, fresh.about, build)) == []


def test_a_checkpoint_of_an_older_tmc_is_verified(tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "older.safetensors"
    save(with_files(from_build(compiled("palindrome")), None), path)
    verified = tmc("verify", path)
    assert (verified.status, verified.err) == (0, "")
    again = tmc("verify", path, "--relabel", tmp_path / "again.safetensors")
    assert again.status == 0
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_units_that_are_said_to_come_from_another_file(target: str) -> None:
    build = compiled("palindrome", target)
    fresh = from_build(build)
    (fault,) = metadata_faults(with_files(fresh, "other.tm").about, fresh.about, build)
    assert str(fault).endswith("(std.tm:29): what the file says of it is not so: its file is said to be 'other.tm'")
    assert fault.unit is not None
    assert (fault.unit.rule, fault.unit.file, fault.unit.line) == (BACK, "std.tm", 29)


def test_such_a_checkpoint_is_not_verified() -> None:
    wrong = with_files(from_build(compiled("palindrome")), "other.tm")
    assert [stage.name for stage in certify(wrong).stages if not stage.holds] == ["table → metadata"]


def test_units_in_another_order_get_the_compilers_bytes_again(tmc: Tmc, tmp_path: Path) -> None:
    fresh = from_build(compiled("palindrome"))
    order = np.arange(len(fresh.tensors["recurrent.2.bias"]))[::-1]
    tensors = dict(fresh.tensors)
    for name in ("recurrent.2.bias", "recurrent.2.weight"):
        tensors[name] = tensors[name][order]
    tensors["recurrent.4.weight"] = tensors["recurrent.4.weight"][:, order]
    save(replace(fresh, tensors=tensors), tmp_path / "other.safetensors")
    assert tmc("verify", tmp_path / "other.safetensors").status == 1
    assert tmc("verify", tmp_path / "other.safetensors", "--relabel", tmp_path / "again.safetensors").status == 0
    assert (tmp_path / "again.safetensors").read_bytes() == to_bytes(fresh)


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
