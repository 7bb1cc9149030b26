"""Runs that never end, proven: the machine does the same steps again, in the same place or ever further along a tape.

The argument. Follow a machine from one moment to another at which it is in the same state. Say the cells that each head has
visited in between look from where it stands now as they did from where it stood then. Then the same steps follow, for a step
depends on nothing else. If a head has come back to its place, this goes on for ever. If it has moved to the right, this goes on for
ever when the cells to the right of all that it visited were blank: it meets the same blanks each time (and likewise to the left).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tmc.ir.table import Configuration, Table, Transition, moved
from tmc.ir.tape import BLANK, NOWHERE, Grid, Line, Move, Symbol, Touching
from tmc.run.simulator import Pause, Run, simulate

LOOK = (100, 1_000, 10_000, 100_000)  # after so many steps, look for a loop in as many that follow
COMPARED = 20  # cells compared for each of these, at most: the search must not take longer than the run

Place = tuple[int, int]  # row and column; on a line the row is 0


@dataclass(frozen=True, slots=True)
class Loop:
    """Why a run never ends: the same `period` steps again and again, each time `data` and `work` cells further right on the tapes
    (negative: left)."""

    period: int
    data: int
    work: int

    def words(self, tapes: Sequence[str]) -> str:
        """With the names of the tapes: ``the same 2 steps again and again, each time 1 cell further right on the tape data``."""
        shifts = [(shift, name) for shift, name in zip((self.data, self.work), tapes, strict=False) if shift]
        ways = [
            f"{abs(shift)} cell{'' if abs(shift) == 1 else 's'} further {'right' if shift > 0 else 'left'} on the tape {name}"
            for shift, name in shifts
        ]
        steps = "the same step" if self.period == 1 else f"the same {self.period} steps"
        return f"{steps} again and again" + (f", each time {' and '.join(ways)}" if ways else "")


def simulate_to_the_end(
    table: Table, data: Grid | Line, limit: int, watch: Callable[[int], None] | None = None, pause: Pause | None = None
) -> tuple[Run, Loop | None]:
    """Run a machine as `tmc.run.simulator.simulate` does, for `limit` steps at most, and stop when it is in a loop."""
    for steps in (*(look for look in LOOK if look < limit), limit):
        run = simulate(table, data, steps, watch, pause)
        if run.verdict != "timeout" or run.steps < steps:
            return run, None
        loop = loop_after(table, run)
        if loop is not None:
            return run, loop
    return run, None


def loop_after(table: Table, run: Run) -> Loop | None:
    """The loop in which a run is that was stopped; None when there is no proof of one."""
    if run.verdict != "timeout":
        return None
    return find_loop(table, run.configuration, min(max(run.steps, LOOK[0]), LOOK[-1]))


def find_loop(table: Table, configuration: Configuration, steps: int) -> Loop | None:
    """The loop that begins with a configuration and takes up to `steps` steps; None if no loop is proved."""
    machine = _RecordedRun(table, configuration)
    for period in range(1, steps + 1):
        if not machine.advance():
            return None
        if machine.state != configuration.state:
            continue
        data, work = machine.data.shift(), machine.work.shift()
        if data is not None and work is not None:
            return Loop(period, data, work)
        if machine.data.compared + machine.work.compared > COMPARED * steps:
            return None
    return None


class _RecordedTape:
    """A tape that remembers what stood in the cells that its head has visited when it first came there."""

    def __init__(self, tape: Grid | Line, head: Place, by_rows: bool = False) -> None:
        self._began, self.head = head, head
        self._around, self._by_rows = tape, by_rows
        if isinstance(tape, Grid):
            self._cells = {(i, j): symbol for i, row in enumerate(tape.rows) for j, symbol in enumerate(row)}
        else:
            self._cells = {(0, position): symbol for position, symbol in tape.items()}
        self._visited: dict[Place, Symbol] = {}
        self._low = self._high = head[1]  # how far on a line the visited cells reach
        self.compared = 0

    def read(self) -> Symbol:
        """The symbol under the head."""
        symbol = self._cells.get(self.head, BLANK)
        self._visited.setdefault(self.head, symbol)
        self._low, self._high = min(self._low, self.head[1]), max(self._high, self.head[1])
        return symbol

    def write(self, symbol: Symbol | None, move: Move) -> None:
        """Write, unless there is nothing to write, and move the head."""
        if symbol is not None:
            self._cells[self.head] = symbol
        self.head = moved(self._around, self.head, move, by_rows=self._by_rows)

    def touching(self) -> Touching:
        """Which edges the head touches."""
        return self._around.touching(self.head) if isinstance(self._around, Grid) else NOWHERE

    def shift(self) -> int | None:
        """How far the head has come, if what it visited looks from here as it looked from where it began, and will again; else
        None."""
        by = self.head[1] - self._began[1]
        if not self._may_be_again(by):
            return None
        for (row, column), symbol in self._visited.items():
            self.compared += 1
            if self._cells.get((row, column + by), BLANK) != symbol:
                return None
        return by

    def _may_be_again(self, by: int) -> bool:
        """Whether the head has come back, or has moved on a line, where at first all was blank beyond what it visited."""
        if self.head == self._began:
            return True
        if isinstance(self._around, Grid):
            return False
        first, last = self._around.start, self._around.start + len(self._around.cells) - 1
        return not self._around.cells or (last <= self._high if by > 0 else first >= self._low)


class _RecordedRun:
    """A machine in motion, on tapes that remember."""

    def __init__(self, table: Table, configuration: Configuration) -> None:
        self.state = configuration.state
        self.data = _RecordedTape(configuration.data, configuration.head, table.is_rows)
        self.work = _RecordedTape(configuration.work, (0, configuration.work_head))
        self._transitions: list[list[Transition]] = [[] for _ in table.states]
        for transition in table.transitions:
            self._transitions[transition.state].append(transition)
        self._cache: dict[tuple[int, Symbol, Symbol, Touching], Transition | None] = {}

    def advance(self) -> bool:
        """Take a step; False if all steps are taken."""
        seen = self.state, self.data.read(), self.work.read(), self.data.touching()
        if seen not in self._cache:
            fitting = (transition for transition in self._transitions[self.state] if transition.guard.admits(*seen[1:]))
            self._cache[seen] = next(fitting, None)
        transition = self._cache[seen]
        if transition is None or transition.halts:
            return False
        self.data.write(transition.write_data, transition.move_data)
        self.work.write(transition.write_work, transition.move_work)
        self.state = transition.target
        return True
