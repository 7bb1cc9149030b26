"""What a command writes is what the ending of the file promises, or nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, Outcome

Tmc = Callable[..., Outcome]
INCREMENT = ROOT / "machines" / "increment.tm"
WRITERS = {
    "compile": (("compile", INCREMENT, "-o"), ".safetensors"),
    "new": (("new", "flip", "-o"), ".tm"),
    "data": (("data", "parity", "--d", 2, "--m", 2, "--queries", 1, "-o"), ".npz"),
    "run --output": (("run", "--input", "data.npz", "--output"), ".npz"),
    "run --save": (("run", "--input", "data.npz", "--save"), ".safetensors"),
    "search -o": (("search", "--task", "constants", "-o"), ".tm"),
    "search --log": (("search", "--task", "constants", "--log"), ".jsonl"),
    "bench parity": (("bench", "parity", "--plot"), ".png"),
    "bench digits": (("bench", "digits", "--plot"), ".png"),
    "bench restarts": (("bench", "restarts", "--plot"), ".png"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_the_ending_of_another_format(tmc: Tmc, writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, own = WRITERS[writer]
    for ending in (".svg", ".csv", ".TXT"):
        outcome = tmc(*arguments, f"x{ending}")
        assert outcome.status == 2
        assert f"x{ending} ends in {ending.lower()}, and what is written is {own}; name it so." in outcome.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x", "x.safetensors", "x.SAFETENSORS", "x.v2", ".x"])
def test_other_names_are_taken(tmc: Tmc, name: str, tmp_path: Path) -> None:
    assert tmc("compile", INCREMENT, "-o", tmp_path / name).status == 0
    assert (tmp_path / name).stat().st_size > 1000
