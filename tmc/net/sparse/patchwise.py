"""A network by its weights, patch by patch: what is quick for the few cells that a short run changes.

The layers are multiplied as numpy does it, in the file's number format. Every sum is exact, so that the result is that of the
module and of the sparse engine (`tests/test_engines.py`), but neither PyTorch nor machine code has to be loaded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tmc.ir.lattice import Cell, Lattice, Patch
from tmc.net.checkpoint.reading import Array, Checkpoint
from tmc.net.checkpoint.sparse_tensors import SparseMatrix


class Patchwise:
    """The memory and the recurrent convolution of a checkpoint."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        cells = checkpoint.about["cells"]
        self.border: Cell = tuple(cells["border"])
        self._layers = [(_matrix(weight), bias) for weight, bias in checkpoint.layers("recurrent")]
        self._blank, self._pad = (np.array(cells[name], self._layers[0][1].dtype) for name in ("blank", "pad"))
        self._symbol, self._rate = int(cells["symbol"]), checkpoint.about["learning_rate"]

    def local(self, patch: Patch) -> Cell:
        """The cell that the convolution makes of a patch."""
        values = np.array(patch, self._blank.dtype).T.reshape(-1)  # as the weights are laid out: channel by channel
        for number, (weight, bias) in enumerate(self._layers):
            values = _product(weight, values) + bias
            if number < len(self._layers) - 1:
                values = np.maximum(values, 0)
        return tuple(values.tolist())

    def first_lattice(self, x: NDArray[np.int8], y: NDArray[np.int8], query: NDArray[np.int8], pads: int) -> Lattice:
        """What the memory delivers on a query when it holds these examples, all -1 and +1: by Lemma 1.1 gradient descent leaves
        the learning rate times `y_i [x_i; 1]` in row `i`, and times 1 everywhere in the last."""
        examples = np.vstack([np.column_stack([x, np.ones(len(x))]) * y[:, None], np.ones((1, x.shape[1] + 1))])
        delivered = (examples * np.append(query, 1)).astype(self._blank.dtype) * self._blank.dtype.type(self._rate)
        lattice = np.tile(self._blank, (*delivered.shape, 1))
        lattice[:, :, self._symbol] += delivered
        pad = tuple(self._pad.tolist())
        return tuple((*map(tuple, row), *([pad] * pads)) for row in lattice.tolist())


def _matrix(weight: Array | SparseMatrix) -> Array | SparseMatrix:
    return weight if isinstance(weight, SparseMatrix) else weight.reshape(len(weight), -1)


def _product(weight: Array | SparseMatrix, values: Array) -> Array:
    if not isinstance(weight, SparseMatrix):
        return np.asarray(weight @ values)
    units = np.repeat(np.arange(weight.shape[0]), np.diff(weight.indptr))
    return np.bincount(units, weight.values * values[weight.columns], weight.shape[0]).astype(values.dtype)
