"""A disagreement between the stages is a failed test, which says at which layer and in which stage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from planted import GAUSS, INCREMENT, changed
from tmc.ir.table import GridTest, LineTest
from tmc.pipeline import lower_table
from tmc.source import Source
from tmc.testing.figures import figures, markdown
from tmc.testing.lockstep import Caches
from tmc.testing.machine_files import LoadedMachine, Selection, read, run_file
from tmc.testing.machine_tests import Subject, prepare, run_test
from tmc.testing.outcomes import Outcome


def machine(text: str) -> LoadedMachine:
    found = read(Source("m.tm", text))
    assert found is not None
    return found


def outcomes(subject: Subject) -> list[Outcome]:
    return [run_test(subject, test) for test in subject.table.tests]


def test_a_network_of_another_machine_is_found() -> None:
    """The network of a machine that is wrong in one rule: its filters differ from the rules of the right one."""
    right, wrong = machine(INCREMENT), machine(changed(INCREMENT, "write 1 ", "write 0 "))
    subject = prepare(right.table, right.texts)
    other = prepare(wrong.table, wrong.texts)
    stages = subject.stages
    filters, cells = replace(stages, filters=other.stages.filters), replace(stages, cells=other.stages.cells)
    for miscompiled, difference in (
        (replace(subject, network=other.network), ": rules (1, 1, 0, 0, 0), network (1.0, -1.0, 0.0, 0.0, 0.0)"),
        (replace(subject, stages=filters), ": rules (1, 1, 0, 0, 0), filters (1, -1, 0, 0, 0)"),
        (replace(subject, stages=cells), ": rules (1, 1, 0, 0, 0), cells (1, -1, 0, 0, 0)"),
    ):
        outcome = outcomes(replace(miscompiled, caches=Caches()))[0]
        (fault,) = outcome.faults
        assert fault.expected == "the network to do at every layer what the table does"
        assert fault.got == f"a difference: layer 15, cell (0, 1){difference}"
        assert (outcome.run.verdict, outcome.followed, outcome.layers) == ("accept", None, None)
        assert outcome.trace


def test_an_optimised_table_that_does_something_else_is_found() -> None:
    """All its stages agree with each other: only the comparison with the table as it is written can tell."""
    right, wrong = machine(INCREMENT), machine(changed(INCREMENT, "write 1 ", "write 0 "))
    subject = replace(prepare(wrong.table, wrong.texts), table=right.table)
    (fault,) = outcomes(subject)[0].faults
    assert fault.got.startswith("a difference: the table does (")
    assert "the optimised table (" in fault.got


def test_a_run_longer_than_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tmc.testing.machine_tests.FOLLOWED", 5)
    found = machine(INCREMENT)
    outcome = outcomes(prepare(found.table, found.texts))[0]
    assert (outcome.faults, outcome.length, outcome.layers) == ((), "8 steps, the network followed for 5", None)


def test_without_a_network() -> None:
    found = machine(GAUSS)
    subject = prepare(found.table, found.texts, table_only=True)
    assert subject.network is None
    assert [(outcome.faults, outcome.followed) for outcome in outcomes(subject)] == [((), None)] * 5


def test_the_figures_of_a_machine_without_tests() -> None:
    found = machine(INCREMENT)
    numbers = figures(found.table, lower_table(found.table), [], None)
    assert (numbers.tests, numbers.steps, numbers.layers, numbers.bounds) == (0, 0, None, "kept")
    assert markdown([]).count("\n") == 1


def test_a_file_as_a_report(tmp_path: Path) -> None:
    path = tmp_path / "increment.tm"
    path.write_text(INCREMENT)
    report = run_file(str(path), Selection("NOTHING", table_only=True))
    assert (report.passed, report.failed, report.left_out, report.error) == (1, 0, 2, "")
    (tmp_path / "m.tm").write_text("machine m\n")
    broken = run_file(str(tmp_path / "m.tm"), Selection())
    assert (broken.passed, broken.failed, broken.figures) == (0, 1, None)
    assert broken.error.startswith("error[TMC003]")


def test_a_long_run_is_watched() -> None:
    told: list[int] = []
    test: GridTest | LineTest = LineTest("long", "1" * 250_001, "accept")
    found = machine(INCREMENT)
    run_test(prepare(found.table, found.texts, table_only=True), test, told.append)
    assert told
