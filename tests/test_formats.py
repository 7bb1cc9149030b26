"""Machines of other programs: read, written in the language, and run as their own program runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT, compiled
from tmc.cli import main
from tmc.diagnostics import Rejected, Severity
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.formats import automata, bbchallenge, jflap, morphett, turingmachine_io
from tmc.formats.draft import Draft
from tmc.formats.draft_to_text import draft_to_text
from tmc.formats.names import characters, identifiers
from tmc.formats.registry import FORMATS, format_of
from tmc.ir.table import Table
from tmc.pipeline import look_over
from tmc.run.simulator import simulate
from tmc.run.tapes import line_of_text, text_of_line
from tmc.source import Source
from tmc.syntax.formatter import format_source
from tmc.syntax.program import read_program

ADDER = """\
# Adds one to a binary number.
input: '1011'
blank: ' '
start state: right
synonyms:
  stop: {R: done}
table:
  # To the last digit.
  right:
    [1,0]: R
    ' ': {L: carry}
  carry:
    1: {write: 0, L}       # goes on
    [0,' ']: {write: 1, L: done}
  done:
"""
SAME_WORD = """\
; Whether a word of a and b is a palindrome.

; Take the first letter.
0 a _ r has-a
0 b _ r has-b
0 _ * * halt-accept   ; nothing is left
has-a _ _ l check-a
has-b _ _ l check-b
* * * r *             ; any other state walks on
check-a a _ l back !
check-b b _ l back
check-a _ _ * halt-accept
check-b _ _ * halt-accept
check-a * * * halt-reject
check-b * * * halt-reject
back _ _ r 0
back * * l back
"""
JFLAP = (
    """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?><!-- made with JFLAP -->
<structure><type>turing</type><automaton>
  <state id="0" name="q0"><x>80.0</x><y>80.0</y><initial/></state>
  <state id="1" name="the end"><final/></state>
  <transition><from>0</from><to>0</to><read>1</read><write>0</write><move>R</move></transition>
  <transition><from>0</from><to>1</to><read/><write>!</write><move>S</move></transition>
  <transition><from>0</from><to>0</to><read>!1</read><write>1</write><move>L</move></transition>
</automaton></structure>
""".replace("<read/>", "<read></read>")
    .replace("<read>!1</read>", "<read>0</read>")
    .replace("<read></read>", "<read/>")
)
DTM = """\
from automata.tm.dtm import DTM
machine = DTM(
    states={'q0', 'q1'}, input_symbols={'1'}, tape_symbols={'1', '#'}, transitions={'q0': {'1': ('q1', '1', 'R')}},
    initial_state='q0', blank_symbol='#', final_states={'q1'},
)
"""
CHAMPION = "1RB1LB_1LA0LC_1RZ1LD_1RD0RA\n"


def imported(draft: Draft) -> tuple[str, Table]:
    """The text of a draft, of which nothing is to be said but that cells are not covered, and its table."""
    text = draft_to_text(draft).text
    source = Source(f"{draft.name}.tm", text)
    assert format_source(source) == text
    assert [found for found in look_over(source) if found.severity is Severity.ERROR] == []
    return text, syntax_to_table(read_program(source))[0]


def outcome(table: Table, word: str) -> tuple[str, str]:
    run = simulate(table, line_of_text(table.data, word), 10_000)
    assert not isinstance(run.configuration.data, tuple)
    return run.verdict, text_of_line(table.data, run.configuration.data)  # type: ignore[arg-type]


def test_a_text_of_turingmachine_io() -> None:
    text, table = imported(turingmachine_io.read(Source("adder.yaml", ADDER), "adder"))
    assert (
        text
        == """\
# Adds one to a binary number.
# symbol _ was ' '
# example input: 1011
machine adder

tape data: line of _ 1 0

start right

# To the last digit.
state right
    on 1|0                move right
    on _                  move left    -> carry

state carry
    on 1        write 0   move left   # goes on
    on 0|_      write 1   move left    -> accept
"""
    )
    for number in range(40):
        assert outcome(table, f"{number:b}") == ("accept", f"{number + 1:b}")


def test_a_text_of_morphett() -> None:
    text, table = imported(morphett.read(Source("same.txt", SAME_WORD), "same"))
    assert text.startswith("# Whether a word of a and b is a palindrome.\n# state s0 was '0'\n# state has_a was 'has-a'\n")
    for word in ("", "a", "ab", "aba", "abba", "abab", "bbabb", "aab"):
        assert outcome(table, word)[0] == ("accept" if word == word[::-1] else "reject")


def test_the_rules_for_any_state_come_last() -> None:
    table = imported(morphett.read(Source("m", "* * * r *\n* 1 0 * halt\n0 1 * r *\n0 0 * r 1\n1 * * * halt-reject\n"), "m"))[1]
    assert outcome(table, "11") == ("timeout", "11")  # state 0 has a rule of its own for 1, and walks on blanks by the last one
    assert outcome(table, "01") == ("reject", "01")


def test_a_tape_with_an_end() -> None:
    """From the first cell the head does not move to the left: the machine writes 1 there twice, and goes on as before."""
    code = "0 * 1 l 1\n1 1 x r 2\n1 * * * halt-reject\n2 _ y l 3\n3 x z l 4\n4 z * * halt-accept\n"
    table = imported(replace(morphett.read(Source("m", code), "m"), wall=True))[1]
    assert outcome(table, "") == ("accept", "#zy")
    assert outcome(imported(morphett.read(Source("m", code), "m"))[1], "")[0] == "reject"


def test_the_champion() -> None:
    text, table = imported(bbchallenge.read(Source("bb", CHAMPION), "bb"))
    assert '    "1RB1LB_1LA0LC_1RZ1LD_1RD0RA"\n' in text
    run = simulate(table, line_of_text(table.data, ""))
    assert (run.verdict, run.steps) == ("accept", 107)
    assert text_of_line(table.data, run.configuration.data).count("1") == 13  # type: ignore[arg-type]
    assert bbchallenge.write(table) == CHAMPION


@pytest.mark.parametrize("text", ["1RB---_1LA1RZ\n", "1RB2LA1RZ_2LB2RB1LB\n", "0RB0LC_1RZ1RA_1LB1LA\n"])
def test_there_and_back(text: str) -> None:
    assert bbchallenge.write(imported(bbchallenge.read(Source("bb", text), "bb"))[1]) == text


def test_what_the_text_of_a_champion_cannot_say() -> None:
    for name, why in (
        ("gauss", "the format has one tape that is a line"), ("palindrome", "the format has one tape that is a line"),
    ):  # fmt: skip
        with pytest.raises(Rejected, match=f"^{name}: {why}$"):
            bbchallenge.write(compiled(name).table)


def test_texts_are_recognised() -> None:
    texts = (ADDER, SAME_WORD, CHAMPION)
    assert [format_of(Source("x", text)).name for text in texts] == [form.name for form in FORMATS[:3]]
    with pytest.raises(Rejected, match=r"^x: its format is not recognised; say it with --from \(turingmachine\.io, "):
        format_of(Source("x", "once upon a time\n"))


def test_names() -> None:
    assert identifiers(["a", "a'", "a'", "1", "s1", "go on", "reject", "+", ""]) == {
        "a": "a", "a'": "a_prime", "1": "s1_2", "s1": "s1", "go on": "go_on", "reject": "reject_", "+": "plus", "": "state",
    }  # fmt: skip
    assert identifiers(["-accept", "accept", "reject!"]) == {"-accept": "accept_2", "accept": "accept_", "reject!": "reject_bang"}
    assert characters(["B", "_", "x1", "x2", "\t"], "B") == {"B": "_", "_": "a", "x1": "x", "x2": "2", "\t": "b"}


BROKEN = [
    ("turingmachine.io", "table:\n  a:\n", "there is no `blank`"),
    ("turingmachine.io", "blank: ab\nstart state: a\ntable: {a: }\n", "`ab` is not one character"),
    ("turingmachine.io", "blank: ' '\nstart state: b\ntable: {a: {1: R}}\n", "the state `b` is not in the table"),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable: {a: }\n", "the start state `a` halts at once"),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable: {a: {1: {R: b}}}\n", "the state `b` is not in the table"),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable: {a: {1: {write: 2}}}\n", "this instruction has no direction"),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable: {a: {1: {R, L}}}\n", "a second direction"),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable: {a: {1: jump}}\n", "`jump` is neither L nor R nor a synonym"),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable: {a: {1: R, [0, 1]: L}}\n", "a second instruction for the symbol `1`"),
    ("turingmachine.io", "blank: &b ' '\nstart state: a\ntable: {a: {*b : R}}\n", "anchors and aliases are not read"),
    ("turingmachine.io", "blank: ' '\nstart state: [a\n", "this is not YAML: "),
    ("turingmachine.io", "- blank\n", "a machine is a mapping, and this is not one"),
    ("turingmachine.io", "source code: |\n  blank: ' '\n", "there is no `start state`"),
    ("turingmachine.io", "source code: 3\n", "the machine inside this document is not a block"),
    (
        "turingmachine.io",
        "source code: |\n  blank: ' '\n  start state: a\n  table: {a: {1: U}}\n",
        "`U` is neither L nor R nor a synonym",
    ),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable:\n  a: {1: R}\n  a: {0: L}\n", "`a` is here a second time"),
    ("turingmachine.io", "blank: ' '\nstart state: a\ntable: 3\n", "the table is a mapping, and this is not one"),
    ("turingmachine.io", "blank: " + "[" * 50_000, "this is nested too deeply for a machine"),
    ("morphett", "; nothing\n", "there is no rule in this text"),
    ("morphett", "0 1 1 r\n", "the new state is missing"),
    ("morphett", "0 1 1 r 0 1\n", "there is more than a rule on this line"),
    ("morphett", "0 12 1 r 0\n", "`12` is not one character"),
    ("morphett", "0 1 1 up 0\n", "`up` is not a direction"),
    ("morphett", "0 1 1 r 0\n0 1 0 r 0\n", "a second rule for state `0` and symbol `1`"),
    ("jflap", "<structure><type>turing</type></structur>", "this is not XML: mismatched tag"),
    ("jflap", "<!DOCTYPE x [<!ENTITY a 'aa'>]><structure/>", "a document type is not read"),
    ("jflap", "<a>" * 500, "this is nested too deeply for a machine"),
    ("jflap", "<automaton/>", "this is not a file of JFLAP"),
    ("jflap", "<structure><type>fa</type></structure>", "this is not a Turing machine but `fa`"),
    ("jflap", "<structure><type>turing</type><tapes>3</tapes></structure>", "this machine has 3 tapes"),
    ("jflap", "<structure><type>turing</type><tapes>two</tapes></structure>", "`two` is not a number of tapes"),
    ("jflap", JFLAP.replace("<read/>", "<read>~</read>"), "a second rule for the state `q0` on 1"),
    ("jflap", JFLAP.replace("<move>R</move>", ""), "`` is not a move"),
    ("jflap", JFLAP.replace("<from>0</from>", "", 1), "this transition has no state `from`"),
    ("morphett", "0 1 1 left 0\n", "`left` is not a direction"),
    ("jflap", JFLAP.replace("<initial/>", ""), "no state is initial"),
    ("jflap", JFLAP.replace("<final/>", "<initial/>"), "a second initial state"),
    ("jflap", JFLAP.replace("<to>0</to>", "<to>7</to>"), "there is no state with the id `7`"),
    ("jflap", JFLAP.replace("<move>R</move>", "<move>U</move>"), "`U` is not a move"),
    ("jflap", JFLAP.replace("<read>1</read>", "<read>a,b}w</read>"), "`a,b}w` is not one character"),
    ("jflap", JFLAP.replace("<read/>", "<read>1</read>"), "a second rule for the state `q0` on 1"),
    ("jflap", JFLAP.replace('id="1"', 'id="0"'), "a second state with the id `0`"),
    ("ugarte", "init: a\n", "there is no `accept:`"),
    ("ugarte", "init: a\naccept: b\ninit: c\n", "a second `init:`"),
    ("ugarte", "init: a\naccept: b\na,1\n", "the second line of this transition is missing"),
    ("ugarte", "init: a\naccept: b\na\nb,1,>\n", "this is not a state and 1 symbols"),
    ("ugarte", "init: a\naccept: b\na,1\nb,1\n", "this is not a state, 1 symbols and 1 moves"),
    ("ugarte", "init: a\naccept: b\na,1\nb,1,R\n", "`R` is not a move"),
    ("ugarte", "init: a\naccept: b\na,11\nb,1,>\n", "`11` is not one character"),
    ("ugarte", "init: a\naccept: b\na,1,1,1\nb,1,1,1,>,>,>\n", "this machine has 3 tapes"),
    ("ugarte", "init: a\naccept: b\na,1\nb,1,>\na,1\nb,0,>\n", "a second rule for the state `a` on 1"),
    ("automata-lib", "{'transitions': {}}", "there is no `initial_state`"),
    ("automata-lib", "{'transitions': {", "this is not Python: "),
    ("automata-lib", "import os\nos.remove('x')\n", "`remove` is not read"),
    ("automata-lib", "print(1)\nx = 3\n", "`print` is not read"),
    ("automata-lib", "x = 3\n", "there is no dictionary and no call of DTM or MNTM in this text"),
    ("automata-lib", DTM.replace("'R'", "'U'"), "`U` is not a direction"),
    (
        "automata-lib",
        DTM.replace("('q1', '1', 'R')", "('q1', '1')"),
        "this is not a next state with what is written and a direction",
    ),
    ("automata-lib", DTM.replace("'#'", "len('#')"), "a text or a number is needed here"),
    ("automata-lib", DTM.replace("{'q1'}", "3"), "a list, a tuple or a set is needed here"),
    ("automata-lib", DTM.replace("transitions={", "transitions={**x, "), "a dictionary is needed here"),
    ("automata-lib", DTM.replace("DTM(", "DTM(**x, "), "`**` is not read"),
    ("automata-lib", DTM.replace("DTM(", "DTM(1, "), "this argument has no name"),
    ("automata-lib", DTM.replace("machine = DTM(", "machine = DFA("), "`DFA` is not read"),
    ("automata-lib", DTM.replace("('q1', '1', 'R')", "{('q1', '1', 'R'), ('q0', '1', 'R')}"), "a choice between transitions"),
    ("automata-lib", DTM.replace("('q1', '1', 'R')", "set()"), "no transition"),
    ("automata-lib", DTM.replace("'q1'}, input", "'q2'}, input"), "there is no state `q1`"),
    ("automata-lib", DTM.replace("'1', '#'}", "'#'}"), "`1` is not one of the tape symbols"),
    ("automata-lib", DTM.replace("final_states={'q1'}", "final_states={'q0'}"), "the initial state `q0` is final"),
    ("automata-lib", DTM.replace("{'q0': {", "{'q1': {}, 'q0': {"), "the final state `q1` has transitions"),
    ("automata-lib", DTM.replace("DTM(", "MNTM(n_tapes='2', "), "`2` is not a number of tapes"),
    ("automata-lib", DTM.replace("DTM(", "MNTM(n_tapes=3, "), "this machine has 3 tapes"),
    ("bbchallenge", "# none\n", "there is no machine in this text"),
    ("bbchallenge", "1RB\n", "a machine has groups of three characters for each symbol, two or more"),
    ("bbchallenge", "1RB1LA_1RA\n", "state B has 3 characters, the first one 6"),
    ("bbchallenge", "1RB2LA_1RA1RZ\n", "`2LA` is not a transition of this machine"),
    ("bbchallenge", "1RB1UA_1RA1RZ\n", "`1UA` is not a transition of this machine"),
    ("bbchallenge", "1RB1LA_1RA1RZ\n1RB1LA_1RA1RZ\n", "this is the second of 2 machines"),
]


@pytest.mark.parametrize(("form", "text", "message"), BROKEN, ids=[message[:40] for _, _, message in BROKEN])
def test_a_broken_text(form: str, text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One diagnostic, with the place and carets below it."""
    (tmp_path / "x.txt").write_text(text, encoding="utf-8")
    assert main(["import", str(tmp_path / "x.txt"), "--from", form, "-o", str(tmp_path / "x.tm")]) == 1
    head, place, _, line, carets, *_ = capsys.readouterr().err.splitlines()
    assert head.startswith(f"error: {message}")
    assert place.strip().startswith(f"--> {tmp_path / 'x.txt'}:")
    assert line.split(" | ", 1)[1].strip().rstrip("…") in text
    assert "^" in carets
    assert not (tmp_path / "x.tm").exists()


def test_python_that_is_nested_very_deeply(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deep.py").write_text("-" * 100_000 + "1", encoding="utf-8")
    assert main(["import", str(tmp_path / "deep.py"), "--from", "automata-lib"]) == 1
    assert (
        capsys.readouterr().err
        == f"error: {tmp_path / 'deep.py'}: this is not Python: it is nested too deeply, or has a zero byte\n"
    )


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("adder.yaml").write_text(ADDER, encoding="utf-8")
    Path("bb.txt").write_text(f"# champions\n1RB1LB_1LA1RZ, 6 steps\n{CHAMPION}", encoding="utf-8")
    assert main(["import", "adder.yaml", "-o", "adder.tm"]) == 0
    assert main(["check", "--strict", "adder.tm"]) == 0
    assert main(["simulate", "adder.tm", "--data", "1011"]) == 0
    assert "data  1100" in capsys.readouterr().out.replace("data: ", "data  ")
    assert main(["import", "bb.txt", "--from", "bbchallenge", "--number", "2", "-o", "bb4.tm"]) == 0
    capsys.readouterr()
    assert main(["export", "bb4.tm", "--to", "bbchallenge"]) == 0
    assert capsys.readouterr().out == CHAMPION
    assert main(["import", "bb.txt", "--from", "bbchallenge", "--number", "3"]) == 1
    assert capsys.readouterr().err == "error: bb.txt: it holds 2 machines, and --number asks for machine 3\n"
    assert main(["import", "adder.yaml", "--number", "3"]) == 2
    assert main(["import", "adder.yaml", "--all", "-o", "x"]) == 2
    assert main(["import", "adder.yaml", "--from", "latex"]) == 2


def test_a_file_of_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bb.txt").write_text(f"1RB1LB_1LA1RZ\n\n{CHAMPION}" * 6, encoding="utf-8")
    assert main(["import", "bb.txt", "--all", "-o", "found/here"]) == 0
    assert capsys.readouterr().out == "found/here: 12 machines, bb_01 to bb_12, from bbchallenge.org\n"
    assert main(["export", "found/here/bb_10.tm", "--to", "bbchallenge"]) == 0
    assert capsys.readouterr().out == CHAMPION
    Path("bb.txt").write_text("1RB1LB_1LA1RZ\n1RB1LB_1LA1R\n", encoding="utf-8")
    assert main(["import", "bb.txt", "--from", "bbchallenge", "--all", "-o", "none"]) == 1
    assert not Path("none").exists()
    assert main(["import", "bb.txt", "--all"]) == 2
    assert main(["import", "bb.txt", "--all", "--number", "1", "-o", "none"]) == 2


def test_the_machine_of_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    machine = str(ROOT / "machines" / "increment.tm")
    assert main(["compile", machine, "-o", "increment.safetensors"]) == 0
    capsys.readouterr()
    assert main(["export", "increment.safetensors", "--to", "jflap"]) == 0
    said = capsys.readouterr().out
    assert main(["export", machine, "--to", "jflap", "-o", "increment.jff"]) == 0
    assert Path("increment.jff").read_text(encoding="utf-8") == said
    assert main(["export", machine, "--to", "jflap", "-o", "increment.yaml"]) == 2
    assert main(["import", "increment.jff", "-o", "again.tm"]) == 0
    assert main(["same", "again.tm", "increment.safetensors"]) == 0


def test_words_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    text = "init: a\naccept: b\na,1,1\na,1,1,>,>\n\na,_,_\nb,_,_,-,-\n"
    Path("same.txt").write_text(text, encoding="utf-8")
    assert main(["import", "same.txt", "--tape", "2=11", "-o", "same.tm"]) == 0
    for word, verdict in (("11", "accept"), ("1", "stuck")):
        capsys.readouterr()
        main(["simulate", "same.tm", "--data", word])
        assert verdict in capsys.readouterr().out
    for wrong in ("1=1", "2", "2:1", "x=1"):
        assert main(["import", "same.txt", "--tape", wrong]) == 2
    assert main(["import", "same.txt", "--tape", "2=1", "--tape", "2=1"]) == 2
    assert main(["import", "same.txt", "--tape", "3=1"]) == 1


def test_a_document_of_the_site() -> None:
    """Comments and places are those of the machine inside it."""
    inner = "".join(f"  {line}\n" if line else "\n" for line in ADDER.splitlines())
    document = f"name: adder\nsource code: |\n{inner}positions:\n  right: {{x: 1, y: 2}}\n"
    source = Source("x", document)
    assert format_of(source).name == "turingmachine.io"
    read = turingmachine_io.read
    assert draft_to_text(read(source, "adder")).text == draft_to_text(read(Source("x", ADDER), "adder")).text
    with pytest.raises(Rejected, match=r"(?s)is not in the table.* x:6:16\n"):
        read(Source("x", document.replace("start state: right", "start state: left")), "adder")


def test_states_of_morphett_that_halt() -> None:
    """A state halts if its name begins so, whatever rules it has."""
    draft = morphett.read(Source("m", "0 1 1 r Halted\nHalted * * r 0\n; $INITIAL_TAPE: 1 1\n"), "m")
    assert draft.accept == {"Halted"}
    assert draft.input == ("1", "_", "1")
    assert outcome(imported(draft)[1], "11") == ("accept", "11")


def test_french_directions() -> None:
    assert outcome(imported(morphett.read(Source("m", "q0 1 0 d q0\nq0 _ 1 G halt\n"), "m"))[1], "11") == ("accept", "001")


def test_any_symbol_of_jflap() -> None:
    """`~` is any symbol of the machine if it is read, and none if it is written."""
    some, last = "<read>0</read><write>1</write>", "<read/><write>!</write>"
    text = JFLAP.replace(some, "<read>!1</read><write>~</write>").replace(last, "<read>1</read><write>~</write>")
    text = text.replace("<read>1</read><write>0</write>", "<read>~</read><write>2</write>").replace(
        "<from>0</from><to>0</to>", "<from>1</from><to>0</to>", 1
    )
    table = imported(jflap.read(Source("x", text), "x"))[1]
    assert outcome(table, "221") == ("timeout", "221")  # to the left, where all is blank
    assert outcome(table, "12") == ("accept", "12")


def test_a_machine_of_an_ntm() -> None:
    """One without a choice is that of the DTM."""
    text = DTM.replace("DTM(", "NTM(").replace("('q1', '1', 'R')", "{('q1', '1', 'R')}")
    assert automata.read(Source("x", text), "x") == automata.read(Source("x", DTM), "x")


def test_symbols_of_several_characters() -> None:
    """They are renamed, and a legend at the head says how; two that begin alike stay two."""
    text = DTM.replace("'1'", "'x1'").replace("{'x1': (", "{'x2': ('q0', 'x1', 'L'), 'x1': (")
    text = text.replace("tape_symbols={'x1'", "tape_symbols={'x1', 'x2'")
    found, table = imported(automata.read(Source("x", text), "x"))
    assert found.startswith("# symbol _ was '#'\n# symbol x was 'x1'\n# symbol 2 was 'x2'\n")
    assert outcome(table, "x") == ("accept", "x")
    assert outcome(table, "2") == ("stuck", "x")
