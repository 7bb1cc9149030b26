"""`tmc search`: what it prints, what it refuses, and that it goes on where it was."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, Outcome
from tmc.cli import Ended
from tmc.cli.search_report import SearchProgress
from tmc.learn.data import datasets
from tmc.learn.data.datasets import DataSet
from tmc.learn.data.tasks import TASKS, problems
from tmc.learn.search import pools
from tmc.learn.search.searching import Best

Tmc = Callable[..., Outcome]
QUICK = ("search", "--problems", "4", "--test-problems", "0", "--confirm", "0")
ONE = (*QUICK, "--task", "missed", "--states", "1", "--edges", "right", "--candidates", "300")
LONG = (*QUICK, "--task", "parities", "--states", "1", "--candidates", "5000", "--log", "a.jsonl", "-o", "a.tm")
SKETCH = """\
# Half a machine.

machine half

tape data: grid of _ 0 1

start s

state s
    on 1 at right   -> ?
    at right        -> ?
    otherwise       move ?
"""
MACHINE = """\
# Found on 4 problems of the task missed: number 7 of tables of 1 state on a grid of 3 symbols,
# edges right, seed 0, the best of 256; it answers 20 of 20 queries rightly.

learner found
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def timeless(out: str) -> str:
    """Without what a clock says."""
    out = re.sub(r", \d+\.\d s, (\d+\.\d\d million|[\d,]+)/s", ", TIME", out)
    return re.sub(r'"(seconds|candidates_per_second)": [\d.]+', r'"\1": 0', out)


def test_what_is_printed(tmc: Tmc, folder: Path) -> None:
    outcome = tmc(*ONE, "--test-problems", "10", "--confirm", "1")
    assert (outcome.status, outcome.err) == (0, "")
    told, text = timeless(outcome.out).split("\n\n", 1)
    assert told == (
        "prior      tables of 1 state on a grid of 3 symbols, edges right, seed 0\n"
        "tried      256, TIME\n"
        "best       number 7: 20 of 20 queries\n"
        "fresh      45 of 50 queries; all of them in 9 of 10 problems\n"
        "network    5 of 5 queries answered as the machine does"
    )
    assert text.startswith(MACHINE)
    written = tmc(*ONE, "-o", "a.tm")
    assert (written.status, written.err) == (0, "")
    assert timeless(written.out).splitlines()[1:] == [
        "tried      256, TIME",
        "best       number 7: 20 of 20 queries",
        "written    a.tm",
    ]
    assert (folder / "a.tm").read_text(encoding="utf-8") == text
    assert names(folder) == ["a.tm"]


def test_the_winner_is_a_machine(tmc: Tmc, folder: Path) -> None:
    tmc(*ONE, "-o", "a.tm", "--name", "mine")
    assert "\nlearner mine\n" in (folder / "a.tm").read_text(encoding="utf-8")
    assert tmc("fmt", "--check", "a.tm").status == 0
    checked = tmc("check", "a.tm")
    assert (checked.status, checked.out) == (0, "1 file: no errors, no warnings\n")
    tested = tmc("test", "--engine", "table", "a.tm") if "--engine" in tmc("test", "--help").out else tmc("test", "a.tm")
    assert tested.status == 0
    assert tested.out.endswith("4 passed, 0 failed\n")


def test_json(tmc: Tmc, folder: Path) -> None:
    outcome = tmc(*ONE, "--json", "--jobs", "3")
    told = json.loads(timeless(outcome.out))
    machine = told.pop("machine")
    assert told == {
        "prior": "tables of 1 state on a grid of 3 symbols, edges right, seed 0",
        "candidates": 256, "of": None, "number": 7, "right": 20, "queries": 20, "seconds": 0, "candidates_per_second": 0,
        "leaders": [{"number": 7, "right": 20, "found_by": 256}],
        "fresh": {"problems": 0, "solved": 0, "queries": 0, "right": 0},
        "network": {"problems": 0, "queries": 0, "as_the_table": 0},
    }  # fmt: skip
    assert machine.startswith(MACHINE)
    assert timeless(outcome.out) == json.dumps({**told, "machine": machine}, indent=2) + "\n"


def test_the_list_of_tasks(tmc: Tmc) -> None:
    outcome = tmc("search", "--task", "list")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [f"{name:12}  {task.about}" for name, task in TASKS.items()]


def test_one_by_one_or_drawn(tmc: Tmc) -> None:
    """All machines are tried where there are few enough of them; `--prior` decides otherwise."""
    tiny = (*QUICK, "--task", "constants", "--states", "1", "--edges", "none", "--json", "--stop-at-error", "1")
    every = json.loads(tmc(*tiny).out)
    assert (every["prior"], every["of"]) == ("all tables of 1 state on a grid of 3 symbols", 17**3)
    for more in (("--candidates", "4912"), ("--prior", "tables")):
        assert json.loads(tmc(*tiny, *more).out)["prior"] == "tables of 1 state on a grid of 3 symbols, seed 0"
    assert json.loads(tmc(*tiny, "--candidates", "100", "--prior", "all").out)["candidates"] == 100


def test_only_good_ones(tmc: Tmc, folder: Path) -> None:
    """With `--max-error` the same machine is found, or none; with a log that is known, the search goes on."""
    task = (*QUICK, "--task", "parities", "--states", "1", "--log", "a.jsonl", "-o", "a.tm")
    one = tmc(*task, "--candidates", "5000")
    right, queries = map(int, re.findall(r"number \d+: (\d+) of (\d+) queries", one.out)[0])
    assert right < queries
    machine = (folder / "a.tm").read_bytes()
    for name in names(folder):
        (folder / name).unlink()
    few, enough = (str(mistakes / queries) for mistakes in (queries - right - 1, queries - right))
    none = "error: each of {} machines makes more than a share {:g} of mistakes; "
    none += "allow more (--max-error), or try more (--candidates)\n"
    outcome = tmc(*task, "--candidates", "5000", "--max-error", few)
    assert (outcome.status, outcome.out, outcome.err) == (1, "", none.format("5,000", float(few)))
    assert names(folder) == ["a.jsonl"]
    outcome = tmc(*task, "--candidates", "6000", "--max-error", few)
    assert outcome.err.startswith("continuing after 5,000 candidates\n")
    outcome = tmc(*task, "--candidates", "5000", "--max-error", enough)
    assert outcome.err == (
        f"error: a.jsonl is the log of a search with --max-error {few}; name another file, or begin anew with --restart\n"
    )
    outcome = tmc(*task, "--candidates", "5000", "--max-error", enough, "--restart")
    assert (outcome.status, (folder / "a.tm").read_bytes()) == (0, machine)


def test_a_sketch(tmc: Tmc, folder: Path) -> None:
    (folder / "half.tm").write_text(SKETCH, encoding="utf-8")
    outcome = tmc(*QUICK, "--task", "constants", "--sketch", "half.tm", "-o", "whole.tm")
    assert outcome.status == 0
    assert re.match(r"prior      sketch half [0-9a-f]{16}, 45 machines\ntried      45, ", outcome.out)
    text = (folder / "whole.tm").read_text(encoding="utf-8")
    assert re.match(r"# Found on 4 problems of the task constants: number \d+ of sketch half \S+", text)
    assert "rightly.\n#\n# Half a machine.\n\nmachine half\n" in text
    assert max(map(len, text.splitlines())) <= 100
    assert tmc("fmt", "--check", "whole.tm").status == 0
    drawn = json.loads(
        tmc(*QUICK, "--task", "constants", "--sketch", "half.tm", "--prior", "tables", "--json", "--stop-at-error", "1").out
    )
    assert drawn["prior"].endswith(" drawn seed 0")


def test_a_sketch_that_uses_a_file_beside_it(tmc: Tmc, folder: Path) -> None:
    """The states of that file are found although the command runs elsewhere."""
    (folder / "here").mkdir()
    (folder / "here" / "more.tm").write_text("state there\n    on 0 -> reject\n    otherwise -> accept\n", encoding="utf-8")
    use = SKETCH.replace("machine half\n", 'machine half\n\nuse "more.tm"\n').replace(
        "otherwise       move ?", "otherwise  move ? -> there"
    )
    (folder / "here" / "half.tm").write_text(use, encoding="utf-8")
    outcome = tmc(
        "search", "--task", "constants", "--problems", "2", "--test-problems", "3", "--confirm", "0", "--sketch", "here/half.tm"
    )
    assert (outcome.status, outcome.err) == (0, "")


def test_data_sets_of_different_sizes(tmc: Tmc, folder: Path) -> None:
    for d, m in ((2, 3), (4, 2)):
        (each,) = problems(TASKS["constants"], 1, d, m, 5, 0)
        datasets.save(each, folder / f"{d}.npz")
    outcome = tmc("search", "--input", "2.npz", "--input", "4.npz", "--states", "1", "--candidates", "300", "--json")
    told = json.loads(outcome.out)
    assert (outcome.status, told["queries"], told["right"]) == (0, 10, 10)
    assert told["network"] == {"problems": 2, "queries": 10, "as_the_table": 10}
    assert told["machine"].startswith("# Found on 2 problems of 2.npz, 4.npz: number ")


def test_a_name_that_is_not_utf_8(tmc: Tmc, folder: Path) -> None:
    (each,) = problems(TASKS["constants"], 1, 2, 2, 5, 0)
    name = os.fsdecode(b"\xff.npz")
    datasets.save(each, folder / name)
    outcome = tmc("search", "--input", name, "--states", "1", "--candidates", "300", "--confirm", "0", "-o", "a.tm")
    assert outcome.status == 0
    assert "\\udcff.npz" in (folder / "a.tm").read_text(encoding="utf-8")


WRONG = {
    ("--task", "chess"): "there is no kind of task `chess`; there are constants, missed, latest, dictators, literals,",
    (): "name a kind of task with --task, or data sets with --input; `--task list` says what there is",
    ("--task", "missed", "--edges", "bottom,north"): "there is no edge `north`; edges are top, bottom, left, right.",
    ("--task", "missed", "--name", "a b"): "`a b` is not a name: that has letters, digits and `_` only.",
    ("--task", "missed", "--name", "7"): "`7` is not a name: that has letters, digits and `_` only.",
    ("--task", "missed", "--restart"): "--restart goes with --log",
    ("--task", "missed", "--log", "a", "-o", "a"): "the log and the machine need two files",
    ("--task", "missed", "--log", "a", "-o", "./a"): "the log and the machine need two files",
    ("--task", "missed", "--stop-at-error", "nan"): "nan is not in the range 0<=x<=1.",
    ("--task", "missed", "--max-error", "nan"): "nan is not in the range 0<=x<=1.",
    ("--task", "missed", "--max-error", "1.5"): "1.5 is not in the range 0<=x<=1.",
    ("--task", "missed", "--sketch", "line.tm", "--states", "2"): "--states has no effect with --sketch; leave it out",
    ("--task", "missed", "--sketch", "line.tm", "--name", "a"): "--name has no effect with --sketch; leave it out",
    ("--input", "x.npz", "--d", "3"): "--d has no effect with --input; leave it out",
    ("--task", "missed", "--scheduler", "x", "--jobs", "2"): "--jobs has no effect with --scheduler; leave it out",
    ("--task", "missed", "--candidates", "0"): "0 is not in the range x>=1.",
    ("--task", "missed", "--d", "12"): "12 is not in the range 1<=x<=11.",
}


@pytest.mark.parametrize("options", WRONG, ids=" ".join)
def test_wrong_usage(tmc: Tmc, folder: Path, options: tuple[str, ...]) -> None:
    outcome = tmc("search", *options)
    assert (outcome.status, outcome.out) == (2, "")
    assert WRONG[options] in outcome.err.splitlines()[-1]
    assert names(folder) == []


REFUSED = {
    ("--input", "no.npz"): "cannot read no.npz: it does not exist",
    ("--input", "unlabelled.npz"): "unlabelled.npz has no y_test: without the right answers nothing can be chosen",
    ("--input", "wide.npz"): "these problems are not for a search: grids are of one size, and narrower than 128 columns",
    ("--task", "missed", "--sketch", "no.tm"): "cannot read no.tm: it does not exist",
    ("--task", "missed", "--sketch", "line.tm"): "line.tm: the machine m reads a line, not a grid of examples",
    ("--task", "missed", "--sketch", "ab.tm"): "ab.tm: the tape data lacks the symbols 0 and 1, in which data are written",
    ("--task", "missed", "--states", "1000", "--work-symbols", "8"): (
        "machines of 1000 states are too large for a search with these edges and symbols"
    ),
    ("--task", "missed", "--prior", "all"): "there are more than 2^62 such tables, too many to try one by one; use --prior tables",
    ("--task", "missed", "--prior", "all", "--states", "1000"): (
        "there are more than 2^62 such tables, too many to try one by one; use --prior tables"
    ),
    ("--task", "missed", "--problems", "100000", "--queries", "1000"): (
        "these problems fill 1,600,000,000 cells, too many for a search: at most 67,108,864; take fewer or smaller ones"
    ),
    ("--task", "missed", "--test-problems", "1000000000"): (
        "these problems fill 80,000,000,000 cells, too many for a search: at most 67,108,864; take fewer or smaller ones"
    ),
    ("--task", "missed", "-o", "no/a.tm"): "cannot write no/a.tm: the folder no does not exist; create it first",
    ("--task", "missed", "--log", "no/a.jsonl"): "cannot write no/a.jsonl: the folder no does not exist; create it first",
    ("--task", "missed", "--log", "line"): ("line is not the log of a search; name another file, or write over it with --restart"),
    ("--task", "missed", "--log", "other.jsonl"): (
        "other.jsonl is the log of a search with another prior (p, not tables of 2 states on a grid of 3 symbols, edges bottom "
        "right, seed 0); name another file, or begin anew with --restart"
    ),
}


@pytest.mark.parametrize("options", REFUSED, ids=" ".join)
def test_refused(tmc: Tmc, folder: Path, options: tuple[str, ...]) -> None:
    """Status 1 and one line; no file is made or changed."""
    line = "machine m\ntape data: line of _ 0 1\nstart s\nstate s\n    otherwise -> ?\n"
    (folder / "line.tm").write_text(line, encoding="utf-8")
    (folder / "line").write_text(line, encoding="utf-8")
    (folder / "ab.tm").write_text(line.replace("line of _ 0 1", "grid of _ a b"), encoding="utf-8")
    (folder / "other.jsonl").write_text('{"format": "tmc search", "version": 1, "prior": "p", "problems": ""}\n', encoding="utf-8")
    ones = np.ones((3, 200), np.int8)
    datasets.save(DataSet(ones[:, :2], ones[:, 0], ones[:, :2]), folder / "unlabelled.npz")
    datasets.save(DataSet(ones, ones[:, 0], ones, ones[:, 0]), folder / "wide.npz")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    outcome = tmc("search", *(() if "--input" in options else ("--test-problems", "0")), *options)
    assert (outcome.status, outcome.out, outcome.err) == (1, "", f"error: {REFUSED[options]}\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.filterwarnings("default")
def test_nobody_answers(tmc: Tmc, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(pools, "REACH", 0.2)
    outcome = tmc(*ONE, "--scheduler", "tcp://127.0.0.1:1")
    assert (outcome.status, outcome.out) == (1, "")
    assert re.fullmatch(r"error: no scheduler of Dask answers at tcp://127\.0\.0\.1:1: .+\n", outcome.err)


def interrupt(monkeypatch: pytest.MonkeyPatch, rounds: int, error: type[KeyboardInterrupt] = KeyboardInterrupt) -> None:
    """From now on, a search is interrupted when so many rounds are over."""
    after = SearchProgress.after

    def interrupted(self: SearchProgress, best: Best, seconds: float) -> None:
        after(self, best, seconds)
        if best.tried == 128 << rounds:
            raise error

    monkeypatch.setattr(SearchProgress, "after", interrupted)


@pytest.mark.parametrize(("error", "said", "status"), [(KeyboardInterrupt, "interrupted", 130), (Ended, "ended", 143)])
def test_interrupted(
    tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch, error: type[KeyboardInterrupt], said: str, status: int
) -> None:
    """The message says how to go on, and going on ends as if nothing had been."""
    at_once = tmc(*LONG)
    log, machine = ((folder / name).read_bytes() for name in ("a.jsonl", "a.tm"))
    for name in names(folder):
        (folder / name).unlink()
    with monkeypatch.context() as patched:
        interrupt(patched, 2, error)
        outcome = tmc(*LONG)
    assert (outcome.status, outcome.out) == (status, "")
    assert outcome.err == f"{said}; 512 candidates are tried, see a.jsonl; run the same command again to go on\n"
    assert names(folder) == ["a.jsonl"]
    outcome = tmc(*LONG)
    assert (outcome.status, outcome.err) == (0, "continuing after 512 candidates\n")
    assert timeless(outcome.out) == timeless(at_once.out)
    assert [(folder / name).read_bytes() for name in ("a.jsonl", "a.tm")] == [log, machine]
    again = tmc(*LONG)
    assert again.err == "continuing after 5,000 candidates\n"
    assert again.out == timeless(at_once.out).replace(", TIME", "")
    assert tmc(*LONG, "--restart").err == ""
    assert (folder / "a.jsonl").read_bytes() == log


def test_interrupted_without_a_log(tmc: Tmc, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, 2)
    outcome = tmc(*LONG[:-4])
    assert (outcome.status, outcome.out, outcome.err) == (130, "", "interrupted; nothing was written\n")
    assert names(folder) == []


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_killed(tmc: Tmc, folder: Path, number: signal.Signals) -> None:
    """A process that is killed half-way; going on ends with the same log and the same machine."""
    long = [*LONG, "--candidates", "300000"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "tmc", *long], cwd=folder, env=environment, stderr=subprocess.PIPE)
    log = folder / "a.jsonl"
    while process.poll() is None and not (log.exists() and log.read_bytes().count(b"\n") > 4):
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate()
    if number is signal.SIGINT and process.returncode == 130:
        assert b"candidates are tried, see a.jsonl; run the same command again to go on\n" in err
    assert tmc(*long).status == 0
    found = [(folder / name).read_bytes() for name in ("a.jsonl", "a.tm")]
    assert tmc(*long, "--restart").status == 0
    assert [(folder / name).read_bytes() for name in ("a.jsonl", "a.tm")] == found


def test_one_file_by_two_names(tmc: Tmc, folder: Path) -> None:
    """A link to the log is no place for the machine."""
    assert tmc(*LONG[:-2]).status == 0
    log = (folder / "a.jsonl").read_bytes()
    os.link(folder / "a.jsonl", folder / "b")
    outcome = tmc(*LONG[:-2], "-o", "b")
    assert outcome.status == 2
    assert outcome.err.endswith("the log and the machine need two files\n")
    assert (folder / "a.jsonl").read_bytes() == log
