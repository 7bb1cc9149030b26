from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from conftest import Outcome
from planted import GAUSS, INCREMENT, changed
from tmc.ir.tape import Grid, Line
from tmc.pipeline import Stages
from tmc.testing import machine_tests
from tmc.testing.lockstep import Agreement

Tmc = Callable[..., Outcome]


@pytest.fixture
def machine(tmp_path: Path) -> Callable[[str], Path]:
    """A machine with this text."""

    def write(text: str, name: str = "m.tm") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def both(machine: Callable[..., Path]) -> tuple[Path, Path]:
    """Two machines without a bug."""
    return machine(GAUSS, "gauss.tm"), machine(INCREMENT, "increment.tm")


def test_all_is_well(tmc: Tmc, both: tuple[Path, Path]) -> None:
    assert tmc("test", *both) == Outcome(0, f"""{both[0]}
  ok    x0 + x2  (64 steps, 153 layers)
  ok    a query that is an example  (30 steps, 73 layers)
  ok    all features  (86 steps, 204 layers)
  ok    one example, one feature  (11 steps, 27 layers)
  ok    rows in any order, one of them twice  (64 steps, 153 layers)
{both[1]}
  ok    eleven plus one  (8 steps, 15 layers)
  ok    seven plus one grows a digit  (8 steps, 15 layers)
  ok    nothing plus one  (2 steps, 3 layers)
8 passed, 0 failed
""", "")  # fmt: skip


def test_on_the_table_only(tmc: Tmc, both: tuple[Path, Path]) -> None:
    outcome = tmc("test", "--table-only", both[1])
    assert outcome == Outcome(
        0,
        f"{both[1]}\n  ok    eleven plus one  (8 steps)\n  ok    seven plus one grows a digit  (8 steps)\n"
        "  ok    nothing plus one  (2 steps)\n3 passed, 0 failed\n",
        "",
    )


def test_a_wrong_symbol_in_gauss_is_found(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    """The trace shows the rule that is wrong, in its first line."""
    path = machine(changed(GAUSS, "on 1, 1 at right write 0", "on 1, 1 at right write 1"))
    outcome = tmc("test", "-k", "features", path)
    assert (outcome.status, outcome.err) == (1, "")
    assert f"""
  FAIL  all features  (86 steps, 204 layers)  {path}:64
        expected  the label 0 (reject)
        got       the label 1 (accept)
        the last steps:
          step  state        row   data         work       rule
            73  add            4   0 0 0 0[1]    [1]0 1 0  {path}:36: on 1, 1 at right write 1 move left, left -> return
            74  return         4   0 0 0[0]1   [_]1 0 1 0  {path}:27: at bottom -> next_column
            75  next_column    4   0 0 0[0]1   [_]1 0 1 0  {path}:45: otherwise move up
             …
            78  next_column    1   0 0 0[0]0   [_]1 0 1 0  {path}:45: otherwise move up
            79  next_column    0   0 0 0[0]0   [_]1 0 1 0  {path}:44: at top move right -> find
            80  find           0   0 0 0 0[0]  [_]1 0 1 0  {path}:14: at right -> answer
            81  answer         0   0 0 0 0[0]  [_]1 0 1 0  {path}:50: otherwise move down
             …
            84  answer         3   0 0 0 0[0]  [_]1 0 1 0  {path}:50: otherwise move down
            85  answer         4   0 0 0 0[1]  [_]1 0 1 0  {path}:48: on 1 at bottom -> accept
            86  accept         4   0 0 0 0[1]  [_]1 0 1 0
0 passed, 1 failed, 4 left out
""" in outcome.out  # fmt: skip


def test_a_wrong_target_in_gauss_is_found(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    old = "move left, left\n    at bottom -> next_column"
    path = machine(changed(GAUSS, old, old.replace("next_column", "answer")))
    assert tmc("test", "--table-only", path, "-k", "one example") == Outcome(1, f"""{path}
  FAIL  one example, one feature  (7 steps)  {path}:71
        expected  the label 1 (accept)
        got       the label 0 (reject)
        the last steps:
          step  state      row   data   work  rule
             0  find         0  [1]1   [_]    {path}:16: on 1 write 0 move right, right -> take
             1  take         0   0[1]    [_]  {path}:20: on 1 at right write 0, 1 move left, left -> return
             2  return       0  [0]0   [_]1   {path}:28: otherwise move down -> eliminate
             3  eliminate    1  [1]_   [_]1   {path}:31: on 1 write 0 move right, right -> add
             4  add          1   0[_]    [1]  {path}:37: on *, 1 at right write 1 move left, left -> return
             5  return       1  [0]1   [_]1   {path}:27: at bottom -> answer
             6  answer       1  [0]1   [_]1   {path}:49: at bottom -> reject
             7  reject       1  [0]1   [_]1
0 passed, 1 failed, 4 left out
""", "")  # fmt: skip


def test_a_wrong_write_in_increment_is_found(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    path = machine(changed(INCREMENT, "write 1 -> accept", "write 0 -> accept"))
    assert tmc("test", "-k", "SEVEN", path) == Outcome(1, f"""{path}
  FAIL  seven plus one grows a digit  (8 steps, 15 layers)  {path}:24
        expected  data  1000
        got       data  0000
                        ^
        the last steps:
          step  state    data        rule
             0  to_end    [1]1 1     {path}:12: on 0|1 move right
             1  to_end     1[1]1     {path}:12: on 0|1 move right
             2  to_end     1 1[1]    {path}:12: on 0|1 move right
             3  to_end     1 1 1[_]  {path}:13: on _ move left -> carry
             4  carry      1 1[1]    {path}:16: on 1 write 0 move left
             5  carry      1[1]0     {path}:16: on 1 write 0 move left
             6  carry     [1]0 0     {path}:16: on 1 write 0 move left
             7  carry   [_]0 0 0     {path}:17: on 0|_ write 0 -> accept
             8  accept  [0]0 0 0
0 passed, 1 failed, 2 left out
""", "")  # fmt: skip


def test_a_wrong_verdict_fails(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    outcome = tmc("test", machine(changed(INCREMENT, "write 1 -> accept", "write 1 -> reject")))
    assert outcome.status == 1
    assert outcome.out.count("        expected  accept\n        got       reject\n") == 3
    assert outcome.out.endswith("0 passed, 3 failed\n")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "(m + 1) * (d^2 + 3*d + 1) + 1", "2*m",
            ("at most 8 steps: the bound 2*m, where m = 4 and d = 3", "64 steps"),
        ),
        (
            "work d + 2", "work d",
            ("at most 3 cells of the tape work: the bound d, where m = 4 and d = 3", "4 cells"),
        ),
    ],
)  # fmt: skip
def test_a_broken_promise_fails(tmc: Tmc, machine: Callable[[str], Path], old: str, new: str, fault: tuple[str, str]) -> None:
    """The answer is right all the same: the run goes on beyond what is promised, so that one can tell how much it needs."""
    path = machine(changed(GAUSS, old, new))
    outcome = tmc("test", "-k", "x0", path)
    assert outcome.status == 1
    assert f"(64 steps, 153 layers)  {path}:52\n        expected  {fault[0]}\n        got       {fault[1]}\n" in outcome.out


def test_a_stuck_machine_fails(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    outcome = tmc("test", machine(changed(INCREMENT, "    on 0|_ write 1 -> accept\n", "")))
    assert outcome.status == 1
    assert "        expected  accept\n        got       stuck: no rule of the state carry applies\n" in outcome.out
    assert "  no rule applies\n" in outcome.out


LOOP = """machine m
tape t: line of _ 0 1
start walk
state walk
    on 1        move right
    otherwise   move left   -> back
state back
    on 1        move right  -> walk
    otherwise   move right
test "to and fro"
    data 1
    -> accept
test "and off to the right"
    data 0
    -> accept
    t is 1
"""


def test_a_machine_that_provably_never_halts_is_stopped_soon(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    began = monotonic()
    outcome = tmc("test", "--table-only", machine(LOOP))
    assert monotonic() - began < 5
    assert outcome.status == 1
    assert "  FAIL  to and fro  (runs for ever, seen after 100 steps)" in outcome.out
    assert "        got       loop: it runs for ever, the same 2 steps again and again\n        the last steps:\n" in outcome.out
    onward = "the same step again and again, each time 1 cell further right on the tape t"
    assert f"        got       loop: it runs for ever, {onward}\n" in outcome.out
    assert "t is" not in outcome.out  # what the tape holds then is no news


LOOPS = """machine m
tape t: line of _ 1
tape u: line of _ 1
start there
state there
    on 1             move right  -> back
    on _  write ., 1 move right, right
state back
    on 1   move left  -> there
    on _              -> accept
test "to and fro"
    data 11
    -> loop
test "away"
    data _
    -> loop
test "an end"
    data 1
    -> loop
"""


def test_a_loop_can_be_expected(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    path = machine(LOOPS)
    outcome = tmc("test", path, "-k", "o")
    assert outcome == Outcome(
        0,
        f"{path}\n  ok    to and fro  (runs for ever, seen after 100 steps)\n1 passed, 0 failed, 2 left out\n",
        "",
    )
    outcome = tmc("test", path)
    assert outcome.status == 1
    assert "  ok    away  (runs for ever, seen after 100 steps)\n  FAIL  an end  (2 steps, " in outcome.out
    assert "        expected  loop\n        got       accept\n" in outcome.out
    report = json.loads(tmc("test", path, "--json").out)
    assert [test["verdict"] for test in report["machines"][0]["tests"]] == ["loops", "loops", "accept"]
    assert [test["layers"] is None for test in report["machines"][0]["tests"]] == [True, True, False]


def test_a_loop_breaks_every_bound(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    outcome = tmc("test", machine(LOOPS.replace("start there", "bounds\n  steps n + 200\n  work 9\nstart there")), "-k", "away")
    assert outcome.status == 1
    assert """
        expected  at most 200 steps: the bound n + 200, where n = 0
        got       ever more: it runs for ever
        expected  at most 9 cells of the tape u: the bound 9, where n = 0
        got       ever more: it runs for ever
""" in outcome.out  # fmt: skip
    outcome = tmc("test", machine(LOOPS.replace("start there", "bounds\n  work 1\nstart there")), "-k", "fro")
    assert outcome.status == 0  # the head stays where it is


def test_the_network_is_followed_into_a_loop(tmc: Tmc, machine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    followed = []
    known = machine_tests.lockstep

    def lockstep(stages: Stages, data: Grid | Line, steps: int, *others: Any, **options: Any) -> Agreement:
        followed.append(known(stages, data, steps, *others, **options).run.steps)
        return known(stages, data, steps, *others, **options)

    monkeypatch.setattr(machine_tests, "lockstep", lockstep)
    assert tmc("test", machine(LOOPS), "-k", "fro").status == 0
    assert followed == [102]


def test_what_a_tape_holds_at_the_end_of_a_loop_is_no_question(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    path = machine(LOOPS.replace("    -> loop\n", "    -> loop\n    t is 11\n    u is 1\n", 1))
    outcome = tmc("check", path)
    assert outcome.status == 1
    assert f"""error[TMC015]: a run that loops has no end at which a tape could hold something
   --> {path}:14:5
   |
14 |     t is 11
   |     ^^^^^^^
   = help: leave this line out
""" in outcome.out  # fmt: skip
    assert outcome.out.count("TMC015") == 1


def test_a_loop_without_a_proof(tmc: Tmc, machine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tmc.testing.limits.MAX_STEPS", 20_000)
    outcome = tmc("test", "--table-only", machine(COUNT.replace("-> accept", "-> loop")))
    assert outcome.status == 1
    assert "        expected  loop\n        got       no end after 20000 steps, and no proof that it runs for ever\n" in outcome.out


COUNT = """machine count
tape t: line of _ 0 1
start up
state up
    on 1     write 0  move left
    on 0|_   write 1            -> back
state back
    on 0|1            move right
    on _              move left -> up
test "on and on"
    data 0
    -> accept
"""


def test_a_machine_that_counts_for_ever_is_stopped_some_time(
    tmc: Tmc, machine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tmc.testing.limits.MAX_STEPS", 20_000)
    outcome = tmc("test", "--table-only", machine(COUNT))
    assert outcome.status == 1
    assert "        got       no end after 20000 steps; give the machine `bounds`, and it is stopped sooner\n" in outcome.out
    outcome = tmc("test", "--table-only", machine(COUNT.replace("start", "bounds\n  steps n + 2\nstart")))
    assert """        got       no end after 100000 steps
        expected  at most 3 steps: the bound n + 2, where n = 1
        got       more than 100000 steps
""" in outcome.out  # fmt: skip


def test_long_tapes_are_shown_where_they_differ(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    text = "machine m\ntape t: line of _ 0 1\nstart s\nstate s\n  on 0|1 move right\n  otherwise move left -> accept\n"
    digits = "01" * 150
    test = f'test "x"\n  data {digits}\n  -> accept\n  t is {digits[:200]}1{digits[201:]}\n'
    outcome = tmc("test", machine(text + test))
    assert outcome.status == 1
    assert f"""
        expected  t  …{"01" * 20}11{"01" * 19}…
        got       t  …{"01" * 40}…
                      {" " * 40}^
        the last steps:
          step  state    t                     rule
           299  s        … 0 1 0 1 0 1 0[1]    """ in outcome.out  # fmt: skip


def test_a_machine_with_errors_is_one_failure(tmc: Tmc, machine: Callable[[str], Path], both: tuple[Path, Path]) -> None:
    outcome = tmc("test", machine(changed(GAUSS, "-> take\n", "-> tkae\n")), both[1])
    assert outcome.status == 1
    assert "error[TMC004]: no state is named `tkae`" in outcome.out
    assert outcome.out.endswith("3 passed, 1 failed\n")


def test_a_file_that_cannot_be_read_is_one_failure(tmc: Tmc, tmp_path: Path) -> None:
    (tmp_path / "m.tm").write_bytes(b"\0")
    for path, why in ((tmp_path / "m.tm", "is not a text"), (tmp_path / "no.tm", "it does not exist")):
        outcome = tmc("test", path)
        assert outcome.status == 1
        assert outcome.out.splitlines()[1].startswith("error: ")
        assert why in outcome.out.splitlines()[1]
        assert outcome.out.endswith("0 passed, 1 failed\n")


def test_a_machine_without_tests_and_a_library(tmc: Tmc, machine: Callable[..., Path]) -> None:
    path = machine(INCREMENT[: INCREMENT.index('test "')])
    assert tmc("test", path) == Outcome(0, f"{path}\n  no tests\n0 passed, 0 failed\n", "")
    path = machine("state s\n  on _ move left\n", "library.tm")
    assert tmc("test", path) == Outcome(0, f"{path}\n  no tests: a library of states\n0 passed, 0 failed\n", "")


def test_the_rules_of_used_files_are_shown(tmc: Tmc, machine: Callable[..., Path]) -> None:
    library = machine("# to the end\nstate past(mark, next)\n    on mark     move right\n    otherwise   -> next\n", "walks.tm")
    uses = 'machine m\nuse "walks.tm"\ntape t: line of _ 1\nstart past(1, reject)\ntest "x"\n  data 11\n  -> accept\n'
    outcome = tmc("test", machine(uses))
    assert outcome.status == 1
    assert f"""
        expected  accept
        got       reject
        the last steps:
          step  state            t       rule
             0  past(1,reject)  [1]1     {library}:3: on mark move right
             1  past(1,reject)   1[1]    {library}:3: on mark move right
             2  past(1,reject)   1 1[_]  {library}:4: otherwise -> next
             3  reject           1 1[_]
""" in outcome.out  # fmt: skip


def test_a_folder_without_machines(tmc: Tmc, tmp_path: Path) -> None:
    expected = f"error: {tmp_path}: there is no machine (.tm) in this folder\n"
    assert tmc("test", tmp_path) == Outcome(1, "", expected)
    assert tmc("test").status == 2


def test_folders_are_searched(tmc: Tmc, tmp_path: Path) -> None:
    for place, text in (("a/x.tm", INCREMENT), ("lib/y.tm", "state s\n  on _ move left\n")):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text(text, encoding="utf-8")
    outcome = tmc("test", "--table-only", tmp_path)
    assert outcome.status == 0
    assert outcome.out.startswith(f"{tmp_path / 'a' / 'x.tm'}\n")
    assert outcome.out.endswith(f"{tmp_path / 'lib' / 'y.tm'}\n  no tests: a library of states\n3 passed, 0 failed\n")


def test_only_some_tests(tmc: Tmc, both: tuple[Path, Path]) -> None:
    assert tmc("test", "--table-only", "-k", "PLUS one", *both) == Outcome(
        0,
        f"{both[1]}\n  ok    eleven plus one  (8 steps)\n  ok    seven plus one grows a digit  (8 steps)\n"
        "  ok    nothing plus one  (2 steps)\n3 passed, 0 failed, 5 left out\n",
        "",
    )
    assert tmc("test", "-k", "minus", *both) == Outcome(1, "", "error: no test has a name that contains 'minus'\n")


def test_stop_at_the_first_failure(tmc: Tmc, machine: Callable[[str], Path], both: tuple[Path, Path]) -> None:
    path = machine(changed(INCREMENT, "write 1 -> accept", "write 1 -> reject"))
    outcome = tmc("test", "--table-only", "-x", path, both[0])
    assert outcome.status == 1
    assert outcome.out.count("FAIL") == 1
    assert outcome.out.endswith("0 passed, 1 failed; stopped at the first failure\n")
    assert "gauss.tm" not in outcome.out


def test_quietly(tmc: Tmc, machine: Callable[[str], Path], both: tuple[Path, Path]) -> None:
    assert tmc("test", "-q", "--table-only", both[0]).out == "5 passed, 0 failed\n"
    path = machine(changed(INCREMENT, "data is 1100", "data is 1101"))
    outcome = tmc("test", "-q", "--table-only", both[0], path)
    assert outcome.out.startswith(f"{path}\n  FAIL  eleven plus one  (8 steps)")
    assert "ok" not in outcome.out
    assert outcome.out.endswith("7 passed, 1 failed\n")


def test_as_json(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    path = machine(changed(INCREMENT, "data is 1100", "data is 1101"))
    outcome = tmc("test", "--json", "-k", "one", path, path.with_name("no.tm"))
    assert (outcome.status, outcome.err) == (1, "")
    result = json.loads(outcome.out)
    assert {name: result[name] for name in ("passed", "failed", "left_out")} == {"passed": 2, "failed": 2, "left_out": 0}
    first, second = result["machines"]
    assert first["file"] == str(path)
    assert first["figures"] == {
        "machine": "increment", "states": 2, "rules": 4, "transitions": 4, "tests": 3, "steps": 8, "layers": 15, "channels": 5,
        "units": [14, 17], "bounds": "kept",
    }  # fmt: skip
    failed = first["tests"][0]
    assert failed.pop("trace")[0].split() == ["step", "state", "data", "rule"]
    assert failed == {
        "name": "eleven plus one", "place": f"{path}:19", "passed": False, "verdict": "accept", "steps": 8, "work_cells": 0,
        "layers": 15, "faults": [{"expected": "data  1101", "got": "data  1100"}],
    }  # fmt: skip
    assert first["tests"][1]["passed"]
    assert second["error"].endswith("it does not exist")
    assert second["figures"] is None


def test_a_table_of_figures(tmc: Tmc, machine: Callable[[str], Path], both: tuple[Path, Path]) -> None:
    outcome = tmc("test", "--figures", *both)
    assert outcome == Outcome(0, """\
| machine   | states | rules | transitions | tests | steps | layers | channels | hidden units | bounds |
|-----------|-------:|------:|------------:|------:|------:|-------:|---------:|-------------:|--------|
| gauss     |      7 |    25 |          25 |     5 |    86 |    204 |       14 |    107 + 227 | kept   |
| increment |      2 |     4 |           4 |     3 |     8 |     15 |        5 |      14 + 17 | kept   |
""", "8 passed, 0 failed\n")  # fmt: skip
    outcome = tmc("test", "--figures", "--table-only", machine(COUNT.replace("-> accept", "-> stuck")), "-k", "nothing")
    assert outcome.status == 1
    path = machine(LOOP)
    outcome = tmc("test", "--figures", "--table-only", path)
    assert outcome.status == 1
    assert outcome.out.splitlines()[-1].split("|")[6:11] == ["     0 ", "      - ", "        - ", "            - ", " none   "]
    assert outcome.err.startswith(f"{path}\n")
    assert outcome.err.endswith("0 passed, 2 failed\n")


def test_wrong_usage(tmc: Tmc, both: tuple[Path, Path]) -> None:
    for options, message in (
        (("--figures", "--json"), "--figures and --json exclude each other"),
        (("-j", 0), "Invalid value for '-j'"),
    ):
        outcome = tmc("test", *both, *options)
        assert (outcome.status, outcome.out) == (2, "")
        assert message in outcome.err


def test_in_several_processes(tmc: Tmc, machine: Callable[..., Path]) -> None:
    """The output is the same, in the order of the files."""
    bug = changed(INCREMENT, "write 1 -> accept", "write 0 -> accept")
    paths = [machine(text, f"{number}.tm") for number, text in enumerate((INCREMENT, bug, LOOP, INCREMENT, "machine"))]
    one, two = (tmc("test", "--table-only", *paths, "-j", jobs) for jobs in (1, 2))
    assert one == two
    assert one.out.endswith("6 passed, 6 failed\n")
    assert tmc("test", "--table-only", "-x", *paths, "-j", 2).out.endswith("3 passed, 1 failed; stopped at the first failure\n")


def test_an_interrupt_ends_all_processes(machine: Callable[..., Path]) -> None:
    """As from a terminal, where the signal goes to the whole group."""
    paths = [str(machine(COUNT if number else INCREMENT, f"{number}.tm")) for number in range(4)]
    program = f"import sys\nfrom tmc.cli import main\nsys.exit(main(['test', '--table-only', '-j', '2', *{paths}]))"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == f"{paths[0]}\n"  # the others are at work
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (130, "interrupted; nothing was written\n")
    assert _ends(running.pid)


def _ends(group: int) -> bool:
    """Whether soon nobody of a group of processes is left."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        sleep(0.1)
    return False


COUNTER = """machine counter
tape data: line of _ 0 1
{bounds}start carry

# Counts up for ever: no two rounds are the same.
state carry
    on 1        write 0   move left
    on 0|_      write 1   move right   -> back

state back
    on 0|1                move right
    on _                  move left    -> carry

test "it"
    data 1
    -> accept
"""


def failed(path: Path, what: str, expected: str, got: str) -> str:
    warned = "  1 warning; `tmc check` says which\n"
    line = 1 + path.read_text().split("\n").index('test "it"')
    fault = f"        expected  {expected}\n        got       {got}\n"
    return f"{path}\n{warned}  FAIL  it  ({what})  {path}:{line}\n{fault}0 passed, 1 failed\n"


@pytest.mark.parametrize("bounds", ["", "bounds\n    steps 1000000000000\n"])
def test_steps_are_limited_whatever_is_promised(tmc: Tmc, machine: Callable[[str], Path], bounds: str) -> None:
    path = machine(COUNTER.format(bounds=bounds))
    end = "an end within 2000000 steps (--max-steps)"
    said = failed(path, "stopped after 2000000 steps", end, "no end after 2000000 steps")
    assert tmc("test", path, "--max-steps", "2e6").out == said


def test_what_nobody_limits_is_limited_all_the_same(
    tmc: Tmc, machine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tmc.testing.limits.STEPS", 300_000)
    path = machine(COUNTER.format(bounds="bounds\n    steps 10^12\n"))
    assert "expected  an end within 300000 steps (--max-steps)\n" in tmc("test", path).out


def test_the_time_is_limited(tmc: Tmc, machine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by a second whenever somebody looks."""
    clock = iter(range(10**6))
    monkeypatch.setattr("tmc.testing.limits.monotonic", lambda: next(clock))
    path = machine(COUNTER.format(bounds=""))
    steps = 750_224  # the clock is looked at after 250 000 steps and some more
    end = "an end within 2.5 seconds (--timeout)"
    expected = failed(path, f"stopped after {steps} steps", end, f"no end after {steps} steps")
    assert tmc("test", path, "--timeout", "2.5").out == expected


def test_the_time_of_the_network_is_limited(tmc: Tmc, machine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10**6))
    monkeypatch.setattr("tmc.testing.limits.monotonic", lambda: next(clock))
    outcome = tmc("test", machine(INCREMENT), "-k", "eleven", "--timeout", "9")
    assert outcome.status == 1
    assert "        expected  an end within 9 seconds (--timeout)\n" in outcome.out
    assert "        got       no end of the network's run, which was compared up to there\n" in outcome.out


def test_tapes_are_limited(tmc: Tmc, machine: Callable[[str], Path]) -> None:
    path = machine(COUNTER.format(bounds=""))
    steps = 250_112
    end = "at most 15 cells on the tapes (--max-tape)"
    expected = failed(path, f"stopped after {steps} steps", end, f"no end after {steps} steps")
    assert tmc("test", path, "--max-tape", "15").out == expected
    path = machine(COUNTER.format(bounds="").replace("data 1", "data " + "1" * 20))
    expected = failed(path, "stopped after 0 steps", end, "a longer one to begin with")
    assert tmc("test", path, "--max-tape", "15").out == expected


@pytest.mark.parametrize("option", ["--max-steps", "--timeout", "--max-tape"])
def test_a_limit_of_nothing_is_wrong_usage(tmc: Tmc, both: tuple[Path, Path], option: str) -> None:
    assert tmc("test", both[1], option, "0").status == 2


HIDDEN = """test "one"
    data 1
    -> accept
    data is 10

test "two"
    data 10
    -> reject
"""


def test_tests_of_another_file(tmc: Tmc, machine: Callable[..., Path]) -> None:
    hidden, path = machine(HIDDEN, "hidden.tm"), machine(INCREMENT)
    assert tmc("check", hidden) == Outcome(0, "1 file: no errors, no warnings\n", "")
    assert tmc("test", hidden) == Outcome(0, f"{hidden}\n  no tests: tests for other machines\n0 passed, 0 failed\n", "")
    outcome = tmc("test", path, "--tests", hidden)
    assert outcome.status == 1
    assert outcome.out.startswith(f"{path}\n  ok    one  (4 steps, 7 layers)\n  FAIL  two  (4 steps, 7 layers)  {hidden}:6\n")
    assert outcome.out.endswith("1 passed, 1 failed\n")
    assert tmc("test", path, "--tests", hidden, "-k", "one").out.endswith("1 passed, 0 failed, 1 left out\n")


def test_the_tests_of_another_machine(tmc: Tmc, machine: Callable[..., Path]) -> None:
    """Its tapes are this one's in their order, whatever they are called."""
    hidden, path = (
        machine(INCREMENT, "hidden.tm"),
        machine(INCREMENT[: INCREMENT.index("test")].replace("tape data", "tape number")),
    )
    assert tmc("test", path, "--tests", hidden).out.endswith("3 passed, 0 failed\n")
    path.write_text(changed(path.read_text(), "write 1 -> accept", "write 0 -> accept"))
    wrong = tmc("test", path, "--tests", hidden)
    assert (wrong.status, wrong.out.count("expected  number  1")) == (1, 3)


def test_tests_that_do_not_fit(tmc: Tmc, machine: Callable[..., Path]) -> None:
    hidden = machine(HIDDEN.replace("data 1\n", "data 2\n"), "hidden.tm")
    path = machine(INCREMENT)
    assert f"""
error[TMC005]: tape `data` has no symbol `2`
 --> {hidden}:2:10
""" in tmc("test", path, "--tests", hidden).out.replace("\n  -->", "\n -->")
    other = machine(GAUSS, "gauss.tm")
    outcome = tmc("test", other, "--tests", machine(HIDDEN, "hidden.tm"))
    assert outcome.out.startswith(f"{other}\nerror[TMC015]: this line does not fit a ")
    assert tmc("test", path, "--tests", machine("state s\n  otherwise -> accept\n", "lib.tm")) == Outcome(
        1, "", f"error: {path.parent}/lib.tm has no tests; it is a file of `test` blocks, or a machine with tests\n"
    )
    assert tmc("test", path, "--tests", "gone.tm") == Outcome(1, "", "error: cannot read gone.tm: it does not exist\n")
    library = path.parent / "lib.tm"
    expected = f"{library}\nerror: {library} is no machine but a library of states\n0 passed, 1 failed\n"
    assert tmc("test", library, "--tests", machine(HIDDEN, "hidden.tm")) == Outcome(1, expected, "")


def test_tests_can_be_required(tmc: Tmc, machine: Callable[..., Path]) -> None:
    path = machine(INCREMENT[: INCREMENT.index("test")])
    assert tmc("test", path) == Outcome(0, f"{path}\n  no tests\n0 passed, 0 failed\n", "")
    expected = f"{path}\nerror: {path} has no tests\n0 passed, 1 failed\n"
    assert tmc("test", path, "--require-tests") == Outcome(1, expected, "")


def test_files_of_others_are_passed_over(tmc: Tmc, machine: Callable[..., Path], tmp_path: Path) -> None:
    machine(INCREMENT, "increment.tm")
    tcl = machine("# A module.\npackage provide thing 1.0\n", "thing-1.0.tm")
    paper = machine("<TeXmacs|1.99.2>\n\n<style|article>\n", "paper.tm")
    (tmp_path / "link.tm").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.tm")
    machine("machin misspelt\ntape data: line of _ 1\n", "misspelt.tm")
    why = "it does not begin like a machine; name it if it is meant to be one"
    passed_over = (
        f"warning: {tmp_path}/link.tm is passed over: it is a link that leads out of the folder\n"
        f"warning: {paper} is passed over: {why}\n"
        f"warning: {tmp_path}/pipe.tm is passed over: it is not a file\n"
        f"warning: {tcl} is passed over: {why}\n"
    )
    outcome = tmc("test", "--table-only", tmp_path)
    assert (outcome.status, outcome.err) == (1, passed_over)
    assert outcome.out.endswith("3 passed, 1 failed\n")
    assert tmc("check", tmp_path).err == passed_over
    assert tmc("fmt", "--check", tmp_path).err.startswith(passed_over)
    assert tmc("test", tcl).out.startswith(f"{tcl}\nerror[TMC002]: this is a module of Tcl, not one of tmc\n")


def test_neither_torch_nor_machine_code_is_loaded(both: tuple[Path, Path]) -> None:
    program = (
        "import sys; from tmc.cli import main; status = main(sys.argv[1:]); "
        "sys.exit(status or any(map(sys.modules.get, ('torch', 'numba', 'llvmlite', 'networkx'))))"
    )
    done = subprocess.run([sys.executable, "-c", program, "test", *map(str, both)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("8 passed, 0 failed\n")
