"""Reading recordings, which need not be trusted: sizes are checked before anything is loaded, nothing is unpickled, and what was
read is a run of its machine or is refused, with one line of `Rejected`.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from tmc.diagnostics import Rejected
from tmc.files import why
from tmc.given import check_path
from tmc.ir.document import Document
from tmc.ir.from_document import table_of
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.recording import archived, checks, lined
from tmc.recording.layout import FORMAT, VERSION, Arrays, CellField, Kept
from tmc.recording.recorded import Network, Recording

LIMIT = 1 << 32  # bytes of a file, and of the numbers in it


def load(path: str | Path, limit: int = LIMIT) -> Recording:
    """Read a recording that `tmc trace` wrote, an ``.npz`` or a ``.jsonl``. All of it is checked.

    `limit`: the bytes that are read at most, of the file and of all its numbers together. Raises `Rejected` when the file is
    missing, cut short, damaged, larger than that, of another kind or version, or not a run of the machine that it names.
    """
    check_path("a recording", path)
    try:
        found = Path(path).stat()
        if not stat.S_ISREG(found.st_mode):
            raise Rejected(f"cannot read {path}: it is {'a folder' if stat.S_ISDIR(found.st_mode) else 'not an ordinary file'}")
        if found.st_size > limit:
            raise Rejected(f"{path} has {found.st_size} bytes; at most {limit} are read, unless `limit` says otherwise")
        with Path(path).open("rb") as file:
            first = file.read(4)
        if not first:
            raise Rejected(f"{path} is empty")
        if first[:1] == b"{":
            return _of_lines(path, limit)
        if first == b"PK\3\4":
            return _of_archive(path, limit)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise Rejected(f"cannot read {path}: {why(error)}") from None
    raise Rejected(f"{path} is no recording; `tmc trace` writes them, as .npz or .jsonl")


def _of_archive(path: str | Path, limit: int) -> Recording:
    with archived.opened(path) as archive, _refusing(path):
        about = _checked(path, archived.about_in(archive, path, limit))
        return _recording(about, archived.arrays_in(archive, about, path, limit))


def _of_lines(path: str | Path, limit: int) -> Recording:
    with Path(path).open("rb") as file, _refusing(path):
        about = _checked(path, lined.first(file, path))
        return _recording(about, lined.arrays_in(file, about, _table(about), _fields(about), limit))


class _refusing:  # noqa: N801 - it reads as a verb
    """What goes wrong inside shows that the file is damaged."""

    def __init__(self, path: str | Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, KeyError | TypeError | ValueError | IndexError | AttributeError | OverflowError | RecursionError):
            text = (str(error).splitlines() or [type(error).__name__])[0]
            raise Rejected(f"{self._path} is damaged: {text}") from None


def _checked(path: str | Path, about: Any) -> Document:
    """The document, if it is that of a recording, and of a version that is understood."""
    if type(about) is not dict or about.get("format") != FORMAT:
        raise Rejected(f"{path} is no recording; `tmc trace` writes them, as .npz or .jsonl")
    version = about.get("version")
    if type(version) is not int or version < 1:
        raise ValueError("it has no version")
    if version != VERSION:
        raise Rejected(f"{path}: version {version} of recordings, made by a newer tmc; upgrade tmc")
    if about["kept"] not in ("none", "changes", "layers") or (about["kept"] == "none") != (about["network"] is None):
        raise ValueError("it does not say what is kept")
    return about


def _recording(about: Document, arrays: Arrays) -> Recording:
    table, kept = _table(about), about["kept"]
    data = _data(table, about["input"], arrays["data"])
    network = _network(about, kept, arrays)
    for name in ("verdict", "file"):
        if type(about[name]) is not str:
            raise ValueError(f"its {name} is no text")
    recording = Recording(
        table, about["verdict"], checks.natural(about["steps"], "steps"), data, about["file"], kept, arrays, network
    )
    checks.check(recording)
    return recording


def _table(about: Document) -> Table:
    return table_of(about["table"])


def _fields(about: Document) -> tuple[CellField, ...]:
    network = about["network"]
    return () if network is None else tuple(_field(document) for document in network["fields"])


def _field(document: Document) -> CellField:
    name, values = document["name"], document["values"]
    texts = type(name) is str and type(values) is list and all(type(value) is str for value in values)
    if not texts or not values:
        raise ValueError("a field of its cells is none")
    return CellField(name, tuple(values))


def _data(table: Table, given: Document, symbols: Any) -> Grid | Line:
    checks.check_range("data", symbols, 0, len(table.data.symbols))
    if table.is_grid != (given["kind"] == "grid"):
        raise ValueError("its input is not such as the machine reads")
    if table.is_grid:
        if symbols.shape != (given["rows"], given["columns"]) or min(symbols.shape) < 1:
            raise ValueError("its grid has another size than it says")
        return Grid(tuple(map(tuple, symbols.tolist())))
    if type(given["start"]) is not int:
        raise ValueError("its line begins nowhere")
    return Line.of(dict(enumerate(symbols.tolist(), given["start"])))


def _network(about: Document, kept: Kept, arrays: Arrays) -> Network | None:
    given = about["network"]
    if given is None:
        return None
    rows, columns, birth = (checks.natural(given[name], name) for name in ("rows", "columns", "birth"))
    origin = checks.natural(given["origin"], "origin")
    if type(given["target"]) is not str or not rows * columns:
        raise ValueError("its network is none")
    return Network(given["target"], rows, columns, origin, birth, len(arrays["evaluated"]) - 1, _fields(about))
