from __future__ import annotations

import contextlib
import io
import random
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import grid_table, line_table
from tmc.diagnostics import Rejected
from tmc.files import write_atomically
from tmc.given import kind_of
from tmc.ir.tape import Grid
from tmc.learn.data import datasets
from tmc.learn.data.datasets import DataSet, parity, rank

GOOD: dict[str, Any] = {
    "X_train": [[0, 1], [1, 1], [1, 0]],
    "y_train": [0, 1, 1],
    "X_test": [[1, 1], [0, 0]],
    "y_test": [1, 0],
}


def written(tmp_path: Path, **arrays: Any) -> Path:
    """An archive of GOOD with some arrays replaced, or left out (None)."""
    path = tmp_path / "data.npz"
    chosen = {name: np.asarray(array) for name, array in (GOOD | arrays).items() if array is not None}
    np.savez(path, **chosen)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(Rejected) as caught:
        datasets.load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), "FILE")


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint8, np.int64, np.float16, np.float64])
def test_loads_zeros_and_ones(tmp_path: Path, kind: type) -> None:
    dataset = datasets.load(written(tmp_path, **{name: np.asarray(array, kind) for name, array in GOOD.items()}))
    assert dataset.x_train.tolist() == [[-1, 1], [1, 1], [1, -1]]
    assert dataset.y_train.tolist() == [-1, 1, 1]
    assert dataset.x_test.tolist() == [[1, 1], [-1, -1]]
    assert dataset.y_test is not None
    assert dataset.y_test.tolist() == [1, -1]
    assert {array.dtype for _, array in dataset.arrays()} == {np.dtype(np.int8)}


def test_loads_signs_column_order_and_compressed(tmp_path: Path) -> None:
    signs = {name: np.asfortranarray(2.0 * np.asarray(array) - 1) for name, array in GOOD.items()}
    np.savez_compressed(tmp_path / "signs.npz", **signs)
    assert datasets.to_bytes(datasets.load(tmp_path / "signs.npz")) == datasets.to_bytes(datasets.load(written(tmp_path)))


def test_ones_fit_either_convention(tmp_path: Path) -> None:
    dataset = datasets.load(written(tmp_path, X_train=[[1, 1]], y_train=[1], X_test=[[-1, 1]], y_test=[-1]))
    assert dataset.x_train.tolist() == [[1, 1]]


def test_labels_of_queries_are_optional(tmp_path: Path) -> None:
    assert datasets.load(written(tmp_path, y_test=None)).y_test is None


VALUES = "features and labels are 0 and 1, or -1 and 1"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y_train": None}, "FILE: there is no array y_train (it holds X_test, X_train, y_test)"),
        ({"X_train": [0, 1]}, "FILE: X_train has 1 dimensions, shape (2,); it needs 2"),
        ({"y_test": [[1], [0]]}, "FILE: y_test has 2 dimensions, shape (2, 1); it needs 1"),
        ({"y_train": 1}, "FILE: y_train has 0 dimensions, shape (); it needs 1"),
        ({"y_train": [0, 1]}, "FILE: X_train has 3 rows, y_train has 2 labels"),
        ({"y_test": [0]}, "FILE: X_test has 2 rows, y_test has 1 labels"),
        ({"X_test": [[0, 1, 0]]}, "FILE: X_train has 2 features, X_test has 3"),
        ({"X_train": np.zeros((0, 2)), "y_train": []}, "FILE: X_train has no examples, shape (0, 2)"),
        ({"X_train": np.zeros((3, 0))}, "FILE: X_train has no features, shape (3, 0)"),
        ({"X_test": np.zeros((0, 2)), "y_test": []}, "FILE: X_test has no queries, shape (0, 2)"),
        ({"y_train": [0, np.nan, 1]}, f"FILE: y_train[1] is nan; {VALUES}"),
        ({"y_train": [0, 1, -np.inf]}, f"FILE: y_train[2] is -inf; {VALUES}"),
        ({"X_train": [[0, 1], [1, 7], [9, 0]]}, f"FILE: X_train[1, 1] is 7; {VALUES}"),
        ({"X_test": [[0, 0.5], [1, 1]]}, f"FILE: X_test[0, 1] is 0.5; {VALUES}"),
        ({"y_train": [-1, 0, 1]}, "FILE: X_train holds a 0 and y_train holds a -1; use 0 and 1, or -1 and 1, throughout"),
        ({"y_train": [-1, 1, 1]}, "FILE: X_train holds a 0 and y_train holds a -1; use 0 and 1, or -1 and 1, throughout"),
        ({"y_train": ["0", "1", "1"]}, f"FILE: y_train holds str32 values; {VALUES}"),
        ({"y_train": [0j, 1, 1]}, f"FILE: y_train holds complex128 values; {VALUES}"),
        ({"y_train": np.array([0, 1, 1], "m8[s]")}, f"FILE: y_train holds timedelta64[s] values; {VALUES}"),
        (
            {"y_train": np.array([0, None, 1], dtype=object)},
            "FILE: y_train holds Python objects, which are never loaded; save it as numbers",
        ),
    ],
)
def test_faults_of_arrays(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    assert refusal(written(tmp_path, **arrays)) == message


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "exploded",))

    path = written(tmp_path, X_train=np.array([[Bomb()]], dtype=object))
    assert "never loaded" in refusal(path)
    assert not (tmp_path / "exploded").exists()


def test_faults_of_files(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    assert refusal(path) == "cannot read FILE: it does not exist"
    assert refusal(tmp_path) == "cannot read FILE: it is a folder"
    assert refusal(Path("/dev/null")) == "cannot read FILE: it is not an ordinary file"
    path.write_bytes(b"")
    assert refusal(path) == "FILE is empty"
    path.write_bytes(b"hello")
    assert refusal(path) == "FILE is not an .npz archive; numpy.savez and `tmc data` write them"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    assert refusal(path) == "FILE is not an .npz archive; numpy.savez and `tmc data` write them"
    whole = written(tmp_path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(path) == "FILE is damaged or cut short: the archive's table of contents is missing or wrong"


def crafted(tmp_path: Path, header: str, content: bytes = b"", compression: int = zipfile.ZIP_STORED) -> Path:
    """An archive whose X_train has this header."""
    path = written(tmp_path, X_train=None)
    text = header.encode()
    member = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content
    with zipfile.ZipFile(path, "a", compression) as archive:
        archive.writestr("X_train.npy", member)
    return path


def test_a_terabyte_is_refused_by_its_header(tmp_path: Path) -> None:
    path = crafted(tmp_path, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }\n")
    assert refusal(path) == "FILE: X_train has shape (1000000, 1000000), 8000000000000 bytes; at most 1073741824 are read"


def test_a_bomb_is_refused_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tmc.learn.data.archive.LIMIT", 1000)
    path = crafted(tmp_path, "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), }\n", bytes(10_000), zipfile.ZIP_DEFLATED)
    assert refusal(path) == "FILE: X_train has 10070 bytes; at most 1000 are read"


@pytest.mark.parametrize("shape", ["(4, 2)", "(-1, 2)"])
def test_a_shape_that_does_not_fit(tmp_path: Path, shape: str) -> None:
    path = crafted(tmp_path, f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n", bytes(8))
    assert "is cut short: shape" in refusal(path)


@pytest.mark.parametrize(
    "header", ["{", "nonsense", "{'descr': '<f8'}", "{'descr': '<q9', 'fortran_order': False, 'shape': (1,)}", "(" * 99]
)
def test_a_header_that_is_none(tmp_path: Path, header: str) -> None:
    assert refusal(crafted(tmp_path, header)).startswith("FILE: X_train is damaged and cannot be read (")


def test_a_header_nested_too_deeply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overflow(_: str) -> None:
        raise MemoryError  # as Python's parser does

    path = crafted(tmp_path, "[{" * 200)
    monkeypatch.setattr("ast.literal_eval", overflow)
    assert refusal(path) == "FILE: X_train is damaged and cannot be read (its header is nested too deeply)"


def test_a_header_that_python_2_wrote(tmp_path: Path) -> None:
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3L, 2L), }\n"
    assert datasets.load(crafted(tmp_path, header, bytes(6))).x_train.shape == (3, 2)


def test_a_shape_that_is_none(tmp_path: Path) -> None:
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (True, 3), }"
    assert refusal(crafted(tmp_path, header, b"abc")) == "FILE: X_train is damaged: its shape is (True, 3)"


def test_damage_anywhere_is_refused_or_harmless(tmp_path: Path) -> None:
    content = bytearray(datasets.to_bytes(parity(3, 4, 2)))
    path = tmp_path / "data.npz"
    chance = random.Random(0)
    for _ in range(1500):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged[: chance.randrange(len(damaged))] if chance.random() < 0.2 else damaged)
        with contextlib.suppress(Rejected):  # and nothing else
            datasets.load(path)


def test_saving_and_loading(tmp_path: Path) -> None:
    dataset = parity(4, 6, 5, seed=3)
    datasets.save(dataset, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert archive.files == ["X_train", "y_train", "X_test", "y_test"]
        assert {archive[name].dtype for name in archive.files} == {np.dtype(np.uint8)}
        assert set(np.unique(archive["X_train"])) == {0, 1}
    loaded = datasets.load(tmp_path / "a.npz")
    for (name, one), (other_name, other) in zip(dataset.arrays(), loaded.arrays(), strict=True):
        assert name == other_name
        assert np.array_equal(one, other)
    datasets.save(DataSet(dataset.x_train, dataset.y_train, dataset.x_test), tmp_path / "b.npz")
    assert datasets.load(tmp_path / "b.npz").y_test is None


def test_same_seed_same_bytes() -> None:
    assert datasets.to_bytes(parity(5, 7, 9, seed=1)) == datasets.to_bytes(parity(5, 7, 9, seed=1))
    assert datasets.to_bytes(parity(5, 7, 9, seed=1)) != datasets.to_bytes(parity(5, 7, 9, seed=2))


def brute_rank(rows: np.ndarray) -> int:
    """By counting the different sums of rows."""
    sums = {(0,) * rows.shape[1]}
    for row in rows.tolist():
        sums |= {tuple(a ^ b for a, b in zip(one, row, strict=True)) for one in sums}
    return len(sums).bit_length() - 1


def test_rank() -> None:
    chance = np.random.default_rng(0)
    for _ in range(200):
        rows = chance.integers(0, 2, (chance.integers(1, 7), chance.integers(1, 12)), dtype=np.uint8)
        assert rank(rows) == brute_rank(rows)


@pytest.mark.parametrize(("d", "m"), [(1, 1), (1, 5), (5, 1), (4, 4), (8, 24), (9, 3), (300, 20), (300, 400)])
def test_a_parity_is_determined_by_its_examples(d: int, m: int) -> None:
    for seed in range(10 if d < 100 else 2):
        dataset = parity(d, m, 20, seed=seed)
        bits = {name: (array > 0).astype(np.uint8) for name, array in dataset.arrays()}
        assert {name: array.shape for name, array in bits.items()} == {
            "X_train": (m, d), "y_train": (m,), "X_test": (20, d), "y_test": (20,),
        }  # fmt: skip
        assert rank(bits["X_train"]) == min(m, d)
        everything = np.vstack([bits["X_train"], bits["X_test"]])
        labels = np.concatenate([bits["y_train"], bits["y_test"]])
        assert rank(everything) == min(m, d)  # every query is a sum of examples
        assert rank(np.column_stack([everything, labels])) == min(m, d)  # and so is its label: it follows from theirs


def test_a_parity_is_never_of_no_features() -> None:
    for seed in range(40):
        dataset = parity(1, 3, 1, seed=seed)
        assert np.array_equal(dataset.x_train[:, 0], dataset.y_train)


@pytest.mark.parametrize(("noise", "flipped"), [(0.0, 0), (0.1, 4), (0.5, 20), (1.0, 40)])
def test_noise_flips_training_labels_only(noise: float, flipped: int) -> None:
    clean, noisy = parity(6, 40, 30, seed=5), parity(6, 40, 30, noise, seed=5)
    assert np.array_equal(clean.x_train, noisy.x_train)
    assert np.count_nonzero(clean.y_train != noisy.y_train) == flipped
    assert clean.y_test is not None
    assert noisy.y_test is not None
    assert np.array_equal(clean.y_test, noisy.y_test)


def test_parity_refuses() -> None:
    out_of_range = [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1, -0.1), (1, 1, 1, float("nan")), (1, 1, 1, 0, -1)]
    of_other_kinds = [(2.5, 1, 1), ("3", 1, 1), (True, 1, 1), (1, None, 1), (1, 1, 1, "x"), (1, 1, 1, 0, 1.5)]
    for arguments in (*out_of_range, *of_other_kinds):
        with pytest.raises(ValueError, match="a parity needs"):
            parity(*arguments)  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="too many: at most 1073741824 values"):
        parity(4096, 10**9, 1)


@pytest.mark.parametrize("path", [None, 7, [1], b"data.npz"])
def test_paths_that_are_none(path: Any) -> None:
    for read in (datasets.load, datasets.load_queries):
        with pytest.raises(Rejected, match=f"^a data set is given as a path, not as {kind_of(path)}$"):
            read(path)


BOMBS = {
    "has shape (1000000, 1000000), 8000000000000 bytes; at most 1073741824 are read": ("<f8", "(1000000, 1000000)"),
    "has shape (1099511627776, 1099511627776), 9671406556917033397649408 bytes; at most 1073741824 are read": (
        "<f8", "(1099511627776, 1099511627776)",
    ),
    "is cut short: shape (-1, 2) does not fit its 0 bytes": ("<f8", "(-1, 2)"),
    "holds void values; features and labels are 0 and 1, or -1 and 1": ("|V0", "(1099511627776, 2)"),
    "holds bytes values; features and labels are 0 and 1, or -1 and 1": ("|S0", "(1099511627776, 2)"),
    "holds Python objects, which are never loaded; save it as numbers": ("|O", "(2, 2)"),
}  # fmt: skip


@pytest.mark.parametrize("message", BOMBS)
def test_headers_that_claim_more_than_there_is(message: str, tmp_path: Path) -> None:
    kind, shape = BOMBS[message]
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("X_train.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
        for name in ("y_train", "X_test"):
            archive.writestr(f"{name}.npy", b"")
    with pytest.raises(Rejected, match=f"^{re.escape(f'{tmp_path}/bomb.npz: X_train {message}')}$"):
        datasets.load(tmp_path / "bomb.npz")


def test_grid() -> None:
    dataset = DataSet(np.array([[-1, 1], [1, 1]], np.int8), np.array([1, -1], np.int8), np.array([[1, 1], [1, -1]], np.int8))
    assert datasets.grid(grid_table(), dataset, 0) == Grid(((1, 2, 2), (2, 2, 1), (2, 2, 0)))
    assert datasets.grid(grid_table(symbols="_x10"), dataset, 1) == Grid(((3, 2, 2), (2, 2, 3), (2, 3, 0)))
    with pytest.raises(Rejected, match="the data hold a 0, which is not a symbol of the tape data"):
        datasets.grid(grid_table(symbols="_1"), dataset, 0)
    for query in (-1, 2):
        with pytest.raises(Rejected, match=f"there is no query {query}: they are numbered from 0 to 1"):
            datasets.grid(grid_table(), dataset, query)
    with pytest.raises(Rejected, match="the machine toy reads a line"):
        datasets.grid(line_table(), dataset, 0)


def test_a_symbol_that_the_data_do_not_hold_is_not_needed() -> None:
    ones = np.ones((1, 1), np.int8)
    assert datasets.grid(grid_table(symbols="_1"), DataSet(ones, ones[0], ones), 0) == Grid(((1, 1), (1, 0)))


def test_the_archive_is_readable_by_anyone(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.npz", datasets.to_bytes(parity(2, 2, 1)))
    with zipfile.ZipFile(io.BytesIO((tmp_path / "a.npz").read_bytes())) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_queries_alone(tmp_path: Path) -> None:
    path = written(tmp_path, X_train=None, y_train=None)
    assert refusal(path) == "FILE: there is no array X_train (it holds X_test, y_test)"
    queries = datasets.load_queries(path)
    assert isinstance(queries, datasets.Queries)
    assert queries.y_test is not None
    whole = datasets.load_queries(written(tmp_path))
    assert isinstance(whole, DataSet)
    assert np.array_equal(whole.x_test, queries.x_test)
    for faulty, complaint in (
        ({"y_train": None}, "there is no array y_train"),
        ({"X_train": None}, "there is no array X_train"),
        ({"X_train": None, "y_train": None, "X_test": None}, "there is no array X_test"),
        ({"X_train": None, "y_train": None, "X_test": np.zeros((2, 0))}, "X_test has no features, shape"),
    ):
        with pytest.raises(Rejected, match=complaint):
            datasets.load_queries(written(tmp_path, **faulty))
