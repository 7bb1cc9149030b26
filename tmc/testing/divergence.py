"""The first divergence of a network from a source: the layer, the cell and its fields, the rules that meant to write them, and the
hidden unit and the weights that did otherwise.

The rules of the source and the network of a checkpoint run side by side, layer by layer, on one input. As long as all cells agree,
both have the same patches; so where they first differ, one patch is enough to say why. The checkpoint need not come from this
source: cells are compared by the names of their fields and values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import InternalError, Rejected
from tmc.ir import filters as filter_stage
from tmc.ir import rules as rule_stage
from tmc.ir.cells import code
from tmc.ir.from_document import fields_of
from tmc.ir.lattice import OFFSETS, Cell, Evolution, Lattice
from tmc.ir.rules import Rule, Rules
from tmc.ir.table import Transition
from tmc.ir.tape import Grid, Line
from tmc.net.checkpoint.reading import DAMAGED, Checkpoint
from tmc.net.described import Shape
from tmc.net.engines import Dense
from tmc.net.network import Network, exact
from tmc.pipeline import Stages
from tmc.run.loops import Loop, simulate_to_the_end
from tmc.run.simulator import Run, configurations, simulate, step_limit
from tmc.testing.first_unit import UnitDifference, first_unit
from tmc.testing.lockstep import RunStart, examples_of, start_of
from tmc.testing.timing import effective, moments

Floats = NDArray[np.float64]
Signs = NDArray[np.int8]
Place = tuple[int, int]
WHOLE = "cell"  # instead of a field: what the network holds cannot be taken apart


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field of a cell, and the names of its values. What is no value of it is given as numbers in brackets, those of its
    channels; where the network's whole cell is no cell, that is all: `field` is then `WHOLE`."""

    field: str
    source: str
    network: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the machine is: the step under way, counted from 0, the state by name, and the transition."""

    step: int
    state: str
    transition: Transition | None


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a network and a source first differ.

    `layer`: after so many applications of the recurrent convolution; 0 is what the memory delivers. `place`: row and column of the
    cell, the first of `cells` that differ. `rules`: those of the source that write one of the `fields` here; without any, a field
    stays as it is or falls back to rest. `moment`: what the machine is doing meanwhile, if it has begun. `unit`: the first that
    differs; None at layer 0, and where the same weights make something else of the same patch by rounding alone.
    """

    layer: int
    place: Place
    cells: int
    fields: tuple[FieldDifference, ...]
    rules: tuple[Rule, ...]
    moment: Moment | None
    unit: UnitDifference | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of running both: layers compared, lattice size, the simulator's run and why it never ends if that is known, whether
    all came to rest, and the outputs of source and network if no cell ever differed.

    `strayed`: at which example, counted from 1 (m+1 is the dummy), training left the memory of Lemma 1.1, if it did. Then the
    network was compared with that memory in it.
    """

    layers: int
    size: Place
    run: Run
    at_rest: bool
    divergence: Divergence | None
    outputs: tuple[float, float] | None
    loop: Loop | None = None
    strayed: int | None = None

    @property
    def verdict(self) -> str:
        """How the run ends, or that it never does."""
        return "loops" if self.loop is not None else self.run.verdict

    @property
    def agree(self) -> bool:
        """Whether nothing differs."""
        same = self.divergence is None and self.outputs is not None and self.outputs[0] == self.outputs[1]
        return same and self.strayed is None


def compare(
    network: Network,
    stages: Stages,
    data: Grid | Line,
    max_layers: int | None = None,
    watch: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Run a source and a network on one input until they differ, or both are at rest, or `max_layers` were run; by default no more
    of a run that never ends than it takes to see that.

    `stages` are the source's, compiled for the network's target. A network that is not trained is trained first, and if that does
    not leave the memory of Lemma 1.1, it is given that memory; of one that is trained, the memory is taken as it is. `watch` is
    told the number of layers done. Raises `Rejected` when the network does not read this kind of input, or has learnt examples of
    another size.
    """
    if network.reads_grid != isinstance(data, Grid):
        raise Rejected(f"the machine {network.name} reads {'a grid of examples' if network.reads_grid else 'a line'}")
    run, loop = simulate_to_the_end(stages.table, data, step_limit(stages.table, data))
    if loop is not None and max_layers is not None:
        run = simulate(stages.table, data, max_layers)  # so far at most, and so much room
    start = start_of(stages, data, run)
    both = _Both(network, stages, start.lattice)
    engine, strayed = _engine(network, stages, data, both.channels(start.lattice))
    both.begin(engine)
    limit = max_layers if max_layers is not None or run.verdict != "timeout" else _last(stages, data, run, start)
    while both.differing is None and not both.at_rest and (limit is None or both.layers < limit):
        both.advance()
        watch(both.layers)
    divergence = None if both.differing is None else both.divergence(_moment(stages, data, run, start, both.layers))
    outputs = None if divergence is not None else both.outputs()
    return Comparison(
        both.layers, (len(start.lattice), len(start.lattice[0])), run, both.at_rest, divergence, outputs, loop, strayed
    )


def _engine(network: Network, stages: Stages, data: Grid | Line, channels: Floats) -> tuple[Dense, int | None]:
    """The network about to run, and at which example its training left the memory of Lemma 1.1."""
    from tmc.net.answer import start_on_cells, start_on_query

    if isinstance(data, Line):
        return start_on_cells(network, channels.transpose(1, 2, 0)), None
    x, y, query = examples_of(stages, data)
    shape = network.shape(len(x), len(query), work=channels.shape[2] - len(query) - 2)
    network.check_memory(shape, batch=1, kept=0)
    strayed = None
    if not network.is_trained:
        strayed = _train(network, x, y, shape)
    elif network.memory.weight.shape != (len(x) + 1, len(query) + 1):
        rows, columns = network.memory.weight.shape
        learnt = f"{rows - 1} examples of {columns - 1} features"
        raise Rejected(f"{network.checkpoint.name} has learnt {learnt}, and the data set has {len(x)} of {len(query)}")
    return start_on_query(network, query, shape), strayed


class _Strayed(Exception):
    """Training has left the memory of Lemma 1.1."""


def _train(network: Network, x: Signs, y: Signs, shape: Shape) -> int | None:
    """Train a network until its memory is not that of Lemma 1.1, and give it that: after which example, if it came to that."""
    from tmc.net.learn import Learnt, memory_of_lemma, train

    done = 0

    def after(learnt: Learnt) -> None:
        nonlocal done
        done = learnt.steps
        if not np.array_equal(learnt.weight, memory_of_lemma(network, x, y, done)):
            raise _Strayed

    try:
        train(network, x, y, shape, after=after)
    except _Strayed:
        network.set_memory(memory_of_lemma(network, x, y))
        return done
    return None


def _timed(stages: Stages, data: Grid | Line, birth: int) -> Iterator[int]:
    taken = configurations(stages.lowered, data)
    return moments((effective(before, transition) for before, transition in taken if transition is not None), birth)


def _last(stages: Stages, data: Grid | Line, run: Run, start: RunStart) -> int:
    """The layer at which the last step that was simulated begins: until then the lattice is large enough."""
    return next(layer for number, layer in enumerate(_timed(stages, data, start.birth)) if number >= run.steps - 1)


def _moment(stages: Stages, data: Grid | Line, run: Run, start: RunStart, layer: int) -> Moment | None:
    """What the machine is doing in a layer."""
    found = None
    path = enumerate(configurations(stages.lowered, data))
    for (number, (configuration, transition)), when in zip(path, _timed(stages, data, start.birth), strict=False):
        if when >= layer:
            break
        found = Moment(number, stages.lowered.target_name(configuration.state), transition)
    return found


class _Both:
    """The rules of a source and the network of a checkpoint, kept in step."""

    def __init__(self, network: Network, stages: Stages, lattice: Lattice) -> None:
        self._network, self._stages, self._rules = network, stages, stages.rules
        self._coder = _Coder(network.checkpoint, stages.rules)
        self._evolution = Evolution(rule_stage.local(stages.rules), stages.rules.border, lattice)
        self._before, self._expected = lattice, self.channels(lattice)
        self._engine: Dense | None = None
        self.differing: list[Place] | None = None

    @property
    def layers(self) -> int:
        """Layers done."""
        return self._evolution.layers

    @property
    def at_rest(self) -> bool:
        """Whether nothing will change any more, in neither: as they agree, the network is where the rules are."""
        return self._evolution.at_rest

    def channels(self, lattice: Lattice) -> Floats:
        """What the network should hold, shape (channels, rows, columns): not a number where it has no such cell."""
        return np.array([[self._coder.channels(cell) for cell in row] for row in lattice]).transpose(2, 0, 1)

    def begin(self, engine: Dense) -> None:
        """Compare what the network starts from."""
        self._engine = engine
        self._compare()

    def advance(self) -> None:
        """One layer of both."""
        assert self._engine is not None
        self._before = self._evolution.lattice
        self._evolution.advance()
        for row, column in self._evolution.changed():
            self._expected[:, row, column] = self._coder.channels(self._evolution.cell(row, column))
        self._engine.advance()
        self._compare()

    def _found(self) -> Floats:
        assert self._engine is not None
        return np.asarray(self._engine.lattice()[0].cpu().numpy(), dtype=np.float64)

    def _compare(self) -> None:
        wrong = (self._found() != self._expected).any(axis=0)
        if wrong.any():
            self.differing = [(int(row), int(column)) for row, column in np.argwhere(wrong)]

    def outputs(self) -> tuple[float, float]:
        """What the heads of both make of the lattice: the sum over all cells, but for the pads of a grid."""
        assert self._engine is not None
        lattice, columns = self._engine.lattice(), self._network.memory.weight.shape[1] if self._network.reads_grid else None
        cells = Counter(cell for row in self._evolution.lattice for cell in row[:columns])
        filters = self._stages.filters
        expected = sum(count * filter_stage.output(filters, self._stages.encode(cell)) for cell, count in cells.items())
        with exact():
            return float(expected), float(self._network.head(lattice[..., :columns]).sum())

    def divergence(self, moment: Moment | None) -> Divergence:
        """All about the first cell that differs."""
        assert self.differing is not None
        place = self.differing[0]
        found = tuple(self._found()[:, place[0], place[1]].tolist())
        fields = tuple(self._coder.differences(self._evolution.cell(*place), found))
        if not self.layers:
            return Divergence(0, place, len(self.differing), fields, (), None, None)
        patch = self._patch(place)
        written = {field.name for field in self._rules.fields} if fields[0].field == WHOLE else {one.field for one in fields}
        rules = tuple(
            rule
            for rule in self._rules.rules
            if _holds(rule, patch, self._rules) and written & {write.field for write in rule.writes}
        )
        unit = first_unit(self._network.checkpoint, self._stages, patch, [self._coder.channels(cell) for cell in patch])
        return Divergence(self.layers, place, len(self.differing), fields, rules, moment, unit)

    def _patch(self, place: Place) -> tuple[Cell, ...]:
        rows, columns = len(self._before), len(self._before[0])
        around = [(place[0] + up, place[1] + left) for up, left in OFFSETS]
        inside = [0 <= row < rows and 0 <= column < columns for row, column in around]
        border = self._rules.border
        return tuple(self._before[row][column] if here else border for (row, column), here in zip(around, inside, strict=True))


def _holds(rule: Rule, patch: Sequence[Cell], rules: Rules) -> bool:
    return all(patch[literal.place][rules.index(literal.field)] in literal.values for literal in rule.guard)


class _Coder:
    """From a source's cells to a checkpoint's channels and back, by the names of fields and values."""

    def __init__(self, checkpoint: Checkpoint, rules: Rules) -> None:
        try:
            cells, self._coding = checkpoint.coding()
            self._theirs = fields_of(cells)
        except (KeyError, ValueError, IndexError):
            raise Rejected(f"{checkpoint.name}: {DAMAGED}") from None
        self._cells = cells if checkpoint.target.channel_per_trit else None  # whose fields have channels of their own
        self._ours, self._count = rules, len(checkpoint.about["channels"])
        self.channels = cache(self._channels)

    def _channels(self, cell: Cell) -> tuple[float, ...]:
        """A cell's channels; not a number where the checkpoint has no such cell."""
        named = self._named(self._ours, cell)
        numbers = []
        for field in self._theirs.fields:
            value = named.pop(field.name, None)
            if value is not None and value not in field.values:
                return (np.nan,) * self._count
            numbers.append(0 if value is None else field.values.index(value))
        return (np.nan,) * self._count if named else self._encode(tuple(numbers))

    def _encode(self, cell: Cell) -> tuple[float, ...]:
        return tuple(map(float, self._coding.encode(cell)))

    @staticmethod
    def _named(rules: Rules, cell: Cell) -> dict[str, str]:
        """The fields of a cell that are not at rest."""
        return {field.name: field.values[value] for field, value in zip(rules.fields, cell, strict=True) if value}

    def differences(self, cell: Cell, channels: tuple[float, ...]) -> Iterator[FieldDifference]:
        """The fields in which a cell of the source and the channels of the network differ."""
        ours, theirs = self._named(self._ours, cell), self._read(channels)
        if theirs is None:
            yield FieldDifference(WHOLE, self._show(self._channels(cell)), self._show(channels))
            return
        rest = {field.name: field.values[0] for field in (*self._theirs.fields, *self._ours.fields)}
        for name, value in rest.items():
            expected, found = ours.get(name, value), theirs.get(name, value)
            if found != expected:
                yield FieldDifference(name, expected, found)

    def _read(self, channels: tuple[float, ...]) -> dict[str, str] | None:
        """The values of the fields; None when they cannot be told apart."""
        if self._cells is None:
            return self._legal(channels)
        named, start = {}, 0
        for field, trits in zip(self._theirs.fields, self._cells.widths(), strict=True):
            piece, start = channels[start : start + trits], start + trits
            known: dict[tuple[float, ...], str] = {code(number, trits): value for number, value in enumerate(field.values) if value}
            named[field.name] = known.get(piece, self._show(piece))
        return named

    def _legal(self, channels: tuple[float, ...]) -> dict[str, str] | None:
        try:
            cell = self._coding.decode(channels)
            return self._named(self._theirs, cell) if self._encode(cell) == channels else None
        except (ValueError, IndexError, KeyError, OverflowError, InternalError):
            return None

    @staticmethod
    def _show(numbers: tuple[float, ...]) -> str:
        return f"({', '.join(f'{number:.17g}' for number in numbers)})"
