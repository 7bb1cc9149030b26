"""The whole compiler on one screen: source → syntax → table → rules → cells → filters."""

from __future__ import annotations

from dataclasses import dataclass

from tmc.diagnostics import Diagnostic
from tmc.ir.cells import Cells
from tmc.ir.filters import Filters
from tmc.ir.rules import Rules
from tmc.ir.table import Table
from tmc.lower.cells_to_filters import cells_to_filters
from tmc.lower.rules_to_cells import rules_to_cells
from tmc.lower.syntax_to_table import syntax_to_table
from tmc.lower.table_to_rules import table_to_rules
from tmc.source import Source
from tmc.syntax.parser import parse
from tmc.syntax.tree import Machine


@dataclass(frozen=True, slots=True)
class Stages:
    """A machine from its table on: all that is needed to run it, at any stage."""

    table: Table
    rules: Rules
    cells: Cells
    filters: Filters


@dataclass(frozen=True, slots=True)
class Build(Stages):
    """A compiled machine: every stage of it, and the warnings of its source."""

    source: Source
    syntax: Machine
    warnings: tuple[Diagnostic, ...]


def compile_machine(source: Source) -> Build:
    """Compile a machine. Raises `tmc.diagnostics.SourceRejected` with every error of the source."""
    syntax = parse(source)
    table, warnings = syntax_to_table(syntax, source)
    stages = lower_table(table)
    return Build(table, stages.rules, stages.cells, stages.filters, source, syntax, warnings)


def lower_table(table: Table) -> Stages:
    """Every stage of a machine that is given as a table."""
    rules = table_to_rules(table)
    cells = rules_to_cells(rules)
    filters = cells_to_filters(cells)
    return Stages(table, rules, cells, filters)


def read_machine(source: Source) -> tuple[Table, tuple[Diagnostic, ...]]:
    """The table of a machine and the warnings of its source, without compiling it further."""
    return syntax_to_table(parse(source), source)
