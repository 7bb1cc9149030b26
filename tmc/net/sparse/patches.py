"""A recurrent convolution evaluated only where something changes, and never twice on the same patch: the loops, as machine code.

As long as every unit of the first layers looks at one place of the patch alone, what they make of a cell in that place depends
on nothing else. The first layer that looks at more is the *joint* one, and its sums are those of the *looks* of nine cells. So, all
from the weights:

- *cells* are numbered as they are met, equal ones alike;
- *looks* are what a cell in one of the nine places gives to the sums of the joint layer: equal vectors have one number;
- *parts* are three looks side by side, a row of a patch: the numbers of the three are one key;
- *triples* are three cells side by side: again one key, under which stand the numbers of three parts, of the triple as the upper,
  the middle and the lower row of a patch;
- *patches* are three parts: one key, under which stands the number of the cell that the weights make of it.

A layer finds the triples around the cells that changed in the one before, and looks up those patches of which a part has changed.
All other cells are at a fixed point of the same function.

To evaluate a patch, few units of the joint layer have to be asked: for its middle part there is a *list* of those that can be above
0 at all, whichever of the looks met so far stand above and below.

What is kept does not depend on the lattice, so one `Cache` serves many lattices of one network, one after the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tmc.native.jit import kernel, part
from tmc.native.tables import EMPTY, ROOMY, Floats, IntRows, Ints, NumberRows, Numbers, Rows, key_of, number_of, slot_of

SIDE = 3  # of a patch
# Why a run came back: all is done, or no room for more of these.
DONE, CELLS, LOOKS, PARTS, SUMS, LISTED, TRIPLES, PATCHES = range(8)
VERSION = 1 + PATCHES  # counts how often `Cache.highest` has risen
ANSWERED, LEAVES_LEFT, LEAVES_RIGHT = 1, 2, 4  # marks: what is read off a cell
RESTS = 8  # of a lattice: nothing changes any more
LAYERS, CHANGED, DIRTY, STAMP, AT_REST, SEEN, LOOKED_UP = range(7)  # what `Lattice.state` holds


class LayerWeights(NamedTuple):
    """The layers of the recurrent convolution, one after the other in flat arrays.

    Layer `i` has inputs ``first_input[i]`` to ``first_input[i + 1]`` of all inputs, and units likewise; input `j` is read by the
    units ``unit[begin[j]:begin[j + 1]]`` (counted within the layer) with ``weight[…]``. ReLU stands between layers.

    The first `apart` layers look at one place each; there `place` says which (units that look at none count as in the middle).

    What is read off a cell: channel `c` is a number with digits of the values ``digit_value[i]``, the largest first, for `i` in
    ``first_digit[c]:first_digit[c + 1]``; a cell has the marks ``digit_marks[i]`` if that digit is not 0.
    """

    first_input: Ints
    first_unit: Ints
    begin: Ints
    unit: Numbers
    weight: Floats
    bias: Floats
    apart: int
    place: Numbers
    single: bool  # whether the results are rounded to float32; an exact network's are not changed by it
    first_digit: Ints
    digit_value: Floats
    digit_marks: NDArray[np.uint8]


class Cache(NamedTuple):
    """What has been met. `used` counts it: ``used[CELLS]`` cells, and so on.

    Cells and looks are rows of numbers, found again through `cell_slots` and `look_slots`. The sum of a part's looks is kept, where
    needed, in a row of `sums`. The list of a part is ``listed_units[begin:end]``, with its sums and the bias in `listed_sums`;
    it holds until a look exceeds `highest`, which is counted.
    """

    used: Ints
    cells: Rows  # (cells, channels)
    cell_slots: Numbers
    reads: NDArray[np.uint8]  # the marks of cells
    cell_looks: NumberRows  # (cells, 9), or `EMPTY`
    looks: Rows  # (looks, units of the joint layer)
    look_slots: Numbers
    highest: Rows  # (9, units of the joint layer)
    part_keys: Ints
    part_numbers: Numbers
    part_looks: NumberRows  # (parts, 3)
    part_sums: Numbers  # the row of `sums`, or `EMPTY`
    part_lists: IntRows  # (parts, 3): begin, end, version
    sums: Rows  # (rows, units of the joint layer)
    listed_units: Numbers
    listed_sums: Floats
    triple_keys: Ints
    triples: NumberRows  # (slots, 3)
    patch_keys: Ints
    patches: Numbers
    values: Rows  # (2, the widest layer): room to evaluate in


class Lattice(NamedTuple):
    """A lattice with a border of cells around it, `columns` of them to a row, the border's included.

    `counted` says which marks count in a place: none on the border, to leave only in the first or last column. `cells` are numbers;
    `parts`, shape (cells, 3), are those of the triple around a cell. `changed` lists the cells that the last
    layer changed; `dirty` those of which the next has to look up the patch, marked by the layer's `STAMP` in `marks`.
    """

    columns: int
    counted: NDArray[np.uint8]
    cells: Numbers
    parts: NumberRows
    marks: Ints
    changed: Numbers
    dirty: Numbers
    next_places: Numbers
    next_cells: Numbers
    state: Ints


@kernel
def run(weights: LayerWeights, cache: Cache, lattice: Lattice, layers: int, stop_at: int) -> int:
    """Go on until `layers` layers were run in all, or until a cell that changed, or the lattice, has one of the marks `stop_at`.

    Returns `DONE`, or of what there is no more room; then it can be called again.
    """
    state = lattice.state
    while state[LAYERS] < layers:
        needed = _mark_dirty(weights, cache, lattice)
        if needed:
            return needed
        count = _changes(weights, cache, lattice)
        if count < 0:
            return -count
        if _commit(cache, lattice, count) & stop_at:
            break
    return DONE


@part
def _mark_dirty(weights: LayerWeights, cache: Cache, lattice: Lattice) -> int:
    """Find the triples around changed cells, and so the patches of which a part has changed. Returns 0, or what is full; then it
    can be called again."""
    cells, parts, counted, changed, columns = lattice.cells, lattice.parts, lattice.counted, lattice.changed, lattice.columns
    marks, dirty, state, keys, triples = lattice.marks, lattice.dirty, lattice.state, cache.triple_keys, cache.triples
    count, stamp = state[DIRTY], state[STAMP]
    for i in range(state[CHANGED]):
        for place in range(changed[i] - 1, changed[i] + 2):
            if counted[place] == 0:
                continue
            key = key_of(cells[place - 1], cells[place], cells[place + 1])
            slot = slot_of(keys, key)
            if keys[slot] == EMPTY:
                needed = _new_triple(weights, cache, cells, place, slot)
                if needed:
                    state[DIRTY] = count
                    return needed
                keys[slot] = key
            for row in range(SIDE):
                if parts[place, row] != triples[slot, row]:
                    parts[place, row] = triples[slot, row]
                    around = place + (1 - row) * columns
                    if counted[around] and marks[around] != stamp:
                        marks[around], dirty[count] = stamp, around
                        count += 1
    state[DIRTY] = count
    return 0


@part
def _changes(weights: LayerWeights, cache: Cache, lattice: Lattice) -> int:
    """Find the next value of every dirty cell. Returns how many differ, or less than 0 when there is no more room; then it can
    be called again."""
    cells, parts, columns, dirty = lattice.cells, lattice.parts, lattice.columns, lattice.dirty
    keys, patches = cache.patch_keys, cache.patches
    next_places, next_cells, count = lattice.next_places, lattice.next_cells, 0
    for i in range(lattice.state[DIRTY]):
        place = dirty[i]
        upper, middle, lower = parts[place - columns, 0], parts[place, 1], parts[place + columns, 2]
        key = key_of(upper, middle, lower)
        slot = slot_of(keys, key)
        if keys[slot] == EMPTY:
            cell = _evaluate(weights, cache, upper, middle, lower)
            if cell < 0:
                return cell
            keys[slot], patches[slot] = key, cell
        cell = patches[slot]
        if cell != cells[place]:
            next_places[count], next_cells[count] = place, cell
            count += 1
    return count


@part
def _commit(cache: Cache, lattice: Lattice, count: int) -> int:
    """Write the `count` changes. Returns the marks on the cells that changed and on the lattice."""
    state, seen = lattice.state, 0 if count else RESTS
    for i in range(count):
        place, cell = lattice.next_places[i], lattice.next_cells[i]
        lattice.cells[place], lattice.changed[i] = cell, place
        seen |= cache.reads[cell] & lattice.counted[place]
    state[LAYERS] += 1
    state[LOOKED_UP] += state[DIRTY]
    state[STAMP] += 1
    state[CHANGED], state[DIRTY], state[AT_REST] = count, 0, count == 0
    state[SEEN] |= seen
    return seen


@part
def _new_triple(weights: LayerWeights, cache: Cache, cells: Numbers, place: int, slot: int) -> int:
    """Find the parts of the triple around a place, and keep them in a slot. Returns 0, or what is full."""
    if cache.used[TRIPLES] * ROOMY >= len(cache.triple_keys):
        return TRIPLES
    cell_looks = cache.cell_looks
    for row in range(SIDE):
        for column in range(SIDE):
            cell = cells[place + column - 1]
            if cell_looks[cell, row * SIDE + column] == EMPTY:
                look = _look(weights, cache, cell, row * SIDE + column)
                if look < 0:
                    return LOOKS
                cell_looks[cell, row * SIDE + column] = look
        first, at = cells[place - 1], row * SIDE
        part = _part(cache, cell_looks[first, at], cell_looks[cells[place], at + 1], cell_looks[cells[place + 1], at + 2])
        if part < 0:
            return PARTS
        cache.triples[slot, row] = part
    cache.used[TRIPLES] += 1
    return 0


@part
def _look(weights: LayerWeights, cache: Cache, cell: int, place: int) -> int:
    """The number of what a cell in one of the nine places gives to the joint layer; -1 when there is no room for it."""
    before, after = cache.values[0], cache.values[1]
    for unit in range(weights.first_unit[1]):
        after[unit] = 0.0
    for channel in range(cache.cells.shape[1]):
        if cache.cells[cell, channel] != 0:
            _add(weights.begin, weights.unit, weights.weight, channel * SIDE * SIDE + place, cache.cells[cell, channel], after)
    for layer in range(weights.apart):
        before, after = after, before
        first, first_input = weights.first_unit[layer], weights.first_input[layer + 1]
        for unit in range(weights.first_unit[layer + 2] - weights.first_unit[layer + 1]):
            after[unit] = 0.0
        for index in range(weights.first_unit[layer + 1] - first):
            value = before[index] + weights.bias[first + index]
            if weights.place[first + index] == place and value > 0:
                _add(weights.begin, weights.unit, weights.weight, first_input + index, value, after)
    number = number_of(cache.used, LOOKS, cache.looks, cache.look_slots, after[: cache.looks.shape[1]])
    if number >= 0:
        highest, look, risen = cache.highest[place], cache.looks[number], False
        for unit in range(len(look)):
            if look[unit] > highest[unit]:
                highest[unit], risen = look[unit], True
        cache.used[VERSION] += risen
    return number


@part
def _part(cache: Cache, left: int, middle: int, right: int) -> int:
    """The number of three looks side by side; -1 when there is no room for it."""
    key = key_of(left, middle, right)
    slot = slot_of(cache.part_keys, key)
    if cache.part_keys[slot] == EMPTY:
        number = cache.used[PARTS]
        if number >= len(cache.part_looks):
            return -1
        cache.part_keys[slot], cache.part_numbers[slot] = key, number
        cache.part_looks[number, 0], cache.part_looks[number, 1], cache.part_looks[number, 2] = left, middle, right
        cache.part_sums[number], cache.part_lists[number, 2] = EMPTY, EMPTY
        cache.used[PARTS] += 1
    return int(cache.part_numbers[slot])


@part
def _add(begin: Ints, unit: Numbers, weight: Floats, index: int, value: float, totals: Floats) -> None:
    """Add what an input, counted over all layers, contributes to its units."""
    for i in range(begin[index], begin[index + 1]):
        totals[unit[i]] += weight[i] * value


@part
def _sum(cache: Cache, part: int, totals: Floats) -> None:
    """What a part gives to the joint layer."""
    looks = cache.part_looks[part]
    left, middle, right = cache.looks[looks[0]], cache.looks[looks[1]], cache.looks[looks[2]]
    for unit in range(cache.looks.shape[1]):
        totals[unit] = left[unit] + middle[unit] + right[unit]


@part
def _keep_sum(cache: Cache, part: int) -> bool:
    """Keep the sum of a part; False when there is no room for it."""
    number = cache.used[SUMS]
    if number >= len(cache.sums):
        return False
    _sum(cache, part, cache.sums[number])
    cache.part_sums[part] = number
    cache.used[SUMS] += 1
    return True


@part
def _list(weights: LayerWeights, cache: Cache, part: int) -> bool:
    """List the units of the joint layer that can be above 0 when this is the middle part; all, if that is the last layer. False
    when there is no room for them."""
    count, first, highest = cache.used[LISTED], weights.first_unit[weights.apart], cache.highest
    totals, all_count = cache.values[0], weights.apart + 2 == len(weights.first_unit)
    if count + len(totals) > len(cache.listed_units):
        return False
    _sum(cache, part, totals)
    cache.part_lists[part, 0] = count
    for unit in range(cache.looks.shape[1]):
        total = totals[unit] + weights.bias[first + unit]
        above = highest[0, unit] + highest[1, unit] + highest[2, unit]
        below = highest[6, unit] + highest[7, unit] + highest[8, unit]
        if all_count or total + above + below > 0:
            cache.listed_units[count], cache.listed_sums[count] = unit, total
            count += 1
    cache.part_lists[part, 1], cache.part_lists[part, 2] = count, cache.used[VERSION]
    cache.used[LISTED] = count
    return True


@part
def _begin_with_bias(weights: LayerWeights, layer: int, totals: Floats) -> None:
    """The sums of a layer's units before there is any input."""
    first = weights.first_unit[layer]
    for unit in range(weights.first_unit[layer + 1] - first):
        totals[unit] = weights.bias[first + unit]


@part
def _evaluate(weights: LayerWeights, cache: Cache, upper: int, middle: int, lower: int) -> int:
    """The number of the cell that the weights make of three parts; less than 0 says what is full."""
    if cache.used[PATCHES] * ROOMY >= len(cache.patch_keys):
        return -PATCHES
    for outer in (upper, lower):
        if cache.part_sums[outer] == EMPTY and not _keep_sum(cache, outer):
            return -SUMS
    if cache.part_lists[middle, 2] != cache.used[VERSION] and not _list(weights, cache, middle):
        return -LISTED
    layer, last_layer = weights.apart, len(weights.first_unit) - 2
    before, after = cache.values[0], cache.values[1]
    above, below = cache.sums[cache.part_sums[upper]], cache.sums[cache.part_sums[lower]]
    if layer < last_layer:
        _begin_with_bias(weights, layer + 1, after)
    for i in range(cache.part_lists[middle, 0], cache.part_lists[middle, 1]):
        unit = cache.listed_units[i]
        total = cache.listed_sums[i] + above[unit] + below[unit]
        if layer == last_layer:
            after[unit] = total
        elif total > 0:
            _add(weights.begin, weights.unit, weights.weight, weights.first_input[layer + 1] + unit, total, after)
    for later in range(layer + 2, last_layer + 1):
        before, after = after, before
        first_input = weights.first_input[later]
        _begin_with_bias(weights, later, after)
        for index in range(weights.first_input[later + 1] - first_input):
            if before[index] > 0:
                _add(weights.begin, weights.unit, weights.weight, first_input + index, before[index], after)
    cell = after[: cache.cells.shape[1]]
    if weights.single:
        for channel in range(len(cell)):
            cell[channel] = np.float32(cell[channel])
    met = cache.used[CELLS]
    number = number_of(cache.used, CELLS, cache.cells, cache.cell_slots, cell)
    if number < 0:
        return -CELLS
    if number == met:
        read(weights, cache, met)
    cache.used[PATCHES] += 1
    return number


@kernel
def read(weights: LayerWeights, cache: Cache, first: int) -> None:
    """Read the cells from number `first` on, and mark their looks as not computed yet."""
    for number in range(first, cache.used[CELLS]):
        cache.reads[number] = 0
        for place in range(SIDE * SIDE):
            cache.cell_looks[number, place] = EMPTY
        for channel in range(cache.cells.shape[1]):
            rest = cache.cells[number, channel]
            for i in range(weights.first_digit[channel], weights.first_digit[channel + 1]):
                digit = np.round(rest / weights.digit_value[i])
                rest -= digit * weights.digit_value[i]
                if digit != 0:
                    cache.reads[number] |= weights.digit_marks[i]


@kernel
def begin(weights: LayerWeights, cache: Cache, lattice: Lattice) -> int:
    """Find the parts of all triples of a lattice, and have all patches looked up. Returns 0, or what is full; then it can be called
    again."""
    columns, count = lattice.columns, 0
    for place in range(1, len(lattice.cells) - 1):
        if not 0 < place % columns < columns - 1:
            continue
        key = key_of(lattice.cells[place - 1], lattice.cells[place], lattice.cells[place + 1])
        slot = slot_of(cache.triple_keys, key)
        if cache.triple_keys[slot] == EMPTY:
            needed = _new_triple(weights, cache, lattice.cells, place, slot)
            if needed:
                return needed
            cache.triple_keys[slot] = key
        for row in range(SIDE):
            lattice.parts[place, row] = cache.triples[slot, row]
        if lattice.counted[place]:
            lattice.dirty[count] = place
            count += 1
    lattice.state[DIRTY] = count
    return 0
