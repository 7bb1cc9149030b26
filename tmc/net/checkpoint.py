"""Checkpoints: a network as a safetensors file with one metadata key, ``tmc``, that says what every channel and unit is.

Tensors: ``recurrent.N.weight`` and ``.bias`` (3x3 convolution, then 1x1 ones), ``head.N.weight`` and ``.bias``, all float32,
under the names of the modules of `tmc.net.rcnn.RCNN`; and ``memory.weight``, shape (m+1, d+1), once the network has been trained.
The same build gives the same bytes. Reading one executes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as parse_tensors
from safetensors.numpy import save as format_tensors

import tmc
from tmc.diagnostics import Rejected
from tmc.files import why, write_atomically
from tmc.ir.document import Document, cells_document, table_document, unit_document
from tmc.ir.filters import Filters, Layer
from tmc.pipeline import Build, Stages

FORMAT = 1  # raised whenever an older tmc could misread the file
KEY = "tmc"
MEMORY = "memory.weight"
Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The content of a checkpoint file; `about` is its metadata, `name` the path it came from."""

    name: str
    tensors: Tensors
    about: Document

    @property
    def memory(self) -> NDArray[np.float32] | None:
        """The trained memory `W`, shape (m+1, d+1); None before training."""
        return self.tensors.get(MEMORY)


def from_build(build: Build) -> Checkpoint:
    """The checkpoint of a freshly compiled machine."""
    return from_stages(build, build.source.name, build.source.text)


def from_stages(stages: Stages, name: str = "<table>", text: str = "") -> Checkpoint:
    """The checkpoint of a machine that may have no source text."""
    modules = dict(_modules(stages.filters))
    tensors = {key: tensor for module, layer in modules.items() for key, tensor in _tensors(module, layer)}
    return Checkpoint(name, tensors, _about(stages, text, modules))


def _modules(filters: Filters) -> Iterator[tuple[str, Layer]]:
    """The layers by module name: ReLUs stand between them, so their numbers are even."""
    for group, layers in (("recurrent", filters.recurrent), ("head", filters.head)):
        for index, layer in enumerate(layers):
            yield f"{group}.{2 * index}", layer


def _tensors(module: str, layer: Layer) -> Iterator[tuple[str, NDArray[np.float32]]]:
    side = 3 if module == "recurrent.0" else 1
    weight = np.zeros((len(layer), layer.inputs), dtype=np.float32)
    for row, unit in enumerate(layer.units):
        for index, value in unit.weights:
            weight[row, index] = float(value)
    yield f"{module}.weight", weight.reshape(len(layer), -1, side, side)
    yield f"{module}.bias", np.array([float(unit.bias) for unit in layer.units], dtype=np.float32)


def _about(stages: Stages, text: str, modules: Mapping[str, Layer]) -> Document:
    filters, cells = stages.filters, cells_document(stages.cells)
    return {
        "format": FORMAT,
        "version": tmc.__version__,
        "target": filters.target,
        "source": {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()},
        "table": table_document(stages.table),
        "encoding": {"trits": cells["trits"], "values": cells["values"]},
        "channels": list(filters.channels),
        "cells": {"symbol": filters.symbol, "answer": filters.answer, "blank": list(filters.blank), "pad": list(filters.pad)},
        "units": {
            module: [unit_document(unit.name, unit.rule, unit.line) for unit in layer.units] for module, layer in modules.items()
        },
    }


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """The file."""
    about = json.dumps(checkpoint.about, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return bytes(format_tensors(dict(checkpoint.tensors), metadata={KEY: about}))


def save(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write a checkpoint, all at once or not at all. Raises `Rejected` when that is not possible."""
    write_atomically(path, to_bytes(checkpoint))


def load(path: str | Path) -> Checkpoint:
    """Read and check a checkpoint. Raises `Rejected` for anything but a checkpoint of this version of the format."""
    content = _content(path)
    about = _metadata(str(path), content)
    try:
        tensors = parse_tensors(content)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise Rejected(f"{path}: this is not a whole safetensors file ({error}); compile the machine again") from None
    checkpoint = Checkpoint(str(path), tensors, about)
    _check_shapes(checkpoint)
    return checkpoint


def is_checkpoint(path: Path) -> bool:
    """Whether a file says that it is one of ours; it may still be damaged."""
    try:
        _metadata(str(path), _content(path))
    except Rejected:
        return False
    return True


def _content(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise Rejected(f"cannot read {path}: {why(error)}") from None


def _metadata(name: str, content: bytes) -> Document:
    """The metadata, read from the header alone: eight bytes of length, then JSON."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or 8 + length > len(content):
        raise Rejected(f"{name}: this is not a whole safetensors file; compile the machine again")
    try:
        header = json.loads(content[8 : 8 + length])
        about = json.loads(header["__metadata__"][KEY])
        found = about["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Rejected(f"{name}: this is not a checkpoint made by tmc; make one with `tmc compile`") from None
    if found != FORMAT:
        newer = isinstance(found, int) and found > FORMAT
        hint = f"made by a newer tmc ({about.get('version')}); upgrade tmc" if newer else "not one that this tmc knows"
        raise Rejected(f"{name}: the checkpoint's format is {found}, {hint}")
    return dict(about)


def _check_shapes(checkpoint: Checkpoint) -> None:
    """The tensors must be those that the metadata speaks of: every unit of every layer, float32, and nothing else."""
    try:
        expected = _expected_shapes(checkpoint.about)
        _check_cells(checkpoint.about)
    except (KeyError, TypeError, ValueError, IndexError):
        raise Rejected(f"{checkpoint.name}: the checkpoint's metadata are damaged; compile the machine again") from None
    found = {name: tensor.shape for name, tensor in checkpoint.tensors.items() if name != MEMORY}
    if found != expected:
        wrong = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        raise Rejected(
            f"{checkpoint.name}: the tensor {wrong[0]} does not fit the checkpoint's metadata; compile the machine again"
        )
    for name, tensor in checkpoint.tensors.items():
        if tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise Rejected(f"{checkpoint.name}: the tensor {name} must hold finite float32 numbers; compile the machine again")
    memory = checkpoint.memory
    if memory is not None and (memory.ndim != 2 or min(memory.shape) < 2):
        raise Rejected(f"{checkpoint.name}: the tensor {MEMORY} must have shape (m+1, d+1); train the network again")


def _expected_shapes(about: Document) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for group, last in (("recurrent", 4), ("head", 2)):
        inputs = len(about["channels"])
        for index in range(0, last + 1, 2):
            units, side = len(about["units"][f"{group}.{index}"]), 3 if (group, index) == ("recurrent", 0) else 1
            shapes[f"{group}.{index}.weight"] = (units, inputs, side, side)
            shapes[f"{group}.{index}.bias"] = (units,)
            inputs = units
    return shapes


def _check_cells(about: Document) -> None:
    """The parts of the metadata that the network is built from: ValueError or the like when one is not what it should be."""
    channels, cells = len(about["channels"]), about["cells"]
    integers: list[Any] = [*cells["blank"], *cells["pad"], cells["symbol"], cells["answer"]]
    if len(cells["blank"]) != channels or len(cells["pad"]) != channels or not all(type(value) is int for value in integers):
        raise ValueError("cells")
    if not (0 <= cells["symbol"] < channels and 0 <= cells["answer"] < channels and all(-1 <= v <= 1 for v in integers[:-2])):
        raise ValueError("cells")
    if not all(isinstance(tape["kind"], str) for tape in about["table"]["tapes"]) or not isinstance(about["table"]["name"], str):
        raise ValueError("table")
