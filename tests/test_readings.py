"""What a state does, reading by reading."""

from __future__ import annotations

from random import Random

import pytest

from conftest import line_table, rule
from redundant import behaviour, drawn
from redundant import readings as seen_by
from tmc.ir.table import ANY_EDGE, Configuration, Guard, Table, reading
from tmc.ir.tape import Move
from tmc.optimise.readings import Effect, Readings, by_state


def number(readings: Readings, configuration: Configuration) -> int:
    """The bit of what a configuration reads."""
    data, work, touching = reading(configuration)
    edges = touching if readings.sizes[2] == 2 else (False,) * 4
    region = readings.region(((data,), (work,), *((int(touch),) for touch in edges)))
    return region.bit_length() - 1


def described(table: Table, configuration: Configuration, after: Configuration | None) -> Effect | None:
    """What a step did, without the move of the data head."""
    if after is None:
        return None
    (data, work, _), (new_data, new_work, _) = (reading(at) for at in (configuration, stay(configuration, after)))
    move_work = {0: Move.STAY, -1: Move.LEFT, 1: Move.RIGHT}[after.work_head - configuration.work_head]
    changed = (None if new_data == data else new_data, None if new_work == work else new_work)
    return Effect(*changed, Move.STAY, move_work, after.state)


def stay(before: Configuration, after: Configuration) -> Configuration:
    """The tapes after a step, with the heads where they were."""
    return Configuration(0, after.data, before.head, after.work, before.work_head)


@pytest.mark.parametrize("seed", range(18))
def test_effects_are_what_steps_do(seed: int) -> None:
    table = drawn(seed, states=(1, 3), symbols=(2, 3))
    readings = Readings.of(table)
    for state, transitions in enumerate(by_state(table)):
        does = readings.behaviour(transitions)
        for configuration, after in zip(seen_by(table), behaviour(table, state), strict=True):
            bit = number(readings, configuration)
            effects = [effect for effect, region in does.items() if region >> bit & 1]
            found = described(table, configuration, after)
            assert [effect._replace(move_data=Move.STAY) for effect in effects] == ([] if found is None else [found])
            if after is not None:
                assert (effects[0].move_data is Move.STAY) == (after.head == configuration.head)


def test_a_guard_is_a_box_and_back() -> None:
    random = Random(0)
    for seed in range(30):
        table = drawn(seed)
        readings = Readings.of(table)
        for transition in random.sample(table.transitions, 1):
            assert readings.guard(readings.box(transition.guard)) == transition.guard


def test_regions_have_a_bit_for_each_reading() -> None:
    readings = Readings.of(line_table(rule(0, (0,), 0), work="_01"))
    assert readings.region(readings.box(Guard((1, 2), (0, 2), ANY_EDGE))) == 0b110_000_110
    assert readings.plane(0, 2) == 0b100_100_100
    assert readings.plane(1, 1) == 0b000_111_000
    assert readings.slice(0b101_010_110, 1, 2) == 0b101
    assert readings.values(5) == (2, 1, 0, 0, 0, 0)
