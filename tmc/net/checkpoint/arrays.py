"""Arrays as they stand in a file: C order and little-endian, whatever layout they have in memory.

The safetensors library copies memory as it lies there, and NumPy's own format keeps the order of the axes. So every array on its
way to a file or a digest goes through here: transposed, reversed, strided, big-endian or read-only, the same numbers are the same
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as format_tensors

from tmc.diagnostics import Rejected
from tmc.net.checkpoint.writing import digest_of

VALUES = "features and labels are 0 and 1, or -1 and 1"
Arrays = Mapping[str, NDArray[Any]]


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers and shape in C order and little-endian. ValueError for an array with entries that are masked out."""
    if type(array) is not np.ndarray and np.ma.is_masked(array):  # else numpy.ma need not be loaded
        raise ValueError("an array has entries that are masked out, and a file has no place for a mask")
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def little_endian(array: NDArray[Any]) -> memoryview:
    """The numbers of an array in C order, in one dimension."""
    return plain(array).reshape(-1).data


def digest(arrays: Arrays) -> str:
    """The SHA-256 of arrays, see `digest_of`."""
    return digest_of((key, array.dtype.name, array.shape, little_endian(array)) for key, array in arrays.items())


def formatted(arrays: Arrays, key: str, text: str) -> bytes:
    """The safetensors file of some arrays, with one metadata key."""
    return bytes(format_tensors({name: plain(array) for name, array in arrays.items()}, metadata={key: text}))


def numbers(what: str, given: Any) -> NDArray[Any]:
    """What a caller has given as an array: lists, arrays, tensors of torch on any device. Raises `Rejected` unless it holds
    numbers or truth values."""
    try:
        array: NDArray[Any] = np.asanyarray(given.detach().cpu().tolist() if hasattr(given, "detach") else given)
    except (ValueError, TypeError, RuntimeError) as error:
        raise Rejected(f"{what} is not an array ({(str(error).splitlines() or [type(error).__name__])[0]})") from None
    if array.dtype.kind not in "biuf":
        raise Rejected(f"{what} holds {array.dtype.name} values; {VALUES}")
    return array
