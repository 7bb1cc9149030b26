"""Space-time diagrams: every bin counted again, one configuration after the other, from the simulator's."""

from __future__ import annotations

from itertools import islice
from random import Random

import numpy as np
import pytest

from conftest import ROOT, compiled
from tmc.diagnostics import Rejected
from tmc.files import read_text
from tmc.ir.table import Configuration, Table
from tmc.ir.tape import Grid, Line
from tmc.pipeline import read_machine
from tmc.run import space_time as counting
from tmc.run.simulator import configurations
from tmc.run.space_time import SpaceTime, Tapes, space_time
from tmc.testing.machine_tests import tape_of
from tmc.testing.random_machines import Family, random_machine


def table_of(name: str) -> Table:
    return read_machine(read_text(ROOT / "machines" / f"{name}.tm"))[0]


def cell_of(configuration: Configuration, number: int, position: int) -> int:
    """The symbol at a position of a tape; of a grid row by row."""
    if number == 1:
        return configuration.work.read(position)
    if isinstance(configuration.data, Grid):
        return configuration.data.read(divmod(position, len(configuration.data.rows[0])))
    return configuration.data.read(position)


def head_of(configuration: Configuration, number: int) -> int:
    if number == 1:
        return configuration.work_head
    row, column = configuration.head
    return column + row * (len(configuration.data.rows[0]) if isinstance(configuration.data, Grid) else 0)


def check(found: SpaceTime, tapes: Tapes, number: int, seen: list[Configuration]) -> None:
    """The counts of one tape against the configurations themselves."""
    marks, heads = np.zeros_like(tapes.marks), np.zeros_like(tapes.heads)
    for row in range(len(found.starts) - 1):
        for configuration in seen[found.starts[row] - found.starts[0] : found.starts[row + 1] - found.starts[0]]:
            for index in range(tapes.cells):
                marks[row, index // tapes.width, cell_of(configuration, number, tapes.first + index)] += 1
            column = (head_of(configuration, number) - tapes.first) // tapes.width
            heads[row, column, configuration.state + 2 if found.by_state else 0] += 1
    assert np.array_equal(marks, tapes.marks)
    assert np.array_equal(heads, tapes.heads)
    for configuration in seen:  # and nothing is beyond what is shown
        line = configuration.work if number == 1 else configuration.data
        if isinstance(line, Line) and line.cells:
            assert tapes.first <= line.start
            assert line.start + len(line.cells) <= tapes.first + tapes.cells


def check_run(table: Table, data: Grid | Line, first: int, last: int, size: tuple[int, int], by_state: bool = True) -> None:
    seen = [configuration for configuration, _ in islice(configurations(table, data), first, last + 1)]
    found = space_time(table, data, (first, last), size, by_state=by_state)
    assert (found.starts[0], found.configurations()) == (first, len(seen))
    assert len(found.tapes) == len(table.tapes)
    for number, tapes in enumerate(found.tapes):
        assert len(tapes.marks) <= size[0]
        assert tapes.marks.shape[1] <= size[1]
        check(found, tapes, number, seen)


@pytest.mark.parametrize("kind", ["line", "grid", "rows"])
def test_random_machines_are_counted_exactly(kind: str) -> None:
    for seed in range(40):
        random = Random(seed)
        table = random_machine(random, Family(kind=kind, work_tape=random.random() < 0.5, gaps=0.01, halts=0.02))
        symbols = len(table.data.symbols)
        if kind == "line":
            cells = {position: random.randrange(symbols) for position in range(random.randint(0, 6))}
            data: Grid | Line = Line.of({position + random.randint(-9, 9): symbol for position, symbol in cells.items()})
        else:
            width = random.randint(1, 4)
            data = Grid(tuple(tuple(random.randrange(symbols) for _ in range(width)) for _ in range(random.randint(1, 4))))
        last = len(list(islice(configurations(table, data), 100))) - 1
        first = random.choice((0, min(3, last)))
        check_run(table, data, first, last + 5, random.choice(((1, 1), (7, 3), (1000, 1000))), random.random() < 0.5)


@pytest.mark.parametrize("size", [(1, 1), (10, 4), (33, 1000), (1000, 2), (200, 200)])
@pytest.mark.parametrize("name", ["busy_beaver_2", "busy_beaver_3", "busy_beaver_4"])
def test_busy_beavers_at_every_zoom(name: str, size: tuple[int, int]) -> None:
    check_run(table_of(name), Line(), 0, 10_000, size)


@pytest.mark.parametrize("name", ["gauss", "nearest", "palindrome", "universal"])
def test_machines_with_two_tapes(name: str) -> None:
    table = table_of(name)
    check_run(table, tape_of(table, table.tests[0]), 2, 1000, (40, 12))


def test_tapes_that_grow_to_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "ROOM", 1)
    for name in ("busy_beaver_4", "collatz", "palindrome"):
        table = table_of(name)
        check_run(table, tape_of(table, table.tests[0]), 0, 300, (9, 9))


def test_what_cannot_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of("busy_beaver_2")
    with pytest.raises(Rejected, match="ends after step 6, and there is no step 7"):
        space_time(table, Line(), (7, 9), (1, 1))
    monkeypatch.setattr(counting, "MOST_COUNTS", 100)
    with pytest.raises(Rejected, match="7 rows and 4 columns of 2 symbols and 4 states are too much to count"):
        space_time(table, Line(), (0, 9), (100, 9))
    space_time(table, Line(), (0, 9), (100, 9), by_state=False)
    monkeypatch.undo()
    monkeypatch.setattr(counting, "MOST_CELLS", 2 * counting.ROOM)
    with pytest.raises(Rejected, match="the tape data grows beyond 2048 cells"):
        space_time(table_of("busy_beaver_5"), Line(), (0, 10_000_000), (1, 1))


def test_part_of_a_run_is_what_all_of_it_says() -> None:
    table, data = table_of("busy_beaver_5"), Line()
    whole = space_time(table, data, (0, 5_000), (5_001, 1)).tapes[0].marked()[:, 0]
    for first in (0, 1, 700, 4_990):
        part = space_time(table, data, (first, 5_000), (10, 5)).tapes[0]
        assert part.marked().sum() == whole[first:].sum()
    assert compiled("gauss").table.is_grid


@pytest.mark.long
def test_the_fifth_busy_beaver_at_several_zooms() -> None:
    """Its 47 176 871 configurations have 346 989 764 584 marked cells together: see the next test."""
    table = table_of("busy_beaver_5")
    for size in ((1, 1), (64, 1000), (1000, 600)):
        found = space_time(table, Line(), (0, 10**9), size)
        tapes = found.tapes[0]
        assert (found.configurations(), int(tapes.marked().sum())) == (47_176_871, 346_989_764_584)
        assert tapes.marks.sum() == 47_176_871 * tapes.cells
        assert tapes.heads.sum() == 47_176_871
    end = space_time(table, Line(), (47_176_870, 10**9), (1, 100_000)).tapes[0]
    assert int(end.marked().sum()) == 4098


@pytest.mark.soak
def test_the_fifth_busy_beaver_counted_in_plain_python() -> None:
    table = table_of("busy_beaver_5")
    rules = {(t.state, symbol): t for t in table.transitions for symbol in t.guard.data}
    plain = {
        key: (key[1] if t.write_data is None else t.write_data, 0 if t.halts else t.move_data.value[1], t.target)
        for key, t in rules.items()
    }
    cells, head, state, ones, total, rows, steps = [0] * 30_000, 15_000, 0, 0, 0, [], 0
    starts = [row * 47_176_871 // 64 for row in range(65)]
    while state >= 0:
        if steps == starts[len(rows)]:
            rows.append(total)
        total += ones
        read = cells[head]
        cells[head], move, state = plain[state, read]
        ones += cells[head] - read
        head += move
        steps += 1
    rows.append(total + ones)  # and the configuration that halts
    found = space_time(table, Line(), (0, 10**9), (64, 100))
    assert found.starts == tuple(starts)
    assert found.tapes[0].marked().sum(axis=1).tolist() == np.diff(rows).tolist()
    assert steps == 47_176_870
