"""The first unit of a network that comes to something else on a patch than that of a source, and the weights that make it so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tmc.ir.filters import evaluate
from tmc.ir.lattice import PLACES, Cell
from tmc.net.checkpoint.reading import Checkpoint
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.pipeline import Stages

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightDifference:
    """A weight on `input`, or the bias (`input` is "bias"), that is not what the source's would be."""

    input: str
    source: float
    network: float


@dataclass(frozen=True, slots=True)
class UnitDifference:
    """A unit that comes to something else. `layer` counts from 1; `unit` is its number; `name`, `rule`, `line` say what it is for.
    `source` or `network` is None where the other has no such unit. `others`: how many more units of this layer differ."""

    layer: int
    unit: int
    name: str
    rule: str
    line: int
    source: float | None
    network: float | None
    weights: tuple[WeightDifference, ...]
    others: int


@dataclass(frozen=True, slots=True)
class _BothSides:
    """A layer of either side: the names of its units, where they come from, what they come to, and the weights of each."""

    names: tuple[str, ...]
    origins: tuple[tuple[str, int], ...]
    values: Floats
    weights: Callable[[int], dict[int, float]]
    bias: Callable[[int], float]

    def alike(self, other: _BothSides) -> bool:
        """Whether both have the same units. (What is stored sparse has no names.)"""
        if len(self.values) != len(other.values) or any(
            one != two for (one, _), (two, _) in zip(self.origins, other.origins, strict=True)
        ):
            return False
        return self.names == other.names or not any(other.names)


def first_unit(
    checkpoint: Checkpoint, stages: Stages, patch: Sequence[Cell], channels: Sequence[tuple[float, ...]]
) -> UnitDifference | None:
    """The first unit that comes to something else on a patch, which is given as cells of the source and as channels of the
    checkpoint. None: nothing differs but by rounding."""
    inputs: list[str] | None = [_input(place, channel) for channel in stages.filters.channels for place in PLACES]
    if tuple(checkpoint.about["channels"]) != stages.filters.channels:
        inputs = None
    pairs = zip(_source_layers(stages, patch), _network_layers(checkpoint, channels), strict=False)
    for number, (source, network) in enumerate(pairs, 1):
        same = source.alike(network)
        found = _unequal(source, network) if same else _unmatched(source, network)
        for ours, theirs in found[:1]:
            one, unit = (source, ours) if ours is not None else (network, theirs)
            assert unit is not None
            rule, line = one.origins[unit]
            return UnitDifference(
                layer=number,
                unit=unit if theirs is None else theirs,
                name=one.names[unit],
                rule=rule,
                line=line,
                source=None if ours is None else float(source.values[ours]),
                network=None if theirs is None else float(network.values[theirs]),
                weights=tuple(_weights(source, network, unit, inputs)) if same and inputs is not None else (),
                others=len(found) - 1,
            )
        inputs = list(source.names) if same else None
    return None


def _input(place: str, channel: str) -> str:
    return channel if place == "here" else f"{place}.{channel}"


def _unequal(source: _BothSides, network: _BothSides) -> list[tuple[int | None, int | None]]:
    return [(unit, unit) for unit in np.flatnonzero(source.values != network.values).tolist()]


def _unmatched(source: _BothSides, network: _BothSides) -> list[tuple[int | None, int | None]]:
    """Units of other machines: those of one name and rule are the same; one that the other lacks differs where it is not 0."""
    ours, theirs = _by_name(source), _by_name(network)
    keys = list(dict.fromkeys([*theirs, *ours]))
    pairs = [(ours.get(key), theirs.get(key)) for key in keys]
    return [
        (one, other)
        for one, other in pairs
        if (0 if one is None else source.values[one]) != (0 if other is None else network.values[other])
    ]


def _by_name(layer: _BothSides) -> dict[tuple[str, str, int], int]:
    """The units by what they are called; those of one name and rule are told apart by counting."""
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for unit, (name, (rule, _)) in enumerate(zip(layer.names, layer.origins, strict=True)):
        found[name, rule, seen[name, rule]] = unit
        seen[name, rule] += 1
    return found


def _weights(source: _BothSides, network: _BothSides, unit: int, inputs: Sequence[str]) -> Iterator[WeightDifference]:
    ours, theirs = source.weights(unit), network.weights(unit)
    for index in sorted(ours.keys() | theirs.keys()):
        if ours.get(index, 0.0) != theirs.get(index, 0.0):
            yield WeightDifference(inputs[index], ours.get(index, 0.0), theirs.get(index, 0.0))
    if source.bias(unit) != network.bias(unit):
        yield WeightDifference("bias", source.bias(unit), network.bias(unit))


def _source_layers(stages: Stages, patch: Sequence[Cell]) -> Iterator[_BothSides]:
    cells = [stages.encode(cell) for cell in patch]
    values: list[Any] = [cell[channel] for channel in range(len(stages.filters.channels)) for cell in cells]
    for layer in stages.filters.recurrent:
        values, units = evaluate(layer, values), layer.units

        def weights(unit: int, units: Sequence[Any] = units) -> dict[int, float]:
            return {index: float(weight) for index, weight in units[unit].weights}

        def bias(unit: int, units: Sequence[Any] = units) -> float:
            return float(units[unit].bias)

        named = [(unit.name, unit.rule, unit.line) for unit in units]
        names, origins = tuple(name for name, _, _ in named), tuple((rule, line) for _, rule, line in named)
        yield _BothSides(names, origins, np.array([float(value) for value in values]), weights, bias)


def _network_layers(checkpoint: Checkpoint, channels: Sequence[tuple[float, ...]]) -> Iterator[_BothSides]:
    values = np.array([cell[channel] for channel in range(len(channels[0])) for cell in channels])
    layers = checkpoint.layers("recurrent")
    for number, (name, (matrix, biases)) in enumerate(zip(checkpoint.target.recurrent, layers, strict=True), 1):
        values = _product(matrix, values) + biases
        values = np.maximum(values, 0) if number < len(layers) else values

        def weights(unit: int, matrix: Any = matrix) -> dict[int, float]:
            return _row(matrix, unit)

        def bias(unit: int, biases: Any = biases) -> float:
            return float(biases[unit])

        names, origins = _described(checkpoint, name)
        yield _BothSides(names, origins, values, weights, bias)


def _described(checkpoint: Checkpoint, module: str) -> tuple[tuple[str, ...], tuple[tuple[str, int], ...]]:
    """The names of a layer's units ("" where it is stored sparse), and where they come from, as the checkpoint says."""
    units = checkpoint.about["units"][module]
    if isinstance(units, list):
        return tuple(unit["name"] for unit in units), tuple((unit.get("rule", ""), unit.get("line", 0)) for unit in units)
    rules, counts = (units["names"][number] for number in units["rules"]), units["counts"]
    origins = tuple(
        origin for rule, line, count in zip(rules, units["lines"], counts, strict=True) for origin in repeat((rule, line), count)
    )
    return ("",) * units["count"], origins


def _product(matrix: Any, values: Floats) -> Floats:
    if isinstance(matrix, SparseMatrix):
        outputs = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        return np.bincount(outputs, matrix.values * values[matrix.columns], minlength=matrix.shape[0]).astype(np.float64)
    return np.asarray(matrix.reshape(len(matrix), -1).astype(np.float64) @ values)


def _row(matrix: Any, unit: int) -> dict[int, float]:
    if isinstance(matrix, SparseMatrix):
        part = slice(matrix.indptr[unit], matrix.indptr[unit + 1])
        return dict(zip(matrix.columns[part].tolist(), matrix.values[part].astype(np.float64).tolist(), strict=True))
    row = matrix[unit].reshape(-1).astype(np.float64)
    return {int(index): float(row[index]) for index in np.flatnonzero(row)}
