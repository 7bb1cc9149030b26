from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tmc as package
from conftest import Outcome
from planted import INCREMENT
from tmc.learn import datasets

Tmc = Callable[..., Outcome]

LOOP = """machine loop
    "Walks right over ones; rejects at a 0; accepts at a blank."
tape data: line of _ 0 1
tape notes: line of _ 1
bounds
    steps n + 1
    work 2
start walk
state walk
    on 1  write ., 1  move right, right
    on _  -> accept
    on 0  -> reject
"""


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    (tmp_path / "loop.tm").write_text(LOOP)
    return tmp_path / "loop.tm"


@pytest.fixture
def increment(tmp_path: Path) -> Path:
    (tmp_path / "increment.tm").write_text(INCREMENT)
    return tmp_path / "increment.tm"


@pytest.fixture
def parity(tmp_path: Path) -> Path:
    datasets.save(datasets.parity(3, 5, 4, seed=2), tmp_path / "data.npz")
    return tmp_path / "data.npz"


def test_a_line_machine(tmc: Tmc, machines: Path) -> None:
    assert tmc("simulate", machines / "increment.tm", "--data", "1011") == Outcome(0, "accept after 8 steps\ndata  1100\n", "")
    assert tmc("simulate", machines / "increment.tm", "--data", "").out == "accept after 2 steps\ndata  1\n"


def test_a_line_machine_as_json(tmc: Tmc, machines: Path) -> None:
    outcome = tmc("simulate", machines / "increment.tm", "--data", "1011", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    assert json.loads(outcome.out) == {
        "machine": "increment", "verdict": "accept", "steps": 8, "loop": None, "state": "accept", "head": 1, "data": "1100",
        "work": "", "work_head": 0, "work_cells": 0,
        "bounds": {"steps": {"bound": "2*n + 3", "limit": 11, "used": 8, "kept": True}, "work": None},
    }  # fmt: skip


def test_a_grid_machine(tmc: Tmc, machines: Path, parity: Path) -> None:
    dataset = datasets.load(parity)
    assert dataset.y_test is not None
    for query, label in enumerate(dataset.y_test.tolist()):
        outcome = tmc("simulate", machines / "gauss.tm", "--input", parity, "--query", query, "--json")
        result = json.loads(outcome.out)
        assert result["verdict"] == ("accept" if label > 0 else "reject")
        assert [len(row) for row in result["data"]] == [4] * 6
        assert result["bounds"]["steps"]["kept"]
        assert result["bounds"]["work"]["kept"]
        assert result["head"][0] == 5
        assert outcome.err == ""
    text = tmc("simulate", machines / "gauss.tm", "--input", parity).out.splitlines()
    assert len(text) == 1 + 6 + 1
    assert text[1].startswith("data  ")
    assert text[7].startswith("work")


def test_trace(tmc: Tmc, loop: Path) -> None:
    outcome = tmc("simulate", loop, "--data", "11", "--trace")
    assert outcome == Outcome(0, f"""step 0: walk, position 0
  data   [1] 1
  notes  [_]
  {loop}:10: on 1 write ., 1 move right, right

step 1: walk, position 1
  data    1 [1]
  notes   1 [_]
  {loop}:10: on 1 write ., 1 move right, right

step 2: walk, position 2
  data    1  1 [_]
  notes   1  1 [_]
  {loop}:11: on _ -> accept

step 3: accept, position 2
  data    1  1 [_]
  notes   1  1 [_]

accept after 3 steps
data   11
notes  11
""", "warning: loop breaks its promise: it took 3 cells of the work tape, and its bound work 2 allows 2 here\n")  # fmt: skip


def test_a_tape_that_grows_to_the_left_stays_aligned(tmc: Tmc, increment: Path) -> None:
    assert tmc("simulate", increment, "--data", "11", "--trace").out == f"""step 0: to_end, position 0
  data     [1] 1
  {increment}:12: on 0|1 move right

step 1: to_end, position 1
  data      1 [1]
  {increment}:12: on 0|1 move right

step 2: to_end, position 2
  data      1  1 [_]
  {increment}:13: on _ move left -> carry

step 3: carry, position 1
  data      1 [1]
  {increment}:16: on 1 write 0 move left

step 4: carry, position 0
  data     [1] 0
  {increment}:16: on 1 write 0 move left

step 5: carry, position -1
  data  [_] 0  0
  {increment}:17: on 0|_ write 1 -> accept

step 6: accept, position -1
  data  [1] 0  0

accept after 6 steps
data  100
"""  # fmt: skip


def test_the_last_steps(tmc: Tmc, increment: Path, machines: Path, parity: Path) -> None:
    last = tmc("simulate", increment, "--data", "1" * 2000, "--trace", "--last", 1)
    assert last.out.startswith("step 4002: accept, position -1\n")
    assert tmc("simulate", increment, "--data", "", "--trace", "--last", 2).out == f"""step 1: carry, position -1
  data  [_]
  {increment}:17: on 0|_ write 1 -> accept

step 2: accept, position -1
  data  [1]

accept after 2 steps
data  1
"""  # fmt: skip
    last = tmc("simulate", machines / "gauss.tm", "--input", parity, "--trace", "--last", 3)
    assert tmc("simulate", machines / "gauss.tm", "--input", parity, "--trace").out.endswith(last.out)
    assert last.out.count("step ") == 3


def test_a_trace_of_thousands_of_steps(tmc: Tmc, loop: Path) -> None:
    out = tmc("simulate", loop, "--data", "1" * 1100, "--trace").out
    assert [line.split(":")[0] for line in out.splitlines() if line.startswith("step ")] == [f"step {n}" for n in range(1102)]


def test_the_rules_of_a_used_file(tmc: Tmc, tmp_path: Path) -> None:
    (tmp_path / "walks.tm").write_text("state past(mark, next)\n  on mark  move right\n  otherwise  -> next\n")
    (tmp_path / "m.tm").write_text('machine m\nuse "walks.tm"\ntape t: line of _ 1\nstart past(1, accept)\n')
    out = tmc("simulate", tmp_path / "m.tm", "--data", "", "--trace").out
    assert out == (
        f"step 0: past(1,accept), position 0\n  t  [_]\n  {tmp_path / 'walks.tm'}:3: otherwise -> next\n\n"
        "step 1: accept, position 0\n  t  [_]\n\naccept after 1 step\nt\n"
    )


def test_stuck_and_timeout(tmc: Tmc, loop: Path) -> None:
    late = tmc("simulate", loop, "--data", "1111", "--max-steps", 1)
    assert (late.status, late.err) == (0, "")
    assert late.out.startswith("timeout after 1 step in state walk, still running: undecided\n")
    assert tmc("simulate", loop, "--data", "1", "--max-steps", 0).out.startswith("timeout after 0 steps")
    loop.write_text(LOOP.replace("    on 0  -> reject\n", ""))
    stuck = tmc("simulate", loop, "--data", "10")
    assert stuck.status == 0
    assert stuck.err.startswith("warning[TMC102]: no rule of `walk` covers `on 0`\n")
    assert stuck.out == "stuck after 1 step in state walk, where no rule applies: undecided\ndata   10\nnotes  1\n"


def test_a_run_that_never_ends(tmc: Tmc, loop: Path) -> None:
    """It is stopped as soon as that is certain, unless a number of steps is asked for."""
    loop.write_text(LOOP.replace("on _  -> accept", "on _  move right").replace("    steps n + 1\n    work 2\n", "    work 2\n"))
    outcome = tmc("simulate", loop, "--data", "")
    doing = "the same step again and again, each time 1 cell further right on the tape data"
    assert outcome == Outcome(0, f"timeout after 100 steps in state walk, doing {doing}: undecided\ndata\nnotes\n", "")
    result = json.loads(tmc("simulate", loop, "--data", "", "--json").out)
    assert (result["verdict"], result["steps"], result["loop"]) == ("timeout", 100, {"period": 1, "data": 1, "work": 0})
    asked = json.loads(tmc("simulate", loop, "--data", "", "--json", "--max-steps", 5000).out)
    assert (asked["verdict"], asked["steps"], asked["loop"]) == ("timeout", 5000, None)


def test_a_broken_bound_on_steps(tmc: Tmc, loop: Path) -> None:
    loop.write_text(LOOP.replace("steps n + 1", "steps n").replace("work 2", "work n + 9"))
    outcome = tmc("simulate", loop, "--data", "11")
    assert outcome.status == 0
    assert outcome.out.startswith("timeout after 2 steps")
    assert outcome.err == "warning: loop breaks its promise: it took more than 2 steps, and its bound steps n allows 2 here\n"


def test_wrong_usage(tmc: Tmc, machines: Path, loop: Path, parity: Path) -> None:
    gauss = machines / "gauss.tm"
    for arguments, message in (
        ((loop,), "the machine loop reads a line: give it --data TEXT, or --data '' for an empty tape."),
        ((loop, "--input", parity), "the machine loop reads a line: give it --data, not --input."),
        ((gauss,), "the machine gauss learns from examples: give it --input FILE; `tmc data` makes data sets."),
        ((gauss, "--data", "01"), "the machine gauss learns from examples: give it --input, not --data."),
        ((loop, "--data", "", "--trace", "--json"), "--trace and --json exclude each other"),
        ((loop, "--data", "", "--last", 3), "--last goes with --trace"),
        ((loop, "--data", "", "--trace", "--last", 0), "Invalid value for '--last'"),
        ((loop, "--data", "", "--max-steps", -1), "Invalid value for '--max-steps'"),
        ((), "Missing argument 'FILE'"),
    ):
        outcome = tmc("simulate", *arguments)
        assert (outcome.status, outcome.out) == (2, "")
        assert message in outcome.err


def test_rejected_inputs(tmc: Tmc, machines: Path, loop: Path, parity: Path, tmp_path: Path) -> None:
    for arguments, message in (
        ((loop, "--data", "1x"), "error: character 2 of the data is 'x', which is not a symbol of the tape data (_ 0 1)\n"),
        ((tmp_path / "no.tm",), f"error: cannot read {tmp_path / 'no.tm'}: it does not exist\n"),
        (
            (machines / "gauss.tm", "--input", loop),
            f"error: {loop} is not an .npz archive; numpy.savez and `tmc data` write them\n",
        ),
        ((machines / "gauss.tm", "--input", parity, "--query", 4), "error: there is no query 4: they are numbered from 0 to 3\n"),
    ):
        assert tmc("simulate", *arguments) == Outcome(1, "", message)


def test_a_source_with_errors(tmc: Tmc, loop: Path) -> None:
    loop.write_text(LOOP.replace("-> accept", "-> acept"))
    outcome = tmc("simulate", loop, "--data", "")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.startswith("error[TMC")
    assert outcome.err.endswith("\n1 error\n")


def test_through_the_package(machines: Path, parity: Path) -> None:
    assert package.simulate(machines / "increment.tm", "111").steps == 8
    assert package.simulate(LOOP, "1").verdict == "accept"
    label = package.simulate(str(machines / "gauss.tm"), dataset=parity, query=1).verdict
    y_test = datasets.load(parity).y_test
    assert y_test is not None
    assert label == ("accept" if y_test[1] > 0 else "reject")
