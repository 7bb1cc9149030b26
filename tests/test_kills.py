"""Processes killed at random moments: a file is absent, what it was, or whole; who runs the command again gets the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from conftest import ROOT, compiled
from tmc.learn import datasets
from tmc.net.checkpoint import from_build, save
from tmc.net.draw import draw

SLOW = """
import os, sys, time
from tmc.cli import main
fsync = os.fsync
os.fsync = lambda file: (time.sleep(0.05), fsync(file))
if sys.argv[1] == "run":
    from tmc.cli import run_progress
    run_progress.INTERVAL, run_progress.SHARE = 0.0, 1e9
sys.exit(main(sys.argv[1:]))
"""  # `tmc` with a slow disk, keeping what is learnt after every example: more moments at which a file is being written


@dataclass(frozen=True, slots=True)
class Job:
    """A command that writes `target`, whole when its bytes are `whole`; undisturbed it takes so many `seconds`."""

    arguments: tuple[str, ...]
    target: Path
    whole: bytes
    seconds: float

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return self.target.parent


def start(arguments: tuple[str, ...], folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SLOW, *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def finish(job: Job) -> str:
    """Run it undisturbed; returns what it says."""
    with start(job.arguments, job.folder) as program:
        said = program.communicate(timeout=120)[1]
    assert program.returncode == 0, said
    return said


def job(folder: Path, command: str, target: str) -> Job:
    """A job, after a run of it whose result is taken away again; the second of two, since the first may have to compile kernels."""
    arguments, path = tuple(command.split()), folder / target
    for _ in range(2):
        began = time.perf_counter()
        finish(Job(arguments, path, b"", 0.0))
    whole, seconds = path.read_bytes(), time.perf_counter() - began
    path.unlink()
    return Job(arguments, path, whole, seconds)


def kill(job: Job, random: Random) -> str:
    """Kill it somewhere in its time; returns what became of its file. What it began must go on to the same bytes."""
    before = random.choice((None, b"old"))
    if before is None:
        job.target.unlink(missing_ok=True)
    else:
        job.target.write_bytes(before)
    inputs = {path: path.read_bytes() for path in job.folder.glob("given*")}
    with start(job.arguments, job.folder) as program:
        try:
            program.wait(random.uniform(0.2, 1.05) * job.seconds)
        except subprocess.TimeoutExpired:
            program.kill()
    now = job.target.read_bytes() if job.target.exists() else None
    assert now in (before, job.whole), "half a file"
    assert {path: path.read_bytes() for path in inputs} == inputs
    return "done" if program.returncode == 0 else "whole" if now == job.whole else "absent" if now is None else "old"


def killed(job: Job, times: int, seed: str) -> Counter[str]:
    """Kill it so often, and sometimes let it go on to the end; what became of its file, and how often a run went on with what was
    learnt."""
    random, found = Random(seed), Counter[str]()
    while sum(found[what] for what in ("absent", "old", "whole")) < times:
        found[kill(job, random)] += 1
        found["left a part"] += (there := bool(list(job.folder.glob("*.part"))))
        found["left a temporary file"] += bool(list(job.folder.glob(".tmc-*.tmp")))
        if random.random() < 0.3:
            assert ("continuing" in finish(job)) == there
            check_whole(job)
    finish(job)
    check_whole(job)
    return found


def check_whole(job: Job) -> None:
    assert job.target.read_bytes() == job.whole
    assert not list(job.folder.glob("*.part"))
    for path in job.folder.glob(".tmc-*.tmp"):
        os.utime(path, (0, 0))  # as if a minute had gone by: the next one who writes here removes it


JOBS = {
    "compile": ("compile given.tm -o out", 0),
    "compile scalar": ("compile given.tm --target scalar -o out", 0),
    "data": ("data parity --d 64 --m 30000 --queries 300 -o out", 0),
    "run": ("run given.safetensors --input given.npz --save out", 30),
    "run scalar": ("run given-scalar.safetensors --input given.npz --save out", 30),
    "run drawn": ("run given-drawn.safetensors --input given.npz --max-layers 60 --save out", 30),
}


def prepared(folder: Path, name: str) -> Job:
    command, m = JOBS[name]
    machine = "majority" if m else "gauss"
    (folder / "given.tm").write_bytes((ROOT / "machines" / f"{machine}.tm").read_bytes())
    if m:
        wide = from_build(compiled(machine))
        save(wide, folder / "given.safetensors")
        save(draw(wide, 5).checkpoint, folder / "given-drawn.safetensors")
        save(from_build(compiled(machine, "scalar")), folder / "given-scalar.safetensors")
        datasets.save(datasets.parity(5, m, 6, seed=3), folder / "given.npz")
    return job(folder, command, "out")


@pytest.mark.parametrize("name", ["compile", "data", "run"])
def test_killed_a_few_times(tmp_path: Path, name: str) -> None:
    killed(prepared(tmp_path, name), 3, name)


@pytest.mark.long
@pytest.mark.parametrize("name", JOBS)
def test_killed_often(tmp_path: Path, name: str) -> None:
    found = killed(prepared(tmp_path, name), 9, f"often {name}")
    assert found["absent"] > 0
    assert found["left a part"] > 0 or not name.startswith("run")
