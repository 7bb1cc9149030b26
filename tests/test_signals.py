"""Signals: a machine's cells and rules hold only what the machine uses."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from conftest import compiled, grid_table, line_table, rule
from tmc.automaton.signals import MOVE_SIGNALS, Signals, data_values, fields_of, state_values
from tmc.automaton.table_to_rules import table_to_rules
from tmc.ir.cells import code, width
from tmc.ir.rules import Rules
from tmc.ir.table import ACCEPT, Guard, Table, Transition
from tmc.ir.tape import Grid, Line, Move, Tape
from tmc.net.checkpoint.reading import from_stages
from tmc.net.rcnn import RCNN
from tmc.pipeline import lower_table
from tmc.testing.lockstep import lockstep
from tmc.testing.random_machines import Family, random_machine

ANY, HEADS = (0, 1, 2), (Move.STAY, Move.LEFT, Move.RIGHT)


def names(table: Table) -> tuple[str, ...]:
    return tuple(field.name for field in fields_of(table, Signals.of(table)))


def moves(table: Table) -> set[str]:
    return set(table_to_rules(table).field("move").values) - {""}


def two_tapes(*operations: tuple[Move, Move]) -> Table:
    """A machine that makes these moves of its data head and its work head one after the other, for ever."""
    states = range(len(operations))
    transitions = (
        Transition(s, Guard(ANY, ANY), (s + 1) % len(states), write_work=s % 3, move_data=move, move_work=push)
        for s, (move, push) in enumerate(operations)
    )
    tapes = (Tape("data", "grid", ("_", "0", "1")), Tape("work", "line", ("_", "0", "1")))
    return Table("toy", "", tapes, tuple(f"q{s}" for s in states), 0, tuple(transitions))


def test_all_fields_of_a_machine_that_uses_everything() -> None:
    assert names(compiled("gauss").table) == (
        "answer",
        "kind",
        "symbol",
        "right",
        "left",
        "move",
        "push",
        "carry1",
        "carry2",
        "control",
        "state",
        "inside",
    )


def test_a_line_machine_has_no_memory_to_decode() -> None:
    table = line_table(rule(0, ANY, 0, move=Move.RIGHT))
    assert names(table) == ("answer", "symbol", "move", "control", "state")
    assert moves(table) == {"none", "right"}
    assert not any("decode" in r.name for r in table_to_rules(table).rules)


def test_one_tape_has_no_pack() -> None:
    table = grid_table(rule(0, ANY, 0, move=Move.RIGHT))
    assert names(table) == ("answer", "kind", "symbol", "move", "carry1", "control", "state", "inside")
    assert not any("wave" in r.name or "pack" in r.name or "push" in r.name for r in table_to_rules(table).rules)


def test_a_work_head_that_never_moves_needs_one_half_of_the_pack_and_no_pushes() -> None:
    table = two_tapes((Move.RIGHT, Move.STAY), (Move.LEFT, Move.STAY))
    assert names(table) == ("answer", "kind", "symbol", "right", "move", "carry1", "control", "state", "inside")
    assert moves(table) == {"none", "decode", "left", "right"}
    assert not any("wave" in r.name or "push" in r.name for r in table_to_rules(table).rules)


@pytest.mark.parametrize("left_out", [Move.UP, Move.DOWN, Move.LEFT, Move.RIGHT])
def test_a_move_that_a_machine_never_makes_has_no_signal_and_no_rules(left_out: Move) -> None:
    others = [move for move in (Move.UP, Move.DOWN, Move.LEFT, Move.RIGHT) if move is not left_out]
    table = two_tapes(*((move, Move.LEFT) for move in others))
    name = left_out.name.lower()
    assert name not in moves(table)
    assert f"{name}-wave" not in moves(table)
    assert not any(r.name.startswith(f"{name}:") for r in table_to_rules(table).rules)


def test_a_second_carry_only_where_a_pair_travels() -> None:
    assert "carry2" in names(two_tapes((Move.RIGHT, Move.LEFT)))
    assert "carry2" in names(two_tapes((Move.RIGHT, Move.RIGHT)))
    assert "carry2" not in names(two_tapes((Move.LEFT, Move.RIGHT), (Move.DOWN, Move.LEFT)))


def test_a_slide_is_only_there_when_both_heads_move_right_at_once() -> None:
    assert "slide" in moves(two_tapes((Move.RIGHT, Move.RIGHT)))
    assert "slide" not in moves(two_tapes((Move.RIGHT, Move.STAY), (Move.STAY, Move.RIGHT)))
    assert "right-wave" not in moves(two_tapes((Move.RIGHT, Move.RIGHT)))


def mentioned(rules: Rules) -> set[str]:
    read = {literal.field for r in rules.rules for literal in r.guard}
    return read | {write.field for r in rules.rules for write in r.writes}


@pytest.mark.parametrize("seed", range(40))
def test_every_field_and_every_signal_of_a_random_machine_is_used(seed: int) -> None:
    random = Random(seed)
    family = Family(kind=random.choice(("grid", "line")), work_tape=random.random() < 0.6, states=(1, 3))
    table = random_machine(random, family)
    rules = table_to_rules(table)
    touched = mentioned(rules)
    halts = any(transition.halts for transition in table.transitions)
    may_idle = {"symbol", "right", "inside", "state"} | (set() if halts else {"answer"})
    assert {field.name for field in rules.fields} - touched <= may_idle
    number = rules.field("move").values.index
    for name in moves(table) - {"none"}:
        assert any(
            literal.field == "move" and number(name) in literal.values and number("none") not in literal.values
            for r in rules.rules
            for literal in r.guard
        ), name


@pytest.mark.parametrize("operations", list(product(product(Move, HEADS), repeat=2))[::9])
def test_machines_of_two_operations_run_in_step(operations: tuple[tuple[Move, Move], tuple[Move, Move]]) -> None:
    """Every signal may be missing: the cells that remain must still do what the table does."""
    for order in (operations, (*operations, (Move.DOWN, Move.STAY)), (*operations, (Move.RIGHT, Move.RIGHT))):
        agreement = lockstep(lower_table(two_tapes(*order)), Grid(((1, 2, 1), (2, 1, 0))), 15)
        assert agreement.run.steps == 15


def test_three_signals_fit_one_trit_and_more_take_two() -> None:
    assert len(table_to_rules(line_table(rule(0, ANY, 0, move=Move.RIGHT))).field("move").values) == 2
    assert table_to_rules(compiled("gauss").table).field("move").values == MOVE_SIGNALS


def test_a_waiting_control_is_told_by_the_lowest_trit_of_its_signal() -> None:
    waiting = {"none", "right-wave", "slide"}
    lowest = {code(MOVE_SIGNALS.index(name), 2)[0] for name in waiting}
    assert len(lowest) == 1
    assert all((code(n, 2)[0] in lowest) == (name in waiting) for n, name in enumerate(MOVE_SIGNALS))


def test_a_grid_has_the_symbols_that_its_memory_delivers() -> None:
    assert data_values(Tape("data", "grid", ("_", "1", "x"))) == ("_", "0", "1", "x")
    assert data_values(Tape("data", "line", ("_", "1", "x"))) == ("_", "1", "x")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 8])
def test_states_have_different_numbers_and_no_more_trits_than_needed(count: int) -> None:
    table = line_table(*(rule(state, ANY, (state + 1) % count, move=Move.RIGHT) for state in range(count)))
    values = state_values(table)
    assert sorted(value for value in values if value) == sorted(table.states)
    assert width(len(values)) <= width(count)


def test_the_busiest_state_has_the_code_of_zeros() -> None:
    table = line_table(rule(0, ANY, 1), rule(1, (0,), 0), rule(1, (1,), 0), rule(1, (2,), ACCEPT))
    assert state_values(table)[0] == "b"


def test_a_line_machine_runs_in_both_directions() -> None:
    there_and_back = line_table(
        rule(0, (1, 2), 0, move=Move.RIGHT), rule(0, (0,), 1, move=Move.LEFT), rule(1, (1, 2), 1, write=0, move=Move.LEFT)
    )
    assert lockstep(lower_table(there_and_back), Line((1, 2, 1))).run.verdict == "stuck"


def test_a_tape_of_blanks_only() -> None:
    """There is nothing to write on it; it takes no trit, except that every cell has one for its symbol."""
    line = line_table(rule(0, (0,), 1, move=Move.LEFT), rule(1, (0,), ACCEPT), symbols="_")
    assert lockstep(lower_table(line), Line()).run.verdict == "accept"
    assert lower_table(line).filters.channels[1] == "symbol.0"
    for kind, symbols, data in (("line", "_", Line()), ("line", "_1", Line((1,))), ("grid", "_01", Grid(((1, 2), (2, 0))))):
        tapes = (Tape("data", kind, tuple(symbols)), Tape("work", "line", ("_",)))
        every = ANY[: len(symbols)]
        walk = (rule(0, every, 1, move=Move.LEFT, move_work=Move.RIGHT), rule(1, every, ACCEPT))
        stages = lower_table(Table("toy", "", tapes, ("a", "b"), 0, walk))
        assert lockstep(stages, data, network=RCNN(from_stages(stages))).run.verdict == "accept"
