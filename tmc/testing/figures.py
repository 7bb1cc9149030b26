"""How large machines and their networks are and how long their tests run: a table for people and for documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tmc.ir.filters import size
from tmc.ir.table import Table
from tmc.pipeline import Stages
from tmc.run.simulator import Run

HEADINGS = ("machine", "states", "rules", "transitions", "tests", "steps", "layers", "channels", "hidden units", "bounds")


@dataclass(frozen=True, slots=True)
class MachineFigures:
    """The figures of a machine. `rules` are source lines, `states` and `transitions` those of the optimised table; `steps` and
    `layers` are the most that a test takes that ends. What only the network has is None when it was left out. `bounds`: ``kept``,
    ``broken`` or ``none``.
    """

    machine: str
    states: int
    rules: int
    transitions: int
    tests: int
    steps: int
    layers: int | None
    channels: int | None
    units: tuple[int, ...] | None
    bounds: str

    @property
    def row(self) -> tuple[str, ...]:
        """A text for each of `HEADINGS`."""
        numbers = (self.states, self.rules, self.transitions, self.tests, self.steps, self.layers, self.channels)
        units = "-" if self.units is None else " + ".join(map(str, self.units))
        return (self.machine, *("-" if number is None else str(number) for number in numbers), units, self.bounds)


def figures(written: Table, stages: Stages, runs: Sequence[Run], layers: int | None) -> MachineFigures:
    """The figures of a machine, as it is written and compiled, whose tests took these runs and, at most, so many layers (None: the
    network was left out)."""
    table = stages.table
    network = None if layers is None else size(stages.filters)
    declared = table.bounds.steps is not None or table.bounds.work is not None
    return MachineFigures(
        machine=table.name,
        states=len(table.states),
        rules=len({(transition.file, transition.line) for transition in written.transitions}),
        transitions=len(table.transitions),
        tests=len(runs),
        steps=max((run.steps for run in runs if run.verdict != "timeout"), default=0),
        layers=layers,
        channels=None if network is None else network.channels,
        units=None if network is None else network.units,
        bounds="none" if not declared else "broken" if any(run.promise_broken for run in runs) else "kept",
    )


def markdown(rows: Sequence[MachineFigures]) -> str:
    """The figures of some machines as a table in Markdown, aligned so that it reads well as it is."""
    cells = [HEADINGS, *(figures.row for figures in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    words = (0, len(HEADINGS) - 1)  # the columns that do not hold numbers

    def line(row: Sequence[str]) -> str:
        aligned = (text.ljust(widths[i]) if i in words else text.rjust(widths[i]) for i, text in enumerate(row))
        return f"| {' | '.join(aligned)} |"

    rule = "|".join("-" * (width + 2) if i in words else "-" * (width + 1) + ":" for i, width in enumerate(widths))
    return "\n".join([line(cells[0]), f"|{rule}|", *(line(row) for row in cells[1:])])
