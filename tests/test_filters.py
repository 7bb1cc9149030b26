"""Filters: layers in exact arithmetic, the head, and no unit ever at its kink."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from conftest import compiled
from tmc.ir.cells import local as local_cells
from tmc.ir.filters import Filters, Layer, evaluate, local, output, size, step
from tmc.ir.lattice import Cell, Evolution, Patch
from tmc.ir.tape import Line
from tmc.ir.units import Number, Unit
from tmc.pipeline import Stages
from tmc.run.observe import memory, window

HALF = Fraction(1, 2)


def test_a_layer_is_a_linear_map_and_relu() -> None:
    units = (Unit("sum", 1, ((0, 2), (2, -1))), Unit("half", -HALF, ((1, HALF),)), Unit("constant", 3, ()))
    assert evaluate(Layer("l", 3, units, relu=False), [1, 2, 5]) == [-2, HALF, 3]
    assert evaluate(Layer("l", 3, units, relu=True), [1, 2, 5]) == [0, HALF, 3]


def test_the_sizes_of_a_network() -> None:
    filters = compiled("gauss").filters
    figures = size(filters)
    steps, conjunctions, channels = (len(layer) for layer in filters.recurrent)
    assert figures.channels == channels == len(filters.channels) == len(compiled("gauss").cells.trits)
    assert figures.units == (steps, conjunctions)
    assert figures.weights == 9 * channels * steps + steps * conjunctions + conjunctions * channels
    assert figures.nonzero == sum(len(unit.weights) for layer in filters.recurrent for unit in layer.units)
    assert figures.head_units == 5
    weights = {w for layer in (*filters.recurrent, *filters.head) for unit in layer.units for _, w in unit.weights}
    assert set(figures.values) == weights
    assert 0 not in weights
    assert list(figures.values) == sorted(set(figures.values))


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_weights_are_few_small_and_exact_in_any_float(name: str) -> None:
    figures = size(compiled(name).filters)
    assert len(figures.values) <= 20
    for number in (*figures.values, *figures.biases):
        assert abs(number) <= 64
        assert (number * 4) == int(number * 4)


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_inputs_are_those_of_the_layer_before(name: str) -> None:
    filters = compiled(name).filters
    for layers, inputs in ((filters.recurrent, 9 * len(filters.channels)), (filters.head, len(filters.channels))):
        for layer in layers:
            assert layer.inputs == inputs
            for unit in layer.units:
                indices = [index for index, _ in unit.weights]
                assert indices == sorted(set(indices))
                assert all(0 <= index < inputs for index in indices)
            inputs = len(layer)
    assert [layer.relu for layer in (*filters.recurrent, *filters.head)] == [True, True, False, True, False]


def cell_with(filters: Filters, symbol: Number, answer: Number) -> Cell:
    cell: list[Number] = [0] * len(filters.channels)
    cell[filters.symbol], cell[filters.answer] = symbol, answer
    return tuple(cell)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_the_head_says_the_answer_and_nothing_else(name: str) -> None:
    filters = compiled(name).filters
    for symbol, answer in product((-1, 0, 1), repeat=2):
        assert output(filters, cell_with(filters, symbol, answer)) == answer


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_the_head_has_slope_one_at_zero_and_slope_zero_at_the_ends(name: str) -> None:
    filters = compiled(name).filters
    for near in (Fraction(-1, 4), Fraction(-1, 100), Fraction(1, 100), Fraction(1, 4)):
        assert output(filters, cell_with(filters, near, 0)) == near
        assert output(filters, cell_with(filters, 1 + near, 0)) == 0
        assert output(filters, cell_with(filters, -1 + near, 0)) == 0


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_memory_cells_and_pads_and_the_border_stay_as_they_are(name: str) -> None:
    filters = compiled(name).filters
    lattice = ((filters.blank,) * 3 + (filters.pad,) * 2,) * 3
    assert step(filters, lattice) == lattice
    assert output(filters, filters.blank) == output(filters, filters.pad) == output(filters, filters.border) == 0


def run_of(stages: Stages) -> Evolution:
    """The filters at the start of a run: a full memory, or a text on a line."""
    rules, random = stages.rules, Random(0)
    if stages.table.is_grid:
        values = tuple(tuple(random.choice((-1, 1)) for _ in range(4)) for _ in range(4))
        lattice = memory(rules, (*values[:3], (*values[3][:3], 1)), 6)
    else:
        lattice = window(stages.table, rules, run_text(random), 3, 8)
    encoded = tuple(tuple(stages.cells.encode(cell) for cell in row) for row in lattice)
    return Evolution(local(stages.filters), stages.filters.border, encoded, CACHE.setdefault(stages.table.name, {}))


def run_text(random: Random) -> Line:
    return Line.of({position: random.choice((1, 2)) for position in range(6)})


CACHE: dict[str, dict[Patch, Cell]] = {}


def patches_of(stages: Stages) -> list[Patch]:
    """Every patch of a whole run and of a memory that is being filled."""
    evolution = run_of(stages)
    while not evolution.at_rest:
        evolution.advance()
    return sorted({*CACHE[stages.table.name], *learning(stages)})


def learning(stages: Stages) -> Iterator[Patch]:
    if not stages.table.is_grid:
        return
    known: dict[Patch, Cell] = {}
    for rows in range(3):
        products = tuple((1, -1, 1) if row < rows else (0, 0, 0) for row in range(3))
        lattice = memory(stages.rules, products, 2)
        encoded = tuple(tuple(stages.cells.encode(cell) for cell in row) for row in lattice)
        evolution = Evolution(local(stages.filters), stages.filters.border, encoded, known)
        evolution.advance()
        assert evolution.at_rest
    yield from known


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_no_unit_is_ever_at_its_kink(name: str) -> None:
    """ReLU has no derivative at 0: no pre-activation of a whole run may be 0, in the head neither."""
    stages = compiled(name)
    patches = patches_of(stages)
    assert len(patches) > 50
    for patch in patches:
        values: list[Number] = [cell[channel] for channel in range(len(stages.filters.channels)) for cell in patch]
        for layer in stages.filters.recurrent[:-1]:
            before = evaluate(Layer(layer.name, layer.inputs, layer.units, relu=False), values)
            assert 0 not in before, layer.units[before.index(0)]
            values = evaluate(layer, values)
        head = stages.filters.head[0]
        assert 0 not in evaluate(Layer(head.name, head.inputs, head.units, relu=False), list(patch[4]))


@pytest.mark.parametrize("name", ["gauss", "increment"])
def test_one_application_is_one_layer_of_the_cells(name: str) -> None:
    stages = compiled(name)
    expected = local_cells(stages.cells)
    for patch in patches_of(stages):
        assert local(stages.filters)(patch) == expected(patch)


def slope(filters: Filters, patch: Patch, place: int) -> list[Number]:
    """The change of the new channels per change of the symbol at `place`, exactly: no kink is within 1/100."""
    near = Fraction(1, 100)
    values: list[list[Number]] = []
    for shift in (0, near):
        moved = [list(cell) for cell in patch]
        moved[place][filters.symbol] += shift  # type: ignore[assignment]
        inputs: list[Number] = [cell[channel] for channel in range(len(filters.channels)) for cell in moved]
        for layer in filters.recurrent:
            inputs = evaluate(layer, inputs)
        values.append(inputs)
    return [(after - before) / near for before, after in zip(*values, strict=True)]


def test_only_the_first_empty_row_passes_a_derivative_on_and_only_its_own() -> None:
    stages = compiled("gauss")
    filters = stages.filters
    cells = [stages.cells.encode(cell) for row in memory(stages.rules, ((1,), (0,), (0,)), 0) for cell in row]
    full, empty = cells[0], cells[1]
    border = filters.border
    for above, passes in ((full, 1), (empty, 0), (border, 1)):
        patch: Patch = (above, above, above, empty, empty, empty, empty, empty, empty)
        for place in range(9):
            expected = [0] * len(filters.channels)
            expected[filters.symbol] = passes if place == 4 else 0
            assert slope(filters, patch, place) == expected


def test_every_hidden_unit_has_a_name_and_most_a_rule() -> None:
    filters = compiled("gauss").filters
    lines = len(compiled("gauss").source.text.splitlines())
    names = [unit.name for layer in filters.recurrent for unit in layer.units]
    assert all(names)
    assert all(unit.rule for layer in filters.recurrent[:-1] for unit in layer.units)
    assert all(0 <= unit.line <= lines for layer in filters.recurrent for unit in layer.units)
    written = {transition.line for transition in compiled("gauss").table.transitions}
    assert {unit.line for unit in filters.recurrent[1].units} - {0} == written
