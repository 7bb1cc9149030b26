"""Data sets: labelled examples and queries, read from and written to ``.npz`` archives, and drawn at random.

An archive holds `X_train` (m × d), `y_train` (m), `X_test` (q × d) and, optionally, `y_test` (q); features and labels are all
0 and 1 or all -1 and +1. In memory they are -1 and +1.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.files import write_atomically
from tmc.ir.table import Table
from tmc.ir.tape import BLANK, Grid
from tmc.learn.data.archive import DIMENSIONS, LIMIT, check_arrays, read_arrays
from tmc.net.checkpoint.arrays import plain

Bits = NDArray[np.uint8]
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of everything that is written: same data, same bytes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DataSet:
    """Examples and queries, all -1 and +1, int8: `x_train` (m, d), `y_train` (m,), `x_test` (q, d), `y_test` (q,) or None."""

    x_train: NDArray[np.int8]
    y_train: NDArray[np.int8]
    x_test: NDArray[np.int8]
    y_test: NDArray[np.int8] | None = None

    def __repr__(self) -> str:
        (m, d), queries = self.x_train.shape, len(self.x_test)
        return f"<DataSet: {m} examples of {d} features, {queries} queries{'' if self.y_test is None else ' with labels'}>"

    def arrays(self) -> Iterator[tuple[str, NDArray[np.int8]]]:
        """The arrays that are there, under their names in an archive."""
        for name in DIMENSIONS:
            array = getattr(self, name.lower())
            if array is not None:
                yield name, array


@dataclass(frozen=True, slots=True, eq=False)
class Queries:
    """Queries without examples, for a network that has learnt already: `x_test` (q, d) and `y_test` (q,) or None, as above."""

    x_test: NDArray[np.int8]
    y_test: NDArray[np.int8] | None = None


def load(path: str | Path) -> DataSet:
    """Read a data set; `Rejected` names the file and what is wrong with it, see `tmc.learn.data.archive`."""
    return DataSet(**read_arrays(path))


def load_queries(path: str | Path) -> DataSet | Queries:
    """Read a data set that may consist of queries alone; `Rejected` as for `load`."""
    arrays = read_arrays(path, queries_alone=True)
    return DataSet(**arrays) if "x_train" in arrays else Queries(**arrays)


def to_bytes(dataset: DataSet) -> bytes:
    """The ``.npz`` archive of a data set, as 0 and 1 in uint8. The same data give the same bytes. `Rejected` for a data set that
    `load` would refuse."""
    arrays = {name: np.asanyarray(array) for name, array in dataset.arrays()}
    check_arrays("the data set", arrays)
    return _archive((name, (array == 1).astype(np.uint8)) for name, array in arrays.items())


def _archive(arrays: Iterable[tuple[str, NDArray[Any]]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays:
            entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            entry.create_system = 3  # the default depends on the platform
            entry.external_attr = 0o644 << 16
            member = io.BytesIO()
            npy.write_array(member, plain(array), version=(1, 0), allow_pickle=False)
            archive.writestr(entry, member.getvalue())
    return content.getvalue()


def save(dataset: DataSet, path: str | Path) -> None:
    """Write a data set as an ``.npz`` archive; `Rejected` when that is not possible."""
    write_atomically(path, to_bytes(dataset))


def save_predictions(labels: NDArray[np.int8], undecided: NDArray[np.bool_], path: str | Path) -> None:
    """Write an ``.npz`` archive with `predictions` (q,), -1 and +1, and `undecided` (q,), true where a prediction is only the
    default.

    Raises `Rejected` when that is not possible.
    """
    write_atomically(path, _archive((("predictions", labels), ("undecided", undecided))))


def grid(table: Table, dataset: DataSet, query: int) -> Grid:
    """The data tape for one query: a row per example with its label, then the query, its label blank.

    Raises `Rejected` when the machine does not read a grid, the tape lacks a symbol that is needed, or there is no such query.
    """
    if not table.is_grid:
        raise Rejected(f"the machine {table.name} reads a line, not a grid of examples")
    if not 0 <= query < len(dataset.x_test):
        raise Rejected(f"there is no query {query}: they are numbered from 0 to {len(dataset.x_test) - 1}")
    examples = np.column_stack([dataset.x_train, dataset.y_train]).tolist()
    values = [*examples, dataset.x_test[query].tolist()]
    needed = {value: "1" if value > 0 else "0" for row in values for value in row}
    for symbol in sorted(needed.values()):
        if symbol not in table.data.symbols:
            raise Rejected(f"the data hold a {symbol}, which is not a symbol of the tape {table.data.name}")
    numbers = {value: table.data.number(symbol) for value, symbol in needed.items()}
    rows = [tuple(numbers[value] for value in row) for row in values]
    return Grid((*rows[:-1], (*rows[-1], BLANK)))


def parity(d: int, m: int, queries: int, noise: float = 0.0, seed: int = 0) -> DataSet:
    """A random parity of `d` features with `m` examples and `queries` queries; the same arguments give the same data.

    The label is the sum modulo 2 of a random, non-empty set of features. The examples span as much as `m` rows can, and every query
    lies in their span, so the examples determine its label. `noise` is the fraction of training labels that are flipped (rounded to
    whole labels); the queries' labels are always right. Raises ValueError for arguments out of range, `Rejected` for a data set
    that is too large.
    """
    if not (_is_whole(1, d, m, queries) and _is_whole(0, seed) and _is_share(noise)):
        raise ValueError("a parity needs d, m, queries >= 1, seed >= 0 and 0 <= noise <= 1")
    if d * (m + queries) > LIMIT:
        raise Rejected(f"{m} examples and {queries} queries of {d} features are too many: at most {LIMIT} values are made")
    random = np.random.Generator(np.random.PCG64(seed))
    secret = _bits(random, d)
    while not secret.any():
        secret = _bits(random, d)
    x_train = _examples(random, m, d)
    x_test = _bits(random, (queries, d)) if m >= d else _product(_bits(random, (queries, m)), x_train)
    y_train, y_test = _product(x_train, secret), _product(x_test, secret)
    y_train[random.permutation(m)[: round(noise * m)]] ^= 1
    return DataSet(_signs(x_train), _signs(y_train), _signs(x_test), _signs(y_test))


def _is_whole(least: int, *values: object) -> bool:
    return all(not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= least for value in values)


def _is_share(value: object) -> bool:
    return isinstance(value, Real) and 0 <= float(value) <= 1


def rank(rows: Bits) -> int:
    """The rank over the integers modulo 2 of a matrix of 0 and 1."""
    pivots: dict[int, int] = {}  # by the position of a row's leading 1; rows are integers, added by exclusive or
    width = rows.shape[1]
    for row in (int.from_bytes(packed.tobytes(), "big") for packed in np.packbits(rows, axis=1)):
        while row and row.bit_length() in pivots:
            row ^= pivots[row.bit_length()]
        if row:
            pivots[row.bit_length()] = row
            if len(pivots) == width:
                break
    return len(pivots)


def _examples(random: np.random.Generator, m: int, d: int) -> Bits:
    """Random rows, drawn again until their rank is as large as it can be: a chance of 0.28 or more each time."""
    rows = _bits(random, (m, d))
    while rank(rows) < min(m, d):
        rows = _bits(random, (m, d))
    return rows


def _bits(random: np.random.Generator, shape: int | tuple[int, int]) -> Bits:
    return random.integers(0, 2, shape, dtype=np.uint8)


def _product(left: Bits, right: Bits) -> Bits:
    """The matrix product modulo 2. A sum that overflows uint8 is wrong by a multiple of 256, which is even."""
    return (left @ right) & np.uint8(1)


def _signs(bits: Bits) -> NDArray[np.int8]:
    return (2 * bits.astype(np.int8) - 1).astype(np.int8)
