"""What ``tmc view`` puts on a page: a machine of a text or of a checkpoint, on its input, with what SGD does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tmc.cli.bars import bar
from tmc.cli.machine_given import Given
from tmc.diagnostics import Rejected
from tmc.ir.tape import Grid, Line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tmc.ir.lattice import Lattice
    from tmc.net.learn import SgdStep
    from tmc.net.sparse.plain import PlainNetwork
    from tmc.pipeline import Stages
    from tmc.view.page.document import Input, Network, Parts, Training

    Signs = NDArray[np.int8]
    Start = tuple[Lattice, int, bool]  # the cells at the start, the column of position 0, and whether columns are added

MOST_CELLS = 400_000  # of the lattice at the start: a page holds them, and a browser runs them
MOST_WEIGHTS = 60_000  # of a network whose units a page holds: more would take megabytes
LAYERS = 8  # that a page shows for each step that it shows; a step takes 4 at most, and on rows it may wrap
MORE_LAYERS = 100_000  # besides: to decode the memory, and for rows


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for besides the machine: what the input is called, and which query it is with its label."""

    called: str
    query: int | None
    label: int | None
    max_steps: int


def stages_of(subject: Given, target: str, scale: str) -> Stages:
    """Every stage of the machine. Raises `Rejected` for a checkpoint whose weights are not what its machine compiles to."""
    from tmc.optimise.passes import optimise
    from tmc.pipeline import lower_table

    if subject.network is None:
        return lower_table(optimise(subject.table)[0], target, scale)
    checkpoint = subject.network.checkpoint
    stages = lower_table(subject.table, checkpoint.target.name, checkpoint.target.scale_of(checkpoint.about))
    _check_weights(subject.network, stages)
    return stages


def _check_weights(network: PlainNetwork, stages: Stages) -> None:
    """A page computes what the rules do: so the network must be the one of these rules."""
    import numpy as np

    from tmc.net.checkpoint.reading import from_stages

    held, made = network.checkpoint, from_stages(stages)
    names = held.tensors.keys() - {held.target.memory}
    if names != made.tensors.keys() or not all(np.array_equal(held.tensors[name], made.tensors[name]) for name in names):
        raise Rejected(
            f"{held.name}: its weights are not those that the machine in it compiles to, so a page would show another network; "
            "`tmc verify` says where they differ, and `tmc compile` makes them anew"
        )


def parts_of(subject: Given, stages: Stages, wanted: Wanted) -> Parts:
    """All that the page shows."""
    from tmc.view.page.document import Limits, Parts

    files = tuple(sorted(subject.texts.items()))  # the machine's own is called ""
    limits = Limits(wanted.max_steps, LAYERS * wanted.max_steps + MORE_LAYERS)
    data = subject.data
    given, start, training = _learner(data, stages, wanted) if isinstance(data, Grid) else _line(data, stages, wanted)
    return Parts(files, subject.table, stages.lowered, stages.rules, _network(stages), given, *start, training, limits)


def _check_size(rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise Rejected(f"the lattice has {rows} × {columns} cells, and a page holds {MOST_CELLS:,}; use less data")


def _network(stages: Stages) -> Network:
    from tmc.ir.units import nonzero
    from tmc.targets.scalar.target import NumeralCoding
    from tmc.view.page.document import Network

    says, coding = stages.target.says, stages.coding
    whole = sum(nonzero(layer.units) for layer in stages.filters.recurrent) <= MOST_WEIGHTS
    if isinstance(coding, NumeralCoding):
        return Network(stages.filters, says, whole, numeral=coding.numeral, scale=coding.unit)
    return Network(stages.filters, says, whole, trits=stages.cells.widths() if stages.target.channel_per_trit else None)


def _line(line: Line, stages: Stages, wanted: Wanted) -> tuple[Input, Start, None]:
    from tmc.net.line import ROOM
    from tmc.run.observe import window
    from tmc.view.page.document import Input

    right = max(0, line.start + len(line.cells) - 1) + ROOM
    _check_size(1, ROOM + right + 1)
    return Input(line, wanted.called), (window(stages.lowered, stages.rules, line, ROOM, right), ROOM, True), None


def _learner(grid: Grid, stages: Stages, wanted: Wanted) -> tuple[Input, Start, Training]:
    from tmc.net.checkpoint.reading import from_stages
    from tmc.net.learn import rows_of
    from tmc.net.sparse.plain import PlainNetwork
    from tmc.run.observe import memory
    from tmc.view.page.document import Input

    examples, query = _signs(grid, stages)
    network = PlainNetwork(from_stages(stages, stages.table.name))
    shape = network.shape(len(examples), len(query) - 1)
    _check_size(len(examples) + 1, len(query) + shape.pads)
    products = (rows_of(examples[:, :-1], examples[:, -1]) * query).tolist()
    lattice = memory(stages.rules, tuple(map(tuple, products)), shape.pads)
    training = _trained(network, examples, query)
    return Input(grid, wanted.called, wanted.query, wanted.label), (lattice, 0, shape.grows), training


def _signs(grid: Grid, stages: Stages) -> tuple[Signs, Signs]:
    """Examples (m, d+1), the label last, and the query (d+1,), whose last is 1; all -1 and +1. Raises `Rejected` for a grid that no
    network learns."""
    import numpy as np

    symbols = stages.table.data.symbols
    values = [[{"0": -1, "1": 1}.get(symbols[symbol], 0) for symbol in row] for row in grid.rows]
    if values[-1].pop() or not all(map(all, values)):
        raise Rejected("a network learns examples of 0 and 1: only the last cell of the grid, the label of the query, is blank")
    return np.array(values[:-1], dtype=np.int8), np.array([*values[-1], 1], dtype=np.int8)


def _trained(network: PlainNetwork, examples: Signs, query: Signs) -> Training:
    """What SGD does, step by step, when the network learns the examples."""
    from tmc.net.learn import memorise
    from tmc.view.page.document import Training

    x, y = examples[:, :-1], examples[:, -1]
    labels = [*y.tolist(), 1]
    steps = []
    with bar(total=len(x) + 1, desc="learning", unit="example") as shown:

        def watch(step: SgdStep) -> None:
            rows, columns = step.gradient.nonzero()
            gradient = tuple((int(r), int(c), float(step.gradient[r, c])) for r, c in zip(rows, columns, strict=True))
            steps.append((float(labels[step.index - 1]), float(step.output), gradient))
            shown.update()

        memorise(network, x, y, network.shape(len(x), x.shape[1]), watch=watch)
    rows = tuple(map(tuple, [*examples.tolist(), query.tolist()]))
    return Training(float(network.learning_rate), rows, tuple(steps))
