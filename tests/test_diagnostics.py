"""What tmc says about a text, to the letter."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conftest import ROOT
from tmc.diagnostics import Code, Severity, SourceRejected, render
from tmc.elaborate.syntax_to_table import table_and_diagnostics
from tmc.source import Source
from tmc.syntax.program import read_program

# Each case: its name, the text of m.tm, and all that is said about it.
CASES = [
    (
        "a_rule_without_a_condition",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    write 0 -> accept
""",
        """\
error[TMC001]: a rule needs `on`, `at` or `otherwise`
  --> m.tm:5:5
  |
5 |     write 0 -> accept
  |     ^^^^^ no condition stands before this
  = help: for a rule that always applies, begin it with `otherwise`
""",
    ),
    (
        "clauses_out_of_order",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 1 move left write 0 -> accept
""",
        """\
error[TMC001]: `write` must stand before `move`
  --> m.tm:5:20
  |
5 |     on 1 move left write 0 -> accept
  |                    ^^^^^
  = help: the clauses of a rule stand in the order `on`, `at`, `write`, `move`, `->`
""",
    ),
    (
        "a_clause_misspelt",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 1 wirte 0 -> accept
""",
        """\
error[TMC001]: no clause is called `wirte`
  --> m.tm:5:10
  |
5 |     on 1 wirte 0 -> accept
  |          ^^^^^
  = help: did you mean `write`?
""",
    ),
    (
        "a_line_misspelt",
        """\
machine m
tape data: line of _ 0 1
start s
stat s
    on 1 -> accept
""",
        """\
error[TMC001]: no line begins with `stat` here
  --> m.tm:4:1
  |
4 | stat s
  | ^^^^
  = help: did you mean `state`?
""",
    ),
    (
        "a_name_missing",
        """\
machine m
tape data: line of _ 0 1
start s
state
    on 1 -> accept
""",
        """\
error[TMC001]: the name of the state is missing
  --> m.tm:4:6
  |
4 | state
  |      ^
  = help: write `state NAME`
""",
    ),
    (
        "a_target_missing",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 1 ->      # where to?
""",
        """\
error[TMC001]: nothing follows `->`
  --> m.tm:5:12
  |
5 |     on 1 ->      # where to?
  |            ^
  = help: write the name of a state, `accept` or `reject`
""",
    ),
    (
        "a_quote_not_closed",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on '# -> accept
""",
        """\
error[TMC001]: this quote is not closed
  --> m.tm:5:8
  |
5 |     on '# -> accept
  |        ^ opened here
  = help: end it with ' on the same line
""",
    ),
    (
        "a_rule_outside_a_state",
        """\
machine m
tape data: line of _ 0 1
start s
    on 1 -> accept
""",
        """\
error[TMC001]: a rule outside a state
  --> m.tm:4:5
  |
4 |     on 1 -> accept
  |     ^^
  = help: put it below a line such as `state NAME`
""",
    ),
    (
        "a_sign_that_needs_quotes",
        """\
machine m
tape data: line of _ $
start s
state s
    otherwise -> accept
""",
        """\
error[TMC001]: the symbol `$` needs quotes
  --> m.tm:2:22
  |
2 | tape data: line of _ $
  |                      ^
  = help: write '$'
""",
    ),
    (
        "a_comma_missing",
        """\
machine g
tape data: grid of _ 0 1
tape work: line of _ 0 1
start s
state s
    on 1 0 -> accept
""",
        """\
error[TMC001]: a comma is missing before this
  --> m.tm:6:10
  |
6 |     on 1 0 -> accept
  |          ^
  = help: alternatives are separated by `|`, tapes by `,`
""",
    ),
    (
        "an_edge_misspelt",
        """\
machine g
tape data: grid of _ 0 1
tape work: line of _ 0 1
start s
state s
    at rigth -> accept
""",
        """\
error[TMC001]: `rigth` is not an edge
  --> m.tm:6:8
  |
6 |     at rigth -> accept
  |        ^^^^^
  = help: did you mean `right`?
""",
    ),
    (
        "otherwise_with_a_condition",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise on 1 -> accept
""",
        """\
error[TMC001]: `otherwise` is a condition of its own
  --> m.tm:5:15
  |
5 |     otherwise on 1 -> accept
  |               ^^
  = help: leave out `otherwise`, or what stands beside it
""",
    ),
    (
        "a_tab_before_the_mistake",
        """\
machine m
tape data: line of _ 0 1
start s
state s
\ton 1\twrite -> accept
""",
        """\
error[TMC001]: nothing follows `write`
  --> m.tm:5:13
  |
5 | \ton 1\twrite -> accept
  | \t    \t      ^^
  = help: write a symbol, or `.` to leave the tape as it is
""",
    ),
    (
        "a_star_missing",
        """\
machine m
tape data: line of _ 0 1
start s
bounds
    steps 2n + 3
state s
    otherwise -> accept
""",
        """\
error[TMC001]: a `*` is missing
  --> m.tm:5:12
  |
5 |     steps 2n + 3
  |            ^
  = help: write `2*n`
""",
    ),
    (
        "an_empty_file",
        "",
        """\
error[TMC002]: this file is empty
  --> m.tm:1:1
  |
1 |
  | ^
  = help: begin with a line such as `machine increment`
""",
    ),
    (
        "a_text_without_a_machine",
        """\
# notes
Dear diary,
today I wrote no machine.
""",
        """\
error[TMC002]: this is not a machine: no line names one
  --> m.tm:2:1
  |
2 | Dear diary,
  | ^^^^
  = help: begin with a line such as `machine increment`
""",
    ),
    (
        "parts_missing",
        """\
machine m
""",
        """\
error[TMC003]: machine `m` has no tape
  --> m.tm:1:9
  |
1 | machine m
  |         ^
  = help: add a line such as `tape data: line of _ 0 1`

error[TMC003]: machine `m` has no state
  --> m.tm:1:9
  |
1 | machine m
  |         ^
  = help: add a line such as `state find`, and rules below it

error[TMC003]: machine `m` has no `start`
  --> m.tm:1:9
  |
1 | machine m
  |         ^
  = help: add a line such as `start find`
""",
    ),
    (
        "an_unknown_state",
        """\
machine m
tape data: line of _ 0 1
start s
state take
    on 1 -> take
    otherwise -> accept
state s
    on 1                            -> tkae
""",
        """\
error[TMC004]: no state is named `tkae`
  --> m.tm:8:40
  |
8 |     on 1                            -> tkae
  |                                        ^^^^ not defined in this machine
  = help: there is a state named `take`
""",
    ),
    (
        "an_unknown_symbol",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 0|2 -> accept
""",
        """\
error[TMC005]: tape `data` has no symbol `2`
  --> m.tm:5:10
  |
5 |     on 0|2 -> accept
  |          ^
  = help: its symbols are _ 0 1; if `2` is meant, list it with the tape
""",
    ),
    (
        "an_unknown_tape",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise -> accept
test "t"
    data 1
    -> accept
    dta is 1
""",
        """\
error[TMC006]: no tape is named `dta`
  --> m.tm:9:5
  |
9 |     dta is 1
  |     ^^^ not declared in this machine
  = help: there is a tape named `data`
""",
    ),
    (
        "too_many_items",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 1 write 0, 1 -> accept
""",
        """\
error[TMC007]: 2 items, but the machine has 1 tape
  --> m.tm:5:19
  |
5 |     on 1 write 0, 1 -> accept
  |                   ^
  = help: write one item per tape: `data`; if a work tape is meant, declare it: `tape work: line of _ 0 1`
""",
    ),
    (
        "a_move_up_on_a_line",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 1 move up
    otherwise -> accept
""",
        """\
error[TMC008]: tape `data` is a line: it has no `up`
  --> m.tm:5:15
  |
5 |     on 1 move up
  |               ^^
  = help: the moves of a line are left, right, stay
""",
    ),
    (
        "a_move_misspelt",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 1 move lft
    otherwise -> accept
""",
        """\
error[TMC008]: no move is called `lft`
  --> m.tm:5:15
  |
5 |     on 1 move lft
  |               ^^^
  = help: did you mean `left`?
""",
    ),
    (
        "an_edge_of_a_line",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    at right -> accept
""",
        """\
error[TMC009]: `at` asks for an edge of a grid, but the data tape is a line
  --> m.tm:5:5
  |
5 |     at right -> accept
  |     ^^^^^^^^
  = help: a line has no edges: mark its ends with a symbol, such as the blank
""",
    ),
    (
        "a_symbol_twice",
        """\
machine m
tape data: line of _ 0 1 0
start s
state s
    otherwise -> accept
""",
        """\
error[TMC010]: symbol `0` is listed twice
  --> m.tm:2:26
  |
2 | tape data: line of _ 0 1 0
  |                          ^
  = help: list it once
""",
    ),
    (
        "an_edge_both_ways",
        """\
machine g
tape data: grid of _ 0 1
tape work: line of _ 0 1
start s
state s
    at top not top -> accept
""",
        """\
error[TMC010]: the head cannot touch `top` and not touch it
  --> m.tm:6:12
  |
6 |     at top not top -> accept
  |            ^^^^^^^
  = help: name an edge once
""",
    ),
    (
        "a_second_state",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise -> accept
state s
    otherwise -> accept
""",
        """\
error[TMC011]: a second state named `s`
  --> m.tm:6:7
  |
6 | state s
  |       ^ the first is in line 4
  = help: give it another name, or make the two one
""",
    ),
    (
        "a_second_machine",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise -> accept
machine other
    "Another one."
""",
        """\
error[TMC011]: a second machine
  --> m.tm:6:1
  |
6 | machine other
  | ^^^^^^^
  = help: a file describes one machine: move this one to a file of its own
""",
    ),
    (
        "a_state_named_accept",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise -> accept
state accept
    otherwise -> reject
""",
        """\
error[TMC011]: `accept` is a halting state and has no rules
  --> m.tm:6:7
  |
6 | state accept
  |       ^^^^^^
  = help: give it another name
""",
    ),
    (
        "a_long_symbol",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 10 -> accept
""",
        """\
error[TMC012]: `10` is more than one character
  --> m.tm:5:8
  |
5 |     on 10 -> accept
  |        ^^
  = help: alternatives are written `0|1`, symbols of two tapes `0, 1`
""",
    ),
    (
        "no_blank",
        """\
machine m
tape data: line of 0 1
start s
state s
    otherwise -> accept
""",
        """\
error[TMC013]: tape `data` lacks the blank `_`
  --> m.tm:2:20
  |
2 | tape data: line of 0 1
  |                    ^^^
  = help: every tape has the blank among its symbols: put `_` first
""",
    ),
    (
        "a_grid_in_the_second_place",
        """\
machine m
tape data: line of _ 0 1
tape work: grid of _ 0 1
start s
state s
    otherwise -> accept
""",
        """\
error[TMC013]: tape `work` cannot be a grid: only the first tape can
  --> m.tm:3:12
  |
3 | tape work: grid of _ 0 1
  |            ^^^^
  = help: make it a `line`; if it holds the examples, declare it first
""",
    ),
    (
        "an_unknown_variable",
        """\
machine m
tape data: line of _ 0 1
start s
bounds
    steps 2*d + 1
state s
    otherwise -> accept
""",
        """\
error[TMC014]: a bound of this machine has no variable `d`
  --> m.tm:5:13
  |
5 |     steps 2*d + 1
  |             ^
  = help: there is `n`, the length of the input
""",
    ),
    (
        "an_absurd_exponent",
        """\
machine m
tape data: line of _ 0 1
start s
bounds
    steps n^99999999
state s
    otherwise -> accept
""",
        """\
error[TMC014]: this number is too large
  --> m.tm:5:13
  |
5 |     steps n^99999999
  |             ^^^^^^^^
  = help: the largest that can stand here is 16
""",
    ),
    (
        "a_grid_test_of_a_line_machine",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise -> accept
test "t"
    example 0 1 -> 1
    query 1 1 -> 0
""",
        """\
error[TMC015]: this line does not fit a machine whose data tape is a line
  --> m.tm:7:5
  |
7 |     example 0 1 -> 1
  |     ^^^^^^^^^^^^^^^^
  = help: its tests have lines `data`, `->` and `TAPE is TEXT`; if it is to learn from examples, begin the file with `learner NAME`
""",
    ),
    (
        "rows_of_unequal_length",
        """\
machine g
tape data: grid of _ 0 1
tape work: line of _ 0 1
start s
state s
    otherwise -> accept
test "t"
    example 0 1 -> 1
    query 1 -> 0
""",
        """\
error[TMC015]: 1 feature here, but 2 in the first example
  --> m.tm:9:11
  |
9 |     query 1 -> 0
  |           ^
  = help: all rows of a test have the same number of features
""",
    ),
    (
        "a_test_without_a_query",
        """\
machine g
tape data: grid of _ 0 1
tape work: line of _ 0 1
start s
state s
    otherwise -> accept
test "t"
    example 0 1 -> 2
""",
        """\
error[TMC015]: this test has no query
  --> m.tm:7:1
  |
7 | test "t"
  | ^^^^^^^^
  = help: add a line such as `query 0 1 -> 1`

error[TMC015]: `2` is neither 0 nor 1
  --> m.tm:8:20
  |
8 |     example 0 1 -> 2
  |                    ^
  = help: separate the values, all of them 0 or 1, by blanks
""",
    ),
    (
        "a_rule_that_never_applies",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 0|1 -> accept
    on _ -> reject
    on 1 move left
""",
        """\
warning[TMC101]: this rule can never apply
  --> m.tm:7:5
  |
7 |     on 1 move left
  |     ^^^^ line 5 takes all that it would
  = help: remove it, or move it up
""",
    ),
    (
        "a_state_that_nothing_reaches",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise -> accept
state lost
    otherwise -> s
""",
        """\
warning[TMC103]: nothing reaches the state `lost`
  --> m.tm:6:7
  |
6 | state lost
  |       ^^^^
  = help: remove it, or add a rule that goes `-> lost`
""",
    ),
    (
        "a_machine_that_never_halts",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    otherwise move right
""",
        """\
warning[TMC104]: machine `m` can never halt
  --> m.tm:1:9
  |
1 | machine m
  |         ^
  = help: add a rule that goes `-> accept` or `-> reject`
""",
    ),
    (
        "a_symbol_never_used",
        """\
machine m
tape data: line of _ 0 1 '#'
start s
state s
    otherwise -> accept
""",
        """\
warning[TMC105]: no rule names the symbol `'#'` of tape `data`
  --> m.tm:2:26
  |
2 | tape data: line of _ 0 1 '#'
  |                          ^^^
  = help: remove it from the tape, or use it in a rule or a test
""",
    ),
    (
        "a_move_on_a_halting_rule",
        """\
machine m
tape data: line of _ 0 1
start s
state s
    on 1 move left -> accept
    otherwise -> reject
""",
        """\
note[TMC106]: a rule that halts does not move
  --> m.tm:5:10
  |
5 |     on 1 move left -> accept
  |          ^^^^^^^^^ this has no effect
  = help: leave the move out, or go to a state that goes to accept
""",
    ),
    (
        "several_at_once",
        """\
machine g
tape data: grid of _ 0 1
tape work: line of _ 0 1
start s
bounds
    steps m*n
state s
    on 2 move left, up -> t
""",
        """\
error[TMC014]: a bound of this machine has no variable `n`
  --> m.tm:6:13
  |
6 |     steps m*n
  |             ^
  = help: there is `m`, the number of examples and `d`, the number of features

error[TMC005]: tape `data` has no symbol `2`
  --> m.tm:8:8
  |
8 |     on 2 move left, up -> t
  |        ^
  = help: its symbols are _ 0 1; if `2` is meant, list it with the tape

error[TMC008]: tape `work` is a line: it has no `up`
  --> m.tm:8:21
  |
8 |     on 2 move left, up -> t
  |                     ^^
  = help: the moves of a line are left, right, stay

error[TMC004]: no state is named `t`
  --> m.tm:8:27
  |
8 |     on 2 move left, up -> t
  |                           ^ not defined in this machine
  = help: define it with `state t`
""",
    ),
    (
        "several_syntax_errors_at_once",
        """\
machine
tape data line of _
start s
state
    on
    at left left right right ->
    wirte 0
test
    data
    -> acept
""",
        """\
error[TMC001]: the name of the machine is missing
  --> m.tm:1:8
  |
1 | machine
  |        ^
  = help: write `machine NAME`

error[TMC001]: `line` does not fit here
  --> m.tm:2:11
  |
2 | tape data line of _
  |           ^^^^
  = help: expected `:`

error[TMC001]: the name of the state is missing
  --> m.tm:4:6
  |
4 | state
  |      ^
  = help: write `state NAME`

error[TMC001]: nothing follows `on`
  --> m.tm:5:7
  |
5 |     on
  |       ^
  = help: write a symbol, alternatives such as `0|1`, a capture such as `$x`, or `*` for any

error[TMC001]: nothing follows `->`
  --> m.tm:6:32
  |
6 |     at left left right right ->
  |                                ^
  = help: write the name of a state, `accept` or `reject`

error[TMC001]: no line begins with `wirte` here
  --> m.tm:7:5
  |
7 |     wirte 0
  |     ^^^^^
  = help: did you mean `write`?

error[TMC001]: the name of the test is missing
  --> m.tm:8:5
  |
8 | test
  |     ^
  = help: write `test "NAME"`

error[TMC001]: nothing follows `data`
  --> m.tm:9:9
  |
9 |     data
  |         ^
  = help: expected a symbol

error[TMC001]: `acept` does not fit here
   --> m.tm:10:8
   |
10 |     -> acept
   |        ^^^^^
   = help: expected `accept`, `reject`, `stuck` or `loop`
""",
    ),
]

FOLDER = ROOT / "tests" / "diagnostics"  # a case per file: texts, each below a line `--- NAME`, and what is said


def said(text: str) -> str:
    return spoken(Source("m.tm", text))


def spoken(source: Source) -> str:
    try:
        _, found = table_and_diagnostics(read_program(source))
    except SourceRejected as rejected:
        return str(rejected) + "\n"
    return "\n\n".join(map(render, found)) + "\n"


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_said(text: str, expected: str) -> None:
    assert said(text) == expected


def parted(case: Path) -> dict[str, str]:
    parts = re.split(r"^--- (.*)\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def said_of_files(case: Path, folder: Path) -> str:
    texts = parted(case)
    for name in texts.keys() - {"said"}:
        (folder / name).write_text(texts[name], encoding="utf-8")
    return spoken(Source(str(folder / "m.tm"), texts["m.tm"])).replace(f"{folder}/", "")


@pytest.mark.parametrize("case", sorted(FOLDER.glob("*.txt")), ids=lambda case: case.stem)
def test_what_is_said_of_files(case: Path, tmp_path: Path) -> None:
    assert said_of_files(case, tmp_path) == parted(case)["said"]


@pytest.mark.parametrize(
    ("text", "place"),
    [("machine m\rtape data: line of _ 1", "1:10"), ("\r\rx", "1:1"), ("machine m # one\rstart s\nstate s\n", "1:16")],
)
def test_lines_that_end_with_a_carriage_return_alone(text: str, place: str) -> None:
    shown = text.split("\n")[0].replace("\r", "␍")
    column = int(place[2:])
    assert said(text) == (
        f"error[TMC001]: a line ends with CR alone\n  --> m.tm:{place}\n  |\n1 | {shown}\n  | {' ' * (column - 1)}^\n"
        "  = help: save the file with line ends LF or CRLF\n"
    )


def test_every_code_has_a_case() -> None:
    everything = [expected for _, _, expected in CASES] + [parted(case)["said"] for case in FOLDER.glob("*.txt")]
    assert sorted(set(re.findall("TMC[0-9]{3}", "".join(everything)))) == list(Code)


def test_every_code_is_reported_by_a_pass() -> None:
    passes = [path.read_text(encoding="utf-8") for room in ("syntax", "elaborate") for path in (ROOT / "tmc" / room).glob("*.py")]
    assert set(re.findall(r"\bCode\.([A-Z_]+)", "".join(passes))) == set(Code.__members__)


def test_codes_are_written_down_once() -> None:
    found = [path.name for path in (ROOT / "tmc").rglob("*.py") if re.search(r"[\"']TMC[0-9]{3}[\"']", path.read_text("utf-8"))]
    assert found == ["diagnostics.py"]


def test_a_code_says_how_bad_it_is() -> None:
    everything = "".join([expected for _, _, expected in CASES] + [parted(case)["said"] for case in FOLDER.glob("*.txt")])
    found = set(re.findall(r"^(error|warning|note)\[(TMC[0-9]{3})\]", everything, re.MULTILINE))
    assert {(Severity(severity), Code(code)) for severity, code in found} == {(code.severity, code) for code in Code}


def test_prose_speaks_of_the_language() -> None:
    for expected in [expected for _, _, expected in CASES] + [parted(case)["said"] for case in FOLDER.glob("*.txt")]:
        prose = "".join(line for line in expected.splitlines(True) if not re.match(r" *[0-9]* [|]|.*-->", line))
        prose = re.sub("`[^`]*`", "", prose)
        assert not re.search("token|terminal|lark|parser|[A-Z]_[A-Z]|None", prose, re.IGNORECASE)


def write_anew() -> None:
    """Write down what is said now, to be read before it is believed."""
    for case in sorted(FOLDER.glob("*.txt")):
        with TemporaryDirectory() as folder:
            found = said_of_files(case, Path(folder))
        texts = {**parted(case), "said": found}
        case.write_text("".join(f"--- {name}\n{text}" for name, text in texts.items()), encoding="utf-8")


if __name__ == "__main__":
    write_anew()
