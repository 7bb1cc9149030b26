"""Filters: the recurrent convolution as ReLU layers with named units and integer weights, and the head that reads it.

A cell is now a tuple of channels (the *planes* of the network). One application of the filters is three layers:

1. *steps*, a 3x3 convolution: each unit reads one channel of one neighbour, and says whether it is +1 (or -1);
2. *conjunctions*, 1x1: each unit is 1 where all its literals hold and else 0;
3. the new channels, 1x1, without ReLU: the sum of the changes.

Inputs of the first layer are numbered ``channel * 9 + place``, those of the others are the units of the layer before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from tmc.frozen import frozen
from tmc.ir.lattice import Cell, Lattice, Local, Patch, advance
from tmc.ir.units import Number, Unit, biases, nonzero, sums, values

UNUSED = "unused"  # the name of units that only make a layer as wide as the others
Plain = int | float
Channels = tuple[Number, ...]  # a cell of a network


@frozen
class Layer:
    """A layer of units, followed by ReLU or not, over `inputs` inputs."""

    name: str
    inputs: int
    units: Sequence[Unit]
    relu: bool

    def __repr__(self) -> str:
        return f"<Layer {self.name}: {self.inputs} inputs, {len(self)} units{', ReLU' if self.relu else ''}>"

    def __len__(self) -> int:
        return len(self.units)


@frozen
class Filters:
    """The network, but for its memory.

    `recurrent` maps the nine channels vectors of a patch to the next one (Definition 5: the recurrent convolution), `head` maps a
    cell's channels to its share of the output. `symbol` is the channel into which the memory delivers `W·diag(z)`; `pad` is the
    cell of the columns to the right; `blank` is a memory cell that holds 0; `border` stands beyond the edges. `answer` is the
    channel that holds the verdict. `files`: as those of `tmc.ir.rules.Rules`.
    """

    target: str
    channels: tuple[str, ...]
    recurrent: tuple[Layer, ...]
    head: tuple[Layer, ...]
    symbol: int
    answer: int
    blank: Channels
    pad: Channels
    border: Channels
    files: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"<Filters of the target {self.target}: {self.sizes}>"

    @property
    def sizes(self) -> str:
        """In words: ``14 channels, 107 + 227 hidden units``."""
        hidden = " + ".join(str(len(layer)) for layer in self.recurrent[:-1])
        return f"{len(self.channels)} channel{'' if len(self.channels) == 1 else 's'}, {hidden} hidden units"


def evaluate(layer: Layer, inputs: list[Number]) -> list[Number]:
    """A layer's outputs."""
    outputs: list[Number] = []
    for total, weights in sums(layer.units):
        for index, weight in weights:
            total += weight * inputs[index]
        outputs.append(max(total, 0) if layer.relu else total)
    return outputs


def local(filters: Filters) -> Local:
    """The function from a patch to the cell's next channels, in exact arithmetic: whole numbers, or floats where there are
    fractions, which are binary and of so few digits that nothing is rounded."""
    layers = [(layer.relu, [_plain(bias) for bias in biases(layer.units)], _by_input(layer)) for layer in filters.recurrent]

    def next_value(patch: Patch) -> Cell:
        values: list[Plain] = [_plain(cell[channel]) for channel in range(len(filters.channels)) for cell in patch]
        for relu, constants, outgoing in layers:  # as `evaluate`, but most inputs are 0 and need not be looked at
            totals = constants.copy()
            for value, weights in zip(values, outgoing, strict=True):
                if value:
                    for unit, weight in weights:
                        totals[unit] += weight * value
            values = [max(total, 0) for total in totals] if relu else totals
        return tuple(int(value) if value == int(value) else value for value in values)

    return next_value


def _plain(number: Number | float) -> Plain:
    return float(number) if isinstance(number, Fraction) else number


def _by_input(layer: Layer) -> list[list[tuple[int, Plain]]]:
    """For each input the units that read it, with their weights."""
    outgoing: list[list[tuple[int, Plain]]] = [[] for _ in range(layer.inputs)]
    for number, (_, weights) in enumerate(sums(layer.units)):
        for index, weight in weights:
            outgoing[index].append((number, _plain(weight)))
    return outgoing


def output(filters: Filters, cell: Cell) -> Number:
    """A cell's share of the output."""
    values: list[Number] = list(cell)
    for layer in filters.head:
        values = evaluate(layer, values)
    return values[0]


def step(filters: Filters, lattice: Lattice) -> Lattice:
    """One application of the recurrent convolution."""
    return advance(local(filters), filters.border, lattice)


def with_files(filters: Filters, files: tuple[tuple[str, str], ...]) -> Filters:
    """The filters of rules that come from these `files`: every unit of such a rule bears its file."""
    if not files:
        return filters
    named = dict(files)

    def located(layer: Layer) -> Layer:
        return replace(layer, units=tuple(replace(unit, file=named.get(unit.rule, "")) for unit in layer.units))

    recurrent, head = (tuple(map(located, layers)) for layers in (filters.recurrent, filters.head))
    return replace(filters, recurrent=recurrent, head=head, files=files)


@frozen
class Size:
    """The figures of a network. `units` are those of each recurrent layer but the last, whose units are the channels."""

    channels: int
    units: tuple[int, ...]
    weights: int
    nonzero: int
    values: tuple[Number, ...]
    biases: tuple[Number, ...]
    head_units: int


def size(filters: Filters) -> Size:
    """Count: all weights of the recurrent convolution if stored densely, the non-zero ones, and the distinct values of weights and
    of biases (the head's included)."""
    layers, everything = filters.recurrent, (*filters.recurrent, *filters.head)
    return Size(
        channels=len(filters.channels),
        units=tuple(len(layer) for layer in layers[:-1]),
        weights=sum(layer.inputs * len(layer) for layer in layers),
        nonzero=sum(nonzero(layer.units) for layer in layers),
        values=tuple(sorted(set().union(*(values(layer.units) for layer in everything)))),
        biases=tuple(sorted(set().union(*(biases(layer.units) for layer in everything)))),
        head_units=len(filters.head[0]),
    )
