"""The arrays of a recording in lines of JSON, read without trust, and checked line by line."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tmc.diagnostics import Rejected
from tmc.ir.document import Document
from tmc.ir.table import Table
from tmc.recording.layout import PAIRS, Array, Arrays, CellField, Kept, formats
from tmc.recording.text import Names, cell_row, step_row, whole, wholes

LINE = 1 << 26  # bytes of a line
_CODES = {"<i4": "i", "<i8": "q"}


def first(file: BinaryIO, path: str | Path) -> Any:
    """The first line: the document."""
    try:
        return _line(file)
    except ValueError:
        raise Rejected(f"{path} is no recording; `tmc trace` writes them, as .npz or .jsonl") from None


def arrays_in(file: BinaryIO, about: Document, table: Table, fields: tuple[CellField, ...], limit: int) -> Arrays:
    """The numbers of all lines that follow. ValueError when a line is none, one is missing, or something follows the last."""
    reading = _Reading(about["kept"], Names(table, "", fields), about["network"])
    reading.arrays["data"].extend(_cells_of(about["data"]))
    left = limit
    while (document := _line(file)) is not None:
        left -= reading.take(document)
        if left < 0:
            raise ValueError(f"it holds more than {limit} bytes of numbers, the most that is read unless `limit` says otherwise")
    if not reading.ended:
        raise ValueError("it is cut short: the last line is missing")
    shape = (-1, about["input"]["columns"]) if about["input"]["kind"] == "grid" else (-1,)
    return reading.finished(shape)


def _cells_of(data: Any) -> list[int]:
    if type(data) is list and data and type(data[0]) is list:
        return [cell for row in data for cell in wholes(row, len(data[0]))]
    return wholes(data, len(data))


def _line(file: BinaryIO) -> Any:
    """The next line's document; None at the end."""
    content = file.readline(LINE)
    if not content:
        return None
    if not content.endswith(b"\n"):
        raise ValueError("it is cut short: its last line has no end" if len(content) < LINE else "a line is too long")
    return json.loads(content)


class _Reading:
    """The arrays, as far as they have been read."""

    def __init__(self, kept: Kept, names: Names, network: Document | None) -> None:
        self.kept, self._names, self._network = kept, names, network
        self.arrays = {name: array(_CODES[kind]) for name, kind in formats(kept).items()}
        self.steps = self.layers = self._cells = 0
        self.ended = False

    def take(self, document: Any) -> int:
        """One more line. Returns the bytes that it added."""
        if self.ended:
            raise ValueError("something follows its last line")
        before = self._size()
        if "step" in document:
            self._step(document)
        elif "layer" in document:
            self._layer(document)
        else:
            self.ended = document == {"end": {"steps": self.steps - 1, "layers": max(0, self.layers - 1)}}
            if not self.ended:
                raise ValueError("lines are missing")
        return self._size() - before

    def _size(self) -> int:
        return sum(len(numbers) * numbers.itemsize for numbers in self.arrays.values())

    def _step(self, document: Document) -> None:
        if document["step"] != self.steps:
            raise ValueError(f"step {self.steps} is missing")
        self.steps += 1
        for name, value in step_row(self._names, document).items():
            self.arrays[name].extend(value if isinstance(value, list) else [value])

    def _layer(self, document: Document) -> None:
        if document["layer"] != self.layers or self._network is None:
            raise ValueError(f"layer {self.layers} is missing")
        self.layers += 1
        arrays = self.arrays
        arrays["evaluated"].append(whole(document["evaluated"]))
        for number, cell in document.get("cells", {}).items():
            if number != str(self._cells):
                raise ValueError(f"cell {self._cells} is missing")
            arrays["cells"].extend(cell_row(self._names, cell))
            self._cells += 1
        if self.kept == "layers":
            rows = document["lattice"]
            if type(rows) is not list or len(rows) != self._network["rows"]:
                raise ValueError("a lattice has another size")
            for row in rows:
                arrays["lattice"].extend(wholes(row, self._network["columns"]))
            return
        if self.layers == 1:
            arrays["changes_begin"].append(0)
        for change in document["changes"]:
            row, column, cell = wholes(change, 3)
            arrays["changes_place"].extend((row, column))
            arrays["changes_cell"].append(cell)
        arrays["changes_begin"].append(len(arrays["changes_cell"]))

    def finished(self, data: tuple[int, ...]) -> Arrays:
        """All arrays; `data` is the shape of the data tape."""
        shapes: dict[str, tuple[int, ...]] = {"data": data, "cells": (-1, max(1, len(self._names.fields)))}
        shapes |= dict.fromkeys(PAIRS, (-1, 2))
        if self._network is not None:
            shapes["lattice"] = (-1, self._network["rows"], self._network["columns"])
        kinds = formats(self.kept)
        return {name: _numbers(numbers, kinds[name]).reshape(shapes.get(name, (-1,))) for name, numbers in self.arrays.items()}


def _numbers(numbers: array[int], kind: str) -> Array:
    return np.frombuffer(numbers, numbers.typecode).astype(kind) if len(numbers) else np.zeros(0, kind)
