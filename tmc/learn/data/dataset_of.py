"""A data set from whatever a caller holds it in."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from typing import Any

import numpy as np

from tmc.diagnostics import Rejected
from tmc.given import kind_of
from tmc.learn.data.archive import DIMENSIONS, OPTIONAL, check_arrays
from tmc.learn.data.datasets import DataSet, load
from tmc.net.checkpoint.arrays import numbers

WHAT = "the data set"


def dataset_of(given: object) -> DataSet:
    """The data set that is `given`: as a `DataSet`; as the path of an archive; as a dictionary (or an opened archive) with
    `X_train`, `y_train`, `X_test` and maybe `y_test`; or as a tuple of these arrays.

    All arrays hold 0 and 1, or all -1 and 1. Raises `Rejected` for anything else. ::

        >>> dataset_of(([[0, 1], [1, 1]], [1, 0], [[1, 0]])).x_test
        array([[ 1, -1]], dtype=int8)
    """
    if isinstance(given, str | PathLike):
        return load(fspath(given))
    arrays = {name: numbers(f"{WHAT}: {name}", array) for name, array in _named(given).items()}
    check_arrays(WHAT, arrays)
    return DataSet(**{name.lower(): np.where(array == 1, 1, -1).astype(np.int8) for name, array in arrays.items()})


def _named(given: object) -> dict[str, Any]:
    """What was given for each array."""
    if isinstance(given, DataSet):
        return dict(given.arrays())
    if isinstance(given, Mapping):
        names = {str(key).lower(): key for key in given}
        found = {name: given[names[name.lower()]] for name in DIMENSIONS if name.lower() in names}
        found = {name: array for name, array in found.items() if array is not None or name not in OPTIONAL}
        for name in DIMENSIONS:
            if name not in found and name not in OPTIONAL:
                raise Rejected(f"{WHAT}: there is no array {name} (it holds {', '.join(map(str, given)) or 'nothing'})")
        return found
    if isinstance(given, tuple | list) and len(given) in (3, 4):
        return {name: array for name, array in zip(DIMENSIONS, given, strict=False) if array is not None or name not in OPTIONAL}
    ways = "a DataSet, the path of an archive (.npz), a dictionary or a tuple of X_train, y_train, X_test and maybe y_test"
    raise Rejected(f"{WHAT} must be {ways}; not {kind_of(given)}{_length(given)}")


def _length(given: object) -> str:
    return f" of {len(given)}" if isinstance(given, tuple | list) else ""
