"""The table simulator: runs a machine as fast as Python can, exactly as `tmc.ir.table.step` says it should go.

Two things make it fast. What to do is looked up by one number, `code`, which stands for everything that a transition can see:
edges, data symbol and work symbol. And tapes change in place, with so much room on either side of the heads that no step has to
ask for more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from tmc.diagnostics import Rejected
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import ACCEPT, Configuration, Table, Transition, apply, start
from tmc.ir.tape import Grid, Line
from tmc.run.lookup import Action, Lookup

if TYPE_CHECKING:
    from tmc.run.engine import TableRun

MAX_STEPS = 10_000_000  # the end of a run whose machine promises nothing
STRIDE = 250_000  # steps between two reports of a long run
HAND_OVER = 500_000  # steps after which a run goes on in `tmc.run.engine`: importing that takes longer than these
ROOM = 256  # cells kept free on either side of a head when a line tape grows, at least

Verdict = Literal["accept", "reject", "stuck", "timeout"]


class InMotion(Protocol):
    """A machine that is stopped for a moment."""

    steps: int

    def length(self) -> int:
        """How many cells of its line tapes lie between the outermost symbols, on all together."""


Pause = Callable[[InMotion], bool]  # whether to end the run here


@dataclass(frozen=True, slots=True)
class Promise:
    """A declared bound and how a run stands to it: at most `limit` (the bound's value for this input), and `used` so far."""

    bound: Polynomial
    limit: int
    used: int
    kept: bool


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """How a run ended.

    `verdict`: ``accept`` or ``reject``; ``stuck`` when no transition applies; ``timeout`` when one does but the steps are used up.
    `steps`: transitions taken. `work_cells`: different cells that the work head stood on (0 without a work tape).
    """

    verdict: Verdict
    steps: int
    configuration: Configuration
    work_cells: int
    steps_promise: Promise | None = None
    work_promise: Promise | None = None

    def __repr__(self) -> str:
        return f"<Run: {self.verdict} after {self.steps} steps>"

    @property
    def promise_broken(self) -> bool:
        """Whether the run went beyond a bound that its machine declares."""
        return any(promise is not None and not promise.kept for promise in (self.steps_promise, self.work_promise))


def sizes(data: Grid | Line) -> dict[str, int]:
    """The variables of bounds for this input: `m` examples and `d` features of a grid; the length `n` of a line.

    Blanks at the end of a line are not counted: no machine can tell them from the tape beyond.
    """
    if isinstance(data, Grid):
        return {"m": len(data.rows) - 1, "d": len(data.rows[0]) - 1}
    return {"n": data.start + len(data.cells)}


def step_limit(table: Table, data: Grid | Line) -> int:
    """How many steps a run may take by default: what the machine promises, else `MAX_STEPS`."""
    return MAX_STEPS if table.bounds.steps is None else table.bounds.steps.evaluate(sizes(data))


def simulate(
    table: Table,
    data: Grid | Line,
    max_steps: int | None = None,
    watch: Callable[[int], None] | None = None,
    pause: Pause | None = None,
) -> Run:
    """Run a machine until it halts, is stuck, or has taken `max_steps` (default: `step_limit`).

    `watch` is told now and then how many steps were taken; `pause` is asked as often whether to end the run there. Raises
    `Rejected` when the machine reads a grid (or its rows) and `data` is a line, or the other way round.
    """
    limit = step_limit(table, data) if max_steps is None else max_steps
    machine: _Simulation | TableRun = _Simulation(table, data)
    told = 0
    while machine.steps < limit and machine.advance(min(limit - machine.steps, STRIDE)):
        if machine.steps >= told + STRIDE:
            told = machine.steps
            if watch is not None:
                watch(told)
            if pause is not None and pause(machine):
                break
        if isinstance(machine, _Simulation) and machine.steps >= HAND_OVER:
            machine = machine.faster()
    verdict, work_cells = machine.verdict(), machine.work_cells()
    certain = machine.steps + (verdict == "timeout")  # a machine that is still running takes one more step at least
    steps = _promise(table.bounds.steps, data, machine.steps, certain)
    work = _promise(table.bounds.work, data, work_cells, work_cells)
    return Run(verdict, machine.steps, machine.configuration(), work_cells, steps, work)


def configurations(table: Table, data: Grid | Line) -> Iterator[tuple[Configuration, Transition | None]]:
    """Every configuration of a run with the transition about to be taken; None with the last one. Endless when the run is."""
    lookup = Lookup(table)
    configuration = start(table, data)
    while True:
        transition = None if configuration.state < 0 else lookup.transition(configuration)
        yield configuration, transition
        if transition is None:
            return
        configuration = apply(table, transition, configuration)


def _promise(bound: Polynomial | None, data: Grid | Line, used: int, certain: int) -> Promise | None:
    if bound is None:
        return None
    limit = bound.evaluate(sizes(data))
    return Promise(bound, limit, used, certain <= limit)


class _MutableTape:
    """A tape that changes in place. Index `origin` is position 0; a grid is one row after the other and does not grow."""

    __slots__ = ("cells", "fixed", "head", "high", "low", "origin")

    def __init__(self, cells: list[int], fixed: bool, origin: int) -> None:
        self.cells, self.fixed, self.origin = cells, fixed, origin
        self.head = self.low = self.high = origin

    def room(self) -> int:
        """How many moves cannot take the head off the cells; at least `ROOM`, for which a line grows to twice its length."""
        if self.fixed:
            return sys.maxsize
        if self.head < ROOM:
            more = max(len(self.cells), ROOM)
            self.cells[:0] = [0] * more
            self.head, self.low, self.high, self.origin = (i + more for i in (self.head, self.low, self.high, self.origin))
        if len(self.cells) - 1 - self.head < ROOM:
            self.cells.extend([0] * max(len(self.cells), ROOM))
        return min(self.head, len(self.cells) - 1 - self.head)

    def line(self, symbol_step: int) -> Line:
        """The tape as a line, when symbol `s` is stored as ``s * symbol_step``."""
        first = next((i for i, cell in enumerate(self.cells) if cell), None)
        if first is None:
            return Line()
        end = next(i for i in range(len(self.cells), first, -1) if self.cells[i - 1])
        return Line(tuple([cell // symbol_step for cell in self.cells[first:end]]), first - self.origin)


class _Simulation:
    """A machine in motion."""

    def __init__(self, table: Table, data: Grid | Line) -> None:
        if table.is_grid != isinstance(data, Grid):
            kind = "grid" if table.is_grid else "line"
            raise Rejected(f"the machine {table.name} reads a {kind}, and this is not a {kind}")
        self.table, self.steps, self.state = table, 0, table.start
        self.columns = len(data.rows[0]) if isinstance(data, Grid) else 1
        self.lookup = Lookup(table, self.columns)
        self.data = self._data_tape(data)
        self.work = _MutableTape([0], fixed=False, origin=0)

    def _data_tape(self, data: Grid | Line) -> _MutableTape:
        cell = self.lookup.cell
        if isinstance(data, Grid):
            places = ((i, j) for i in range(len(data.rows)) for j in range(self.columns))
            return _MutableTape([cell(data.read(place), data.touching(place)) for place in places], fixed=True, origin=0)
        first = min(0, data.start)
        last = max(0, data.start + len(data.cells) - 1)
        symbols = (data.read(position) for position in range(first, last + 1))
        return _MutableTape([symbol * self.lookup.work_symbols for symbol in symbols], fixed=False, origin=-first)

    def advance(self, budget: int) -> bool:
        """Take up to `budget` steps; False when the machine has stopped by itself."""
        budget = min(budget, self.data.room(), self.work.room())
        cells, place, work, spot = self.data.cells, self.data.head, self.work.cells, self.work.head
        actions: dict[int, Action] = self.lookup.actions[self.state] if self.state >= 0 else {}  # halted: no more to do
        state, low, high, left, stopped = self.state, self.work.low, self.work.high, budget, False
        while left:
            action = actions.get(cells[place] + work[spot])
            if action is None:  # never seen here, or nothing to do
                action = self.lookup.find(state, cells[place] + work[spot]) if state >= 0 else None
                if action is None:
                    stopped = True
                    break
            change_data, change_work, shift_data, shift_work, actions, transition = action
            cells[place] += change_data
            work[spot] += change_work
            place += shift_data
            spot += shift_work
            if spot < low:
                low = spot
            elif spot > high:
                high = spot
            state = transition.target
            left -= 1
        self.data.head, self.state, self.steps = place, state, self.steps + budget - left
        self.work.head, self.work.low, self.work.high = spot, low, high
        return not stopped

    def faster(self) -> TableRun:
        """The same machine, to be continued by the table engine."""
        from tmc.run.engine import TableRun

        stood = self.work.low - self.work.origin, self.work.high - self.work.origin
        return TableRun(self.table, self.configuration(), steps=self.steps, stood=stood)

    def verdict(self) -> Verdict:
        """How the run stands."""
        if self.state < 0:
            return "accept" if self.state == ACCEPT else "reject"
        code = self.data.cells[self.data.head] + self.work.cells[self.work.head]
        return "stuck" if self.lookup.find(self.state, code) is None else "timeout"

    def work_cells(self) -> int:
        """How many cells of the work tape its head stood on."""
        return self.work.high - self.work.low + 1 if self.table.work else 0

    def length(self) -> int:
        """How many cells of the line tapes lie between the outermost symbols."""
        return sum(len(tape.line(1).cells) for tape in (self.data, self.work) if not tape.fixed)

    def configuration(self) -> Configuration:
        """The configuration reached."""
        work = self.work.line(1), self.work.head - self.work.origin
        if not self.data.fixed:
            return Configuration(
                self.state, self.data.line(self.lookup.work_symbols), (0, self.data.head - self.data.origin), *work
            )
        symbols = [cell // self.lookup.work_symbols % self.lookup.data_symbols for cell in self.data.cells]
        rows = (tuple(symbols[first : first + self.columns]) for first in range(0, len(symbols), self.columns))
        return Configuration(self.state, Grid(tuple(rows)), divmod(self.data.head, self.columns), *work)
