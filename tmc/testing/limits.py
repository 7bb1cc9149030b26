"""How much a test may take. Machines may come from strangers, so their own bounds lift no limit."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from tmc.ir.tape import Grid, Line
from tmc.run.simulator import MAX_STEPS, InMotion

STEPS, SECONDS, CELLS = 1_000_000_000, 120.0, 1_000_000


class LimitMet(Exception):
    """A test has taken all that it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many steps a test's run may take, how many seconds all of the test, and how many cells a tape may have in use.

    Without `max_steps` a run may take what its machine promises, up to `STEPS`, or `tmc.run.simulator.MAX_STEPS` where it promises
    nothing. The default limits are far above what reasonable tests need.
    """

    max_steps: int | None = None
    timeout: float = SECONDS
    max_tape: int = CELLS


class Budget:
    """What is left to a test that begins now. `met` says which limit ended it."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.met = limits, ""
        self._end = monotonic() + limits.timeout

    def steps(self, promised: int | None) -> int:
        """How many steps the run may take of those that its machine promises."""
        if promised is None:
            return self.limits.max_steps or MAX_STEPS
        return min(promised, self.limits.max_steps or STEPS)

    def takes(self, data: Grid | Line) -> bool:
        """Whether a tape is short enough."""
        cells = len(data.cells) if isinstance(data, Line) else len(data.rows) * len(data.rows[0])
        return not self._is_over(cells)

    def pause(self, machine: InMotion) -> bool:
        """Whether a run must end here."""
        return self._is_late() or self._is_over(machine.length())

    def check(self) -> None:
        """Raise `LimitMet` when the time is over."""
        if self._is_late():
            raise LimitMet

    def used_up(self, steps: int, promised: int | None) -> None:
        """A run has taken as many steps as it may, and goes on."""
        if self.limits.max_steps is not None or (promised is not None and steps < promised):
            self.met = f"an end within {steps} steps (--max-steps)"

    def _is_over(self, cells: int) -> bool:
        if cells > self.limits.max_tape:
            self.met = f"at most {self.limits.max_tape} cells on the tapes (--max-tape)"
        return cells > self.limits.max_tape

    def _is_late(self) -> bool:
        late = monotonic() > self._end
        if late:
            self.met = f"an end within {self.limits.timeout:g} seconds (--timeout)"
        return late
