"""Reactions: what a machine does about a reading, so that two transitions with the same effect have the same reaction."""

from __future__ import annotations

from tmc.ir.table import Table, Transition
from tmc.ir.tape import EDGES, Move, Symbol, Touching

Reading = tuple[int, Symbol, Symbol, Touching]  # state, data symbol, work symbol, the edges that are touched
Reaction = tuple[int, Symbol, Symbol, Move, Move]  # target, the symbols left under the heads, moves


class Reactions:
    """The reactions of a machine, each worked out once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._transitions: list[list[Transition]] = [[] for _ in table.states]
        for transition in table.transitions:
            self._transitions[transition.state].append(transition)
        self._found: dict[Reading, Reaction | None] = {}

    def transition(self, reading: Reading) -> Transition | None:
        """The transition that applies; None: the machine is stuck."""
        return next((one for one in self._transitions[reading[0]] if one.guard.admits(*reading[1:])), None)

    def __getitem__(self, reading: Reading) -> Reaction | None:
        """The reaction; None: the machine is stuck."""
        if reading not in self._found:
            taken = self.transition(reading)
            self._found[reading] = None if taken is None else self._reaction(taken, reading)
        return self._found[reading]

    def _reaction(self, taken: Transition, reading: Reading) -> Reaction:
        _, data, work, touching = reading
        left_data = data if taken.write_data is None else taken.write_data
        left_work = work if taken.write_work is None else taken.write_work
        if taken.halts:
            return taken.target, left_data, left_work, Move.STAY, Move.STAY
        move = Move.STAY if taken.move_data in stopped(self.table, touching) else taken.move_data
        return taken.target, left_data, left_work, move, taken.move_work


def stopped(table: Table, touching: Touching) -> tuple[Move, ...]:
    """The moves of the data head that do nothing at these edges. On rows only the two ends of the whole stop the head."""
    top, bottom, left, right = touching
    stops = (False, False, top and left, bottom and right) if table.is_rows else touching
    return tuple(Move(edge.value) for edge, stop in zip(EDGES, stops, strict=True) if stop)
