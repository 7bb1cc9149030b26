"""The circuit of a machine computes what its cells compute."""

from __future__ import annotations

import random

import pytest

from conftest import compiled
from tmc.ir import cells as cell_stage
from tmc.ir.circuit import FALSE, FIRST, TRUE, Builder, evaluate
from tmc.ir.lattice import Cell, Evolution, Lattice, Patch
from tmc.pipeline import Stages, lower_table
from tmc.report.cells_to_circuit import cell_circuit, run_circuit, run_size
from tmc.run.observe import memory
from tmc.testing.random_machines import Family, random_machine


def bits_of(cell: Cell) -> tuple[bool, ...]:
    """A cell as inputs of a circuit."""
    return tuple(bit for trit in cell for bit in (trit == 1, trit == -1))


def cell_of(bits: tuple[bool, ...]) -> Cell:
    """The cell that some outputs of a circuit stand for."""
    return tuple(int(plus) - int(minus) for plus, minus in zip(bits[::2], bits[1::2], strict=True))


def test_gates() -> None:
    builder = Builder(2)
    a, b = FIRST, FIRST + 1
    outputs = [builder.both(a, b), builder.either(a, b), builder.negation(a), builder.negation(builder.negation(b))]
    circuit = builder.circuit(outputs)
    assert [evaluate(circuit, (x, y)) for x in (False, True) for y in (False, True)] == [
        (False, False, True, False),
        (False, True, True, True),
        (False, True, False, False),
        (True, True, False, True),
    ]
    assert len(circuit.gates) == 3
    assert circuit.depth() == 1


def test_constants_cost_nothing() -> None:
    builder = Builder(1)
    a = FIRST
    assert builder.both(a, FALSE) == FALSE
    assert builder.both(TRUE, a) == a
    assert builder.either(a, TRUE) == TRUE
    assert builder.either(FALSE, a) == a
    assert builder.negation(FALSE) == TRUE
    assert builder.all_of([]) == TRUE
    assert builder.any_of([]) == FALSE
    assert not builder.circuit([a]).gates


def test_wrong_number_of_inputs() -> None:
    with pytest.raises(ValueError, match="1 inputs for a circuit that has 2"):
        evaluate(Builder(2).circuit([FIRST]), (True,))


def first_lattice(stages: Stages, seed: int) -> Lattice:
    chance = random.Random(seed)
    m, d = chance.randrange(1, 4), chance.randrange(1, 4)
    products = tuple(tuple(chance.choice((-1, 1)) for _ in range(d + 1)) for _ in range(m + 1))
    return tuple(tuple(stages.cells.encode(cell) for cell in row) for row in memory(stages.rules, products, chance.randrange(1, 4)))


def drawn(seed: int) -> Stages:
    chance = random.Random(seed)
    return lower_table(random_machine(chance, Family(states=(2, 5), symbols=(3, 4), work_tape=seed % 2 == 0)))


@pytest.mark.parametrize("number", range(22))
def test_one_layer_of_one_cell(number: int) -> None:
    stages = [compiled("gauss"), compiled("conjunction")][number] if number < 2 else drawn(number)
    circuit = cell_circuit(stages.cells)
    known: dict[Patch, tuple[int, ...]] = {}
    evolution = Evolution(cell_stage.local(stages.cells), stages.cells.border, first_lattice(stages, number), known)
    for _ in range(60):
        evolution.advance()
    assert len(known) > 10
    for patch, expected in random.Random(0).sample(sorted(known.items()), min(len(known), 60)):
        assert cell_of(evaluate(circuit, [bit for cell in patch for bit in bits_of(cell)])) == expected


def test_a_whole_run() -> None:
    stages = compiled("majority")
    lattice = first_lattice(stages, 1)
    rows, columns = len(lattice), len(lattice[0])
    circuit = run_circuit(stages.cells, rows, columns, 8)
    evolution = Evolution(cell_stage.local(stages.cells), stages.cells.border, lattice)
    for _ in range(8):
        evolution.advance()
    bits = evaluate(circuit, [bit for row in lattice for cell in row for bit in bits_of(cell)])
    trits = cell_of(bits)
    width = len(stages.cells.trits)
    assert trits == tuple(trit for row in evolution.lattice for cell in row for trit in cell)
    assert len(trits) == rows * columns * width
    assert len(circuit.gates) <= run_size(stages.cells, rows, columns, 8).gates


def test_the_size_of_a_run() -> None:
    cells = compiled("gauss").cells
    size = run_size(cells, 9, 8, 100)
    assert size.gates == size.gates_of_a_cell * 72 * 100
    assert size.gates_of_a_cell == len(cell_circuit(cells).gates)
