from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import tmc as package
from conftest import Outcome
from planted import INCREMENT
from tmc.cli import simulate_progress
from tmc.cli.simulate_progress import progress_line
from tmc.diagnostics import Rejected
from tmc.ir.tape import Line
from tmc.learn.data import datasets
from tmc.pipeline import read_machine
from tmc.run.loops import Loop
from tmc.run.simulator import InMotion, simulate
from tmc.source import Source

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
        "data_start": 0, "work": "", "work_start": 0, "work_head": 0, "work_cells": 0,
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
    assert outcome == Outcome(0, """\
step  state    data     notes   rule
   0  walk    [1]1     [_]      10: on 1 write ., 1 move right, right
   1  walk     1[1]     1[_]    10: on 1 write ., 1 move right, right
   2  walk     1 1[_]   1 1[_]  11: on _ -> accept
   3  accept   1 1[_]   1 1[_]

accept after 3 steps
data   11
notes  11
""", "warning: loop breaks its promise: it took 3 cells of the work tape, and its bound work 2 allows 2 here\n")  # fmt: skip


def test_a_tape_that_grows_to_the_left_stays_where_it_is(tmc: Tmc, increment: Path) -> None:
    assert tmc("simulate", increment, "--data", "11", "--trace").out == """\
step  state    data      rule
   0  to_end    [1]1     12: on 0|1 move right
   1  to_end     1[1]    12: on 0|1 move right
   2  to_end     1 1[_]  13: on _ move left -> carry
   3  carry      1[1]    16: on 1 write 0 move left
   4  carry     [1]0     16: on 1 write 0 move left
   5  carry   [_]0 0     17: on 0|_ write 1 -> accept
   6  accept  [1]0 0

accept after 6 steps
data  100
"""  # fmt: skip


def test_the_last_steps(tmc: Tmc, increment: Path, machines: Path, parity: Path) -> None:
    last = tmc("simulate", increment, "--data", "1" * 2000, "--trace", "--last", 1)
    assert last.out.startswith("step  state    data from -14\n4002  accept " + " " * 27 + "[1]0 0 0 0 ")
    assert tmc("simulate", increment, "--data", "", "--trace", "--last", 2).out == """\
step  state    data  rule
   1  carry   [_]    17: on 0|_ write 1 -> accept
   2  accept  [1]

accept after 2 steps
data  1
"""  # fmt: skip
    last = tmc("simulate", machines / "gauss.tm", "--input", parity, "--trace", "--last", 3).out
    every = tmc("simulate", machines / "gauss.tm", "--input", parity, "--trace").out
    assert numbers(last) == numbers(every)[-3:]
    assert every.endswith(last.partition("\n\n")[2])


def numbers(out: str) -> list[int]:
    return [int(line.split()[0]) for line in out.splitlines() if line[:4].strip().isdigit()]


def test_a_trace_of_thousands_of_steps(tmc: Tmc, loop: Path) -> None:
    """The window goes along with the head, and says so; the head is always in sight, and what is beyond is hinted at."""
    out = tmc("simulate", loop, "--data", "1" * 1100, "--trace").out
    assert numbers(out) == list(range(1102))
    steps = [line for line in out.splitlines() if line[:4].strip().isdigit()]
    assert all(line.count("[") == 2 for line in steps)
    assert max(map(len, out.splitlines()[:-2])) <= 120
    assert 10 < out.count("step  state    data from ") < 200


def test_a_trace_of_a_run_without_end_goes_on_at_once(increment: Path) -> None:
    increment.write_text(COUNT)
    program = [sys.executable, "-m", "tmc", "simulate", str(increment), "--data", "0", "--trace", "--max-steps", "1000000000000"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        shown = [running.stdout.readline() for _ in range(20_000)]
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
    assert running.returncode == 130
    found = [int(line.split()[0]) for line in (*shown, *rest.splitlines()[:-3]) if line.split()[0].isdigit()]
    assert found == list(range(len(found)))
    assert re.fullmatch(rf"interrupted after {found[-1]} steps in state \w+, the head at position .*", rest.splitlines()[-2])


def test_a_trace_as_json(tmc: Tmc, loop: Path) -> None:
    lines = [json.loads(line) for line in tmc("simulate", loop, "--data", "1", "--trace", "--json").out.splitlines()]
    walk = {"file": str(loop), "line": 10, "text": "on 1 write ., 1 move right, right"}
    tapes = {"head": 0, "data": "1", "data_start": 0, "work": "", "work_start": 0, "work_head": 0}
    assert lines[0] == {"step": 0, "state": "walk", **tapes, "rule": walk}
    assert [line.get("step") for line in lines] == [0, 1, 2, None]
    assert (lines[2]["state"], lines[2]["work"], lines[2]["work_head"], lines[2]["rule"]) == ("accept", "1", 1, None)
    assert lines[3] == json.loads(tmc("simulate", loop, "--data", "1", "--json").out)
    last = [json.loads(line) for line in tmc("simulate", loop, "--data", "1", "--trace", "--json", "--last", 1).out.splitlines()]
    assert last == lines[2:]


def test_the_rules_of_a_used_file(tmc: Tmc, tmp_path: Path) -> None:
    (tmp_path / "walks.tm").write_text("state past(mark, next)\n  on mark  move right\n  otherwise  -> next\n")
    (tmp_path / "m.tm").write_text('machine m\nuse "walks.tm"\ntape t: line of _ 1\nstart past(1, accept)\n')
    out = tmc("simulate", tmp_path / "m.tm", "--data", "", "--trace").out
    assert out == """\
step  state            t   rule
   0  past(1,accept)  [_]  walks.tm:3: otherwise -> next
   1  accept          [_]

accept after 1 step
t
"""  # fmt: skip


def on_a_terminal(*arguments: object, **environment: str) -> str:
    """What a terminal of 80 columns is shown."""
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    master, slave = pty.openpty()
    with os.fdopen(master, "rb") as shown:
        program = [sys.executable, "-m", "tmc", *map(str, arguments)]
        environment = known | {"COLUMNS": "80", "TERM": "xterm"} | environment
        running = subprocess.Popen(program, stdout=slave, stderr=subprocess.DEVNULL, env=environment)
        os.close(slave)
        found = b""
        with suppress(OSError):  # how a terminal says that nobody writes any more
            while part := shown.read1(1 << 16):
                found += part
        assert running.wait() == 0
    return found.decode().replace("\r\n", "\n")


def test_colours_on_a_terminal(machines: Path) -> None:
    shown = on_a_terminal("simulate", machines / "palindrome.tm", "--data", "ab", "--trace")
    head, last = "\x1b[36m\x1b[1m[b]\x1b[0m", "\x1b[31m\x1b[1mreject\x1b[0m after"
    assert f"a{head}" in shown
    assert last in shown
    plain = on_a_terminal("simulate", machines / "palindrome.tm", "--data", "ab", "--trace", NO_COLOR="1")
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d*m", "", shown) == plain
    assert max(map(len, plain.splitlines())) <= 80
    assert "to_first(a|b,compar…  " in plain
    assert "\x1b" not in on_a_terminal("simulate", machines / "palindrome.tm", "--data", "ab", "--trace", TERM="dumb")


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
    """It is stopped as soon as that is certain, unless a number of steps is asked for; the verdict is the same."""
    loop.write_text(LOOP.replace("on _  -> accept", "on _  move right").replace("    steps n + 1\n    work 2\n", "    work 2\n"))
    outcome = tmc("simulate", loop, "--data", "")
    why = "runs for ever: the same step again and again, each time 1 cell further right on the tape data"
    assert outcome == Outcome(0, f"loops after 100 steps in state walk, {why}\ndata\nnotes\n", "")
    result = json.loads(tmc("simulate", loop, "--data", "", "--json").out)
    assert (result["verdict"], result["steps"], result["loop"]) == ("loops", 100, {"period": 1, "data": 1, "work": 0})
    asked = json.loads(tmc("simulate", loop, "--data", "", "--json", "--max-steps", 5000).out)
    assert (asked["verdict"], asked["steps"], asked["loop"]) == ("loops", 5000, {"period": 1, "data": 1, "work": 0})
    assert tmc("simulate", loop, "--data", "", "--trace").out.endswith(f"\n\n{outcome.out}")
    assert numbers(tmc("simulate", loop, "--data", "", "--trace").out) == list(range(101))
    assert numbers(tmc("simulate", loop, "--data", "", "--trace", "--max-steps", 150).out) == list(range(151))


def test_a_loop_breaks_every_bound(tmc: Tmc, loop: Path) -> None:
    there = LOOP.replace("on _  -> accept", "on _  write ., 1 move ., right").replace("steps n + 1", "steps n + 1000")
    loop.write_text(there)
    outcome = tmc("simulate", loop, "--data", "")
    assert outcome.out.startswith(
        "loops after 100 steps in state walk, runs for ever: the same step again and again, each time 1 cell"
    )
    assert outcome.err == (
        "warning: loop breaks its promise: it took ever more steps, and its bound steps n + 1000 allows 1000 here\n"
        "warning: loop breaks its promise: it took ever more cells of the work tape, and its bound work 2 allows 2 here\n"
    )
    loop.write_text(there.replace("write ., 1 move ., right", "write ., 1"))
    kept = json.loads(tmc("simulate", loop, "--data", "", "--json").out)["bounds"]
    assert (kept["steps"]["kept"], kept["work"]["kept"], kept["work"]["used"]) == (False, True, 1)


def test_a_loop_in_the_first_steps_is_seen(tmc: Tmc, loop: Path) -> None:
    loop.write_text(LOOP.replace("on _  -> accept", "on _  move left").replace("steps n + 1", "steps n"))
    outcome = tmc("simulate", loop, "--data", "1")  # the bound ends the run after 1 step
    assert outcome.out.startswith("loops after 1 step in state walk, runs for ever: the same 2 steps again and again, each")


def interrupted(*arguments: object) -> tuple[int, str]:
    """How a simulation of a machine that counts for ever is ended by an interrupt, and what it says then."""
    program = [sys.executable, "-c", INTERRUPTING, *map(str, arguments)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


COUNT = """machine count
tape data: line of _ 0 1
start up
state up
    on 1     write 0  move left
    on 0|_   write 1            -> back
state back
    on 0|1            move right
    on _              move left -> up
"""
INTERRUPTING = """
import os, signal, sys
from tmc import cli
from tmc.cli import simulate_progress
asked = 0
class Progress(simulate_progress.RunProgress):
    def __call__(self, machine):
        global asked
        asked += 1
        if asked == 3:
            os.kill(os.getpid(), signal.SIGINT if "--hang-up" not in sys.argv else signal.SIGHUP)
        return super().__call__(machine)
from tmc.cli import simulate_trace
simulate_trace.RunProgress = Progress
sys.exit(cli.main([argument for argument in sys.argv[1:] if argument != "--hang-up"]))
"""


def test_an_interrupt_says_how_far_it_has_come(tmc: Tmc, loop: Path) -> None:
    loop.write_text(COUNT)
    status, out = interrupted("simulate", loop, "--data", "0")
    steps = int(out.split()[2])
    assert status == 130
    assert steps > 3 * 250_000
    reached = tmc("simulate", loop, "--data", "0", "--max-steps", steps, "--json")
    then = json.loads(reached.out)
    assert out == (
        f"interrupted after {steps} steps in state {then['state']}, the head at position {then['head']}, still running: undecided\n"
        f"data  {then['data']}\n"
    )
    status, out = interrupted("simulate", loop, "--data", "0", "--json", "--hang-up")
    assert (status, json.loads(out)) == (129, {**then, "verdict": "interrupted"})


def test_the_progress_line() -> None:
    """Said of machines in both engines."""
    table, _ = read_machine(Source("count.tm", COUNT))
    said = list[str]()

    def pause(machine: InMotion) -> bool:
        said.append(progress_line(machine, 81_234_567.0))
        return len(said) == 3

    assert simulate(table, Line((1,)), 2_000_000, pause=pause).verdict == "timeout"
    assert len(said) == 3
    assert re.fullmatch(r"2\d\d \d{3} steps, 81.2 M steps/s, 1\d cells of tape", said[0])
    assert re.fullmatch(r"7\d\d \d{3} steps, 81.2 M steps/s, 1\d cells of tape", said[-1])


def test_progress_on_a_terminal(tmc: Tmc, loop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    loop.write_text(COUNT)
    for patience, shown in ((0.0, True), (1e9, False)):
        monkeypatch.setattr(simulate_progress, "PATIENCE", patience)
        monkeypatch.setattr(simulate_progress, "PERIOD", 0.0)
        monkeypatch.setattr(sys, "stderr", Terminal())
        outcome = tmc("simulate", loop, "--data", "0", "--max-steps", 1_000_000)
        said = sys.stderr.getvalue()  # type: ignore[attr-defined]
        assert outcome.out.startswith("timeout after 1000000 steps")
        assert bool(re.search(r"\r\x1b\[K250 \d{3} steps, [\d.]+( [kMG])? steps/s, 1\d cells of tape\r", said)) == shown
        assert said.endswith("\r\x1b[K") == shown  # nothing of it stays


def test_progress_of_a_trace_into_a_file(loop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown only where somebody looks at stderr, and stdout goes elsewhere."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for out, shown in ((io.StringIO(), True), (Terminal(), False)):
        monkeypatch.setattr(simulate_progress, "PATIENCE", 0.0)
        monkeypatch.setattr(simulate_progress, "PERIOD", 0.0)
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", Terminal())
        with simulate_progress.TraceProgress() as written:
            for step in range(2001):
                written.report(step)
        said = sys.stderr.getvalue()  # type: ignore[attr-defined]
        assert bool(re.search(r"\r\x1b\[K2 000 steps, [\d.]+( [kMG])? steps/s written\r\x1b\[K$", said)) == shown
        assert bool(said) == shown


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
        (
            (gauss,),
            "the machine gauss learns from examples: give it --input FILE, which `tmc data` makes, or --grid FILE, a picture.",
        ),
        ((gauss, "--data", "01"), "the machine gauss learns from examples: give it --input, not --data."),
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
    run = package.simulate(machines / "increment.tm", "111")
    assert (run.verdict, run.steps, run.state, run.head, run.data, run.work) == ("accept", 8, "accept", -1, "1000", "")
    assert str(run) == "accept after 8 steps\ndata  1000"
    assert repr(run) == "<Result of increment: accept after 8 steps>"
    assert run.decided
    walk = LOOP.replace("on _  -> accept", "on _  move right")
    run = package.simulate(walk, "1")
    assert (run.verdict, run.decided, run.work, run.loop) == ("loops", True, "1", Loop(1, 1, 0))
    assert package.simulate(walk, "1", max_steps=7).verdict == "loops"
    assert package.simulate(LOOP, "1" * 9, max_steps=7).verdict == "timeout"
    assert not package.simulate(LOOP, "1" * 9, max_steps=7).decided
    assert package.simulate(LOOP, "1").verdict == "accept"
    label = package.simulate(str(machines / "gauss.tm"), dataset=parity, query=1).verdict
    y_test = datasets.load(parity).y_test
    assert y_test is not None
    assert label == ("accept" if y_test[1] > 0 else "reject")


def test_names_of_tapes_and_states_that_are_wide(tmc: Tmc, tmp_path: Path) -> None:
    rules = "state 始\n    on 1 move right\n    otherwise -> accept\n"
    (tmp_path / "wide.tm").write_text(f"machine wide\n\ntape 数字帯: line of _ 1\n\nstart 始\n\n{rules}", encoding="utf-8")
    assert tmc("simulate", tmp_path / "wide.tm", "--data", "1", "--trace").out.splitlines()[:4] == [
        "step  state    数字帯  rule",
        "   0  始      [1]      8: on 1 move right",
        "   1  始       1[_]    9: otherwise -> accept",
        "   2  accept   1[_]",
    ]


def test_a_grid_as_a_picture(tmc: Tmc, machines: Path, tmp_path: Path) -> None:
    majority, picture, text = machines / "majority.tm", tmp_path / "rows.txt", "01\n01\n1\n"
    picture.write_text(text, encoding="utf-8")
    result = package.simulate(majority, grid=text)
    assert package.simulate(majority, grid=picture) == package.simulate(majority, grid=str(picture)) == result
    assert str(result) == "accept after 4 steps\ndata  01\n      01\n      1_\nwork  1"
    outcome = tmc("simulate", majority, "--grid", picture)
    assert (outcome.status, outcome.out, outcome.err) == (0, f"{result}\n", "")


@pytest.mark.parametrize(
    ("machine", "given", "options", "python", "command"),
    [
        ("majority", {"grid": "01\n1a\n"}, [], "character 2 of line 2 of <grid> is 'a'", "character 2 of line 2 of {} is 'a'"),
        ("majority", {"grid": "01\n"}, [], "<grid>: a grid has at least two rows", "{}: a grid has at least two rows"),
        (
            "majority",
            {"grid": "01\n1_\n", "data": "1"},
            ["--data", "1"],
            "`grid` and `data`",
            "--grid and --data exclude each other",
        ),
        (
            "majority",
            {"grid": "01\n1_\n", "query": 1},
            ["--query", "1"],
            "`query` goes with `dataset`",
            "--query goes with --input",
        ),
        ("increment", {"grid": "01\n1_\n"}, [], "increment reads a line: give it `data`", "increment reads a line: give it --data"),
    ],
)
def test_pictures_that_are_refused(
    tmc: Tmc, machines: Path, tmp_path: Path, machine: str, given: dict[str, Any], options: list[str], python: str, command: str
) -> None:
    picture = tmp_path / "rows.txt"
    picture.write_text(given["grid"], encoding="utf-8")
    with pytest.raises(Rejected) as rejected:
        package.simulate(machines / f"{machine}.tm", **given)
    assert python in str(rejected.value)
    outcome = tmc("simulate", machines / f"{machine}.tm", "--grid", picture, *options)
    assert outcome.status in (1, 2)
    assert command.format(picture) in outcome.err


def test_a_picture_of_the_wrong_kind(machines: Path) -> None:
    wrong: Any = [["0", "1"], ["1", "_"]]
    with pytest.raises(Rejected, match="`grid` is given as a path or a text, not as a list"):
        package.simulate(machines / "majority.tm", grid=wrong)
