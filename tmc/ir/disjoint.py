"""First match made disjoint: the guards of a state's rules, each without what the rules above it take.

What is left of a guard is cut into as few guards as a decision tree can: cut along a coordinate - the data symbol, the work symbol,
or one of the edges - so that values with equal remainders stay together, and choose the coordinates' order by trying.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from math import prod

from tmc.frozen import frozen
from tmc.ir.table import Guard

# A region is a set of readings, one bit each, numbered in mixed radix: one digit per coordinate.
Region = int
Box = tuple[tuple[int, ...], ...]  # the admitted values, coordinate by coordinate

_TWO = (2, 2, 2, 2)
_ADMITTED: dict[bool | None, tuple[int, ...]] = {None: (0, 1), False: (0,), True: (1,)}  # by an edge's test
MOST_READINGS_TO_TRY = 4096  # in larger spaces the coordinate with the fewest different remainders is taken untried


def first_match(guards: Sequence[Guard]) -> tuple[tuple[Guard, ...], ...]:
    """For each guard, disjoint guards that together admit what it admits and no earlier guard does (empty: it never applies).

    ::

        >>> [len(left) for left in first_match((Guard((1,), (0,)), Guard((0, 1), (0,)), Guard((0,), (0,))))]
        [1, 1, 0]
    """
    if not guards:
        return ()
    space = _space(guards)
    cutter = _Cutter(space.sizes)
    everywhere = tuple(range(len(space.sizes)))
    taken = 0
    result = []
    for guard in guards:
        region = space.region(guard)
        if region & taken:
            boxes = _merged(cutter.cut(region & ~taken, everywhere))
            result.append(tuple(sorted(map(space.guard, boxes), key=_order)))
        else:
            result.append((guard,))
        taken |= region
    return tuple(result)


@frozen
class _Space:
    """The readings that some guards can tell apart: symbols that no guard separates are one class; other edges do not count."""

    data: tuple[tuple[int, ...], ...]  # classes of data symbols
    work: tuple[tuple[int, ...], ...]
    edges: tuple[int, ...]  # the edges that some guard asks about

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each coordinate has."""
        return len(self.data), len(self.work), *_TWO[: len(self.edges)]

    def region(self, guard: Guard) -> Region:
        """The readings that a guard admits."""
        data, work = set(guard.data), set(guard.work)
        admitted: list[Sequence[int]] = [
            [number for number, symbols in enumerate(self.data) if symbols[0] in data],
            [number for number, symbols in enumerate(self.work) if symbols[0] in work],
        ]
        admitted += [_ADMITTED[guard.edges[edge]] for edge in self.edges]
        region = 1
        for stride, values in zip(_strides(self.sizes), admitted, strict=True):
            region = sum([region << stride * value for value in values])
        return region

    def guard(self, box: Box) -> Guard:
        """The guard that admits a box of readings."""
        tests: list[bool | None] = [None, None, None, None]
        for edge, values in zip(self.edges, box[2:], strict=True):
            tests[edge] = bool(values[0]) if len(values) == 1 else None
        top, bottom, left, right = tests
        return Guard(_united(self.data, box[0]), _united(self.work, box[1]), (top, bottom, left, right))


def _space(guards: Sequence[Guard]) -> _Space:
    edges = tuple(edge for edge in range(4) if any(guard.edges[edge] is not None for guard in guards))
    return _Space(_classes([guard.data for guard in guards]), _classes([guard.work for guard in guards]), edges)


def _classes(sets: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """The symbols of all sets, those that belong to the same sets together."""
    owners: dict[int, list[int]] = {}
    for number, symbols in enumerate(sets):
        for symbol in symbols:
            owners.setdefault(symbol, []).append(number)
    classes: dict[tuple[int, ...], list[int]] = {}
    for symbol in sorted(owners):
        classes.setdefault(tuple(owners[symbol]), []).append(symbol)
    return tuple(tuple(symbols) for symbols in classes.values())


def _united(classes: Sequence[tuple[int, ...]], numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(symbol for number in numbers for symbol in classes[number]))


@cache
def _strides(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(sizes[:coordinate]) for coordinate in range(len(sizes)))


class _Cutter:
    """Cuts regions of one space into boxes, and remembers what it has cut."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        self.sizes = sizes
        self.strides = _strides(sizes)
        self.planes = tuple(self._plane(coordinate) for coordinate in range(len(sizes)))
        self.try_all = prod(sizes) <= MOST_READINGS_TO_TRY
        self.cache: dict[tuple[Region, tuple[int, ...]], tuple[Box, ...]] = {}

    def cut(self, region: Region, coordinates: tuple[int, ...]) -> tuple[Box, ...]:
        """Disjoint boxes that make up a region which lies at value 0 of all but these coordinates."""
        if not region:
            return ()
        if not coordinates:
            return (tuple((0,) for _ in self.sizes),)
        key = (region, coordinates)
        if key not in self.cache:
            splits = {coordinate: self._slices(region, coordinate) for coordinate in coordinates}
            first = min(coordinates, key=lambda coordinate: len(splits[coordinate]))
            whole = len(splits[first]) == 1  # nothing is gained by cutting along another coordinate before
            tried = coordinates if self.try_all and not whole else (first,)
            self.cache[key] = min((self._cut_along(c, splits[c], coordinates) for c in tried), key=len)
        return self.cache[key]

    def _slices(self, region: Region, coordinate: int) -> dict[Region, list[int]]:
        """The non-empty remainders along a coordinate, moved to its value 0, with the values that have them."""
        slices: dict[Region, list[int]] = {}
        for value in range(self.sizes[coordinate]):
            part = (region >> (self.strides[coordinate] * value)) & self.planes[coordinate]
            if part:
                slices.setdefault(part, []).append(value)
        return slices

    def _plane(self, coordinate: int) -> Region:
        """All readings whose coordinate is 0."""
        block = (1 << self.strides[coordinate]) - 1
        period = self.strides[coordinate] * self.sizes[coordinate]
        return sum(block << start for start in range(0, prod(self.sizes), period))

    def _cut_along(self, coordinate: int, slices: dict[Region, list[int]], coordinates: tuple[int, ...]) -> tuple[Box, ...]:
        others = tuple(other for other in coordinates if other != coordinate)
        return tuple(
            (*box[:coordinate], tuple(values), *box[coordinate + 1 :])
            for part, values in slices.items()
            for box in self.cut(part, others)
        )


def _merged(boxes: tuple[Box, ...]) -> tuple[Box, ...]:
    """The boxes, those that differ in one coordinate only made one (a tree's cuts can part what belongs together)."""
    while True:
        before = len(boxes)
        for coordinate in range(len(boxes[0]) if boxes else 0):
            alike: dict[Box, list[int]] = {}
            for box in boxes:
                alike.setdefault((*box[:coordinate], *box[coordinate + 1 :]), []).extend(box[coordinate])
            boxes = tuple((*rest[:coordinate], tuple(sorted(values)), *rest[coordinate:]) for rest, values in alike.items())
        if len(boxes) == before:
            return boxes


def _order(guard: Guard) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    return guard.data, guard.work, tuple(_EDGE_ORDER[test] for test in guard.edges)


_EDGE_ORDER: dict[bool | None, int] = {True: 0, False: 1, None: 2}
