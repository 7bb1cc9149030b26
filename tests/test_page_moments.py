"""What the page shows at a moment is what the simulator and the rules say: line, state, heads, tapes, and the fields of cells."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from browsed import Oracle, Shown, data_of, moments, opened, write_page
from tmc.ir.table import Transition
from tmc.ir.tape import Grid

SMALL = {"width": 1200, "height": 300}  # little to paint
PAGES = {
    "gauss": (None, (16, 8)),
    "palindrome": ("abbaabba", None),
    "busy_beaver_4": ("_", None),
}
HALTED = {-1: "accept", -2: "reject"}


@dataclass
class Case:
    """A page that is open, and the run that it should show."""

    shown: Shown
    oracle: Oracle


@pytest.fixture(
    scope="module",
    params=[pytest.param("gauss", marks=pytest.mark.long), "palindrome", pytest.param("busy_beaver_4", marks=pytest.mark.long)],
)
def case(request: pytest.FixtureRequest, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    text, shape = PAGES[request.param]
    path = write_page(tmp_path_factory.mktemp("pages"), request.param, text=text, shape=shape)
    with opened(browser, path, viewport=SMALL) as shown:
        yield Case(shown, Oracle(request.param, data_of(request.param, text, shape)))
        assert shown.problems == []


def test_machine_and_network_at_random_moments(case: Case) -> None:
    oracle, chance = case.oracle, random.Random(3)
    table = oracle.build.table
    for layer in moments(oracle, 20):
        for row, column in chance.sample(places(oracle), 3):
            shown = case.shown.at(f"#layer={layer}&cell={row},{column}")
            assert shown["fields"] == oracle.fields(oracle.cell(layer, row, column)), (layer, row, column)
        step = oracle.step(layer)
        configuration, transition = oracle.configurations[step]
        begun = layer >= oracle.done[0]
        lit = [oracle.line_of(transition)] if begun and transition is not None else []
        name = table.target_name(configuration.state)
        assert (shown["layer"], shown["step"], shown["state"]) == (layer, str(step), name)
        assert shown["lines"] == list(map(list, lit)), layer
        assert shown["states"] == ([name] if begun else []), layer
        check_tapes(shown, oracle, step)
        check_writes(shown, oracle, step)


def check_tapes(shown: dict[str, Any], oracle: Oracle, step: int) -> None:
    """All cells of both tapes that are shown, and where their heads are."""
    configuration, _ = oracle.configurations[step]
    table, data = oracle.build.table, configuration.data
    assert shown["data"]["head"] == [list(configuration.head)]
    assert len(shown["data"]["cells"]) >= 5
    for row, column, symbol in shown["data"]["cells"]:
        expected = data.rows[row][column] if isinstance(data, Grid) else dict(data.items()).get(column, 0)
        assert symbol == table.data.symbols[expected], (step, row, column)
    if table.work is not None:
        assert shown["work"]["head"] == [[0, configuration.work_head]]
        for _, column, symbol in shown["work"]["cells"]:
            assert symbol == table.work.symbols[dict(configuration.work.items()).get(column, 0)], (step, column)


def check_writes(shown: dict[str, Any], oracle: Oracle, step: int) -> None:
    """Where the step before wrote."""
    data, work = [], []
    if step > 0:
        before, transition = oracle.configurations[step - 1]
        assert transition is not None
        data = [] if transition.write_data is None else [list(before.head)]
        work = [] if transition.write_work is None else [[0, before.work_head]]
    assert (shown["data"]["wrote"], shown["work"]["wrote"]) == (data, work)
    assert shown["taken"] == ([] if step == 0 else [f"after {named(oracle.configurations[step - 1][1])}"])


def named(transition: Transition | None) -> str:
    """What the page calls the line of a transition."""
    assert transition is not None
    return f"{transition.file}:{transition.line}" if transition.file else f"line {transition.line}"


def places(oracle: Oracle) -> list[tuple[int, int]]:
    """The cells of the lattice, with positions for columns."""
    rows, columns = len(oracle.lattices[0]), len(oracle.lattices[0][0])
    return [(row, column - oracle.origin) for row in range(rows) for column in range(columns)]


@pytest.mark.long
def test_the_number_of_a_cell(browser: Any, tmp_path: Path) -> None:
    path = write_page(tmp_path, "gauss", shape=(5, 3), target="scalar")
    oracle, chance = Oracle("gauss", data_of("gauss", None, (5, 3)), "scalar"), random.Random(5)
    with opened(browser, path, viewport=SMALL) as page:
        for layer in moments(oracle, 2):
            row, column = chance.choice(places(oracle))
            shown = page.at(f"#layer={layer}&cell={row},{column}")
            (value,) = oracle.build.encode(oracle.cell(layer, row, column))
            assert shown["number"] == [value], (layer, row, column)
            digits = [(float(code.replace("−", "-")), float(weight)) for code, weight in shown["digits"]]
            assert sum(code * weight for code, weight in digits) == value
        assert page.problems == []
