"""Tests for a machine from another file: one of nothing but tests, or a machine whose tests are taken."""

from __future__ import annotations

from dataclasses import replace

from tmc.diagnostics import Rejected
from tmc.elaborate.findings import Findings
from tmc.elaborate.machine_tests import lower_tests
from tmc.ir.table import GridTest, LineTest, Table
from tmc.ir.tape import Tape
from tmc.source import Source
from tmc.syntax import tree
from tmc.syntax.lost import NOTHING
from tmc.syntax.parser import parse_any


def read_tests(source: Source) -> Source:
    """A text of tests, as it is. Raises `Rejected` if it cannot be read, or holds no tests."""
    if not parse_any(source).tests:
        raise Rejected(f"{source.name} has no tests; it is a file of `test` blocks, or a machine with tests")
    return source


def tests_for(table: Table, source: Source) -> tuple[GridTest | LineTest, ...]:
    """The tests of a text for a machine that stands elsewhere.

    If the text is a machine, its tapes and this one's are the same in their order, whatever they are called. Raises
    `SourceRejected` with the errors of the text, and with all that does not fit the machine's tapes and symbols.
    """
    syntax = parse_any(source)
    findings = Findings(source)
    tests = lower_tests(syntax, _called_as_in(syntax, table.tapes), NOTHING, findings)
    findings.reject_errors()
    names = {other.name.text: tape.name for other, tape in zip(syntax.tapes, table.tapes, strict=False)}
    return tuple(_renamed(test, names) for test in tests)


def _called_as_in(syntax: tree.Machine, tapes: tuple[Tape, ...]) -> tuple[Tape, ...]:
    names = [tape.name.text for tape in syntax.tapes]
    return tuple(replace(tape, name=name) for tape, name in zip(tapes, names, strict=False)) + tapes[len(names) :]


def _renamed(test: GridTest | LineTest, names: dict[str, str]) -> GridTest | LineTest:
    if isinstance(test, GridTest):
        return test
    return replace(test, tapes=tuple((names.get(name, name), text) for name, text in test.tapes))
