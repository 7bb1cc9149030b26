"""What a search found: a text that does the same on the problems, and how often it is right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conftest import grid_table, rule
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import ACCEPT, REJECT, Table
from tmc.ir.tape import Edge, Move
from tmc.learn.data.datasets import DataSet
from tmc.learn.data.tasks import TASKS, problems
from tmc.learn.search.found import Score, by_network, by_table, readable, steps
from tmc.learn.search.searching import Best, Tables, grids
from tmc.pipeline import look_over, read_machine
from tmc.run.shapes import MachineShape
from tmc.run.simulator import simulate
from tmc.source import Source
from tmc.syntax.formatter import format_source

LIMIT = steps(4)
AT_RIGHT, INSIDE = (None, None, None, True), (None, None, None, False)
# The label of the first example, whatever is asked.
FIRST = grid_table(
    rule(0, (0, 1, 2), 0, move=Move.RIGHT, edges=INSIDE),
    rule(0, (0, 2), ACCEPT, edges=AT_RIGHT),
    rule(0, (1,), REJECT, 2, edges=AT_RIGHT),
)
LOOP = grid_table(rule(0, (0, 1, 2), 0, move=Move.STAY))
SOURCE = """\
learner first
tape data: grid of _ 0 1
start go
state go
    on 1 at right -> accept
    on 0 at right -> reject
    otherwise move right
"""


def drawn(task: str = "constants", count: int = 6, m: int = 2) -> list[DataSet]:
    return problems(TASKS[task], count, 2, m, 3, 1)


def test_steps() -> None:
    assert steps(4).evaluate({"m": 3, "d": 2}) == 4 * 4 * 3
    assert str(steps(1)) == "m*d + d + m + 1"


def test_a_text() -> None:
    """Formatted, without warnings, with tests that it passes and the promise that was kept; a halt writes nothing."""
    text = readable(FIRST, drawn(), LIMIT, "Said.")
    assert text.startswith("# Said.\n\nlearner toy\n")
    assert format_source(Source("m.tm", text)) == text
    assert not look_over(Source("m.tm", text))
    table, _ = read_machine(Source("m.tm", text))
    assert table.bounds.steps == LIMIT
    assert len(table.tests) == 4
    assert "write" not in text
    assert len(table.transitions) < 6


@pytest.mark.parametrize("seed", range(3))
def test_found_machines_do_the_same(seed: int) -> None:
    """Machines of two states, drawn at random: verdict and steps on every query, runs that are cut off with them."""
    prior, given, ends = Tables(MachineShape("grid", 2, 3, 1, (Edge.BOTTOM, Edge.RIGHT)), seed), drawn("literals", 3), set()
    for number in range(12):
        table = Best(12, number, 1, 1).table(prior)
        again, _ = read_machine(Source("m.tm", readable(table, given, LIMIT)))
        for each in given:
            for grid in grids(each.x_train, each.y_train, each.x_test):
                most = LIMIT.evaluate({"m": 2, "d": 2})
                one, other = simulate(table, grid, most), simulate(again, grid, most)
                assert (one.verdict, one.steps) == (other.verdict, other.steps)
                ends.add(one.verdict)
    assert {"accept", "reject", "timeout"} <= ends


def test_a_machine_with_a_work_tape() -> None:
    prior, given = Tables(MachineShape("grid", 2, 3, 3, (Edge.BOTTOM, Edge.RIGHT)), 4), drawn("literals", 2)
    for number in range(6):
        text = readable(Best(6, number, 1, 1).table(prior), given, LIMIT)
        assert "tape work: line of _ 0 1" in text
        assert not [one for one in look_over(Source("m.tm", text)) if one.severity.value == "error"]


def test_what_never_halts() -> None:
    """It has no tests, and is right about nothing."""
    text = readable(LOOP, drawn(), LIMIT)
    assert not read_machine(Source("m.tm", text))[0].tests
    *_, tally = by_table(Source("m.tm", text), drawn(), LIMIT)
    assert tally == Score(6, 0, 18, 0)


def test_long_tests_are_left_out() -> None:
    table, _ = read_machine(Source("m.tm", readable(FIRST, [*drawn(count=2, m=65), *drawn(count=1)], LIMIT)))
    assert [test.name for test in table.tests] == ["problem 3"]


def test_the_table() -> None:
    """`solved` and `right`, told after each problem, beside a count by hand."""
    given = drawn("latest", 8)
    right = [int((each.y_train[0] == np.asarray(each.y_test)).sum()) for each in given]
    tallies = list(by_table(Source("m.tm", SOURCE), given, LIMIT))
    assert tallies == [Score(count, sum(one == 3 for one in right[:count]), 3 * count, sum(right[:count])) for count in range(1, 9)]
    assert 0 < tallies[-1].solved < 8


def test_no_more_steps_than_are_given() -> None:
    """However much a machine promises, or nothing: a run that is cut off is a mistake."""
    *_, tally = by_table(Source("m.tm", SOURCE), drawn(), Polynomial.constant(1))
    assert tally == Score(6, 0, 18, 0)


def test_labels_are_needed() -> None:
    given = [replace(each, y_test=None) for each in drawn()]
    with pytest.raises(ValueError, match=r"^a problem needs labels for its queries$"):
        list(by_table(Source("m.tm", SOURCE), given, LIMIT))


@pytest.mark.parametrize("table", [FIRST, LOOP], ids=["first", "loop"])
@pytest.mark.parametrize("promise", [True, False])
def test_the_network(table: Table, promise: bool) -> None:
    """It answers as the table does, undecided or not, and where nothing is promised as well."""
    text = readable(table, drawn(), LIMIT)
    if not promise:
        text = text.replace("bounds\n    steps  4*m*d + 4*d + 4*m + 4\n\n", "")
        assert "bounds" not in text
    tallies = list(by_network(Source("m.tm", text), drawn(count=2), LIMIT))
    assert tallies == [Score(1, 1, 3, 3), Score(2, 2, 6, 6)]
