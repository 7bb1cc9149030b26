"""What a page computes against what Python computes: every step of the table, every cell of every layer."""

from __future__ import annotations

from itertools import islice
from random import Random
from typing import Any

import pytest

from conftest import ROOT, blocks, compiled
from pages import document_of, followed
from tmc.ir.lattice import Evolution
from tmc.ir.rules import local
from tmc.ir.table import Configuration, LineTest, Table, Transition
from tmc.ir.tape import Grid, Line
from tmc.pipeline import Stages, lower_table
from tmc.run.simulator import configurations, simulate
from tmc.run.tapes import line_of_symbols
from tmc.testing.lockstep import start_of
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine

STEPS = 60
Case = tuple[Stages, Grid | Line, int]


def shown(table: Table, configuration: Configuration, transition: Transition | None) -> list[Any]:
    """A configuration as the page has it."""
    data, work = configuration.data, configuration.work
    tape = [list(row) for row in data.rows] if isinstance(data, Grid) else [data.start, list(data.cells)]
    number = None if transition is None else table.transitions.index(transition)
    head = list(configuration.head)
    return [configuration.state, head, tape, configuration.work_head, [work.start, list(work.cells)], number]


def check(cases: list[Case]) -> None:
    """Run all of them on pages and here."""
    answers = followed([{"document": document_of(*case)} for case in cases])
    for case, answer in zip(cases, answers, strict=True):
        check_steps(case, answer)
        check_layers(case, answer)


def check_steps(case: Case, answer: dict[str, Any]) -> None:
    stages, data, most = case
    run = simulate(stages.table, data, most)
    loops = answer["ended"] == "rest" and run.verdict == "timeout"  # nothing changes, for ever
    assert answer["verdict"] == ("" if run.verdict == "timeout" else run.verdict)
    assert answer["ended"] == {"stuck": "rest", "timeout": "steps"}.get(run.verdict, "answer") or loops
    steps = answer["steps"]
    assert steps == run.steps or loops
    taken = islice(configurations(stages.table, data), steps + 1)
    expected = [shown(stages.table, configuration, transition) for configuration, transition in taken]
    if run.verdict == "timeout" and not loops:
        expected[-1][-1] = None  # the page ends before this one
    assert answer["configurations"] == expected
    layers = answer["layersOfSteps"]
    for layer, step in enumerate(answer["stepsOfLayers"]):
        assert layers[step] <= layer or (step == 0 and layer < layers[0])
        assert step == steps or layer < layers[step + 1]


def check_layers(case: Case, answer: dict[str, Any]) -> None:
    stages, data, most = case
    start = start_of(stages, data, simulate(stages.table, data, most))
    evolution = Evolution(local(stages.rules), stages.rules.border, start.lattice)
    assert answer["start"] == {"from": -start.origin, "rows": [[list(cell) for cell in row] for row in start.lattice]}
    for changes in answer["changes"]:
        evolution.advance()
        changed = sorted((row, column - start.origin) for row, column in evolution.changed())
        cells = [list(evolution.cell(row, column + start.origin)) for row, column in changed]
        assert changes == [[*place, cell] for place, cell in zip(changed, cells, strict=True)]
    if answer["ended"] == "rest":
        evolution.advance()
        assert evolution.at_rest


def drawn(seed: int) -> Case:
    """A random machine on a grid, a line or rows, with one tape or two."""
    random = Random(seed)
    family = Family(("grid", "line", "rows")[seed % 3], work_tape=seed // 3 % 2 == 0, gaps=(0.0, 0.05)[seed // 6 % 2])
    table = random_machine(random, family)
    data = random_grid(random, table, (1, 4), (1, 4)) if table.is_grid else random_line(random, table, (0, 6))
    return lower_table(table), data, STEPS


def of_folder(name: str) -> list[Case]:
    """A machine of the folder on the tape of its first test, or on a small grid."""
    build = compiled(name)
    if build.table.is_grid:
        return [(build, random_grid(Random(name), build.table, (3, 4), (2, 3)), 4000)]
    tests = [test for test in build.written().tests if isinstance(test, LineTest)]
    return [(build, line_of_symbols(build.table.data, tests[0].data), 400)]


def test_random_machines() -> None:
    check([drawn(seed) for seed in range(18)])


@pytest.mark.long
def test_300_random_machines() -> None:
    check([drawn(seed) for seed in range(1000, 1300)])


@pytest.mark.parametrize("block", blocks(5)[1:])
def test_many_more_random_machines(block: int) -> None:
    check([drawn(seed) for seed in range(1000 + 300 * block, 1300 + 300 * block)])


@pytest.mark.parametrize("names", [["gauss", "palindrome", "busy_beaver_4", "memory"]], ids=" ".join)
def test_some_machines(names: list[str]) -> None:
    check([case for name in names for case in of_folder(name)])


@pytest.mark.long
def test_all_machines() -> None:
    check([case for path in sorted((ROOT / "machines").glob("*.tm")) for case in of_folder(path.stem)])
