"""Writing the checkpoint of a compiled network: the names of its tensors, their numbers, its metadata and the bytes of the file.

All of it is made of plain numbers, without numpy, so that compiling need not wait for numpy to be loaded.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tmc.diagnostics import Rejected
from tmc.files import write_atomically
from tmc.frozen import frozen
from tmc.garbage import without_collection
from tmc.ir.columns import columns_of
from tmc.ir.document import Document, encoding_document, filters_document, table_document
from tmc.ir.filters import Layer
from tmc.ir.units import FLOAT32, PackedUnits, biases, sums
from tmc.net.checkpoint.sparse_writing import is_worth_it, sparse_tensors, stored_bytes, units_document
from tmc.targets.registry import DEFAULT
from tmc.targets.target import GROUPS, Target
from tmc.version import __version__

if TYPE_CHECKING:
    from tmc.pipeline import Build, Stages

FORMAT = 4  # raised whenever an older tmc could misread the file
KEY = "tmc"
TRAINING = "tmc-training"  # the key of a file that is not a checkpoint: see `tmc.net.training`
DIGEST = "digest"  # the entry of the metadata for what `digest_of` finds: of the file, not of the network
LIMIT = 1 << 30  # bytes of a file that is read; the largest network so far has a thousandth of it
MOST_METADATA = 100_000_000  # bytes of a header that the safetensors library reads
ROOM = 10_000  # bytes for all else in the header
_KINDS = {
    "f": ("float32", "F32"),
    "d": ("float64", "F64"),
    "q": ("int64", "I64"),
    "i": ("int32", "I32"),
    "H": ("uint16", "U16"),
    "b": ("int8", "I8"),
}  # fmt: skip - by the code of an array: what numpy and safetensors call it


@frozen
class Tensor:
    """Numbers in rows, those of the last axis side by side."""

    shape: tuple[int, ...]
    numbers: array[float] | array[int]

    @property
    def kind(self) -> str:
        """Such as ``float32``."""
        return _KINDS[self.numbers.typecode][0]


def tensors_of(stages: Stages, name: str) -> dict[str, Tensor]:
    """The tensors of a compiled machine. Raises `Rejected` when its matrices would be too large to be loaded again."""
    code, itemsize = ("f", 4) if stages.digits is None or stages.digits <= FLOAT32 else ("d", 8)
    target, modules = stages.target, _modules(stages)
    sparse = _sparse(target, modules)
    size = sum(stored_bytes(layer, itemsize, module in sparse) for module, layer in modules.items())
    if size > LIMIT:
        hint = "" if target is DEFAULT else f"; use the target {DEFAULT.name}"
        raise Rejected(f"{name}: the network's matrices take {size / 1e9:.1f} GB, and {LIMIT / 1e9:.1f} GB is the most{hint}")
    parts = (part for module, layer in modules.items() for part in _tensors(target, module, layer, code, module in sparse))
    return dict(parts)


def _modules(stages: Stages) -> dict[str, Layer]:
    """The layers by module name."""
    names = (name for group in GROUPS for name in stages.target.modules[group])
    return dict(zip(names, (*stages.filters.recurrent, *stages.filters.head), strict=True))


def _sparse(target: Target, modules: Mapping[str, Layer]) -> set[str]:
    """The modules whose matrices are stored sparse: large ones of those that the target lets be."""
    return {module for module, layer in modules.items() if target.weight_name(module) in target.sparse and is_worth_it(layer)}


def _tensors(target: Target, module: str, layer: Layer, code: str, sparse: bool) -> Iterator[tuple[str, Tensor]]:
    yield f"{module}.bias", Tensor((len(layer),), array(code, [float(bias) for bias in biases(layer.units)]))
    if isinstance(layer.units, PackedUnits) and sparse:
        for name, part in sparse_tensors(target.weight_name(module), layer.units, layer.inputs):
            yield name, Tensor((len(part),), part)
        return
    numbers = array(code, [0.0]) * (len(layer) * layer.inputs)
    for row, (_, weights) in enumerate(sums(layer.units)):
        for index, value in weights:
            numbers[row * layer.inputs + index] = float(value)
    yield target.weight_name(module), Tensor(target.weight_shape(module, len(layer), layer.inputs), numbers)


def metadata_of(stages: Stages, text: str) -> Document:
    """What a checkpoint says of itself: where it comes from, and what every channel and unit is."""
    filters, modules = stages.filters, _modules(stages)
    document = filters_document(replace(filters, recurrent=(), head=()))
    sparse = _sparse(stages.target, modules)
    table = table_document(replace(stages.lowered, transitions=()) if sparse else stages.lowered)
    if sparse:
        table["transitions"] = columns_of(stages.lowered)
    return {
        "format": FORMAT,
        "version": __version__,
        "target": filters.target,
        "source": {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()},
        "table": table,
        "encoding": encoding_document(stages.cells),
        "channels": list(filters.channels),
        "cells": {key: document[key] for key in ("symbol", "answer", "blank", "pad", "border")},
        "learning_rate": stages.coding.learning_rate(),
        **stages.coding.document(),
        "units": {module: units_document(layer, module in sparse) for module, layer in modules.items()},
    }


def save_build(build: Build, path: str | Path) -> str:
    """Write the checkpoint of a freshly compiled machine; returns the kind of its numbers, ``float32`` or ``float64``.

    Raises `Rejected` when it would be too large or cannot be written.
    """
    with without_collection():
        tensors = tensors_of(build, build.source.name)
        write_atomically(path, formatted(tensors, metadata_of(build, build.source.text)))
    return next(iter(tensors.values())).kind


def formatted(tensors: Mapping[str, Tensor], about: Document) -> bytes:
    """The file, as the safetensors library writes it: the length of a header, the header in JSON, then the numbers, by name."""
    parts = ((name, tensor.kind, tensor.shape, _little_endian(tensor.numbers)) for name, tensor in tensors.items())
    header: Document = {"__metadata__": {KEY: metadata_text({**about, DIGEST: digest_of(parts)})}}
    end = 0
    for name, tensor in sorted(tensors.items()):
        start, end = end, end + len(tensor.numbers) * tensor.numbers.itemsize
        kind = _KINDS[tensor.numbers.typecode][1]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": (start, end)}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((len(text).to_bytes(8, "little"), text, *(_little_endian(tensors[name].numbers) for name in sorted(tensors))))


def digest_of(tensors: Iterable[tuple[str, str, tuple[int, ...], memoryview | array[float] | array[int]]]) -> str:
    """The SHA-256 of tensors: by their names in order, each with its kind, such as ``float32``, its shape and its little-endian
    numbers, which must be in one dimension."""
    found = hashlib.sha256()
    for name, kind, shape, numbers in sorted(tensors, key=lambda tensor: tensor[0]):
        found.update(json.dumps([name, kind, shape]).encode() + b"\n")
        found.update(numbers)
    return found.hexdigest()


def metadata_text(about: Document) -> str:
    """The metadata as the one text that a safetensors file keeps under `KEY`. Raises `Rejected` when no such file can hold it."""
    text = json.dumps(about, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Rejected("what is known of the machine holds half a character, which no file can hold; compile it again") from None
    size += text.count('"') + text.count("\\") + ROOM
    if size > MOST_METADATA:
        what = f"what is known of the machine takes {size / 1e6:.0f} MB, and {MOST_METADATA / 1e6:.0f} MB is the most"
        raise Rejected(f"{what}; use a machine of fewer states, or a shorter text")
    return text


def _little_endian(numbers: array[float] | array[int]) -> array[float] | array[int]:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers
