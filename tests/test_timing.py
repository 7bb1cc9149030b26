"""Timing: how many layers a run takes. (That runs take exactly these is checked in lockstep.)"""

from __future__ import annotations

from itertools import product

import pytest

from conftest import grid_table, rule
from tmc.automaton.signals import SLIDE
from tmc.ir.table import ACCEPT, start
from tmc.ir.tape import Grid, Move
from tmc.testing.timing import duration, effective, moments, waiting

HEADS = (Move.STAY, Move.LEFT, Move.RIGHT)
OPERATIONS = tuple(product(Move, HEADS))
STAY = (Move.STAY, Move.STAY)


@pytest.mark.parametrize(
    ("operation", "layers"),
    [
        (STAY, 1),
        ((Move.UP, Move.STAY), 2),
        ((Move.STAY, Move.LEFT), 2),
        ((Move.LEFT, Move.LEFT), 3),
        ((Move.RIGHT, Move.LEFT), 3),
        (SLIDE, 2),
    ],
)
def test_a_layer_to_apply_a_transition_and_one_for_each_head(operation: tuple[Move, Move], layers: int) -> None:
    assert duration(operation) == layers


def test_the_control_waits_at_most_one_layer_and_only_behind_a_move_to_the_right() -> None:
    for before, after in product(OPERATIONS, repeat=2):
        assert waiting(before, after) in (0, 1)
        if waiting(before, after):
            assert before[0] is Move.RIGHT
    assert waiting((Move.RIGHT, Move.STAY), (Move.STAY, Move.LEFT)) == 1
    assert waiting((Move.RIGHT, Move.STAY), SLIDE) == 0
    assert waiting(SLIDE, SLIDE) == 0
    assert waiting(SLIDE, (Move.LEFT, Move.STAY)) == 1
    assert waiting(SLIDE, (Move.STAY, Move.LEFT)) == 1


def test_no_step_takes_more_than_four_layers() -> None:
    for before, after in product(OPERATIONS, repeat=2):
        assert waiting(before, after) + duration(after) <= 4


def test_the_moments_of_a_run() -> None:
    assert list(moments([], birth=7)) == [7]
    assert list(moments([STAY, SLIDE, (Move.LEFT, Move.STAY), STAY], birth=10)) == [10, 11, 14, 16, 17]


def test_a_move_that_an_edge_stops_is_a_stay() -> None:
    table = grid_table(rule(0, (0, 1), 0, move=Move.UP), rule(0, (2,), ACCEPT))
    for rows, operation in ((((1, 1), (1, 1)), STAY), (((2, 1), (1, 1)), STAY)):
        configuration = start(table, Grid(rows))
        transition = next(t for t in table.transitions if t.guard.admits(rows[0][0], 0, (True, False, True, False)))
        assert effective(configuration, transition) == operation
