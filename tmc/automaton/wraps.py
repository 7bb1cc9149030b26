"""How many steps a machine on rows takes on the grid: a bound, from its table and what it promises.

A head *wraps* when it goes from the end of a row to the start of the next, or back. That takes 1 step on the rows and `d + 1` on
the grid, so `t` steps with `w` wraps become `t + w·d`. How large can `w` be?

- A head that never wraps to the left never comes back to a row: `w ≤ m`.
- A *crossing* is the way from one end of a row to its other end. It takes `d` moves or more, and no two share a move: there are at
  most `t/d`. If at most `k` wraps can happen without a crossing between them, then `w ≤ k·(t/d + 1)`, and `t + k·(t + d)` steps do.
- Else the head may shuttle between the end of a row and the start of the next, and wrap in every step: `w ≤ t`.

What can happen is read off a graph: a node is a state and a place in the row, and all transitions of the state that can be taken in
this place lead on, whatever symbols and whichever row they ask for. So it has every way that a run can take, and some others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from tmc.automaton.components import strong_components
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import Transition
from tmc.ir.tape import EDGES, Edge, Move


class RowPlace(Enum):
    """A place in a row of two or more cells: one of its ends, or between them; then, which end the head was at last."""

    LEFT_END = 0
    FROM_LEFT = 1
    FROM_RIGHT = 2
    RIGHT_END = 3


class MoveKind(Enum):
    """What a move is."""

    PLAIN = 0
    CROSSING = 1  # it ends one
    WRAP = 2


Node = tuple[int, RowPlace]  # the state is a number
Graph = dict[Node, tuple[tuple[Node, MoveKind], ...]]

_LEAVE_LEFT = ((RowPlace.FROM_LEFT, MoveKind.PLAIN), (RowPlace.RIGHT_END, MoveKind.CROSSING))  # the second: in a row of two
_LEAVE_RIGHT = ((RowPlace.FROM_RIGHT, MoveKind.PLAIN), (RowPlace.LEFT_END, MoveKind.CROSSING))
_MOVES = {
    (Move.RIGHT, RowPlace.LEFT_END): _LEAVE_LEFT,
    (Move.RIGHT, RowPlace.FROM_LEFT): _LEAVE_LEFT,
    (Move.RIGHT, RowPlace.FROM_RIGHT): ((RowPlace.FROM_RIGHT, MoveKind.PLAIN), (RowPlace.RIGHT_END, MoveKind.PLAIN)),
    (Move.RIGHT, RowPlace.RIGHT_END): ((RowPlace.LEFT_END, MoveKind.WRAP),),
    (Move.LEFT, RowPlace.RIGHT_END): _LEAVE_RIGHT,
    (Move.LEFT, RowPlace.FROM_RIGHT): _LEAVE_RIGHT,
    (Move.LEFT, RowPlace.FROM_LEFT): ((RowPlace.FROM_LEFT, MoveKind.PLAIN), (RowPlace.LEFT_END, MoveKind.PLAIN)),
    (Move.LEFT, RowPlace.LEFT_END): ((RowPlace.RIGHT_END, MoveKind.WRAP),),
}


def wraps(transition: Transition) -> bool:
    """Whether a transition, already split at the ends of rows, wraps."""
    if transition.halts:
        return False
    return any(edge.value is transition.move_data and transition.guard.edges[EDGES.index(edge)] for edge in (Edge.LEFT, Edge.RIGHT))


def steps_on_grid(promise: Polynomial, start: int, transitions: Iterable[Transition]) -> Polynomial:
    """A bound on the steps on the grid of a machine that keeps to `promise` on rows.

    `transitions` are on rows, each split so that it always wraps or never does, and never moves where an end of the whole stops it.
    """
    graph = _graph(start, transitions)
    wrapping = {place for (_, place), ways in graph.items() for _, step in ways if step is MoveKind.WRAP}
    m, d, one = Polynomial.variable("m"), Polynomial.variable("d"), Polynomial.constant(1)
    if RowPlace.RIGHT_END not in wrapping:  # the head begins in the first row, and stays there
        return promise
    if RowPlace.LEFT_END not in wrapping:
        return promise + m * d
    most = most_wraps(graph)
    if most is None:
        return promise * (d + one)
    return promise + Polynomial.constant(most) * (promise + d)


def _graph(start: int, transitions: Iterable[Transition]) -> Graph:
    """All that can be reached from the start: the first cell of a row."""
    by_state: dict[int, list[Transition]] = {}
    for transition in transitions:
        if not transition.halts:
            by_state.setdefault(transition.state, []).append(transition)
    graph: Graph = {}
    waiting = [(start, RowPlace.LEFT_END)]
    while waiting:
        node = waiting.pop()
        if node not in graph:
            graph[node] = tuple(way for transition in by_state.get(node[0], ()) for way in _ways(transition, node[1]))
            waiting += [after for after, _ in graph[node]]
    return graph


def _ways(transition: Transition, place: RowPlace) -> Iterator[tuple[Node, MoveKind]]:
    """Where a transition may lead from here."""
    ends = ((Edge.LEFT, RowPlace.LEFT_END), (Edge.RIGHT, RowPlace.RIGHT_END))
    if any(transition.guard.edges[EDGES.index(edge)] not in (None, place is end) for edge, end in ends):
        return
    for after, step in _MOVES.get((transition.move_data, place), ((place, MoveKind.PLAIN),)):
        yield (transition.target, after), step


def most_wraps(graph: Graph) -> int | None:
    """The most wraps on any path without a crossing; None if there is no limit, as some cycle wraps."""
    ways = {
        node: [(after, step is MoveKind.WRAP) for after, step in ways if step is not MoveKind.CROSSING]
        for node, ways in graph.items()
    }
    ordered = strong_components({node: [after for after, _ in ways[node]] for node in ways})
    index = {node: here for here, component in enumerate(ordered) for node in component}
    most = [0] * len(ordered)  # wraps on the way to each component
    for here, component in enumerate(ordered):
        for after, wrapping in (way for node in component for way in ways[node]):
            there = index[after]
            if wrapping and there == here:
                return None
            most[there] = max(most[there], most[here] + wrapping)
    return max(most)
