"""Labels and weights: whether every hidden unit of a checkpoint is what its label - its name, its rule, the line of that - says.

The labels of a file are compared with the compiler's by a stage of their own; here the weights are. A unit is told by what it
reads: its bias, its weights, and which units those are on. So a unit that stands where another was compiled to stand is found,
layer after layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tmc.net.checkpoint.reading import Array, Checkpoint, from_stages
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.pipeline import Stages

Weights = tuple[tuple[int, float], ...]  # by the units that they are on
Row = tuple[float, Weights, Weights]  # a bias and weights; of the last hidden layer also those of the channels that read the unit


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """A hidden unit: of which group of layers, of which layer of it, counted from 1, and its index there."""

    group: str
    layer: int
    unit: int


@dataclass(frozen=True, slots=True)
class Labels:
    """What was found: `misplaced` are units that stand where their labels say another, each with the index of the unit that it
    is; `changed` are those that the compiler would not make, `unshown` those of them that are read. `order`: by group and layer,
    which compiled unit each unit is (its own index if it is not a compiled unit). `units`: how many there are."""

    misplaced: tuple[tuple[UnitIndex, int], ...]
    changed: tuple[UnitIndex, ...]
    unshown: tuple[UnitIndex, ...]
    order: dict[tuple[str, int], tuple[int, ...]]
    units: int


def labels(checkpoint: Checkpoint, stages: Stages) -> Labels:
    """Compare the hidden units of a checkpoint with those that the compiler makes of its rules."""
    compiled = from_stages(stages)
    misplaced: list[tuple[UnitIndex, int]] = []
    changed: list[UnitIndex] = []
    unshown: list[UnitIndex] = []
    order: dict[tuple[str, int], tuple[int, ...]] = {}
    count = 0
    for group in checkpoint.target.modules:
        before: tuple[int, ...] | None = None
        pairs = list(zip(checkpoint.layers(group), compiled.layers(group), strict=True))
        filters = stages.filters.recurrent if group == "recurrent" else stages.filters.head
        for layer, (theirs, ours) in enumerate(pairs[:-1], 1):
            found, expected = list(_rows(*theirs, before)), list(_rows(*ours, None))
            read, read_here = _readers(*pairs[layer][0]), _readers(*pairs[layer][1])
            if layer == len(pairs) - 1:
                found, expected = _with_readers(found, read), _with_readers(expected, read_here)
            before = order[group, layer] = _matched(found, expected)
            count += len(found)
            for unit, (row, index) in enumerate(zip(found, before, strict=True)):
                place = UnitIndex(group, layer, unit)
                if row != expected[index]:
                    changed.append(place)
                    unshown += [place] if unit in read else []
                elif index != unit:
                    one, other = (filters[layer - 1].units[number] for number in (unit, index))
                    if (one.name, one.rule, one.line) != (other.name, other.rule, other.line):
                        misplaced.append((place, index))
    return Labels(tuple(misplaced), tuple(changed), tuple(unshown), order, count)


def relabelled(checkpoint: Checkpoint, found: Labels) -> Checkpoint | None:
    """The same network with its units where their labels say; None where no order of the units is that of the labels."""
    tensors = dict(checkpoint.tensors)
    for (group, layer), order in found.order.items():
        if sorted(order) != list(range(len(order))):
            return None
        this, following = checkpoint.target.modules[group][layer - 1 : layer + 1]
        bias, mine, theirs = f"{this}.bias", *map(checkpoint.target.weight_name, (this, following))
        if mine not in tensors or theirs not in tensors:
            return None  # stored sparse
        places = np.argsort(np.array(order))
        tensors[bias], tensors[mine] = tensors[bias][places], tensors[mine][places]
        tensors[theirs] = np.ascontiguousarray(tensors[theirs][:, places])
    return replace(checkpoint, tensors=tensors)


def _rows(matrix: Array | SparseMatrix, bias: Array, before: tuple[int, ...] | None) -> Iterator[Row]:
    """The rows of a layer; `before`: which compiled unit each of its inputs is."""
    biases = bias.tolist()
    if isinstance(matrix, SparseMatrix):
        pieces = zip(matrix.indptr, matrix.indptr[1:], strict=False)
        lists = ((matrix.columns[start:end].tolist(), matrix.values[start:end].tolist()) for start, end in pieces)
    else:
        dense = matrix.reshape(len(matrix), -1)
        lists = ((np.flatnonzero(row).tolist(), row[np.flatnonzero(row)].tolist()) for row in dense)
    for constant, (columns, values) in zip(biases, lists, strict=True):
        read = columns if before is None else [before[column] for column in columns]
        yield constant + 0.0, tuple(sorted(zip(read, map(float, values), strict=True))), ()


def _readers(matrix: Array | SparseMatrix, bias: Array) -> dict[int, Weights]:
    """For each unit that is read, by which units of the layer after it, with which weights."""
    found: dict[int, list[tuple[int, float]]] = {}
    for reader, (_, weights, _) in enumerate(_rows(matrix, bias, None)):
        for unit, weight in weights:
            found.setdefault(unit, []).append((reader, weight))
    return {unit: tuple(weights) for unit, weights in found.items()}


def _with_readers(rows: list[Row], readers: dict[int, Weights]) -> list[Row]:
    return [(bias, weights, readers.get(unit, ())) for unit, (bias, weights, _) in enumerate(rows)]


def _matched(found: list[Row], expected: list[Row]) -> tuple[int, ...]:
    """Which expected unit each unit is: itself where it is the same, else the first free one that is, else itself."""
    free: dict[Row, list[int]] = {}
    for index, row in enumerate(expected):
        if index >= len(found) or found[index] != row:
            free.setdefault(row, []).append(index)
    order = []
    for unit, row in enumerate(found):
        same = unit < len(expected) and expected[unit] == row
        others = free.get(row, [])
        order.append(unit if same or not others else others.pop(0))
    return tuple(order)
