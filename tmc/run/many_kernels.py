"""The loops of `tmc.run.many`, compiled by numba: short runs of small machines, one after the other."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from tmc.native.jit import kernel, part
from tmc.native.written import Dimensions
from tmc.run.shapes import MOVE_BIT, NEXT_BIT, WORK_MOVE_BIT

ENTRIES, READING_BITS, WORK_MASK, DATA_MASK, CELLS, HEAD, LIMIT = range(7)  # what `sizes` holds

Words = NDArray[np.uint16]
Sizes = tuple[int, int, int, int, int, int, int]
Verdicts = Annotated[NDArray[np.uint8], Dimensions(2)]
Steps = Annotated[NDArray[np.int32], Dimensions(2)]
Table = NDArray[np.uint32]  # the entries of machines, one after the other

_MOVE, _WORK_MOVE, _NEXT = np.uint32(MOVE_BIT), np.uint32(WORK_MOVE_BIT), np.uint32(NEXT_BIT)
_MOVES, _WORK_MOVES, _ONE, _TWO = np.uint64(63), np.uint64(3), np.uint64(1), np.uint64(2)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_STRIDE, _FACTOR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


@part
def _run(
    table: Table, machine: int, sizes: Sizes, data: Words, number: int, cells: Words, work: Words, shifts: NDArray[np.uint64]
) -> tuple[int, int]:
    """One run of a machine on a copy of an input, in `cells`. The work tape is blank, before and after. Returns verdict and steps.

    The cells at which a head stands have eight shifts each in one of the words `shifts`, one for each move. A machine that is
    where it was after 1, 2, 4, 8, … steps, and has changed no cell since, goes round for ever: it is not run to its limit.
    """
    base, end, bits, limit = (
        np.uint64(machine * sizes[ENTRIES]),
        np.uint64(sizes[ENTRIES]),
        np.uint64(sizes[READING_BITS]),
        sizes[LIMIT],
    )
    data_mask, work_mask = np.uint32(sizes[DATA_MASK]), np.uint32(sizes[WORK_MASK])
    begin = number * sizes[CELLS]
    for index in range(sizes[CELLS]):
        cells[index] = data[begin + index]
    head, spot, state = np.uint64(sizes[HEAD]), np.uint64(limit + 1), np.uint64(0)
    taken, mark, changed = 0, 1, np.uint32(0)
    marked_head, marked_spot, marked_state = head, spot, ~end
    round_for_ever = False
    while taken < limit and state < end and not round_for_ever:
        entry = table[base + (state | np.uint64(cells[head]) | np.uint64(work[spot]))]
        cells[head] ^= np.uint16(entry & data_mask)
        work[spot] ^= np.uint16(entry & work_mask)
        state = np.uint64(entry >> _NEXT)
        head += np.uint64(np.int64(np.int8(shifts[head] >> (np.uint64(entry >> _MOVE) & _MOVES))))
        spot += (np.uint64(entry >> _WORK_MOVE) & _WORK_MOVES) - _ONE
        taken += 1
        changed |= entry & (data_mask | work_mask)
        round_for_ever = state == marked_state and head == marked_head and spot == marked_spot and not changed
        if taken == mark:
            mark, changed = 2 * mark, np.uint32(0)
            marked_head, marked_spot, marked_state = head, spot, state
    begin, steps = limit + 1 - taken, taken
    if round_for_ever:
        verdict, steps = 3, limit
    elif state < end:  # out of steps: is there one more?
        state = np.uint64(table[base + (state | np.uint64(cells[head]) | np.uint64(work[spot]))] >> _NEXT)
        verdict = 2 if np.int64((state - end) >> bits) == 2 else 3
    else:
        verdict = int((state - end) >> bits)
        steps -= int(verdict == 2)  # that entry was no step
    for index in range(2 * taken + 1):
        work[begin + index] = 0
    return verdict, steps


@kernel
def answer(
    table: Table, sizes: Sizes, data: Words, shifts: NDArray[np.uint64], cells: Words, work: Words, verdicts: Verdicts, steps: Steps
) -> None:
    """Every machine on every input: `verdicts` and `steps` (machines, inputs). In `cells` and `work`, both 0, machines run."""
    for machine in range(verdicts.shape[0]):
        for number in range(verdicts.shape[1]):
            verdict, taken = _run(table, machine, sizes, data, number, cells, work, shifts)
            verdicts[machine, number], steps[machine, number] = verdict, taken


@kernel
def draw(table: Table, places: NDArray[np.uint64], old: Table, choices: Table, seed: int) -> None:
    """Draw a machine: for each of an even number of places a choice that depends on the place and the seed alone."""
    count = np.uint64(len(choices))
    value = np.uint64(seed)
    for pair in range(np.uint64(len(places) >> 1)):
        value += _STRIDE
        hashed = (value ^ (value >> _HALF)) * _FACTOR
        hashed = (hashed ^ (hashed >> _HALF)) * _FACTOR
        hashed ^= hashed >> _HALF
        one = _TWO * pair
        table[places[one]] = choices[((hashed >> _HALF) * count) >> _HALF] ^ old[one]
        table[places[one + _ONE]] = choices[((hashed & _LOW) * count) >> _HALF] ^ old[one + _ONE]


@kernel
def score(
    table: Table, seeds: NDArray[np.uint64], places: NDArray[np.uint64], old: Table, choices: Table,
    sizes: Sizes, data: Words, shifts: NDArray[np.uint64], cells: Words, work: Words,
    wanted: NDArray[np.uint8], mistakes: int, right: NDArray[np.int32],
) -> None:  # fmt: skip
    """How many inputs each machine answers rightly before it has made more than so many `mistakes`. Right are the verdicts whose
    bits are 1 in `wanted`.

    Where there are `seeds`, machines are drawn, one after the other in the same `table`. In `cells` and `work`, both 0, machines
    run.
    """
    drawn = len(seeds) > 0
    for machine in range(len(right)):
        if drawn:
            draw(table, places, old, choices, seeds[machine])
        count, left = 0, mistakes
        for number in range(len(wanted)):
            verdict, _ = _run(table, 0 if drawn else machine, sizes, data, number, cells, work, shifts)
            if np.int64(wanted[number]) >> np.int64(verdict) & 1:
                count += 1
            elif left > 0:
                left -= 1
            else:
                break
        right[machine] = count
