"""Table to table: only some of the states, numbered anew in their old order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tmc.ir.table import Table


def keep_states(table: Table, instead: Sequence[int]) -> Table:
    """The table without the states for which another stands: `instead[state]` is the state itself if it stays, another one that
    stays if transitions are led there, and -1 if it goes and nothing that stays leads to it.

    ::

        >>> table = Table("m", "", (Tape("data", "line", ("_",)),), ("a", "b", "c"), 2, ())
        >>> keep_states(table, (-1, 1, 1)).states
        ('b',)
    """
    kept = [state for state, other in enumerate(instead) if state == other]
    if len(kept) == len(table.states):
        return table
    number = {state: position for position, state in enumerate(kept)}
    transitions = tuple(
        replace(t, state=number[t.state], target=t.target if t.halts else number[instead[t.target]])
        for t in table.transitions
        if t.state in number
    )
    return replace(
        table,
        states=tuple(table.states[state] for state in kept),
        start=number[instead[table.start]],
        transitions=transitions,
    )
