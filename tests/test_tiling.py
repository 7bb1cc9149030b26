"""The fewest boxes: against brute force where that can be done."""

from __future__ import annotations

from functools import cache
from itertools import chain, combinations, product
from random import Random

import pytest

from tmc.optimise import tiling
from tmc.optimise.readings import Box, Readings, Region
from tmc.optimise.tiling import TooLarge, fewest_boxes

SMALL = (Readings((3, 2, 1, 1, 1, 1)), Readings((2, 2, 2, 1, 1, 1)), Readings((3, 3, 1, 1, 1, 1)))


def boxes_of(readings: Readings) -> list[Region]:
    sides = [chain(*(combinations(range(size), count) for count in range(1, size + 1))) for size in readings.sizes]
    return [readings.region(box) for box in product(*sides)]


def fewest(readings: Readings, regions: list[Region]) -> int:
    """By trying everything."""
    boxes = [box for box in boxes_of(readings) if any(box & ~region == 0 for region in regions)]

    @cache
    def needed(left: Region) -> int:
        lowest = left & -left
        return 1 + min(needed(left & ~box) for box in boxes if box & lowest and box & ~left == 0) if left else 0

    everything = 0
    for region in regions:
        everything |= region
    return needed(everything)


def check(readings: Readings, regions: list[Region], boxes: tuple[Box, ...]) -> None:
    taken = 0
    for region in map(readings.region, boxes):
        assert not region & taken
        assert any(region & ~one == 0 for one in regions)
        taken |= region
    assert all(region & ~taken == 0 for region in regions)


@pytest.mark.parametrize("readings", SMALL, ids=str)
def test_no_fewer_boxes_will_do(readings: Readings) -> None:
    random = Random(0)
    count = readings.region(tuple(tuple(range(size)) for size in readings.sizes)).bit_length()
    for number in range(60):
        regions = [random.randrange(1, 1 << count) for _ in range(1 + number % 3)]
        boxes = fewest_boxes(readings, regions, count)
        assert boxes is not None
        check(readings, regions, boxes)
        assert len(boxes) == fewest(readings, regions)
        assert fewest_boxes(readings, regions, len(boxes) - 1) is None


def test_values_that_nothing_tells_apart_cost_nothing() -> None:
    readings = Readings((200, 200, 2, 2, 2, 2))
    odd = readings.region((tuple(range(1, 200, 2)), tuple(range(200)), *((0, 1),) * 4))
    assert fewest_boxes(readings, [odd], 1) == ((tuple(range(1, 200, 2)), tuple(range(200)), *((0, 1),) * 4),)


def test_it_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = Readings((9, 9, 1, 1, 1, 1))
    region = sum(1 << (10 * i) for i in range(9))
    with pytest.raises(TooLarge):
        fewest_boxes(readings, [region], 9)
    line = Readings((40, 1, 1, 1, 1, 1))
    single = [1 << i for i in range(40)]
    with pytest.raises(TooLarge):
        fewest_boxes(line, [(1 << 40) - 1, *single], 1)
    monkeypatch.setattr(tiling, "MOST_BOXES", 2)
    with pytest.raises(TooLarge):
        fewest_boxes(SMALL[0], [0b001_011], 4)
