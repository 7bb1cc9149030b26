"""Processes that die: a file is absent, what it was, or whole; who runs the command again gets the same bytes.

Every crash point there is comes from `crashes`, which ends a process wherever its files change. One process of each command is
killed by a signal as well, while it writes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, compiled
from tmc.learn.data import datasets
from tmc.net.checkpoint.reading import from_build, save
from tmc.net.draw import draw

EXAMPLES = 2
COMMANDS = {
    "compile": "compile given.tm -o out",
    "compile scalar": "compile given.tm --target scalar -o out",
    "data": "data parity --d 6 --m 30 --queries 9 -o out",
    "run": "run given.safetensors --input given.npz --save out",
    "run scalar": "run given-scalar.safetensors --input given.npz --save out",
    "run drawn": "run given-drawn.safetensors --input given.npz --max-layers 60 --save out",
}
POINTS = 8  # of a file that is written: around opening it, at half of its bytes and at all, around sync and rename
SLOW = """
import os, sys, time
from tmc.cli import main
fsync = os.fsync
os.fsync = lambda file: (print("writing", flush=True), time.sleep(60), fsync(file))
sys.exit(main(sys.argv[1:]))
"""  # `tmc` with a disk so slow that there is time to kill it while it writes


def prepare(folder: Path, name: str) -> None:
    """The files that a command is given."""
    if name.startswith("data"):
        return
    machine = "majority"
    (folder / "given.tm").write_bytes((ROOT / "machines" / f"{machine}.tm").read_bytes())
    if name.startswith("compile"):
        return
    wide = from_build(compiled(machine))
    save(wide, folder / "given.safetensors")
    save(draw(wide, 5).checkpoint, folder / "given-drawn.safetensors")
    save(from_build(compiled(machine, "scalar")), folder / "given-scalar.safetensors")
    datasets.save(datasets.parity(3, EXAMPLES, 2, seed=3), folder / "given.npz")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def crash_everywhere(folder: Path, before: str, command: str) -> dict[str, Any]:
    program = [sys.executable, str(ROOT / "tests" / "crashes.py"), str(folder), "out", before, *command.split()]
    done = subprocess.run(program, env=environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


QUICK = [(name, before) for name in ("compile", "data") for before in ("absent", "old")]
MORE = [name for name in COMMANDS if name not in ("compile", "data")]  # files of another target are written in the same way
LONG = [
    pytest.param(name, "old", marks=pytest.mark.soak if name.endswith((" scalar", " drawn")) else pytest.mark.long) for name in MORE
]


@pytest.mark.parametrize(("name", "before"), [*QUICK, *LONG])
def test_a_crash_at_every_point(tmp_path: Path, name: str, before: str) -> None:
    prepare(tmp_path, name)
    found = crash_everywhere(tmp_path, before, COMMANDS[name])
    whole, first = found["whole"], found["before"]
    assert found["undisturbed"]["status"] == 0, found["undisturbed"]["said"]
    assert whole["target"] not in (None, first["target"])
    assert not whole["part"] + whole["temporary"]
    files = 1 + (EXAMPLES + 1) * name.startswith("run")  # with one for what is learnt after every example, and after the dummy
    assert len(found["crashes"]) == POINTS * files + 2 * name.startswith("run")  # and the part is removed in the end
    for crash in found["crashes"]:
        seen, after = crash["seen"], crash["after"]
        assert crash["died"] == 137
        assert seen["target"] in (first["target"], whole["target"]), "half a file"
        assert seen["given"] == first["given"]
        assert crash["then"]["status"] == 0, crash["then"]["said"]
        assert ("continuing" in crash["then"]["said"]) == bool(seen["part"])
        assert after == whole
    assert {crash["seen"]["target"] for crash in found["crashes"]} == {first["target"], whole["target"]}
    assert any(crash["seen"]["temporary"] for crash in found["crashes"])
    assert any(crash["seen"]["part"] for crash in found["crashes"]) == name.startswith("run")


@pytest.mark.parametrize("name", ["compile", "data", "run"])
def test_a_signal_while_it_writes(tmp_path: Path, name: str) -> None:
    prepare(tmp_path, name)
    (tmp_path / "out").write_text("old", encoding="utf-8")
    command = [sys.executable, "-c", SLOW, *COMMANDS[name].split()]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        lines = iter(program.stdout.readline, b"")
        assert any(line == b"writing\n" for line in lines)
        program.kill()
    assert program.returncode == -9
    assert (tmp_path / "out").read_text(encoding="utf-8") == "old"
    (left,) = tmp_path.glob(".tmc-*.tmp")
    os.utime(left, (time.time() - 100,) * 2)
    again = [sys.executable, "-m", "tmc", *COMMANDS[name].split()]
    assert subprocess.run(again, cwd=tmp_path, env=environment(), capture_output=True, check=False, timeout=100).returncode == 0
    assert (tmp_path / "out").read_bytes() != b"old"
    assert not list(tmp_path.glob(".tmc-*.tmp"))
