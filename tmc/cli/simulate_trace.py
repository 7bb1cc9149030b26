"""The trace that ``tmc simulate --trace`` prints, step by step while it goes on: lines for people, or JSON for programs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import click

from tmc.cli.interrupts import Interrupt
from tmc.cli.printing import json_text
from tmc.cli.simulate_progress import RunProgress, TraceProgress
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.run.loops import LOOK, simulate_to_the_end
from tmc.run.result import Result, configuration_document, decide
from tmc.run.simulator import simulate, step_limit
from tmc.run.tape_limit import EXACT, first_longer
from tmc.run.trace import Step, Texts, all_steps, last_steps
from tmc.view.trace import Colours, Trace

LOOKED_OVER = 10_000  # configurations that are looked over before the first is shown, to see how wide tapes become
WIDTH = 120  # columns of what goes to no terminal
ENDINGS = {"accept": "green", "reject": "red"}  # other verdicts are yellow


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be shown: a machine on its data, for exactly `max_steps` if that is said, and as long as its tapes hold no more than
    `max_tape` cells."""

    table: Table
    data: Grid | Line
    max_steps: int | None
    max_tape: int | None = None

    def result(self, interrupt: Interrupt) -> Result:
        """How it ends, or where an interrupt has stopped it."""
        with RunProgress(interrupt) as progress:
            return decide(self.table, self.data, self.max_steps, pause=progress, max_tape=self.max_tape)

    def steps(self) -> int:
        """The number of steps to show; for a long run, a bound on it."""
        limit = step_limit(self.table, self.data) if self.max_steps is None else self.max_steps
        if self.max_tape is not None:
            longer = first_longer(self.table, self.data, self.max_tape, min(limit, EXACT))
            limit = limit if longer is None else longer
        begun, loop = simulate_to_the_end(self.table, self.data, min(limit, LOOK[-1]))
        if begun.verdict != "timeout" or (loop is not None and self.max_steps is None):
            return begun.steps
        return limit


def show_trace(job: Job, texts: Texts, last: int | None, as_json: bool, interrupt: Interrupt) -> Result:
    """Print the steps of a run - all, or the last so many - and return how it ended, or where an interrupt has stopped it."""
    if last is not None:
        result = job.result(interrupt)
        _show(job, texts, partial(last_steps, job.table, job.data, result.steps, last), result.steps, as_json, interrupt)
        return result
    taken = job.steps()
    shown = _show(job, texts, lambda: islice(all_steps(job.table, job.data), taken + 1), taken, as_json, interrupt)
    if interrupt:
        return Result(job.table, simulate(job.table, job.data, shown), None, stopped=True)
    return job.result(interrupt)


def _show(job: Job, texts: Texts, steps: Callable[[], Iterator[Step]], taken: int, as_json: bool, interrupt: Interrupt) -> int:
    """Print steps until the run ends or is interrupted; returns the index of the last."""
    number = 0
    lines = _as_json(job.table, texts, steps()) if as_json else _as_text(job.table, texts, steps, taken)
    with TraceProgress() as written:
        for number, line in lines:
            click.echo(line)
            written.report(number)
            if interrupt:
                break
    if not as_json:
        click.echo()
    return number


def _as_text(table: Table, texts: Texts, steps: Callable[[], Iterator[Step]], taken: int) -> Iterator[tuple[int, str]]:
    beginning = tuple(islice(steps(), LOOKED_OVER + 1))
    whole = len(beginning) <= LOOKED_OVER
    trace = Trace(table, texts, beginning[:LOOKED_OVER], whole, _columns(), taken)
    return trace.lines(steps(), _colours())


def _as_json(table: Table, texts: Texts, steps: Iterator[Step]) -> Iterator[tuple[int, str]]:
    for step in steps:
        document = {"step": step.number, **configuration_document(table, step.configuration), "rule": _rule(texts, step)}
        yield step.number, json_text(document)


def _rule(texts: Texts, step: Step) -> dict[str, Any] | None:
    """The rule about to be taken: its file, its line and what it says."""
    transition = step.transition
    if transition is None:
        return None
    source = texts.get(transition.file)
    text = "" if source is None else " ".join(source.line(transition.line).split())
    return {"file": transition.file if source is None else source.name, "line": transition.line, "text": text}


def coloured(result: Result) -> str:
    """The result as text, its verdict coloured on a terminal."""
    if not _is_coloured():
        return str(result)
    verdict, rest = result.verdict, str(result).removeprefix(result.verdict)
    return click.style(verdict, fg=ENDINGS.get(verdict, "yellow"), bold=True) + rest


def _colours() -> Colours:
    if not _is_coloured():
        return Colours()
    return Colours(head=partial(click.style, fg="cyan", bold=True), faint=partial(click.style, dim=True))


def _is_coloured() -> bool:
    """Whether stdout is a terminal and colours are not switched off (https://no-color.org)."""
    return _is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _columns() -> int:
    return shutil.get_terminal_size((WIDTH, 0)).columns if _is_terminal() else WIDTH
