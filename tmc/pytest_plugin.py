"""The plugin for pytest: the tests that stand beside machines (.tm) are tests like any others.

``pytest machines`` collects them; each has the file and line where it stands, and a failure shows what `tmc test` shows. pytest
imports this file whenever it starts, so it imports the rest of tmc only when there is a machine.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr, TracebackStyle

    from tmc.ir.table import GridTest, LineTest
    from tmc.verify.machine_files import Machine
    from tmc.verify.machine_tests import Subject


class MachineWarning(UserWarning):
    """What the compiler has to say about a machine that is not an error."""


class MachineTestFailed(Exception):
    """A test whose run was not what it should be. The text says what went wrong, the main thing on the first line."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--tmc-table-only``."""
    group = parser.getgroup("tmc", "machines (.tm)")
    group.addoption("--tmc-table-only", action="store_true", help="Run their tests on the table only, not on the network.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> MachineFile | None:
    """Every .tm file; a library is a file without tests."""
    return MachineFile.from_parent(parent, path=file_path) if file_path.suffix == ".tm" else None


class MachineFile(pytest.File):
    """A machine's file. It is compiled when its first test runs, once for all of them."""

    machine: Machine
    subject: Subject | None = None

    def collect(self) -> Iterator[MachineTest]:
        """The tests. A file that cannot be compiled is a collection error, which shows the compiler's messages."""
        from tmc.diagnostics import Rejected
        from tmc.files import read_text
        from tmc.verify.machine_files import read

        try:
            machine = read(read_text(os.path.relpath(self.path)))
        except Rejected as error:
            raise self.CollectError(str(error)) from None
        if machine is None:
            return
        self.machine = machine
        self._warn()
        names: set[str] = set()
        for test in machine.table.tests:
            name = test.name if test.name and test.name not in names else f"{test.name} (line {test.line})".lstrip()
            names.add(name)
            yield MachineTest.from_parent(self, name=name, test=test)

    def _warn(self) -> None:
        """The compiler's warnings as pytest's; where the configuration makes errors of them, they are collection errors."""
        from tmc.diagnostics import render

        for diagnostic in self.machine.warnings:
            line, _ = diagnostic.source.place(diagnostic.span.start)
            warning = MachineWarning(f"{diagnostic.message} ({diagnostic.code})")
            try:
                warnings.warn_explicit(warning, None, diagnostic.source.name, line)
            except MachineWarning:
                raise self.CollectError(render(diagnostic)) from None

    def prepared(self) -> Subject:
        """The machine as its tests need it."""
        from tmc.verify.machine_tests import prepare

        if self.subject is None:
            table_only = bool(self.config.getoption("tmc_table_only"))
            self.subject = prepare(self.machine.table, self.machine.texts, table_only)
        return self.subject


class MachineTest(pytest.Item):
    """A test of a machine."""

    def __init__(self, *, test: GridTest | LineTest, **node: Any) -> None:
        super().__init__(**node)
        self.test = test

    def runtest(self) -> None:
        """Run it, see `tmc.verify.machine_tests.run_test`."""
        from tmc.verify.machine_tests import run_test

        assert isinstance(self.parent, MachineFile)
        outcome = run_test(self.parent.prepared(), self.test)
        if outcome.faults:
            details = (f"    {line}" for line in outcome.failure)
            raise MachineTestFailed("\n".join([outcome.summary, *details, f"{outcome.place}: {outcome.length}"]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None) -> str | TerminalRepr:
        """What went wrong in the machine; a traceback only for what went wrong in tmc."""
        return str(excinfo.value) if isinstance(excinfo.value, MachineTestFailed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands: the file, the line counted from 0, and its name."""
        return self.path, self.test.line - 1, self.name
