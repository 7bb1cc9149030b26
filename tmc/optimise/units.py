"""How many units of the network transitions take: what a pass that wants a small network asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from tmc.automaton.edges import stop_at_edges
from tmc.automaton.rows_to_grid import rows_to_grid
from tmc.automaton.rules_to_cells import rules_to_cells
from tmc.automaton.signals import Signals, fields_of
from tmc.automaton.transitions import TransitionRules
from tmc.ir.rules import Rules
from tmc.ir.table import Bounds, Table, Transition


class Units:
    """Counts units for the transitions of one machine.

    ::

        >>> table = Table("m", "", (Tape("data", "line", ("_", "0", "1")),), ("a", "b"), 0, ())
        >>> blank_or_0, write_1 = Guard((0, 1), (0,)), Guard((2,), (0,))
        >>> Units(table).of([Transition(0, blank_or_0, 1, write_data=2), Transition(0, write_1, 1)])  # one more for the 0
        3
    """

    def __init__(self, table: Table) -> None:
        self._table = replace(table, bounds=Bounds())
        self._cache: dict[tuple[Transition, ...], int] = {}

    def of(self, transitions: Iterable[Transition]) -> int:
        """The conjunctions that some transitions of one state become. Which other states they lead to makes no difference."""
        alone = tuple(map(_alone, transitions))
        if alone not in self._cache:
            table = replace(self._table, states=("here", "there"), start=0, transitions=alone)
            table = stop_at_edges(rows_to_grid(table))
            rules = TransitionRules(table, self._signals).rules()
            self._cache[alone] = len(rules_to_cells(Rules(fields_of(table, self._signals), rules, (), ())).conjunctions)
        return self._cache[alone]

    @cached_property
    def _signals(self) -> Signals:
        """Those of the whole machine."""
        return Signals.of(stop_at_edges(rows_to_grid(self._table)))


def _alone(transition: Transition) -> Transition:
    """The transition in a machine with the state 0, its own, and the state 1, which stands for any other."""
    target = transition.target if transition.halts else int(transition.target != transition.state)
    return replace(transition, state=0, target=target, line=0, file="")
