"""What the heads of a recorded run see: the symbols under them before every step, found from all that was written before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tmc.ir.table import Table, applicable
from tmc.ir.tape import BLANK, EMPTY, Grid, Line
from tmc.recording.layout import NONE, Array
from tmc.recording.recorded import Recording

Truths = NDArray[np.bool_]


def check_seen(recording: Recording) -> None:
    """That every transition that is taken admits what is seen, and that none is left out at the end. ValueError says it does not.

    Transitions of a table are disjoint: one that admits what is seen is the one that applies.
    """
    arrays, table, end = recording.arrays, recording.table, recording.steps
    taken, heads = arrays["transition"][:end], arrays["head"][:end]
    grid = recording.data if isinstance(recording.data, Grid) else None
    places = heads[:, 0] * len(grid.rows[0]) + heads[:, 1] if grid else heads[:, 1]
    data = _under(places, arrays["data_write"][:end], _as_line(recording.data))
    work = _under(arrays["work_head"][:end], arrays["work_write"][:end], EMPTY)
    admitted = _admitted(table, 0)[taken, data] & _admitted(table, 1)[taken, work]
    if grid:
        admitted &= _edges_hold(table, taken, heads, grid)
    if not admitted.all():
        raise ValueError(f"the transition of step {int(np.argmin(admitted))} does not apply there")
    if applicable(table, recording.configuration(end)) != recording.transition(end):
        raise ValueError(f"the transition of step {end} is not the one that applies there")


def _as_line(tape: Line | Grid) -> Line:
    """A grid row after row; a line is one."""
    return tape if isinstance(tape, Line) else Line(tuple(symbol for row in tape.rows for symbol in row))


def _under(places: Array, written: Array, first: Line) -> Array:
    """The symbol at each of these places, when it is reached: what was `written` there last, or what the tape held at `first`.

    Example: places 0 1 0, written 5 NONE NONE, on a blank tape: 0 0 5.
    """
    order = np.argsort(places, kind="stable")  # all visits to a place together, in the order of time
    place, symbol = places[order], written[order]
    visits = np.arange(len(order))
    last = np.maximum.accumulate(np.where(symbol == NONE, -1, visits))
    before = np.concatenate(([-1], last[:-1]))[: len(order)]
    begins = np.maximum.accumulate(np.where(np.concatenate(([True], place[1:] != place[:-1]))[: len(order)], visits, 0))
    cells = np.array([*first.cells, BLANK], np.int64)
    inside = (place >= first.start) & (place < first.start + len(first.cells))
    held = cells[np.where(inside, place - first.start, -1)]
    seen = np.empty(len(order), np.int64)
    seen[order] = np.where(before >= begins, symbol[before], held)
    return seen


def _admitted(table: Table, tape: int) -> Truths:
    """Which symbols of a tape each transition admits: truth values of shape (transitions, symbols)."""
    symbols = len(table.tapes[tape].symbols) if tape < len(table.tapes) else 1
    admitted = np.zeros((max(1, len(table.transitions)), symbols), np.bool_)
    for number, transition in enumerate(table.transitions):
        admitted[number, list((transition.guard.data, transition.guard.work)[tape])] = True
    return admitted


def _edges_hold(table: Table, taken: Array, heads: Array, grid: Grid) -> Truths:
    """Whether the edges that the data head touches are those that the transitions ask for."""
    row, column = heads[:, 0], heads[:, 1]
    touching = np.stack((row == 0, row == len(grid.rows) - 1, column == 0, column == len(grid.rows[0]) - 1), axis=1)
    asked = [[NONE if test is None else int(test) for test in transition.guard.edges] for transition in table.transitions]
    tests = np.array(asked or [[NONE] * 4])[taken]
    return np.asarray(np.all((tests == NONE) | (tests == touching), axis=1))
