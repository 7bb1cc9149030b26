"""Where a recording is written while the run goes on, block by block: to a zip archive of arrays or to lines of JSON.

Both hold a block in memory, whatever the length of the run. The arrays of an archive are gathered in temporary files without a
name, beside the archive, since an archive holds one array after the other.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, Protocol

import numpy as np
from numpy.lib import format as npy

from tmc.diagnostics import Rejected
from tmc.files import check_writable, why, writing
from tmc.ir.document import Document
from tmc.net.checkpoint.arrays import plain
from tmc.recording.layout import PAIRS, Layer, Moment, formats
from tmc.recording.text import Names, step_line

BLOCK = 1 << 15  # numbers of an array that are kept in memory
COPIED = 1 << 20  # bytes that are copied at a time
EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of everything that is written: same run, same bytes


class Sink(Protocol):
    """Takes a recording step by step and layer by layer."""

    def step(self, moment: Moment) -> None:
        """The next configuration."""

    def layer(self, layer: Layer) -> None:
        """The next layer, the first lattice before all others."""


@contextmanager
def archive(path: str | Path, about: Document, data: list[Any]) -> Iterator[Sink]:
    """A recording as an ``.npz`` archive, which is there when all is done."""
    check_writable(path)
    folder = Path(path).resolve().parent
    with _told(path), ExitStack() as stack:
        columns = {
            name: _Column(kind, stack.enter_context(TemporaryFile(dir=_beside(folder))))
            for name, kind in formats(about["kept"]).items()
        }
        columns["data"].extend(np.array(data).ravel().tolist())
        yield _Columns(columns)
        with writing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archived:
            _member(archived, "about", np.frombuffer(_json(about).encode(), np.uint8))
            for name, column in columns.items():
                column.write(archived, name, _shape(name, column.count, about))


@contextmanager
def _told(path: str | Path) -> Iterator[None]:
    """A disk that is full is so for the temporary files first."""
    try:
        yield
    except OSError as error:
        raise Rejected(f"cannot write {path}: {why(error)}") from None


def _beside(folder: Path) -> str | None:
    """The folder of the file; what is no folder of files, such as that of devices, lends no room."""
    return None if folder == Path("/dev") or Path("/dev") in folder.parents or Path("/proc") in folder.parents else str(folder)


def _shape(name: str, count: int, about: Document) -> tuple[int, ...]:
    if name == "data" and about["input"]["kind"] == "grid":
        return (about["input"]["rows"], about["input"]["columns"])
    if name in PAIRS:
        return (count // 2, 2)
    network = about["network"]
    if name == "cells":
        return (count // len(network["fields"]), len(network["fields"]))
    if name == "lattice":
        return (count // (network["rows"] * network["columns"]), network["rows"], network["columns"])
    return (count,)


class _Column:
    """An array that grows in a temporary file."""

    def __init__(self, kind: str, file: IO[bytes]) -> None:
        self.kind, self._file, self.count = kind, file, 0
        self._code = {"<i4": "i", "<i8": "q"}[kind]
        self._block = array(self._code)

    def append(self, value: int) -> None:
        """One number more."""
        self._block.append(value)
        self.count += 1
        if len(self._block) >= BLOCK:
            self._flush()

    def extend(self, values: list[int]) -> None:
        """Some numbers more."""
        self._block.extend(values)
        self.count += len(values)
        if len(self._block) >= BLOCK:
            self._flush()

    def _flush(self) -> None:
        self._file.write(np.frombuffer(self._block, self._block.typecode).astype(self.kind).tobytes())
        self._block = array(self._code)

    def write(self, archived: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> None:
        """All of it, as a member of an archive."""
        self._flush()
        self._file.seek(0)
        with archived.open(_entry(name), "w", force_zip64=True) as member:
            npy.write_array_header_1_0(member, {"descr": self.kind, "fortran_order": False, "shape": shape})
            shutil.copyfileobj(self._file, member, COPIED)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{name}.npy", EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    return entry


def _member(archived: zipfile.ZipFile, name: str, content: Any) -> None:
    with archived.open(_entry(name), "w") as member:
        npy.write_array(member, plain(content), version=(1, 0), allow_pickle=False)


class _Columns:
    """The arrays of an archive, see `Sink`."""

    def __init__(self, columns: dict[str, _Column]) -> None:
        self._columns, self._changes = columns, 0
        self._step = [columns[name].append for name in ("state", "work_head", "transition", "data_write", "work_write", "layer")]
        self._head = columns["head"].extend

    def step(self, moment: Moment) -> None:
        """See `Sink`."""
        numbers = moment.state, moment.work_head, moment.transition, moment.data_write, moment.work_write, moment.layer
        for append, number in zip(self._step, numbers, strict=True):
            append(number)
        self._head(list(moment.head))

    def layer(self, layer: Layer) -> None:
        """See `Sink`."""
        columns = self._columns
        columns["evaluated"].append(layer.evaluated)
        for cell in layer.new:
            columns["cells"].extend(list(cell))
        if layer.lattice is not None:
            for row in layer.lattice:
                columns["lattice"].extend(row)
            return
        if not columns["changes_begin"].count:
            columns["changes_begin"].append(0)
        self._changes += len(layer.cells)
        columns["changes_begin"].append(self._changes)
        columns["changes_cell"].extend(layer.cells)
        for place in layer.places:
            columns["changes_place"].extend(list(place))


@contextmanager
def lines(path: str | Path, about: Document, data: list[Any], names: Names) -> Iterator[Sink]:
    """A recording as lines of JSON, which are there when all is done."""
    with writing(path) as file:
        sink = _Lines(file, names)
        sink.write({**about, "data": data})
        yield sink
        sink.write({"end": {"steps": sink.steps - 1, "layers": max(0, sink.layers - 1)}})


class _Lines:
    """Lines of JSON, see `Sink`."""

    def __init__(self, file: BinaryIO, names: Names) -> None:
        self._file, self._names = file, names
        self.steps = self.layers = self._cells = 0

    def write(self, document: Document) -> None:
        """A line."""
        self._file.write(f"{_json(document)}\n".encode())

    def step(self, moment: Moment) -> None:
        """See `Sink`."""
        self.write(step_line(self._names, self.steps, moment))
        self.steps += 1

    def layer(self, layer: Layer) -> None:
        """See `Sink`."""
        document: Document = {"layer": self.layers, "evaluated": layer.evaluated}
        if layer.new:
            document["cells"] = {str(self._cells + number): self._names.cell(cell) for number, cell in enumerate(layer.new)}
        if layer.lattice is not None:
            document["lattice"] = layer.lattice
        else:
            document["changes"] = [[*place, cell] for place, cell in zip(layer.places, layer.cells, strict=True)]
        self.write(document)
        self.layers, self._cells = self.layers + 1, self._cells + len(layer.new)


def _json(document: Document) -> str:
    return json.dumps(document, allow_nan=False, separators=(",", ":"))
