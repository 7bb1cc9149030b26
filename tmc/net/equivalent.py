"""How many other networks compute the same for a reason that can be counted: units that change places, units that no other unit
reads."""

from __future__ import annotations

from math import factorial, log2

import numpy as np

from tmc.diagnostics import Rejected
from tmc.net.checkpoint.reading import Array, Checkpoint
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.targets.target import GROUPS


def log2_equivalents(compiled: Checkpoint, values: int) -> float:
    """log2 of a number of networks, the compiled one among them, with weights from the same set of so many `values`, that compute
    the same in every bit: at least so many there are.

    Of a hidden layer of `d` units, `k` of which no unit that counts reads, over `a` inputs: the units that count stand in any
    order, ``d! / k!``, of which those with the same weights and bias, `n` at a time, are not told apart, ``/ n!``; and the weights
    and biases of the `k` are any, ``values^(k (a + 1))``. Raises `Rejected` for a network whose layers are stored sparse.
    """
    total = 0.0
    for group in GROUPS:
        layers = []
        for weight, bias in compiled.layers(group):
            if isinstance(weight, SparseMatrix):
                raise Rejected(f"{compiled.name}: it is too large for its weights to be drawn; use a machine of fewer states")
            layers.append((weight.reshape(len(bias), -1), bias))
        total += _log2_equivalents(layers, values)
    return total


def _log2_equivalents(layers: list[tuple[Array, Array]], values: int) -> float:
    """Of a chain of layers, weights (outputs, inputs) and biases (outputs), all outputs of whose last one count."""
    counts = [np.ones(len(layers[-1][1]), dtype=bool)]  # which units count: of the last layer, then of the one before, and so on
    for weight, _ in reversed(layers[1:]):
        counts.append((weight[counts[-1]] != 0).any(axis=0))
    counts = [np.ones(layers[0][0].shape[1], dtype=bool), *reversed(counts)]
    total = 0.0
    for (weight, bias), read, own in zip(layers[:-1], counts, counts[1:], strict=False):
        unread = int((~own).sum())
        alike = np.unique(np.column_stack([weight[own][:, read], bias[own]]), axis=0, return_counts=True)[1]
        total += log2(factorial(len(bias)) // factorial(unread)) - sum(log2(factorial(int(count))) for count in alike)
        total += unread * (weight.shape[1] + 1) * log2(values)
    return total
