"""Machines in files and their tests: read, chosen, run, reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tmc.diagnostics import Diagnostic, Rejected, SourceRejected
from tmc.files import read_text
from tmc.ir.table import GridTest, LineTest, Table
from tmc.lower.syntax_to_table import syntax_to_table
from tmc.run.trace import Texts, texts_of
from tmc.source import Source
from tmc.syntax.program import read_program
from tmc.syntax.words import is_library
from tmc.verify.figures import figures
from tmc.verify.machine_tests import Subject, prepare, run_test
from tmc.verify.outcomes import Outcome, Report

Watch = Callable[[str, int], None]  # told of a long run: the test's name, and the steps taken so far


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tests to run, and how: those whose names contain `text`, in capitals or not; `first_failure` stops after one."""

    text: str = ""
    table_only: bool = False
    first_failure: bool = False
    allowed: tuple[str, ...] = ()  # folders whose files machines may use, too


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that was read from a file: its table, the warnings, and all texts that were read."""

    table: Table
    warnings: tuple[Diagnostic, ...]
    texts: Texts


def read(source: Source) -> Machine | None:
    """The machine of a text; None when it is a library. Raises `SourceRejected` with every error of the text."""
    if is_library(source.text):
        return None
    program = read_program(source)
    table, warnings = syntax_to_table(program)
    return Machine(table, warnings, texts_of((file.name, file.source) for file in program.files))


def run_file(given: str | Source, choice: Choice, watch: Watch | None = None) -> Report:
    """Run the chosen tests of a machine's file, or of a text. What is wrong with it stands in the report."""
    name = given.name if isinstance(given, Source) else given
    try:
        source = given if isinstance(given, Source) else read_text(given)
        return _run(replace(source, allowed=choice.allowed), choice, watch)
    except Rejected as error:
        return Report(name, error=str(error) if isinstance(error, SourceRejected) else f"error: {error}")


def _run(source: Source, choice: Choice, watch: Watch | None) -> Report:
    machine, path = read(source), source.name
    if machine is None:
        return Report(path, remark="no tests: a library of states")
    tests = [test for test in machine.table.tests if choice.text.lower() in test.name.lower()]
    left_out = len(machine.table.tests) - len(tests)
    if left_out and not tests:
        return Report(path, warnings=len(machine.warnings), left_out=left_out)
    remark = "" if tests else "no tests"
    subject = prepare(machine.table, machine.texts, choice.table_only)
    outcomes = _outcomes(subject, tests, choice, watch)
    layers = None if choice.table_only else max((outcome.layers or 0 for outcome in outcomes), default=0)
    numbers = figures(machine.table, subject.stages, [outcome.run for outcome in outcomes], layers)
    return Report(path, "", remark, len(machine.warnings), outcomes, left_out, numbers)


def _outcomes(subject: Subject, tests: list[GridTest | LineTest], choice: Choice, watch: Watch | None) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    for test in tests:
        told = None if watch is None else (lambda steps, name=test.name: watch(name, steps))
        outcomes.append(run_test(subject, test, told))
        if choice.first_failure and outcomes[-1].faults:
            break
    return tuple(outcomes)
