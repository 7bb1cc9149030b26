"""`tmc bench`: the compiled network beside other learners."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from test_learners import gauss
from tmc.bench import networks
from tmc.bench.baselines import Learner, best_of, elimination, logistic_regression, random_forest
from tmc.bench.parity import ELIMINATION, NETWORK, OTHERS, problem, sizes
from tmc.cli import main

Signs = np.ndarray


@pytest.mark.parametrize("seed", range(30))
def test_elimination(seed: int) -> None:
    """As the one in plain Python that the machine is tested against, also where nothing is determined or all contradicts."""
    random = Random(seed)
    x, y, z, _ = problem(random.randint(1, 6), random.randint(1, 9), 8, 0.3, seed)
    examples = [([int(a > 0) for a in row], int(label > 0)) for row, label in zip(x, y, strict=True)]
    expected = [gauss(examples, [int(a > 0) for a in query]) for query in z]
    assert (elimination(x, y, z) > 0).tolist() == expected


def test_problems() -> None:
    """Smaller ones are the beginning of larger ones; noise changes labels of examples alone."""
    x, y, z, wanted = problem(5, 20, 30, 0.0, 7)
    fewer = problem(5, 8, 30, 0.0, 7)
    assert np.array_equal(fewer[0], x[:8])
    assert np.array_equal(fewer[1], y[:8])
    noisy = problem(5, 20, 30, 0.5, 7)
    assert np.array_equal(noisy[0], x)
    assert np.array_equal(noisy[3], wanted)
    assert 0 < (noisy[1] != y).sum() < 20
    assert np.array_equal(elimination(x, y, z), wanted)


@pytest.mark.parametrize("learner", [networks.mlp, networks.transformer, logistic_regression, random_forest])
def test_baselines_learn_what_they_can(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dictator, from forty examples; the same every time; of one class they learn that."""
    monkeypatch.setattr(networks, "STEPS", 150)
    x = np.where(np.random.default_rng(0).random((80, 4)) < 0.5, -1, 1).astype(np.int8)
    found = learner(x[:40], x[:40, 1], x[40:], 3)
    assert np.array_equal(found, x[40:, 1])
    assert np.array_equal(learner(x[:40], x[:40, 1], x[40:], 3), found)
    ones = np.ones(5, np.int8)
    assert set(learner(x[:5], ones, x[5:], 0).tolist()) == {1}


def test_tuning() -> None:
    """The option that validates best; the first if there is too little to tell."""
    x = np.where(np.random.default_rng(0).random((40, 2)) < 0.5, -1, 1).astype(np.int8)

    def learn(option: int, x: Signs, y: Signs, queries: Signs) -> Signs:
        return np.asarray(option * queries[:, 0], np.int8)

    assert best_of([-1, 1], learn, x, x[:, 0], 0) == 1
    assert best_of([-1, 1], learn, x[:5], x[:5, 0], 0) == -1


def test_parity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(networks, "STEPS", 3)
    plot = tmp_path / "parity.png"
    assert main(["bench", "parity", "--d", "3", "--repeat", "1", "--queries", "6", "--plot", str(plot)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("d = 3\n  examples ")
    assert out.endswith(f"the network answers as Gaussian elimination does: {6 * len(sizes(3))} of {6 * len(sizes(3))} queries\n")
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(networks, "STEPS", 3)
    assert main(["bench", "parity", "--d", "2", "--repeat", "1", "--queries", "3", "--json"]) == 0
    points = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [point["learner"] for point in points] == [NETWORK, ELIMINATION, *OTHERS] * len(sizes(2))
    assert all(point["agrees"] == 3 for point in points if point["learner"] == NETWORK)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--d", "0"], "0 is not in the range"),
        (["--noise", "nan"], "nan is not in the range"),
        (["--plot", "missing/parity.png"], "missing"),
    ],
)
def test_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "parity", *arguments]) in (1, 2)
    assert message in capsys.readouterr().err
