"""The arrays of a recording in an ``.npz`` archive, read without trust: every header is checked before its numbers are."""

from __future__ import annotations

import json
import lzma
import math
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from tmc.diagnostics import Rejected
from tmc.ir.document import Document
from tmc.recording.layout import Array, Arrays, dimensions, formats

DOCUMENT = 1 << 26  # bytes of the document `about`
MEMBERS = 64  # of an archive; a recording has a dozen


@contextmanager
def opened(path: str | Path) -> Iterator[zipfile.ZipFile]:
    """The archive. Raises `Rejected` when it is cut short or damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError):
        raise Rejected(f"{path} is damaged or cut short; record the run again") from None


def about_in(archive: zipfile.ZipFile, path: str | Path, limit: int) -> Any:
    """The document of an archive."""
    if len(archive.namelist()) > MEMBERS or "about.npy" not in archive.namelist():
        raise Rejected(f"{path} is no recording; `tmc trace` writes them, as .npz or .jsonl")
    return json.loads(_read(archive, "about", "|u1", 1, min(limit, DOCUMENT)).tobytes())


def arrays_in(archive: zipfile.ZipFile, about: Document, path: str | Path, limit: int) -> Arrays:
    """All arrays that the document promises; `Rejected` names one that is missing."""
    wanted, found = formats(about["kept"]), Arrays()
    names = [entry.removesuffix(".npy") for entry in archive.namelist()]
    missing = sorted(set(wanted) - set(names))
    if missing:
        raise Rejected(f"{path} is damaged: there is no array {missing[0]}")
    others = sorted(set(names) - set(wanted) - {"about"})
    if others or len(set(names)) < len(names):
        raise Rejected(f"{path} is damaged: it holds more than a recording does")
    sizes = {name: archive.getinfo(f"{name}.npy").file_size for name in wanted}
    if sum(sizes.values()) > limit:
        raise Rejected(
            f"{path} holds {sum(sizes.values())} bytes of numbers; at most {limit} are read, unless `limit` says otherwise"
        )
    is_grid = about["input"]["kind"] == "grid"
    for name, kind in wanted.items():
        found[name] = _read(archive, name, kind, dimensions(name, is_grid), limit)
    return found


def _read(archive: zipfile.ZipFile, name: str, kind: str, axes: int, limit: int) -> Array:
    """One array. ValueError when its header promises anything but so many axes of such numbers, and as many as there are."""
    entry = archive.getinfo(f"{name}.npy")
    if entry.file_size > limit:
        raise ValueError(f"the array {name} has {entry.file_size} bytes; at most {limit} are read")
    with warnings.catch_warnings(), archive.open(entry) as stream:
        warnings.simplefilter("error")
        if npy.read_magic(stream) != (1, 0):
            raise ValueError(f"the array {name} has another header")
        try:
            shape, fortran, found = npy.read_array_header_1_0(stream)
        except (MemoryError, Warning):
            raise ValueError(f"the array {name} has another header") from None
        lengths = all(type(length) is int and length >= 0 for length in shape)
        if found.str != kind or fortran or len(shape) != axes or not lengths:
            raise ValueError(f"the array {name} is not what it should be: {found.str}, shape {shape}")
        content = stream.read(entry.file_size + 1)
    if math.prod(shape) * found.itemsize != len(content):
        raise ValueError(f"the array {name} is cut short: shape {shape} in {len(content)} bytes")
    return np.frombuffer(content, found).reshape(shape)
