"""Writing large layers as sparse tensors: see `tmc.net.checkpoint.sparse_tensors` for what they are. numpy is loaded for
these only."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from tmc.ir.document import Document, unit_document
from tmc.ir.filters import Layer
from tmc.ir.units import MIDDLE, SPAN, PackedUnits

DENSE = 1 << 24  # bytes of a matrix that is always stored as it is
NARROW = 1 << 16  # inputs whose numbers two bytes hold


def is_worth_it(layer: Layer) -> bool:
    """Whether a layer of float32 weights had better be stored sparse: it is large, and so takes less than half the bytes."""
    dense = 4 * len(layer) * layer.inputs
    return isinstance(layer.units, PackedUnits) and dense > DENSE and 2 * _stored(layer, layer.units) < dense


def stored_bytes(layer: Layer, itemsize: int, sparse: bool) -> int:
    """The bytes that a layer's matrix takes in the file."""
    if isinstance(layer.units, PackedUnits) and sparse:
        return _stored(layer, layer.units)
    return len(layer) * layer.inputs * itemsize


def sparse_tensors(name: str, units: PackedUnits, inputs: int) -> Iterator[tuple[str, array[int]]]:
    """The three tensors of a matrix, by name."""
    import numpy as np

    entries = np.frombuffer(units.entries, dtype=np.int32)
    columns, values = entries // SPAN, (entries % SPAN - MIDDLE).astype(np.int8)
    yield f"{name}.rows", units.starts
    yield (
        f"{name}.columns",
        _array("H", columns.astype(np.uint16).tobytes()) if inputs <= NARROW else _array("i", columns.tobytes()),
    )
    yield f"{name}.values", _array("b", values.tobytes())


def units_document(layer: Layer, sparse: bool) -> Document | list[Document]:
    """What is known of a layer's units: a document for each, or, if it is stored sparse, how many units in a row belong to each
    rule; their names are then left out: their weights say the same. ``files`` are those of the ``names``, if there are any but the
    machine's own."""
    units = layer.units
    if not isinstance(units, PackedUnits) or not sparse:
        return [unit_document(unit) for unit in units]
    names: dict[str, int] = {}
    files = list[str]()
    rules, lines, counts = list[int](), list[int](), list[int]()
    before = None
    for origin in map(units.origin, range(len(units))):
        if origin == before:
            counts[-1] += 1
            continue
        before = origin
        rule, line, file = origin
        if rule not in names:
            names[rule] = len(names)
            files.append(file)
        rules.append(names[rule])
        lines.append(line)
        counts.append(1)
    known: Document = {"count": len(units), "names": list(names), "rules": rules, "lines": lines, "counts": counts}
    return {**known, "files": files} if any(files) else known


def _stored(layer: Layer, units: PackedUnits) -> int:
    return 8 * len(units.starts) + len(units.entries) * (3 if layer.inputs <= NARROW else 5)


def _array(kind: str, content: bytes) -> array[int]:
    numbers = array(kind)
    numbers.frombytes(content)
    return numbers
