"""Table to table: the states that no chain of transitions from the start reaches are dropped.

Every run is preserved as it is.

    start a;  a: -> accept;  b: -> a      becomes      start a;  a: -> accept
"""

from __future__ import annotations

from tmc.ir.table import Table
from tmc.optimise.keep_states import keep_states


def drop_unreachable(table: Table) -> Table:
    """The same machine, where every state can be entered as far as the transitions alone tell.

    ::

        >>> tape, end = Tape("data", "line", ("_",)), Guard((0,), (0,))
        >>> table = Table("m", "", (tape,), ("a", "b"), 0, (Transition(0, end, ACCEPT), Transition(1, end, 0)))
        >>> drop_unreachable(table).states
        ('a',)
    """
    targets: list[set[int]] = [set() for _ in table.states]
    for transition in table.transitions:
        if not transition.halts:
            targets[transition.state].add(transition.target)
    reached, waiting = {table.start}, [table.start]
    while waiting:
        new = targets[waiting.pop()] - reached
        reached |= new
        waiting += new
    return keep_states(table, [state if state in reached else -1 for state in range(len(table.states))])
