"""Sparse matrices in a checkpoint: weights of a large layer, of which nearly all are 0, row by row (CSR).

The matrix ``recurrent.2.weight``, shape (outputs, inputs), is then three tensors: the weights of output `n` are those numbered
``rows[n]`` to ``rows[n + 1] - 1``, on the inputs ``columns``, which ascend, and equal to ``values``.

- ``recurrent.2.weight.rows``: int64, shape (outputs + 1);
- ``recurrent.2.weight.columns``: uint16 where that holds the numbers of all inputs, else int32, shape (weights);
- ``recurrent.2.weight.values``: int8, shape (weights).

Likewise ``recurrent.4.weight``. Matrices of at most 16 MiB, and those that would not become smaller by half, are stored as they
are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected

PARTS = ("rows", "columns", "values")
MOST_BYTES = 1 << 30  # of a matrix that is made dense

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class SparseMatrix:
    """A matrix of shape (outputs, inputs), row by row: `indptr` says where each row's `columns` and `values` begin."""

    indptr: Numbers
    columns: Numbers
    values: Numbers
    shape: tuple[int, int]

    def dense(self) -> NDArray[np.float32]:
        """The matrix with its zeros. Raises `Rejected` when that takes more than `MOST_BYTES`."""
        outputs, inputs = self.shape
        if 4 * outputs * inputs > MOST_BYTES:
            raise Rejected(
                f"a layer of {outputs} × {inputs} weights takes {4 * outputs * inputs / 1e9:.1f} GB when it is not sparse"
            )
        matrix = np.zeros(self.shape, dtype=np.float32)
        matrix[np.repeat(np.arange(outputs), np.diff(self.indptr)), self.columns] = self.values
        return matrix


def matrix_of(tensors: Mapping[str, Numbers], name: str, inputs: int) -> SparseMatrix | None:
    """The matrix of this name, if it is stored sparse."""
    if f"{name}.rows" not in tensors:
        return None
    indptr, columns, values = (tensors[f"{name}.{part}"] for part in PARTS)
    return SparseMatrix(indptr, columns, values, (len(indptr) - 1, inputs))


def fault(tensors: Mapping[str, Numbers], name: str, shape: tuple[int, int]) -> str | None:
    """The name of the first of the three tensors that is not what it should be in a matrix of this shape; None if all are."""
    kinds = {"rows": ("int64",), "columns": ("uint16", "int32"), "values": ("int8",)}
    for part in PARTS:
        tensor = tensors.get(f"{name}.{part}")
        if tensor is None or tensor.ndim != 1 or tensor.dtype.name not in kinds[part]:
            return f"{name}.{part}"
    indptr, columns, values = (tensors[f"{name}.{part}"] for part in PARTS)
    outputs, inputs = shape
    if len(indptr) != outputs + 1 or indptr[0] != 0 or indptr[-1] != len(columns) or (indptr[1:] < indptr[:-1]).any():
        return f"{name}.rows"
    begins = np.zeros(len(columns) + 1, dtype=bool)
    begins[indptr] = True
    descends = columns[1:] <= columns[:-1]
    if len(columns) and (columns.min() < 0 or columns.max() >= inputs or (descends & ~begins[1:-1]).any()):
        return f"{name}.columns"
    return f"{name}.values" if len(values) != len(columns) or not values.all() else None
