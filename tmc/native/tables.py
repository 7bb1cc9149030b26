"""Hash tables in arrays: what kernels find numbers in.

Three numbers are one *key*; under a key stands a row of numbers. And rows of numbers that are met again and again are numbered.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from tmc.native.jit import kernel, part
from tmc.native.written import Dimensions

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Floats = NDArray[np.float64]
TWO = Dimensions(2)
IntRows = Annotated[NDArray[np.int64], TWO]
NumberRows = Annotated[NDArray[np.int32], TWO]
Rows = Annotated[NDArray[np.float64], TWO]

BITS = 21  # of a number: three make a key
MOST = 1 << BITS  # numbers of a kind
EMPTY = -1  # no key
MULTIPLIER = 0x1E3779B97F4A7C15  # of the hash
ROOMY = 2  # slots of a hash table for every key, at least


@part
def key_of(one: int, two: int, three: int) -> int:
    """Three numbers as one."""
    return (np.int64(one) << 2 * BITS) | (np.int64(two) << BITS) | np.int64(three)  # type: ignore[return-value]


@part
def slot_of(keys: Ints, key: int) -> int:
    """Where a key is in a hash table, or where it may be put. (Unsigned: such indices cost one comparison less.)"""
    mask = np.uintp(len(keys) - 1)
    slot = np.uintp((key * MULTIPLIER) >> 32) & mask
    while keys[slot] != key and keys[slot] != EMPTY:
        slot = (slot + np.uintp(1)) & mask
    return slot  # type: ignore[return-value]


@part
def _alike(row: Floats, values: Floats) -> bool:
    """Whether two rows are the same, bit by bit."""
    for i in range(len(values)):  # noqa: SIM110 - as machine code it is fastest so
        if np.float64(row[i]).view(np.int64) != np.float64(values[i]).view(np.int64):
            return False
    return True


@part
def number_of(used: Ints, kind: int, rows: Rows, slots: Numbers, values: Floats) -> int:
    """The number of the row with these values, which is added if it is new; -1 if there is no room for it."""
    mask, mixed, factor = len(slots) - 1, np.int64(0), np.int64(MULTIPLIER)
    for i in range(len(values)):
        values[i] += 0.0  # there is but one zero
        bits = np.float64(values[i]).view(np.int64)
        mixed += (bits ^ (bits >> 31)) * factor
        factor += 2 * MULTIPLIER
    slot = (mixed >> 32) & mask
    while slots[slot] != EMPTY:
        if _alike(rows[slots[slot]], values):
            return int(slots[slot])
        slot = (slot + 1) & mask
    number = used[kind]
    if number >= len(rows):
        return -1
    for i in range(len(values)):
        rows[number, i] = values[i]
    slots[slot] = number
    used[kind] += 1
    return int(number)


@kernel
def number_rows(used: Ints, kind: int, rows: Rows, slots: Numbers, values: Rows, numbers: Numbers, begin: int) -> int:
    """Number the rows ``values[begin:]``. Returns how many have one: all, unless room ran out."""
    for index in range(begin, len(values)):
        number = number_of(used, kind, rows, slots, values[index])
        if number < 0:
            return index
        numbers[index] = number
    return len(values)


@kernel
def rehash(keys: Ints, rows: NumberRows, into_keys: Ints, into_rows: NumberRows) -> None:
    """Put all keys, with what stands under them, into a larger table."""
    for slot in range(len(keys)):
        if keys[slot] != EMPTY:
            into = slot_of(into_keys, keys[slot])
            into_keys[into] = keys[slot]
            for column in range(rows.shape[1]):
                into_rows[into, column] = rows[slot, column]


def empty_table(count: int, *shape: int) -> tuple[Ints, Numbers]:
    """An empty hash table for `count` keys: keys and what stands under them."""
    return np.full(ROOMY * count, EMPTY, dtype=np.int64), np.zeros((ROOMY * count, *shape), dtype=np.int32)
