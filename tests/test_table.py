"""The table: what one step does, and which tables are well formed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import compiled, grid_table, line_table, rows_table, rule
from tmc.diagnostics import InternalError
from tmc.ir.document import table_document
from tmc.ir.table import (
    ACCEPT,
    ANY_EDGE,
    REJECT,
    Configuration,
    EdgeTest,
    Guard,
    Table,
    applicable,
    overlap,
    reading,
    start,
    step,
    validate,
)
from tmc.ir.tape import EDGES, Edge, Grid, Line, Move, Tape

ANY = (0, 1, 2)
GRID = Grid(((1, 2, 0), (2, 1, 0)))


def at(edge: Edge, touching: bool) -> EdgeTest:
    tests = [touching if edge is other else None for other in EDGES]
    return (tests[0], tests[1], tests[2], tests[3])


def after(table: Table, configuration: Configuration) -> Configuration:
    found = step(table, configuration)
    assert found is not None
    return found


def test_a_run_starts_on_the_first_cell() -> None:
    table = grid_table(rule(0, ANY, ACCEPT))
    assert start(table, GRID) == Configuration(0, GRID, (0, 0), Line(), 0)
    assert reading(start(table, GRID)) == (1, 0, (True, False, True, False))


def test_a_step_writes_moves_and_enters_the_target() -> None:
    table = grid_table(rule(0, (1,), 1, write=2, move=Move.DOWN), rule(1, ANY, 1))
    assert after(table, start(table, GRID)) == Configuration(1, Grid(((2, 2, 0), (2, 1, 0))), (1, 0))


def test_a_step_on_two_tapes() -> None:
    table = line_table(rule(0, ANY, 0, write=1, move=Move.LEFT, write_work=2, move_work=Move.RIGHT), work="_01")
    assert after(table, start(table, Line())) == Configuration(0, Line((1,)), (0, -1), Line((2,)), 1)


def test_what_is_not_written_stays() -> None:
    table = line_table(rule(0, ANY, 0, move=Move.RIGHT))
    assert after(table, start(table, Line((2, 1)))) == Configuration(0, Line((2, 1)), (0, 1))


@pytest.mark.parametrize("move", [Move.UP, Move.LEFT, Move.DOWN, Move.RIGHT])
def test_an_edge_stops_a_move(move: Move) -> None:
    table = grid_table(rule(0, ANY, 0, move=move))
    configuration = start(table, GRID)
    for _ in range(4):
        configuration = after(table, configuration)
    assert configuration.head == {Move.UP: (0, 0), Move.LEFT: (0, 0), Move.DOWN: (1, 0), Move.RIGHT: (0, 2)}[move]


@pytest.mark.parametrize("grid", [GRID, Grid(((1, 0), (2, 0))), Grid(((1, 2, 0, 2),)), Grid(((1,), (2,), (0,)))])
def test_rows_are_one_line(grid: Grid) -> None:
    """To the right until the end of the whole stops the head, and back again."""
    places = [(row, column) for row in range(len(grid.rows)) for column in range(len(grid.rows[0]))]
    for move, expected in ((Move.RIGHT, [*places[1:], places[-1]]), (Move.LEFT, [*reversed(places[:-1]), places[0]])):
        table = rows_table(rule(0, ANY, 0, move=move))
        configuration = Configuration(0, grid, places[0] if move is Move.RIGHT else places[-1])
        for place in expected:
            configuration = after(table, configuration)
            assert configuration == Configuration(0, grid, place)


def test_rows_have_the_edges_of_their_grid() -> None:
    table = rows_table(rule(0, ANY, ACCEPT, edges=at(Edge.TOP, True)), rule(0, ANY, 0, edges=at(Edge.TOP, False)))
    validate(table)
    assert table.is_grid
    assert reading(Configuration(0, GRID, (1, 2))) == (0, 0, (False, True, False, True))
    for move in (Move.UP, Move.DOWN):
        with pytest.raises(InternalError, match="does not fit the machine toy"):
            validate(rows_table(rule(0, ANY, 0, move=move)))


def test_a_halting_transition_writes_but_does_not_move() -> None:
    table = grid_table(rule(0, (1,), REJECT, write=0, move=Move.RIGHT))
    halted = after(table, start(table, GRID))
    assert halted == Configuration(REJECT, GRID.write((0, 0), 0), (0, 0))
    assert step(table, halted) is None


def test_where_no_transition_applies_the_machine_is_stuck() -> None:
    table = grid_table(rule(0, (2,), ACCEPT))
    assert applicable(table, start(table, GRID)) is None
    assert step(table, start(table, GRID)) is None


@pytest.mark.parametrize("edge", EDGES)
def test_a_guard_on_an_edge(edge: Edge) -> None:
    for touching in (False, True):
        guard = Guard(ANY, (0,), at(edge, touching))
        for index in range(4):
            seen = tuple(index == i for i in range(4))
            assert guard.admits(0, 0, seen) == ((EDGES[index] is edge) == touching)  # type: ignore[arg-type]


def test_a_line_is_trimmed_of_blanks() -> None:
    line = Line().write(5, 1).write(-2, 2)
    assert line == Line((2, 0, 0, 0, 0, 0, 0, 1), -2)
    assert line.write(-2, 0) == Line((1,), 5)
    assert line.write(-2, 0).write(5, 0) == Line()
    assert [line.read(position) for position in (-3, -2, 0, 5, 6)] == [0, 2, 0, 1, 0]


def test_guards_overlap_when_one_reading_satisfies_both() -> None:
    assert overlap(Guard((0, 1), (0,)), Guard((1, 2), (0,)))
    assert not overlap(Guard((0, 1), (0,)), Guard((2,), (0,)))
    assert not overlap(Guard((0,), (0, 1)), Guard((0,), (2,)))
    assert not overlap(Guard((0,), (0,), at(Edge.TOP, True)), Guard((0,), (0,), at(Edge.TOP, False)))
    assert overlap(Guard((0,), (0,), at(Edge.TOP, True)), Guard((0,), (0,), at(Edge.LEFT, False)))


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_the_shipped_machines_are_well_formed(name: str) -> None:
    validate(compiled(name).table)


def test_overlapping_transitions_are_refused() -> None:
    table = line_table(rule(0, (0, 1), ACCEPT, line=3), rule(0, (1,), REJECT, line=4))
    with pytest.raises(InternalError, match=r"^state a: lines 3 and 4 overlap$"):
        validate(table)


def test_two_states_may_read_the_same() -> None:
    validate(line_table(rule(0, ANY, 1), rule(1, ANY, ACCEPT)))


@pytest.mark.parametrize(
    "change",
    [
        {"state": 1},
        {"state": -1},
        {"target": 1},
        {"target": -3},
        {"write_data": 3},
        {"write_work": 1},
        {"guard": Guard((3,), (0,))},
        {"guard": Guard((0,), (1,))},
        {"guard": Guard((0,), (0,), at(Edge.TOP, True))},
        {"move_data": Move.UP},
        {"move_work": Move.DOWN},
    ],
)
def test_a_transition_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    good = rule(0, (0,), 0, line=7)
    validate(line_table(good))
    broken = replace(line_table(good), transitions=(replace(good, **change),))  # type: ignore[arg-type]
    with pytest.raises(InternalError, match=r"^transition of line 7 does not fit the machine toy$"):
        validate(broken)


def test_tapes_that_do_not_fit_are_refused() -> None:
    table, tape = line_table(rule(0, (0,), 0)), Tape("x", "line", ("_",))
    for tapes in ((), (tape, tape, tape), (Tape("x", "line", ("0", "_")),)):
        with pytest.raises(InternalError, match="one or two tapes"):
            validate(replace(table, tapes=tapes))


def test_a_document_says_which_file_a_transition_is_from() -> None:
    here, there = rule(0, (0,), 0, line=3), rule(0, (1,), 0, line=4, file="std.tm")
    own, used = table_document(line_table(here, there))["transitions"]
    assert "file" not in own
    assert (own["line"], used["line"], used["file"]) == (3, 4, "std.tm")


def test_names_of_targets() -> None:
    table = line_table(rule(0, ANY, ACCEPT))
    assert [table.target_name(target) for target in (ACCEPT, REJECT, 0)] == ["accept", "reject", "a"]
    assert Guard((0,), (0,)).edges == ANY_EDGE
