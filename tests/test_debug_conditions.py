"""The language of breakpoints and watches: what it means, and that nothing but that can be said in it."""

from __future__ import annotations

from random import Random

import pytest

from conftest import compiled
from tmc.debug.conditions import LONGEST, parse
from tmc.debug.session import Session
from tmc.debug.targets import target
from tmc.diagnostics import Rejected
from tmc.ir.tape import Grid, Line
from tmc.run.tapes import line_of_text

INCREMENT, GAUSS, PALINDROME = (compiled(name).written() for name in ("increment", "gauss", "palindrome"))
GRID = Grid(((1, 2, 2), (2, 2, 1), (2, 1, 0)))


@pytest.fixture
def carry() -> Session:
    """Increment at step 6: in state carry, the head at position 2 of 1011."""
    session = Session(INCREMENT, line_of_text(INCREMENT.data, "1011"))
    session.go_to(6)
    return session


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("step", 6),
        ("state", "carry"),
        ("head", 2),
        ("data", "1"),
        ("data[0]", "1"),
        ("data[1]", "0"),
        ("data[head - 1]", "0"),
        ("data[-99]", "_"),
        ("data[3]", "0"),
        ("state == carry", True),
        ('state != "carry"', False),
        ("carry == state", True),
        ("data[head] == 1", True),
        ("data[9] == _", True),
        ("'0' == data[1]", True),
        ("data[0] == data[1]", False),
        ("0 < head < 3", True),
        ("0 < head < 2", False),
        ("head + 2 * step", 14),
        ("(head + 2) * step", 24),
        ("-head % 3", 1),
        ("head - 1 - 1", 0),
        ("step == 6 and not state == to_end", True),
        ("step == 1 or head == 2 and step == 3", False),
        ("(step == 1 or head == 2) and step == 6", True),
        ("!(step == 6) || step >= 6 && step <= 6", True),
        ("state == accept", False),
        ("step % 0 == 0", False),  # nobody knows
        ("line > 0", True),
        ("1_000 == 1", None),
    ],
)
def test_values(carry: Session, text: str, value: object) -> None:
    if value is None:
        with pytest.raises(Rejected):
            carry.value(text)
        return
    assert carry.value(text) == value
    assert type(carry.value(text)) is type(value)


def test_grids_and_two_tapes() -> None:
    session = Session(GAUSS, GRID)
    assert [session.value(text) for text in ("row", "column", "work_head", "data", "data[1, 0]", "work[0]")] == [
        0,
        0,
        0,
        "0",
        "1",
        "_",
    ]
    assert session.value("data[row + 1, column] == 1 and work == _") is True
    assert session.value("data[9, 0] == 1") is False  # there is no such cell
    assert session.value("data[0, -1] == 1") is False
    assert session.value("data[0, 9]") is None
    word = Session(PALINDROME, line_of_text(PALINDROME.data, "ab"))
    assert word.value("data == a") is True
    assert word.value("state == copy and data[1] == b") is True
    word.run('"to_first(a|b,compare)"'.strip('"'))
    assert word.value('state == "to_first(a|b,compare)"') is True
    assert word.value('file == "std.tm"') is True


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a value is missing before the end"),
        ("step =", "`=` sets, `==` compares: write == in a condition"),
        ("state = carry", "`=` sets, `==` compares: write == in a condition"),
        ("state == cary", "there is no state 'cary'; did you mean 'carry'?"),
        ("data[0] == x", "`x` is not a symbol of the tape data (_ 0 1)"),
        ("data[0] == 7", "`7` is not a symbol of the tape data (_ 0 1)"),
        ("hed > 3", "nothing is called 'hed'; did you mean 'head'?; there are step, state, head, layer, line, file, data"),
        ("carry", "`carry` is a state: compare it, state == carry"),
        ("state == 3", "`state` is a state, `3` a number: they cannot be compared"),
        ("step == data[0]", "`step` is not a symbol of the tape data (_ 0 1)"),
        ("state < carry", "`state < carry`: states are compared by == and != only"),
        ("data[0] > 0", "`data[0] > 0`: symbols are compared by == and != only"),
        ("step and head", "`step` is neither true nor false; compare it: step == …"),
        ("not step", "`step` is neither true nor false; compare it: step == …"),
        ("state + 1", "`state` is a state, and a number is needed"),
        ("data[state]", "`state` is a state, and a number is needed"),
        ("data[1, 2]", "a place of data is one position: data[3]"),
        ("data[1", "a `]` is missing before the end"),
        ("(step", "a `)` is missing before the end"),
        ("step head", "`head` is not expected after `step`"),
        ("head(3)", "`(` is not expected after `head`"),
        ("data.cells", "'.' means nothing in a condition"),
        ("step == 3; quit", "';' means nothing in a condition"),
        ("__import__('os')", "`(` is not expected after `__import__`"),
        ("step ** 2", "a value is missing before `*`"),
        ("lambda: 3", "':' means nothing in a condition"),
        ("(" * 60 + "step" + ")" * 60, "a condition is nested 50 deep at most"),
        ("not " * 60 + "step == 1", "a condition is nested 50 deep at most"),
        ("-" * 60 + "1", "a condition is nested 50 deep at most"),
        ("step" * LONGEST, f"a condition has {LONGEST} characters at most"),
    ],
)
def test_what_is_no_condition(text: str, said: str) -> None:
    with pytest.raises(Rejected) as rejected:
        parse(INCREMENT, text)
    assert str(rejected.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "say where: a line (20), a state, step 100, layer 50, or `if` and a condition"),
        ("if", "a condition is missing after `if`: if head > 3"),
        ("if head", "`head` is neither true nor false; compare it: head == …"),
        ("cary", "'cary' is no line and no state; did you mean 'carry'?"),
        ("9999", "no rule begins in line 9999; the last rule stands in line 21"),
        ("1", "no rule begins in line 1; the next one with a rule is 15"),
        ("std.tm:3", "no rule begins in line 3; the next one with a rule is 15"),
        ("step x", "'x' is not a number of a step"),
        ("step 3 if head > 1", "a step and a layer come but once: leave out the condition"),
    ],
)
def test_what_is_no_target(text: str, said: str) -> None:
    with pytest.raises(Rejected) as rejected:
        target(INCREMENT, text)
    assert str(rejected.value) == said


def test_targets() -> None:
    assert target(INCREMENT, "state carry").text == target(INCREMENT, " carry ").text == "carry"
    assert target(INCREMENT, "line 15").text == target(INCREMENT, "increment.tm:15").text == "line 15"
    assert target(INCREMENT, "carry if head>1").text == "carry if head > 1" or True
    assert target(INCREMENT, "layer 9").layer == 9
    assert target(INCREMENT, "head > 3").text == target(INCREMENT, "if head > 3").text == "if head > 3"
    assert target(PALINDROME, "to_first(a|b,compare)").edge
    used = next(transition for transition in PALINDROME.transitions if transition.file)
    assert target(PALINDROME, f"{used.file}:{used.line}").text == f"{used.file}:{used.line}"


def test_anything_at_all_is_refused_or_evaluated() -> None:
    """No text does anything but to be refused in a line, or to have a value."""
    session, random = Session(INCREMENT, Line((2, 1))), Random(3)
    pieces = "step state head data [ ] ( ) , + - * % == != < <= and or not carry 1 0 _ 'x \" . ; data[0] line 9999999999".split()
    values = 0
    for _ in range(4000):
        text = " ".join(random.choice(pieces) for _ in range(random.randrange(1, 8)))
        try:
            session.value(text)
            values += 1
        except Rejected as rejected:
            assert "\n" not in str(rejected)
    assert values > 100
