"""The sparse engine: a recurrent convolution, given by its weights, on one lattice after the other.

Only cells whose patch has changed are evaluated, and a patch that was met before is looked up: `tmc.net.sparse.patches`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.native import tables
from tmc.native.tables import EMPTY, MOST, ROOMY, Floats, Ints, Numbers, empty_table
from tmc.net.sparse import patches
from tmc.net.sparse.patches import (
    ANSWERED,
    AT_REST,
    CELLS,
    CHANGED,
    DIRTY,
    DONE,
    LAYERS,
    LEAVES_LEFT,
    LEAVES_RIGHT,
    LISTED,
    LOOKED_UP,
    LOOKS,
    PARTS,
    PATCHES,
    SEEN,
    SIDE,
    STAMP,
    SUMS,
    TRIPLES,
    VERSION,
    Cache,
    Lattice,
    LayerWeights,
)

FIRST = {CELLS: 1 << 9, LOOKS: 1 << 10, PARTS: 1 << 12, SUMS: 1 << 9, LISTED: 1 << 17, TRIPLES: 1 << 13, PATCHES: 1 << 14}  # rooms
LAST = {
    CELLS: MOST,
    LOOKS: MOST,
    PARTS: MOST,
    SUMS: MOST,
    LISTED: 1 << 28,
    TRIPLES: 1 << 24,
    PATCHES: 1 << 24,
}  # then all is forgotten
PLACES = SIDE * SIDE
MIDDLE = PLACES // 2
WIDEST = 1 << 14  # units of a joint layer whose looks are kept: of a wider one they would fill the memory

Numeric = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class SparseLayer:
    """A convolution's non-zero weights by input: unit ``unit[i]`` reads input `j` with ``weight[i]`` for `i` in
    ``begin[j]:begin[j + 1]``. Inputs of the 3x3 convolution are numbered ``channel * 9 + place``."""

    begin: Ints
    unit: Numbers
    weight: Floats
    bias: Floats

    @staticmethod
    def of(units: Ints, inputs: Ints, weights: Numeric, count: int, bias: Numeric) -> SparseLayer:
        """The layer in which ``units[k]`` reads the input ``inputs[k]``, of `count`, with ``weights[k]``."""
        by_unit = len(units) < 2 or bool((units[1:] >= units[:-1]).all())
        order = np.argsort(inputs, kind="stable") if by_unit else np.lexsort((units, inputs))
        begin = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(inputs, minlength=count), out=begin[1:])
        return SparseLayer(begin, units[order].astype(np.int32), weights[order].astype(np.float64), bias.astype(np.float64))


def weights_of(layers: list[SparseLayer], digits: list[list[tuple[float, int]]], single: bool, apart: bool = True) -> LayerWeights:
    """The layers of a recurrent convolution as the loops want them. `digits`: for each channel of a cell the values of its digits,
    the largest first, each with the marks that a cell has if it is not 0. `single`: whether numbers are float32. `apart`: whether
    layers that look at one place alone may be kept apart from the others."""
    entries = np.cumsum([0, *(len(layer.unit) for layer in layers)])
    starts = [layer.begin[:-1] + first for layer, first in zip(layers, entries, strict=False)]
    places = _places(layers) if apart else []
    return LayerWeights(
        first_input=np.cumsum([0, *(len(layer.begin) - 1 for layer in layers)]),
        first_unit=np.cumsum([0, *(len(layer.bias) for layer in layers)]),
        begin=np.concatenate([*starts, entries[-1:]]),
        unit=np.concatenate([layer.unit for layer in layers]),
        weight=np.concatenate([layer.weight for layer in layers]),
        bias=np.concatenate([layer.bias for layer in layers]),
        apart=len(places),
        place=np.concatenate([np.zeros(0, dtype=np.int32), *places]),
        single=single,
        first_digit=np.cumsum([0, *map(len, digits)]),
        digit_value=np.array([value for channel in digits for value, _ in channel], dtype=np.float64),
        digit_marks=np.array([marks for channel in digits for _, marks in channel], dtype=np.uint8),
    )


def _places(layers: list[SparseLayer]) -> list[Numbers]:
    """Which of the nine places the units look at, for the first layers, as far as all their units look at one place or none: the
    layer after them is the joint one."""
    found, places = [], np.arange(len(layers[0].begin) - 1, dtype=np.int32) % PLACES
    for layer, following in pairwise(layers):
        read = np.repeat(places, np.diff(layer.begin))
        lowest, highest = np.full(len(layer.bias), PLACES, dtype=np.int32), np.full(len(layer.bias), -1, dtype=np.int32)
        np.minimum.at(lowest, layer.unit, read)
        np.maximum.at(highest, layer.unit, read)
        if (lowest < highest).any() or len(following.bias) > WIDEST:
            break
        places = np.where(highest < 0, np.int32(MIDDLE), highest)
        found.append(places)
    return found


class PatchCache:
    """What the weights make of patches, as far as it was asked: the cache grows as lattices are run. For one thread.

    `border`: the channels beyond the edges.
    """

    def __init__(self, weights: LayerWeights, border: Floats) -> None:
        self.weights, self._border = weights, np.array(border, dtype=np.float64)
        widest = max(int(np.diff(sizes).max()) for sizes in (weights.first_input, weights.first_unit))
        joint = int(np.diff(weights.first_unit)[weights.apart])
        listed = max(FIRST[LISTED], 2 * widest)
        part_keys, part_numbers = empty_table(FIRST[PARTS])
        triple_keys, triples = empty_table(FIRST[TRIPLES], 3)
        patch_keys, numbers = empty_table(FIRST[PATCHES])
        self.arrays = Cache(
            used=np.zeros(1 + VERSION, dtype=np.int64),
            cells=np.zeros((FIRST[CELLS], len(border))),
            cell_slots=_slots(FIRST[CELLS]),
            reads=np.zeros(FIRST[CELLS], dtype=np.uint8),
            cell_looks=np.full((FIRST[CELLS], PLACES), EMPTY, dtype=np.int32),
            looks=np.zeros((FIRST[LOOKS], joint)),
            look_slots=_slots(FIRST[LOOKS]),
            highest=np.full((PLACES, joint), -np.inf),
            part_keys=part_keys,
            part_numbers=part_numbers,
            part_looks=np.zeros((FIRST[PARTS], SIDE), dtype=np.int32),
            part_sums=np.zeros(FIRST[PARTS], dtype=np.int32),
            part_lists=np.zeros((FIRST[PARTS], 3), dtype=np.int64),
            sums=np.zeros((FIRST[SUMS], joint)),
            listed_units=np.zeros(listed, dtype=np.int32),
            listed_sums=np.zeros(listed),
            triple_keys=triple_keys,
            triples=triples,
            patch_keys=patch_keys,
            patches=numbers,
            values=np.zeros((2, widest)),
        )
        self._forgotten = 0

    @property
    def forgotten(self) -> int:
        """How many of the patches it was asked about are forgotten: all numbers given before the last of them no longer hold."""
        return self._forgotten

    @property
    def met(self) -> int:
        """How many patches the weights were asked about."""
        return self._forgotten + int(self.arrays.used[PATCHES])

    def numbers(self, values: Floats) -> Numbers:
        """The numbers of cells (rows, columns, channels) with the border around them, one row after the other."""
        rows, columns, channels = values.shape
        bordered = np.broadcast_to(self._border, (rows + 2, columns + 2, channels)).copy()
        bordered[1:-1, 1:-1] = values
        cells, done = bordered.reshape(-1, channels), 0
        numbers, met = np.zeros(len(cells), dtype=np.int32), int(self.arrays.used[CELLS])
        while True:
            cache = self.arrays
            done = tables.number_rows(cache.used, CELLS, cache.cells, cache.cell_slots, cells, numbers, done)
            if done == len(cells):
                patches.read(self.weights, cache, met)
                return numbers
            self.make_room(CELLS)

    def make_room(self, full: int) -> None:
        """Make room for twice as many `CELLS`, `LOOKS` or whatever is full."""
        cache = self.arrays
        if full == CELLS:
            cells, slots = self._more_rows(CELLS, cache.cells)
            self.arrays = cache._replace(
                cells=cells, cell_slots=slots, reads=_twice(cache.reads), cell_looks=_twice(cache.cell_looks)
            )
        elif full == LOOKS:
            looks, slots = self._more_rows(LOOKS, cache.looks)
            self.arrays = cache._replace(looks=looks, look_slots=slots)
        elif full == PARTS:
            keys, numbers = empty_table(2 * len(cache.part_looks))
            tables.rehash(cache.part_keys, cache.part_numbers[:, None], keys, numbers[:, None])
            more = {name: _twice(getattr(cache, name)) for name in ("part_looks", "part_sums", "part_lists")}
            self.arrays = cache._replace(part_keys=keys, part_numbers=numbers, **more)
        elif full == SUMS:
            self.arrays = cache._replace(sums=_twice(cache.sums))
        elif full == LISTED:
            self.arrays = cache._replace(listed_units=_twice(cache.listed_units), listed_sums=_twice(cache.listed_sums))
        elif full == TRIPLES:
            keys, numbers = empty_table(len(cache.triple_keys), 3)
            tables.rehash(cache.triple_keys, cache.triples, keys, numbers)
            self.arrays = cache._replace(triple_keys=keys, triples=numbers)
        else:
            keys, numbers = empty_table(len(cache.patch_keys))
            tables.rehash(cache.patch_keys, cache.patches[:, None], keys, numbers[:, None])
            self.arrays = cache._replace(patch_keys=keys, patches=numbers)

    def _more_rows(self, kind: int, rows: Floats) -> tuple[Floats, Numbers]:
        """Rows with their numbers, and room for as many more."""
        more, slots = np.zeros((2 * len(rows), rows.shape[1])), _slots(2 * len(rows))
        counted = np.zeros_like(self.arrays.used)
        tables.number_rows(counted, kind, more, slots, rows, np.zeros(len(rows), dtype=np.int32), 0)
        return more, slots

    def has_most(self, full: int) -> bool:
        """Whether no more room is made."""
        cache = self.arrays
        room = {CELLS: len(cache.cells), LOOKS: len(cache.looks), PARTS: len(cache.part_looks), SUMS: len(cache.sums)}
        room |= {LISTED: len(cache.listed_units)}
        room |= {TRIPLES: len(cache.triple_keys) // ROOMY, PATCHES: len(cache.patch_keys) // ROOMY}
        return room[full] >= LAST[full]

    def forget(self) -> None:
        """Forget everything that was met."""
        cache = self.arrays
        self._forgotten = self.met
        cache.used[:] = 0
        cache.highest[:] = -np.inf
        for slots in (cache.cell_slots, cache.look_slots, cache.part_keys, cache.triple_keys, cache.patch_keys):
            slots[:] = EMPTY

    def joint_sums(self, found: Ints) -> Floats:
        """The sums that patches of these three parts each, shape (n, 3), have in the joint layer."""
        cache, weights = self.arrays, self.weights
        first = weights.first_unit[weights.apart]
        totals = cache.looks[cache.part_looks[found]].sum(axis=(1, 2))
        return np.asarray(totals + weights.bias[first : first + totals.shape[1]])


class EngineRun:
    """A lattice in motion, at first `values`, shape (rows, columns, channels)."""

    def __init__(self, cache: PatchCache, values: Floats) -> None:
        self._cache, (rows, columns, _) = cache, values.shape
        self._shape = (rows + 2, columns + 2)
        marks_inside = np.full((rows, columns), ANSWERED, dtype=np.uint8)
        marks_inside[:, 0] |= LEAVES_LEFT
        marks_inside[:, -1] |= LEAVES_RIGHT
        counted = np.pad(marks_inside, 1).ravel()
        self._lattice = Lattice(
            columns=columns + 2,
            counted=counted,
            cells=np.zeros(counted.size, dtype=np.int32),
            parts=np.zeros((counted.size, 3), dtype=np.int32),
            marks=np.zeros(counted.size, dtype=np.int64),
            changed=np.zeros(counted.size, dtype=np.int32),
            dirty=np.zeros(counted.size, dtype=np.int32),
            next_places=np.zeros(counted.size, dtype=np.int32),
            next_cells=np.zeros(counted.size, dtype=np.int32),
            state=np.zeros(1 + LOOKED_UP, dtype=np.int64),
        )
        self._put(values)

    def _put(self, values: Floats) -> None:
        """Take these values as what the last layer has left."""
        lattice = self._lattice
        lattice.cells[:] = self._cache.numbers(values)
        lattice.state[CHANGED] = lattice.state[DIRTY] = 0
        lattice.state[STAMP] += 1
        while needed := patches.begin(self._cache.weights, self._cache.arrays, lattice):
            self._cache.make_room(needed)

    def run(self, layers: int, stop_at: int) -> None:
        """Go on until `layers` layers were run in all, or until a cell that the last layer changed has one of the marks `stop_at`
        (`ANSWERED`, `LEAVES_LEFT`, `LEAVES_RIGHT`) or nothing changes any more (`RESTS`)."""
        cache, forgotten = self._cache, -1
        while (needed := patches.run(cache.weights, cache.arrays, self._lattice, layers, stop_at)) != DONE:
            if cache.has_most(needed):
                if forgotten == self.layers:
                    raise Rejected("one layer alone has more different patches than the sparse engine can hold; use --engine dense")
                values, forgotten = self.values(), self.layers
                cache.forget()
                self._put(values)
            else:
                cache.make_room(needed)

    def values(self) -> Floats:
        """The lattice: (rows, columns, channels)."""
        cells, numbers = self.cells()
        return np.asarray(cells[numbers])

    def changed(self) -> tuple[Ints, Floats]:
        """The cells that the last layer changed, in the order of rows: their places (n, 2) and what they are now (n, channels)."""
        lattice = self._lattice
        flat = np.sort(lattice.changed[: lattice.state[CHANGED]]).astype(np.int64)
        places = np.column_stack(np.divmod(flat, lattice.columns)) - 1
        return places, np.asarray(self._cache.arrays.cells[lattice.cells[flat]])

    def cells(self) -> tuple[Floats, Numbers]:
        """All cells met so far, (cells, channels), and the numbers of those of the lattice, (rows, columns)."""
        return self._cache.arrays.cells, self._lattice.cells.reshape(self._shape)[1:-1, 1:-1]

    def patches(self) -> Numbers:
        """The patch around every cell as the last layer saw it, (rows, columns, 3): the numbers of its parts. They
        hold until a run has to forget."""
        parts = self._lattice.parts.reshape(*self._shape, 3)
        return np.stack([parts[:-2, 1:-1, 0], parts[1:-1, 1:-1, 1], parts[2:, 1:-1, 2]], axis=-1)

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return int(self._lattice.state[LAYERS])

    @property
    def at_rest(self) -> bool:
        """Whether the last layer changed nothing."""
        return bool(self._lattice.state[AT_REST])

    def seen(self, marks: int) -> bool:
        """Whether a layer has left one of these marks on a cell that it changed (`LEAVES_LEFT`: in the first column,
        `LEAVES_RIGHT`: in the last)."""
        return bool(self._lattice.state[SEEN] & marks)

    @property
    def looked_up(self) -> int:
        """How many cells saw a change and so were looked up."""
        return int(self._lattice.state[LOOKED_UP])


def _twice(rows: NDArray[Any]) -> NDArray[Any]:
    """Rows, and room for as many more."""
    return np.concatenate([rows, np.zeros_like(rows)])


def _slots(count: int) -> Numbers:
    """Slots for `count` rows."""
    return np.full(ROOMY * count, EMPTY, dtype=np.int32)
