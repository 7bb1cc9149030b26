"""What a terminal shows while a machine runs: a line that says how far it is, after a second."""

from __future__ import annotations

import sys
from time import perf_counter
from types import TracebackType

import click

from tmc.cli.interrupts import Interrupt
from tmc.run.simulator import InMotion

PATIENCE = 1.0  # seconds before anything is shown
PERIOD = 0.2  # seconds between two lines
WRITTEN = 1_000  # steps between two looks at the clock
UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


class RunProgress:
    """Asked now and then whether to stop the run, see `tmc.run.simulator.Pause`: when there was an interrupt."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt, self._hidden = interrupt, sys.stderr is None or not sys.stderr.isatty()
        self._began = self._before = perf_counter()
        self._steps, self._shown = 0, False

    def __enter__(self) -> RunProgress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)

    def __call__(self, machine: InMotion) -> bool:
        """Say how far it is, if it is time; returns whether to stop."""
        now = perf_counter()
        if not self._hidden and now - self._began >= PATIENCE and now - self._before >= PERIOD:
            rate = max(0, machine.steps - self._steps) / (now - self._before)  # a run may begin anew
            click.echo(f"\r\x1b[K{progress_line(machine, rate)}", nl=False, err=True)
            self._shown, self._before, self._steps = True, now, machine.steps
        return bool(self._interrupt)


class TraceProgress:
    """How far a trace has come that goes to no terminal, while somebody looks at one."""

    def __init__(self) -> None:
        shown = sys.stderr is not None and sys.stderr.isatty() and not (sys.stdout is not None and sys.stdout.isatty())
        self._began = self._before = perf_counter()
        self._hidden, self._steps, self._shown = not shown, 0, False

    def __enter__(self) -> TraceProgress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)

    def report(self, steps: int) -> None:
        """Say how many steps were written, if it is time."""
        if self._hidden or steps % WRITTEN:
            return
        now = perf_counter()
        if now - self._began >= PATIENCE and now - self._before >= PERIOD:
            line = steps_line(steps, max(0, steps - self._steps) / (now - self._before))
            click.echo(f"\r\x1b[K{line} written", nl=False, err=True)
            self._shown, self._before, self._steps = True, now, steps


def progress_line(machine: InMotion, rate: float) -> str:
    """``12 500 000 steps, 81.2 M steps/s, 1 204 cells of tape``."""
    return f"{steps_line(machine.steps, rate)}, {_grouped(machine.length())} cells of tape"


def steps_line(steps: int, rate: float) -> str:
    """``12 500 000 steps, 81.2 M steps/s``."""
    large, unit = next(((size, f" {name}") for size, name in UNITS if rate >= size), (1.0, ""))
    return f"{_grouped(steps)} steps, {rate / large:.1f}{unit} steps/s"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")
