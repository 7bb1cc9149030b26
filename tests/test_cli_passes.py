"""Switching passes of the optimiser off, and what is said about what they saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outcome
from tmc.net.checkpoint.reading import from_build, to_bytes
from tmc.optimise.passes import PASSES
from tmc.pipeline import compile_machine
from tmc.source import Source

Tmc = Callable[..., Outcome]
SPRINTER = """machine sprinter
tape data: line of _ 0 1
start left
state left
    on 0   write 0  move right  -> right
    on 1            move right  -> right
    on _                        -> accept
state right
    on 0|1          move right  -> left
    on _                        -> accept
"""
SAID = "optimised: 2 -> 1 states (merge-states), 5 -> 2 transitions (merge-states, merge-transitions)\n"
OFF = tuple(f"--no-{name}" for name in PASSES)


@pytest.fixture
def sprinter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sprinter.tm").write_text(SPRINTER, encoding="utf-8")
    return "sprinter.tm"


def test_compile_says_on_stderr_what_was_saved(tmc: Tmc, sprinter: str) -> None:
    outcome = tmc("compile", sprinter)
    assert (outcome.status, outcome.err) == (0, SAID)
    assert outcome.out.startswith("sprinter.safetensors: sprinter, 1 state, 2 transitions -> ")


def test_compile_without_passes(tmc: Tmc, sprinter: str, tmp_path: Path) -> None:
    outcome = tmc("compile", sprinter, *OFF)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("sprinter.safetensors: sprinter, 2 states, 5 transitions -> ")
    build = compile_machine(Source("sprinter.tm", SPRINTER), without=PASSES)
    assert (tmp_path / "sprinter.safetensors").read_bytes() == to_bytes(from_build(build))
    half = tmc("compile", sprinter, "--no-merge-states")
    assert half.err == "optimised: 5 -> 4 transitions (merge-transitions)\n"


def test_inspect_shows_what_is_compiled(tmc: Tmc, sprinter: str) -> None:
    outcome = tmc("inspect", sprinter, "--stage", "optimised")
    assert outcome.err == SAID
    assert outcome.out.startswith("Optimised table of sprinter\n")
    assert "1 state, 2 transitions" in outcome.out
    assert "\nleft (start) (also right)\n" in outcome.out
    assert json.loads(tmc("inspect", sprinter, "--stage", "optimised", "--json").out)["merged"] == {"left": ["right"]}
    for stage in ("rules", "cells", "filters"):
        assert tmc("inspect", sprinter, "--stage", stage).err == f"{SAID}states that do the same are one: left is right, too\n"
    assert tmc("inspect", sprinter, "--stage", "syntax").err == ""


def test_the_table_is_shown_as_it_is_written(tmc: Tmc, sprinter: str) -> None:
    outcome = tmc("inspect", sprinter)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("Table of sprinter\n")
    assert "2 states, 5 transitions" in outcome.out


def test_inspect_without_passes_shows_what_is_written(tmc: Tmc, sprinter: str) -> None:
    outcome = tmc("inspect", sprinter, "--stage", "optimised", *OFF)
    assert (outcome.status, outcome.err) == (0, "")
    assert "2 states, 5 transitions" in outcome.out
    assert tmc("inspect", sprinter, "--stage", "filters", *OFF).out != tmc("inspect", sprinter, "--stage", "filters").out


def test_a_trace_shows_the_states_as_written(tmc: Tmc, sprinter: str) -> None:
    outcome = tmc("simulate", sprinter, "--data", "01", "--trace")
    assert "right" in outcome.out + outcome.err


@pytest.mark.parametrize("command", ["compile", "inspect"])
def test_there_is_an_option_for_each_pass(tmc: Tmc, command: str) -> None:
    said = tmc(command, "--help").out
    assert all(f"--no-{name}" in said for name in PASSES)
    assert tmc(command, "m.tm", "--no-such-pass").status == 2


def test_nothing_is_said_where_nothing_was_saved(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    assert tmc("compile", machines / "gauss.tm", "-o", tmp_path / "out").err == ""
    assert tmc("inspect", machines / "gauss.tm").err == ""
