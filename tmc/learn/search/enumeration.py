"""Every table of a shape once, in canonical order: the same machine with its states named otherwise is not tried again.

A table is canonical when its states stand in the order in which they are first mentioned, reading the entries of state 0, then
those of state 1, and so on; a state that nothing mentions has no transitions, nor have those after it. A halt neither writes nor
moves. So two canonical tables differ in what some state that can be reached does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import log2

import numpy as np
from numpy.typing import NDArray

from tmc.ir.table import ACCEPT, REJECT, Guard, Transition
from tmc.run.shapes import Entries, MachineShape, described

LARGEST = 1 << 62  # tables that are numbered in 64 bits, with room for sums
_HALTS = (ACCEPT, REJECT)


@dataclass(frozen=True)
class AllTables:
    """The canonical tables of `shape`. Number 0 accepts at once, whatever it reads; the last entry changes fastest."""

    shape: MachineShape

    @cached_property
    def size(self) -> int:
        """How many there are."""
        return self._left[0][1]

    @property
    def numbered(self) -> bool:
        """Whether they are few enough to be tried one after the other. Of many states that is known without `size`, which takes
        long: each may be mentioned first by the first entry of the one before, and all other entries are free."""
        free = len(self._readings) - self.shape.states
        return free * log2(len(_HALTS) + len(self._steps)) <= log2(LARGEST) and self.size <= LARGEST

    @property
    def name(self) -> str:
        """See `Prior`."""
        return f"all tables of {described(self.shape)}"

    @cached_property
    def _readings(self) -> list[tuple[int, Guard]]:
        return list(self.shape.readings())

    @cached_property
    def _steps(self) -> list[Transition]:
        """What may be done on going on to state 0: symbols and moves."""
        shape, nothing = self.shape, Guard((0,), (0,))
        return [
            Transition(0, nothing, 0, data, work, move, work_move)
            for data in range(shape.data_symbols)
            for work in range(shape.work_symbols)
            for move in shape.moves
            for work_move in shape.work_moves
        ]

    @cached_property
    def _left(self) -> list[list[int]]:
        """In how many ways the entries from each place on can be filled, when so many states have been mentioned before it."""
        states, steps = self.shape.states, len(self._steps)
        ways = [[1] * (states + 1)]
        for place, _ in reversed(self._readings):
            state, after = place >> self.shape.reading_bits, ways[0]
            row = [1] * (states + 1)
            for known in range(state + 1, states + 1):
                row[known] = (len(_HALTS) + known * steps) * after[known] + (steps * after[known + 1] if known < states else 0)
            ways.insert(0, row)
        return ways

    def machines(self, first: int, count: int) -> Entries:
        """See `Prior`. ValueError when there are too many to be numbered: then they can only be drawn."""
        if not self.numbered:
            raise ValueError("more than 2^62 tables are too many to be tried one after the other; draw them")
        if not 0 <= first <= first + count <= self.size:
            raise ValueError(f"there are {self.size} tables, so there are no numbers from {first} to {first + count - 1}")
        shape, number = self.shape, np.arange(first, first + count, dtype=np.int64)
        entries = np.zeros((count, shape.states << shape.reading_bits), np.uint32)
        known, steps = np.ones(count, np.int64), len(self._steps)
        for (place, guard), ways in zip(self._readings, self._left[1:], strict=True):
            found = self._entries(guard)
            left = np.array([min(way, LARGEST) for way in ways], np.int64)  # larger ones are never reached
            reached = known > place >> shape.reading_bits
            here = left[known]
            inside = (len(_HALTS) + known * steps) * here
            fresh = reached & (number >= inside)  # it goes on to a state that was not mentioned before
            number = np.where(fresh, number - inside, number)
            known = known + fresh
            here = np.where(fresh, left[known], here)
            digit = np.where(fresh, len(_HALTS) + (known - 1) * steps, 0) + number // here
            entries[:, place] = found[np.where(reached, digit, -1)]
            number = np.where(reached, number % here, number)
        return entries

    def _entries(self, guard: Guard) -> NDArray[np.uint32]:
        """What may stand in the entry for a reading: halts, then steps to each state; at the end, that no transition applies."""
        shape = self.shape
        first = [shape.entry(guard, replace(step, guard=guard)) for step in self._steps]
        width = shape.entry(guard, Transition(0, guard, 1)) - shape.entry(guard, Transition(0, guard, 0))
        halts = [shape.entry(guard, Transition(0, guard, target)) for target in _HALTS]
        steps = [entry + state * width for state in range(shape.states) for entry in first]
        return np.array([*halts, *steps, shape.entry(guard, None)], np.uint32)
