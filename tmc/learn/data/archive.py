"""Reading ``.npz`` archives that are not trusted.

Sizes are checked before anything is loaded, Python objects are never unpickled, and every fault is one line of `Rejected` that
names the file and, where it has one, the array and the place in it.
"""

from __future__ import annotations

import lzma
import math
import stat
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.files import why
from tmc.given import check_path
from tmc.net.checkpoint.arrays import VALUES

LIMIT = 1 << 30  # bytes of one array, in the file and in memory
DIMENSIONS = {"X_train": 2, "y_train": 1, "X_test": 2, "y_test": 1}
OPTIONAL, TRAINING = frozenset({"y_test"}), frozenset({"X_train", "y_train"})
_DAMAGE = (
    ValueError,
    TypeError,
    EOFError,
    SyntaxError,
    RuntimeError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def read_arrays(path: str | Path, *, queries_alone: bool = False) -> dict[str, NDArray[np.int8]]:
    """The arrays of a data set, as -1 and +1: those of `DIMENSIONS`, of which only `OPTIONAL` ones may be absent, or, with
    `queries_alone`, all those for `TRAINING`.

    Raises `Rejected`.
    """
    check_path("a data set", path)
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise Rejected(f"cannot read {path}: it is {'a folder' if Path(path).is_dir() else 'not an ordinary file'}")
        with zipfile.ZipFile(path) as archive:
            untrained = queries_alone and not any(f"{name}.npy" in archive.namelist() for name in TRAINING)
            optional = OPTIONAL | TRAINING if untrained else OPTIONAL
            found = {name: _read(archive, name, path) for name in DIMENSIONS if _has(archive, name, optional, path)}
    except zipfile.BadZipFile:
        raise Rejected(_not_an_archive(path)) from None
    except OSError as error:
        raise Rejected(f"cannot read {path}: {why(error)}") from None
    except _DAMAGE as error:
        raise Rejected(f"{path} is damaged and cannot be read ({_first_line(error)})") from None
    check_arrays(str(path), found)
    return {name.lower(): np.where(array == 1, 1, -1).astype(np.int8) for name, array in found.items()}


def check_arrays(what: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Raise `Rejected` unless arrays fit together and hold 0 and 1, or -1 and 1; `what` they are is named in the message."""
    for name, array in arrays.items():
        if np.ma.is_masked(array):
            raise Rejected(f"{what}: {name} has entries that are masked out; {VALUES}")
        if array.ndim != DIMENSIONS[name]:
            raise Rejected(f"{what}: {name} has {array.ndim} dimensions, shape {array.shape}; it needs {DIMENSIONS[name]}")
    _check_shapes(what, {name: array.shape for name, array in arrays.items()})
    _check_convention(what, arrays)


def _not_an_archive(path: str | Path) -> str:
    with Path(path).open("rb") as file:
        content = file.read(4)
    if not content:
        return f"{path} is empty"
    if content == b"PK\3\4":
        return f"{path} is damaged or cut short: the archive's table of contents is missing or wrong"
    return f"{path} is not an .npz archive; numpy.savez and `tmc data` write them"


def _has(archive: zipfile.ZipFile, name: str, optional: frozenset[str], path: str | Path) -> bool:
    if f"{name}.npy" in archive.namelist():
        return True
    if name in optional:
        return False
    names = sorted(entry.removesuffix(".npy") for entry in archive.namelist()[:8])
    here = ", ".join(entry if entry.isprintable() else repr(entry) for entry in names) or "nothing"
    raise Rejected(f"{path}: there is no array {name} (it holds {here})")


def _read(archive: zipfile.ZipFile, name: str, path: str | Path) -> NDArray[Any]:
    """One array, checked as far as that can be done without the others."""
    entry = archive.getinfo(f"{name}.npy")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the headers that Python 2 wrote are read as well, only more slowly
            with archive.open(entry) as stream:
                _check_header(stream, entry.file_size, f"{path}: {name}", DIMENSIONS[name])
            with archive.open(entry) as stream:
                array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
    except _DAMAGE as error:
        raise Rejected(f"{path}: {name} is damaged and cannot be read ({_first_line(error)})") from None
    return array


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _check_header(stream: IO[bytes], size: int, what: str, dimensions: int) -> None:
    """Refuse by the header alone: what follows it may be a terabyte, or a pickle."""
    if size > LIMIT:
        raise Rejected(f"{what} has {size} bytes; at most {LIMIT} are read")
    version = npy.read_magic(stream)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    try:
        shape, _, kind = read_header(stream)
    except MemoryError:  # this is what the parser says of too many brackets
        raise ValueError("its header is nested too deeply") from None
    if kind.hasobject:
        raise Rejected(f"{what} holds Python objects, which are never loaded; save it as numbers")
    if kind.kind not in "biuf":
        raise Rejected(f"{what} holds {kind.name} values; {VALUES}")
    if len(shape) != dimensions:
        raise Rejected(f"{what} has {len(shape)} dimensions, shape {shape}; it needs {dimensions}")
    if not all(type(length) is int for length in shape):
        raise Rejected(f"{what} is damaged: its shape is {shape}")
    claimed = math.prod(shape) * kind.itemsize
    if claimed > LIMIT:
        raise Rejected(f"{what} has shape {shape}, {claimed} bytes; at most {LIMIT} are read")
    content = size - stream.tell()
    if min(shape) < 0 or claimed > content:
        raise Rejected(f"{what} is cut short: shape {shape} does not fit its {content} bytes")


def _check_shapes(what: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    queries, features = shapes["X_test"]
    m, d = shapes.get("X_train", (0, features))
    counts = [(m, "X_train has no examples"), (d, "X_train has no features")] if "X_train" in shapes else []
    for count, fault in (*counts, (queries, "X_test has no queries"), (features, "X_test has no features")):
        if count == 0:
            raise Rejected(f"{what}: {fault}, shape {shapes[fault.split()[0]]}")
    if d != features:
        raise Rejected(f"{what}: X_train has {d} features, X_test has {features}")
    for name, rows in (("train", m), ("test", queries)):
        labels = shapes.get(f"y_{name}", (rows,))[0]
        if labels != rows:
            raise Rejected(f"{what}: X_{name} has {rows} rows, y_{name} has {labels} labels")


def _check_convention(what: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Check that everything is 0 and 1, or everything -1 and 1. An array of ones goes with either."""
    zeros, minuses = [], []
    for name, array in arrays.items():
        fits = (array == 1) | (array == 0) | (array == -1)  # false for NaN
        if not fits.all():
            where = np.argwhere(~fits)[0].tolist()
            raise Rejected(f"{what}: {name}{where} is {array[tuple(where)]}; {VALUES}")
        zeros += [name] if (array == 0).any() else []
        minuses += [name] if (array == -1).any() else []
    if zeros and minuses:
        raise Rejected(f"{what}: {zeros[0]} holds a 0 and {minuses[0]} holds a -1; use 0 and 1, or -1 and 1, throughout")
