"""A checkpoint's network as filters: the weights that the file holds, under the names that its metadata give them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import repeat
from typing import Any

from tmc.diagnostics import Rejected
from tmc.ir.filters import Filters, Layer
from tmc.ir.from_document import table_of
from tmc.ir.table import rule_files
from tmc.ir.units import Number, Unit, Weights
from tmc.net.checkpoint.reading import DAMAGED, Checkpoint
from tmc.net.checkpoint.sparse_tensors import SparseMatrix


def filters_of(checkpoint: Checkpoint) -> Filters:
    """The filters of a checkpoint. Those of one just made of a build are the build's. Raises `Rejected` if the names of its units
    are damaged."""
    cells = checkpoint.about["cells"]
    blank, pad, border = (tuple(map(_number, cells[name])) for name in ("blank", "pad", "border"))
    try:
        files = rule_files(table_of(checkpoint.about["table"]))
        recurrent, head = (tuple(_layers(checkpoint, group, dict(files))) for group in ("recurrent", "head"))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise Rejected(f"{checkpoint.name}: {DAMAGED}") from None
    channels = tuple(checkpoint.about["channels"])
    symbol, answer = cells["symbol"], cells["answer"]
    return Filters(checkpoint.target.name, channels, recurrent, head, symbol, answer, blank, pad, border, files)


def _layers(checkpoint: Checkpoint, group: str, files: dict[str, str]) -> Iterator[Layer]:
    modules, called, parts = checkpoint.target.modules[group], checkpoint.target.layers[group], checkpoint.layers(group)
    for module, name, (matrix, bias) in zip(modules, called, parts, strict=True):
        names = _names(checkpoint.about["units"][module])
        found = zip(names, bias.tolist(), _rows(matrix), strict=True)
        units = tuple(
            Unit(name, _number(constant), weights, rule, line, file or files.get(rule, ""))
            for (name, rule, line, file), constant, weights in found
        )
        inputs = matrix.shape[1] if isinstance(matrix, SparseMatrix) else matrix[0].size
        yield Layer(name, inputs, units, relu=module != modules[-1])


def _names(units: Any) -> Iterator[tuple[str, str, int, str]]:
    """The name, the rule, the line and the file of each unit. Of those that are stored sparse the name is not known, and in a
    checkpoint of an older tmc none has a file."""
    if isinstance(units, list):
        for unit in units:
            yield str(unit["name"]), str(unit.get("rule", "")), int(unit.get("line", 0)), str(unit.get("file", ""))
        return
    files = units.get("files") or [""] * len(units["names"])
    for rule, line, count in zip(units["rules"], units["lines"], units["counts"], strict=True):
        yield from repeat(("", str(units["names"][rule]), int(line), str(files[rule])), count)


def _rows(matrix: Any) -> Iterator[Weights]:
    """The weights of each unit that are not 0."""
    if isinstance(matrix, SparseMatrix):
        for start, end in zip(matrix.indptr, matrix.indptr[1:], strict=False):
            yield tuple(zip(matrix.columns[start:end].tolist(), map(_number, matrix.values[start:end].tolist()), strict=True))
        return
    for row in matrix.reshape(len(matrix), -1).tolist():
        yield tuple((index, _number(weight)) for index, weight in enumerate(row) if weight)


def _number(value: float) -> Number:
    """A float as what it is exactly."""
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else exact
