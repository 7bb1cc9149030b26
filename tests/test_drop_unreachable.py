"""Dropping states that nothing reaches: what stays, and under which number."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from conftest import line_table, rule
from redundant import assert_same_run, drawn, input_of, with_strays
from tmc.ir.table import ACCEPT, validate
from tmc.optimise.drop_unreachable import drop_unreachable

ANY = (0, 1, 2)


def test_the_states_that_stay_are_numbered_anew() -> None:
    table = replace(line_table(rule(0, ANY, 1), rule(1, (0,), 3), rule(1, (1,), ACCEPT), rule(2, ANY, 1), rule(3, ANY, 3)), start=1)
    expected = line_table(rule(0, (0,), 1), rule(0, (1,), ACCEPT), rule(1, ANY, 1))
    assert drop_unreachable(table) == replace(expected, states=("b", "d"))


def test_a_state_that_only_leads_to_itself_is_reached_by_nothing_else() -> None:
    table = line_table(rule(0, ANY, ACCEPT), rule(1, ANY, 2), rule(2, ANY, 1))
    assert drop_unreachable(table) == line_table(rule(0, ANY, ACCEPT))


def test_a_table_without_such_states_is_left_as_it_is() -> None:
    table = line_table(rule(0, ANY, 1), rule(1, ANY, 0))
    assert drop_unreachable(table) is table


@pytest.mark.parametrize("seed", range(60))
def test_random_machines_with_strays(seed: int) -> None:
    random = Random(seed)
    table = with_strays(random, drawn(seed), 3)
    smaller = drop_unreachable(table)
    validate(smaller)
    assert len(smaller.states) <= len(table.states) - 3
    assert drop_unreachable(smaller) is smaller
    assert set(smaller.states) <= set(table.states)
    for _ in range(3):
        names: dict[str, str] = {}
        assert_same_run(table, smaller, input_of(random, table), names)
        assert all(ours == theirs for ours, theirs in names.items())
