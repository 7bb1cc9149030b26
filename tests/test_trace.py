from __future__ import annotations

from conftest import compiled, grid_table, line_table, rule
from tmc.ir.table import ACCEPT
from tmc.ir.tape import Grid, Line, Move
from tmc.run.simulator import simulate
from tmc.run.tapes import line_of_text
from tmc.run.trace import (
    Window,
    all_steps,
    extent,
    in_columns,
    in_window,
    last_steps,
    rule_text,
    telling_steps,
    texts_of,
    window,
    windows,
)
from tmc.source import Source

DATA = line_table().data  # _ 0 1
SOURCE = Source("m.tm", "\n".join(f"  line   {number}" for number in range(1, 21)))
TEXTS = {"": SOURCE}


def test_a_window_holds_symbols_and_heads() -> None:
    assert extent(Line(), 3) == Window(3, 3)
    assert extent(Line((1, 2), -4), 3) == Window(-4, 3)
    assert window([(Line((1, 2), -4), -3), (Line(), 5)]) == Window(-4, 5)
    assert window([(Line((1,) * 50), 20), (Line((1,) * 50), 22)], near=3) == Window(17, 25)
    assert Window(-1, 4).to(Window(2, 7)) == Window(-1, 7)


def test_a_line_in_a_window() -> None:
    line = Line((1, 0, 2), -1)
    assert in_window(DATA, line, 2, Window(-2, 4)) == "   0 _ 1[_]"
    assert in_window(DATA, line, -3, Window(-3, 1)) == "[_]_ 0 _ 1"
    assert in_window(DATA, Line((2,) * 9), 4, Window(2, 6)) == " … 1[1]1 …"
    assert in_window(DATA, Line((2,) * 9), 4, Window(4, 8)) == " … 1 1 1 1"
    assert in_window(DATA, Line(), 0, Window(0, 0)) == "[_]"


def test_steps_of_a_run() -> None:
    table, data = compiled("increment").table, line_of_text(DATA, "11")
    steps = tuple(all_steps(table, data))
    assert [step.number for step in steps] == list(range(7))
    assert steps[-1].transition is None
    for count in (1, 3, 7, 20):
        assert tuple(last_steps(table, data, 6, count)) == steps[-count:]
    assert windows(steps) == (Window(-1, 2), Window(0, 0))


def test_where_a_rule_stands() -> None:
    texts = {"": SOURCE, "std.tm": Source("lib/std.tm", "state s\n  on 1\tmove left\n")}
    for line, file, text in (
        (3, "", "m.tm:3: line 3"),
        (2, "std.tm", "lib/std.tm:2: on 1 move left"),
        (9, "other.tm", "other.tm:9"),
        (0, "", ""),
    ):
        assert rule_text(texts, rule(0, (0,), 0, line=line, file=file)) == text


def test_texts_that_share_a_name_are_left_out() -> None:
    one, other = Source("a/x.tm", "one"), Source("b/x.tm", "other")
    assert texts_of([("", SOURCE), ("x.tm", one), ("x.tm", other), ("y.tm", one)]) == {"": SOURCE, "y.tm": one}


WALK = rule(0, (2,), 0, move=Move.RIGHT, line=5)  # over ones


def test_only_telling_steps_are_shown() -> None:
    table = line_table(WALK, rule(0, (0,), 1, 2, Move.LEFT, line=6), rule(1, (2,), ACCEPT, line=8))
    data = Line((2,) * 7)
    assert [step.number for step in telling_steps(table, data, 9)] == [0, 6, 7, 8, 9]
    assert in_columns(table, TEXTS, telling_steps(table, data, 9), near=8) == (
        "step  state    data              rule",
        "   0  a       [1]1 1 1 1 1 1     m.tm:5: line 5",
        "   …",
        "   6  a        1 1 1 1 1 1[1]    m.tm:5: line 5",
        "   7  a        1 1 1 1 1 1 1[_]  m.tm:6: line 6",
        "   8  b        1 1 1 1 1 1[1]1   m.tm:8: line 8",
        "   9  accept   1 1 1 1 1 1[1]1",
    )


def test_a_rule_taken_three_times_is_no_crowd() -> None:
    table = line_table(WALK, rule(0, (0,), ACCEPT, line=6))
    assert [step.number for step in telling_steps(table, Line((2,) * 3), 4)] == [0, 1, 2, 3, 4]
    assert [step.number for step in telling_steps(table, Line((2,) * 4), 5)] == [0, 3, 4, 5]


def test_a_head_that_has_come_far_is_shown_where_it_is() -> None:
    table = line_table(WALK, rule(0, (0,), ACCEPT, line=6))
    assert in_columns(table, TEXTS, telling_steps(table, Line((2,) * 90), 91), near=3) == (
        "step  state    data        rule",
        "  89  a        … 1 1[1]    m.tm:5: line 5",
        "  90  a        … 1 1 1[_]  m.tm:6: line 6",
        "  91  accept   … 1 1 1[_]",
    )


def test_a_machine_that_is_stuck() -> None:
    table = line_table(WALK, work="_1")
    steps = tuple(last_steps(table, Line((2,)), 1, 5))
    assert in_columns(table, TEXTS, steps, near=8) == (
        "step  state   data   work  rule",
        "   0  a      [1]    [_]    m.tm:5: line 5",
        "   1  a       1[_]  [_]    no rule applies",
    )


def test_a_grid_shows_the_row_of_the_head() -> None:
    down, end = rule(0, (1,), 0, move=Move.DOWN, line=1), rule(0, (2,), ACCEPT, line=2)
    table, data = grid_table(down, end), Grid(((1, 2), (2, 0)))
    assert simulate(table, data).steps == 2
    assert in_columns(table, TEXTS, tuple(all_steps(table, data)), near=8) == (
        "step  state   row   data  rule",
        "   0  a         0  [0]1   m.tm:1: line 1",
        "   1  a         1  [1]_   m.tm:2: line 2",
        "   2  accept    1  [1]_",
    )
