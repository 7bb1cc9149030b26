"""The loops of `tmc.run.many`, compiled by numba: short runs of small machines, one after the other."""

from __future__ import annotations

import numpy as np
from numba import int64, uint16, uint32, uint64
from numpy.typing import NDArray

from tmc.run.jit import kernel
from tmc.run.shapes import MOVE_BIT, NEXT_BIT, WORK_MOVE_BIT

STATES, READING_BITS, WORK_MASK, DATA_MASK, HEAD, LIMIT = range(6)  # what `sizes` holds
SIZES = 6

Words = NDArray[np.uint16]
Numbers = NDArray[np.int64]

_MOVE, _WORK_MOVE, _NEXT = uint32(MOVE_BIT), uint32(WORK_MOVE_BIT), uint32(NEXT_BIT)
_SEVEN, _THREE, _ONE, _HALF = uint32(7), uint32(3), uint64(1), uint64(32)
_STRIDE, _FACTOR = uint64(0x9E3779B97F4A7C15), uint64(0xD6E8FEB86659FD93)


@kernel
def _run(
    table: NDArray[np.uint32], sizes: Numbers, data: Words, cells: Words, work: Words, edges: Words, shifts: Numbers
) -> tuple[int, int]:
    """One run on a copy of `data`, in `cells`. The work tape `work` is blank, before and after. Returns verdict and steps."""
    states, bits, limit = uint64(sizes[STATES]), uint64(sizes[READING_BITS]), sizes[LIMIT]
    data_mask, work_mask = uint32(sizes[DATA_MASK]), uint32(sizes[WORK_MASK])
    for index in range(len(data)):
        cells[index] = data[index]
    head, spot, state = uint64(sizes[HEAD]), uint64(limit + 1), uint64(0)
    taken = 0
    while taken < limit and state < states:
        entry = table[(state << bits) | uint64(cells[head]) | uint64(work[spot])]
        state = uint64(entry >> _NEXT)
        cells[head] ^= uint16(entry & data_mask)
        work[spot] ^= uint16(entry & work_mask)
        head += uint64(shifts[uint64(edges[head]) + uint64((entry >> _MOVE) & _SEVEN)])
        spot += uint64(shifts[uint64((entry >> _WORK_MOVE) & _THREE)])
        taken += 1
    if state < states and table[(state << bits) | uint64(cells[head]) | uint64(work[spot])] >> _NEXT == states + uint64(2):
        state = states + uint64(2)
    elif state == states + uint64(2):
        taken -= 1
    for index in range(limit - taken, limit + 3 + taken):
        work[index] = 0
    return min(int64(state - states) if state >= states else 3, 3), taken


@kernel
def answer(
    tables: NDArray[np.uint32], sizes: Numbers, data: Words, edges: Words, shifts: Numbers, verdicts: NDArray[np.uint8],
    steps: NDArray[np.int32],
) -> None:  # fmt: skip
    """Every machine on every input: `verdicts` and `steps` (machines, inputs)."""
    cells, work = np.zeros(data.shape[1], np.uint16), np.zeros(2 * sizes[LIMIT] + 3, np.uint16)
    for machine in range(len(tables)):
        for number in range(len(data)):
            verdict, taken = _run(tables[machine], sizes, data[number], cells, work, edges, shifts)
            verdicts[machine, number], steps[machine, number] = verdict, taken


@kernel
def draw(table: NDArray[np.uint32], places: Numbers, old: NDArray[np.uint32], choices: NDArray[np.uint32], seed: int) -> None:
    """Draw a machine: for each place one of the choices, which depends on the place and the seed alone. Two for each hash."""
    count = uint64(len(choices))
    for pair in range((len(places) + 1) // 2):
        value = uint64(seed) + uint64(pair) * _STRIDE
        value = (value ^ (value >> _HALF)) * _FACTOR
        value = (value ^ (value >> _HALF)) * _FACTOR
        value ^= value >> _HALF
        table[places[2 * pair]] = choices[((value >> _HALF) * count) >> _HALF] ^ old[2 * pair]
        if 2 * pair + 1 < len(places):
            table[places[2 * pair + 1]] = choices[((value & uint64(0xFFFFFFFF)) * count) >> _HALF] ^ old[2 * pair + 1]


@kernel
def score(
    tables: NDArray[np.uint32], seeds: NDArray[np.uint64], places: Numbers, old: NDArray[np.uint32], choices: NDArray[np.uint32],
    sizes: Numbers, data: Words, edges: Words, shifts: Numbers, labels: NDArray[np.uint8], first: bool, right: NDArray[np.int32],
) -> None:  # fmt: skip
    """How many inputs each machine answers rightly, all or, with `first`, before the first that it does not.

    Where there are `seeds`, machines are drawn, one after the other in the place of the first of `tables`.
    """
    cells, work = np.zeros(data.shape[1], np.uint16), np.zeros(2 * sizes[LIMIT] + 3, np.uint16)
    for machine in range(len(right)):
        table = tables[0] if len(seeds) else tables[machine]
        if len(seeds):
            draw(table, places, old, choices, seeds[machine])
        count = 0
        for number in range(len(data)):
            verdict, _ = _run(table, sizes, data[number], cells, work, edges, shifts)
            if verdict == labels[number]:
                count += 1
            elif first:
                break
        right[machine] = count
