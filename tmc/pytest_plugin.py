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
    from tmc.source import Source
    from tmc.testing.limits import Limits
    from tmc.testing.machine_files import LoadedMachine
    from tmc.testing.machine_tests import Subject


class MachineWarning(UserWarning):
    """What the compiler has to say about a machine that is not an error."""


class MachineTestFailed(Exception):
    """A test whose run was not what it should be. The text says what went wrong, the main thing on the first line."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options ``--tmc-…``, which are those of `tmc test`."""
    group = parser.getgroup("tmc", "machines (.tm)")
    group.addoption("--tmc-table-only", action="store_true", help="Run their tests on the table only, not on the network.")
    group.addoption("--tmc-tests", metavar="FILE", help="Run the tests of this file on every machine, not its own.")
    group.addoption("--tmc-require-tests", action="store_true", help="Fail a machine that has no tests.")
    group.addoption("--tmc-max-steps", metavar="N", type=_positive, help="Fail a test that takes more steps.")
    group.addoption("--tmc-timeout", metavar="SECONDS", type=float, help="Fail a test that takes longer (120).")
    group.addoption("--tmc-max-tape", metavar="N", type=_positive, help="Fail a test that uses more cells of its tapes (1000000).")
    group.addoption(
        "--tmc-allow-use",
        metavar="DIR",
        action="append",
        default=[],
        help="Allow machines to `use` files of this folder and below, too.",
    )
    parser.addini("tmc_allow_use", "Folders whose files machines may `use`, besides those of their own folder.", "paths", [])


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> MachineFile | None:
    """Every .tm file that is a machine, or is named on the command line; a library is a file without tests."""
    if file_path.suffix != ".tm":
        return None
    if not _is_named(file_path, parent.config):
        from tmc.syntax.passing_over import passed_over

        why = passed_over(file_path, _folder_of(file_path, parent.config))
        if why:
            return _passed_over(file_path, parent, why)
    return MachineFile.from_parent(parent, path=file_path)


def _passed_over(path: Path, parent: pytest.Collector, why: str) -> MachineFile | None:
    """Warn of a file that is passed over; where warnings are errors it is a test that fails."""
    warning = MachineWarning(f"{path.name} is passed over: {why}")
    try:
        warnings.warn_explicit(warning, None, os.path.relpath(path), 0)  # no line of it is shown
    except MachineWarning:
        file = MachineFile.from_parent(parent, path=path)
        file.refused = str(warning)
        return file
    return None


def _folder_of(path: Path, config: pytest.Config) -> Path:
    """The folder that the command line names above a file, which may be a link, else the root of all tests."""
    named = (config.invocation_params.dir / argument for argument in config.args)
    return next((folder for folder in named if folder in path.parents), config.rootpath)


def _is_named(path: Path, config: pytest.Config) -> bool:
    """Whether the command line names this very file."""
    return any((config.invocation_params.dir / argument.split("::")[0]) == path for argument in config.args)


class MachineFile(pytest.File):
    """A machine's file. It is compiled when its first test runs, once for all of them."""

    machine: LoadedMachine
    subject: Subject | None = None
    refused: str = ""  # why it is not read
    others: str = ""  # the file of the tests if they do not stand beside the machine

    def collect(self) -> Iterator[MachineTest | UnreadableItem]:
        """The tests. A file that cannot be compiled is a test that fails with the compiler's messages: others are run all the
        same."""
        from tmc.diagnostics import Rejected

        try:
            tests = self._read()
        except Rejected as error:
            yield UnreadableItem.from_parent(self, name="is a machine", why=str(error))
            return
        names: set[str] = set()
        for test in tests:
            name = test.name if test.name and test.name not in names else f"{test.name} (line {test.line})".lstrip()
            names.add(name)
            yield MachineTest.from_parent(self, name=name, test=test)

    def _read(self) -> tuple[GridTest | LineTest, ...]:
        """Read the machine; its tests. Raises `Rejected` if there is nothing to test."""
        from tmc.diagnostics import Rejected
        from tmc.testing.machine_files import read
        from tmc.testing.other_tests import tests_for

        if self.refused:
            raise Rejected(self.refused)
        others, name = self.config.getoption("tmc_tests"), os.path.relpath(self.path)
        if others is not None and self.path == self.config.invocation_params.dir / others:
            return ()
        machine = read(self._text(name))
        if machine is None and others is not None:
            raise Rejected(f"{name} is no machine")
        if machine is None:
            return ()
        self.machine = machine
        self._warn()
        if others is not None:
            self.others = str(others)
            return tests_for(machine.table, self._text(self.others))
        if not machine.table.tests and self.config.getoption("tmc_require_tests"):
            raise Rejected(f"{name} has no tests")
        return machine.table.tests

    def _text(self, name: str) -> Source:
        from dataclasses import replace

        from tmc.files import read_text

        folders = (*self.config.getoption("tmc_allow_use"), *self.config.getini("tmc_allow_use"))
        return replace(read_text(name), allowed=tuple(map(str, folders)))

    def _warn(self) -> None:
        """The compiler's warnings as pytest's. Raises `Rejected` where the configuration makes errors of them."""
        from tmc.diagnostics import Rejected, render

        for diagnostic in self.machine.warnings:
            line, _ = diagnostic.source.place(diagnostic.span.start)
            warning = MachineWarning(f"{diagnostic.message} ({diagnostic.code})")
            try:
                warnings.warn_explicit(warning, None, diagnostic.source.name, line)
            except MachineWarning:
                raise Rejected(render(diagnostic)) from None

    def prepared(self) -> Subject:
        """The machine as its tests need it."""
        from tmc.testing.machine_tests import prepare

        if self.subject is None:
            table_only = bool(self.config.getoption("tmc_table_only"))
            self.subject = prepare(self.machine.table, self.machine.texts, table_only)
        return self.subject


class UnreadableItem(pytest.Item):
    """What stands for a file that is no machine: a test that fails."""

    def __init__(self, *, why: str, **node: Any) -> None:
        super().__init__(**node)
        self.why = why

    def runtest(self) -> None:
        """Say why."""
        raise MachineTestFailed(self.why)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None) -> str | TerminalRepr:
        """What is wrong with the file."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file."""
        return self.path, 0, self.name


class MachineTest(pytest.Item):
    """A test of a machine."""

    def __init__(self, *, test: GridTest | LineTest, **node: Any) -> None:
        super().__init__(**node)
        self.test = test

    def runtest(self) -> None:
        """Run it, see `tmc.testing.machine_tests.run_test`."""
        from tmc.testing.machine_tests import run_test

        assert isinstance(self.parent, MachineFile)
        outcome = run_test(self.parent.prepared(), self.test, limits=_limits(self.config), where=self.parent.others)
        if outcome.faults:
            details = (f"    {line}" for line in outcome.failure)
            raise MachineTestFailed("\n".join([outcome.summary, *details, f"{outcome.place}: {outcome.length}"]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None) -> str | TerminalRepr:
        """What went wrong in the machine; a traceback only for what went wrong in tmc."""
        return str(excinfo.value) if isinstance(excinfo.value, MachineTestFailed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands: the file, the line counted from 0, and its name."""
        return self.path, self.test.line - 1, self.name


def _limits(config: pytest.Config) -> Limits:
    from dataclasses import replace

    from tmc.testing.limits import Limits

    asked = {name: config.getoption(f"tmc_{name}") for name in ("max_steps", "timeout", "max_tape")}
    return replace(Limits(), **{name: value for name, value in asked.items() if value is not None})
