"""Reading and writing whole files; every fault is one line of `Rejected`."""

from __future__ import annotations

import codecs
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tmc.diagnostics import InternalError, Rejected
from tmc.source import Source

MEGABYTE = 1_000_000
STALE = 60  # seconds; between making a temporary file and locking it less goes by
READ_LIMIT = 10 * MEGABYTE  # bytes; no hand-written machine is larger

_WHY = {
    errno.ENOENT: "it does not exist",
    errno.ENOTDIR: "a part of its path is not a folder",
    errno.EISDIR: "it is a folder",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "the disk is full; free some space, or write elsewhere",
    errno.EDQUOT: "your disk quota is used up; free some space, or write elsewhere",
    errno.EFBIG: "the file would be larger than allowed here",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its symbolic links form a cycle",
}


def read_text(path: str | Path, limit: int = READ_LIMIT) -> Source:
    """The text of a UTF-8 file, named as the user typed it; a byte order mark is left out.

    Raises `Rejected` when the file is missing, a folder, unreadable, empty, larger than `limit` bytes, binary or not UTF-8.
    """
    name = str(path)
    if not name:
        raise Rejected("cannot read a file without a name")
    return as_source(name, read_bytes(name, limit))


def as_source(name: str, content: bytes) -> Source:
    """The text that a file holds. Raises `Rejected` when it is empty, binary or not UTF-8."""
    if not content:
        raise Rejected(f"{name} is empty")
    zero = content.find(b"\0")
    wide = _wide_encoding(content)
    if wide:
        raise Rejected(f"{name} is a text in {wide}; save it as UTF-8")
    if zero >= 0 and content[8:9] == b"{":
        raise Rejected(f"{name} is a checkpoint, not a machine's text; name the .tm file that it was compiled from")
    if zero >= 0:
        raise Rejected(f"{name} is not a text: there is a zero byte at byte {zero} (line {_line(content, zero)})")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} (line {_line(content, error.start)})"
        raise Rejected(f"{name} is not UTF-8: 0x{content[error.start]:02x} at {where}; save it as UTF-8") from None
    return Source(name, text.removeprefix("\ufeff"))


def _wide_encoding(content: bytes) -> str:
    """UTF-16 or UTF-32, if that is what a text seems to be in: by its byte order mark, or as ASCII is written in it."""
    for mark, encoding in ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32")):
        if content.startswith(mark):
            return encoding
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    first = content[:4]
    if len(first) == 4 and first.count(0) == 3 and (first[0] or first[3]):
        return "UTF-32"
    evens, odds = content[:200:2], content[1:200:2]
    if len(content) > 3 and any(not any(one) and all(other) for one, other in ((evens, odds), (odds, evens))):
        return "UTF-16"
    return ""


def read_bytes(name: str, limit: int = READ_LIMIT) -> bytes:
    """What a file holds. Raises `Rejected` when it is missing, a folder, unreadable or larger than `limit` bytes; and when it is
    called .tm but is a link to a file that is not, or no file that ends: those may be a stranger's."""
    try:
        _check_machine(name)
        if Path(name).stat().st_size <= limit:  # asked first, so that a huge file is never read
            with Path(name).open("rb") as file:
                content = file.read(limit + 1)  # a pipe or a device has no size: one byte more than allowed tells
            if len(content) <= limit:
                return content
    except (OSError, ValueError) as error:
        raise Rejected(f"cannot read {name}: {why(error)}") from None
    raise Rejected(f"{name} is larger than {limit / MEGABYTE:g} MB, the most that is read")


def _check_machine(name: str) -> None:
    if not name.endswith(".tm"):
        return
    if not os.path.realpath(name).endswith(".tm"):
        raise Rejected(f"{name} is a link to a file that is not a .tm file; name that file itself")
    if not stat.S_ISREG(mode := Path(name).stat().st_mode) and not stat.S_ISDIR(mode):
        raise Rejected(f"{name} is a pipe or a device, not a file; read a text from stdin with `-`")


def _line(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def why(error: OSError | ValueError) -> str:
    """The reason of a failed file operation, in words that need no error number."""
    if isinstance(error, OSError) and error.errno is not None:
        return _WHY.get(error.errno) or os.strerror(error.errno)
    return str(error)


def check_writable(path: str | Path) -> None:
    """Raise `Rejected` if a file at `path` could not be written: worth asking before long work, as well as when it is done."""
    if not str(path):
        raise Rejected("cannot write a file without a name")
    try:
        fault = _fault(Path(path), Path(path).resolve().parent)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a cycle of links
        fault = why(error) if isinstance(error, OSError) else str(error)
    if fault:
        raise Rejected(f"cannot write {path}: {fault}")


def _fault(path: Path, folder: Path) -> str:
    if path.is_dir():
        return "it is a folder; name a file"
    if not folder.exists():
        return f"the folder {path.parent} does not exist; create it first"
    if not folder.is_dir():
        return f"{path.parent} is not a folder"
    if not os.access(folder, os.W_OK | os.X_OK) and not _is_device(path):
        return f"the folder {path.parent} is not writable; choose another"
    return ""


def write_atomically(path: str | Path, content: bytes) -> None:
    """Write a file all at once: whatever happens, `path` holds either what it held before or all of `content`.

    A device or a pipe (``/dev/stdout``) is written to directly. Raises `Rejected` when the folder is missing or not writable, the
    target is a folder or the disk is full; nothing is left behind then, nor on an interrupt. What a killed process left behind, the
    next one to write in that folder removes.
    """
    with writing(path) as file:
        file.write(content)


@contextmanager
def writing(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of `path` at the end: what `write_atomically` promises, for what
    comes bit by bit."""
    check_writable(path)
    try:
        if _is_device(Path(path)):
            with Path(path).open("wb") as file:
                yield file
        else:
            with _replacing(Path(path).resolve()) as file:  # a link keeps pointing where it points
                yield file
    except OSError as error:
        raise Rejected(f"cannot write {path}: {why(error)}") from None


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    _remove_leftovers(target.parent)
    temporary = target.parent / f".tmc-{os.urandom(8).hex()}.tmp"
    try:
        with temporary.open("xb") as file:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if target.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:  # an interrupt too must leave nothing behind
        temporary.unlink(missing_ok=True)
        raise


def _remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of processes that were killed: those that are not locked and not just being made."""
    for path in folder.glob(".tmc-*.tmp"):
        with suppress(OSError), path.open("rb") as file:
            if time.time() - path.stat().st_mtime > STALE:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def shipped(folder: str) -> Path:
    """A folder that comes with tmc, such as ``grammars``: inside the package when installed, beside it in a checkout.

    Raises `Rejected` when tmc is not in a folder itself, but was imported from a zip archive.
    """
    package = Path(__file__).resolve().parent
    if not package.is_dir():
        archive = next(parent for parent in package.parents if parent.exists())
        raise Rejected(
            f"tmc cannot be used from inside an archive: it reads files of its own; unpack {archive}, or install it with pip"
        )
    for place in (package / folder, package.parent / folder):
        if place.is_dir():
            return place
    raise InternalError(f"the folder {folder} is missing from this installation")
