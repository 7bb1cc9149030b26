"""Initialisation of Algorithm 1: every entry of V1 to V5, U1 and U2, and of their biases, drawn at random from the set U_s."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log2

import numpy as np

from tmc.diagnostics import Rejected
from tmc.net.checkpoint.reading import Array, Checkpoint


@dataclass(frozen=True, slots=True)
class RandomNetwork:
    """A network of random weights. `values`: the size of U_s; `entries`: how many were drawn from it; `right`: how many are what
    the compiler would have put there."""

    checkpoint: Checkpoint
    values: int
    entries: int
    right: int

    @property
    def log2_chance(self) -> float:
        """log2 of the probability that such a draw gives exactly the compiled network."""
        return -self.entries * log2(self.values)


def draw(compiled: Checkpoint, seed: int) -> RandomNetwork:
    """Draw every weight and bias of a compiled network anew, uniformly from the set U_s of its values. The same seed gives the same
    network. Its memory is empty. Raises `Rejected` for a network so large that its layers are stored sparse."""
    if any(name.endswith(".rows") for name in compiled.tensors):
        raise Rejected(f"{compiled.name}: the network is too large for its weights to be drawn; use a machine of fewer states")
    random = np.random.default_rng(seed)
    names = sorted(name for name in compiled.tensors if name != compiled.target.memory)
    values = np.unique(np.concatenate([compiled.tensors[name].ravel() for name in names]))
    tensors: dict[str, Array] = {name: random.choice(values, size=compiled.tensors[name].shape) for name in names}
    right = sum(int((tensors[name] == compiled.tensors[name]).sum()) for name in names)
    checkpoint = replace(compiled, tensors=tensors, about={**compiled.about, "drawn": seed})
    return RandomNetwork(checkpoint, len(values), sum(tensor.size for tensor in tensors.values()), right)
