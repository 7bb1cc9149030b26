"""Files of arrays with a document: safetensors with one metadata key, whose JSON says what the arrays are, sealed by a digest.

Reading one executes nothing. The digest finds damage, not malice: who reads a document checks all that it says.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as parse_tensors

from tmc.diagnostics import Rejected
from tmc.files import write_atomically
from tmc.ir.document import Document
from tmc.net.checkpoint.arrays import Arrays, digest, formatted
from tmc.net.checkpoint.reading import opened
from tmc.net.checkpoint.writing import DIGEST, KEY, LIMIT, TRAINING

_OTHERS = {KEY: "a compiled network", TRAINING: "an unfinished training"}  # other kinds of files, by their keys


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of files: the metadata's `key`, `what` such a file is, and the number of its `format`, which is raised whenever an
    older tmc could misread one. `advice`: what to do with a file of another kind, or a damaged one."""

    key: str
    what: str
    format: int
    advice: str = ""

    def refusal(self, said: str) -> Rejected:
        """What is wrong with a file, and what to do."""
        return Rejected(f"{said}; {self.advice}" if self.advice else said)


def to_bytes(kind: FileKind, document: Document, arrays: Arrays) -> bytes:
    """The file; the same bytes for the same content."""
    about = {"format": kind.format, **document}
    text = json.dumps({**about, DIGEST: _seal(about, arrays)}, sort_keys=True, allow_nan=False)
    return formatted(arrays, kind.key, text)


def save(kind: FileKind, document: Document, arrays: Arrays, path: str | Path) -> None:
    """Write such a file, all at once or not at all. Raises `Rejected` when that is not possible."""
    write_atomically(path, to_bytes(kind, document, arrays))


def load(kind: FileKind, path: str | Path) -> tuple[Document, Arrays]:
    """The document and the arrays of a file. Raises `Rejected` for one that cannot be read, is empty, cut short or damaged, or of
    another kind or format."""
    with opened(path) as file:
        content = file.read(LIMIT)
    if not content:
        raise kind.refusal(f"{path} is empty")
    about = _document(kind, path, content)
    try:
        arrays = parse_tensors(content)
    except (SafetensorError, KeyError, TypeError, ValueError):
        raise kind.refusal(f"{path} is damaged or cut short: it is not the whole of {kind.what}") from None
    if about.pop(DIGEST, None) != _seal(about, arrays):
        raise kind.refusal(f"{path} is damaged: it is not what was written")
    del about["format"]
    return about, arrays


def _document(kind: FileKind, path: str | Path, content: bytes) -> Document:
    """The document in the header: eight bytes of length, then JSON."""
    length = int.from_bytes(content[:8], "little")
    if content[8:9] == b"{" and 8 + length > len(content):
        raise kind.refusal(f"{path} is damaged or cut short: it is not the whole of {kind.what}")
    try:
        metadata = json.loads(content[8 : 8 + length])["__metadata__"]
        other = next((name for key, name in _OTHERS.items() if key in metadata and key != kind.key), None)
        about = dict(json.loads(metadata[kind.key])) if other is None else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise kind.refusal(f"{path} is not {kind.what}") from None
    if other is not None:
        raise kind.refusal(f"{path} is {other}, not {kind.what}")
    found = about.get("format")
    if type(found) is not int:
        raise kind.refusal(f"{path} is damaged: it is not what was written")
    if found != kind.format:
        hint = (
            "made by a newer tmc; upgrade tmc" if found > kind.format else "which this version of tmc does not know; save it again"
        )
        raise Rejected(f"{path}: the format of {kind.what} is {found}, {hint}")
    return about


def _seal(about: Document, arrays: Arrays) -> str:
    return hashlib.sha256(f"{digest(arrays)}\n{json.dumps(about, sort_keys=True)}".encode()).hexdigest()
