from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import pytest

import tmc
from conftest import grid_table, line_table, rule
from tmc.diagnostics import Rejected
from tmc.files import read_text
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import ACCEPT, REJECT, Bounds, Configuration, Table, applicable, apply, start, step
from tmc.ir.tape import Grid, Line, Move
from tmc.learn.data.datasets import grid, parity
from tmc.pipeline import read_machine
from tmc.run.simulator import MAX_STEPS, ROOM, configurations, simulate, sizes, step_limit
from tmc.run.tapes import line_of_text, marked, text_of_grid, text_of_line
from tmc.testing.random_machines import Family, random_machine

ANY = (0, 1, 2)
N = Polynomial.variable("n")


def random_run(seed: int) -> tuple[Table, Grid | Line, int]:
    random = Random(seed)
    kind = random.choice(("grid", "rows", "line"))
    table = random_machine(random, Family(kind=kind, work_tape=random.random() < 0.5))
    symbols = len(table.data.symbols)
    if kind == "line":
        data: Grid | Line = Line.of({position: random.randrange(symbols) for position in range(random.randint(0, 6))})
    else:
        width, height = random.randint(1, 4), random.randint(1, 4)
        data = Grid(tuple(tuple(random.randrange(symbols) for _ in range(width)) for _ in range(height)))
    return table, data, random.choice((0, 1, 5, 300))


def check_against_step(seed: int) -> str:
    """Compare a run with the definition, one step after the other."""
    table, data, limit = random_run(seed)
    reached, steps, spots = start(table, data), 0, {0}
    while steps < limit and (after := step(table, reached)) is not None:
        reached, steps = after, steps + 1
        spots.add(reached.work_head)
    run = simulate(table, data, limit)
    verdict = {ACCEPT: "accept", REJECT: "reject"}.get(reached.state) or ("timeout" if step(table, reached) else "stuck")
    assert (run.configuration, run.steps, run.verdict) == (reached, steps, verdict), seed
    assert run.work_cells == (len(spots) if table.work else 0), seed
    return run.verdict


def test_runs_as_the_definition_says() -> None:
    verdicts = {check_against_step(seed) for seed in range(600)}
    assert verdicts == {"accept", "reject", "stuck", "timeout"}


@pytest.mark.parametrize(
    "seeds", [pytest.param(range(600, 8_000), marks=pytest.mark.long), pytest.param(range(8_000, 20_000), marks=pytest.mark.soak)]
)
def test_runs_as_the_definition_says_at_length(seeds: range) -> None:
    for seed in seeds:
        check_against_step(seed)


def test_configurations_are_those_of_the_definition() -> None:
    for seed in range(300):
        table, data, _ = random_run(seed)
        expected = start(table, data)
        for configuration, transition in islice(configurations(table, data), 100):
            assert configuration == expected
            assert transition == applicable(table, configuration)
            if transition is not None:
                expected = apply(table, transition, configuration)


def test_configurations_end_with_the_last() -> None:
    table = line_table(rule(0, ANY, 1), rule(1, ANY, ACCEPT, write=1))
    pairs = list(configurations(table, Line()))
    assert [transition.target if transition else None for _, transition in pairs] == [1, ACCEPT, None]
    assert pairs[-1][0] == Configuration(ACCEPT, Line((1,)), (0, 0))


@pytest.mark.parametrize("move", [Move.LEFT, Move.RIGHT])
@pytest.mark.parametrize("work_move", [Move.LEFT, Move.RIGHT])
def test_tapes_grow_without_end(move: Move, work_move: Move) -> None:
    table = line_table(rule(0, ANY, 0, write=2, move=move, move_work=work_move, write_work=1), work="_1")
    steps = 20 * ROOM + 7
    run = simulate(table, line_of_text(table.data, "01"), steps)
    reach = steps * move.value[1]
    assert run.configuration.head == (0, reach)
    assert run.configuration.work_head == steps * work_move.value[1]
    assert run.work_cells == steps + 1
    assert run.configuration.data == Line((2,) * steps, 0) if reach > 0 else Line((2,) * steps + (2,), reach + 1)
    assert run.configuration.work.cells == (1,) * steps


def test_the_verdicts() -> None:
    table = line_table(rule(0, (0,), 0), rule(0, (1,), ACCEPT), rule(0, (2,), 1))
    text = {"0": "accept", "1": "stuck", "": "timeout"}
    for data, verdict in text.items():
        assert simulate(table, line_of_text(table.data, data), 10).verdict == verdict
    stuck = simulate(table, line_of_text(table.data, "1"), 1)
    assert (stuck.verdict, stuck.steps, stuck.configuration.state) == ("stuck", 1, 1)  # seen, although the steps are used up


def test_sizes() -> None:
    assert sizes(Grid(((0, 0, 0), (0, 0, 0)))) == {"m": 1, "d": 2}
    assert sizes(Line()) == {"n": 0}
    assert sizes(Line((1, 2), 3)) == {"n": 5}


def test_the_machines_own_bound_ends_a_run() -> None:
    forever = rule(0, ANY, 0, move=Move.RIGHT)
    table = line_table(forever, bounds=Bounds(N + N, None))
    run = simulate(table, line_of_text(table.data, "101"))
    assert (run.verdict, run.steps) == ("timeout", 6)
    assert run.promise_broken
    assert run.steps_promise is not None
    assert (run.steps_promise.limit, run.steps_promise.used, run.steps_promise.kept) == (6, 6, False)
    assert step_limit(line_table(forever), Line()) == MAX_STEPS


def test_a_bound_that_is_just_kept() -> None:
    walk = (rule(0, (1, 2), 0, move=Move.RIGHT), rule(0, (0,), ACCEPT))
    one = Polynomial.constant(1)
    data = line_of_text(line_table(*walk).data, "101")
    assert not simulate(line_table(*walk, bounds=Bounds(N + one)), data).promise_broken
    short = simulate(line_table(*walk, bounds=Bounds(N)), data, max_steps=100)
    assert (short.verdict, short.promise_broken) == ("accept", True)
    early = simulate(line_table(*walk, bounds=Bounds(N + one)), data, max_steps=2)
    assert (early.verdict, early.promise_broken) == ("timeout", False)  # it may still keep it


def test_the_bound_on_work_cells() -> None:
    walk = rule(0, (1, 2), 0, move=Move.RIGHT, move_work=Move.LEFT), rule(0, (0,), ACCEPT)
    for bound, broken in ((2, True), (3, False)):
        table = line_table(*walk, work="_1", bounds=Bounds(None, Polynomial.constant(bound)))
        run = simulate(table, line_of_text(table.data, "10"))
        assert (run.work_cells, run.promise_broken) == (3, broken)


def test_data_of_the_wrong_kind() -> None:
    with pytest.raises(Rejected, match="the machine toy reads a grid, and this is not a grid"):
        simulate(grid_table(rule(0, ANY, ACCEPT)), Line())
    with pytest.raises(Rejected, match="the machine toy reads a line, and this is not a line"):
        simulate(line_table(rule(0, ANY, ACCEPT)), Grid(((0,),)))


def test_a_grid_of_one_cell_touches_every_edge() -> None:
    table = grid_table(rule(0, ANY, 1, move=Move.UP, edges=(True,) * 4), rule(1, ANY, 2, move=Move.RIGHT), rule(2, ANY, ACCEPT))
    run = simulate(table, Grid(((0,),)))
    assert (run.verdict, run.configuration.head) == ("accept", (0, 0))


def test_text_on_tapes() -> None:
    table = line_table()
    line = line_of_text(table.data, "_10_1_")
    assert line == Line((2, 1, 0, 2), 1)
    assert text_of_line(table.data, line) == "10_1"
    assert text_of_line(table.data, Line()) == ""
    assert marked("a10b", 1) == " a[1]0 b"
    assert marked("a10b", 0) == "[a]1 0 b"
    assert marked("a10b", 3) == " a 1 0[b]"
    assert marked("a10", None) == " a 1 0"
    grid = Grid(((1, 2), (0, 1)))
    assert text_of_grid(table.data, grid) == ("01", "_0")
    with pytest.raises(Rejected) as caught:
        line_of_text(table.data, "01x1")
    assert str(caught.value) == "character 3 of the data is 'x', which is not a symbol of the tape data (_ 0 1)"


def test_simulate_a_table_through_the_package() -> None:
    table = line_table(rule(0, (1, 2), 0, write=2, move=Move.RIGHT), rule(0, (0,), ACCEPT))
    run = tmc.simulate(table, "0100")
    assert (run.verdict, run.steps, text_of_line(table.data, run.configuration.data)) == ("accept", 5, "1111")  # type: ignore[arg-type]
    for options in ({}, {"data": "0", "dataset": "x.npz"}, {"dataset": "x.npz"}):
        with pytest.raises(Rejected, match="reads a line: give it `data`"):
            tmc.simulate(table, **options)  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="reads a grid of examples: give it `dataset`"):
        tmc.simulate(grid_table(rule(0, ANY, ACCEPT)), "01")


def test_simulate_a_dataset_through_the_package() -> None:
    from tmc.learn.data.datasets import parity

    table = grid_table(rule(0, (1,), REJECT), rule(0, (2,), ACCEPT))
    dataset = parity(2, 3, 4)
    assert tmc.simulate(table, dataset=dataset, query=3).verdict == ("accept" if dataset.x_train[0, 0] > 0 else "reject")


def test_a_run_that_halts_as_its_tape_grows_ends_there() -> None:
    """Tapes grow now and then between two steps; a machine that has halted just then must not go on."""
    walk = line_table(rule(0, (1,), 0, move=Move.RIGHT), rule(0, (0,), ACCEPT), symbols="_1")
    for length in range(1, 1100):
        run = simulate(walk, Line((1,) * length))
        assert (run.verdict, run.steps, run.configuration.head) == ("accept", length + 1, (0, length))


def test_long_runs_take_as_many_steps_as_the_oracle(machines: Path) -> None:
    """Gaussian elimination on a larger grid, where runs are longer than the room on the tapes."""
    table, _ = read_machine(read_text(machines / "gauss.tm"))
    dataset = parity(8, 24, 8, seed=5)
    for query in range(8):
        data = grid(table, dataset, query)
        *_, (last, transition) = configurations(table, data)
        run = simulate(table, data)
        assert transition is None
        assert run.configuration == last
        assert run.steps == sum(1 for _ in configurations(table, data)) - 1
