from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT, Outcome, compiled
from tmc.ir.units import sums
from tmc.net.checkpoint import sparse_writing
from tmc.net.checkpoint.as_filters import filters_of
from tmc.net.checkpoint.reading import from_build, from_stages, load, save
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.pipeline import lower_table
from tmc.view import graphviz, stages

Tmc = Callable[..., Outcome]
STAGES = ("syntax", "table", "optimised", "rules", "cells", "filters")


def test_the_table_is_shown_by_default(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("inspect", machines / "increment.tm")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == (ROOT / "tests" / "golden" / "increment.table.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("form", "first"), [("text", ""), ("json", "{"), ("dot", "digraph"), ("graphml", "<?xml")])
def test_every_stage_in_every_format(tmc: Tmc, machines: Path, tmp_path: Path, stage: str, form: str, first: str) -> None:
    shown = tmc("inspect", machines / "increment.tm", "--stage", stage, "--format", form)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.startswith(first)
    written = tmc("inspect", machines / "increment.tm", "--stage", stage, "--format", form, "-o", tmp_path / "out")
    assert written == Outcome(0, "", "")
    assert (tmp_path / "out").read_text(encoding="utf-8") == shown.out


def test_json_is_one_sorted_object(tmc: Tmc, machines: Path) -> None:
    out = tmc("inspect", machines / "increment.tm", "--stage", "syntax", "--format", "json").out
    document = json.loads(out)
    assert out == json.dumps(document, indent=2, sort_keys=True) + "\n"
    assert document["node"] == "machine"
    assert document["states"][0]["line"] == 14
    assert document["states"][0]["rules"][0]["on"]["patterns"][0]["symbols"][1]["text"] == "1"


def test_warnings_go_to_stderr(tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "idle.tm"
    path.write_text("machine idle\ntape data: line of _ 0\nstart a\nstate a\n    on 0  move right\n")
    outcome = tmc("inspect", path)
    assert outcome.status == 0
    assert outcome.out.startswith("Table of idle\n")
    assert outcome.err.startswith("warning[TMC1")


def test_a_machine_with_errors(tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "wrong.tm"
    path.write_text("machine wrong\ntape data: line of _ 0\nstart a\nstate a\n    on 0  -> b\n    on _  -> accept\n")
    outcome = tmc("inspect", path, "-o", tmp_path / "out")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("error[TMC004]")
    assert not (tmp_path / "out").exists()
    assert tmc("inspect", path, "--stage", "syntax").status == 0  # names are not looked up yet


def test_a_file_that_is_not_there(tmc: Tmc) -> None:
    assert tmc("inspect", "nowhere.tm") == Outcome(1, "", "error: cannot read nowhere.tm: it does not exist\n")


def test_an_output_that_cannot_be_written(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    outcome = tmc("inspect", machines / "increment.tm", "-o", tmp_path / "no" / "out")
    assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize("arguments", [(), ("--stage", "weights"), ("--format", "png"), ("--stage",)])
def test_wrong_usage(tmc: Tmc, machines: Path, arguments: tuple[str, ...]) -> None:
    files = (machines / "increment.tm",) if arguments else ()
    outcome = tmc("inspect", *files, *arguments)
    assert (outcome.status, outcome.out) == (2, "")


def test_help_has_examples(tmc: Tmc) -> None:
    assert "tmc inspect machines/gauss.tm --stage rules --json" in tmc("inspect", "--help").out


@pytest.mark.parametrize(("form", "expected"), [("text", "[]"), ("json", "[]"), ("dot", "['networkx']")])
def test_heavy_modules_are_not_imported(form: str, expected: str) -> None:
    program = (
        "import sys\nfrom tmc.cli import main\n"
        f"main(['inspect', 'machines/increment.tm', '--stage', 'filters', '--format', '{form}', '-o', '/dev/null'])\n"
        "print(sorted({'networkx', 'torch', 'numpy'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT)
    assert shown.stdout.strip() == expected


def test_the_source_is_never_overwritten(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    source = tmp_path / "gauss.tm"
    text = (machines / "gauss.tm").read_text(encoding="utf-8")
    source.write_text(text, encoding="utf-8")
    outcome = tmc("inspect", source, "-o", source)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == f"error: the output would overwrite {source}; name another file with -o\n"
    assert source.read_text(encoding="utf-8") == text


def test_json_as_elsewhere(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("inspect", machines / "increment.tm", "--json")
    assert outcome == tmc("inspect", machines / "increment.tm", "--format", "json")
    assert tmc("inspect", machines / "increment.tm", "--json", "--format", "json") == outcome
    wrong = tmc("inspect", machines / "increment.tm", "--json", "--format", "dot")
    assert wrong.status == 2
    assert "--json and --format dot exclude each other." in wrong.err


@pytest.mark.parametrize("ending", ["txt", "json", "dot", "gv", "graphml", "JSON", ""])
def test_the_ending_says_the_format(tmc: Tmc, machines: Path, tmp_path: Path, ending: str) -> None:
    form = {"txt": "text", "gv": "dot", "": "text"}.get(ending, ending.lower())
    path = tmp_path / f"out.{ending}".rstrip(".")
    assert tmc("inspect", machines / "increment.tm", "-o", path) == Outcome(0, "", "")
    assert path.read_text(encoding="utf-8") == tmc("inspect", machines / "increment.tm", "--format", form).out


def test_an_ending_that_nobody_knows(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    outcome = tmc("inspect", machines / "increment.tm", "-o", tmp_path / "x.png")
    assert outcome.status == 2
    known = ".txt, .json, .dot, .gv, .graphml, .svg"
    assert f"no format has the ending .png: name a file that ends in one of {known}, or say --format." in outcome.err
    outcome = tmc("inspect", machines / "increment.tm", "-o", tmp_path / "x.svg", "--format", "text")
    assert outcome.status == 2
    assert f"{tmp_path / 'x.svg'} ends like svg, and the format asked for is text: name a file that ends in .txt." in outcome.err
    assert list(tmp_path.iterdir()) == []
    assert tmc("inspect", machines / "increment.tm", "-o", tmp_path / "x.png", "--format", "text").status == 0


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_a_picture(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    assert tmc("inspect", machines / "increment.tm", "-o", tmp_path / "x.svg") == Outcome(0, "", "")
    assert "<svg" in (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert "<svg" in tmc("inspect", machines / "increment.tm", "--format", "svg").out


def test_a_picture_without_graphviz(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz.shutil, "which", lambda _: None)
    said = "Graphviz, which draws SVG, is not installed; install it (its program is `dot`), or write the graph with --format dot"
    outcome = tmc("inspect", machines / "increment.tm", "-o", tmp_path / "x.svg")
    assert outcome == Outcome(1, "", f"error: {said} and draw it elsewhere: dot -Tsvg graph.dot -o graph.svg\n")
    assert list(tmp_path.iterdir()) == []


def test_graphviz_fails(tmc: Tmc, machines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\ncat > /dev/null\necho no memory >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(graphviz.shutil, "which", lambda _: str(program))
    outcome = tmc("inspect", machines / "increment.tm", "--format", "svg")
    assert outcome == Outcome(1, "", "error: Graphviz could not draw this graph (no memory); try --format dot\n")


# --- checkpoints


@pytest.mark.parametrize("target", ["wide", "scalar"])
@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_a_checkpoint_shows_what_it_holds(tmc: Tmc, tmp_path: Path, name: str, target: str) -> None:
    build = compiled(name, target)
    save(from_build(build), tmp_path / "m.safetensors")
    (tmp_path / "copy").write_bytes((tmp_path / "m.safetensors").read_bytes())
    assert filters_of(load(tmp_path / "m.safetensors")) == build.filters
    for stage, expected in (("table", build.lowered), ("rules", build.rules), ("cells", build.cells), ("filters", build.filters)):
        for path in ("m.safetensors", "copy"):
            assert tmc("inspect", tmp_path / path, "--stage", stage) == Outcome(0, stages.text(expected), "")
    machine = ROOT / "machines" / f"{name}.tm"
    assert tmc("inspect", tmp_path / "copy", "--stage", "syntax").out == tmc("inspect", machine, "--stage", "syntax").out
    assert json.loads(tmc("inspect", tmp_path / "copy", "--json").out)["name"] == name


def test_the_filters_of_a_checkpoint_are_its_weights(tmc: Tmc, tmp_path: Path) -> None:
    checkpoint = from_build(compiled("increment"))
    bias = checkpoint.tensors["recurrent.2.bias"].copy()
    bias[0] = -7.25
    changed = replace(checkpoint, tensors={**checkpoint.tensors, "recurrent.2.bias": bias})
    save(changed, tmp_path / "m.safetensors")
    out = tmc("inspect", tmp_path / "m.safetensors", "--stage", "filters").out
    assert " - 29/4)" in out
    assert " - 29/4)" not in stages.text(compiled("increment").filters)


def test_a_checkpoint_of_sparse_matrices(tmc: Tmc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its units have no names, and its transitions stand in columns."""
    monkeypatch.setattr(sparse_writing, "DENSE", 0)
    build = lower_table(compiled("gauss").table)
    path = tmp_path / "m.safetensors"
    save(from_stages(build), path)
    checkpoint = load(path)
    found = filters_of(checkpoint)
    assert any(isinstance(matrix, SparseMatrix) for matrix, _ in checkpoint.layers("recurrent"))
    for layer, other in zip(found.recurrent, build.filters.recurrent, strict=True):
        assert list(sums(layer.units)) == list(sums(other.units))
        assert [(unit.rule, unit.line) for unit in layer.units] == [(unit.rule, unit.line) for unit in other.units]
    said = "holds no source, as it was made from a table; ask for --stage table"
    assert tmc("inspect", path, "--stage", "syntax") == Outcome(1, "", f"error: {path} {said}\n")
    assert tmc("inspect", path).out == stages.text(build.lowered)
    assert tmc("inspect", path, "--stage", "filters").out.startswith("Filters, target wide\n")


def test_a_checkpoint_is_taken_as_it_is(tmc: Tmc, tmp_path: Path) -> None:
    save(from_build(compiled("increment")), tmp_path / "m.safetensors")
    for arguments in (("--target", "scalar", "--stage", "filters"), ("--no-merge-states",)):
        outcome = tmc("inspect", tmp_path / "m.safetensors", *arguments)
        assert outcome.status == 2
        assert "a checkpoint is shown as it is" in outcome.err
    (tmp_path / "m.safetensors").write_text("nothing")
    outcome = tmc("inspect", tmp_path / "m.safetensors")
    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    assert "this is not a checkpoint made by tmc" in outcome.err
