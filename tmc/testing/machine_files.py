"""Machines in files and their tests: read, chosen, run, reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tmc.diagnostics import Diagnostic, Rejected, SourceRejected
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.files import read_text
from tmc.ir.table import GridTest, LineTest, Table
from tmc.run.trace import Texts, texts_of
from tmc.source import Source
from tmc.syntax.program import read_program
from tmc.syntax.words import is_library, is_tests
from tmc.testing.figures import figures
from tmc.testing.limits import Limits
from tmc.testing.machine_tests import LIMITS, Subject, prepare, run_test
from tmc.testing.other_tests import tests_for
from tmc.testing.outcomes import FileReport, Outcome

Watch = Callable[[str, int], None]  # told of a long run: the test's name, and the steps taken so far


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tests to run, and how.

    Those whose names contain `text`, in capitals or not; `first_failure` stops after one. `allowed` are folders whose files
    machines may use, too. `tests` is the text of the tests if they do not stand beside the machine. `required`: a machine without
    tests fails.
    """

    text: str = ""
    table_only: bool = False
    first_failure: bool = False
    allowed: tuple[str, ...] = ()
    limits: Limits = LIMITS
    tests: Source | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class LoadedMachine:
    """A machine that was read from a file: its table, the warnings, and all texts that were read."""

    table: Table
    warnings: tuple[Diagnostic, ...]
    texts: Texts


def read(source: Source) -> LoadedMachine | None:
    """The machine of a text; None when it is a library, or tests alone. Raises `SourceRejected` with every error of the text."""
    if is_library(source.text) or is_tests(source.text):
        return None
    program = read_program(source)
    table, warnings = syntax_to_table(program)
    return LoadedMachine(table, warnings, texts_of((file.name, file.source) for file in program.files))


def run_file(given: str | Source, choice: Selection, watch: Watch | None = None) -> FileReport:
    """Run the chosen tests of a machine's file, or of a text. What is wrong with it stands in the report."""
    name = given.name if isinstance(given, Source) else given
    try:
        source = given if isinstance(given, Source) else read_text(given)
        return _run(replace(source, allowed=choice.allowed), choice, watch)
    except Rejected as error:
        return FileReport(name, error=str(error) if isinstance(error, SourceRejected) else f"error: {error}")


def _run(source: Source, choice: Selection, watch: Watch | None) -> FileReport:
    machine, path = read(source), source.name
    if machine is None:
        what = "tests for other machines" if is_tests(source.text) else "a library of states"
        refused = f"error: {path} is no machine but {what}" if choice.tests is not None else ""
        return FileReport(path, refused, f"no tests: {what}" if not refused else "")
    given = machine.table.tests if choice.tests is None else tests_for(machine.table, choice.tests)
    tests = [test for test in given if choice.text.lower() in test.name.lower()]
    left_out = len(given) - len(tests)
    if left_out and not tests:
        return FileReport(path, warnings=len(machine.warnings), left_out=left_out)
    if not tests and choice.required:
        return FileReport(path, f"error: {path} has no tests", warnings=len(machine.warnings))
    subject = prepare(machine.table, machine.texts, choice.table_only)
    outcomes = _outcomes(subject, tests, choice, watch)
    layers = None if choice.table_only else max((outcome.layers or 0 for outcome in outcomes), default=0)
    numbers = figures(machine.table, subject.stages, [outcome.run for outcome in outcomes], layers)
    return FileReport(path, "", "" if tests else "no tests", len(machine.warnings), outcomes, left_out, numbers)


def _outcomes(subject: Subject, tests: list[GridTest | LineTest], choice: Selection, watch: Watch | None) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    where = "" if choice.tests is None else choice.tests.name
    for test in tests:
        told = None if watch is None else (lambda steps, name=test.name: watch(name, steps))
        outcomes.append(run_test(subject, test, told, choice.limits, where))
        if choice.first_failure and outcomes[-1].faults:
            break
    return tuple(outcomes)
