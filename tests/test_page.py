"""Pages: their documents, what they say at single moments, and that nothing of a machine's text can run in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from conftest import ROOT, Outcome, compiled
from pages import document_of, followed
from tmc.ir.filters import Layer
from tmc.ir.lattice import Evolution, Lattice
from tmc.ir.rules import local, step
from tmc.ir.table import LineTest
from tmc.ir.tape import Grid, Line
from tmc.ir.units import sums
from tmc.learn.data import datasets
from tmc.pipeline import Build, read_machine
from tmc.run.observe import memory as memory_lattice
from tmc.run.observe import observe, view
from tmc.run.simulator import simulate
from tmc.run.tapes import line_of_symbols
from tmc.source import Source

Run = Callable[..., Outcome]


def document_in(path: Path) -> Any:
    """The document of a page."""
    found = re.search(r'<script type="application/json" id="document">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.fixture
def parity(tmp_path: Path) -> Path:
    """16 examples of 8 features, and 3 queries."""
    path = tmp_path / "data.npz"
    datasets.save(datasets.parity(8, 16, 3, seed=5), path)
    return path


@cache
def lattices(name: str, start: Lattice, layers: tuple[int, ...]) -> dict[int, Lattice]:
    """The cells of a machine's rules at some layers, from the first lattice on."""
    rules = compiled(name).rules
    evolution, found = Evolution(local(rules), rules.border, start), {}
    for layer in range(max(layers) + 1):
        if layer in layers:
            found[layer] = evolution.lattice
        evolution.advance()
    return found


def check_moments(build: Build, document: Any, data: Grid | Line, seed: int) -> None:
    """At 20 random moments: state, heads, tapes and the lit source line are the simulator's, and three cells with their channels,
    their units and what those make of them are those of the rules and of the filters."""
    random, table, rules = Random(seed), build.written(), build.rules
    run = simulate(table, data)
    layers = followed([{"document": document, "asked": []}])[0]["layers"]
    chosen = sorted({0, layers, *random.sample(range(layers), 18)})
    rows, columns = len(document["lattice"]["rows"]), len(document["lattice"]["rows"][0])
    asked = [{"layer": layer, "cells": [[random.randrange(rows), random.randrange(columns)] for _ in range(3)]} for layer in chosen]
    answer = followed([{"document": document, "asked": asked}])[0]
    assert (answer["steps"], answer["verdict"]) == (run.steps, run.verdict)
    cells = document["lattice"]["cells"]
    start = tuple(tuple(tuple(cells[number]) for number in row) for row in document["lattice"]["rows"])
    expected = lattices(build.table.name, start, (*chosen, *(layer + 1 for layer in chosen)))
    origin, seen = -document["lattice"]["from"], 0
    for moment, question in zip(answer["moments"], asked, strict=True):
        lattice, after = expected[question["layer"]], expected[question["layer"] + 1]
        assert moment["lattice"]["rows"] == [[list(cell) for cell in row] for row in lattice]
        configuration = simulate(table, data, moment["step"]).configuration
        assert moment["configuration"][0] == configuration.state
        assert moment["head"] == list(configuration.head)
        assert moment["workHead"] == configuration.work_head
        held = observe(build.lowered, rules, lattice, origin)
        if held is not None and moment["phase"] != "decoding":
            assert held == view(configuration)
            seen += 1
        for place, cell in zip(question["cells"], moment["cells"], strict=True):
            check_cell(build, lattice, after, place, cell)
    assert seen > 3


@cache
def floats(layer: Layer) -> list[tuple[float, list[tuple[int, float]]]]:
    """The units of a layer, in numbers of which none is rounded: bias and weights."""
    return [(float(bias), [(index, float(weight)) for index, weight in weights]) for bias, weights in sums(layer.units)]


def check_cell(build: Build, lattice: Lattice, after: Lattice, place: list[int], cell: Any) -> None:
    row, column = place
    fields = zip(build.rules.fields, lattice[row][column], strict=True)
    assert cell["fields"] == [{"name": field.name, "value": field.values[n], "number": n} for field, n in fields]
    channels = tuple(float(value) for value in build.encode(lattice[row][column]))
    assert tuple(channel["value"] for channel in cell["channels"]) == channels
    if cell["digits"]:
        assert sum(digit["code"] * digit["weight"] for digit in cell["digits"]) == channels[0]
    border = [build.rules.border] * (len(lattice[0]) + 2)
    framed = [border, *([build.rules.border, *cells, build.rules.border] for cells in lattice), border]
    patch = [build.encode(framed[row + up][column + left]) for up in range(3) for left in range(3)]
    values = [float(cell[channel]) for channel in range(len(build.filters.channels)) for cell in patch]
    for layer, outputs in zip(build.filters.recurrent, cell["outputs"], strict=True):
        totals = [bias + sum(weight * values[index] for index, weight in weights) for bias, weights in floats(layer)]
        values = [max(total, 0.0) for total in totals] if layer.relu else totals
        assert values == outputs
    assert tuple(values) == tuple(map(float, build.encode(after[row][column])))
    on = [(layer, unit) for layer, outputs in enumerate(cell["outputs"][:-1]) for unit, value in enumerate(outputs) if value]
    assert [(unit["layer"], unit["unit"]) for unit in cell["units"]] == on


def test_moments_of_gauss(parity: Path, tmp_path: Path, tmc: Run) -> None:
    build, page = compiled("gauss"), tmp_path / "gauss.html"
    assert tmc("view", ROOT / "machines" / "gauss.tm", "--input", parity, "--query", 2, "-o", page).status == 0
    check_moments(build, document_in(page), datasets.grid(build.table, datasets.load(parity), 2), 7)


@pytest.mark.soak
@pytest.mark.parametrize("scale", ["integer", "paper"])
def test_moments_of_gauss_as_numbers(scale: str, parity: Path) -> None:
    build = compiled("gauss", "scalar", scale)
    data = datasets.grid(build.table, datasets.load(parity), 2)
    check_moments(build, document_of(build, data, 2000), data, 7)


@pytest.mark.parametrize("name", ["palindrome", "busy_beaver_4"])
@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_moments_of_lines(name: str, target: str) -> None:
    build = compiled(name, target)
    test = next(test for test in build.written().tests if isinstance(test, LineTest))
    data = line_of_symbols(build.table.data, test.data)
    check_moments(build, document_of(build, data, 1000), data, 11)


def test_memory_fills_as_sgd_runs(parity: Path, tmp_path: Path, tmc: Run) -> None:
    """Lemma 1.1: the output is 0 before every step, and the step writes one row."""
    page = tmp_path / "gauss.html"
    assert tmc("view", ROOT / "machines" / "gauss.tm", "--input", parity, "-o", page).status == 0
    document, dataset = document_in(page), datasets.load(parity)
    asked = [{"layer": layer, "cells": [[0, 0], [16, 8], [-layer - 1, 12]]} for layer in range(-17, 0)]
    asked.append({"layer": 0, "cells": []})
    build, pads = compiled("gauss"), len(document["lattice"]["rows"][0]) - 9
    samples = np.column_stack([np.vstack([dataset.x_train, np.ones(8, dtype=int), dataset.x_test[:1]]), np.ones(18, dtype=int)])
    answer = followed([{"document": document, "asked": asked}])[0]
    assert answer["first"] == -17
    rows = np.column_stack([dataset.x_train * dataset.y_train[:, None], dataset.y_train]).tolist()
    memory = np.array([*rows, [1] * 9])
    for done, moment in enumerate(answer["moments"]):
        filled = np.where(np.arange(17)[:, None] < done, memory, 0)
        assert moment["memory"] == filled.tolist()
        lattice = memory_lattice(build.rules, tuple(map(tuple, (filled * samples[done]).tolist())), pads)
        assert moment["lattice"] == {"from": 0, "rows": [[list(cell) for cell in row] for row in lattice]}
        for (row, column), cell in zip(asked[done]["cells"], moment["cells"], strict=True):
            assert [field["number"] for field in cell["fields"]] == list(lattice[row][column])
            check_cell(build, lattice, step(build.rules, lattice), [row, column], cell)
        sgd = moment["training"]
        if done == 17:
            assert sgd is None
            continue
        assert (sgd["example"], sgd["output"], moment["phase"]) == (done, 0, "training")
        gradient = np.zeros((17, 9))
        for row, column, value in sgd["gradient"]:
            gradient[row, column] = value
        assert (filled - gradient * document["training"]["rate"] == np.where(np.arange(17)[:, None] < done + 1, memory, 0)).all()


GREEDY = """machine greedy
    "Counts a row on its work tape, and back, though it promises to use one cell of it."

tape data: grid of _ 0 1
tape work: line of _ 1

bounds
    steps 4 * d + 4
    work  1

start there

state there
    at right                 -> back
    otherwise    write ., 1  move right, right

state back
    on *, _ at right         move ., left
    at left                  -> accept
    on *, _                  -> reject
    otherwise                move left, left
"""


def test_a_broken_promise_is_said(parity: Path, tmp_path: Path, tmc: Run) -> None:
    """Where the run takes more room than the machine promises, the network leaves it: the page ends there, and says so."""
    machine, page = tmp_path / "greedy.tm", tmp_path / "greedy.html"
    machine.write_text(GREEDY, encoding="utf-8")
    assert tmc("view", machine, "--input", parity, "-o", page).status == 0
    answer = followed([{"document": document_in(page)}])[0]
    grid = datasets.grid(compiled("gauss").table, datasets.load(parity), 0)
    table = read_machine(Source("greedy.tm", GREEDY))[0]
    run = simulate(table, grid)
    assert (run.verdict, answer["verdict"], answer["ended"]) == ("accept", "", "lost")
    assert 8 < answer["steps"] < run.steps
    assert answer["cut"].startswith(f"After {answer['steps']} steps the network leaves its machine: ")
    states = [simulate(table, grid, step).configuration.state for step in range(answer["steps"] + 1)]
    assert [configuration[0] for configuration in answer["configurations"]] == states


def test_where_a_page_ends_and_the_run_does_not(tmp_path: Path, tmc: Run) -> None:
    """By steps, by cells, or since nothing changes any more; what is shown is right up to there."""
    build, data = compiled("palindrome"), line_of_symbols(compiled("palindrome").table.data, "abba" * 4)
    whole = followed([{"document": document_of(build, data, 1000)}])[0]
    for limits, ended, said in (
        ({"steps": 9}, "steps", "The run goes on: this page ends after 9 steps. Make one with a larger --max-steps to see more."),
        ({"cells": 300}, "cells", "steps, as too many cells of the network change. Use less data to see more."),
        ({"layers": 20}, "layers", "steps. Make one with a larger --max-steps to see more."),
    ):
        document = document_of(build, data, 1000)
        document["limits"] |= limits
        cut = followed([{"document": document}])[0]
        assert (cut["ended"], cut["verdict"]) == (ended, "")
        assert cut["cut"].endswith(said)
        assert 0 < cut["steps"] < whole["steps"]
        assert cut["layersOfSteps"] == whole["layersOfSteps"][: cut["steps"] + 1]
        assert cut["changes"] == whole["changes"][: cut["layers"]]
    machine, page = tmp_path / "still.tm", tmp_path / "still.html"
    machine.write_text("machine still\n\ntape data: line of _ 1\n\nstart a\n\nstate a\n    on *   -> a\n", encoding="utf-8")
    assert tmc("view", machine, "--data", "1", "--max-steps", "50", "-o", page).status == 0
    still = followed([{"document": document_in(page), "asked": [{"layer": 0, "cells": []}]}])[0]
    assert still["cut"] == "Nothing changes any more: the machine goes on like this for ever."
