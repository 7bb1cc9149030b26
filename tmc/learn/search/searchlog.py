"""The log of a search: a line of JSON after every round, so that a search that was interrupted goes on where it was.

The first line says what is searched; every other one how far it is, and the best until then. Neither times nor workers are in it:
the same search writes the same bytes, however often it was interrupted.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from tmc.diagnostics import Rejected
from tmc.files import check_writable, read_bytes, why
from tmc.learn.search.searching import Best, Prior, Problem
from tmc.net.checkpoint.arrays import plain

FORMAT, VERSION = "tmc search", 1
LARGEST = 100_000_000  # bytes
MAX_ERROR = "bearable"  # the key of --max-error, which was called so when logs were first written


def header(prior: Prior, problems: Sequence[Problem], max_error: float = 1.0) -> dict[str, Any]:
    """What a log says of its search: the prior, a digest of the problems, and the largest share of mistakes, unless any will do."""
    digest = sha256()
    for each in problems:
        for array in (plain(each.inputs.data), plain(each.inputs.shifts), plain(each.labels)):
            digest.update(repr((array.shape, array.dtype.str, each.inputs.limit)).encode())
            digest.update(array.tobytes())
    said = {"format": FORMAT, "version": VERSION, "prior": prior.name, "problems": digest.hexdigest()}
    return said if max_error >= 1 else {**said, MAX_ERROR: max_error}


class Log:
    """A log that is open to be written to, by us alone. `rounds`: what was there already, and what was added."""

    def __init__(self, path: str, header: dict[str, Any], restart: bool = False, queries: int | None = None) -> None:
        """Begin a log, or go on with one. `queries`: how many its search has, None: that is not known. Raises `Rejected`, and
        leaves the file as it is, if the file is not a log, or the log of another search (unless `restart` is set), if it cannot be
        written, or if another search is writing to it."""
        check_writable(path)
        self.path, self.rounds = path, list[Best]()
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
        except OSError as error:
            raise Rejected(f"cannot write {path}: {why(error)}") from None
        try:
            self._lock()
            self._begin(header, restart, queries)
        except BaseException:
            self._file.close()
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Rejected(f"another search is writing to {self.path}; wait for it, or name another file") from None
        except OSError:  # a file system without locks
            pass

    def _begin(self, header: dict[str, Any], restart: bool, queries: int | None) -> None:
        first = _bytes(header)
        content = b"" if restart else self._content()
        whole = content[: content.rfind(b"\n") + 1]  # a process that was killed may have left half a line
        if whole:
            self.rounds = _read(self.path, whole, header)
            if self.rounds and self.rounds[0].queries != (queries or self.rounds[0].queries):
                raise _damaged(self.path, 2)
        elif not first.startswith(content):
            raise _no_log(self.path)
        try:
            self._file.truncate(len(whole))
            self._file.seek(len(whole))
        except OSError as error:
            raise Rejected(f"cannot write {self.path}: {why(error)}") from None
        if not whole:
            self._write(first)

    def _content(self) -> bytes:
        """What is in the file, of which others may have made another one since it was opened. (A search that was the last to write
        to it has closed it by then: it is locked.)"""
        content = read_bytes(self.path, LARGEST)
        here, there = os.fstat(self._file.fileno()), Path(self.path).stat()
        if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
            raise Rejected(f"{self.path} was replaced meanwhile; try again")
        return content

    @property
    def latest(self) -> Best | None:
        """How far the search is."""
        return self.rounds[-1] if self.rounds else None

    def add(self, best: Best) -> None:
        """Add a round. Raises `Rejected` when it cannot be written."""
        self.rounds.append(best)
        self._write(_bytes(asdict(best)))

    def close(self) -> None:
        """Nothing more will be added."""
        with suppress(OSError):  # what was written is there already
            self._file.close()

    def _write(self, line: bytes) -> None:
        try:
            while line:
                line = line[self._file.write(line) or 0 :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Rejected(f"cannot write {self.path}: {why(error)}") from None


def _bytes(line: dict[str, Any]) -> bytes:
    return json.dumps(line).encode() + b"\n"


def _no_log(path: str) -> Rejected:
    return Rejected(f"{path} is not the log of a search; name another file, or write over it with --restart")


def _damaged(path: str, number: int) -> Rejected:
    return Rejected(f"{path}: line {number} is damaged; begin anew with --restart")


def _read(path: str, whole: bytes, header: dict[str, Any]) -> list[Best]:
    first, *lines = whole.splitlines()
    given = _line(first)
    if given is None or given.get("format") != FORMAT:
        raise _no_log(path)
    if given.get("version") != VERSION:
        raise Rejected(f"{path} is a log of version {given.get('version')}, this tmc writes {VERSION}; begin anew with --restart")
    for part in ("prior", "problems"):
        if given.get(part) != header[part]:
            what = "other problems" if part == "problems" else f"another prior ({given.get(part)}, not {header[part]})"
            raise Rejected(f"{path} is the log of a search with {what}; name another file, or begin anew with --restart")
    if given.get(MAX_ERROR, 1.0) != header.get(MAX_ERROR, 1.0):
        how = f"with --max-error {given[MAX_ERROR]}" if MAX_ERROR in given else "without --max-error"
        raise Rejected(f"{path} is the log of a search {how}; name another file, or begin anew with --restart")
    return _rounds(path, [_line(line) for line in lines], none=MAX_ERROR in header)


def _line(line: bytes) -> dict[str, Any] | None:
    """What a line says; None when that cannot be read."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _rounds(path: str, lines: Sequence[dict[str, Any] | None], none: bool) -> list[Best]:
    """Every line by itself is a round, and they follow from one another. `none`: whether there may be no best yet."""
    names, rounds = {part.name for part in fields(Best)}, list[Best]()
    for number, line in enumerate(lines, 2):
        if line is None or line.keys() != names or not all(type(value) is int for value in line.values()):
            raise _damaged(path, number)
        best = Best(**line)
        found = 0 <= best.number < best.tried and 0 <= best.right <= best.queries
        if not found and not (none and best.number == best.right == -1 and best.tried > 0 and best.queries > 0):
            raise _damaged(path, number)
        rounds.append(best)
    for number, (one, other) in enumerate(pairwise(rounds), 3):
        better = other.right > one.right and other.number >= one.tried
        if other.tried <= one.tried or other.queries != one.queries or not (better or other == Best(other.tried, *_what(one))):
            raise _damaged(path, number)
    return rounds


def _what(best: Best) -> tuple[int, int, int]:
    return best.number, best.right, best.queries
