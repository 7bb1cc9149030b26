"""Random machines and inputs as strategies of hypothesis."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis.errors import NoSuchExample

from tmc.ir.table import Table, validate
from tmc.ir.tape import Grid, Line, Move
from tmc.net.checkpoint.reading import from_stages
from tmc.net.rcnn import RCNN
from tmc.pipeline import lower_table
from tmc.testing.lockstep import lockstep
from tmc.testing.random_machines import Family
from tmc.testing.strategies import families, inputs, machines, runs

LEISURELY = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@LEISURELY
@given(runs(rows=(1, 2), columns=(1, 2)))
def test_lockstep(run: tuple[Table, Grid | Line]) -> None:
    table, data = run
    stages = lower_table(table)
    lockstep(stages, data, 16, RCNN(from_stages(stages)))


@LEISURELY
@given(machines(families(states=(2, 2), symbols=(3, 3))))
def test_machines(table: Table) -> None:
    validate(table)
    assert len(table.states) == 2
    assert all(len(tape.symbols) >= 2 for tape in table.tapes)


@LEISURELY
@given(machines(Family("grid", work_tape=False)).flatmap(lambda table: inputs(table, rows=(2, 3), columns=(1, 1))))
def test_inputs(data: Grid | Line) -> None:
    assert isinstance(data, Grid)
    assert 3 <= len(data.rows) <= 4
    assert {len(row) for row in data.rows} == {2}


def moves_up(table: Table) -> bool:
    return any(transition.move_data is Move.UP for transition in table.transitions)


def shrunk(number: int) -> tuple[int, int]:
    """How small a machine that moves up is made: states and transitions."""
    leisurely = settings(max_examples=500, database=None, deadline=None)
    found = find(machines(families(states=(1, 6))), moves_up, settings=leisurely, random=Random(number))
    return len(found.states), len(found.transitions)


def test_shrunk() -> None:
    """What is found is made small: to the smallest there is, about every other time."""
    assert any(shrunk(number) == (1, 1) for number in range(20))


def test_seeded() -> None:
    """A seed gives the same examples again."""

    def drawn() -> list[Table]:
        tables: list[Table] = []

        @seed(5)
        @settings(max_examples=5, database=None, phases=[Phase.generate])
        @given(machines())
        def collect(table: Table) -> None:
            tables.append(table)

        collect()
        return tables

    first = drawn()
    assert len(first) == 5
    assert drawn() == first


def test_families_are_kept_to() -> None:
    with pytest.raises(NoSuchExample):
        find(machines(Family("line")), moves_up, settings=settings(max_examples=50, database=None))
