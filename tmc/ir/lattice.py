"""A lattice of cells that all follow one local rule: what the stages `rules`, `cells` and `filters` have in common.

A cell is a tuple of numbers. What stands beyond the edges is a fixed border cell. The local rule maps a cell's *patch* - the
nine cells of its neighbourhood, row by row - to the cell's next value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

Cell = tuple[Any, ...]  # of integers, but for the paper's scale, at which a cell is a fraction
Lattice = tuple[tuple[Cell, ...], ...]
Patch = tuple[Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell]
Local = Callable[[Patch], Cell]
Test = tuple[int, int, Collection[int]]  # of a patch: a place, a part of the cell there, and the different values that pass

NORTH_WEST, NORTH, NORTH_EAST, WEST, HERE, EAST, SOUTH_WEST, SOUTH, SOUTH_EAST = range(9)
PLACES = ("north-west", "north", "north-east", "west", "here", "east", "south-west", "south", "south-east")
OFFSETS = tuple((row, column) for row in (-1, 0, 1) for column in (-1, 0, 1))  # of the places, in their order


def matching(guards: Sequence[Sequence[Test]]) -> Callable[[Patch], list[int]]:
    """The function from a patch to the numbers of those guards all of whose tests it passes, in order.

    Of each guard one test is looked up: one that a cell at rest, which is 0 nearly everywhere, does not pass, if there is one. The
    others are tried only where it passes, so most guards cost nothing.
    """
    asked = Counter(test[:2] for guard in guards for test in guard)
    always = [number for number, guard in enumerate(guards) if not guard]
    lookups: dict[tuple[int, int], dict[int, list[tuple[int, list[Test]]]]] = {}
    for number, guard in enumerate(guards):
        if guard:
            first = min(guard, key=lambda test: (0 in test[2], len(test[2]), -asked[test[:2]], test[:2]))
            rest = [test for test in guard if test is not first]
            by_value = lookups.setdefault(first[:2], {})
            for value in first[2]:
                by_value.setdefault(value, []).append((number, rest))

    def holding(patch: Patch) -> list[int]:
        numbers = always.copy()
        for (place, part), by_value in lookups.items():
            for number, rest in by_value.get(patch[place][part], ()):
                for where, which, values in rest:
                    if patch[where][which] not in values:
                        break
                else:
                    numbers.append(number)
        return sorted(numbers)

    return holding


def advance(local: Local, border: Cell, lattice: Lattice) -> Lattice:
    """One layer: every cell's next value, all at once."""
    evolution = Evolution(local, border, lattice)
    evolution.advance()
    return evolution.lattice


class Evolution:
    """A lattice that is advanced layer by layer, evaluating only cells whose patch has changed.

    All other cells are at a fixed point of the same function, so this is `advance`, repeated. Patches already met are looked up.
    """

    def __init__(self, local: Local, border: Cell, lattice: Lattice, cache: dict[Patch, Cell] | None = None) -> None:
        self._local = local
        self._cache: dict[Patch, Cell] = {} if cache is None else cache
        self._height, self._width = len(lattice), len(lattice[0])
        edge = [border] * (self._width + 2)
        self._rows = [edge, *([border, *row, border] for row in lattice), edge]
        self._changed = {(r, c) for r in range(1, self._height + 1) for c in range(1, self._width + 1)}
        self.layers = 0

    @property
    def lattice(self) -> Lattice:
        """The lattice as it is now."""
        return tuple(tuple(row[1:-1]) for row in self._rows[1:-1])

    @property
    def size(self) -> tuple[int, int]:
        """Its rows and columns."""
        return self._height, self._width

    @property
    def at_rest(self) -> bool:
        """Whether the last layer changed nothing: a fixed point."""
        return not self._changed

    def cell(self, row: int, column: int) -> Cell:
        """One cell as it is now."""
        return self._rows[row + 1][column + 1]

    def changed(self) -> Iterator[tuple[int, int]]:
        """The cells that the last layer changed (all, before the first)."""
        return ((row - 1, column - 1) for row, column in self._changed)

    def advance(self) -> None:
        """One layer."""
        updates = []
        for row, column in self._dirty():
            value = self._next(row, column)
            if value != self._rows[row][column]:
                updates.append((row, column, value))
        for row, column, value in updates:
            self._rows[row][column] = value
        self._changed = {(row, column) for row, column, _ in updates}
        self.layers += 1

    def _dirty(self) -> set[tuple[int, int]]:
        """The cells that see a changed cell."""
        return {
            (row + up, column + left)
            for row, column in self._changed
            for up, left in OFFSETS
            if 1 <= row + up <= self._height and 1 <= column + left <= self._width
        }

    def _next(self, row: int, column: int) -> Cell:
        above, here, below = self._rows[row - 1], self._rows[row], self._rows[row + 1]
        west, east = column - 1, column + 2
        patch: Patch = (*above[west:east], *here[west:east], *below[west:east])  # type: ignore[assignment]
        if patch not in self._cache:
            self._cache[patch] = self._local(patch)
        return self._cache[patch]
