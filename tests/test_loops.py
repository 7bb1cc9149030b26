"""A loop that is found is one: the run does not end, and does the same again. And loops that are there are found."""

from __future__ import annotations

from random import Random

import pytest

from conftest import line_table, rule
from tmc.ir.table import ACCEPT, Configuration, Table, step
from tmc.ir.tape import Grid, Line, Move
from tmc.run.loops import Loop, find_loop, simulate_to_the_end
from tmc.run.simulator import simulate
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine

LEFT, RIGHT = Move.LEFT, Move.RIGHT


def loop_of(table: Table, data: Grid | Line, limit: int = 10_000) -> Loop | None:
    return simulate_to_the_end(table, data, limit)[1]


def after(table: Table, configuration: Configuration, steps: int) -> Configuration | None:
    for _ in range(steps):
        following = step(table, configuration)
        if following is None:
            return None
        configuration = following
    return configuration


def test_in_one_place() -> None:
    table = line_table(rule(0, (0, 1), 1, move=RIGHT), rule(1, (0, 1), 0, move=LEFT))
    assert loop_of(table, Line((1,))) == Loop(2, 0, 0)


def test_off_to_one_side() -> None:
    assert loop_of(line_table(rule(0, (0, 1), 0, move=RIGHT)), Line((1, 1))) == Loop(1, 1, 0)
    assert loop_of(line_table(rule(0, (0, 1), 0, 1, LEFT)), Line((1, 1))) == Loop(1, -1, 0)


def test_both_heads_move_on() -> None:
    walk = rule(0, (0,), 1, 1, RIGHT, write_work=1, move_work=LEFT)
    rest = rule(1, (0,), 0, write_work=1, move_work=LEFT)
    assert loop_of(line_table(walk, rest, work="_1"), Line()) == Loop(2, 1, -2)


def test_something_ahead_may_end_it() -> None:
    """Over blanks for ever, but for the 1 at position 150: what was seen in steps 100 to 110 proves nothing."""
    table = line_table(rule(0, (0,), 0, move=RIGHT), rule(0, (1,), ACCEPT))
    data = Line((1,), 150)
    assert find_loop(table, simulate(table, data, 100).configuration, 40) is None
    run, loop = simulate_to_the_end(table, data, 10_000)
    assert (run.verdict, run.steps, loop) == ("accept", 151, None)


def test_something_behind_does_not_matter() -> None:
    table = line_table(rule(0, (0,), 0, move=RIGHT), rule(0, (1,), ACCEPT))
    assert loop_of(table, Line((1,), -5)) == Loop(1, 1, 0)


def test_counting_for_ever_is_no_loop() -> None:
    """A binary number that grows without end: never the same again, so nothing is proven."""
    up = rule(0, (2,), 0, 1, LEFT), rule(0, (0, 1), 1, 2)
    back = rule(1, (1, 2), 1, move=RIGHT), rule(1, (0,), 0, move=LEFT)
    run, loop = simulate_to_the_end(line_table(*up, *back), Line(), 30_000)
    assert (run.verdict, run.steps, loop) == ("timeout", 30_000, None)


def test_the_limit() -> None:
    table = line_table(rule(0, (0,), 0, move=RIGHT))
    assert simulate_to_the_end(table, Line(), 0)[0].steps == 0
    assert simulate_to_the_end(table, Line(), 7)[0].steps == 7
    assert simulate_to_the_end(table, Line(), 7)[1] == Loop(1, 1, 0)


def test_in_words() -> None:
    tapes = ("data", "work")
    assert Loop(1, 0, 0).words(tapes) == "the same step again and again"
    assert Loop(3, 1, 0).words(tapes) == "the same 3 steps again and again, each time 1 cell further right on the tape data"
    both = "each time 2 cells further left on the tape data and 1 cell further right on the tape work"
    assert Loop(2, -2, 1).words(tapes) == f"the same 2 steps again and again, {both}"


@pytest.mark.parametrize("kind", ["line", "grid", "rows"])
@pytest.mark.parametrize("work", [False, True])
def test_random_machines(kind: str, work: bool) -> None:
    """What is found is true; on a grid without a work tape, where there are only so many configurations, all is found."""
    found = 0
    for seed in range(150):
        random = Random(seed)
        table = random_machine(random, Family(kind=kind, work_tape=work, gaps=0.02, halts=0.02))
        data = random_grid(random, table, rows=(1, 2), columns=(1, 2)) if table.is_grid else random_line(random, table, (0, 6))
        run, loop = simulate_to_the_end(table, data, 1_000)
        if run.verdict != "timeout":
            assert loop is None
            continue
        if loop is None:
            assert kind == "line" or work or simulate_to_the_end(table, data, 100_000)[1] is not None
            continue
        found += 1
        assert simulate(table, data, 20_000).verdict == "timeout"
        begun = run.configuration
        again, more = after(table, begun, loop.period), after(table, begun, 5 * loop.period)
        assert again is not None
        assert more is not None
        assert again.state == more.state == begun.state
        assert (again.head[1] - begun.head[1], again.work_head - begun.work_head) == (loop.data, loop.work)
        assert (more.head[1] - begun.head[1], more.work_head - begun.work_head) == (5 * loop.data, 5 * loop.work)
    assert found > 20
