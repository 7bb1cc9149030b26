"""``tmc run`` on line machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tmc as package
from conftest import ROOT, Outcome, compiled
from tmc.learn.data import datasets
from tmc.net.checkpoint.reading import from_build, save, to_bytes

Tmc = Callable[..., Outcome]
CHECKPOINT = to_bytes(from_build(compiled("increment")))
SAME = ("machine", "verdict", "state", "head", "data", "work")  # what `tmc simulate --json` says, too


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the command runs in, holding a compiled network."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "increment.safetensors").write_bytes(CHECKPOINT)
    return tmp_path


def machine(folder: Path, rules: str, bounds: str = "", work: bool = False) -> str:
    """A checkpoint of a line machine with one state."""
    tapes = "tape data: line of _ 0 1\n" + ("tape notes: line of _ 1\n" if work else "")
    limits = f"bounds\n{bounds}" if bounds else ""
    save(from_build(package.compile(f"machine toy\n{tapes}{limits}start s\nstate s\n{rules}")), folder / "toy.safetensors")
    return "toy.safetensors"


WALK = "  on 1  write ., 1  move right, right\n  on _  -> accept\n"
AWAY = "  on _  write 1  move left\n  on 1  -> reject\n"


def test_as_typed(tmc: Tmc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "increment.tm").write_bytes((ROOT / "machines" / "increment.tm").read_bytes())
    assert tmc("compile", "increment.tm").status == 0
    assert tmc("run", "--data", "1011") == Outcome(0, "accept after 15 layers of 44\ndata  1100\n", "")
    assert tmc("run", "increment.safetensors", "--data", "") == Outcome(0, "accept after 3 layers of 12\ndata  1\n", "")


WHY = "few cells change in a layer"


def test_one_json_object(tmc: Tmc, folder: Path) -> None:
    outcome = tmc("run", "--data", "111", "--json")
    assert (outcome.status, outcome.err, outcome.out.count("\n")) == (0, "", 1)
    found = json.loads(outcome.out)
    simulated = json.loads(tmc("simulate", ROOT / "machines" / "increment.tm", "--data", "111", "--json").out)
    assert {key: found.pop(key) for key in SAME} == {key: simulated[key] for key in SAME}
    assert found.pop("seconds") >= 0
    assert found.pop("loop") is None
    assert found == {"layers": 15, "layers_run": 16, "depth": 36, "cells": [-32, 34], "engine": "sparse", "chosen": WHY}


def test_two_tapes(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, WALK, work=True)
    for engine in ("sparse", "dense"):
        assert tmc("run", name, "--data", "111", "--engine", engine) == Outcome(
            0, "accept after 7 layers\ndata   111\nnotes  111\n", ""
        )
    assert tmc("run", name, "--data", "").out == "accept after 1 layer\ndata\nnotes\n"


def test_undecided(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, WALK + "  on 0\n", work=True)
    outcome = tmc("run", name, "--data", "10")
    assert (outcome.status, outcome.err) == (0, "")
    first, *tapes = outcome.out.splitlines()
    assert first.startswith("loops after ")
    assert first.endswith(" layers in state s, runs for ever: the same step again and again")
    assert tapes == ["data   10", "notes  1"]
    stuck = tmc("run", machine(folder, WALK, work=True), "--data", "0")
    assert stuck == Outcome(0, "stuck after 1 layer in state s, where no rule applies: undecided\ndata   0\nnotes\n", "")


def test_a_machine_that_never_halts(tmc: Tmc, folder: Path) -> None:
    name = machine(folder, AWAY)
    assert tmc("run", name, "--data", "", "--max-layers", 8) == Outcome(
        0,
        "loops after 8 layers in state s, runs for ever: the same step again and again, "
        "each time 1 cell further left on the tape data\ndata  1111\n",
        "",
    )
    name = machine(folder, AWAY, bounds="  steps 3\n")
    assert tmc("run", name, "--data", "") == Outcome(
        0,
        "loops after 12 layers of 12 in state s, runs for ever: the same step again and again, "
        "each time 1 cell further left on the tape data\ndata  111111\n",
        "warning: there was no answer after 12 layers; toy breaks its bound on steps\n",
    )


def test_full_depth(tmc: Tmc, folder: Path) -> None:
    assert tmc("run", "--data", "1", "--full-depth").out == "accept after 7 layers of 20, 20 run\ndata  10\n"


def test_a_window(tmc: Tmc, folder: Path) -> None:
    assert json.loads(tmc("run", "--data", "1011", "--window", 4, "--json").out)["cells"] == [-5, 5]
    assert tmc("run", "--data", "1011", "--window", 3) == Outcome(
        1, "", "error: after 8 layers the run leaves its window of 3 cells to either side; use a larger --window, or leave it out\n"
    )
    assert tmc("run", "--data", "1011", "--window", 2) == Outcome(
        1, "", "error: the data reach 3 cells to the right of the head, the window only 2; use a larger --window\n"
    )
    name = machine(folder, WALK, work=True)
    assert tmc("run", name, "--data", "1111", "--window", 4, "--work", 5).out.startswith("accept after 9 layers\n")
    assert tmc("run", name, "--data", "1111", "--window", 4).err.endswith("use a larger --window or --work, or leave it out\n")


def test_a_symbol_that_the_tape_does_not_have(tmc: Tmc, folder: Path) -> None:
    expected = "error: character 2 of the data is 'x', which is not a symbol of the tape data (_ 0 1)\n"
    assert tmc("run", "--data", "1x") == Outcome(1, "", expected)


def test_options_that_do_not_go_together(tmc: Tmc, folder: Path) -> None:
    save(from_build(compiled("gauss")), folder / "gauss.safetensors")
    datasets.save(datasets.parity(2, 2, 1), folder / "data.npz")
    for arguments, message in (
        (("increment.safetensors",), "say what to run on: --input FILE for a learner, --data TEXT for a line machine."),
        (("increment.safetensors", "--data", "", "--input", "data.npz"), "--input and --data exclude each other."),
        (("increment.safetensors", "--input", "data.npz"), "the machine increment reads a line: give it --data, not --input."),
        (("gauss.safetensors", "--data", "01"), "the machine gauss learns from examples: give it --input, not --data."),
        (("increment.safetensors", "--data", "", "--output", "x"), "--output goes with --input; with --data, `--json > FILE`"),
        (("increment.safetensors", "--data", "", "--save", "x"), "--save goes with --input: a line machine learns nothing."),
        (("increment.safetensors", "--data", "", "--work", 2), "with --data, --work goes with --window: without --window"),
        (("gauss.safetensors", "--input", "data.npz", "--window", 2), "--window goes with --data: a learner's grid has the size"),
        (("increment.safetensors", "--data", "", "--window", -1), "Invalid value for '--window'"),
    ):
        outcome = tmc("run", *arguments)
        assert (outcome.status, outcome.out) == (2, "")
        assert message in outcome.err
    assert sorted(path.name for path in folder.iterdir()) == ["data.npz", "gauss.safetensors", "increment.safetensors"]
