"""Checkpoints: a network as a safetensors file with one metadata key, ``tmc``, that says what every channel and unit is.

Tensors of the target `wide`: ``recurrent.N.weight`` and ``.bias`` (3x3 convolution, then 1x1 ones), ``head.N.weight`` and
``.bias``, all float32, under the names of the modules of `tmc.net.rcnn.RCNN`; and ``memory.weight``, shape (m+1, d+1), once the
network has been trained. Those of the target `scalar` have the paper's names and shapes: ``V1`` (d_rc x 9), ``V2`` to ``V4``
(d_rc x d_rc), ``V5`` (1 x d_rc), ``U2`` (d_head x 1), ``U1`` (1 x d_head), each with a ``.bias``, and ``W``; float32, or float64 if
that is what the numbers need. Large matrices are stored sparse (`tmc.net.checkpoint.sparse_tensors`).
The same build gives the same bytes. Reading one executes nothing, and finds out by a digest in the metadata whether the tensors are
those that were written; writing one computes it anew, so a network that was changed on purpose is saved like any other.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as parse_tensors

from tmc.diagnostics import Rejected
from tmc.files import why, write_atomically
from tmc.garbage import without_collection
from tmc.ir.cells import Cells
from tmc.ir.document import Document
from tmc.ir.from_document import bound_of, cells_of
from tmc.net.checkpoint.arrays import digest, formatted
from tmc.net.checkpoint.sparse_tensors import PARTS, SparseMatrix, fault, matrix_of
from tmc.net.checkpoint.writing import (
    DIGEST,
    FORMAT,
    KEY,
    LIMIT,
    MOST_METADATA,
    TRAINING,
    Tensor,
    metadata_of,
    metadata_text,
    tensors_of,
)
from tmc.targets.registry import TARGETS, target_named
from tmc.targets.target import Coding, Target

if TYPE_CHECKING:
    from tmc.pipeline import Build, Stages

__all__ = [
    "DAMAGED", "FORMAT", "KEY", "LIMIT", "Array", "Checkpoint", "Tensors",
    "from_build", "from_stages", "is_checkpoint", "load", "opened", "save", "to_bytes",
]  # fmt: skip

_NOT_OURS = "this is not a checkpoint made by tmc; make one with `tmc compile`"
DAMAGED = "the checkpoint's metadata are damaged; compile the machine again"
Array = NDArray[np.floating[Any]]
Tensors = Mapping[str, Array]


@dataclass(frozen=True, slots=True, repr=False)
class Checkpoint:
    """The content of a checkpoint file; `about` is its metadata, `name` the path it came from, `written` the digest that the file
    holds ("": it came from no file)."""

    name: str
    tensors: Tensors
    about: Document
    written: str = ""

    def __repr__(self) -> str:
        learnt = "untrained" if self.memory is None else f"trained on {self.memory.shape[0] - 1} examples"
        return f"<Checkpoint {self.name}, target {self.target.name}: {len(self.tensors)} tensors, {learnt}>"

    @property
    def target(self) -> Target:
        """The kind of network."""
        return target_named(self.about["target"])

    def coding(self) -> tuple[Cells, Coding]:
        """The fields of its cells, and how they are channels. ValueError or KeyError when they are damaged."""
        return self.target.coding(self.about, cells_of(self.about["encoding"]))

    @property
    def memory(self) -> Array | None:
        """The trained memory `W`, shape (m+1, d+1); None before training."""
        return self.tensors.get(self.target.memory)

    @property
    def digest(self) -> str:
        """The SHA-256 of the tensors as they are now."""
        return digest(self.tensors)

    def layers(self, group: str) -> list[tuple[Array | SparseMatrix, Array]]:
        """The weights, shape (outputs, inputs, side, side), and biases of the layers of ``recurrent`` or ``head``. Weights that are
        stored sparse are a `SparseMatrix`."""
        found: list[tuple[Array | SparseMatrix, Array]] = []
        inputs = len(self.about["channels"])
        for name in self.target.modules[group]:
            bias = self.tensors[f"{name}.bias"]
            sparse = matrix_of(self.tensors, self.target.weight_name(name), inputs)
            inputs = len(bias)
            if sparse is not None:
                found.append((sparse, bias))
                continue
            weight, side = self.tensors[self.target.weight_name(name)], self.target.side(name)
            found.append((weight if weight.ndim == 4 else weight.reshape(len(weight), -1, side, side), bias))
        return found


def from_build(build: Build) -> Checkpoint:
    """The checkpoint of a freshly compiled machine."""
    return from_stages(build, build.source.name, build.source.text)


def from_stages(stages: Stages, name: str = "<table>", text: str = "") -> Checkpoint:
    """The checkpoint of a machine that may have no source text. Raises `Rejected` when its matrices would be too large to be loaded
    again."""
    with without_collection():
        tensors = {key: _array(tensor) for key, tensor in tensors_of(stages, name).items()}
        return Checkpoint(name, tensors, metadata_of(stages, text))


def _array(tensor: Tensor) -> Array:
    return np.frombuffer(tensor.numbers, dtype=tensor.kind).reshape(tensor.shape)


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """The file."""
    about = {**checkpoint.about, DIGEST: checkpoint.digest}
    return formatted(checkpoint.tensors, KEY, metadata_text(about))


def save(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write a checkpoint, all at once or not at all. Raises `Rejected` when that is not possible."""
    write_atomically(path, to_bytes(checkpoint))


def load(path: str | Path, *, as_written: bool = True) -> Checkpoint:
    """Read and check a checkpoint. Raises `Rejected` for anything but a checkpoint of this version of the format, and, unless
    `as_written` is False, for one whose tensors are not those that were written: its `digest` is then not what is `written`."""
    with opened(path) as file:
        about = _metadata(str(path), file)
        file.seek(0)
        content = file.read(LIMIT)
    try:
        tensors = parse_tensors(content)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        said = " ".join(str(error).split())  # it may hold a part of the file
        raise Rejected(f"{path}: this is not a whole safetensors file ({said}); compile the machine again") from None
    written = about.pop(DIGEST, None)
    if not isinstance(written, str):
        raise Rejected(f"{path}: {DAMAGED}")
    checkpoint = Checkpoint(str(path), tensors, about, written)
    _check(checkpoint)
    if as_written and (found := checkpoint.digest) != written:
        raise Rejected(f"{path}: its weights are not those that were written (digest {found[:12]}…); compile the machine again")
    return checkpoint


def is_checkpoint(path: Path) -> bool:
    """Whether a file says that it is a checkpoint; it may still be damaged."""
    try:
        with opened(path) as file:
            _metadata(str(path), file)
    except Rejected:
        return False
    return True


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """An ordinary file that is not too large: a pipe or a device might never end."""
    try:
        status = Path(path).stat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= LIMIT:
            with Path(path).open("rb") as file:
                yield file
            return
    except (OSError, ValueError) as error:
        raise Rejected(f"cannot read {path}: {why(error)}") from None
    if stat.S_ISREG(status.st_mode):
        raise Rejected(f"{path} is larger than {LIMIT} bytes, the most that is read")
    raise Rejected(f"cannot read {path}: it is {'a folder' if stat.S_ISDIR(status.st_mode) else 'not an ordinary file'}")


def _metadata(name: str, file: BinaryIO) -> Document:
    """The metadata, read from the header alone: eight bytes of length, then JSON."""
    size, start = os.fstat(file.fileno()).st_size, file.read(9)
    if not start:
        raise Rejected(f"{name} is empty")
    length = int.from_bytes(start[:8], "little")
    if start[8:] != b"{":
        raise Rejected(f"{name}: {_NOT_OURS}")
    if 8 + length > size:
        raise Rejected(f"{name}: this safetensors file is cut short; compile the machine again")
    if length > MOST_METADATA:
        raise Rejected(f"{name}: {_NOT_OURS}")
    try:
        header = json.loads(start[8:] + file.read(length - 1))
        if TRAINING in header["__metadata__"]:
            raise Rejected(f"{name} is an unfinished training, not a network; the `tmc run --save` that began it goes on with it")
        about = json.loads(header["__metadata__"][KEY])
        found = about["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Rejected(f"{name}: {_NOT_OURS}") from None
    if type(found) is not int:
        raise Rejected(f"{name}: {DAMAGED}")
    if found != FORMAT:
        hint = (
            "made by a newer tmc; upgrade tmc"
            if found > FORMAT
            else "which this version of tmc does not know; compile the machine again"
        )
        raise Rejected(f"{name}: the checkpoint's format is {found}, {hint}")
    return dict(about)


def _check(checkpoint: Checkpoint) -> None:
    """The metadata must be whole, and the tensors those that they speak of: every unit of every layer, float32, nothing else."""
    name = checkpoint.name
    try:
        _check_cells(checkpoint.about)
        _check_machine(checkpoint.about["table"])
        expected = _expected_shapes(checkpoint.about)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        raise Rejected(f"{name}: {DAMAGED}") from None
    memory_name = checkpoint.target.memory
    sparse = [key for key in expected if key in checkpoint.target.sparse and f"{key}.rows" in checkpoint.tensors]
    for key in sparse:
        wrong = fault(checkpoint.tensors, key, (expected[key][0], expected[key][1]))
        del expected[key]
        if wrong is not None:
            raise Rejected(f"{name}: the tensor {wrong!r} does not fit the checkpoint's metadata; compile the machine again")
    parts = {f"{key}.{part}" for key in sparse for part in PARTS}
    found = {key: tensor.shape for key, tensor in checkpoint.tensors.items() if key != memory_name and key not in parts}
    for key in sorted(found.keys() | expected.keys()):
        if found.get(key) != expected.get(key):
            raise Rejected(f"{name}: the tensor {key!r} does not fit the checkpoint's metadata; compile the machine again")
    allowed = set(checkpoint.target.formats)
    for key, tensor in sorted((key, tensor) for key, tensor in checkpoint.tensors.items() if key not in parts):
        allowed &= {tensor.dtype.name}
        if not allowed or not np.isfinite(tensor).all():
            formats = checkpoint.target.formats
            kinds = f"{formats[0]} numbers" if len(formats) == 1 else f"numbers, {' or '.join(formats)} like all others"
            raise Rejected(f"{name}: the tensor {key} must hold finite {kinds}; compile the machine again")
    memory = checkpoint.memory
    if memory is not None and (memory.ndim != 2 or min(memory.shape) < 2):
        raise Rejected(f"{name}: the tensor {memory_name} must have shape (m+1, d+1); train the network again")


def _expected_shapes(about: Document) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    target = target_named(about["target"])
    for modules in target.modules.values():
        inputs = len(about["channels"])
        for module in modules:
            units, side = _count(about["units"][module]), target.side(module)
            shapes[target.weight_name(module)] = target.weight_shape(module, units, inputs * side * side)
            shapes[f"{module}.bias"] = (units,)
            inputs = units
    return shapes


def _count(units: list[Document] | Document) -> int:
    """The number of units that some metadata speak of."""
    if isinstance(units, list):
        return len(units)
    count = units["count"]
    if type(count) is not int or not 0 <= count == sum(units["counts"]):
        raise ValueError("units")
    return count


def _check_cells(about: Document) -> None:
    """What the network is built from: ValueError or the like when a part is not what it should be."""
    channels, cells = about["channels"], about["cells"]
    positions = (cells["symbol"], cells["answer"])
    if about["target"] not in TARGETS or not all(isinstance(channel, str) for channel in channels):
        raise ValueError("cells")
    TARGETS[about["target"]].check(about)
    if not len(cells["blank"]) == len(cells["pad"]) == len(cells["border"]) == len(channels):
        raise ValueError("cells")
    if not all(type(position) is int and 0 <= position < len(channels) for position in positions):
        raise ValueError("cells")
    if type(about["learning_rate"]) is not float or not 0 < about["learning_rate"] < math.inf:
        raise ValueError("learning rate")


def _check_machine(table: Document) -> None:
    """What is asked of the machine's table: its name, its data tape and its bounds, which must be small enough to be evaluated."""
    tape = table["tapes"][0]
    texts = (table["name"], tape["kind"], *tape["symbols"])
    if not all(isinstance(text, str) and text.isprintable() for text in texts) or tape["kind"] not in ("grid", "line"):
        raise ValueError("table")
    variables = {"m", "d"} if tape["kind"] == "grid" else {"n"}
    for name in ("steps", "work"):
        bound = bound_of(table["bounds"][name])
        if bound is not None and not bound.variables() <= variables:
            raise ValueError("bounds")
