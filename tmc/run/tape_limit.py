"""When a run's tapes become longer than they may: exactly in its first steps, later whenever somebody looks."""

from __future__ import annotations

from collections.abc import Callable

from tmc.ir.table import Table, start
from tmc.ir.tape import Grid, Line
from tmc.run.simulator import InMotion, Pause
from tmc.run.walk import Walker

EXACT = 500_000  # steps that are looked at one by one; later it is looked every `tmc.run.simulator.STRIDE` steps


def first_longer(table: Table, data: Grid | Line, cells: int, steps: int) -> int | None:
    """After how many steps, `steps` at most, the line tapes together first have more than `cells` cells between their outermost
    symbols; None if that does not happen."""
    walker = Walker(table, start(table, data))
    own = None if isinstance(data, Grid) else _Span(range(data.start, data.start + len(data.cells)))
    work = _Span(range(0))
    for step in range(steps + 1):
        if (0 if own is None else own.length) + work.length > cells:
            return step
        action = walker.action()
        if action is None or step == steps:
            return None
        place, spot = walker.place, walker.spot
        walker.take(action)
        if action.change_data and own is not None:
            own.written(place, walker.data_symbol)
        if action.change_work:
            work.written(spot, walker.work_symbol)
    return None


class _Span:
    """The cells of a line between its outermost symbols."""

    def __init__(self, cells: range) -> None:
        self._first, self._last = (cells[0], cells[-1]) if cells else (0, -1)

    @property
    def length(self) -> int:
        """How many there are."""
        return self._last - self._first + 1

    def written(self, place: int, symbol: Callable[[int], int]) -> None:
        """Something was written at a place; `symbol` says what stands where."""
        if symbol(place):
            empty = self._last < self._first
            self._first = place if empty else min(self._first, place)
            self._last = place if empty else max(self._last, place)
            return
        while self._first <= self._last and not symbol(self._first):
            self._first += 1
        while self._first <= self._last and not symbol(self._last):
            self._last -= 1


class TapeLimit:
    """A pause (`tmc.run.simulator.Pause`) that ends a run whose tapes hold more than `cells` cells, or that another one ends."""

    def __init__(self, cells: int, pause: Pause | None) -> None:
        self.met, self._cells, self._pause = False, cells, pause

    def __call__(self, machine: InMotion) -> bool:
        """Whether to end the run here."""
        self.met = machine.length() > self._cells
        return self.met or (self._pause is not None and self._pause(machine))
