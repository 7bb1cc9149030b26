"""Cells to a Boolean circuit: one layer of one cell, and all layers of a lattice.

A trit is two wires, "it is +1" and "it is -1". One layer of a cell reads the wires of its nine cells; a run unrolls it for every
cell and every layer. That is the circuit whose size the network's constant number of weights stands beside: it grows with the data
and with the running time, the network does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from tmc.frozen import frozen
from tmc.ir.cells import Cells, TritLiteral
from tmc.ir.circuit import FALSE, FIRST, TRUE, Builder, Circuit
from tmc.ir.lattice import HERE, OFFSETS

Wires = tuple[tuple[int, int], ...]  # of a cell: for every trit "it is +1" and "it is -1"


@frozen
class CircuitSize:
    """The size of a run's circuit: gates of one cell in one layer (away from the edges), cells, layers, and gates altogether."""

    gates_of_a_cell: int
    cells: int
    layers: int
    gates: int


def cell_circuit(cells: Cells) -> Circuit:
    """One layer of one cell. Inputs: for each of nine places, for each trit, "+1" and "-1"; outputs: those of the new cell.

    Raises nothing: that a trit stays within -1 … +1 is what the cells promise.
    """
    trits = len(cells.trits)
    builder = Builder(9 * trits * 2)
    patch = [
        tuple((FIRST + 2 * (place * trits + trit), FIRST + 1 + 2 * (place * trits + trit)) for trit in range(trits))
        for place in range(9)
    ]
    new = _next(cells, dict(enumerate(patch)), builder)
    return builder.circuit([wire for pair in new for wire in pair])


def run_circuit(cells: Cells, rows: int, columns: int, layers: int) -> Circuit:
    """A run from any lattice. Inputs: for each cell, row by row, for each trit, "+1" and "-1"; outputs likewise, at the end."""
    trits = len(cells.trits)
    builder = Builder(rows * columns * trits * 2)
    places = [(row, column) for row in range(rows) for column in range(columns)]
    lattice = {place: _inputs(number, trits) for number, place in enumerate(places)}
    border: Wires = ((FALSE, FALSE),) * trits
    for _ in range(layers):
        lattice = {place: _next(cells, _patch(lattice, place, border), builder) for place in places}
    return builder.circuit([wire for place in places for pair in lattice[place] for wire in pair])


def run_size(cells: Cells, rows: int, columns: int, layers: int) -> CircuitSize:
    """How many gates a run takes if every cell of every layer has its own, without any simplification."""
    gates = len(cell_circuit(cells).gates)
    return CircuitSize(gates, rows * columns, layers, gates * rows * columns * layers)


def _inputs(number: int, trits: int) -> Wires:
    """The input wires of cell number `number`."""
    first = FIRST + 2 * number * trits
    return tuple((first + 2 * trit, first + 2 * trit + 1) for trit in range(trits))


def _patch(lattice: Mapping[tuple[int, int], Wires], place: tuple[int, int], border: Wires) -> dict[int, Wires]:
    row, column = place
    return {number: lattice.get((row + down, column + right), border) for number, (down, right) in enumerate(OFFSETS)}


def _next(cells: Cells, patch: Mapping[int, Wires], builder: Builder) -> Wires:
    """The wires of a cell in the next layer."""
    changes: dict[tuple[int, int], list[int]] = {}  # by trit and change: the conjunctions that make it
    for conjunction in cells.conjunctions:
        holds = builder.all_of([_literal(literal, patch, builder) for literal in conjunction.literals])
        for trit, change in conjunction.changes:
            changes.setdefault((trit, change), []).append(holds)
    new = []
    for trit, kind in enumerate(cells.trits):
        plus, minus = patch[HERE][trit] if kind.persists else (FALSE, FALSE)
        by = {change: builder.any_of(changes.get((trit, change), [])) for change in (-2, -1, 1, 2)}
        more, fewer = _counted(plus, by[1], by[2], builder), _counted(minus, by[-1], by[-2], builder)
        new.append((_exceeds(more, fewer, builder), _exceeds(fewer, more, builder)))
    return tuple(new)


def _counted(old: int, one: int, two: int, builder: Builder) -> tuple[int, int, int]:
    """Whether what pulls a trit to one of its ends counts at least 1, 2, 3: where it was, changes by one, and changes by two."""
    either = builder.either(old, one)
    return builder.either(either, two), builder.either(builder.both(old, one), two), builder.both(either, two)


def _exceeds(more: tuple[int, ...], fewer: tuple[int, ...], builder: Builder) -> int:
    """Whether one count exceeds the other."""
    return builder.any_of([builder.both(a, builder.negation(b)) for a, b in zip(more, fewer, strict=True)])


def _literal(literal: TritLiteral, patch: Mapping[int, Wires], builder: Builder) -> int:
    """The wire that tells whether a literal holds."""
    plus, minus = patch[literal.place][literal.trit]
    match tuple(sorted(literal.values)):
        case (1,):
            return plus
        case (-1,):
            return minus
        case (0,):
            return builder.negation(builder.either(plus, minus))
        case (0, 1):
            return builder.negation(minus)
        case (-1, 0):
            return builder.negation(plus)
        case (-1, 1):
            return builder.either(plus, minus)
    return TRUE
