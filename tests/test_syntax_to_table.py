"""From the tree to the table: the numbers, defaults and halting rules; the machines run as their tests say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmc.diagnostics import Diagnostic, SourceRejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.ir import table as ir
from tmc.ir.table import ACCEPT, REJECT, Guard, LineTest, Table, Transition
from tmc.ir.tape import BLANK, Move
from tmc.source import Source
from tmc.syntax.program import read_program

MACHINES = Path(__file__).parents[1] / "machines"
LINE = "machine m\ntape data: line of _ 0 1\nstart s\n"
GRID = "machine g\ntape data: grid of _ 0 1\ntape work: line of 1 '#' _ 0\nstart s\n"


def both(text: str) -> tuple[Table, tuple[Diagnostic, ...]]:
    source = Source("m.tm", text)
    return syntax_to_table(read_program(source))


def lower(text: str) -> Table:
    return both(text)[0]


def codes(text: str) -> list[str]:
    with pytest.raises(SourceRejected) as rejected:
        lower(text)
    return [diagnostic.code for diagnostic in rejected.value.diagnostics]


def shipped(name: str) -> Table:
    table, warnings = both((MACHINES / name).read_text(encoding="utf-8"))
    assert warnings == ()
    return table


def run(table: Table, configuration: ir.Configuration) -> tuple[ir.Configuration, int]:
    for steps in range(100_000):
        following = ir.step(table, configuration)
        if following is None:
            return configuration, steps
        configuration = following
    raise AssertionError("no end")


def test_gauss_answers_as_its_tests_say() -> None:
    table = shipped("gauss.tm")
    assert len(table.tests) >= 3
    for test in table.tests:
        assert isinstance(test, ir.GridTest)
        zero, one = table.data.number("0"), table.data.number("1")
        rows = [tuple((zero, one)[value] for value in (*features, label)) for features, label in test.examples]
        rows.append((*((zero, one)[value] for value in test.query), BLANK))
        end, steps = run(table, ir.start(table, ir.Grid(tuple(rows))))
        assert end.state == (ACCEPT if test.answer else REJECT)
        assert table.bounds.steps is not None
        assert steps <= table.bounds.steps.evaluate({"m": len(test.examples), "d": len(test.query)})


def test_increment_counts_as_its_tests_say() -> None:
    table = shipped("increment.tm")
    assert len(table.tests) >= 3
    for test in table.tests:
        assert isinstance(test, LineTest)
        data = ir.Line.of(dict(enumerate(map(table.data.number, test.data))))
        end, _ = run(table, ir.start(table, data))
        assert end.state == ACCEPT
        assert test.tapes == (("data", "".join(table.data.symbols[symbol] for symbol in end.data.cells)),)  # type: ignore[union-attr]


def test_names_and_description() -> None:
    table = lower('machine m\n  "What."\ntape t: line of _\nstart b\nstate a\n  otherwise -> accept\nstate b\n  otherwise -> a\n')
    assert (table.name, table.about, table.states, table.start, table.work) == ("m", "What.", ("a", "b"), 1, None)


def test_symbols_are_numbered_blank_zero_one_and_the_rest() -> None:
    table = lower("machine m\ntape t: line of '#' 1 b _ 0 a\nstart s\nstate s\n  on '#'|b|a -> accept\n")
    assert table.data.symbols == ("_", "0", "1", "#", "b", "a")
    assert table.transitions[0].guard.data == (3, 4, 5)
    assert table.transitions[0].guard.work == (BLANK,)


def test_a_rule_with_all_clauses() -> None:
    table = lower(
        GRID + "state s\n  on 0|1, '#' at top not left  write ., 0  move down, right -> t\nstate t\n  otherwise -> accept\n"
    )
    guard = Guard((1, 2), (3,), (True, None, False, None))
    assert table.work is not None
    assert table.work.symbols == ("_", "0", "1", "#")
    assert table.transitions[0] == Transition(0, guard, 1, None, 1, Move.DOWN, Move.RIGHT, line=6)


def test_what_is_not_said_stays() -> None:
    table = lower(GRID + "state s\n  on 1\n  on *, 1 write 0\n  otherwise move ., left\n")
    first, second, third = (next(t for t in table.transitions if t.line == line) for line in (6, 7, 8))
    assert first == Transition(0, Guard((2,), (0, 1, 2, 3)), 0, line=6)
    assert (second.write_data, second.write_work, second.guard) == (1, None, Guard((0, 1), (2,)))
    assert (third.move_data, third.move_work, third.target) == (Move.STAY, Move.LEFT, 0)


def test_a_halting_rule_writes_but_does_not_move() -> None:
    table, warnings = both(LINE + "state s\n  on 1 write 0 move left -> accept\n  otherwise -> reject\n")
    assert table.transitions[0] == Transition(0, Guard((2,), (0,)), ACCEPT, write_data=1, line=5)
    assert table.transitions[1].target == REJECT
    assert not warnings  # that it does not move is a note


def test_the_first_rule_that_applies_is_taken() -> None:
    table = lower(GRID + "state s\n  at right -> accept\n  on 1 move right\n  otherwise -> reject\n")
    assert [(t.line, t.guard.data, t.guard.edges[3]) for t in table.transitions] == [
        (6, (0, 1, 2), True),
        (7, (2,), False),
        (8, (0, 1), False),
    ]


def test_missing_combinations_are_legal() -> None:
    table, warnings = both(LINE + "state s\n  on 1 -> accept\n  on 0 -> t\nstate t\n")
    assert len(table.transitions) == 2
    assert [warning.code for warning in warnings] == ["TMC102", "TMC102"]


def test_bounds() -> None:
    table = lower(GRID + "bounds\n  steps (m + 1) * (d^2 + 3*d + 1) + 1\n  work 2*(d+1)^2\nstate s\n  otherwise -> accept\n")
    assert str(table.bounds.steps) == "m*d^2 + d^2 + 3*m*d + 3*d + m + 2"
    assert str(table.bounds.work) == "2*d^2 + 4*d + 2"
    assert lower(LINE + "state s\n  otherwise -> accept\n").bounds == ir.Bounds()


def test_tests() -> None:
    (grid,) = lower(GRID + 'state s\n  otherwise -> accept\ntest "a"\n  example 0 1 -> 1\n  query 1 1 -> 0\n').tests
    assert grid == ir.GridTest("a", (((0, 1), 1),), (1, 1), 0, line=7)
    (line,) = lower(
        LINE + "state s\n  otherwise -> stay\nstate stay\n" + "test \"b\"\n  data 1'0' _\n  -> stuck\n  data is _10_\n"
    ).tests
    assert line == LineTest("b", "10_", "stuck", (("data", "10"),), line=7)


OK = "state s\n  otherwise -> accept\n"
LINES = "tape data: line of _ 0 1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("machine m\n", ["TMC003"] * 3),
        ("machine m\ntape data: line of _ 0 1\nstart s\n", ["TMC003", "TMC004"]),
        (f"machine m\n{LINES}start accept\n{OK}", ["TMC004"]),
        (f"machine m\n{LINES}{LINES}start s\n{OK}", ["TMC011"]),
        (f"machine m\n{LINES}start s\nstart s\n{OK}", ["TMC011"]),
        (f"{LINE}bounds\n  steps n\nbounds\n  steps n\n{OK}", ["TMC011"]),
        (f"{LINE}bounds\n  steps n\n  steps n\n{OK}", ["TMC011"]),
        (f"{LINE}bounds\n  work n\n{OK}", ["TMC014"]),
        (f"{LINE}bounds\n  steps n^9*n^9\n{OK}", ["TMC014"]),
        (f"{LINE}bounds\n  steps {'9' * 5000}\n{OK}", ["TMC014"]),
        (f"{LINE}bounds\n  steps 1000000000000*1000000000000\n{OK}", ["TMC014"]),
        (f"{LINE}bounds\n  steps n^{'9' * 5000}\n{OK}", ["TMC014"]),
        ("machine m\ntape a: line of _\ntape b: line of _\ntape c: line of _\nstart s\n" + OK, ["TMC013"]),
        ("machine m\ntape a: line of _ 01 ''\nstart s\n" + OK, ["TMC012", "TMC012"]),
        ("machine m\ntape a: line of _ '\x07'\nstart s\n" + OK, ["TMC012"]),
        (LINE + "state s\n  on 1|1 -> accept\n", ["TMC010"]),
        (GRID + "state s\n  at left left -> accept\n", ["TMC010"]),
        (GRID + "state s\n  on 1, 1, 1 write 1, 1, 1 move left, left, left -> accept\n", ["TMC007"] * 3),
        (GRID + OK + 'test "t"\n  query 1 -> 1\n', ["TMC015"]),
        (GRID + OK + 'test "t"\n  example 1 -> 1\n  query 1 -> 1\n  query 1 -> 1\n', ["TMC015"]),
        (GRID + OK + 'test "t"\n  data 1\n  -> accept\n', ["TMC015"]),
        (LINE + OK + 'test "t"\n', ["TMC015", "TMC015"]),
        (LINE + OK + 'test "t"\n  data 1\n  -> accept\n  -> accept\n  data is 1\n  data is 1\n', ["TMC015", "TMC015"]),
        (LINE + OK + "test \"t\"\n  data 1x'10' ''\n  -> accept\n", ["TMC005", "TMC012"]),
        ("machine m\ntape a: grid of _ a\nstart s\n" + OK + 'test "t"\n  example 1 -> 1\n  query 1 -> 0\n', ["TMC005"] * 3),
    ],
)
def test_what_is_rejected(text: str, expected: list[str]) -> None:
    assert codes(text) == expected
