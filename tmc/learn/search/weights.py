"""Prior `weights`: the paper's own. Every entry of V1 to V5, U2, U1 and their biases is drawn uniformly from a finite set U_s.

Candidate number `n` is a function of the prior, the seed and `n` alone. It is a whole network of Definition 5, of any width, and
Algorithm 1 trains it: thousands at once (`tmc.net.many`), or one by itself, as a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import log2, prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tmc.learn.data.streams import WEIGHTS, stream
from tmc.net.checkpoint.reading import Array, Checkpoint
from tmc.net.many import FixedCells

CHUNK = 1 << 10  # candidates that one random generator draws
MATRICES = ("V1", "V2", "V3", "V4", "V5", "U2", "U1")
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network without its weights: `width` is d_rc, `head` is d_head, `values` are U_s, in ascending order."""

    width: int
    head: int
    values: tuple[float, ...]
    frame: FixedCells
    kind: str = "float64"

    @classmethod
    def of(cls, compiled: Checkpoint) -> Architecture:
        """That of a compiled network, with U_s the distinct values of its weights and biases. Raises `Rejected` for another target
        than `scalar`."""
        frame, tensors = FixedCells.of(compiled), _drawn(compiled)
        values = np.unique(np.concatenate([tensor.ravel() for tensor in tensors.values()]))
        kind = tensors["V1"].dtype.name
        return cls(len(tensors["V1"]), len(tensors["U2"]), tuple(map(float, values)), frame, kind)

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of every tensor, by its name in a checkpoint, sorted."""
        width, head = self.width, self.head
        inputs = dict(zip(MATRICES, (9, width, width, width, width, 1, head), strict=True))
        units = dict(zip(MATRICES, (width, width, width, width, 1, head, 1), strict=True))
        weights = {name: (units[name], inputs[name]) for name in MATRICES}
        return dict(sorted({**weights, **{f"{name}.bias": (units[name],) for name in MATRICES}}.items()))

    @property
    def entries(self) -> int:
        """How many numbers are drawn."""
        return sum(map(prod, self.shapes.values()))

    def tensors(self, entries: Array) -> dict[str, Array]:
        """Entries (networks, entries) as tensors (networks, …), one after the other in the order of `shapes`."""
        ends = np.cumsum(list(map(prod, self.shapes.values())))[:-1]
        parts = np.split(entries, ends, axis=1)
        return {name: part.reshape(-1, *shape) for part, (name, shape) in zip(parts, self.shapes.items(), strict=True)}


class NetworkPrior(Protocol):
    """An endless sequence of networks of one architecture."""

    @property
    def architecture(self) -> Architecture:
        """That of all of them."""

    @property
    def log2_chance(self) -> float:
        """log2 of the probability of each network that may be drawn."""

    def networks(self, first: int, count: int) -> dict[str, Array]:
        """Those from number `first` on, as tensors (count, …)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Every entry is drawn: Algorithm 1 to the letter."""

    architecture: Architecture
    seed: int = 0

    @property
    def log2_chance(self) -> float:
        """log2 of the probability of each network: ``-N log2 |U_s|`` for `N` entries."""
        return -self.architecture.entries * log2(len(self.architecture.values))

    def networks(self, first: int, count: int) -> dict[str, Array]:
        """See `NetworkPrior`."""
        numbers = _drawn_numbers(self.seed, self.architecture.entries, len(self.architecture.values), first, count)
        return self.architecture.tensors(np.array(self.architecture.values, self.architecture.kind)[numbers])


@dataclass(frozen=True, eq=False)
class Redrawn:
    """A compiled network of which the entries at some `places` are drawn, uniformly from its own U_s, and the others are kept."""

    compiled: Checkpoint
    places: tuple[int, ...]
    seed: int = 0

    @cached_property
    def architecture(self) -> Architecture:
        """See `NetworkPrior`."""
        return Architecture.of(self.compiled)

    @property
    def log2_chance(self) -> float:
        """See `NetworkPrior`: ``-k log2 |U_s|`` for `k` places."""
        return -len(self.places) * log2(len(self.architecture.values))

    @cached_property
    def entries(self) -> Array:
        """Those of the compiled network, in the order of `Architecture.shapes`."""
        return np.concatenate([self.compiled.tensors[name].ravel() for name in self.architecture.shapes])

    def networks(self, first: int, count: int) -> dict[str, Array]:
        """See `NetworkPrior`."""
        architecture = self.architecture
        entries = np.repeat(self.entries[None], count, axis=0)
        numbers = _drawn_numbers(self.seed, len(self.places), len(architecture.values), first, count)
        entries[:, list(self.places)] = np.array(architecture.values, architecture.kind)[numbers]
        return architecture.tensors(entries)


def network(prior: NetworkPrior, number: int, compiled: Checkpoint) -> Checkpoint:
    """A candidate as a checkpoint, like one of `tmc.net.draw`: what a checkpoint says besides its weights, of a machine and how its
    cells are read, is that of a `compiled` network of the target `scalar`."""
    architecture, frame = prior.architecture, prior.architecture.frame
    tensors = {name: tensor[0] for name, tensor in prior.networks(number, 1).items()}
    cells = {**compiled.about["cells"], "pad": [frame.pad], "border": [frame.border]}
    unit = {"name": "drawn", "rule": "", "line": 0}
    units = {name: [unit] * architecture.shapes[name][0] for name in MATRICES}
    changed = {"cells": cells, "learning_rate": frame.learning_rate, "units": units, "drawn": number}
    return replace(compiled, tensors=tensors, about={**compiled.about, **changed}, written="")


def _drawn(compiled: Checkpoint) -> dict[str, Array]:
    return {name: tensor for name, tensor in compiled.tensors.items() if name != compiled.target.memory}


def _drawn_numbers(seed: int, entries: int, values: int, first: int, count: int) -> NDArray[np.int64]:
    """Uniform numbers from 0 to before `values` for candidates `first` to before ``first + count``, shape (count, entries)."""
    return np.concatenate(list(_chunks(seed, entries, values, first, first + count)))


def _chunks(seed: int, entries: int, values: int, first: int, end: int) -> Iterator[NDArray[np.int64]]:
    for chunk in range(first // CHUNK, (end - 1) // CHUNK + 1):
        drawn = np.random.Generator(stream(seed, chunk, WEIGHTS)).integers(0, values, (CHUNK, entries))
        begin = chunk * CHUNK
        yield drawn[max(0, first - begin) : end - begin]
