"""`tmc diff`: where a network first does something else than a source."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, compiled
from tmc.cli import main
from tmc.learn.data import datasets
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.reading import Checkpoint, from_build
from tmc.net.learn import memorise, trained_checkpoint
from tmc.net.rcnn import RCNN
from tmc.pipeline import compile_machine
from tmc.source import Source

GAUSS, INCREMENT = ROOT / "machines/gauss.tm", ROOT / "machines/increment.tm"


def changed(checkpoint: Checkpoint, tensor: str, index: int, by: float) -> Checkpoint:
    """One weight is another."""
    values = checkpoint.tensors[tensor].copy()
    values.reshape(-1)[index] += by
    return replace(checkpoint, tensors={**checkpoint.tensors, tensor: values})


def unit_of(checkpoint: Checkpoint, module: str, rule: str) -> int:
    """The first unit of a layer that is for a rule."""
    return next(number for number, unit in enumerate(checkpoint.about["units"][module]) if unit.get("rule") == rule)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.npz"
    path.write_bytes(datasets.to_bytes(datasets.parity(3, 4, 3, seed=1)))
    return path


def diff(tmp_path: Path, checkpoint: Checkpoint, *arguments: str | Path) -> int:
    model = tmp_path / "model.safetensors"
    files.save(checkpoint, model)
    return main(["diff", str(model), *map(str, arguments)])


@pytest.mark.parametrize("how", [("wide", "integer"), ("scalar", "integer"), ("scalar", "paper")])
def test_agree(how: tuple[str, str], tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = compile_machine(Source("gauss.tm", GAUSS.read_text(encoding="utf-8")), (), *how)
    assert diff(tmp_path, from_build(build), GAUSS, "--input", data, "--query", "2") == 0
    out = capsys.readouterr().out
    assert f"agree in {out.split('agree in ')[1].split()[0]} layers of 5 × 9 cells, until nothing changed any more: " in out
    assert len(out.splitlines()) == 1


@pytest.mark.parametrize("target", ["wide", pytest.param("scalar", marks=pytest.mark.soak)])
def test_training_that_diverges(target: str, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held, random = from_build(compiled("gauss", target)), np.random.default_rng(0)
    tensors = {key: (x + random.normal(0, 1e-4, x.shape)).astype(x.dtype) for key, x in held.tensors.items()}
    noisy = replace(held, tensors=tensors)
    assert diff(tmp_path, noisy, GAUSS, "--input", data) == 1
    first, _, second, *_ = capsys.readouterr().out.splitlines()
    model = tmp_path / "model.safetensors"
    lemma = "it does not leave the memory of Lemma 1.1, which is taken instead"
    assert first == f"{model}: training diverged at example 1: {lemma}"
    assert second.startswith(f"{model} and {GAUSS} differ after layer 1, at row 0, column 0 and ")
    assert diff(tmp_path, noisy, GAUSS, "--input", data, "--json") == 1
    text = capsys.readouterr().out
    found = json.loads(text)
    assert (found["training_diverged_at"], found["divergence"]["layer"], "NaN" in text) == (1, 1, False)


def test_a_slope_that_is_doubled(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The network answers alike, and does not learn alike: that alone is a difference."""
    held = from_build(compiled("gauss"))
    names = [unit["name"] for unit in held.about["units"]["recurrent.2"]]
    passing = next(index for index, name in enumerate(names) if name.startswith("symbol.0 + 1"))
    weights = held.tensors["recurrent.4.weight"].copy()
    weights[:, passing : passing + 2] *= 2
    wrong = replace(held, tensors={**held.tensors, "recurrent.4.weight": weights})
    assert diff(tmp_path, wrong, GAUSS, "--input", data) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "training diverged at example 1" in lines[0]
    assert " agree in " in lines[2]


def test_a_weight(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = from_build(compiled("gauss"))
    unit = unit_of(checkpoint, "recurrent.2", "slide: wave")
    assert diff(tmp_path, changed(checkpoint, "recurrent.2.bias", unit, 1), GAUSS, "--input", data, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    divergence = found["divergence"]
    assert (found["agree"], found["layers"], found["outputs"]) == (False, divergence["layer"], None)
    assert divergence["unit"]["rule"] == "slide: wave"
    assert (divergence["unit"]["layer"], divergence["unit"]["unit"]) == (2, unit)
    weight = divergence["unit"]["weights"][0]
    assert (weight["input"], weight["network"] - weight["source"]) == ("bias", 1)


def test_a_weight_of_the_scalar_network(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = from_build(compile_machine(Source("gauss.tm", GAUSS.read_text(encoding="utf-8")), (), "scalar"))
    unit = next(n for n, one in enumerate(checkpoint.about["units"]["V4"]) if one.get("rule", "").startswith("find →"))
    assert diff(tmp_path, changed(checkpoint, "V4.bias", unit, 1), GAUSS, "--input", data) == 1
    text = capsys.readouterr().out
    assert f"unit     layer 4, unit {unit}, " in text
    assert "\nmachine  step " in text
    assert "\nfield  source" in text
    assert "\nrule     `" in text


def test_another_source(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.tm"
    text = GAUSS.read_text(encoding="utf-8")
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "-> reject" in line)
    other.write_text(text.replace("-> reject", "-> accept"), encoding="utf-8")
    statuses = {diff(tmp_path, from_build(compiled("gauss")), other, "--input", data, "--query", str(query)) for query in range(3)}
    assert statuses == {0, 1}  # some queries are accepted by both
    out = capsys.readouterr().out
    assert "answer  accept  reject" in out
    assert f"other.tm:{line}" in out
    assert "no such unit in the source, 1 in the network" in out


def test_other_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the network has no name for differs from all that it holds."""
    other = tmp_path / "other.tm"
    text = INCREMENT.read_text(encoding="utf-8")
    state = compiled("increment").table.states[-1]
    other.write_text(text.replace(state, "elsewhere"), encoding="utf-8")
    assert diff(tmp_path, from_build(compiled("increment")), other, "--data", "1011") == 1
    assert f"state  elsewhere  {state}\n" in capsys.readouterr().out


def test_memory(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = RCNN(from_build(compiled("gauss")))
    given = datasets.load(data)
    memorise(network, given.x_train, given.y_train, network.shape(4, 3))
    trained = trained_checkpoint(network)
    assert diff(tmp_path, trained, "--input", data) == 0
    assert (
        diff(tmp_path, changed(trained, "memory.weight", 5, -2 * float(trained.tensors["memory.weight"][1, 1])), "--input", data)
        == 1
    )
    out = capsys.readouterr().out
    assert "differ before the first layer, in what the memory delivers, at row 1, column 1\n" in out
    small = tmp_path / "small.npz"
    small.write_bytes(datasets.to_bytes(datasets.parity(3, 5, 3, seed=1)))
    assert diff(tmp_path, trained, "--input", small) == 1
    assert "has learnt 4 examples of 3 features, and the data set has 5 of 3" in capsys.readouterr().err


def test_head(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = from_build(compiled("increment"))
    name = next(name for name in sorted(checkpoint.tensors, reverse=True) if name.startswith("head.") and name.endswith(".weight"))
    assert diff(tmp_path, checkpoint, "--data", "1011") == 0
    assert diff(tmp_path, changed(checkpoint, name, 0, 1), "--data", "1011") == 1
    assert "but the output is " in capsys.readouterr().out


def test_a_machine_without_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, from_build(compiled("increment")), "--data", "1011", "--max-layers", "2") == 0
    assert "agree in 2 layers of 1 × 6 cells, and were stopped there" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("machine", "arguments", "message"),
    [
        ("gauss", [], "learns from examples: give it --input FILE"),
        ("increment", [], "reads a line: give it --data TEXT"),
        ("increment", ["--data", "1", "--input", "x.npz"], "exclude each other"),
        ("increment", [str(GAUSS), "--input", "data.npz"], "the machine increment reads a line"),
        ("gauss", [str(INCREMENT), "--data", "1"], "the machine gauss reads a grid of examples"),
        ("gauss", ["--input", "data.npz", "--query", "3"], "there is no query 3"),
        ("increment", ["missing.tm", "--data", "1"], "cannot read missing.tm"),
    ],
)
def test_refused(
    machine: str,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(data.parent)
    assert diff(tmp_path, from_build(compiled(machine)), *arguments) in (1, 2)
    assert message in " ".join(capsys.readouterr().err.split())


AWAY = "machine away\ntape data: line of _ 1\nstart s\nstate s\n    on _|1 write 1 move right\n"


def test_a_machine_that_loops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is followed as long as it takes to see that, or as far as somebody asks."""
    checkpoint = from_build(compile_machine(Source("away.tm", AWAY)))
    assert diff(tmp_path, checkpoint, "--data", "") == 0
    assert capsys.readouterr().out.endswith("agree in 198 layers of 1 × 102 cells, and were stopped there: loops\n")
    assert diff(tmp_path, checkpoint, "--data", "", "--max-layers", "300", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["layers"], found["verdict"]) == (300, "loops")
