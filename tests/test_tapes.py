"""Tapes as text: what a test of a machine says, `--data` and Python say in the same words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tmc as package
from conftest import Outcome
from tmc.diagnostics import Rejected
from tmc.ir.table import LineTest
from tmc.pipeline import read_machine
from tmc.run.tapes import line_of_symbols, line_of_text, text_of_line
from tmc.source import Source

Tmc = Callable[..., Outcome]
MACHINE = """\
machine m
tape data: line of _ 0 1 '#' ''' ' '
start s
state s
    on _ -> accept
    on 0|1|'#'|'''|' ' move right
"""
DATA = read_machine(Source("m.tm", MACHINE))[0].data
WORDS = st.text(st.sampled_from("_01"), min_size=1, max_size=5)
QUOTED = st.text(st.sampled_from("_01# "), min_size=1, max_size=5).map("'{}'".format) | st.just("'''")
RUNS = st.lists(st.tuples(WORDS | QUOTED, st.sampled_from(["", " ", "  ", "\t"])), min_size=1, max_size=6)


@given(RUNS)
@settings(max_examples=200, deadline=None)
def test_a_test_and_a_command_read_alike(runs: list[tuple[str, str]]) -> None:
    text = "".join(word + blank for word, blank in runs)
    (test,) = read_machine(Source("m.tm", f'{MACHINE}test "t"\n    data {text}\n    -> accept\n'))[0].tests
    assert isinstance(test, LineTest)
    assert line_of_text(DATA, text) == line_of_symbols(DATA, test.data)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [("", ""), ("01", "01"), (" 0  1 ", "01"), ("'#'", "#"), ("0#1", "0#1"), ("'0 1'", "0 1"), ("'''", "'"), ("1''''#'0", "1'#0")],
)
def test_what_is_read(text: str, symbols: str) -> None:
    assert text_of_line(DATA, line_of_text(DATA, text)) == symbols.strip("_")


KNOWN = "which is not a symbol of the tape data (_ 0 1 # '  )"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0 x", f"character 3 of the data is 'x', {KNOWN}"),
        ("0 '1x'", f"character 5 of the data is 'x', {KNOWN}"),
        ("01 '0", "the quote at character 4 of the data is not closed; the symbol ' itself is written '''"),
        ("0''", "there is no symbol between the quotes at character 2 of the data; the blank is written _"),
    ],
)
def test_what_is_not(tmc: Tmc, tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        line_of_text(DATA, text)
    assert str(refused.value) == why
    with pytest.raises(Rejected) as refused:
        package.simulate(MACHINE, data=text)
    assert str(refused.value) == why
    path = tmp_path / "m.tm"
    path.write_text(MACHINE, encoding="utf-8")
    assert tmc("simulate", path, "--data", text) == Outcome(1, "", f"error: {why}\n")
    assert tmc("compile", path, "-o", tmp_path / "m.safetensors").status == 0
    assert tmc("run", tmp_path / "m.safetensors", "--data", text) == Outcome(1, "", f"error: {why}\n")
    assert tmc("diff", tmp_path / "m.safetensors", path, "--data", text) == Outcome(1, "", f"error: {why}\n")


def test_commands_and_python_read_alike(tmc: Tmc, tmp_path: Path) -> None:
    path, network = tmp_path / "m.tm", tmp_path / "m.safetensors"
    path.write_text(MACHINE, encoding="utf-8")
    assert tmc("compile", path, "-o", network).status == 0
    text = "01 '#'  '1 0' '''"
    assert tmc("simulate", path, "--data", text).out == "accept after 8 steps\ndata  01#1 0'\n"
    assert tmc("run", network, "--data", text).out.endswith("data  01#1 0'\n")
    assert package.simulate(path, data=text).data == package.load(network).run(text).data == "01#1 0'"


PICTURE = """\
learner walk
tape data: grid of _ '#' o
start s
state s
    on o                     -> accept
    on '#' at bottom         -> reject
    on '#'                   move down
    otherwise     write o    move right
"""


def simulated(tmc: Tmc, folder: Path, picture: str, *options: str, machine: str = PICTURE) -> Outcome:
    (folder / "m.tm").write_text(machine, encoding="utf-8")
    (folder / "p.txt").write_text(picture, encoding="utf-8")
    return tmc("simulate", folder / "m.tm", "--grid", folder / "p.txt", *options)


def test_a_picture(tmc: Tmc, tmp_path: Path) -> None:
    assert simulated(tmc, tmp_path, "_#_\n_ '#'\r\n___\n\n") == Outcome(
        0, "accept after 6 steps\ndata  o#_\n      _#_\n      _oo\n", ""
    )
    assert simulated(tmc, tmp_path, "#\n#_o\n") == Outcome(0, "reject after 2 steps\ndata  #__\n      #_o\n", "")


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        ("_#\n_x\n", "character 2 of line 2 of {} is 'x', which is not a symbol of the tape data (_ # o)"),
        ("_'#\n__\n", "the quote at character 2 of line 1 of {} is not closed; the symbol ' itself is written '''"),
        ("_#_\n", "{}: a grid has at least two rows and two columns; the blank is written _"),
        ("_\n#\n", "{}: a grid has at least two rows and two columns; the blank is written _"),
        ("", "{} is empty"),
    ],
)
def test_no_picture(tmc: Tmc, tmp_path: Path, picture: str, why: str) -> None:
    assert simulated(tmc, tmp_path, picture) == Outcome(1, "", f"error: {why.format(tmp_path / 'p.txt')}\n")


def test_a_picture_that_nobody_looks_at(tmc: Tmc, tmp_path: Path) -> None:
    for option in ("--data", "--input"):
        outcome = simulated(tmc, tmp_path, "__\n__\n", option, "x")
        assert (outcome.status, outcome.err.splitlines()[-1]) == (2, f"Error: --grid and {option} exclude each other.")
    outcome = simulated(tmc, tmp_path, "__\n__\n", machine=MACHINE)
    assert (outcome.status, outcome.err.splitlines()[-1]) == (2, "Error: the machine m reads a line: give it --data, not --grid.")
