"""A network's weights to a circuit: every unit of every cell that changes, layer after layer, as what it adds up.

A channel of a cell is a choice of numbers, and a unit is a choice of sums. Nothing is asked of the machine or of what the weights
mean: with other weights it is another circuit. So that it equals the circuit of the table can be decided by anyone who compares two
circuits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tmc.circuits.choice import Choice, constant, weighted_sum
from tmc.circuits.gates import EXHAUSTIVE, Gates
from tmc.circuits.graph import Literal
from tmc.diagnostics import Rejected
from tmc.ir.filters import Filters, Layer, Plain
from tmc.ir.lattice import Cell, Evolution, Patch
from tmc.ir.units import Number, biases, sums

if TYPE_CHECKING:
    from tmc.net.described import Described, Shape

Channels = tuple[Choice, ...]


class _WeightedLayer:
    """A layer by its inputs: which units read each, and with which weight."""

    def __init__(self, layer: Layer) -> None:
        self.relu = layer.relu
        self.biases = [_plain(bias) for bias in biases(layer.units)]
        self.outgoing: list[list[tuple[int, Plain]]] = [[] for _ in range(layer.inputs)]
        self._sums: dict[tuple[Any, ...], Choice] = {}  # by the bias and the terms
        for number, (_, weights) in enumerate(sums(layer.units)):
            for index, weight in weights:
                self.outgoing[index].append((number, _plain(weight)))

    def on(self, inputs: Sequence[Choice], gates: Gates) -> list[Choice]:
        """The units' outputs. What does not depend on the inputs of the circuit is added up as it is."""
        totals, terms = self.biases.copy(), dict[int, list[tuple[Plain, Choice]]]()
        for choice, outgoing in zip(inputs, self.outgoing, strict=True):
            if len(choice) == 1:
                value = choice[0][0]
                if value:
                    for unit, weight in outgoing:
                        totals[unit] += weight * value
            else:
                for unit, weight in outgoing:
                    terms.setdefault(unit, []).append((weight, choice))
        outputs = [constant(max(total, 0) if self.relu else total) for total in totals]
        for unit, summed in terms.items():
            key = totals[unit], *summed
            if key not in self._sums:
                self._sums[key] = weighted_sum(gates, totals[unit], summed, relu=self.relu)
            outputs[unit] = self._sums[key]
        return outputs


class _Cells:
    """Cells by number, so that patches are quick to look up; cell `(n,)` is `channels[n]`."""

    def __init__(self) -> None:
        self.channels: list[Channels] = []
        self._numbers: dict[Channels, int] = {}

    def number(self, channels: Channels) -> Cell:
        """The cell of these channels."""
        if channels not in self._numbers:
            self._numbers[channels] = len(self.channels)
            self.channels.append(channels)
        return (self._numbers[channels],)


@dataclass(frozen=True, slots=True)
class NetworkRun:
    """What a network makes of all queries: its output as a choice, and how many layers were run."""

    output: Choice
    layers: int


def run_network(network: Described, filters: Filters, queries: Sequence[Choice], shape: Shape, gates: Gates) -> NetworkRun:
    """All runs of a trained network, on queries of choices of -1 and +1, until nothing changes or the depth is reached.

    Raises `Rejected` when there are too many features to look at all queries, or the run needs more columns than there are.
    """
    if not gates.knows_all:
        raise Rejected(f"the circuit of a network is made for {EXHAUSTIVE} features at most, not {len(gates.names)}")
    layers, known = [_WeightedLayer(layer) for layer in filters.recurrent], _Cells()

    def next_cell(patch: Patch) -> Cell:
        cells = [known.channels[cell[0]] for cell in patch]
        values: list[Choice] = [cell[channel] for channel in range(len(filters.channels)) for cell in cells]
        for layer in layers:
            values = layer.on(values, gates)
        return known.number(tuple(values))

    lattice = tuple(tuple(map(known.number, row)) for row in _first_lattice(network, filters, queries, shape.pads))
    evolution = Evolution(next_cell, known.number(_constants(filters.border)), lattice)
    while evolution.layers < shape.depth and not evolution.at_rest:
        evolution.advance()
        if shape.grows:
            for row in evolution.lattice:
                _check_room(network, known.channels[row[-1][0]])
    memory = [known.channels[cell[0]] for row in evolution.lattice for cell in row[: len(queries) + 1]]
    return NetworkRun(_output(filters, memory, gates), evolution.layers)


def _first_lattice(network: Described, filters: Filters, queries: Sequence[Choice], pads: int) -> list[list[Channels]]:
    """What the memory layer makes of the queries: ``W·diag(z)``, and the pads."""
    z, rows = [*queries, constant(1)], []
    for weights in network.memory_array().tolist():
        cells = []
        for weight, choice in zip(weights, z, strict=True):
            cell = list(_constants(filters.blank))
            if weight:
                exact = [(_whole(weight) * value + _plain(filters.blank[filters.symbol]), wire) for value, wire in choice]
                cell[filters.symbol] = tuple(sorted(exact))
            cells.append(tuple(cell))
        rows.append(cells + [_constants(filters.pad)] * pads)
    return rows


def _output(filters: Filters, cells: Sequence[Channels], gates: Gates) -> Choice:
    """The sum of what the head makes of each cell."""
    layers, total, terms = [_WeightedLayer(layer) for layer in filters.head], 0, []
    for cell in cells:
        values: list[Choice] = list(cell)
        for layer in layers:
            values = layer.on(values, gates)
        (choice,) = values
        if len(choice) == 1:
            total += choice[0][0]  # type: ignore[assignment]
        else:
            terms.append((1, choice))
    return weighted_sum(gates, total, terms, relu=False)


def _check_room(network: Described, cell: Channels) -> None:
    import numpy as np

    for channel, choice in enumerate(cell):
        for value, _ in choice:
            alone = np.zeros(len(cell))
            alone[channel] = value
            if network.reader.leaves_right(alone):
                raise Rejected(
                    f"the machine {network.name} promises no bound on its work tape, and needs more columns; give it one"
                )


def where_negative(choice: Choice) -> list[Literal]:
    """The wires of the values below 0."""
    return [wire for value, wire in choice if value < 0]


def _constants(channels: Sequence[Number]) -> Channels:
    return tuple(constant(_plain(value)) for value in channels)


def _plain(number: Number) -> Plain:
    """A number as an integer, or a binary fraction of so few digits that nothing is rounded."""
    return number if isinstance(number, int) else _whole(float(number))


def _whole(number: float) -> Plain:
    return int(number) if number == int(number) else number
