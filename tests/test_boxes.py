"""Boxes: every set of values is covered exactly, whatever subset of the codes occurs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest

from tmc.automaton.boxes import Box, boxes
from tmc.ir.cells import code, width


def subsets(values: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for size in range(len(values) + 1):
        yield from combinations(values, size)


def holding(found: tuple[Box, ...], value: int, trits: int) -> int:
    """How many boxes hold the code of a value."""
    digits = code(value, trits)
    return sum(all(trit in allowed for trit, allowed in zip(digits, box, strict=True)) for box in found)


def check(chosen: tuple[int, ...], occurring: tuple[int, ...], trits: int) -> tuple[Box, ...]:
    found = boxes(chosen, occurring, trits)
    for value in occurring:
        assert holding(found, value, trits) == (value in chosen), (chosen, occurring, value)
    for box in found:
        assert len(box) == trits
        assert all(allowed and list(allowed) == sorted(set(allowed)) for allowed in box)
    return found


@pytest.mark.parametrize("occurring", [tuple(range(n)) for n in range(1, 10)] + [(0, 2, 5, 7), (0, 8), (0, 1, 4, 6, 8)])
def test_every_choice_is_covered_once_and_nothing_else(occurring: tuple[int, ...]) -> None:
    for chosen in subsets(occurring):
        found = check(chosen, occurring, width(max(occurring) + 1))
        assert len(found) <= len(chosen)


def test_every_choice_of_one_value_or_all_but_one_of_three_trits() -> None:
    occurring = tuple(range(0, 27, 2))
    for value in occurring:
        assert len(check((value,), occurring, 3)) == 1
        check(tuple(other for other in occurring if other != value), occurring, 3)
    assert len(check(occurring, occurring, 3)) == 1


def test_codes_that_do_not_occur_make_boxes_larger() -> None:
    assert boxes((1, 2), (0, 1, 2), 1) == (((-1, 1),),)
    assert boxes((0, 8), (0, 8), 2) == (((0, 1), (0, 1)),)
    assert len(boxes((0, 8), (0, 2, 8), 2)) == 2


def test_nothing_chosen_no_box() -> None:
    assert boxes((), (0, 1), 1) == ()
