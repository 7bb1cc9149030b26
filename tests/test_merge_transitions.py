"""Merging transitions: few of them, the same meaning, and the first rule's line."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from conftest import ROOT, compiled, grid_table, line_table, rule
from redundant import behaviour, drawn, in_pieces
from tmc.automaton.edges import stop_at_edges
from tmc.files import read_text
from tmc.ir.filters import size
from tmc.ir.table import ACCEPT, REJECT, Bounds, EdgeTest, LineTest, Table, Transition, validate
from tmc.ir.tape import Move, Tape
from tmc.optimise import tiling
from tmc.optimise.merge_transitions import merge_transitions
from tmc.pipeline import compile_machine, lower_table

ANY = (0, 1, 2)
AT_LEFT: EdgeTest = (None, None, True, None)
NOT_AT_LEFT: EdgeTest = (None, None, False, None)


def merged(*transitions: Transition, make: object = grid_table) -> tuple[Transition, ...]:
    table: Table = make(*transitions)  # type: ignore[operator]
    return merge_transitions(table).transitions


def test_the_example() -> None:
    assert merged(
        rule(0, (0,), 0, write=0, move=Move.LEFT, line=7),
        rule(0, (1,), 0, edges=AT_LEFT, line=8),
        rule(0, (1,), 0, move=Move.LEFT, edges=NOT_AT_LEFT, line=9),
        rule(0, (2,), ACCEPT, line=10),
    ) == (rule(0, (0, 1), 0, move=Move.LEFT, line=7), rule(0, (2,), ACCEPT, line=10))


def to_b(symbols: tuple[int, ...], write: int | None = None) -> Transition:
    return rule(0, symbols, 1, write=write)


def test_leaving_stands_for_writing_what_is_read() -> None:
    assert merged(*(to_b((s,), write=s) for s in ANY)) == (to_b(ANY),)
    assert merged(to_b((0, 1), write=1), to_b((2,), write=1)) == (to_b(ANY, write=1),)
    assert merged(to_b((1,)), to_b((0, 2), write=1)) == (to_b(ANY, write=1),)


def test_what_can_go_either_way_goes_one_way() -> None:
    """To write 1 where 1 is read goes with leaving the 0, or with writing 1 over the 2: three rules become two, not one."""
    moving = [rule(0, (s,), 0, write=write, move=Move.RIGHT) for s, write in ((0, None), (1, 1), (2, 1))]
    assert merged(*moving) == (rule(0, (0, 1), 0, move=Move.RIGHT), rule(0, (2,), 0, write=1, move=Move.RIGHT))


def test_on_two_tapes() -> None:
    """All but one reading of six do the same: two boxes."""
    left = [rule(0, (d,), 0, work=(w,)) for d, w in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0))]
    table = line_table(*left, rule(0, (2,), REJECT, work=(1,)), work="_1")
    two = (
        (rule(0, ANY, 0, work=(0,)), rule(0, (0, 1), 0, work=(1,))),
        (rule(0, (0, 1), 0, work=(0, 1)), rule(0, (2,), 0, work=(0,))),
    )
    assert merge_transitions(table).transitions in {(*some, rule(0, (2,), REJECT, work=(1,))) for some in two}


def test_a_line_stops_no_move() -> None:
    pair = rule(0, (0,), 0, move=Move.LEFT), rule(0, (1,), 0)
    assert merged(*pair, make=line_table) == pair


def test_on_rows_only_the_two_ends_stop_a_move() -> None:
    def rows(*transitions: Transition) -> Table:
        return replace(grid_table(*transitions), tapes=(Tape("data", "rows", ("_", "0", "1")),))

    moving, staying = rule(0, ANY, 0, move=Move.LEFT, edges=NOT_AT_LEFT), rule(0, ANY, 0, edges=AT_LEFT)
    assert merged(moving, staying) == (rule(0, ANY, 0, move=Move.LEFT),)
    assert merged(moving, staying, make=rows) == (moving, staying)
    first, later = rule(0, ANY, 0, edges=(True, None, True, None)), rule(0, ANY, 0, move=Move.LEFT, edges=(False, None, True, None))
    assert merged(moving, first, later, make=rows) == (rule(0, ANY, 0, move=Move.LEFT),)


def test_halting_transitions_do_not_move() -> None:
    assert merged(rule(0, (0,), ACCEPT, move=Move.LEFT), rule(0, (1,), ACCEPT)) == (rule(0, (0, 1), ACCEPT),)
    assert len(merged(rule(0, (0,), ACCEPT), rule(0, (1,), REJECT), rule(0, (2,), 0))) == 3


def test_the_line_and_the_file_of_the_first_rule() -> None:
    used = [replace(rule(0, (s,), 0, line=line), file=file) for s, line, file in ((2, 9, "std.tm"), (1, 3, ""), (0, 4, ""))]
    assert merged(*used) == (replace(rule(0, ANY, 0, line=9), file="std.tm"),)


def test_the_order_is_that_of_the_first_rules() -> None:
    transitions = (rule(0, (0,), 1), rule(0, (1,), ACCEPT), rule(0, (2,), 1), rule(1, (0,), 1), rule(1, (1,), 0), rule(1, (2,), 0))
    assert merged(*transitions) == (rule(0, (0, 2), 1), rule(0, (1,), ACCEPT), rule(1, (0,), 1), rule(1, (1, 2), 0))


def test_what_saves_nothing_stays_as_it_is_written() -> None:
    table = grid_table(rule(0, (0, 1), 0, write=1, move=Move.LEFT, edges=AT_LEFT), rule(0, (2,), ACCEPT, write=2))
    assert merge_transitions(table) is table
    assert merge_transitions(compiled("gauss").table) is compiled("gauss").table


def test_everything_else_is_kept() -> None:
    table = line_table(rule(0, (0,), 1), rule(0, (1,), 1), rule(1, ANY, ACCEPT), bounds=Bounds())
    table = replace(table, about="about", tests=(LineTest("t", "0", "accept"),), start=1)
    assert merge_transitions(table) == replace(table, transitions=(rule(0, (0, 1), 1), rule(1, ANY, ACCEPT)))


@pytest.mark.parametrize("limit", ["none", "MOST_READINGS", "MOST_BOXES"])
@pytest.mark.parametrize("seed", range(18))
def test_random_machines_in_pieces(seed: int, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing, or not everything, is searched."""
    if limit != "none":
        monkeypatch.setattr(tiling, limit, 0)
    written = drawn(seed, symbols=(2, 3), states=(1, 3))
    table = in_pieces(Random(seed), written)
    smaller = merge_transitions(table)
    validate(smaller)
    assert len(smaller.transitions) <= min(len(written.transitions) if limit == "none" else 999, len(table.transitions))
    assert len(stop_at_edges(smaller).transitions) <= len(stop_at_edges(table).transitions)
    assert merge_transitions(smaller) is smaller
    assert {t.line for t in smaller.transitions} <= {t.line for t in table.transitions}
    for state in range(len(table.states)):
        assert behaviour(smaller, state) == behaviour(table, state)


def test_the_network_gets_no_larger() -> None:
    """What merging saves is saved in hidden units too, or nothing is lost; with two symbols, which cost little, and with many."""
    smaller = 0
    for seed in range(40):
        table = in_pieces(Random(seed), drawn(seed, symbols=(2, 5), states=(1, 3)))
        before, after = (size(lower_table(one).filters).units for one in (table, merge_transitions(table)))
        assert after[0] <= before[0]
        assert after[1] <= before[1]
        smaller += after[1] < before[1]
    assert smaller > 20


def test_no_merge_that_the_network_would_pay_for() -> None:
    """To do nothing takes no unit; to write 1 whatever is read takes one more than to write it over a blank."""
    idle = rule(0, (1,), 0), rule(0, (0,), 0, write=1)
    table = line_table(*idle, rule(0, (2,), ACCEPT))
    assert merge_transitions(table) is table
    alike = replace(table, transitions=(rule(0, (0, 1), 0, write=1), rule(0, (2,), ACCEPT)))
    assert behaviour(alike, 0) == behaviour(table, 0)
    assert sum(size(lower_table(alike).filters).units) > sum(size(lower_table(table).filters).units)


def test_shipped_machines_are_as_small_as_they_are() -> None:
    for name in ("gauss", "increment"):
        source = read_text(ROOT / "machines" / f"{name}.tm")
        written = compile_machine(source, without=("drop-unreachable", "merge-states", "merge-transitions"))
        assert compiled(name).table == written.table
