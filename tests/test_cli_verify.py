"""`tmc verify` and `tmc compile --verify`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, compiled
from tmc.cli import main
from tmc.net.checkpoint import reading as files
from tmc.net.checkpoint.reading import from_build


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "increment.safetensors"
    files.save(from_build(compiled("increment")), path)
    return path


def damaged(model: Path) -> Path:
    """One weight of a checkpoint is another."""
    checkpoint = files.load(model)
    bias = checkpoint.tensors["recurrent.2.bias"].copy()
    bias[0] += 1
    path = model.with_name("damaged.safetensors")
    files.save(replace(checkpoint, tensors={**checkpoint.tensors, "recurrent.2.bias": bias}), path)
    return path


def test_verified(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(model)]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{model}: increment, target wide, weights ")
    assert "  rules → weights            proved       in every legal patch, a layer of the weights in the file is" in text
    assert "exact in float64, float32, tf32, float16, bfloat16, on grids of any size\n" in text
    assert text.splitlines()[-1].startswith("verified in ")


def test_not_verified(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(damaged(model))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("NOT verified: rules → weights, labels (")
    assert sum("is wrong where" in line for line in lines) >= 1


def test_json(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(model), "--json", "--dtype", "int8"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["verified"], found["exact"], found["machine"]) == (True, False, "increment")
    assert found["weights_sha256"] == files.load(model).digest
    assert found["why_not"] == "head, layer 2: there are multiples of 2^-1, and int8 has whole numbers only"
    assert all(stage["holds"] and stage["cases"] for stage in found["stages"])


def test_json_of_faults(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(damaged(model)), "--json"]) == 1
    stages = {stage["name"]: stage["faults"] for stage in json.loads(capsys.readouterr().out)["stages"]}
    unit = compiled("increment").filters.recurrent[1].units[0]
    where = {"part": "recurrent", "layer": 2, "unit": 0, "name": unit.name, "rule": unit.rule, "file": None, "line": None}
    text = f"layer 2, unit 0, `{unit.name}`, for the rule `{unit.rule}`: its weights are not the compiler's"
    assert stages["labels"] == [{"text": f"{text}, so it is not shown to be what its label says", **where}]
    first, *_, last = stages["rules → weights"]
    assert "is wrong where" in first["text"]
    assert first == {"text": first["text"], **dict.fromkeys(where)}
    assert last == {"text": text, **where}


@pytest.mark.parametrize("target", ["wide", "scalar"])
def test_noise_on_all_weights(tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    held, random = from_build(compiled("palindrome", target)), np.random.default_rng(0)
    tensors = {key: (x + random.normal(0, 1e-4, x.shape)).astype(x.dtype) for key, x in held.tensors.items()}
    files.save(replace(held, tensors=tensors), tmp_path / "noisy.safetensors")
    assert main(["verify", str(tmp_path / "noisy.safetensors"), "--json"]) == 1
    stage = json.loads(capsys.readouterr().out)["stages"][-1]
    faults, units = stage["faults"], len(held.about["units"][held.target.modules["recurrent"][0]])
    assert stage["name"] == "sums"
    assert [(fault["layer"], fault["unit"]) for fault in faults[:3]] == [(1, 0), (1, 1), (1, 2)]
    assert faults[0]["text"].endswith("for the rule `read`: it looks at several inputs; a compiled one looks at one")
    assert faults[3]["text"] == f"{units - 3} more of layer 1 look at several inputs"
    assert [(fault["rule"], fault["line"]) for fault in faults[4:5]] == [("copy → copy", 23)]
    assert faults[4]["text"].endswith("for the rule `copy → copy` (palindrome.tm:23): its weights are not the compiler's")
    assert faults[-1]["text"].endswith("more of other layers are not the compiler's")


@pytest.mark.parametrize(("dtype", "status"), [("float16", 0), ("bfloat16", 0), ("int8", 1)])
def test_dtype(model: Path, dtype: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(model), "--dtype", dtype]) == status
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"{dtype}: exact" if status == 0 else f"{dtype}: not shown to be exact: ")


def test_compile_and_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["compile", str(ROOT / "machines" / "increment.tm"), "--verify"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("verified in ")
    assert main(["compile", str(ROOT / "machines" / "increment.tm"), "--verify", "--random-init", "1"]) == 2


def test_no_checkpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "none.safetensors")]) == 1
    assert capsys.readouterr().err == f"error: cannot read {tmp_path}/none.safetensors: it does not exist\n"
