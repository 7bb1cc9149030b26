"""Changes of several weights that make up for each other in exact numbers, and numbers that floats treat in their own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tmc.net.checkpoint.reading import Checkpoint
from tmc.targets.target import Target

Tensors = dict[str, Any]
Rng = np.random.Generator


class Layer:
    """A hidden layer and the one that reads it, as tensors that can be changed: `weights` (units, inputs), `reads` (readers,
    units)."""

    def __init__(self, tensors: Tensors, names: tuple[str, str], target: Target) -> None:
        this, following = names
        self.bias, self.their_bias = tensors[f"{this}.bias"], tensors[f"{following}.bias"]
        weights, reads = (tensors[target.weight_name(name)] for name in names)
        self.weights, self.reads = weights.reshape(len(weights), -1), reads.reshape(len(reads), -1)
        self.used = np.flatnonzero(self.reads.any(axis=0))
        self.unused = np.flatnonzero(~self.reads.any(axis=0))

    def copy(self, unit: int, into: int) -> None:
        """A unit that is not read becomes a copy of another."""
        self.weights[into], self.bias[into] = self.weights[unit], self.bias[unit]


def cancel(layer: Layer, rng: Rng) -> bool:
    """Two copies of a unit, read with a number and its opposite."""
    if len(layer.unused) < 2:
        return False
    one, other = rng.choice(layer.unused, 2, replace=False)
    unit, reader, size = rng.choice(layer.used), rng.integers(len(layer.reads)), 2.0 ** int(rng.integers(-60, 61))
    for copy, sign in ((one, 1), (other, -1)):
        layer.copy(unit, copy)
        layer.reads[reader, copy] = sign * size
    return True


def copies(layer: Layer, rng: Rng) -> bool:
    """A unit and its copy, each read for a part."""
    if not len(layer.unused):
        return False
    unit, copy = rng.choice(layer.used), rng.choice(layer.unused)
    part = np.float64(rng.choice([0.5, 0.25, 0.75, 3.0, -1.0, 1 / 3, 2.0 ** int(rng.integers(5, 50))]))
    layer.copy(unit, copy)
    layer.reads[:, copy] = layer.reads[:, unit] * part
    layer.reads[:, unit] = layer.reads[:, unit] - layer.reads[:, copy]
    return True


def shift(layer: Layer, rng: Rng) -> bool:
    """A unit that is larger by a constant, for which its readers make up."""
    unit, size = rng.choice(layer.used), 2.0 ** int(rng.integers(-60, 61))
    layer.bias[unit] += size
    layer.their_bias -= size * layer.reads[:, unit]
    return True


def scale(layer: Layer, rng: Rng) -> bool:
    """A unit that is so many times larger, and read for as much less: huge and tiny numbers, down to denormal ones."""
    unit, power = rng.choice(layer.used), int(rng.integers(1, 180)) * rng.choice([-1, 1])
    layer.weights[unit] = np.ldexp(layer.weights[unit], power)
    layer.bias[unit] = np.ldexp(layer.bias[unit], power)
    layer.reads[:, unit] = np.ldexp(layer.reads[:, unit], -power)
    return True


def constant(layer: Layer, rng: Rng) -> bool:
    """A unit that looks at nothing and is read; sometimes its readers make up for it."""
    if not len(layer.unused):
        return False
    unit, reader, size = rng.choice(layer.unused), rng.integers(len(layer.reads)), 2.0 ** int(rng.integers(-30, 31))
    layer.weights[unit], layer.bias[unit], layer.reads[reader, unit] = 0, size, rng.choice([-1, 1, 2])
    if rng.random() < 0.5:
        layer.their_bias[reader] -= size * layer.reads[reader, unit]
    return True


def stray(layer: Layer, rng: Rng) -> bool:
    """A weight that was 0 is a number that floats treat in their own way: denormal, huge, not a number, or the other 0."""
    matrix = layer.weights if rng.random() < 0.5 else layer.reads
    if matrix.all():
        return False
    at = tuple(rng.choice(np.argwhere(matrix == 0)))
    least = np.finfo(matrix.dtype).smallest_subnormal
    matrix[at] = rng.choice([-0.0, -0.0, least, -least, 4 * least, 2.0**-100, 2.0**100, 2.0**126, np.inf, np.nan])
    return True


def zeros(layer: Layer, rng: Rng) -> bool:
    """Every 0 is the other 0."""
    for numbers in (layer.weights, layer.bias) if rng.random() < 0.5 else (layer.reads, layer.their_bias):
        numbers[numbers == 0] = -0.0
    return True


KINDS: tuple[Callable[[Layer, Rng], bool], ...] = (cancel, copies, shift, scale, constant, stray, zeros)


def disguised(checkpoint: Checkpoint, rng: Rng) -> tuple[str, Checkpoint]:
    """One of these changes, in some layer."""
    tensors = {name: tensor.copy() for name, tensor in checkpoint.tensors.items()}
    group = str(rng.choice(["recurrent", "recurrent", "recurrent", "head"]))
    names = checkpoint.target.modules[group]
    first, kind = int(rng.integers(len(names) - 1)), KINDS[rng.integers(len(KINDS))]
    with np.errstate(all="ignore"):
        done = kind(Layer(tensors, (names[first], names[first + 1]), checkpoint.target), rng)
    if not done:
        return disguised(checkpoint, rng)
    return kind.__name__, replace(checkpoint, tensors=tensors)
