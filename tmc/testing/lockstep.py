"""Every stage of a machine run side by side, layer by layer: the table is the oracle, and nothing may differ in any number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tmc.automaton.rows_to_grid import rows_to_grid
from tmc.diagnostics import InternalError
from tmc.ir import cells as cell_stage
from tmc.ir import filters as filter_stage
from tmc.ir import rules as rule_stage
from tmc.ir.lattice import Cell, Evolution, Lattice, Patch
from tmc.ir.table import Configuration, Table, Transition
from tmc.ir.tape import Grid, Line, Move
from tmc.net.sparse.patchwise import Patchwise
from tmc.pipeline import Stages
from tmc.run.observe import memory, window
from tmc.run.simulator import Run, configurations, simulate
from tmc.testing.following import Path, Sight
from tmc.testing.timing import moments

if TYPE_CHECKING:
    from tmc.net.engines import Engine
    from tmc.net.network import Network


class Mismatch(Exception):
    """Two stages that disagree. The text says which, where and how: this is a miscompilation, never the input's fault."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A run in which all stages agreed: the simulator's `run`, the layers after which its result stood, and the lattice's size."""

    run: Run
    layers: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class RunStart:
    """Where a run begins: the first lattice (stage `rules`), the column of position 0, the layer that creates the control."""

    lattice: Lattice
    origin: int
    birth: int


@dataclass(frozen=True, slots=True)
class Caches:
    """The patches that a machine's stages have already evaluated: worth sharing between runs of one machine."""

    rules: dict[Patch, Cell] = field(default_factory=dict)
    cells: dict[Patch, Cell] = field(default_factory=dict)
    filters: dict[Patch, Cell] = field(default_factory=dict)
    network: dict[Patch, Cell] = field(default_factory=dict)


def lockstep(
    stages: Stages,
    data: Grid | Line,
    max_steps: int | None = None,
    network: Network | Patchwise | None = None,
    caches: Caches | None = None,
    *,
    alone: bool = False,
    check: Callable[[], None] = lambda: None,
) -> Agreement:
    """Run table, rules, cells, filters and, if given, the network on one input; `alone`: nothing but table and rules, whatever the
    target makes of them.

    A network is the PyTorch module, all of whose lattice is compared after every layer, or by its weights, patch by patch. Of the
    other stages what changes in a layer is compared: all that was equal and does not change is equal still. Before every machine
    step the configuration on the lattice is compared with the table's, at exactly the layer that `tmc.testing.timing` foretells:
    the work tape under its head, and all of it before every step of a short run (`tmc.testing.following.CREDIT`), now and then in
    a long one, and at the end. A machine on rows is compared with itself on the grid before that, step by step.

    `check` is called after every layer, and between what is done before the first, and may end this with an exception. Raises
    `Mismatch` at the first difference.
    """
    run = simulate(stages.table, data, max_steps)
    steps = _lowered_steps(stages.table, data, run.steps)
    check()
    start = start_of(stages, data, run)
    check()
    parallel = _Parallel(stages, start, data, network, caches or Caches(), alone)
    path, sight = Path(stages.lowered, data), Sight(stages.lowered, stages.rules, data, start.origin)
    sight.changes(parallel.changes())
    cells, layer = len(start.lattice) * len(start.lattice[0]), start.birth
    for layer, transition in _moments(stages.lowered, data, steps, start.birth):
        while parallel.layers < layer:
            parallel.advance()
            sight.changes(parallel.changes())
            check()
        _refuse(sight.difference(path, parallel.lattice if sight.whole(cells) else None), layer)
        if transition is not None:
            path.take(transition)
    if run.verdict != "timeout":  # the waves run out, and then nothing changes any more
        while not parallel.at_rest:
            parallel.advance()
            sight.changes(parallel.changes())
            check()
    _refuse(sight.difference(path, parallel.lattice), parallel.layers)
    return Agreement(run, layer, len(start.lattice), len(start.lattice[0]))


def _moments(table: Table, data: Grid | Line, steps: int, birth: int) -> Iterator[tuple[int, Transition | None]]:
    """The layer at which each step of a path must begin, with its transition; at last the layer of the end."""
    path, taken = Path(table, data), list[Transition]()

    def operations() -> Iterator[tuple[Move, Move]]:
        for _ in range(steps):
            transition = path.transition()
            if transition is None:
                raise InternalError(f"the run of {table.name} ends before its {steps} steps are taken")
            taken.append(transition)
            yield path.take(transition)

    for number, layer in enumerate(moments(operations(), birth)):
        yield layer, taken[number] if number < steps else None


def _lowered_steps(table: Table, data: Grid | Line, steps: int) -> int:
    """How many steps a run takes on the grid. On rows each of its configurations must be there too, between those in carriages."""
    if not table.is_rows or not isinstance(data, Grid):
        return steps
    most = steps * len(data.rows[0])  # every step a wrap
    on_grid = enumerate(_path(rows_to_grid(table), data, most))
    visible = ((taken, configuration) for taken, configuration in on_grid if configuration.state < len(table.states))
    taken = 0
    for step, expected in enumerate(_path(table, data, steps)):
        taken, found = next(visible, (most, None))
        if found != expected:
            raise Mismatch(f"step {step}: {expected} on rows, {found} on the grid after {taken} steps")
    return taken


def _path(table: Table, data: Grid | Line, steps: int) -> Iterator[Configuration]:
    """The configurations of a run, the last one too. They are made anew at each call: a long run's would not fit in memory."""
    return (configuration for configuration, _ in islice(configurations(table, data), steps + 1))


def start_of(stages: Stages, data: Grid | Line, run: Run) -> RunStart:
    """The first lattice of an input, large enough for a run of the machine: what the memory delivers, or the cells of the line."""
    if isinstance(data, Grid):
        x, y, query = examples_of(stages, data)
        products = np.vstack([np.column_stack([x * query, np.ones(len(x), dtype=np.int8)]) * y[:, None], np.append(query, 1)])
        lattice = memory(stages.rules, tuple(map(tuple, products.tolist())), run.work_cells + 1)
        return RunStart(lattice, 0, len(x) + len(query) + 2)
    first, last, path = 0, data.start + len(data.cells), Path(stages.lowered, data)
    for _ in range(run.steps):
        if (transition := path.transition()) is not None:
            path.take(transition)
        first, last = min(first, path.head[1]), max(last, path.head[1])
    return RunStart(window(stages.lowered, stages.rules, data, -first, last + run.work_cells + 1), -first, 0)


def examples_of(stages: Stages, data: Grid) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int8]]:
    """Features (m, d), labels (m,) and query (d,) of a data tape, all -1 and +1."""
    signs = np.array([{"0": -1, "1": 1}.get(symbol, 0) for symbol in stages.table.data.symbols], dtype=np.int8)
    values = signs[np.array(data.rows)]
    return values[:-1, :-1], values[:-1, -1], values[-1, :-1]


def engine_of(network: Network, stages: Stages, data: Grid | Line, run: Run) -> Engine:
    """The network about to run on an input, by the dense engine: on a lattice that is large enough for this run of the machine."""
    return _engine(network, stages, data, start_of(stages, data, run).lattice)


def _engine(network: Network, stages: Stages, data: Grid | Line, lattice: Lattice) -> Engine:
    """The network about to run: its memory filled by gradient descent, or, on a line, the cells themselves."""
    from tmc.net.answer import start_on_cells, start_on_query
    from tmc.net.learn import memorise

    if isinstance(data, Line):
        return start_on_cells(network, np.array([[stages.encode(cell) for cell in row] for row in lattice], dtype=np.float64))
    x, y, query = examples_of(stages, data)
    shape = network.shape(len(x), len(query), work=len(lattice[0]) - len(query) - 2)
    memorise(network, x, y, shape)
    return start_on_query(network, query, shape)


class _Parallel:
    """The lattices of all stages, kept in step."""

    def __init__(
        self, stages: Stages, start: RunStart, data: Grid | Line, network: Network | Patchwise | None, caches: Caches, alone: bool
    ) -> None:
        self._rules = Evolution(rule_stage.local(stages.rules), stages.rules.border, start.lattice, caches.rules)
        self._encoders = {"cells": _remembering(stages.cells.encode), "filters": _remembering(stages.encode)}
        self._others: list[tuple[str, Evolution]] = []
        self._engine: Engine | None = None
        if alone:
            return
        encoded = {name: _encoded(encode, start.lattice) for name, encode in self._encoders.items()}
        cells, filters = cell_stage.local(stages.cells), filter_stage.local(stages.filters)
        self._others.append(("cells", Evolution(cells, stages.cells.border, encoded["cells"], caches.cells)))
        self._others.append(("filters", Evolution(filters, stages.filters.border, encoded["filters"], caches.filters)))
        if isinstance(network, Patchwise):
            self._encoders["network"] = self._encoders["filters"]
            first = _first_of(network, stages, data, start.lattice, encoded["filters"])
            _compare_all(encoded["filters"], first)
            self._others.append(("network", Evolution(network.local, network.border, first, caches.network)))
        elif network is not None:
            self._engine = _engine(network, stages, data, start.lattice)
        self._channels = np.array(encoded["filters"], dtype=np.float64).transpose(2, 0, 1)
        self._compare_network()

    @property
    def lattice(self) -> Lattice:
        """The lattice of the stage `rules`."""
        return self._rules.lattice

    @property
    def layers(self) -> int:
        """Layers done."""
        return self._rules.layers

    @property
    def at_rest(self) -> bool:
        """Whether the last layer changed nothing."""
        return self._rules.at_rest

    def changes(self) -> Iterator[tuple[tuple[int, int], Cell]]:
        """The cells of the stage `rules` that the last layer changed (all, before the first), as they are now."""
        return ((place, self._rules.cell(*place)) for place in self._rules.changed())

    def advance(self) -> None:
        """One layer of every stage. Equal before and equal in what changes is equal after."""
        self._rules.advance()
        changes: dict[tuple[int, int], Cell] = {}
        for name, evolution in self._others:
            changes = {place: self._encoders[name](cell) for place, cell in self.changes()}
            evolution.advance()
            self._compare_changes(name, changes, {place: evolution.cell(*place) for place in evolution.changed()})
        if self._engine is not None:
            for (row, column), cell in changes.items():
                self._channels[:, row, column] = cell
            self._engine.advance()
            self._compare_network()

    def _compare_changes(self, name: str, expected: dict[tuple[int, int], Cell], found: dict[tuple[int, int], Cell]) -> None:
        if expected == found:
            return
        place = min(place for place in expected.keys() | found.keys() if expected.get(place) != found.get(place))
        raise Mismatch(f"layer {self.layers}, cell {place}: rules {expected.get(place)}, {name} {found.get(place)}")

    def _compare_network(self) -> None:
        if self._engine is None:
            return
        found = self._engine.lattice()[0].cpu().numpy()
        if not np.array_equal(found, self._channels):
            channel, row, column = np.argwhere(found != self._channels)[0]
            expected, value = self._channels[channel, row, column], found[channel, row, column]
            raise Mismatch(f"layer {self.layers}, cell ({row}, {column}), channel {channel}: filters {expected}, network {value}")


def _first_of(network: Patchwise, stages: Stages, data: Grid | Line, lattice: Lattice, encoded: Lattice) -> Lattice:
    """The first lattice of a network: what its memory delivers, or, on a line, the cells themselves."""
    if isinstance(data, Line):
        return encoded
    x, y, query = examples_of(stages, data)
    return network.first_lattice(x, y, query, len(lattice[0]) - len(query) - 1)


def _compare_all(expected: Lattice, found: Lattice) -> None:
    for row, (one, other) in enumerate(zip(expected, found, strict=True)):
        for column, (cell, value) in enumerate(zip(one, other, strict=True)):
            if cell != value:
                raise Mismatch(f"layer 0, cell ({row}, {column}): filters {cell}, network {value}")


def _remembering(encode: Callable[[Cell], Cell]) -> Callable[[Cell], Cell]:
    encoded: dict[Cell, Cell] = {}

    def remembered(cell: Cell) -> Cell:
        if cell not in encoded:
            encoded[cell] = encode(cell)
        return encoded[cell]

    return remembered


def _encoded(encode: Callable[[Cell], Cell], lattice: Lattice) -> Lattice:
    return tuple(tuple(encode(cell) for cell in row) for row in lattice)


def _refuse(difference: str, layer: int) -> None:
    if difference:
        raise Mismatch(f"layer {layer}: {difference}")
