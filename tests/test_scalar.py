"""The target `scalar`: cells as numbers, what the weights are, and all stages in lockstep with the network that they make."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest
import torch

from conftest import ROOT, blocks, compiled
from tmc.automaton.reachable import Reachable, Sort, reachable
from tmc.diagnostics import Rejected
from tmc.ir.filters import Layer, evaluate
from tmc.ir.lattice import Cell, Patch
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.net.checkpoint.reading import from_build, from_stages
from tmc.net.network import exact
from tmc.net.rcnn import RCNN
from tmc.pipeline import Build, Stages, lower_table
from tmc.run.observe import cell_of
from tmc.run.simulator import simulate
from tmc.targets.scalar.target import NumeralCoding
from tmc.testing.lockstep import Agreement, Caches, lockstep
from tmc.testing.machine_tests import tape_of
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine

SMALL = ("busy_beaver_3", "increment", "palindrome_one_tape", "majority")
FEW = ("busy_beaver_3", "increment", "sort_bits", "majority")
MACHINES = tuple(sorted(path.stem for path in (ROOT / "machines").glob("*.tm")))
LEARNERS = (
    "conjunction", "decision_list", "dictator", "gauss", "majority", "memory", "nearest", "perceptron", "stump",
)  # fmt: skip
ON_LINES = tuple(name for name in MACHINES if name not in LEARNERS)
FLOAT32 = ("busy_beaver_2", "busy_beaver_3", "busy_beaver_4", "busy_beaver_5")
BOTH = (*((name, "integer") for name in MACHINES), *((name, "paper") for name in LEARNERS))
STEPS = 40  # how far a random machine that never halts is followed


def scalar(name: str, scale: str = "integer") -> Build:
    return compiled(name, "scalar", scale)


def network(name: str, scale: str = "integer") -> RCNN:
    return RCNN(from_build(scalar(name, scale)))


def tapes(table: Table, count: int) -> list[Grid | Line]:
    """The data tapes of the machine's own tests, those of the shortest runs first, as many as asked for."""
    found = [tape_of(table, test) for test in table.tests]
    return sorted(found, key=lambda data: simulate(table, data, 100_000).steps)[:count]


def encodable(name: str, scale: str = "integer") -> tuple[Build, list[Cell]]:
    """A machine, and the cells that are met in the run of one of its tests."""
    build, caches = scalar(name, scale), Caches()
    lockstep(build, tapes(build.table, 1)[0], caches=caches)
    return build, sorted({cell for patch, after in caches.rules.items() for cell in (*patch, after)})


# --- cells as numbers


def check_numbers(name: str, scale: str) -> None:
    build, cells = encodable(name, scale)
    assert isinstance(build.coding, NumeralCoding)
    numeral, unit = build.coding.numeral, build.coding.unit
    for cell in cells:
        number = numeral.encode(cell)
        assert numeral.decode(number) == cell
        assert numeral.decode_at(unit.of(number), unit) == cell
        assert build.encode(cell) == (unit.of(number),)
    assert len({numeral.encode(cell).value for cell in cells}) == len({build.encode(cell) for cell in cells}) == len(cells)
    assert numeral.decode_at(0, unit) == cell_of(build.rules, inside="yes")  # a cell of the memory before it has learnt


@pytest.mark.parametrize("name", FEW)
def test_every_cell_has_its_number(name: str) -> None:
    check_numbers(name, "integer")


@pytest.mark.parametrize(
    ("name", "scale"),
    [pytest.param(*case, marks=pytest.mark.soak if case[0] == "universal" else pytest.mark.long) for case in BOTH],
)
def test_every_cell_of_every_machine_has_its_number(name: str, scale: str) -> None:
    check_numbers(name, scale)


def holds(sort: Sort, cell: Cell, state: int) -> bool:
    """Whether a cell is one of a sort, whatever its state."""
    return all(value in values or index == state for index, (value, values) in enumerate(zip(cell, sort.values, strict=True)))


def check_sorts(name: str) -> None:
    build, cells = encodable(name)
    found: Reachable = reachable(build.rules)
    state = build.rules.index("state")
    for cell in cells:
        assert any(holds(sort, cell, state) for sort in (*found.sorts, found.border)), cell


@pytest.mark.parametrize("name", FEW)
def test_every_cell_that_is_met_was_foreseen(name: str) -> None:
    check_sorts(name)


@pytest.mark.long
@pytest.mark.parametrize("name", MACHINES)
def test_every_cell_that_any_machine_meets_was_foreseen(name: str) -> None:
    check_sorts(name)


# --- what the weights are


def check_tensors(name: str, scale: str) -> None:
    build, tensors = scalar(name, scale), from_build(scalar(name, scale)).tensors
    assert build.digits is not None
    width, head = len(build.filters.recurrent[0]), len(build.filters.head[0])
    shapes: dict[str, tuple[int, ...]] = {"V1": (width, 9), **dict.fromkeys(("V2", "V3", "V4"), (width, width)), "V5": (1, width)}
    shapes |= {"U2": (head, 1), "U1": (1, head)}
    shapes |= {f"{module}.bias": shape[:1] for module, shape in shapes.items()}
    assert {key: tensor.shape for key, tensor in tensors.items()} == shapes
    assert {tensor.dtype.name for tensor in tensors.values()} == {"float32" if build.digits <= 24 else "float64"}
    assert build.digits <= 53
    check_weights(build, dict(tensors))


def check_weights(build: Build, tensors: dict[str, np.ndarray]) -> None:
    """Every number of the filters is a binary fraction, which its tensor holds as it is."""
    names = ("V1", "V2", "V3", "V4", "V5", "U2", "U1")
    for module, layer in zip(names, (*build.filters.recurrent, *build.filters.head), strict=True):
        weight, bias = tensors[module], tensors[f"{module}.bias"]
        for row, unit in enumerate(layer.units):
            numbers = [unit.bias, *(value for _, value in unit.weights)]
            assert not any((denominator := Fraction(number).denominator) & (denominator - 1) for number in numbers)
            assert Fraction(float(bias[row])) == unit.bias
            assert {index: Fraction(float(weight[row, index])) for index in weight[row].nonzero()[0]} == dict(unit.weights)


@pytest.mark.parametrize("name", SMALL)
def test_the_tensors_are_those_of_the_paper(name: str) -> None:
    check_tensors(name, "integer")


@pytest.mark.long
@pytest.mark.parametrize(("name", "scale"), BOTH)
def test_the_tensors_of_every_machine_are_those_of_the_paper(name: str, scale: str) -> None:
    check_tensors(name, scale)


@pytest.mark.parametrize("name", FLOAT32)
def test_a_busy_beaver_fits_float32(name: str) -> None:
    build = scalar(name)
    assert build.digits is not None
    assert build.digits <= 24
    assert network(name).dtype == torch.float32


def test_a_machine_that_learns_parity_fits_500_units() -> None:
    assert len(scalar("gauss").filters.recurrent[0]) <= 500
    assert network("gauss").dtype == torch.float64


@pytest.mark.long
@pytest.mark.parametrize("name", LEARNERS)
def test_the_width_of_a_learner(name: str) -> None:
    build = scalar(name)
    width, states = len(build.filters.recurrent[0]), len(build.lowered.states)
    assert width <= 102 * states  # the widest for its states is `conjunction`, 304 units for 3
    assert width <= 500


@pytest.mark.parametrize("name", ["increment", "balanced"])
def test_a_line_has_no_paper_scale(name: str) -> None:
    with pytest.raises(Rejected) as rejected:
        compiled(name, "scalar", "paper")
    assert (
        str(rejected.value)
        == "the scale of the paper is for a learner's memory, and a machine on a line has no memory; leave --scale out"
    )


# --- no sum is rounded


def values_of(layers: tuple[Layer, ...], patch: Patch) -> Fraction:
    """What the recurrent layers make of a patch of numbers, in exact arithmetic."""
    values = [Fraction(cell[0]) for cell in patch]
    for layer in layers:
        values = [Fraction(value) for value in evaluate(layer, list(values))]
    return values[0]


def patches_of(name: str, scale: str) -> tuple[list[Patch], torch.Tensor]:
    """The patches met in the run of one of the machine's tests, also as (patches, 1, 3, 3)."""
    build, caches = scalar(name, scale), Caches()
    lockstep(build, tapes(build.table, 1)[0], caches=caches)
    patches = sorted(caches.filters)
    dtype = network(name, scale).dtype
    return patches, torch.tensor([[float(cell[0]) for cell in patch] for patch in patches], dtype=dtype).reshape(-1, 1, 3, 3)


def applied(net: RCNN, patches: torch.Tensor) -> torch.Tensor:
    """The next number for every patch."""
    with torch.no_grad(), exact():
        found: torch.Tensor = net.recurrent(patches)
    return found[:, 0, 1, 1]


@pytest.mark.parametrize(("name", "scale"), [("majority", "integer"), ("gauss", "paper"), ("busy_beaver_3", "integer")])
def test_floats_lose_nothing(name: str, scale: str) -> None:
    patches, tensor = patches_of(name, scale)
    found = applied(network(name, scale), tensor).tolist()
    chosen = Random(1).sample(range(len(patches)), min(20, len(patches)))
    assert [Fraction(found[index]) for index in chosen] == [
        values_of(scalar(name, scale).filters.recurrent, patches[index]) for index in chosen
    ]


@pytest.mark.parametrize("scale", ["integer", "paper"])
def test_the_order_of_summation_does_not_matter(scale: str) -> None:
    """The hidden units of every layer change places: the same numbers on the same patches, bit for bit."""
    _, patches = patches_of("gauss", scale)
    expected = applied(network("gauss", scale), patches)
    for seed in range(3):
        shuffled = network("gauss", scale)
        random = torch.Generator().manual_seed(seed)
        convolutions = [module for module in shuffled.recurrent if isinstance(module, torch.nn.Conv2d)]
        for before, after in pairwise(convolutions):
            order = torch.randperm(len(before.weight), generator=random)
            assert before.bias is not None
            before.weight.data, before.bias.data = before.weight.data[order], before.bias.data[order]
            after.weight.data = after.weight.data[:, order].contiguous()
        assert not torch.equal(convolutions[1].weight, network("gauss", scale).get_parameter("recurrent.2.weight"))
        found = applied(shuffled, patches)
        assert torch.equal((found + 0.0).view(torch.int64), (expected + 0.0).view(torch.int64))  # there is but one zero


# --- all stages in lockstep


def follow_tests(name: str, scale: str, count: int) -> None:
    """A machine's own tests through table, rules, cells, filters and the network."""
    build, caches = scalar(name, scale), Caches()
    for data in tapes(build.table, count):
        agreement = lockstep(build, data, network=network(name, scale), caches=caches)
        check_layers(data, agreement)


def check_layers(data: Grid | Line, agreement: Agreement) -> None:
    rows, columns = (len(data.rows), len(data.rows[0])) if isinstance(data, Grid) else (0, 0)
    assert agreement.layers <= 4 * agreement.run.steps * max(1, columns) + rows + columns  # a step on rows may wrap


@pytest.mark.parametrize(("name", "scale"), [*((name, "integer") for name in SMALL), ("majority", "paper")])
def test_small_machines_in_lockstep(name: str, scale: str) -> None:
    follow_tests(name, scale, 1)


@pytest.mark.long
@pytest.mark.parametrize(("name", "scale"), BOTH)
def test_every_machine_in_lockstep(name: str, scale: str) -> None:
    follow_tests(name, scale, 1 if name == "universal" else 2)


def follow(seed: int, family: Family, scale: str = "integer", with_network: bool = False) -> Stages:
    """One random machine on one random input; see `test_lockstep`."""
    random = Random(seed)
    table = random_machine(random, family)
    data = random_grid(random, table, rows=(1, 4), columns=(1, 4)) if table.is_grid else random_line(random, table, (0, 6))
    stages = lower_table(table, "scalar", scale)
    check_layers(data, lockstep(stages, data, STEPS, RCNN(from_stages(stages)) if with_network else None))
    return stages


@pytest.mark.parametrize(("seed", "kind", "work"), [(1, "grid", False), (2, "line", True), (3, "line", False)])
def test_random_machines(seed: int, kind: str, work: bool) -> None:
    follow(seed, Family(kind=kind, work_tape=work), with_network=True)


@pytest.mark.parametrize(("kind", "count"), [("grid", 10), ("line", 20)])
@pytest.mark.parametrize("block", blocks(10))
def test_many_random_machines(kind: str, count: int, block: int) -> None:
    """100 machines on grids, 200 on lines, with and without a work tape; each tenth with the network, and at the paper's scale."""
    for seed in range(3000 + count * block, 3000 + count * (block + 1)):
        family = Family(kind=kind, work_tape=seed % 3 > 0, gaps=(0.0, 0.05)[seed % 2], halts=(0.02, 0.1)[seed % 2])
        follow(seed, family, with_network=seed % 10 == 0)
        if seed % 10 == 0 and kind == "grid":
            follow(seed, family, "paper", with_network=True)
