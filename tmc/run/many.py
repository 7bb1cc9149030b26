"""Many machines on many inputs: short runs, tens of millions a second, on all cores. The number of threads does not change the
results.

Machines are those of a shape, see `tmc.run.shapes`: given, or drawn at random as they are needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tmc.ir.table import moved
from tmc.ir.tape import Grid, Line, Move
from tmc.run import many_kernels
from tmc.run.shapes import MOVES, Entries, MachineShape, choices

VERDICTS = ("accept", "reject", "stuck", "timeout")  # by their numbers in results
BLOCK = 1 << 14  # machines that one worker takes at a time
WIDEST = 128  # columns of a grid: a shift is a byte
_NO_SEEDS = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Inputs as the kernels read them, for machines of one `shape` and runs of up to `limit` steps.

    `data`: (inputs, cells). `shifts`: (cells,), for each move from there the shift of the head, a byte each.
    """

    shape: MachineShape
    limit: int
    data: NDArray[np.uint16]
    shifts: NDArray[np.uint64]
    head: int = 0

    def room(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Cells for one machine to run in, its data and its work tape."""
        return np.zeros(self.data.shape[1], np.uint16), np.zeros(2 * self.limit + 3, np.uint16)

    def sizes(self) -> many_kernels.Sizes:
        """The numbers that kernels need."""
        shape, cells = self.shape, self.data.shape[1]
        work_mask, data_mask = (1 << shape.work_bits) - 1, (1 << shape.data_bits) - 1 << shape.work_bits
        return shape.states << shape.reading_bits, shape.reading_bits, work_mask, data_mask, cells, self.head, self.limit


@dataclass(frozen=True, slots=True, eq=False)
class ManyAnswers:
    """`verdicts`: (machines, inputs), positions in `VERDICTS`. `steps`: (machines, inputs), transitions taken."""

    verdicts: NDArray[np.uint8]
    steps: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DrawnMachines:
    """Machines `first` to ``first + count - 1`` of the endless sequence that a shape and a seed stand for."""

    shape: MachineShape
    seed: int
    count: int
    first: int = 0

    def seeds(self) -> NDArray[np.uint64]:
        """A seed for each machine."""
        numbers = np.arange(self.first, self.first + self.count, dtype=np.uint64)
        return _mixed(numbers + _mixed(np.array([self.seed], np.uint64)))

    def entries(self, places: NDArray[np.int64] | None = None) -> Entries:
        """The machines, drawn; those at some `places` among them, or all."""
        seeds = self.seeds() if places is None else self.seeds()[places]
        entries = _blank(self.shape, len(seeds))
        drawing = _drawing(self.shape)
        for row, seed in zip(entries, seeds, strict=True):
            many_kernels.draw(row, *drawing, seed)
        return entries


def _blank(shape: MachineShape, count: int) -> Entries:
    """Room for so many machines."""
    return np.zeros((count, shape.states << shape.reading_bits), np.uint32)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of each number spread over all of them (the end of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


@lru_cache(8)
def _drawing(shape: MachineShape) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint32]]:
    """The places of entries, the symbols that are read there, and what may be drawn."""
    readings = list(shape.readings())
    readings += readings[-1:] * (len(readings) % 2)  # two are drawn at once: at an odd end, the last one twice
    old = [guard.data[0] << shape.work_bits | guard.work[0] for _, guard in readings]
    return np.array([place for place, _ in readings], np.uint64), np.array(old, np.uint32), choices(shape)


def lay(shape: MachineShape, inputs: Sequence[Grid | Line], limit: int) -> Inputs:
    """Inputs for machines of a shape; ValueError when they are not of its kind, hold other symbols, or are grids of different
    sizes (or 128 columns wide)."""
    if not inputs or limit < 0 or any(isinstance(data, Line) != (shape.kind == "line") for data in inputs):
        raise ValueError(f"inputs are one or more of the kind {shape.kind}")
    grids = [data for data in inputs if isinstance(data, Grid)]
    if not grids:
        return _lay_lines(shape, [data for data in inputs if isinstance(data, Line)], limit)
    height, width = len(grids[0].rows), len(grids[0].rows[0])
    if width >= WIDEST or any((len(grid.rows), len(grid.rows[0])) != (height, width) for grid in grids):
        raise ValueError(f"grids are of one size, and narrower than {WIDEST} columns")
    cells = np.array([grid.rows for grid in grids], np.int64).reshape(len(grids), height * width)
    _check_symbols(shape, cells)
    places = [(row, column) for row in range(height) for column in range(width)]
    asked = np.array([shape.cell(0, grids[0].touching(place)) for place in places])
    shifts = _bytes([[_shift(shape, grids[0], place, move) for move in MOVES] for place in places])
    return Inputs(shape, limit, (cells << shape.work_bits | asked).astype(np.uint16), shifts)


def _bytes(shifts: list[list[int]]) -> NDArray[np.uint64]:
    """Up to eight small numbers for each cell as one word, the first in its lowest byte."""
    words = np.zeros((len(shifts), 8), np.int8)
    words[:, : len(MOVES)] = shifts
    return words.view("<u8").astype(np.uint64).reshape(-1)


def _shift(shape: MachineShape, grid: Grid, place: tuple[int, int], move: Move) -> int:
    """By how many cells a move shifts the head there, where one row follows the other."""
    if move not in shape.moves:
        return 0
    row, column = moved(grid, place, move, by_rows=shape.kind == "rows")
    return (row - place[0]) * len(grid.rows[0]) + column - place[1]


def _lay_lines(shape: MachineShape, lines: Sequence[Line], limit: int) -> Inputs:
    """Lines with as many cells on either side of the head as it may reach."""
    first = min(-limit, *(line.start for line in lines))
    end = max(limit + 1, *(line.start + len(line.cells) for line in lines))
    cells = np.zeros((len(lines), end - first), np.int64)
    for row, line in zip(cells, lines, strict=True):
        row[line.start - first : line.start - first + len(line.cells)] = line.cells
    _check_symbols(shape, cells)
    shifts = _bytes([[move.value[1] for move in MOVES]] * cells.shape[1])
    return Inputs(shape, limit, (cells << shape.work_bits).astype(np.uint16), shifts, -first)


def _check_symbols(shape: MachineShape, cells: NDArray[np.int64]) -> None:
    if cells.size and not 0 <= cells.min() <= cells.max() < shape.data_symbols:
        raise ValueError("an input holds a symbol that the shape does not have")


def answers(entries: Entries, inputs: Inputs, workers: int | None = None) -> ManyAnswers:
    """Every machine on every input, on `workers` threads (default: as many as there are cores)."""
    shape = (len(entries), len(inputs.data))
    found = ManyAnswers(np.zeros(shape, np.uint8), np.zeros(shape, np.int32))

    def block(part: slice) -> None:
        given = inputs.sizes(), inputs.data.reshape(-1), inputs.shifts, *inputs.room()
        many_kernels.answer(entries[part].reshape(-1), *given, found.verdicts[part], found.steps[part])

    _share(len(entries), block, workers)
    return found


def right_answers(
    machines: Entries | DrawnMachines,
    inputs: Inputs,
    labels: Sequence[str | tuple[str, ...]] | NDArray[np.uint8],
    *,
    mistakes: int | None = None,
    workers: int | None = None,
) -> NDArray[np.int32]:
    """How many inputs each machine (machines,) answers with their labels: each one of `VERDICTS`, or several that are all right;
    or all of them as `verdict_bits`.

    With `mistakes`, a machine is not run any further once it has made more; what it has answered rightly until then is counted, and
    is less than ``len(labels) - mistakes``.
    """
    drawing = _drawing(inputs.shape)
    wanted = labels if isinstance(labels, np.ndarray) else verdict_bits(labels)
    if len(wanted) != len(inputs.data):
        raise ValueError(f"{len(inputs.data)} inputs need as many labels, not {len(wanted)}")
    count = machines.count if isinstance(machines, DrawnMachines) else len(machines)
    seeds = machines.seeds() if isinstance(machines, DrawnMachines) else _NO_SEEDS
    right, most = np.zeros(count, np.int32), len(wanted) if mistakes is None else mistakes

    def block(part: slice) -> None:
        table = _blank(inputs.shape, 1) if isinstance(machines, DrawnMachines) else machines[part]
        given, room = (inputs.data.reshape(-1), inputs.shifts), inputs.room()
        many_kernels.score(table.reshape(-1), seeds[part], *drawing, inputs.sizes(), *given, *room, wanted, most, right[part])

    _share(count, block, workers)
    return right


def verdict_bits(labels: Sequence[str | tuple[str, ...]]) -> NDArray[np.uint8]:
    """Labels as numbers (labels,): a bit for each of `VERDICTS` that is right."""
    return np.array([sum(1 << VERDICTS.index(one) for one in _several(label)) for label in labels], np.uint8)


def _several(label: str | tuple[str, ...]) -> tuple[str, ...]:
    return (label,) if isinstance(label, str) else label


def _share(count: int, block: Callable[[slice], None], workers: int | None) -> None:
    """Do all blocks."""
    parts = [slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for _ in pool.map(block, parts):
            pass
