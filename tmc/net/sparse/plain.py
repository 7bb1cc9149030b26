"""A compiled network as plain numbers, without torch: what the sparse engine runs and trains.

As long as every sum is exact, it does not matter who adds it, or in which order: so results are those of the module
`tmc.net.network.Network` to the last bit. Where a sum of the head or of training may be rounded, that module is asked instead,
and torch is loaded for it; `tmc.net.choice` leaves to it the networks whose layers may round.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tmc.native.tables import Floats
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.reading import Array, Checkpoint
from tmc.net.checkpoint.sparse_tensors import SparseMatrix
from tmc.net.described import Described, Memory
from tmc.net.sparse.engine import PatchCache, SparseLayer, weights_of
from tmc.net.sparse.head import Head
from tmc.net.sparse.patches import ANSWERED, LEAVES_LEFT, LEAVES_RIGHT, LayerWeights
from tmc.targets.target import ChannelDigit

if TYPE_CHECKING:
    from tmc.net.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """The weights of a network as they are at one time: the `recurrent` convolution by inputs, the `head` as matrices (units,
    inputs) with their biases, all in the format `dtype`."""

    recurrent: list[SparseLayer]
    head: list[tuple[Array, Array]]
    dtype: np.dtype[Any]

    @staticmethod
    def of(checkpoint: Checkpoint) -> Layers:
        """Those of a checkpoint."""
        recurrent = [entries_of(weight, bias) for weight, bias in checkpoint.layers("recurrent")]
        head = [(dense(weight), bias) for weight, bias in checkpoint.layers("head")]
        return Layers(recurrent, head, head[0][1].dtype)


def dense(weight: Array | SparseMatrix) -> Array:
    """Weights as a matrix (units, inputs)."""
    return weight.dense() if isinstance(weight, SparseMatrix) else weight.reshape(len(weight), -1)


def entries_of(weight: Array | SparseMatrix, bias: Array) -> SparseLayer:
    """A layer by its weights that are not 0."""
    if isinstance(weight, SparseMatrix):
        units = np.repeat(np.arange(weight.shape[0]), np.diff(weight.indptr))
        return SparseLayer.of(units, weight.columns, weight.values, weight.shape[1], bias)
    matrix = dense(weight)
    units, inputs = np.nonzero(matrix)
    return SparseLayer.of(units, inputs, matrix[units, inputs], matrix.shape[1], bias)


class PlainNetwork(Described):
    """A compiled network as plain numbers, see above."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """The network of a checkpoint."""
        self.describe(checkpoint)
        self.layers = Layers.of(checkpoint)
        memory = checkpoint.memory
        self._memory = np.zeros((0, 0), self.dtype) if memory is None else np.array(memory)
        self.as_module: Network | None = None  # the one that it is like, or that `tmc.net.modules` made

    @staticmethod
    def like(module: Network, layers: Layers) -> PlainNetwork:
        """A module as it is now, with these `layers`."""
        network = PlainNetwork.__new__(PlainNetwork)
        network.describe(module.checkpoint)
        network.learning_rate, network.border = module.learning_rate, module.border
        network.layers, network.as_module = layers, module
        network.set_memory(module.memory_array())
        return network

    @property
    def dtype(self) -> np.dtype[Any]:
        """The format of its numbers."""
        return self.layers.dtype

    @property
    def symbol(self) -> int:
        """The channel that the memory delivers to."""
        return int(self.checkpoint.about["cells"]["symbol"])

    # --- see `Described`

    def plain(self) -> PlainNetwork:
        """Itself."""
        return self

    def memory_array(self) -> Memory:
        """See `Described`."""
        return self._memory

    def set_memory(self, weight: Memory) -> None:
        """See `Described`."""
        self._memory = np.array(weight, self.dtype)

    def native(self, array: Memory) -> Memory:
        """See `Described`."""
        return array

    def threads(self) -> int:
        """As many as there are processors, unless ``OMP_NUM_THREADS`` says otherwise, as it does to torch."""
        asked = os.environ.get("OMP_NUM_THREADS", "")
        return int(asked) if asked.isdecimal() and int(asked) else len(os.sched_getaffinity(0))

    def itemsize(self) -> int:
        """See `Described`."""
        return self.dtype.itemsize

    # --- the layers

    def first_lattice(self, z: NDArray[np.int8], pads: int) -> Floats:
        """What the memory layer makes of an input `z = [x'; 1]` (d+1,): (rows, columns, channels)."""
        cells, rows = self.checkpoint.about["cells"], len(self._memory)
        blank, pad = (np.array(cells[name], self.dtype) for name in ("blank", "pad"))
        lattice = np.concatenate([np.tile(blank, (rows, len(z), 1)), np.tile(pad, (rows, pads, 1))], axis=1)
        lattice[:, : len(z), self.symbol] += self._memory * z.astype(self.dtype)
        return lattice.astype(np.float64)

    def output(self, lattice: Floats) -> float:
        """`f(z; W)`: the head on the first d+1 columns of the last lattice (rows, columns, channels). Raises `Inexact`."""
        return self.head.on(lattice[:, : self._memory.shape[1]].reshape(-1, lattice.shape[2]))[0]

    @cached_property
    def head(self) -> Head:
        """The head by its weights."""
        return Head(self.layers.head, self.dtype == np.float32)

    def patches(self, apart: bool = True) -> PatchCache:
        """What the weights make of patches: an empty cache. `apart`: see `weights_of`."""
        return PatchCache(self._weights if apart else self._joint_weights, np.array(self.border))

    @cached_property
    def _weights(self) -> LayerWeights:
        return self._weights_of(apart=True)

    @cached_property
    def _joint_weights(self) -> LayerWeights:
        return self._weights_of(apart=False)

    def _weights_of(self, apart: bool) -> LayerWeights:
        digits = [[(digit.value, _marks(digit)) for digit in channel] for channel in self.reader.digits()]
        return weights_of(self.layers.recurrent, digits, self.dtype == np.float32, apart)


def _marks(digit: ChannelDigit) -> int:
    return ANSWERED * digit.answers | LEAVES_LEFT * digit.leaves_left | LEAVES_RIGHT * digit.leaves_right


def load(path: str | Path, *, as_written: bool = True) -> PlainNetwork:
    """The network in a checkpoint file, as `tmc.net.rcnn.load`."""
    return PlainNetwork(files.load(path, as_written=as_written))
