"""The whole compiler on one screen: source → syntax → table → rules → cells → the target's filters.

A pass is imported where it is used: to look over a machine, the passes behind its table need not be loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from tmc.diagnostics import Diagnostic, SourceRejected
from tmc.elaborate.expansion import look_over_library
from tmc.elaborate.syntax_to_table import syntax_to_table, table_and_diagnostics
from tmc.frozen import frozen
from tmc.garbage import without_collection
from tmc.ir.table import Table
from tmc.source import Source
from tmc.syntax.program import Program, read_any, read_program
from tmc.syntax.tree import Machine
from tmc.targets.registry import DEFAULT, target_at, target_named

if TYPE_CHECKING:
    from tmc.decompile.rule_lists import Reading
    from tmc.ir.cells import Cells
    from tmc.ir.filters import Channels, Filters
    from tmc.ir.lattice import Cell
    from tmc.ir.rules import Rules
    from tmc.ir.sketch import SketchTable
    from tmc.optimise.passes import Saving
    from tmc.targets.target import Coding, Target


@frozen
class Stages:
    """A machine from its table on: all that is needed to run it, at any stage.

    `table` is the machine as it is given, `lowered` the one that the network runs: never on rows, always on a grid or a line.
    `filters` are those of the `target` asked for, `coding` says how cells are their channels, and `digits` how many binary digits
    their sums need (None: few).
    """

    table: Table
    lowered: Table
    rules: Rules
    cells: Cells
    filters: Filters
    coding: Coding
    digits: int | None

    @property
    def target(self) -> Target:
        """The kind of network."""
        return target_named(self.filters.target)

    def __repr__(self) -> str:
        table, filters = self.table, self.filters
        return f"<{type(self).__name__} of {table.name}, target {filters.target}: {table.sizes} -> {filters.sizes}>"

    def _repr_html_(self) -> str | None:
        """Sizes and the state diagram, for notebooks."""
        from tmc.notebook import shown

        return shown("build", self)

    def encode(self, cell: Cell) -> Channels:
        """The channels of a cell of the stage `rules`, in the network."""
        return self.coding.encode(cell)


@frozen
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

    def written(self) -> Table:
        """The table as it is written, before any optimisation."""
        return syntax_to_table(self.program)[0]


def compile_machine(
    source: Source, without: Collection[str] = (), target: str = DEFAULT.name, scale: str = DEFAULT.scales[0]
) -> Build:
    """Compile a machine; `without` names passes of `tmc.optimise.passes` to leave out. For targets and scales see `lower_table`.

    Raises `tmc.diagnostics.SourceRejected` with every error of the source.
    """
    from tmc.optimise.passes import optimise

    target_at(target, scale)  # refused before long work
    with without_collection():
        program = read_program(source)
        written, warnings = syntax_to_table(program)
        table, savings = optimise(written, without)
        stages = lower_table(table, target, scale)
    parts = {name: getattr(stages, name) for name in Stages.__match_args__}
    return Build(**parts, program=program, warnings=warnings, savings=savings)


def look_over(source: Source) -> tuple[Diagnostic, ...]:
    """All errors, warnings and notes of a machine, a sketch or a library, in the order of the text; it is compiled no further.

    Of a library is said what can be said without a machine: whether its states have symbols that a tape lacks, say, is not known.
    Of a sketch is said what is true whatever fills its holes, and not that it has some: that is said when a machine is needed.
    """
    try:
        program = read_any(source)
        if program.machine.kind == "tests":
            return program.faults
        if program.machine.kind == "library":
            return look_over_library(program)
        return _sketch(program)[1] if program.machine.holes else table_and_diagnostics(program)[1]
    except SourceRejected as rejected:
        return rejected.diagnostics


def lower_table(table: Table, target: str = DEFAULT.name, scale: str = DEFAULT.scales[0]) -> Stages:
    """Every stage of a machine that is given as a table, which is taken as it is.

    `target` is a name of `tmc.targets.registry`: ``wide`` (the default), a channel per trit, or ``scalar``, the paper's one number
    per cell, whose `scale` is ``integer`` (the default) or ``paper``. Raises `tmc.diagnostics.Rejected` for any other, and when the
    target cannot hold the machine.
    """
    from tmc.automaton.rows_to_grid import rows_to_grid
    from tmc.automaton.rules_to_cells import rules_to_cells
    from tmc.automaton.table_to_rules import table_to_rules

    kind = target_at(target, scale)
    with without_collection():
        lowered = rows_to_grid(table)
        rules = table_to_rules(lowered)
        cells = rules_to_cells(rules)
        network = kind.lower(rules, cells, scale)
    return Stages(table, lowered, rules, cells, network.filters, network.coding, network.digits)


def machine_text(table: Table, readings: Iterable[Reading] | None = None, remark: str = "") -> str:
    """The way back: a text that does what the table does, see `tmc.decompile.table_to_text`."""
    from tmc.decompile.table_to_text import table_to_text

    return table_to_text(table, readings, remark)


def read_machine(source: Source) -> tuple[Table, tuple[Diagnostic, ...]]:
    """The table of a machine, as it is written, and the warnings of its source, without compiling it further."""
    return syntax_to_table(read_program(source))


def is_sketch(source: Source) -> bool:
    """Whether a text has holes. Raises `SourceRejected` when it cannot be parsed."""
    from tmc.syntax.parser import parse_any

    return "?" in source.text and bool(parse_any(source).holes)


def read_sketch(source: Source) -> SketchTable:
    """The sketch that a text with holes is; without any, there is one way to fill them. Raises `SourceRejected` with all errors."""
    return _sketch(read_program(source))[0]


def _sketch(program: Program) -> tuple[SketchTable, tuple[Diagnostic, ...]]:
    from tmc.elaborate.syntax_to_sketch import syntax_to_sketch

    return syntax_to_sketch(program)


def filled(source: Source, words: Sequence[str]) -> str:
    """The text of a sketch with these words in its holes, one for each in the order of the text, as the formatter sets it.

    Comments stay. Raises `SourceRejected` with all syntax errors, ValueError when there are more or fewer words than holes.
    """
    from tmc.syntax.formatter import format_source
    from tmc.syntax.parser import parse

    text = source.text
    for hole, word in reversed(list(zip(parse(source).holes, words, strict=True))):
        text = f"{text[: hole.span.start]} {word} {text[hole.span.end :]}"  # no word may grow together with its neighbours
    return format_source(Source(source.name, text))
