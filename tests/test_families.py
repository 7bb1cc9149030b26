"""Families of machines: as many states as asked for, and none too many."""

from __future__ import annotations

import doctest
from collections import Counter
from random import Random

import pytest

from tmc.optimise.drop_unreachable import drop_unreachable
from tmc.optimise.merge_states import merge_states
from tmc.pipeline import lower_table
from tmc.report import families
from tmc.report.families import FEWEST, MOST, family
from tmc.testing.lockstep import lockstep
from tmc.testing.random_machines import random_grid, random_line

KINDS = [
    ("grid", True, None),
    ("grid", False, 2),
    ("line", True, 1),
    ("line", False, None),
    ("rows", True, None),
    ("rows", False, 3),
]


@pytest.mark.parametrize(("kind", "work_tape", "reach"), KINDS)
@pytest.mark.parametrize("states", [1, 2, 7, 50, 300])
def test_all_states_are_reached_and_differ(states: int, kind: str, work_tape: bool, reach: int | None) -> None:
    table = family(states, 5, kind, work_tape, reach)
    assert (table.data.kind, len(table.tapes)) == (kind, 1 + work_tape)
    assert len(table.states) == states
    assert drop_unreachable(table) == table
    assert len(merge_states(table).states) == states


@pytest.mark.parametrize(("kind", "work_tape", "reach"), KINDS)
def test_a_state_has_a_few_transitions(kind: str, work_tape: bool, reach: int | None) -> None:
    counts = Counter(transition.state for transition in family(400, 0, kind, work_tape, reach).transitions)
    most = 6 if (kind, work_tape) == ("line", False) else MOST  # one symbol each
    assert set(counts.values()) == set(range(FEWEST, most + 1))


def test_how_far_transitions_lead() -> None:
    near, far = (family(200, 0, "line", reach=reach) for reach in (2, None))
    assert max(len({t.target for t in near.transitions if t.state == state} - {-1, -2}) for state in range(200)) <= 5
    assert max(len({t.target for t in far.transitions if t.state == state} - {-1, -2}) for state in range(200)) > 5


def test_the_same_machine_every_time() -> None:
    assert family(30, 1) == family(30, 1)
    assert family(30, 1).transitions != family(30, 2).transitions


@pytest.mark.parametrize(("kind", "work_tape", "reach"), KINDS)
def test_the_network_of_a_machine_of_many_states(kind: str, work_tape: bool, reach: int | None) -> None:
    """In lockstep with its table; the states take four trits."""
    table, random = family(30, 3, kind, work_tape, reach), Random(0)
    stages = lower_table(table)
    for _ in range(2):
        data = random_grid(random, table, (2, 3), (2, 3)) if table.is_grid else random_line(random, table, (0, 6))
        lockstep(stages, data, max_steps=10)


def test_the_example() -> None:
    assert doctest.testmod(families, raise_on_error=True).attempted == 2
