"""Table to table: states that do the same become one, which keeps the name of the first.

Two states do the same if on every reading they have the same effect - or are both stuck - and go on in states that do the same.
Every run is preserved step for step, up to the names of states.

    a: on 1 -> b;  b: on 1 write 1 -> a      becomes      a: on 1 -> a
"""

from __future__ import annotations

from collections.abc import Hashable

from tmc.ir.table import Table
from tmc.optimise.keep_states import keep_states
from tmc.optimise.readings import Readings, Region, by_state


def merge_states(table: Table, readings: Readings | None = None) -> Table:
    """The same machine, where no two states do the same.

    ::

        >>> tape, on_1 = Tape("data", "line", ("_", "1")), Guard((1,), (0,))
        >>> table = Table("m", "", (tape,), ("a", "b"), 0, (Transition(0, on_1, 1), Transition(1, on_1, 0, write_data=1)))
        >>> merge_states(table).states
        ('a',)
    """
    readings = readings or Readings.of(table)
    classes = _Partition(table, readings).refined()
    first: dict[int, int] = {}
    return keep_states(table, [first.setdefault(number, state) for state, number in enumerate(classes)])


class _Partition:
    """States in classes, at first all in one. Classes are split until the states of each do the same, up to classes.

    Only a state that leads to one whose class has changed is looked at again, and the largest part of a class that is split
    keeps its number: so a state changes its class at most log2(states) times.
    """

    def __init__(self, table: Table, readings: Readings) -> None:
        changes: dict[Hashable, int] = {}
        self.classes = [0] * len(table.states)
        self.members = [set(range(len(table.states)))]
        self.leads_here: list[set[int]] = [set() for _ in table.states]
        self.effects: list[list[tuple[int, int, Region]]] = []  # the change as a number, the target, and where
        for state, transitions in enumerate(by_state(table)):
            behaviour = readings.behaviour(transitions)
            numbered = [(changes.setdefault(done[:-1], len(changes)), done.target, where) for done, where in behaviour.items()]
            self.effects.append(numbered)
            for _, target, _ in numbered:
                if target >= 0:
                    self.leads_here[target].add(state)

    def refined(self) -> list[int]:
        """The class of each state, in the coarsest partition whose classes need not be split."""
        unsure = set(range(len(self.classes)))
        while unsure:
            affected: dict[int, set[int]] = {}
            for state in unsure:
                affected.setdefault(self.classes[state], set()).add(state)
            parts = [part for number, states in affected.items() for part in self._split(number, states)]
            for part in parts:
                for state in part:
                    self.classes[state] = len(self.members)
                self.members.append(part)
            unsure = {source for part in parts for state in part for source in self.leads_here[state]}
        return self.classes

    def _split(self, number: int, states: set[int]) -> list[set[int]]:
        """The parts of a class that leave it. Its members other than `states` still do the same."""
        parts: dict[Hashable, set[int]] = {}
        others = self.members[number]
        others -= states
        if others:
            parts[self._does(next(iter(others)))] = others
        for state in states:
            parts.setdefault(self._does(state), set()).add(state)
        largest = max(parts.values(), key=len)
        self.members[number] = largest
        return [part for part in parts.values() if part is not largest]

    def _does(self, state: int) -> Hashable:
        """What a state does, up to the classes of the states it leads to."""
        regions: dict[tuple[int, int], Region] = {}
        for change, target, region in self.effects[state]:
            key = (change, target if target < 0 else self.classes[target])
            regions[key] = regions.get(key, 0) | region
        return frozenset(regions.items())
