"""How many layers a run takes, from the transitions it takes: the construction's cost, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tmc.automaton.signals import SLIDE
from tmc.ir.table import Configuration, Transition, moved
from tmc.ir.tape import Move


def moments(taken: Iterable[tuple[Move, Move]], birth: int) -> Iterator[int]:
    """For each step the number of layers after which the control stands ready to take it, then the layer of the last one's end.

    `taken` are the operations of a run (moves that an edge stops count as stays); `birth` is the layer that creates the control:
    `m + d + 2` on a grid, 0 on a line.
    """
    ready, before = birth, (Move.STAY, Move.STAY)
    for operation in taken:
        ready += waiting(before, operation)
        yield ready
        ready += duration(operation)
        before = operation
    yield ready


def duration(operation: tuple[Move, Move]) -> int:
    """Layers from the start of a step until the control is at rest again: 1, and 1 for each head that moves; 2 for a slide."""
    move, push = operation
    if operation == SLIDE:
        return 2
    return 1 + (move is not Move.STAY) + (push is not Move.STAY)


def waiting(before: tuple[Move, Move], after: tuple[Move, Move]) -> int:
    """Layers that the control must wait between two operations, so that its waves keep their distance."""
    if before == SLIDE:
        return int(Move.LEFT in after)
    if before[0] is Move.RIGHT:
        return int(after[1] is not Move.STAY and after != SLIDE)
    return 0


def effective(configuration: Configuration, transition: Transition) -> tuple[Move, Move]:
    """The operation that a transition is here: a halting one moves nothing, and an edge stops a move."""
    if transition.halts:
        return (Move.STAY, Move.STAY)
    after = moved(configuration.data, configuration.head, transition.move_data)
    return (Move.STAY if after == configuration.head else transition.move_data, transition.move_work)
