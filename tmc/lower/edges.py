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

_OPPOSITE = (1, 0, 3, 2)  # the opposite of each of EDGES


def stop_at_edges(table: Table) -> Table:
    """The same machine, where no transition moves the data head off the grid. Lines are left as they are."""
    if not table.is_grid:
        return table
    return replace(table, transitions=tuple(piece for transition in table.transitions for piece in _split(transition)))


def _split(transition: Transition) -> tuple[Transition, ...]:
    if transition.halts or transition.move_data is Move.STAY:
        return (transition,)
    index = next(i for i, edge in enumerate(EDGES) if edge.value is transition.move_data)
    test = transition.guard.edges[index]
    if transition.guard.edges[_OPPOSITE[index]]:
        return (transition,)
    stopped = replace(transition, move_data=Move.STAY)
    if test is not None:
        return (stopped if test else transition,)
    return (_testing(transition, index, False), _testing(stopped, index, True))


def _testing(transition: Transition, index: int, touching: bool) -> Transition:
    edges: EdgeTest = (*transition.guard.edges[:index], touching, *transition.guard.edges[index + 1 :])  # type: ignore[assignment]
    return replace(transition, guard=Guard(transition.guard.data, transition.guard.work, edges))
