"""Machines on the rows of a grid: on the grid, and in the network, they do the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice, pairwise
from random import Random

import numpy as np
import pytest

import tmc
from conftest import blocks, compiled, grid_table, line_table, rows_table, rule
from tmc.automaton.rows_to_grid import rows_to_grid
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import ACCEPT, REJECT, Bounds, Configuration, EdgeTest, GridTest, Table, validate
from tmc.ir.tape import EDGES, Edge, Grid, Move
from tmc.learn.data.datasets import DataSet
from tmc.net.checkpoint.reading import from_stages
from tmc.net.rcnn import RCNN
from tmc.pipeline import lower_table
from tmc.run.simulator import configurations, simulate
from tmc.source import Source
from tmc.testing.lockstep import Mismatch, lockstep
from tmc.testing.machine_tests import prepare, run_test
from tmc.testing.random_machines import Family, random_grid, random_machine
from tmc.view.table import edges_read, table_text

ANY = (0, 1, 2)
ALL = (0, 1, 2)  # symbols of a work tape
M, D = Polynomial.variable("m"), Polynomial.variable("d")
GRID = Grid(((1, 2, 1), (2, 1, 2), (1, 1, 0)))  # m = 2, d = 2
LEFT, RIGHT = Move.LEFT, Move.RIGHT


def at(*edges: Edge, **tests: bool) -> EdgeTest:
    asked = {**{edge.name.lower(): True for edge in edges}, **tests}
    top, bottom, left, right = (asked.get(edge.name.lower()) for edge in EDGES)
    return (top, bottom, left, right)


def listing(table: Table) -> list[str]:
    return [
        f"{table.states[t.state]}: at {edges_read(t)} move {t.move_data.name.lower()} -> {table.target_name(t.target)}"
        for t in table.transitions
    ]


# --- what becomes of a table


def test_a_move_to_the_right_is_split_and_carried() -> None:
    on_grid = rows_to_grid(rows_table(rule(0, (1,), 1, move=RIGHT, line=7), rule(1, ANY, ACCEPT)))
    assert on_grid.data.kind == "grid"
    assert listing(on_grid) == [
        "a: at not right move right -> b",
        "a: at not bottom right move left -> b (next row)",
        "a: at bottom right move stay -> b",
        "b: at  move stay -> accept",
        "b (next row): at not left move left -> b (next row)",
        "b (next row): at not bottom left move down -> b",
    ]
    assert [t.line for t in on_grid.transitions] == [7, 7, 7, 0, 0, 0]
    validate(on_grid)


def test_a_move_to_the_left_is_its_mirror_image() -> None:
    assert listing(rows_to_grid(rows_table(rule(0, (1,), 0, move=LEFT)))) == [
        "a: at not left move left -> a",
        "a: at not top left move right -> a (row above)",
        "a: at top left move stay -> a",
        "a (row above): at not right move right -> a (row above)",
        "a (row above): at not top right move up -> a",
    ]


@pytest.mark.parametrize(
    ("edges", "pieces"),
    [
        (at(right=False), ["not right: right"]),
        (at(Edge.LEFT), ["left: right"]),
        (at(Edge.RIGHT), ["not bottom right: left", "bottom right: stay"]),
        (at(Edge.BOTTOM), ["bottom not right: right", "bottom right: stay"]),
        (at(Edge.TOP), ["top not right: right", "top right: left"]),
        (at(bottom=False), ["not bottom not right: right", "not bottom right: left"]),
        (at(Edge.BOTTOM, Edge.RIGHT), ["bottom right: stay"]),
        (at(Edge.TOP, Edge.RIGHT), ["top right: left"]),
        (at(top=False, left=False), ["not top not left not right: right", "not top not bottom not left right: left",
                                     "not top bottom not left right: stay"]),
    ],
)  # fmt: skip
def test_what_a_guard_says_of_the_edges_is_used(edges: EdgeTest, pieces: list[str]) -> None:
    on_grid = rows_to_grid(rows_table(rule(0, (1,), 0, move=RIGHT, edges=edges)))
    own = [t for t in on_grid.transitions if t.state == 0]
    assert [f"{edges_read(t)}: {t.move_data.name.lower()}" for t in own] == pieces
    assert len(on_grid.states) == 1 + any(piece.endswith(": left") for piece in pieces)


def test_whoever_wraps_to_a_target_shares_its_carriage() -> None:
    walk = [rule(state, (symbol,), 1, move=RIGHT) for state in (0, 1) for symbol in (1, 2)]
    assert rows_to_grid(rows_table(*walk)).states == ("a", "b", "b (next row)")
    there_and_back = (*walk, rule(0, (0,), 0, move=LEFT), rule(1, (0,), 1, move=LEFT))
    assert rows_to_grid(rows_table(*there_and_back)).states == ("a", "b", "b (next row)", "a (row above)", "b (row above)")


def test_the_name_of_a_carriage_is_its_own() -> None:
    table = rows_table(rule(0, ANY, 0, move=RIGHT), rule(1, ANY, 1), rule(2, ANY, 2, move=RIGHT))
    table = replace(table, states=("a", "a (next row)", "a'"))
    assert rows_to_grid(table).states == ("a", "a (next row)", "a'", "a (next row)'", "a' (next row)")


def test_what_neither_moves_nor_goes_on_is_left_alone() -> None:
    stay, halt = rule(0, (1,), 0, write=2), rule(0, (0, 2), ACCEPT, move=RIGHT)
    assert rows_to_grid(rows_table(stay, halt)).transitions == (stay, halt)


def test_other_tables_are_left_alone() -> None:
    for table in (grid_table(rule(0, ANY, 0, move=RIGHT)), line_table(rule(0, ANY, 0, move=RIGHT)), compiled("gauss").table):
        assert rows_to_grid(table) is table
        assert lower_table(table).lowered is table


def test_everything_else_stays() -> None:
    table = rows_table(rule(0, ANY, 0, move=RIGHT), bounds=Bounds(None, M * D))
    table = replace(table, about="x", tests=(GridTest("t", (((1,), 0),), (1,), 1),), start=0)
    on_grid = rows_to_grid(table)
    assert (on_grid.name, on_grid.about, on_grid.tests, on_grid.start) == (table.name, "x", table.tests, 0)
    assert on_grid.bounds == Bounds(None, M * D)


# --- the same run


def visible(table: Table, data: Grid, limit: int) -> list[tuple[int, Configuration]]:
    """The configurations on the grid that are not in a carriage, with the steps before them."""
    run = enumerate(islice(configurations(rows_to_grid(table), data), limit))
    return [(steps, configuration) for steps, (configuration, _) in run if configuration.state < len(table.states)]


def check_run(table: Table, data: Grid, steps: int) -> int:
    """Compare a run, that far, with the one on the grid. Returns the steps that it takes there."""
    path = list(islice(configurations(table, data), steps + 1))
    expected, ended = [configuration for configuration, _ in path], path[-1][1] is None
    width = len(data.rows[0])
    found = visible(table, data, len(expected) * width + width)
    assert [configuration for _, configuration in found][: len(expected)] == expected
    assert not ended or len(found) == len(expected)
    there = found[len(expected) - 1][0]
    heads = [width * head[0] + head[1] for head in (configuration.head for configuration in expected)]
    wraps = sum(abs(b - a) == 1 and a // width != b // width for a, b in pairwise(heads))
    assert there == len(expected) - 1 + wraps * (width - 1)
    here, on_grid = (simulate(t, data, limit) for t, limit in ((table, steps), (rows_to_grid(table), there)))
    assert (here.verdict, here.configuration, here.work_cells) == (on_grid.verdict, on_grid.configuration, on_grid.work_cells)
    return there


def random_rows(seed: int) -> tuple[Table, Grid]:
    random = Random(seed)
    family = Family(kind="rows", work_tape=seed % 2 == 0, gaps=(0.0, 0.05, 0.15)[seed % 3], halts=(0.02, 0.1, 0.2)[seed % 3])
    table = random_machine(random, family)
    return table, random_grid(random, table, (1, 4), (1, 4))


def check_random(seeds: range) -> None:
    """Each machine promises just the steps that it takes: then the bound on the grid must allow for those that it takes there."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        table, data = random_rows(seed)
        run = simulate(table, data, 150)
        table = replace(table, bounds=Bounds(Polynomial.constant(run.steps), M))
        on_grid = rows_to_grid(table)
        validate(on_grid)
        steps = check_run(table, data, run.steps)
        assert on_grid.bounds.steps is not None
        assert steps <= on_grid.bounds.steps.evaluate({"m": len(data.rows) - 1, "d": len(data.rows[0]) - 1})
        assert on_grid.bounds.work == M
        seen.update([run.verdict, "it wraps" if steps > run.steps else "it does not"])
    assert set(seen) == {"accept", "reject", "stuck", "timeout", "it wraps", "it does not"}
    assert seen["it wraps"] > len(seeds) / 10


def test_random_machines() -> None:
    check_random(range(300))


@pytest.mark.parametrize("block", blocks(3))
def test_many_random_machines(block: int) -> None:
    check_random(range(300 + 900 * block, 1200 + 900 * block))


@pytest.mark.parametrize("data", [Grid(((1, 2), (2, 0))), Grid(((1, 2, 1), (1, 1, 0))), Grid(((1, 1), (2, 2), (1, 0))), GRID])
@pytest.mark.parametrize("move", [LEFT, RIGHT])
def test_the_two_ends_of_the_whole_stop_the_head(data: Grid, move: Move) -> None:
    """To one end and on, then back to the other and on; steps that lead nowhere are steps all the same."""
    back = LEFT if move is RIGHT else RIGHT
    end = at(Edge.BOTTOM, Edge.RIGHT) if move is RIGHT else at(Edge.TOP, Edge.LEFT)
    there = [rule(0, ANY, 0, move=move, edges=tests) for tests in complement(end)]
    table = rows_table(*there, rule(0, ANY, 1, move=move, edges=end), rule(1, ANY, 2, move=move), rule(2, ANY, 2, move=back))
    validate(table)
    cells = len(data.rows) * len(data.rows[0])
    assert check_run(table, data, 3 * cells) >= 3 * cells
    last = simulate(table, data, 3 * cells).configuration.head
    assert last == ((0, 0) if move is RIGHT else (len(data.rows) - 1, len(data.rows[0]) - 1))


def complement(end: EdgeTest) -> tuple[EdgeTest, EdgeTest]:
    """Everywhere but in a corner."""
    (row, column) = (i for i, test in enumerate(end) if test)
    one: list[bool | None] = [None] * 4
    other: list[bool | None] = [None] * 4
    one[row] = False
    other[row], other[column] = True, False
    return tuple(one), tuple(other)  # type: ignore[return-value]


@pytest.mark.parametrize("rows", [((1, 0), (2, 2)), ((1, 2), (0, 2)), ((2, 1, 0), (1, 1, 1)), ((1, 1), (1, 1), (0, 1))])
@pytest.mark.parametrize("verdict", ["stuck", "reject"])
def test_a_run_that_ends_at_a_wrap(rows: tuple[tuple[int, ...], ...], verdict: str) -> None:
    """On a blank, which stands at the end of a row or at the start of the next."""
    ends = [rule(0, (0,), REJECT, write=2, move=RIGHT)] if verdict == "reject" else []
    table, data = rows_table(rule(0, (1, 2), 0, move=RIGHT), *ends), Grid(rows)
    check_run(table, data, 20)
    run = simulate(table, data, 20)
    width = len(rows[0])
    place = [symbol for row in rows for symbol in row].index(0)
    assert (run.verdict, run.configuration.head) == (verdict, divmod(place, width))
    assert run.configuration.data == (data if verdict == "stuck" else data.write(divmod(place, width), 2))


# --- all stages


def follow(seeds: range) -> set[str]:
    """Those of some random machines that wrap, through all stages and the network. Returns their verdicts."""
    verdicts = set()
    for table, data in map(random_rows, seeds):
        run = simulate(table, data, 40)
        steps = visible(table, data, run.steps * len(data.rows[0]) + 1)[run.steps][0]
        if steps > run.steps:
            stages = lower_table(table)
            agreement = lockstep(stages, data, 40, RCNN(from_stages(stages)))
            assert agreement.run == run
            assert agreement.layers <= 4 * steps + len(data.rows) + len(data.rows[0])  # 4t + m + d + 2, in steps on the grid
            verdicts.add(run.verdict)
    return verdicts


def test_the_network_follows() -> None:
    assert follow(range(60)) == {"reject", "stuck", "timeout"}


@pytest.mark.parametrize("block", blocks(2))
def test_the_network_follows_many(block: int) -> None:
    assert follow(range(100 + 250 * block, 350 + 250 * block)) == {"accept", "reject", "stuck", "timeout"}


def test_a_wrong_lowering_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every transition of a carriage, and every one that enters it, left out or led elsewhere."""
    table = majority()
    data = Grid((*((1, 2, label) for label in (1, 2, 2, 1, 1, 2, 2, 1)), (1, 1, 0)))
    on_grid, states = rows_to_grid(table), len(table.states)
    lockstep(lower_table(table), data)
    for number, transition in enumerate(on_grid.transitions):
        if transition.state < states and transition.target < states:
            continue
        for other in ((), (replace(transition, target=ACCEPT),), (replace(transition, move_data=Move.UP),)):
            wrong = replace(on_grid, transitions=(*on_grid.transitions[:number], *other, *on_grid.transitions[number + 1 :]))
            monkeypatch.setattr("tmc.testing.lockstep.rows_to_grid", lambda _, wrong=wrong: wrong)
            with pytest.raises(Mismatch, match=r"on rows, .* on the grid after"):
                lockstep(lower_table(table), data)


# --- a learner from its table to its answers


def majority() -> Table:
    """Says what most examples say; 0 where there are as many of both. The work tape holds the labels that are not outnumbered yet:
    all are the same, and the head is on the last of them."""
    count, one, zero = 0, 1, 2
    label, last = at(bottom=False, right=True), at(Edge.BOTTOM)
    return rows_table(
        rule(count, ANY, ACCEPT, edges=last, work=(2,)),
        rule(count, ANY, REJECT, edges=last, work=(0, 1)),
        rule(count, ANY, count, move=RIGHT, edges=at(bottom=False, right=False), work=ALL),
        rule(count, (2,), one, edges=label, work=(0, 2), move_work=RIGHT),
        rule(count, (1,), zero, edges=label, work=(0, 1), move_work=RIGHT),
        rule(count, (2,), count, move=RIGHT, edges=label, work=(1,), write_work=0, move_work=LEFT),
        rule(count, (1,), count, move=RIGHT, edges=label, work=(2,), write_work=0, move_work=LEFT),
        rule(one, ANY, count, move=RIGHT, write_work=2),
        rule(zero, ANY, count, move=RIGHT, write_work=1),
        work="_01",
        bounds=Bounds(M * (D + Polynomial.constant(2)) + Polynomial.constant(1), M + Polynomial.constant(1)),
    )


def votes(seed: int) -> DataSet:
    random = np.random.default_rng(seed)
    m, d = int(random.integers(1, 8)), int(random.integers(1, 5))
    x, y, queries = (random.choice(np.array([-1, 1], dtype=np.int8), shape) for shape in ((m, d), (m,), (3, d)))
    return DataSet(x, y, queries)


def test_a_learner_on_rows_learns() -> None:
    table = majority()
    stages = lower_table(table)
    assert str(stages.lowered.bounds.steps) == "2*m*d + 2*m + 1"  # one way through the grid
    network = RCNN(from_stages(stages))
    for seed in range(8):
        dataset = votes(seed)
        expected = 1 if dataset.y_train.sum() > 0 else -1
        assert network.fit(dataset.x_train, dataset.y_train).predict(dataset.x_test).tolist() == [expected] * 3
        runs = [tmc.simulate(table, dataset=dataset, query=query) for query in range(3)]
        assert [run.verdict for run in runs] == ["accept" if expected > 0 else "reject"] * 3
        assert not any(run.promise_broken for run in runs)


LAST = """learner last
tape data: line of _ 0 1
bounds
    steps  m*(d + 1) + 2
start on
state on
    at bottom       move left   -> label
    otherwise       move right
state label
    on 1            -> accept
    otherwise       -> reject
"""


def test_a_learner_on_rows_from_its_text() -> None:
    """The label of the last example, one to the left of the query."""
    build = tmc.compile(LAST)
    assert "line (the rows of the grid) of _ 0 1" in table_text(build.table)
    assert set(build.lowered.states) == {"on", "label", "on (next row)", "label (row above)"}
    for seed in range(4):
        dataset = votes(seed)
        network = RCNN(from_stages(build)).fit(dataset.x_train, dataset.y_train)
        assert network.predict(dataset.x_test).tolist() == [dataset.y_train[-1]] * 3
        run = tmc.simulate(build.table, dataset=dataset)
        m, d = dataset.x_train.shape
        assert (run.steps, run.configuration.head) == (m * (d + 1) + 2, (m - 1, d))


def test_the_tests_beside_a_learner_on_rows() -> None:
    """Right and wrong ones, on the table and through the network."""
    examples = (((0, 1), 1), ((1, 1), 0), ((1, 0), 1))
    table = replace(majority(), tests=(GridTest("yes", examples, (0, 0), 1), GridTest("no", examples, (0, 0), 0, 9)))
    subject = prepare(table, {"": Source("majority.tm", "")})
    right, wrong = (run_test(subject, test) for test in table.tests)
    data = Grid(((1, 2, 2), (2, 2, 1), (2, 1, 2), (1, 1, 0)))
    assert (right.faults, right.run.steps) == ((), simulate(table, data).steps)
    assert right.layers is not None
    assert right.layers > 2 * right.run.steps
    assert (wrong.summary, wrong.place) == ("expected the label 0 (reject), got the label 1 (accept)", "majority.tm:9")
