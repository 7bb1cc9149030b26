"""The head and the memory of a checkpoint: an answer is what the cells say, and a step of gradient descent writes one row.

Lemma 1.1 needs three things of the weights. At the cells of the first row that is still 0, the derivative of the next layer by what
the memory delivers there is that of the identity; everywhere else in a memory that is not full it is 0; and the head has slope 1 at
such a cell. All are looked at on every patch that a memory of any size can have while it is filled row by row: its nine cells are
full, empty, pads or beyond the edges in few ways, and a full one is -1 or +1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tmc.automaton.signals import ACCEPTED, REJECTED
from tmc.ir.lattice import HERE, PLACES, Cell, Patch
from tmc.ir.rules import Rules, local
from tmc.net.checkpoint.reading import Checkpoint
from tmc.run.observe import memory
from tmc.verify.unit_terms import Floats, dense

CHUNK = 1 << 12  # patches that are looked at together
Encode = Callable[[Cell], tuple[float, ...]]
Layers = list[tuple[Floats, Floats]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Examined:
    """How many cases were looked at, and what was wrong."""

    cases: int
    faults: tuple[str, ...]


def answers(checkpoint: Checkpoint, rules: Rules, encode: Encode, cells: Iterator[Cell]) -> Examined:
    """That the head makes of each of these cells its verdict: +1, -1, or 0 for no verdict."""
    layers = _layers(checkpoint, "head")
    position, cases, faults = rules.index("answer"), 0, []
    verdicts = {0: 0.0, ACCEPTED: 1.0, REJECTED: -1.0}
    for chunk in _chunks(cells):
        found = _outputs(layers, np.array([encode(cell) for cell in chunk], dtype=np.float64))[:, 0]
        expected = np.array([verdicts[cell[position]] for cell in chunk])
        wrong = np.flatnonzero(found != expected)
        faults += [f"the head makes {found[i]:g} of the cell {_shown(rules, chunk[i])}, not {expected[i]:g}" for i in wrong[:1]]
        cases += len(chunk)
    return Examined(cases, tuple(faults[:1]))


def cells_read(checkpoint: Checkpoint, rules: Rules, channels: tuple[str, ...]) -> Iterator[Cell]:
    """Cells of the target `wide`, one for each combination of the fields that the head reads."""
    read = {channels[index].split(".")[0] for index in np.flatnonzero(_layers(checkpoint, "head")[0][0].any(axis=0))}
    yield from product(*(field.numbers() if field.name in read | {"answer"} else (0,) for field in rules.fields))


def learns(checkpoint: Checkpoint, rules: Rules, encode: Encode) -> Examined:
    """That the weights are what Lemma 1.1 needs. Of a machine on a line nothing is asked."""
    if not rules.has("kind"):
        return Examined(0, ())
    symbol = int(checkpoint.about["cells"]["symbol"])
    recurrent, head = _layers(checkpoint, "recurrent"), _layers(checkpoint, "head")
    patches = dict(memory_patches(rules))
    cases, faults = 0, list(islice(_restless(rules, patches), 1))
    for chunk in _chunks(iter(patches.items())):
        values = np.array([[encode(cell) for cell in patch] for patch, _ in chunk], dtype=np.float64)
        inputs = values.transpose(0, 2, 1).reshape(len(chunk), -1)
        found = _jacobian(recurrent, inputs, [symbol * len(PLACES) + place for place in range(len(PLACES))])
        expected = np.zeros_like(found)
        expected[:, symbol, HERE] = [growing for _, growing in chunk]
        wrong = np.flatnonzero((found != expected).any(axis=(1, 2)))
        faults += [_slope_fault(rules, chunk[i][0], found[i] - expected[i]) for i in wrong[:1]]
        cases += len(chunk)
    empty = next(patch[HERE] for patch, growing in patches.items() if growing)
    slope = _jacobian(head, np.array([encode(empty)], dtype=np.float64), [symbol])[0, 0, 0]
    if slope != 1:
        faults.append(f"the head's slope at an empty cell of the memory is {slope:g}, not 1")
    return Examined(cases + 1, tuple(faults[:2]))


def _slope_fault(rules: Rules, patch: Patch, difference: Floats) -> str:
    channel, place = np.argwhere(difference)[0]
    where = _shown(rules, patch[HERE])
    return f"at a cell of the memory, {where}, the derivative by the symbol {PLACES[place]} is wrong (channel {channel})"


def memory_patches(rules: Rules) -> Iterator[tuple[Patch, bool]]:
    """The patches of memories that are not full, each with whether its cell is in the first row that is still 0: those of a memory
    of any size with at least one example of one feature."""
    ((zero, minus, plus, pad),) = memory(rules, ((0, -1, 1),), 1)
    for rows, columns in product(_ROWS, _COLUMNS):
        choices: list[tuple[Cell, ...]] = []
        for row, column in product(rows, columns):
            beyond = BEYOND in (row, column)
            memory_cell = (minus, plus) if row == FULL else (zero,)
            choices.append((rules.border,) if beyond else (pad,) if column == PAD else memory_cell)
        growing = rows[1] == EMPTY and rows[0] != EMPTY and columns[1] == MEMORY
        for patch in product(*choices):
            yield cast("Patch", patch), growing


BEYOND, FULL, EMPTY, MEMORY, PAD = "beyond", "full", "empty", "memory", "pad"
# What rows above each other are: full ones, then at least one empty one, two at least in all.
_ROWS = (
    *product((BEYOND, FULL), (FULL,), (FULL, EMPTY)),
    (BEYOND, EMPTY, EMPTY),
    *product((FULL, EMPTY), (EMPTY,), (EMPTY, BEYOND)),
)
# What columns beside each other are: at least two of the memory, then at least one of pads.
_COLUMNS = (
    (BEYOND, MEMORY, MEMORY),
    *product((MEMORY,), (MEMORY,), (MEMORY, PAD)),
    *product((MEMORY, PAD), (PAD,), (PAD, BEYOND)),
)


def _restless(rules: Rules, patches: Iterable[Patch]) -> Iterator[str]:
    """The patches of these of which the rules make something else than what is there."""
    step = local(rules)
    return (f"the memory changes at {_shown(rules, patch[HERE])}" for patch in patches if step(patch) != patch[HERE])


def _layers(checkpoint: Checkpoint, group: str) -> Layers:
    return [(dense(weight), bias.astype(np.float64)) for weight, bias in checkpoint.layers(group)]


def _outputs(layers: Layers, values: Floats) -> Floats:
    """What layers make of inputs, shape (cases, inputs): ReLUs stand between them."""
    for index, (matrix, bias) in enumerate(layers):
        values = (np.maximum(values, 0) if index else values) @ matrix.T + bias
    return values


def _jacobian(layers: Layers, values: Floats, inputs: list[int]) -> Floats:
    """The derivatives of what layers make of some inputs by those: shape (cases, outputs, inputs). At a kink a ReLU's is 0."""
    slopes: list[NDArray[np.bool_]] = []
    for matrix, bias in layers[:-1]:
        sums = values @ matrix.T + bias
        slopes.append(sums > 0)
        values = np.maximum(sums, 0)
    outputs = len(layers[-1][1])
    found = np.empty((len(values), outputs, len(inputs)))
    if outputs < len(inputs):
        for output in range(outputs):
            back = np.broadcast_to(layers[-1][0][output], (len(values), layers[-1][0].shape[1]))
            for (matrix, _), open_units in zip(reversed(layers[:-1]), reversed(slopes), strict=True):
                back = (back * open_units) @ matrix
            found[:, output] = back[:, inputs]
        return found
    for column, index in enumerate(inputs):
        forward = np.broadcast_to(layers[0][0][:, index], (len(values), len(layers[0][1])))
        for (matrix, _), open_units in zip(layers[1:], slopes, strict=True):
            forward = (forward * open_units) @ matrix.T
        found[:, :, column] = forward
    return found


def _shown(rules: Rules, cell: Cell) -> str:
    values = [f"{field.name} = {field.values[number]}" for field, number in zip(rules.fields, cell, strict=True) if number]
    return ", ".join(values) or "at rest"


def _chunks(items: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(items, CHUNK)):
        yield chunk
