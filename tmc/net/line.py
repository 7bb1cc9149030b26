"""Running the network of a line machine: the input stands in the cells around the head, and the tapes are read off the cells again.

A line is endless and a lattice is not, so the lattice grows as the run needs it. A blank cell at rest is all zeros, and so is what
the convolution's padding puts beyond the edges. As long as nothing but blanks has come to an edge, a wider lattice would hold the
same numbers, so cells may be added there just in time. (Waves that carry blanks do run off the end. They change nothing there.)

The network alone computes the run. Of the table that stands in the checkpoint only four things are asked: its names, its bound on
steps, whether it has a transition for the configuration in which the network has come to an end, and whether one that the network
has reached begins a loop of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

from tmc.diagnostics import InternalError, Rejected
from tmc.ir.from_document import fields_of, table_of
from tmc.ir.lattice import Lattice
from tmc.ir.rules import Rules
from tmc.ir.table import ACCEPT, Configuration, Table, applicable
from tmc.ir.tape import Line
from tmc.native.tables import Floats
from tmc.net.checkpoint.reading import DAMAGED
from tmc.net.choice import EngineChoice, choose
from tmc.net.described import LAYER_CAP, Described, not_compiled
from tmc.net.modules import module_of
from tmc.net.sparse.patches import RESTS
from tmc.net.sparse.running import LEAVES, SETTLED, LatticeRun, SparseRun
from tmc.run.loops import LOOK, Loop, find_loop
from tmc.run.observe import View, observe
from tmc.run.observe import window as first_lattice
from tmc.run.result import Ending
from tmc.run.simulator import sizes
from tmc.run.tapes import line_of_text, text_of_line
from tmc.targets.target import Coding

ROOM = 32  # blank cells on either side of the input to begin with, by default
STRIDE = 1 << 14  # layers between two reports
STEP = 3  # layers that a step takes at most, once the control has set out
LOOKS = tuple(STEP * steps for steps in LOOK)  # after so many layers a loop is looked for


@dataclass(frozen=True, slots=True)
class LineShape:
    """How large a network is for an input: `depth` layers, and cells from position `-left` to position `right`.

    `bounded` says whether the depth is what the machine's promise asks for; if not it is only a cap. `grows` says whether cells are
    added when the run comes to an edge; if not it is an error.
    """

    depth: int
    left: int
    right: int
    bounded: bool
    grows: bool


@dataclass(frozen=True, slots=True)
class LineRun:
    """What the network of a line machine has made of its input.

    `verdict`: ``accept`` or ``reject``; ``loops`` when the run never ends: nothing will ever change (`at_rest`) or the machine is
    in a `loop`; undecided are ``stuck`` (no rule applies) and ``timeout`` (one does, but the layers are used up). `state`: the
    machine's, by name; `head`: the position of the data head, counted from where it began. `data` and `work`: the tapes as text,
    trimmed of blanks; `work` is "" without a work tape. Without an end all these are as the step under way leaves them.

    `layers`: after how many layers the answer stood, everything was at rest without one, a loop was seen, or the depth was reached;
    `layers_run`: how many were run; `depth`: how many there are, if the machine promises a number of steps, else None. `cells`: the
    positions of the first and last cell of the lattice at the end. `engine`: which was used. `tapes`: their names.
    ``print(run)`` shows the verdict and the tapes.
    """

    verdict: Ending
    state: str
    head: int
    data: str
    work: str
    layers: int
    layers_run: int
    depth: int | None
    cells: tuple[int, int]
    at_rest: bool
    engine: EngineChoice = field(compare=False)
    loop: Loop | None = None
    tapes: tuple[str, ...] = ("data",)

    def __str__(self) -> str:
        return self.text()

    def text(self, all_run: bool = False) -> str:
        """The verdict and the tapes in words; with `all_run` also how many layers were run."""
        of = "" if self.depth is None else f" of {self.depth}"
        more = f", {self.layers_run} run" if all_run else ""
        first = f"{self.verdict} after {self.layers} layer{'' if self.layers == 1 and not of else 's'}{of}{more}{self._remark()}"
        width = max(map(len, self.tapes))
        held = zip(self.tapes, (self.data, self.work), strict=False)
        return "\n".join([first, *(f"{name:{width}}  {text}".rstrip() for name, text in held)])

    def _remark(self) -> str:
        where = f" in state {self.state}"
        match self.verdict:
            case "stuck":
                return f"{where}, where no rule applies: undecided"
            case "loops":
                how = "stands still for ever" if self.loop is None else f"runs for ever: {self.loop.words(self.tapes)}"
                return f"{where}, {how}"
            case "timeout":
                return f"{where}, still running: undecided"
        return ""


@dataclass(frozen=True, slots=True)
class _MachineData:
    """What a checkpoint says of its machine."""

    table: Table
    fields: Rules
    coding: Coding

    @staticmethod
    def of(network: Described) -> _MachineData:
        """Raises `Rejected` when the machine reads a grid, ValueError or KeyError when the metadata are damaged."""
        if network.reads_grid:
            raise Rejected(f"the machine {network.name} reads a grid of examples, not a line: use `fit` and `predict`, not `run`")
        about = network.checkpoint.about
        table, (cells, coding) = table_of(about["table"]), network.checkpoint.coding()
        return _MachineData(table, fields_of(cells), coding)

    def encode(self, data: Line, left: int, right: int) -> Floats:
        """The first lattice, shape (1, columns, channels): the cells from position `-left` to position `right`."""
        encode = cache(self.coding.encode)
        lattice = first_lattice(self.table, self.fields, data, left, right)
        return np.array([[encode(cell) for cell in row] for row in lattice], dtype=np.float64)

    def decode(self, lattice: Floats) -> Lattice:
        """The lattice of numbers (rows, columns, channels): a number for every field of every cell."""
        decode = cache(self.coding.decode)
        return tuple(tuple(decode(tuple(cell)) for cell in row) for row in lattice.tolist())


def run_line(
    network: Described,
    text: str,
    *,
    engine: str = "auto",
    window: int | None = None,
    work: int = 0,
    max_layers: int | None = None,
    full_depth: bool = False,
    progress: Callable[[int], None] | None = None,
) -> LineRun:
    """Run a line machine on `text`, whose first character stands under the head, until nothing changes any more.

    Whether the machine loops is asked when the layers are used up; and on the way there only if their number is not given.

    The lattice grows as needed, unless `window` says how many cells the head may go to either side; `work` is then the number of
    cells to the right of those, for the work tape that the head carries with it. With `full_depth` every layer is run. `progress`
    is called now and then with the number of layers done.

    Raises `Rejected` when the machine reads a grid, `text` holds a symbol that the tape does not have, the window is too small for
    the input or the run, or the lattice does not fit this machine's memory.
    """
    with _reading(network):
        machine = _MachineData.of(network)
    table, data = machine.table, line_of_text(machine.table.data, text)
    shape = _shape(table, data, window, work, max_layers)
    network.check_window(shape.left + 1 + shape.right)
    chosen = choose(network, engine)
    running = _LineInMotion(network, machine, shape, data, chosen.name)
    layers = running.run(full_depth, progress, LOOKS if max_layers is None and not shape.bounded else ())
    layers_run, view = running.layers, running.configuration()
    assert isinstance(view.data, Line)
    verdict, loop = _ending(table, view, running)
    return LineRun(
        verdict=verdict,
        state=table.target_name(view.state),
        head=view.head[1],
        data=text_of_line(table.data, view.data),
        work="" if table.work is None else text_of_line(table.work, view.work),
        layers=layers,
        layers_run=layers_run,
        depth=shape.depth if shape.bounded else None,
        cells=running.cells,
        at_rest=running.at_rest,
        engine=chosen,
        loop=loop,
        tapes=network.tapes(),
    )


def _shape(table: Table, data: Line, window: int | None, work: int, max_layers: int | None) -> LineShape:
    """The size of the network. Beyond a window asked for there is one more cell on either side, to show when the run leaves it."""
    steps = table.bounds.steps
    promised = None if steps is None or max_layers is not None else 4 * steps.evaluate(sizes(data))
    depth = max_layers if max_layers is not None else LAYER_CAP if promised is None else promised
    last = data.start + len(data.cells) - 1
    if window is None:
        return LineShape(depth, ROOM, max(last, 0) + ROOM, promised is not None, grows=True)
    if last > window:
        raise Rejected(f"the data reach {last} cells to the right of the head, the window only {window}; use a larger --window")
    return LineShape(depth, window + 1, window + work + 1, promised is not None, grows=False)


def _ending(table: Table, view: View, running: _LineInMotion) -> tuple[Ending, Loop | None]:
    if view.state < 0:
        return "accept" if view.state == ACCEPT else "reject", None
    if applicable(table, _configuration(view)) is None:
        return "stuck", None
    loop = _loop(table, view, running.layers)
    if running.at_rest:
        return "loops", loop if loop is not None and not loop.data and not loop.work else None
    return "timeout" if loop is None else "loops", loop


def _loop(table: Table, view: View, layers: int) -> Loop | None:
    """The loop in which a machine is after so many layers, if there is a proof of one."""
    return find_loop(table, _configuration(view), min(max(layers, LOOK[0]), LOOK[-1]))


def _configuration(view: View) -> Configuration:
    return Configuration(view.state, view.data, view.head, view.work)


@contextmanager
def _reading(network: Described) -> Iterator[None]:
    """What goes wrong inside is the fault of the checkpoint's metadata."""
    try:
        yield
    except (KeyError, ValueError, IndexError):
        raise Rejected(f"{network.checkpoint.name}: {DAMAGED}") from None


def _starter(network: Described, engine: str) -> Callable[[Floats], LatticeRun]:
    """How a lattice (rows, columns, channels) is run by an engine."""
    if engine == "sparse":
        return partial(SparseRun, cache=network.plain().patches())
    from tmc.net.engines import DenseRun

    return partial(DenseRun, module_of(network))


class _LineInMotion:
    """A line network in motion."""

    def __init__(self, network: Described, machine: _MachineData, shape: LineShape, data: Line, engine: str) -> None:
        self._network, self._machine, self._shape = network, machine, shape
        self._start = _starter(network, engine)
        with _reading(network):
            lattice = machine.encode(data, shape.left, shape.right)
        self._engine = self._start(lattice)
        self.cells, self._before, self.at_rest = (-shape.left, shape.right), 0, False

    @property
    def layers(self) -> int:
        """How many layers were run."""
        return self._before + self._engine.layers

    def run(self, full_depth: bool, progress: Callable[[int], None] | None, looks: tuple[int, ...] = ()) -> int:
        """Go on until nothing changes any more, all layers are run, or after one of the numbers of layers `looks` a loop is seen;
        returns after how many layers the answer stood (`LineRun.layers`)."""
        settled, looks = None, () if full_depth else looks
        while self.layers < self._shape.depth and (full_depth or not self.at_rest):
            most = min(STRIDE, *(end - self.layers for end in (*looks, self._shape.depth) if end > self.layers))
            answered = self._advance(most, SETTLED if settled is None else 0 if full_depth else RESTS)
            if settled is None and (answered or self.at_rest):
                settled = self.layers
            if progress is not None:
                progress(self.layers)
            if settled is None and self.layers in looks and self._loops():
                break
        return self.layers if settled is None else settled

    def _loops(self) -> bool:
        view = self.configuration()
        return view.state >= 0 and _loop(self._machine.table, view, self.layers) is not None

    def configuration(self) -> View:
        """The configuration that the lattice holds, once the step under way is done."""
        for _ in range(1 + STEP):
            try:
                lattice = self._machine.decode(self._engine.lattice())
                view = observe(self._machine.table, self._machine.fields, lattice, origin=-self.cells[0])
            except (KeyError, ValueError, IndexError, InternalError):
                raise not_compiled(self._network, f"the cells mean nothing after {self.layers} layers") from None
            if view is not None:
                return view
            self._advance(1, SETTLED)
        raise not_compiled(self._network, f"the control is lost after {self.layers} layers")

    def _advance(self, most: int, until: int) -> bool:
        """Up to `most` layers, no more than until the lattice has to grow; returns whether the machine has its answer."""
        answered, self.at_rest, overflowed = self._engine.advance(most, until | LEAVES)
        if overflowed:
            self._grow()
        return answered

    def _grow(self) -> None:
        """Add cells on the sides to which the run has come, as many as there are."""
        if not self._shape.grows:
            what = f"its window of {self._shape.left - 1} cells to either side"
            larger = "--window or --work" if self._network.reader.packed else "--window"
            raise Rejected(f"after {self.layers} layers the run leaves {what}; use a larger {larger}, or leave it out")
        lattice, (first, last) = self._engine.lattice(), self.cells
        width = last - first + 1
        reader, cells = self._network.reader, lattice[0]
        left = width if reader.leaves_left(cells[0]) else 0
        right = width if reader.leaves_right(cells[-1]) else 0
        self._network.check_window(left + width + right)
        self._before = self.layers
        self._engine = self._start(np.pad(lattice, ((0, 0), (left, right), (0, 0))))
        self.cells = (first - left, last + right)
