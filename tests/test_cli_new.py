from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from conftest import Outcome
from tmc.files import read_text
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import Table
from tmc.ir.tape import Grid
from tmc.pipeline import read_machine
from tmc.run.simulator import simulate
from tmc.run.tapes import line_of_text, text_of_line

Tmc = Callable[..., Outcome]
KINDS = ("line", "learner")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table(tmc: Tmc, kind: str) -> Table:
    assert tmc("new", "it", f"--{kind}").status == 0
    return read_machine(read_text("it.tm"))[0]


def test_a_machine_on_a_line(tmc: Tmc) -> None:
    said = "flip.tm is there, ready to be changed. Next:\n  tmc test flip.tm\n  tmc simulate flip.tm --data 1011 --trace\n"
    assert tmc("new", "flip") == Outcome(0, said, "")
    assert read_machine(read_text("flip.tm"))[0].name == "flip"
    assert tmc("simulate", "flip.tm", "--data", "1011", "--trace").status == 0


def test_a_learner(tmc: Tmc) -> None:
    said = "look_up.tm is there, ready to be changed. Next:\n  tmc test look_up.tm\n"
    said += "  tmc compile look_up.tm -o look_up.safetensors\n"
    assert tmc("new", "look_up", "--learner") == Outcome(0, said, "")
    assert read_machine(read_text("look_up.tm"))[0].name == "look_up"


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_nothing_to_complain_about(tmc: Tmc, kind: str) -> None:
    assert tmc("new", "größe", f"--{kind}", "-o", "x y.tm").status == 0
    assert tmc("check", "--strict", "x y.tm") == Outcome(0, "1 file: no errors, no warnings\n", "")
    assert tmc("fmt", "--check", "x y.tm").status == 0
    outcome = tmc("test", "x y.tm")
    assert outcome.status == 0
    assert "FAIL" not in outcome.out
    assert outcome.out.count("  ok    ") >= 2


def test_the_line_flips_every_bit_and_keeps_its_promise(tmc: Tmc) -> None:
    machine = table(tmc, "line")
    assert machine.bounds.steps is not None
    for length in range(6):
        for word in map("".join, product("01", repeat=length)):
            run = simulate(machine, line_of_text(machine.data, word))
            assert run.verdict == "accept"
            assert text_of_line(machine.data, run.configuration.data) == word.translate(str.maketrans("01", "10"))
            assert run.steps == machine.bounds.steps.evaluate({"n": length})


def test_the_learner_looks_the_query_up_and_keeps_its_promise(tmc: Tmc) -> None:
    machine = table(tmc, "learner")
    bounds = machine.bounds
    assert isinstance(bounds.steps, Polynomial)
    for m, d in ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1)):
        longest = 0
        for rows in product(product((0, 1), repeat=d + 1), repeat=m):
            for query in product((0, 1), repeat=d):
                run = simulate(machine, Grid((*(tuple(1 + bit for bit in row) for row in rows), (*(1 + bit for bit in query), 0))))
                label = next((row[-1] for row in rows if row[:-1] == query), 0)
                assert run.verdict == ("accept" if label else "reject")
                longest = max(longest, run.steps)
        assert longest == bounds.steps.evaluate({"m": m, "d": d})


def test_nothing_is_overwritten(tmc: Tmc, tmp_path: Path) -> None:
    (tmp_path / "m.tm").write_text("mine", encoding="utf-8")
    why = "error: m.tm exists already, and is left as it is; choose another name, or another file with -o\n"
    assert tmc("new", "m") == Outcome(1, "", why)
    assert tmc("new", "n", "-o", "m.tm") == Outcome(1, "", why)
    assert (tmp_path / "m.tm").read_text(encoding="utf-8") == "mine"
    (tmp_path / "link.tm").symlink_to("nowhere")
    assert tmc("new", "link").status == 1
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("2x", "`2x` begins with a digit, a name does not."),
        ("a/b", "`a/b` is not a name: that has letters, digits and `_` only. (-o says where to write.)"),
        ("a-b", "`a-b` is not a name: that has letters, digits and `_` only. (-o says where to write.)"),
        ("", "`` is not a name: that has letters, digits and `_` only. (-o says where to write.)"),
        ("a\n", "`a\n` is not a name: that has letters, digits and `_` only. (-o says where to write.)"),
    ],
)
def test_names_that_are_none(tmc: Tmc, tmp_path: Path, name: str, why: str) -> None:
    outcome = tmc("new", name)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.endswith(f"Invalid value for 'NAME': {why}\n")
    assert not any(tmp_path.iterdir())


def test_places_where_nothing_can_be_written(tmc: Tmc, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tmc("new", "m", "-o", "no/m.tm") == Outcome(
        1, "", "error: cannot write no/m.tm: the folder no does not exist; create it first\n"
    )
    assert tmc("new", "m", "-o", "") == Outcome(1, "", "error: cannot write a file without a name\n")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert tmc("new", "m") == Outcome(1, "", "error: cannot write m.tm: the folder . is not writable; choose another\n")
