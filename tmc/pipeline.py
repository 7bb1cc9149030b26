"""The whole compiler on one screen: source → syntax → table → rules → cells → filters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tmc.diagnostics import Diagnostic, SourceRejected
from tmc.ir.cells import Cells
from tmc.ir.filters import Filters
from tmc.ir.rules import Rules
from tmc.ir.table import Table
from tmc.lower.cells_to_filters import cells_to_filters
from tmc.lower.rows_to_grid import rows_to_grid
from tmc.lower.rules_to_cells import rules_to_cells
from tmc.lower.syntax_to_table import look_over_library, syntax_to_table
from tmc.lower.table_to_rules import table_to_rules
from tmc.optimise.passes import Saving, optimise
from tmc.source import Source
from tmc.syntax.program import Program, read_any, read_program
from tmc.syntax.tree import Machine


@dataclass(frozen=True, slots=True)
class Stages:
    """A machine from its table on: all that is needed to run it, at any stage.

    `table` is the machine as it is given, `lowered` the one that the network runs: never on rows, always on a grid or a line.
    """

    table: Table
    lowered: Table
    rules: Rules
    cells: Cells
    filters: Filters


@dataclass(frozen=True, slots=True)
class Build(Stages):
    """A compiled machine: every stage of it, from the optimised table on, what that saved, and the warnings of its source."""

    program: Program
    warnings: tuple[Diagnostic, ...]
    savings: tuple[Saving, ...]

    @property
    def source(self) -> Source:
        """The text of the machine."""
        return self.program.source

    @property
    def syntax(self) -> Machine:
        """The syntax tree of the machine's own file."""
        return self.program.machine


def compile_machine(source: Source, without: Collection[str] = ()) -> Build:
    """Compile a machine; `without` names passes of `tmc.optimise.passes` to leave out.

    Raises `tmc.diagnostics.SourceRejected` with every error of the source.
    """
    program = read_program(source)
    written, warnings = syntax_to_table(program)
    table, savings = optimise(written, without)
    stages = lower_table(table)
    return Build(table, stages.lowered, stages.rules, stages.cells, stages.filters, program, warnings, savings)


def look_over(source: Source) -> tuple[Diagnostic, ...]:
    """All errors and warnings of a machine or a library, in the order of the text, without compiling it any further.

    Of a library is said what can be said without a machine: whether its states have symbols that a tape lacks, say, is not known.
    """
    try:
        program = read_any(source)
        return look_over_library(program) if program.machine.kind == "library" else syntax_to_table(program)[1]
    except SourceRejected as rejected:
        return rejected.diagnostics


def lower_table(table: Table) -> Stages:
    """Every stage of a machine that is given as a table, which is taken as it is."""
    lowered = rows_to_grid(table)
    rules = table_to_rules(lowered)
    cells = rules_to_cells(rules)
    filters = cells_to_filters(cells)
    return Stages(table, lowered, rules, cells, filters)


def read_machine(source: Source) -> tuple[Table, tuple[Diagnostic, ...]]:
    """The table of a machine, as it is written, and the warnings of its source, without compiling it further."""
    return syntax_to_table(read_program(source))
