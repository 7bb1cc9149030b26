"""``tmc draw`` of runs: configurations one after the other, and space-time diagrams."""

from __future__ import annotations

from collections.abc import Iterator

from tmc.cli.draw_wanted import Drawn, DrawOptions, RunPart
from tmc.cli.machine_given import Given, given
from tmc.diagnostics import Rejected

SHOWN, MOST = 24, 500  # configurations of a trace: when nobody says, and at most


def draw_run(wanted: DrawOptions) -> Drawn:
    """Draw a part of a run."""
    subject = given(wanted.file, wanted.input)
    return _trace(wanted, subject) if wanted.what == "trace" else _space_time(wanted, subject)


def _trace(wanted: DrawOptions, subject: Given) -> Drawn:
    from itertools import islice

    from tmc.view.trace_picture import trace_picture

    count = wanted.part.steps or SHOWN
    if count > MOST:
        raise Rejected(f"{count} configurations are too many for one picture: say --steps {MOST}, or draw --what space-time")
    steps = tuple(islice(_steps(subject, wanted.part), count))
    first, last = steps[0].number, steps[-1].number
    content = trace_picture(subject.table, subject.texts, steps, wanted.theme)
    return Drawn(content, subject.table.name, f"steps {first} to {last}", {"first": first, "last": last})


def _steps(subject: Given, part: RunPart) -> Iterator:  # type: ignore[type-arg]
    """The steps of a run from the first that is drawn on."""
    from tmc.ir.table import applicable, apply
    from tmc.run.simulator import simulate
    from tmc.run.trace import Step

    table = subject.table
    run = simulate(table, subject.data, part.first)
    if run.steps < part.first:
        raise Rejected(f"the run of {table.name} ends after step {run.steps}, and there is no step {part.first}")
    number, configuration = part.first, run.configuration
    while True:
        transition = applicable(table, configuration)
        yield Step(number, configuration, transition)
        if transition is None:
            return
        number, configuration = number + 1, apply(table, transition, configuration)


def _space_time(wanted: DrawOptions, subject: Given) -> Drawn:
    from tmc.run.result import decide
    from tmc.run.space_time import space_time
    from tmc.view.layout import count, grouped
    from tmc.view.space_time import space_time_picture

    part, table, ends = wanted.part, subject.table, ""
    if part.steps is None:
        result = decide(table, subject.data)
        last = max(result.steps, part.first)
        ends = f", {result.verdict}"
    else:
        last = part.first + part.steps
    columns = max(1, part.size[0] // len(table.tapes))
    found = space_time(table, subject.data, (part.first, last), (part.size[1], columns), by_state=_by_state(wanted, last))
    end = found.starts[-1] - 1
    said = f"{table.name}: {count(end, 'step') if part.first == 0 else f'steps {grouped(part.first)} to {grouped(end)}'}{ends}"
    content = space_time_picture(found, "states" if part.colours == "states" else "symbols", wanted.theme, said)
    marked = {tapes.name: int(tapes.marked().sum()) for tapes in found.tapes}
    bins = " and ".join(f"{tapes.marks.shape[1]} × {tapes.marks.shape[0]}" for tapes in found.tapes)
    figures = {
        "first": part.first,
        "last": end,
        "tapes": [
            {
                "name": tapes.name, "rows": tapes.marks.shape[0], "columns": tapes.marks.shape[1], "position": tapes.first,
                "cells": tapes.cells, "cells_of_a_column": tapes.width, "marked": marked[tapes.name],
            }
            for tapes in found.tapes
        ],
    }  # fmt: skip
    says = f"{grouped(found.configurations())} configurations in {bins} bins, {grouped(sum(marked.values()))} marked cells in all"
    return Drawn(content, table.name, says, figures)


def _by_state(wanted: DrawOptions, last: int) -> bool:
    """Whether heads are counted by state: where they are seen."""
    return wanted.part.colours == "states" or last - wanted.part.first < 2 * wanted.part.size[1]
