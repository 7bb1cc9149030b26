"""Which layer of the network belongs to which step of the machine: the construction's cost, counted along a walk."""

from __future__ import annotations

from collections.abc import Iterator

from tmc.ir.table import Table, Transition
from tmc.ir.tape import Grid, Line, Move
from tmc.testing.timing import duration, waiting

Operation = tuple[Move, Move]
STAY: Operation = (Move.STAY, Move.STAY)


def birth(data: Grid | Line) -> int:
    """The layer that creates the control: until then the network of a learner decodes its memory."""
    return len(data.rows) + len(data.rows[0]) if isinstance(data, Grid) else 0


class Clock:
    """Tells after how many layers the control stands ready for a step. `ready`: when it is at rest after those that were taken."""

    def __init__(self, begin: int) -> None:
        self.ready, self._before = begin, STAY

    def begins(self, operation: Operation) -> int:
        """When the next step begins, if it is this operation."""
        return self.ready + waiting(self._before, operation)

    def take(self, operations: Iterator[Operation]) -> None:
        """A step is taken: the operations of the network that it is."""
        for operation in operations:
            self.ready = self.begins(operation) + duration(operation)
            self._before = operation


def operations(table: Table, transition: Transition, columns: int, before: int, after: int) -> Iterator[Operation]:
    """The operations of the network that a step is, whose data head moves from one place to another (`tmc.run.walk`): one, but for
    a machine on rows that wraps from the end of one row to the next, `tmc.automaton.rows_to_grid`."""
    if transition.halts:
        yield STAY
        return
    move = transition.move_data if before != after else Move.STAY
    if not table.is_rows or before // columns == after // columns:
        yield move, transition.move_work
        return
    right = move is Move.RIGHT
    back, last = (Move.LEFT, Move.DOWN) if right else (Move.RIGHT, Move.UP)
    yield back, transition.move_work
    for _ in range(columns - 2):
        yield back, Move.STAY
    yield last, Move.STAY
