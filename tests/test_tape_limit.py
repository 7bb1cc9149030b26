"""A limit on tapes: where it is met is what counting cells after every step says."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from random import Random

import pytest

import tmc as package
from conftest import Outcome, compiled
from tmc.diagnostics import Rejected
from tmc.ir.table import Configuration
from tmc.ir.tape import Line
from tmc.run import result, tape_limit
from tmc.run.result import decide
from tmc.run.simulator import configurations
from tmc.run.tape_limit import first_longer
from tmc.testing.random_machines import Family, random_line, random_machine

Tmc = Callable[..., Outcome]
BEAVER = compiled("busy_beaver_5").written()


def cells(configuration: Configuration) -> int:
    data = configuration.data
    return (len(data.cells) if isinstance(data, Line) else 0) + len(configuration.work.cells)


def test_random_machines() -> None:
    met = 0
    for seed in range(120):
        random = Random(seed)
        table = random_machine(random, Family(kind="line", work_tape=seed % 2 > 0, gaps=0.02, halts=0.02))
        data = random_line(random, table, (0, 6))
        lengths = [cells(configuration) for configuration, _ in islice(configurations(table, data), 81)]
        for most in (1, 3, 6, 12):
            expected = next((step for step, length in enumerate(lengths) if length > most), None)
            assert first_longer(table, data, most, 80) == expected
            met += expected is not None
    assert 50 < met < 400


def test_where_a_run_ends(tmc: Tmc, machines: Path) -> None:
    step = next(number for number, (configuration, _) in enumerate(configurations(BEAVER, Line())) if cells(configuration) > 50)
    run = package.simulate(machines / "busy_beaver_5.tm", "", max_tape=50)
    assert (run.verdict, run.steps, run.max_tape, run.decided) == ("timeout", step, 50, False)
    outcome = tmc("simulate", machines / "busy_beaver_5.tm", "--data", "", "--max-tape", 50)
    assert outcome.status == 0
    assert outcome.out.startswith(
        f"timeout after {step} steps in state {run.state}, its tapes hold more than 50 cells: undecided\n"
    )
    told = json.loads(tmc("simulate", machines / "busy_beaver_5.tm", "--data", "", "--max-tape", 50, "--json").out)
    assert (told["verdict"], told["steps"], told["max_tape"]) == ("timeout", step, 50)
    traced = tmc("simulate", machines / "busy_beaver_5.tm", "--data", "", "--max-tape", 50, "--trace", "--last", 1).out
    assert traced.splitlines()[1].split()[0] == str(step)
    shown = tmc("simulate", machines / "busy_beaver_5.tm", "--data", "", "--max-tape", 50, "--trace").out
    assert shown.endswith(f"\n\n{outcome.out}")
    assert [line.split()[0] for line in shown.split("\n\n")[0].splitlines() if line.split()[0].isdigit()] == [
        str(number) for number in range(step + 1)
    ]


def test_what_is_not_met_changes_nothing(tmc: Tmc, machines: Path) -> None:
    for more in ((), ("--max-steps", 5), ("--json",)):
        arguments = ("simulate", machines / "palindrome.tm", "--data", "abba", *more)
        assert tmc(*arguments, "--max-tape", 100) == tmc(*arguments)
    at_once = package.simulate(machines / "palindrome.tm", "abba", max_tape=3)
    assert (at_once.steps, at_once.verdict) == (0, "timeout")
    loop = "machine m\ntape t: line of _ 1\nstart a\nstate a\n    on *  write 1  move right\n"
    assert package.simulate(loop, "", max_tape=1000).verdict == "loops"
    assert package.simulate(loop, "", max_tape=50).verdict in ("loops", "timeout")


def test_later_it_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the steps that are looked at one by one, at every pause of a run."""
    monkeypatch.setattr(tape_limit, "EXACT", 10)
    monkeypatch.setattr(result, "EXACT", 10)
    run = decide(BEAVER, Line(), 1_000_000, max_tape=500)
    assert run.max_tape == 500
    assert 250_000 <= run.steps < 500_000
    assert cells(run.configuration) > 500
    assert decide(BEAVER, Line(), 1_000_000, max_tape=5000).max_tape is None


def test_refused(tmc: Tmc, machines: Path) -> None:
    with pytest.raises(Rejected, match="max_tape: 0 is not in the range x>=1"):
        package.simulate(machines / "increment.tm", "1", max_tape=0)
    assert "Invalid value for '--max-tape'" in tmc("simulate", machines / "increment.tm", "--data", "1", "--max-tape", 0).err
