"""The log of a search: a line of JSON after every round, so that a search that was interrupted goes on where it was.

The first line says what is searched; every other one how far it is, and the best until then. Neither times nor workers are in it:
the same search writes the same bytes, however often it was interrupted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from tmc.diagnostics import Rejected
from tmc.files import check_writable, read_bytes, why
from tmc.learn.search import Best, Prior, Problem

FORMAT, VERSION = "tmc search", 1
LARGEST = 100_000_000  # bytes


def header(prior: Prior, problems: Sequence[Problem]) -> dict[str, Any]:
    """What a log says of its search: the prior, and a digest of the problems."""
    digest = sha256()
    for each in problems:
        for array in (each.inputs.data, each.inputs.shifts, each.labels):
            digest.update(repr((array.shape, array.dtype.str, each.inputs.limit)).encode())
            digest.update(array.tobytes())
    return {"format": FORMAT, "version": VERSION, "prior": prior.name, "problems": digest.hexdigest()}


class Log:
    """A log that is open to be written to. `rounds`: what was there already, and what was added."""

    def __init__(self, path: str, header: dict[str, Any], restart: bool = False) -> None:
        """Begin a log, or go on with one. Raises `Rejected` when the file is no log or of another search (unless it is to begin
        anew with `restart`), or cannot be written."""
        check_writable(path)
        self._path, self.rounds = path, list[Best]()
        content = read_bytes(path, LARGEST) if Path(path).exists() and not restart else b""
        whole = content[: content.rfind(b"\n") + 1]  # a process that was killed may have left half a line
        if whole:
            self.rounds = _read(path, whole, header)
        try:
            self._file = open(path, "r+b" if whole else "wb")  # noqa: PTH123, SIM115 - it stays open
            self._file.truncate(len(whole))
            self._file.seek(len(whole))
        except OSError as error:
            raise Rejected(f"cannot write {path}: {why(error)}") from None
        if not whole:
            self._write(header)

    @property
    def latest(self) -> Best | None:
        """How far the search is."""
        return self.rounds[-1] if self.rounds else None

    def add(self, best: Best) -> None:
        """Add a round. Raises `Rejected` when it cannot be written."""
        self.rounds.append(best)
        self._write(asdict(best))

    def close(self) -> None:
        """Nothing more will be added."""
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(line).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Rejected(f"cannot write {self._path}: {why(error)}") from None


def _read(path: str, whole: bytes, header: dict[str, Any]) -> list[Best]:
    lines = whole.splitlines()
    first = _line(path, 1, lines[0])
    if first.get("format") != FORMAT:
        raise Rejected(f"{path} is not the log of a search; name another file, or write over it with --restart")
    if first.get("version") != VERSION:
        raise Rejected(f"{path} is a log of version {first.get('version')}, this tmc writes {VERSION}; begin anew with --restart")
    for part in ("prior", "problems"):
        if first.get(part) != header[part]:
            what = "other problems" if part == "problems" else f"another prior ({first.get(part)}, not {header[part]})"
            raise Rejected(f"{path} is the log of a search with {what}; name another file, or begin anew with --restart")
    return [_best(path, number, _line(path, number, line)) for number, line in enumerate(lines[1:], 2)]


def _line(path: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Rejected(f"{path}: line {number} is damaged; begin anew with --restart")
    return found


def _best(path: str, number: int, line: dict[str, Any]) -> Best:
    names = {part.name for part in fields(Best)}
    if line.keys() != names or not all(type(value) is int for value in line.values()):
        raise Rejected(f"{path}: line {number} is damaged; begin anew with --restart")
    best = Best(**line)
    if not (0 <= best.right <= best.queries and 0 <= best.number < best.tried) and best.number != -1:
        raise Rejected(f"{path}: line {number} is damaged; begin anew with --restart")
    return best
