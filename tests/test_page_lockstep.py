"""What a page computes against what Python computes: every step of the table, every cell of every layer."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise
from random import Random
from typing import Any

import pytest

from conftest import ROOT, blocks, compiled, rows_table, rule
from pages import document_of, followed
from tmc.cli.machine_given import Given
from tmc.cli.view_parts import Wanted, parts_of, stages_of
from tmc.ir.lattice import Evolution
from tmc.ir.rules import local
from tmc.ir.table import ACCEPT, Configuration, LineTest, Table, Transition
from tmc.ir.tape import Grid, Line, Move
from tmc.pipeline import Stages, lower_table
from tmc.run.observe import observe, view
from tmc.run.simulator import configurations, simulate
from tmc.run.tapes import line_of_symbols
from tmc.testing.lockstep import start_of
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine
from tmc.view.page.document import page_document

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
        check_jumps(case, answer)
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


def check_jumps(case: Case, answer: dict[str, Any]) -> None:
    """From every layer to the next event, and back."""
    stages, data, _ = case
    first, last, layers = 0, answer["layers"], answer["layersOfSteps"]
    run = [configuration for configuration, _ in islice(configurations(stages.table, data), answer["steps"] + 1)]
    pairs = list(enumerate(pairwise(run), 1))
    events = {
        "write": [layers[step] for step, (one, other) in pairs if (one.data, one.work) != (other.data, other.work)],
        "state": [layers[step] for step, (one, other) in pairs if one.state != other.state],
        "move": [layers[step] for step, (a, b) in pairs if (a.head, a.work_head) != (b.head, b.work_head)],
        "halt": list[int](),
    }
    for kind, found in events.items():
        ahead, behind = found.copy(), [first]
        for layer, (after, before) in enumerate(answer["jumps"][kind]):
            while ahead and ahead[0] <= layer:
                ahead.pop(0)
            assert after == (ahead[0] if ahead else last)
            assert before == behind[-1]
            behind += [layer] if layer in found else []


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


def growing(seed: int) -> tuple[Stages, Grid | Line, Any]:
    """A random machine that promises nothing, and its page, whose lattice grows when the run comes to its edge."""
    random = Random(seed)
    table = random_machine(random, Family(("line", "grid")[seed % 2], (1, 4), (2, 3), gaps=0.0, halts=0.005))
    data = random_grid(random, table, (1, 3), (1, 3)) if table.is_grid else random_line(random, table, (0, 6))
    stages = lower_table(table)
    subject = Given(table, {}, "random.tm", data, None)
    return stages, data, page_document(parts_of(subject, stages, Wanted("", None, None, 600)), None)


def check_growing(seeds: range) -> int:
    """Wherever the control is at rest, a page's lattice holds the simulator's configuration; returns how many lattices grew."""
    cases, grown = [growing(seed) for seed in seeds], 0
    ends = followed([{"document": document, "asked": []} for _, _, document in cases])
    asked = [[{"layer": end["layers"] * part // 8, "cells": []} for part in range(1, 9)] for end in ends]
    answers = followed([{"document": case[2], "asked": each} for case, each in zip(cases, asked, strict=True)])
    for (stages, data, document), answer in zip(cases, answers, strict=True):
        for moment in answer["moments"]:
            held = moment["lattice"]
            seen = observe(stages.lowered, stages.rules, tuple(tuple(map(tuple, row)) for row in held["rows"]), -held["from"])
            if seen is not None and moment["phase"] != "decoding":
                assert seen == view(simulate(stages.table, data, moment["step"]).configuration)
        grown += len(held["rows"][0]) > len(document["lattice"]["rows"][0])
    return grown


def test_lattices_grow() -> None:
    assert check_growing(range(4)) > 0


@pytest.mark.long
def test_many_lattices_grow() -> None:
    assert check_growing(range(100, 124)) > 4


def image(table: Table, data: Grid | Line, view: dict[str, int]) -> dict[str, Any]:
    """A picture of a tape over time, counted one by one."""
    height = min(view["height"], view["last"] - view["first"] + 1)
    width = min(view["width"], view["to"] - view["from"] + 1)
    ends = [view["first"] + row * (view["last"] - view["first"] + 1) // height for row in range(height + 1)]
    bins = [view["from"] + bin * (view["to"] - view["from"] + 1) // width for bin in range(width + 1)]
    run = [configuration for configuration, _ in islice(configurations(table, data), view["last"] + 1)]
    found: dict[str, list[int]] = {name: [] for name in ("symbol", "marked", "steps", "states", "headFrom", "headTo")}
    for first, end in pairwise(ends):
        tapes = [tape(configuration, view["tape"]) for configuration in run[first:end]]
        heads = [head for _, head in tapes]
        last = tapes[-1][0]
        for row in ([last.get(position, 0) for position in range(*each)] for each in pairwise(bins)):
            counts = Counter(row)
            found["symbol"].append(max(counts, key=lambda symbol: (counts[symbol], symbol)))
            found["marked"].append(len(row) - counts[0])
        found["steps"].append(end - 1)
        found["states"].append(run[end - 1].state)
        found["headFrom"].append(min(heads))
        found["headTo"].append(max(heads))
    bounds = {name: view[name] for name in ("from", "to", "first", "last")}
    return {**bounds, "width": width, "height": height, **found}


def tape(configuration: Configuration, number: int) -> tuple[dict[int, int], int]:
    """What stands on a tape, by position, and where its head is; the cells of a grid are counted row by row."""
    if number == 1:
        return dict(configuration.work.items()), configuration.work_head
    data, (row, column) = configuration.data, configuration.head
    if isinstance(data, Line):
        return dict(data.items()), column
    return dict(enumerate(symbol for cells in data.rows for symbol in cells)), row * len(data.rows[0]) + column


def test_tapes_over_time() -> None:
    cases = [*of_folder("busy_beaver_4"), *of_folder("palindrome"), *of_folder("gauss"), *of_folder("multiply")]
    for stages, data, most in cases:
        steps = simulate(stages.table, data, most).steps
        views = [
            {"tape": tape, "first": first, "last": last, "from": left, "to": right, "width": width, "height": height}
            for tape in range(len(stages.table.tapes))
            for first, last in ((0, steps), (steps // 3, steps // 2))
            for left, right in ((-20, 30), (1, 4))
            for width, height in ((7, 11), (1000, 1000))
        ]
        if stages.table.is_grid:  # nothing stands beyond its cells
            views = [each | {"from": max(0, each["from"]), "to": min(8, each["to"])} for each in views]
        answer = followed([{"document": document_of(stages, data, most), "asked": [], "images": views}])[0]
        assert answer["images"] == [image(stages.table, data, view) for view in views]


def as_written(names: list[str]) -> None:
    """The page of a text shows the steps as they are written, though the network's table is made smaller, and on a grid."""
    tables = [compiled(name).written() for name in names]
    cases = [(table, of_folder(name)[0][1]) for table, name in zip(tables, names, strict=True)]
    subjects = [Given(table, {}, "", data, None) for table, data in cases]
    stages = [stages_of(subject, "wide", "integer") for subject in subjects]
    pages = [page_document(parts_of(*each, Wanted("", None, None, 5000)), None) for each in zip(subjects, stages, strict=True)]
    answers = followed([{"document": document, "asked": []} for document in pages])
    runs = [simulate(table, data, 5000) for table, data in cases]
    assert [(a["steps"], a["verdict"]) for a in answers] == [(r.steps, r.verdict.replace("timeout", "")) for r in runs]
    assert all((answer["cut"] == "") == (run.verdict != "timeout") for answer, run in zip(answers, runs, strict=True))


def test_rows_of_a_machine_with_states_that_do_the_same() -> None:
    """The network has fewer states than the machine, and some that only carry the head: these are no steps."""
    moves = {"move": Move.RIGHT}
    table = rows_table(
        rule(0, (1,), 1, **moves), rule(0, (0, 2), 2, **moves),
        rule(1, (0, 1), 1, **moves), rule(1, (2,), 3, **moves),
        rule(2, (0, 1), 2, **moves), rule(2, (2,), 3, **moves),
        rule(3, (0,), ACCEPT), rule(3, (1, 2), 0, write=0, **moves),
    )  # fmt: skip
    data = Grid(((1, 1, 2), (2, 1, 1), (1, 2, 0)))
    subject = Given(table, {}, "", data, None)
    stages = stages_of(subject, "wide", "integer")
    assert (len(stages.table.states), len(stages.lowered.states)) == (3, 6)
    page = page_document(parts_of(subject, stages, Wanted("", None, None, 500)), None)
    answer, run = followed([{"document": page}])[0], simulate(table, data, 500)
    assert (answer["steps"], answer["verdict"], answer["ended"]) == (run.steps, "accept", "answer")
    states = [configuration.state for configuration, _ in configurations(table, data)]
    assert [configuration[0] for configuration in answer["configurations"]] == states


def test_pages_show_the_machine_as_it_is_written() -> None:
    as_written(["compare", "majority", "memory"])


@pytest.mark.long
def test_all_pages_show_the_machine_as_it_is_written() -> None:
    as_written([path.stem for path in sorted((ROOT / "machines").glob("*.tm"))])
