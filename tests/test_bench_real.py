"""`tmc bench digits` and `tmc bench cancer`: machines on real data, beside others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from conftest import Outcome, compiled
from tmc.bench import beside, real
from tmc.bench.beside import MACHINE_CODE, NETWORK, NUMPY, TABLE, compare
from tmc.bench.engines import by_machine_code, by_table
from tmc.bench.real import DataSplit, cancer, digits, nearest, validated
from tmc.learn.estimators import MachineClassifier

Command = Callable[..., Outcome]
EIGHT = ("--examples", "4", "--queries", "5", "--dense-queries", "1")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of scikit-learn's classifiers one, and few pixels: quick."""
    monkeypatch.setattr(beside, "OTHERS", {"decision tree": beside.decision_tree})


@pytest.mark.parametrize("load", [digits, cancer])
def test_splits(load: Callable[..., DataSplit]) -> None:
    """Signs; smaller ones are the beginning of larger ones, and have the same queries; no query is an example."""
    large, small = load(30, None, 3), load(10, None, 3, 30)
    assert {*np.unique(large.x), *np.unique(large.z), *np.unique(large.y)} == {-1, 1}
    assert np.array_equal(small.y, large.y[:10])
    assert np.array_equal(small.wanted, large.wanted)
    assert len(load(30, 7, 3).z) == 7
    assert not np.array_equal(load(30, None, 4).y, large.y)
    total = {digits: 357, cancer: 569}[load]
    assert len(large.x) + len(large.z) == total
    with pytest.raises(ValueError, match=f"there are {total}"):
        load(30, total, 3)


def test_the_median_is_that_of_the_examples() -> None:
    """Half of them are above it, whatever the queries are."""
    above = (cancer(40, None, 0).x > 0).mean(axis=0)
    assert (above <= 0.5).all()
    assert above.min() > 0.4


def test_one_class() -> None:
    """Two examples are of two classes for some seeds, and refused for others."""

    def classes(seed: int) -> int:
        try:
            return len(set(digits(2, 1, seed).y.tolist()))
        except ValueError as error:
            assert "are of one class, and two are needed" in str(error)
            return 1

    assert {classes(seed) for seed in range(20)} == {1, 2}


def neighbour(x: Any, y: Any, query: Any) -> tuple[int, bool]:
    """In plain Python."""
    distances = [sum(a != b for a, b in zip(row, query, strict=True)) for row in x]
    return y[distances.index(min(distances))], distances.count(min(distances)) > 1


@pytest.mark.parametrize("seed", range(10))
def test_engines(seed: int) -> None:
    """The nearest neighbour by NumPy, the table in Python and in machine code, and plain Python."""
    random = Random(seed)
    (m, d), draw = (random.randint(1, 6), random.randint(1, 5)), np.random.default_rng(seed)
    x, y, z = (np.where(draw.random(shape) < 0.5, -1, 1).astype(np.int8) for shape in ((m, d), m, (7, d)))
    expected = [neighbour(x.tolist(), y.tolist(), query) for query in z.tolist()]
    found, several = nearest(x, y, z)
    assert list(zip(found.tolist(), several.tolist(), strict=True)) == expected
    table = compiled("nearest").table
    assert np.array_equal(by_table(table, x, y, z), found)
    assert np.array_equal(by_machine_code(table, x, y, z)[0], found)
    for name in ("stump", "decision_list", "perceptron"):  # one that does not start in its first state, one with more symbols
        table = compiled(name).table
        assert np.array_equal(by_machine_code(table, x, y, z)[0], by_table(table, x, y, z))


def test_validation() -> None:
    """Of the examples alone: a feature that is the label is found by the machine that looks for one."""
    x = np.where(np.random.default_rng(0).random((20, 4)) < 0.5, -1, 1).astype(np.int8)
    split = DataSplit(x, x[:, 2], x[:0], x[:0, 0])
    scores = validated([compiled("majority"), compiled("dictator")], split, 0)
    assert scores[1] == 1
    assert scores[0] < 1


@pytest.mark.usefixtures("few")
def test_what_is_compared() -> None:
    """All that run the machine agree, the estimator too; the machine is the one that validates best."""
    split = digits(6, 8, 1)
    report = compare("digits", [compiled("nearest")], split, 1, 2)
    assert report.agreed
    assert [one.learner for one in report.learners][:4] == [NETWORK, TABLE, MACHINE_CODE, NUMPY]
    assert report.dense is not None
    assert report.dense.same
    answered = MachineClassifier("nearest").fit(split.x, split.y).predict(split.z)
    assert report.learners[0].accuracy == (answered == split.wanted).mean()
    chosen = compare("cancer", [compiled("majority"), compiled("stump")], cancer(12, 5, 0), 0, 0)
    assert (chosen.machine, chosen.dense, chosen.ties) == ("stump", None, None)
    assert dict(chosen.validated)["stump"] >= dict(chosen.validated)["majority"]


@pytest.mark.usefixtures("few")
def test_disagreement_is_noticed(monkeypatch: pytest.MonkeyPatch, tmc: Command) -> None:
    """In any of those that have to agree; and it is the exit status."""
    report = compare("digits", [compiled("nearest")], digits(4, 3, 1), 1, 1)
    assert report.dense is not None
    assert not replace(report, dense=replace(report.dense, same=False)).agreed
    assert not replace(report, untied_same=False).agreed
    for number in range(4):
        learners = list(report.learners)
        learners[number] = replace(learners[number], agrees=2)
        assert not replace(report, learners=tuple(learners)).agreed
    wrong = real.nearest
    monkeypatch.setattr(beside, "nearest", lambda x, y, z: (-wrong(x, y, z)[0], wrong(x, y, z)[1]))
    outcome = tmc("bench", "digits", *EIGHT)
    assert outcome.status == 1
    assert "WHAT SHOULD AGREE DOES NOT" in outcome.out


@pytest.mark.usefixtures("few")
def test_commands(tmc: Command, tmp_path: Path) -> None:
    plot = tmp_path / "cancer.png"
    outcome = tmc(
        "bench", "cancer", "--examples", "8", "--examples", "10", "--queries", "5", "--dense-queries", "0", "--plot", plot
    )
    assert outcome.status == 0
    assert outcome.out.startswith(
        "cancer: 8 examples, 5 queries, 30 features, seed 0\nin cross validation over the examples: stump "
    )
    assert outcome.out.count("all that should agree agree on every query") == 2
    assert outcome.err == f"wrote {plot}\n"
    assert plot.read_bytes().startswith(b"\x89PNG")
    outcome = tmc("bench", "digits", *EIGHT, "--json")
    (report,) = [json.loads(line) for line in outcome.out.splitlines()]
    assert (report["machine"], report["m"], report["queries"], report["dense"]["queries"]) == ("nearest", 4, 5, 1)
    assert report["dense"]["same"]
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("digits", "--examples", "1"), "1 is not in the range"),
        (("digits", "--queries", "350"), "error: digits: 60 examples and 350 to ask about: there are 357"),
        (("cancer", "--examples", "569"), "569 examples and others to ask about: there are 569"),
        (("cancer", "--plot", "missing/cancer.png"), "missing"),
    ],
)
def test_refused(arguments: tuple[str, ...], message: str, tmc: Command) -> None:
    outcome = tmc("bench", *arguments)
    assert outcome.status in (1, 2)
    assert message in outcome.err


def test_without_scikit_learn(tmc: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sklearn", None)
    outcome = tmc("bench", "digits")
    assert (outcome.status, outcome.err) == (1, "error: this needs scikit-learn: pip install 'turing-machine-compiler[learn]'\n")
