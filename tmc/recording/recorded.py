"""A run that was recorded: its configurations by step and, if they were kept, its lattices by layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tmc.diagnostics import Rejected
from tmc.ir.lattice import Lattice
from tmc.ir.table import Configuration, Table, Transition, apply
from tmc.ir.tape import EMPTY, Grid, Line
from tmc.recording.layout import NONE, Array, Arrays, CellField, Kept
from tmc.run.trace import Step


@dataclass(frozen=True, slots=True)
class Network:
    """The lattice of a recording: its size, the column of a line's position 0, the `layers` that were run, and the fields of its
    cells. `birth`: the layer that creates the control. `target`: the kind of network."""

    target: str
    rows: int
    columns: int
    origin: int
    birth: int
    layers: int
    fields: tuple[CellField, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recording:
    """A recorded run. ``tmc.load_trace("run.npz")`` reads one.

    `table`: the machine; `verdict`: how the run ended, or that it was cut off; `steps`: how many were taken; `data`: the data tape
    before the first. `file`: the name of the machine's own file. `arrays` holds the numbers, laid out as docs/trace.md says.
    """

    table: Table
    verdict: str
    steps: int
    data: Grid | Line
    file: str
    kept: Kept
    arrays: Arrays
    network: Network | None = None

    def __repr__(self) -> str:
        layers = "" if self.network is None else f", {self.network.layers} layers"
        return f"<Recording of {self.table.name}: {self.verdict} after {self.steps} steps{layers}>"

    def __len__(self) -> int:
        """How many configurations there are: one more than steps."""
        return self.steps + 1

    # --- steps

    def transition(self, step: int) -> Transition | None:
        """The transition about to be taken; None when the machine has halted or none applies."""
        number = int(self.arrays["transition"][self._step(step)])
        return None if number == NONE else self.table.transitions[number]

    def rule(self, step: int) -> tuple[str, int] | None:
        """The file and the line of the rule about to be taken."""
        transition = self.transition(step)
        return None if transition is None else (transition.file or self.file, transition.line)

    def layer(self, step: int) -> int:
        """After how many layers the network's control stands ready for a step."""
        return int(self.arrays["layer"][self._step(step)])

    def step_at(self, layer: int) -> int | None:
        """The step under way after so many layers; None before the first."""
        found = int(np.searchsorted(self.arrays["layer"], layer, side="right")) - 1
        return None if found < 0 else found

    def configuration(self, step: int) -> Configuration:
        """The configuration after so many steps: found from all that was written until then, at once."""
        at, arrays = self._step(step), self.arrays
        row, column = arrays["head"][at].tolist()
        head = (row, column)
        work_head = int(arrays["work_head"][at])
        return Configuration(int(arrays["state"][at]), self._data_at(at), head, self._work_at(at), work_head)

    def __iter__(self) -> Iterator[Step]:
        """All configurations from the first to the last, each with the transition about to be taken."""
        configuration = Configuration(self.table.start, self.data, (0, 0))
        for number in range(len(self)):
            transition = self.transition(number)
            yield Step(number, configuration, transition)
            if transition is not None and number < self.steps:
                configuration = apply(self.table, transition, configuration)

    def _step(self, step: int) -> int:
        if not 0 <= step <= self.steps:
            raise Rejected(f"there is no step {step} in this recording: they are numbered from 0 to {self.steps}")
        return step

    def _data_at(self, step: int) -> Grid | Line:
        written = self.arrays["data_write"][:step]
        times = np.flatnonzero(written != NONE)
        places, symbols = self.arrays["head"][:step][times], written[times]
        if isinstance(self.data, Grid):
            grid = np.array(self.data.rows)
            grid[places[:, 0], places[:, 1]] = symbols  # of several at one place the last one stays
            return Grid(tuple(map(tuple, grid.tolist())))
        return _line(self.data, places[:, 1], symbols)

    def _work_at(self, step: int) -> Line:
        written = self.arrays["work_write"][:step]
        times = np.flatnonzero(written != NONE)
        return _line(EMPTY, self.arrays["work_head"][:step][times], written[times])

    # --- layers

    def cells_evaluated(self, layer: int) -> int:
        """How many cells the sparse engine evaluated in a layer: those that saw a change."""
        return int(self.arrays["evaluated"][self._layer(layer)])

    def lattice(self, layer: int) -> Array:
        """The lattice after so many layers, shape (rows, columns): the numbers of cells, rows of the array `cells`."""
        at, network = self._layer(layer), self._network()
        if self.kept == "layers":
            return np.asarray(self.arrays["lattice"][at])
        end = int(self.arrays["changes_begin"][at + 1])
        lattice = np.zeros((network.rows, network.columns), np.int32)
        places = self.arrays["changes_place"][:end]
        lattice[places[:, 0], places[:, 1]] = self.arrays["changes_cell"][:end]  # of several at one place the last one stays
        return lattice

    def cells(self, layer: int) -> Lattice:
        """The lattice after so many layers: a number for each field of each cell, in the order of `network.fields`."""
        cells = [tuple(cell) for cell in self.arrays["cells"].tolist()]
        return tuple(tuple(cells[number] for number in row) for row in self.lattice(layer).tolist())

    def cell(self, layer: int, row: int, column: int) -> dict[str, str]:
        """The fields of a cell that are not at rest, with their values by name."""
        network = self._network()
        if not (0 <= row < network.rows and 0 <= column < network.columns):
            raise Rejected(f"there is no cell ({row}, {column}): the lattice has {network.rows} rows, {network.columns} columns")
        values = self.arrays["cells"][self.lattice(layer)[row, column]].tolist()
        return {field.name: field.values[value] for field, value in zip(network.fields, values, strict=True) if value}

    def _network(self) -> Network:
        if self.network is None:
            raise Rejected("no layers were recorded: `tmc trace` keeps them with --layers or --changes")
        return self.network

    def _layer(self, layer: int) -> int:
        if not 0 <= layer <= self._network().layers:
            raise Rejected(f"there is no layer {layer} in this recording: they are numbered from 0 to {self._network().layers}")
        return layer


def _line(line: Line, places: Array, symbols: Array) -> Line:
    """A line with these symbols at these places; of several at one place the last one."""
    reached = [int(bound) for bound in (places.min(), places.max())] if len(places) else []
    first = min([line.start, *reached])
    last = max([line.start + len(line.cells) - 1, *reached])
    cells = np.zeros(max(0, last - first + 1), np.int64)
    cells[line.start - first : line.start - first + len(line.cells)] = line.cells
    cells[places - first] = symbols
    return Line.of(dict(enumerate(cells.tolist(), first)))
