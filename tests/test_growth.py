"""Growth: the work of every stage grows with the number of states, not its square. Lines are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from tmc.automaton.rows_to_grid import rows_to_grid
from tmc.automaton.rules_to_cells import rules_to_cells
from tmc.automaton.table_to_rules import table_to_rules
from tmc.net.checkpoint.reading import from_stages, to_bytes
from tmc.optimise.passes import optimise
from tmc.pipeline import Stages, look_over
from tmc.report.families import family
from tmc.source import Source
from tmc.targets.wide.cells_to_filters import cells_to_filters
from tmc.targets.wide.target import TritCoding
from tmc.testing.machine_files import read
from tmc.testing.machine_tests import prepare, run_test

FEW, MANY = 30, 120


def lines(work: Callable[[], Any]) -> tuple[Any, int]:
    """What a call returns, and how many lines it executes."""
    count, before = 0, sys.gettrace()

    def trace(_frame: FrameType, _event: str, _argument: object) -> Callable[..., Any]:
        nonlocal count
        count += 1
        return trace

    sys.settrace(trace)
    try:
        return work(), count
    finally:
        sys.settrace(before)


def stages(states: int, kind: str, work_tape: bool) -> Iterator[tuple[str, int]]:
    """The stages of a machine, and how many lines each executes."""
    table = family(states, 0, kind, work_tape, reach=1)  # so near that in both sizes transitions can be merged
    (optimised, _), count = lines(lambda: optimise(table))
    yield "optimise", count
    lowered, count = lines(lambda: rows_to_grid(optimised))
    yield "rows", count
    rules, count = lines(lambda: table_to_rules(lowered))
    yield "rules", count
    cells, count = lines(lambda: rules_to_cells(rules))
    yield "cells", count
    filters, count = lines(lambda: cells_to_filters(cells))
    yield "filters", count
    _, count = lines(lambda: to_bytes(from_stages(Stages(optimised, lowered, rules, cells, filters, TritCoding(cells), None))))
    yield "checkpoint", count


@pytest.mark.parametrize(("kind", "work_tape"), [("line", True), ("rows", False)])
def test_four_times_the_states_take_little_more_than_four_times_the_work(kind: str, work_tape: bool) -> None:
    """A state's code takes a trit more."""
    few, many = (dict(stages(states, kind, work_tape)) for states in (FEW, MANY))
    growth = {name: many[name] / few[name] for name in few}
    assert all(ratio < 5 for ratio in growth.values()), growth


WALK = """machine walk
tape data: line of _ 0 1
start walk
state walk
    on 0|1  move right
    on _                 -> accept
"""
FLIP = """machine flip
tape data: line of _ 0 1
tape work: line of _ 0 1
start there
state there
    on 0    write 1, 1  move right
    on 1    write 0, 0  move right
    on _                move left   -> back
state back
    on 0|1              move left
    on _                            -> accept
"""


@pytest.mark.parametrize("text", [WALK, FLIP], ids=["walk", "flip"])
def test_four_times_the_data_take_little_more_than_four_times_the_work(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that walks over its data, on the table and on the network in lockstep with it. (Where the work head moves in every
    step, each sends a wave along the whole work tape: then it is the network that does work in proportion to the square.)"""
    monkeypatch.setattr("tmc.testing.following.CREDIT", 50)  # so that the whole work tape is not seen in every step

    def work(length: int) -> int:
        machine = read(Source("m.tm", text + f'test "t"\n    data {"01" * (length // 2)}\n    -> accept\n'))
        assert machine is not None
        subject = prepare(machine.table, machine.texts)
        outcome, count = lines(lambda: run_test(subject, machine.table.tests[0]))
        assert (outcome.faults, outcome.run.steps > length) == ((), True)
        assert outcome.layers is not None
        return count

    assert work(800) < 5 * work(200)


def test_four_times_the_rules_of_a_state_take_little_more_than_four_times_the_work() -> None:
    """Rules that never apply, because of the first one."""

    def work(rules: int) -> int:
        text = "machine m\ntape data: line of _ 0 1\nstart s\nstate s\n    on _  -> accept\n" + "    on 0  move right\n" * rules
        found, count = lines(lambda: look_over(Source("m.tm", text)))
        assert [one.code for one in found].count("TMC101") == rules - 1
        return count

    assert work(800) < 5 * work(200)
