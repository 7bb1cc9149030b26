"""The fewest boxes: readings shared out among disjoint boxes, each of which lies in one of some given regions.

The regions may overlap: what several of them hold can go to a box of any. Found by exhaustive search with iterative deepening,
which begins with as many boxes as there are readings no two of which fit one box; it gives up where it takes too long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from math import prod

from tmc.optimise.readings import Box, Readings, Region

MOST_READINGS = 64  # in a larger space, even with alike symbols taken together, no search is begun
MOST_BOXES = 4000  # looked at before the search gives up: some ten milliseconds

Values = tuple[int, ...]  # of one coordinate, that no region tells apart


class TooLarge(Exception):
    """The search takes too long."""


def fewest_boxes(readings: Readings, regions: Sequence[Region], most: int) -> tuple[Box, ...] | None:
    """Disjoint boxes that together hold what the regions hold, each in one region; None if that takes more than `most`.

    Raises `TooLarge` when finding out would take too long. ::

        >>> readings = Readings((2, 2, 1, 1, 1, 1))
        >>> fewest_boxes(readings, (0b0111,), 4)  # all but (1, 1)
        (((0,), (0, 1), (0,), (0,), (0,), (0,)), ((1,), (0,), (0,), (0,), (0,), (0,)))
    """
    search = _Search(readings, regions)
    for count in range(search.apart(search.everything), most + 1):
        boxes = search.cover(search.everything, count)
        if boxes is not None:
            return boxes
    return None


class _Search:
    """What the search for boxes knows."""

    def __init__(self, readings: Readings, regions: Sequence[Region]) -> None:
        self.readings, self.regions = readings, regions
        self.everything = 0
        for region in regions:
            self.everything |= region
        self.classes = tuple(self._classes(coordinate) for coordinate in range(len(readings.sizes)))
        if prod(map(len, self.classes)) > MOST_READINGS:
            raise TooLarge
        self.fitting: dict[int, Region] = {}
        self.hopeless: dict[Region, int] = {}
        self.seen = 0

    def cover(self, left: Region, most: int) -> tuple[Box, ...] | None:
        """At most `most` boxes that make up what is left; None if that takes more."""
        if not left:
            return ()
        if self.hopeless.get(left, 0) >= most or self.apart(left) > most:
            return None
        for box, region in self._boxes(left, _lowest(left)):
            others = self.cover(left & ~region, most - 1)
            if others is not None:
                return (box, *others)
        self.hopeless[left] = most
        return None

    def apart(self, left: Region) -> int:
        """How many readings were found no two of which fit one box: so many boxes at least it takes."""
        count = 0
        while left:
            left &= ~self._fits_with(_lowest(left))
            count += 1
        return count

    def _classes(self, coordinate: int) -> tuple[Values, ...]:
        """The values of a coordinate, those that no region tells apart together; not those that no region has."""
        alike: dict[tuple[Region, ...], list[int]] = {}
        for value in range(self.readings.sizes[coordinate]):
            alike.setdefault(tuple(self.readings.slice(region, coordinate, value) for region in self.regions), []).append(value)
        return tuple(tuple(values) for slices, values in alike.items() if any(slices))

    def _own(self, reading: int) -> tuple[Values, ...]:
        """The values that are not told apart from those of a reading."""
        return tuple(
            next(values for values in classes if value in values)
            for value, classes in zip(self.readings.values(reading), self.classes, strict=True)
        )

    def _fits_with(self, reading: int) -> Region:
        """The readings that some box in a region holds together with this one."""
        if reading not in self.fitting:
            own, fitting = self._own(reading), 0
            for other in product(*self.classes):
                span = self.readings.region(tuple(tuple(sorted({*a, *b})) for a, b in zip(own, other, strict=True)))
                if any(span & ~region == 0 for region in self.regions):
                    fitting |= self.readings.region(other)
            self.fitting[reading] = fitting
        return self.fitting[reading]

    def _boxes(self, left: Region, reading: int) -> Iterator[tuple[Box, Region]]:
        """The boxes in what is left of a region that hold this reading, the largest first."""
        found: dict[Region, Box] = {}
        own = self._own(reading)
        for free in (region & left for region in self.regions if region >> reading & 1):
            others = [self._free(free, own, coordinate) for coordinate in range(len(own))]
            self.seen += 2 ** sum(map(len, others))
            if self.seen > MOST_BOXES:
                raise TooLarge
            for box in product(*map(_unions, own, others)):
                region = self.readings.region(box)
                if region & ~free == 0:
                    found.setdefault(region, box)
        yield from ((found[region], region) for region in sorted(found, key=lambda region: -region.bit_count()))

    def _free(self, free: Region, own: tuple[Values, ...], coordinate: int) -> list[Values]:
        """The values of a coordinate other than the own ones that are free, the other coordinates being the own ones."""
        rows = ((values, (*own[:coordinate], values, *own[coordinate + 1 :])) for values in self.classes[coordinate])
        return [values for values, row in rows if values != own[coordinate] and self.readings.region(row) & ~free == 0]


def _unions(own: Values, others: Sequence[Values]) -> list[Values]:
    """The own values together with any of the others."""
    chosen = (pick for count in range(len(others) + 1) for pick in combinations(others, count))
    return [tuple(sorted(sum(pick, own))) for pick in chosen]


def _lowest(region: Region) -> int:
    return (region & -region).bit_length() - 1
