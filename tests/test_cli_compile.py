from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, Outcome, compiled
from tmc.net.checkpoint.reading import from_build, to_bytes

Tmc = Callable[..., Outcome]
GAUSS = (ROOT / "machines" / "gauss.tm").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_as_typed(tmc: Tmc, folder: Path) -> None:
    (folder / "gauss.tm").write_text(GAUSS, encoding="utf-8")
    outcome = tmc("compile", "gauss.tm")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.startswith("gauss.safetensors: gauss, 7 states, ")
    assert outcome.out.endswith(" weights that are not 0\n")
    assert files(folder) == ["gauss.safetensors", "gauss.tm"]
    assert (folder / "gauss.safetensors").read_bytes() == to_bytes(from_build(compiled("gauss")))


def test_the_checkpoint_goes_to_the_folder_one_is_in(tmc: Tmc, folder: Path, machines: Path) -> None:
    assert tmc("compile", machines / "increment.tm").status == 0
    assert files(folder) == ["increment.safetensors"]


def test_output(tmc: Tmc, folder: Path, machines: Path) -> None:
    for option, name in (("-o", "a"), ("--output", "b.bin")):
        outcome = tmc("compile", machines / "increment.tm", option, folder / name)
        assert (outcome.status, outcome.out.split(":")[0]) == (0, str(folder / name))
    assert (folder / "a").read_bytes() == (folder / "b.bin").read_bytes()


def test_compiling_again_replaces_the_file(tmc: Tmc, folder: Path, machines: Path) -> None:
    (folder / "increment.safetensors").write_bytes(b"old")
    assert tmc("compile", machines / "increment.tm").status == 0
    assert files(folder) == ["increment.safetensors"]
    assert (folder / "increment.safetensors").read_bytes() == to_bytes(from_build(compiled("increment")))


def test_warnings_go_to_stderr_and_stop_nothing(tmc: Tmc, folder: Path) -> None:
    (folder / "m.tm").write_text("machine m\ntape data: line of _ 1\nstart a\nstate a\n  otherwise move right\n", encoding="utf-8")
    outcome = tmc("compile", "m.tm")
    assert outcome.status == 0
    assert outcome.err.startswith("warning[TMC1")
    assert outcome.out.startswith("m.safetensors: m, ")


def test_errors_are_all_reported_and_nothing_is_written(tmc: Tmc, folder: Path) -> None:
    (folder / "gauss.tm").write_text(GAUSS.replace("-> take", "-> tkae").replace("on 1, 1 at", "on 1, 7 at"), encoding="utf-8")
    outcome = tmc("compile", "gauss.tm")
    assert (outcome.status, outcome.out) == (1, "")
    assert "no state is named `tkae`" in outcome.err
    assert "has no symbol `7`" in outcome.err
    assert files(folder) == ["gauss.tm"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"machine m\0", "is not a text: there is a zero byte at byte 9 (line 1)"),
        (b"machine m\n\xff\xfe", "is not UTF-8: 0xff at byte 10 (line 2); save it as UTF-8"),
        (b"# " + b"x" * 50_000_000, "is larger than 10 MB, the most that is read"),
    ],
    ids=["empty", "binary", "latin-1", "50 MB"],
)
def test_a_file_that_is_no_source(tmc: Tmc, folder: Path, content: bytes, complaint: str) -> None:
    (folder / "m.tm").write_bytes(content)
    assert tmc("compile", "m.tm") == Outcome(1, "", f"error: m.tm {complaint}\n")
    assert files(folder) == ["m.tm"]


def test_a_checkpoint_is_no_source(tmc: Tmc, folder: Path) -> None:
    (folder / "m.safetensors").write_bytes(to_bytes(from_build(compiled("increment"))))
    outcome = tmc("compile", "m.safetensors")
    assert outcome.status == 1
    assert outcome.err.startswith("error: m.safetensors is a checkpoint, not a machine's text; name the .tm file")


def test_a_file_that_is_not_there(tmc: Tmc, folder: Path) -> None:
    assert tmc("compile", "m.tm") == Outcome(1, "", "error: cannot read m.tm: it does not exist\n")
    assert tmc("compile", folder) == Outcome(1, "", f"error: cannot read {folder}: it is a folder\n")
    assert tmc("compile").status == 2


def test_nowhere_to_write(tmc: Tmc, folder: Path, machines: Path) -> None:
    (folder / "file").write_text("x", encoding="utf-8")
    for target, why in (
        ("no/x", "the folder no does not exist; create it first"),
        ("file/x", "file is not a folder"),
        (".", "it is a folder; name a file"),
    ):
        assert tmc("compile", machines / "gauss.tm", "-o", target) == Outcome(1, "", f"error: cannot write {target}: {why}\n")
    assert tmc("compile", machines / "gauss.tm", "-o", "") == Outcome(1, "", "error: cannot write a file without a name\n")
    assert files(folder) == ["file"]


def test_whether_it_can_be_written_is_asked_before_compiling(tmc: Tmc, folder: Path) -> None:
    (folder / "m.tm").write_text("machine m\nnonsense\n", encoding="utf-8")
    assert "cannot write no/x" in tmc("compile", "m.tm", "-o", "no/x").err


def test_the_source_is_never_overwritten(tmc: Tmc, folder: Path) -> None:
    (folder / "gauss").write_text(GAUSS, encoding="utf-8")
    for target in ("gauss", "./gauss", folder / "gauss"):
        expected = "error: the checkpoint would overwrite gauss; name another file with -o\n"
        assert tmc("compile", "gauss", "-o", target) == Outcome(1, "", expected)
    assert (folder / "gauss").read_text(encoding="utf-8") == GAUSS


def test_a_full_disk_leaves_nothing_behind(tmc: Tmc, folder: Path, machines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = tmc("compile", machines / "gauss.tm")
    expected = "error: cannot write gauss.safetensors: the disk is full; free some space, or write elsewhere\n"
    assert outcome == Outcome(1, "", expected)
    assert files(folder) == []


NOT_NEEDED = {
    "torch", "networkx", "numpy", "safetensors", "lark", "tqdm", "shlex", "click.shell_completion",
    "tmc.ir.circuit", "tmc.ir.numeral", "tmc.net.checkpoint.reading", "tmc.run", "tmc.syntax.explain", "tmc.syntax.recovery",
    "tmc.targets.scalar.rules_to_scalar", "tmc.testing", "tmc.verify",
}  # fmt: skip
WATCHED = f"""
import gc, sys
from tmc.__main__ import main

before = sum(generation["collections"] for generation in gc.get_stats())
status = main()
after = sum(generation["collections"] for generation in gc.get_stats())
sys.exit(f"{{status}} {{sorted({NOT_NEEDED} & set(sys.modules))}} {{after - before}} {{gc.get_freeze_count() > gc.get_count()[0]}}")
"""


def test_compiling_loads_and_collects_nothing_that_it_does_not_need(folder: Path, machines: Path) -> None:
    """As a whole process: it is to be about as quick as a Python that only imports numpy."""
    command = [sys.executable, "-c", WATCHED, "compile", str(machines / "gauss.tm")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == "0 [] 0 True\n"
    assert files(folder) == ["gauss.safetensors"]


def test_the_collector_goes_on_afterwards(tmc: Tmc, folder: Path, machines: Path) -> None:
    (folder / "wrong.tm").write_text("machine", encoding="utf-8")
    for file, status in ((machines / "increment.tm", 0), (folder / "wrong.tm", 1)):
        assert tmc("compile", file).status == status
        assert gc.isenabled()
