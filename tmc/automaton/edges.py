"""Table to table: every move off an edge of the grid becomes a stay.

A transition whose data head may or may not be stopped by an edge is split in two. (A grid has at least two rows and two columns:
a head at one edge is not at the opposite one.) Behaviour is preserved step for step; afterwards no move is ever stopped, so the
network needs no signal that an edge must swallow.

    state walk: otherwise, move right      becomes      at not right, move right;  at right, stay
"""

from __future__ import annotations

from dataclasses import replace

from tmc.ir.table import EdgeTest, Guard, Table, Transition
from tmc.ir.tape import EDGES, Move

_STOPPED_BY = {edge.value: index for index, edge in enumerate(EDGES)}
_OPPOSITE = (1, 0, 3, 2)  # the opposite of each of EDGES


def stop_at_edges(table: Table) -> Table:
    """The same machine, where no transition moves the data head off the grid. Lines are left as they are."""
    if not table.is_grid:
        return table
    return replace(table, transitions=tuple(piece for transition in table.transitions for piece in _split(transition)))


def _split(transition: Transition) -> tuple[Transition, ...]:
    if transition.halts or transition.move_data is Move.STAY:
        return (transition,)
    index = _STOPPED_BY[transition.move_data]
    test = transition.guard.edges[index]
    if transition.guard.edges[_OPPOSITE[index]]:
        return (transition,)
    if test is not None:
        return (_stopped(transition, transition.guard) if test else transition,)
    moves = Transition(
        transition.state,
        _testing(transition.guard, index, False),
        transition.target,
        transition.write_data,
        transition.write_work,
        transition.move_data,
        transition.move_work,
        transition.line,
        transition.file,
    )
    return (moves, _stopped(transition, _testing(transition.guard, index, True)))


def _stopped(transition: Transition, guard: Guard) -> Transition:
    """The transition under this guard, its data head stopped by the edge."""
    t = transition  # spelt out, as above: `replace` takes longer than all else here
    return Transition(t.state, guard, t.target, t.write_data, t.write_work, Move.STAY, t.move_work, t.line, t.file)


def _testing(guard: Guard, index: int, touching: bool) -> Guard:
    edges: EdgeTest = (*guard.edges[:index], touching, *guard.edges[index + 1 :])  # type: ignore[assignment]
    return Guard(guard.data, guard.work, edges)
