"""Texts of other programs, as what they are told to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outcome
from tmc.syntax.foreign import foreign

Tmc = Callable[..., Outcome]

YAML = """\
# Adds 1 to a binary number.
input: '1011'
blank: ' '
start state: right
table:
  # scan to the rightmost digit
  right:
    [1,0]: R
    ' '  : {L: carry}
  carry:
    1      : {write: 0, L}
    [0,' ']: {write: 1, L: done}
  done:
"""
JFLAP = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?><!--Created with JFLAP 7.1.--><structure>&#13;
\t<type>turing</type>&#13;
\t<automaton>&#13;
\t\t<state id="0" name="q0"><x>80.0</x><y>110.0</y><initial/></state>&#13;
\t</automaton>&#13;
</structure>
"""
MORPHETT = """\
; Binary palindromes, by Anthony Morphett
0 0 _ r 1o
0 1 _ r 1i
0 _ * * halt-accept     ; the empty tape

1o * * r 1o
1o _ _ l 2o
"""
SIMULATOR = "//-------CONFIGURATION\nname: Even zeros\ninit: q0\naccept: qf\n\nq0,0\nq1,0,>\n"
TEXTS = {
    "a machine for turingmachine.io (YAML)": YAML,
    "a machine as bbchallenge.org writes it": "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA\n",
    "a machine of JFLAP (XML)": JFLAP,
    "a machine for Morphett's simulator": MORPHETT,
    "a machine for turingmachinesimulator.com": SIMULATOR,
    "a document of TeXmacs": "<TeXmacs|2.1.1>\n\n<style|generic>\n\n<\\body>\n</body>\n",
    "a module of Tcl": "# A module.\npackage provide thing 1.0\nnamespace eval ::thing {}\n",
}
ADVICE = "`tmc import FILE -o X.tm` writes it in the language of tmc"


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_is_recognised(what: str) -> None:
    assert foreign(TEXTS[what])[0] == what
    assert foreign(TEXTS[what].replace("\n", "\r\n"))[0] == what


@pytest.mark.parametrize(
    "text", ["", "\n", "Dear diary,\ntoday I wrote no machine.\n", "1RB\n", "# only\n", "<p>\n", "a b c l d e\n"]
)
def test_others_are_not(text: str) -> None:
    assert foreign(text) == ("", "")


def test_several_halves_and_six_symbols() -> None:
    assert (
        foreign("1RB---_2LA0LB\n0RB1RZ_1LA---\n")[0]
        == foreign("1RB2LA5RD_---3LB0RA\n")[0]
        == "a machine as bbchallenge.org writes it"
    )


@pytest.mark.parametrize("command", [("check",), ("compile",), ("simulate", "--data", "1"), ("inspect",), ("fmt",), ("test",)])
def test_whatever_reads_a_machine_says_so(tmc: Tmc, tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "bb5.tm"
    path.write_text(TEXTS["a machine as bbchallenge.org writes it"], encoding="utf-8")
    outcome = tmc(command[0], path, *command[1:])
    assert outcome.status == 1
    assert (
        f"error[TMC002]: this is a machine as bbchallenge.org writes it, not one of tmc\n  --> {path}:1:1\n  |\n"
        "1 | 1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA\n  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = help: `tmc import FILE -o X.tm` writes it in the language of tmc\n"
    ) in outcome.out + outcome.err


def test_in_words(tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(YAML, encoding="utf-8")
    said = (
        "error[TMC002]: this is a machine for turingmachine.io (YAML), not one of tmc\n"
        f"  --> {path}:2:1\n  |\n2 | input: '1011'\n  | ^^^^^^\n  = help: {ADVICE}\n\n1 file: 1 error, no warnings\n"
    )
    assert tmc("check", path) == Outcome(1, said, "")
