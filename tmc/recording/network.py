"""The network of a recording, layer by layer: what changes, and how many cells the sparse engine evaluated for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tmc.diagnostics import InternalError, Rejected
from tmc.ir.from_document import fields_of
from tmc.ir.lattice import Cell
from tmc.ir.rules import Rules
from tmc.ir.table import Table, start
from tmc.ir.tape import Grid, Line
from tmc.native.tables import Floats
from tmc.net.checkpoint.reading import DAMAGED
from tmc.net.described import not_compiled
from tmc.net.learn import memorise, rows_of
from tmc.net.sparse.plain import PlainNetwork
from tmc.net.sparse.running import SparseRun
from tmc.recording.layout import CellField, Layer
from tmc.run.observe import window
from tmc.run.simulator import Run
from tmc.run.walk import Walker
from tmc.targets.target import Coding


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a network begins: its first lattice (rows, columns, channels), and the column of a line's position 0."""

    lattice: Floats
    origin: int


def beginning(network: PlainNetwork, table: Table, data: Grid | Line, run: Run, *, train: bool) -> Beginning:
    """The network about to run, with room for a run of its machine.

    On a grid its memory holds the examples: by gradient descent if it is to `train`, else by Lemma 1.1. Raises `Rejected` for a
    grid that is no data set, and when gradient descent does not memorise.
    """
    if isinstance(data, Line):
        return _on_a_line(network, table, data, run)
    signs = np.array([{"0": -1, "1": 1}.get(symbol, 0) for symbol in table.data.symbols], dtype=np.int8)
    values = signs[np.array(data.rows)]
    if not values[:-1].all() or not values[-1, :-1].all() or data.rows[-1][-1]:
        raise Rejected("the network learns examples: every cell of the grid is 0 or 1, but for the last, which is blank")
    x, y, query = values[:-1, :-1], values[:-1, -1], values[-1, :-1]
    shape = network.shape(len(x), len(query), work=None if network.promises("work") else run.work_cells)
    network.check_memory(shape, batch=1, kept=0)
    if train:
        memorise(network, x, y, shape)
    elif not network.is_trained:
        network.set_memory(rows_of(x, y) * network.learning_rate)
    return Beginning(network.first_lattice(np.append(query, np.int8(1)), shape.pads), 0)


def _on_a_line(network: PlainNetwork, table: Table, data: Line, run: Run) -> Beginning:
    walker, first, last = Walker(table, start(table, data)), 0, max(0, data.start + len(data.cells) - 1)
    for _ in range(run.steps):
        action = walker.action()
        if action is None:
            break
        walker.take(action)
        first, last = min(first, walker.place), max(last, walker.place)
    columns = last - first + 2 + run.work_cells
    network.check_window(columns)
    fields, coding = _coded(network)
    lattice = window(table, fields, data, -first, last + 1 + run.work_cells)
    encoded = {cell: coding.encode(cell) for row in lattice for cell in row}
    return Beginning(np.array([[encoded[cell] for cell in row] for row in lattice], dtype=np.float64), -first)


def _coded(network: PlainNetwork) -> tuple[Rules, Coding]:
    try:
        cells, coding = network.checkpoint.coding()
        return fields_of(cells), coding
    except (KeyError, ValueError, IndexError):
        raise Rejected(f"{network.checkpoint.name}: {DAMAGED}") from None


class Layers:
    """The lattice of a network, layer by layer. `fields` are those of its cells."""

    def __init__(self, network: PlainNetwork, begin: Beginning, *, whole: bool) -> None:
        """`whole`: whether all of the lattice is wanted after every layer."""
        self._network, self._run, self._whole = network, SparseRun(begin.lattice, network.patches()), whole
        rules, self._coding = _coded(network)
        self.fields = tuple(CellField(field.name, field.values) for field in rules.fields)
        self._numbers = dict[Cell, int]()
        self._values = dict[tuple[float, ...], Cell]()
        self.rows, self.columns, _ = begin.lattice.shape
        self._cells = np.full((self.rows, self.columns), -1, np.int32)
        self._evaluated = 0

    @property
    def done(self) -> int:
        """How many layers were run."""
        return self._run.layers

    def first(self) -> Layer:
        """What the network begins with."""
        every = ((row, column) for row in range(self.rows) for column in range(self.columns))
        return self._layer(list(every), self._run.lattice().reshape(self.rows * self.columns, -1))

    def next(self) -> Layer:
        """One layer more."""
        self._run.advance(1, until=0)
        places, values = self._run.changed()
        return self._layer([(row, column) for row, column in places.tolist()], values)

    @property
    def at_rest(self) -> bool:
        """Whether the last layer changed nothing."""
        return self._run.at_rest

    def _layer(self, places: list[tuple[int, int]], values: Floats) -> Layer:
        met, cells = len(self._numbers), [self._number(tuple(value)) for value in values.tolist()]
        for (row, column), cell in zip(places, cells, strict=True):
            self._cells[row, column] = cell
        new = list(self._numbers)[met:] if len(self._numbers) > met else []
        evaluated, self._evaluated = self._run.looked_up - self._evaluated, self._run.looked_up
        return Layer(evaluated, new, places, cells, self._cells.tolist() if self._whole else None)

    def _number(self, value: tuple[float, ...]) -> int:
        """The number of a cell, given by its channels."""
        if value not in self._values:
            self._values[value] = self._decoded(value)
        return self._numbers.setdefault(self._values[value], len(self._numbers))

    def _decoded(self, value: tuple[float, ...]) -> Cell:
        try:
            cell: Cell = self._coding.decode(value)
            if tuple(map(float, self._coding.encode(cell))) == value:
                return cell
        except (KeyError, ValueError, IndexError, OverflowError, InternalError):
            pass
        raise not_compiled(self._network, f"the cells mean nothing after {self.done} layers")
