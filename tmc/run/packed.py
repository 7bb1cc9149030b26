"""A table packed into one array, as the loops of `tmc.run.kernels` read it.

An entry says what follows one reading in one state. It is found by adding three numbers of bytes, all of them multiples of an
entry's size: where the state begins, what the cell under the data head holds, and what the cell under the work head holds. Its
fields (`NEXT` …) are again such numbers, so that a step needs no arithmetic but sums. A halt, too, is an entry: one whose `NEXT` is
negative. So is the end of the memory that holds a line: behind its last cell stands a *wall*, a symbol that no machine has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tmc.ir.table import Table
from tmc.ir.tape import NOWHERE, Grid, Touching
from tmc.run.lookup import Action, Lookup

NEXT = 0  # where the next state begins, or a negative number: see below
WRITE, MOVE = 1, 2  # on the data tape: what the cell holds then, and by how many bytes the head moves
LEFT, RIGHT = 3, 4  # all bits set where the data head moves left or right on a line, else 0
BASE = 5  # `NEXT`, and what is written where a head stays: the next entry's place, but for what the neighbours add
WRITE_WORK, MOVE_WORK, LEFT_WORK, RIGHT_WORK = 6, 7, 8, 9  # likewise for the work tape
ONE_TAPE, TWO_TAPES = 6, 10  # fields of an entry
FIELD, CELL = 8, 4  # bytes of a field and of a cell

STUCK, WALL = -3, -4  # as `NEXT`, beside ACCEPT and REJECT: the step was not taken
FIRST_STOP = -5  # and from here down: state 0, 1, … was entered, at which the run is to stop

Cells = NDArray[np.uint32]
Entries = NDArray[np.uint64]  # differences and negative numbers as two's complement


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """The `entries` of a table, `length` fields each, by state, data code and work code; codes count symbols, edges and walls."""

    entries: Entries
    length: int
    data_symbols: int
    data_codes: int
    work_codes: int

    def at(self, state: int) -> int:
        """Where a state begins."""
        return state * self.data_codes * self.work_codes * self.size

    def state(self, at: int) -> int:
        """The state that begins there; of a negative number, the state that it stands for."""
        if at < 0:
            return FIRST_STOP - at if at <= FIRST_STOP else at
        return at // (self.data_codes * self.work_codes * self.size)

    def data_cell(self, symbol: int, touching: Touching = NOWHERE) -> int:
        """What a cell of the data tape holds."""
        edges = sum(touch << bit for bit, touch in enumerate(touching))
        return (edges * self.data_symbols + symbol) * self.work_codes * self.size

    def data_symbol(self, cells: Cells) -> NDArray[np.int64]:
        """The symbols of cells of the data tape."""
        return cells.astype(np.int64) // (self.work_codes * self.size) % self.data_symbols

    @property
    def size(self) -> int:
        """Bytes of an entry."""
        return self.length * FIELD

    @property
    def data_wall(self) -> int:
        """What stands behind the end of a line: the last data code."""
        return (self.data_codes - 1) * self.work_codes * self.size

    @property
    def work_wall(self) -> int:
        """What stands behind the end of the work tape: the last work code."""
        return (self.work_codes - 1) * self.size


def pack(table: Table, data: Grid | None = None, stops: Collection[int] = ()) -> Packed:
    """The packed table, of a learner for this `data`; a step into one of the states `stops` ends a run."""
    lookup = Lookup(table, len(data.rows[0]) if data is not None else 1)
    around = [NOWHERE] if data is None else sorted(_edges(data))
    codes = [lookup.cell(symbol, touching) for touching, symbol in product(around, range(lookup.data_symbols))]
    length = ONE_TAPE if data is None and table.work is None else TWO_TAPES
    edges = 1 if data is None else 16
    data_codes, work_codes = edges * lookup.data_symbols + 1, lookup.work_symbols + (table.work is not None)
    fields = np.zeros((len(table.states), data_codes, work_codes, length), np.int64)
    packed = Packed(fields.reshape(-1).view(np.uint64), length, lookup.data_symbols, data_codes, work_codes)
    _fill_with_stops(fields, packed, table.work is not None)
    for state, code, work in product(range(len(table.states)), codes, range(lookup.work_symbols)):
        action = lookup.find(state, code + work)
        if action is not None:
            place = code // lookup.work_symbols, work
            fields[state, *place] = _entry(packed, action, place, stops)
    return packed


def _edges(data: Grid) -> set[Touching]:
    """The edges that a head can touch at once."""
    places: Iterable[tuple[int, int]] = product(range(len(data.rows)), range(len(data.rows[0])))
    return {data.touching(place) for place in places}


def _fill_with_stops(fields: NDArray[np.int64], packed: Packed, work_tape: bool) -> None:
    """Every reading first has an entry that changes nothing and ends the run."""
    data_codes, work_codes = fields.shape[1:3]
    fields[..., NEXT] = STUCK
    fields[..., WRITE] = np.arange(data_codes)[:, None] * (work_codes * packed.size)
    fields[:, -1, :, NEXT] = WALL
    if work_tape:
        fields[..., WRITE_WORK] = np.arange(work_codes) * packed.size
        fields[:, :, -1, NEXT] = WALL


def _entry(packed: Packed, action: Action, place: tuple[int, int], stops: Collection[int]) -> list[int]:
    """The fields of an entry at a data code and a work code."""
    target, step = action.transition.target, packed.work_codes * packed.size
    symbol = place[0] % packed.data_symbols
    written = action.transition.write_data
    write = (place[0] - symbol + (symbol if written is None else written)) * step
    write_work = (place[1] + action.change_work) * packed.size
    then = packed.at(target) if target >= 0 else 0
    stays = (write if action.shift_data == 0 else 0) + (write_work if action.shift_work == 0 else 0)
    fields = [FIRST_STOP - target if target in stops else then if target >= 0 else target]
    fields += [write, action.shift_data * CELL, -(action.shift_data < 0), -(action.shift_data > 0), then + stays]
    fields += [write_work, action.shift_work * CELL, -(action.shift_work < 0), -(action.shift_work > 0)]
    return fields[: packed.length]
