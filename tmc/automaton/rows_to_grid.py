"""Table to table: a machine on the rows of a grid becomes one on the grid.

On the rows a head *wraps* in one step: from the end of a row to the start of the next, or back. On the grid it has to be carried
there. So a transition that may wrap is split at the row's end, and goes on through a state that only carries, its *carriage*:

    state s: otherwise  move right  -> t      becomes      state s: at not right           move right  -> t
                                                                    at bottom right                    -> t
                                                                    at not bottom right    move left   -> t (next row)
                                                           state t (next row):
                                                                    at not left            move left
                                                                    at not bottom left     move down   -> t

The first move of the way is the transition's own, and the last one enters the target: `d + 1` steps, and it takes as many moves. A
target has at most two carriages, whoever wraps to it. To the left everything is the same, mirrored.

What is preserved: the run. Leave out the configurations in a carriage, and what is left are those of the machine on rows, in their
order: same states, tapes and heads. The bound on steps allows for the carriages (`tmc.automaton.wraps`), the one on work stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tmc.automaton.wraps import steps_on_grid, wraps
from tmc.ir.table import ANY_EDGE, EdgeTest, Guard, Table, Transition
from tmc.ir.tape import EDGES, Edge, Move

Way = tuple[Move, int]  # where a wrap leads: to the right or to the left, to which state

_OPPOSITE = {Edge.TOP: Edge.BOTTOM, Edge.BOTTOM: Edge.TOP, Edge.LEFT: Edge.RIGHT, Edge.RIGHT: Edge.LEFT}
_ENDS = {Move.RIGHT: (Edge.RIGHT, Edge.BOTTOM), Move.LEFT: (Edge.LEFT, Edge.TOP)}  # of a row, and of the whole
_REMARKS = {Move.RIGHT: "next row", Move.LEFT: "row above"}


def rows_to_grid(table: Table) -> Table:
    """The same machine on the grid; a table whose data tape is a grid or a line is left as it is."""
    if not table.is_rows:
        return table
    pieces = tuple(piece for transition in table.transitions for piece in _split(transition))
    ways = dict.fromkeys((piece.move_data, piece.target) for piece in pieces if wraps(piece))
    carriages = {way: number for number, way in enumerate(ways, len(table.states))}
    on_grid = [_carried(piece, carriages) if wraps(piece) else piece for piece in pieces]
    on_grid += [transition for way in ways for transition in _carriage(way, carriages[way], table)]
    promise = table.bounds.steps
    return replace(
        table,
        tapes=(replace(table.data, kind="grid"), *table.tapes[1:]),
        states=_named(table.states, ways),
        transitions=tuple(on_grid),
        bounds=replace(table.bounds, steps=None if promise is None else steps_on_grid(promise, table.start, pieces)),
    )


def _split(transition: Transition) -> Iterator[Transition]:
    """The transition cut so that each piece always moves within the row, always wraps, or always stays at an end of the whole."""
    if transition.halts or transition.move_data is Move.STAY:
        yield transition
        return
    row_end, last_row = _ENDS[transition.move_data]
    for at_end in _possible(transition, row_end):
        piece = _asking(transition, row_end, at_end)
        if not at_end:
            yield piece
            continue
        for stopped in _possible(piece, last_row):
            yield replace(_asking(piece, last_row, stopped), move_data=Move.STAY if stopped else piece.move_data)


def _possible(transition: Transition, edge: Edge) -> tuple[bool, ...]:
    """Whether the head may touch an edge where this transition applies: the cases that there are.

    A grid has at least two rows and two columns: a head at one edge is not at the opposite one.
    """
    test, opposite = (transition.guard.edges[EDGES.index(e)] for e in (edge, _OPPOSITE[edge]))
    if test is not None:
        return (test,)
    return (False,) if opposite else (False, True)


def _asking(transition: Transition, edge: Edge, touching: bool) -> Transition:
    """The transition where the head touches an edge, or where it does not; as it is where there is only that case."""
    if len(_possible(transition, edge)) == 1:
        return transition
    guard = transition.guard
    return replace(transition, guard=replace(guard, edges=_with(guard.edges, edge, touching)))


def _with(tests: EdgeTest, edge: Edge, touching: bool) -> EdgeTest:
    top, bottom, left, right = (touching if edge is each else test for each, test in zip(EDGES, tests, strict=True))
    return (top, bottom, left, right)


def _carried(transition: Transition, carriages: dict[Way, int]) -> Transition:
    """A transition that wraps, on the grid: the first step of the way back along the row."""
    way = (transition.move_data, transition.target)
    return replace(transition, move_data=_back(way), target=carriages[way])


def _carriage(way: Way, state: int, table: Table) -> tuple[Transition, Transition]:
    """The transitions of a carriage: back to the other end of the row, then to the next row and into the target."""
    move, target = way
    row_end, last_row = _ENDS[move]
    start = _OPPOSITE[row_end]
    work = tuple(range(len(table.work.symbols))) if table.work else (0,)
    anywhere = Guard(tuple(range(len(table.data.symbols))), work)
    on_the_way = replace(anywhere, edges=_with(ANY_EDGE, start, False))
    at_the_start = replace(anywhere, edges=_with(_with(ANY_EDGE, start, True), last_row, False))
    return (
        Transition(state, on_the_way, state, move_data=_back(way)),
        Transition(state, at_the_start, target, move_data=last_row.value),
    )


def _back(way: Way) -> Move:
    return Move.LEFT if way[0] is Move.RIGHT else Move.RIGHT


def _named(states: tuple[str, ...], ways: dict[Way, None]) -> tuple[str, ...]:
    """The names of all states; a carriage's says where it leads."""
    names, taken = list(states), set(states)
    for move, target in ways:
        name = f"{states[target]} ({_REMARKS[move]})"
        while name in taken:
            name += "'"
        names.append(name)
        taken.add(name)
    return tuple(names)
