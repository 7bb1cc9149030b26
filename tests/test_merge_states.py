"""Merging states: as many as do the same, by what they do and not by how it is written."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from time import perf_counter

import pytest

from conftest import grid_table, line_table, rule
from redundant import assert_same_run, behaviour, drawn, in_pieces, input_of, with_copies
from tmc.ir.table import ACCEPT, ANY_EDGE, REJECT, Configuration, EdgeTest, Guard, Table, Transition, validate
from tmc.ir.tape import Move, Tape
from tmc.optimise.merge_states import merge_states

ANY = (0, 1, 2)
AT_LEFT: EdgeTest = (None, None, True, None)
NOT_AT_LEFT: EdgeTest = (None, None, False, None)


def test_the_first_state_stays_and_stands_for_the_others() -> None:
    table = line_table(
        rule(0, ANY, 2, move=Move.RIGHT, line=1),
        rule(1, (0,), ACCEPT, line=2),
        rule(1, (1, 2), 0, write=0, line=3),
        rule(2, (0,), ACCEPT, line=4),
        rule(2, (1, 2), 0, write=0, line=5),
    )
    expected = line_table(
        rule(0, ANY, 1, move=Move.RIGHT, line=1), rule(1, (0,), ACCEPT, line=2), rule(1, (1, 2), 0, write=0, line=3)
    )
    assert merge_states(table) == expected
    assert merge_states(replace(table, start=2)) == replace(expected, start=1)


def test_states_that_differ_only_in_which_of_them_they_lead_to() -> None:
    table = line_table(rule(0, ANY, 1, move=Move.LEFT), rule(1, ANY, 2, move=Move.LEFT), rule(2, ANY, 1, move=Move.LEFT))
    assert merge_states(table) == line_table(rule(0, ANY, 0, move=Move.LEFT))


def same(*transitions: Transition, make: object = grid_table) -> bool:
    table: Table = make(*transitions)  # type: ignore[operator]
    return merge_states(table).states == ("a",)


def test_writing_the_symbol_that_is_read_is_leaving_it() -> None:
    assert same(rule(0, (0, 1), 0), rule(1, (0,), 0, write=0), rule(1, (1,), 1, write=1))
    assert same(rule(0, (0, 1), 0, write=1), rule(1, (0,), 0, write=1), rule(1, (1,), 1))
    assert not same(rule(0, (0, 1), 0), rule(1, (0, 1), 0, write=1))


def test_guards_may_be_cut_in_any_way() -> None:
    assert same(rule(0, ANY, 0), rule(1, (0, 1), 0, edges=AT_LEFT), rule(1, (2,), 1), rule(1, (0, 1), 0, edges=NOT_AT_LEFT))


def test_a_move_that_an_edge_stops_is_a_stay() -> None:
    assert same(rule(0, ANY, 0, move=Move.LEFT, edges=AT_LEFT), rule(1, ANY, 0, edges=AT_LEFT))
    assert not same(rule(0, ANY, 0, move=Move.LEFT), rule(1, ANY, 0))


def rows_table(*transitions: Transition) -> Table:
    return replace(grid_table(*transitions), tapes=(Tape("data", "rows", ("_", "0", "1")),))


def test_on_rows_only_the_two_ends_stop_a_move() -> None:
    first: EdgeTest = (True, None, True, None)
    assert not same(rule(0, ANY, 0, move=Move.LEFT, edges=AT_LEFT), rule(1, ANY, 0, edges=AT_LEFT), make=rows_table)
    assert same(rule(0, ANY, 0, move=Move.LEFT, edges=first), rule(1, ANY, 0, edges=first), make=rows_table)


def test_a_line_stops_no_move() -> None:
    assert not same(rule(0, ANY, 0, move=Move.LEFT), rule(1, ANY, 0), make=line_table)


def test_halting_transitions_do_not_move() -> None:
    assert same(rule(0, ANY, ACCEPT, move=Move.LEFT), rule(1, ANY, ACCEPT))
    assert not same(rule(0, ANY, ACCEPT), rule(1, ANY, REJECT))


def test_to_be_stuck_is_to_do_something_else() -> None:
    assert not same(rule(0, ANY, 0), rule(1, (0, 1), 0))
    assert not same(rule(0, (1, 2), 0), rule(1, (0, 1), 0))
    assert same(rule(0, (1,), 0), rule(1, (1,), 0))
    assert merge_states(replace(line_table(rule(0, ANY, 1)), states=("a", "b", "c"))).states == ("a", "b")  # stuck in all


def test_a_difference_many_steps_ahead() -> None:
    chain = [rule(state, ANY, state + 1) for state in range(7)]
    assert len(merge_states(line_table(*chain, rule(7, ANY, ACCEPT))).states) == 8
    assert len(merge_states(line_table(*chain, rule(7, ANY, 7))).states) == 1


def classes(table: Table) -> list[int]:
    """The same by brute force: all states together, split by what they do until that splits nothing more."""
    does = [behaviour(table, state) for state in range(len(table.states))]
    number = [0] * len(table.states)
    while True:
        up_to: list[object] = []
        for state, steps in enumerate(does):
            up_to.append((number[state], tuple(seen and renumbered(seen, number) for seen in steps)))
        refined = [up_to.index(one) for one in up_to]
        if refined == number:
            return number
        number = refined


def renumbered(seen: Configuration, number: list[int]) -> Configuration:
    return seen if seen.state < 0 else replace(seen, state=number[seen.state])


@pytest.mark.parametrize("seed", range(24))
def test_as_many_as_do_the_same(seed: int) -> None:
    random = Random(seed)
    table = drawn(seed, states=(2, 5), symbols=(2, 3), gaps=0.4)
    table = in_pieces(random, with_copies(random, table, 2))
    expected = [table.states[state] for state, first in enumerate(classes(table)) if state == first]
    assert list(merge_states(table).states) == expected


@pytest.mark.parametrize("seed", range(60))
def test_random_machines_with_copies(seed: int) -> None:
    random = Random(seed)
    table = in_pieces(random, with_copies(random, drawn(seed), 3))
    smaller = merge_states(table)
    validate(smaller)
    assert 3 * len(smaller.states) <= len(table.states)
    assert merge_states(smaller) is smaller
    names: dict[str, str] = {}
    for _ in range(4):
        assert_same_run(table, smaller, input_of(random, table), names)
    order = [*table.states, "accept", "reject"]
    assert all(order.index(theirs) <= order.index(ours) for ours, theirs in names.items())


@pytest.mark.parametrize("last", [ACCEPT, 0])
def test_large_machines_take_little_time(last: int) -> None:
    """A chain is the worst case: each look at all states would split off one more."""
    count, symbols = 2000, tuple("_01abcdefg")
    full = tuple(range(len(symbols)))
    chain = [
        Transition(state, Guard(data, full, ANY_EDGE), state + 1 if state + 1 < count else last, move_data=move)
        for state in range(count)
        for data, move in ((full[:5], Move.LEFT), (full[5:], Move.UP))
    ]
    names = tuple(map(str, range(count)))
    table = Table("chain", "", (Tape("data", "grid", symbols), Tape("work", "line", symbols)), names, 0, tuple(chain))
    before = perf_counter()
    assert len(merge_states(table).states) == (count if last == ACCEPT else 1)
    assert perf_counter() - before < 2
