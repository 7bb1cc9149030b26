from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Outcome
from tmc.learn.data import datasets

Tmc = Callable[..., Outcome]
GOOD = ("data", "parity", "--d", 3, "--m", 6, "--queries", 5)


def test_writes_a_data_set(tmc: Tmc, tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    assert tmc(*GOOD, "-o", path) == Outcome(0, "", f"{path}: 3 features, 6 examples, 5 queries\n")
    dataset = datasets.load(path)
    assert dataset.x_train.shape == (6, 3)
    assert datasets.to_bytes(dataset) == datasets.to_bytes(datasets.parity(3, 6, 5, seed=0))


def test_same_seed_same_file(tmc: Tmc, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert tmc(*GOOD, "--seed", seed, "--noise", 0.3, "--output", tmp_path / name).status == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--d", 0),
        ("--d", 4097),
        ("--m", 0),
        ("--queries", 0),
        ("--noise", 1.5),
        ("--noise", "nan"),
        ("--seed", -1),
        ("--m", "many"),
    ],
)
def test_arguments_out_of_range(tmc: Tmc, tmp_path: Path, option: str, value: object) -> None:
    outcome = tmc(*GOOD, "-o", tmp_path / "data.npz", option, value)
    assert (outcome.status, outcome.out) == (2, "")
    assert f"Invalid value for '{option}'" in outcome.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("left_out", ["--d", "--m", "--queries", "-o"])
def test_arguments_left_out(tmc: Tmc, left_out: str) -> None:
    arguments = [*GOOD, "-o", "data.npz"]
    at = arguments.index(left_out)
    outcome = tmc(*arguments[:at], *arguments[at + 2 :])
    assert outcome.status == 2
    assert "Missing option" in outcome.err


def test_too_large(tmc: Tmc, tmp_path: Path) -> None:
    outcome = tmc(*GOOD, "--m", 10**12, "-o", tmp_path / "data.npz")
    assert outcome.status == 1
    assert outcome.err == (
        "error: 1000000000000 examples and 5 queries of 3 features are too many: at most 1073741824 values are made\n"
    )


def test_nowhere_to_write(tmc: Tmc, tmp_path: Path) -> None:
    missing = tmp_path / "no" / "data.npz"
    expected = f"error: cannot write {missing}: the folder {missing.parent} does not exist; create it first\n"
    assert tmc(*GOOD, "-o", missing) == Outcome(1, "", expected)
    assert tmc(*GOOD, "-o", tmp_path) == Outcome(1, "", f"error: cannot write {tmp_path}: it is a folder; name a file\n")
