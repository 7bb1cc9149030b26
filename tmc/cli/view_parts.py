"""What ``tmc view`` puts on a page: a machine of a text or of a checkpoint, on its input, with what SGD does."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tmc.cli.bars import bar
from tmc.cli.machine_texts import read_machine
from tmc.diagnostics import render

if TYPE_CHECKING:
    from tmc.ir.lattice import Lattice
    from tmc.ir.table import Table
    from tmc.learn.data.datasets import DataSet
    from tmc.net.learn import Step
    from tmc.net.sparse.plain import PlainNetwork
    from tmc.pipeline import Stages
    from tmc.source import Source
    from tmc.view.page.document import Input, Network, Parts, Training

    Start = tuple[Lattice, int, bool]  # the cells at the start, the column of position 0, and whether columns are added


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    text: str | None
    archive: str | None
    query: int
    max_steps: int
    target: str
    scale: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine at every stage: `table` is the one whose steps are shown."""

    files: tuple[tuple[str, Source], ...]
    table: Table
    stages: Stages


def page_of(file: str, wanted: Wanted) -> bytes:
    """The page."""
    from tmc.view.page.diagram import bare, diagram_dot
    from tmc.view.page.document import page_document
    from tmc.view.page.page import page

    parts = parts_of(_compiled(file, wanted), wanted)
    drawn = _drawn(diagram_dot(parts.table))
    return page(page_document(parts, None if drawn is None else bare(drawn)))


def _compiled(file: str, wanted: Wanted) -> Machine:
    from tmc.pipeline import compile_machine

    build = compile_machine(read_machine(file), (), wanted.target, wanted.scale)
    for warning in build.warnings:
        click.echo(render(warning) + "\n", err=True)
    return Machine(tuple((used.name, used.source) for used in build.program.files), build.written(), build)


def parts_of(machine: Machine, wanted: Wanted) -> Parts:
    """All that the page shows."""
    from tmc.view.page.document import Limits, Parts

    stages = machine.stages
    given, start, training = _grid(machine, wanted) if machine.table.is_grid else _line(machine, wanted)
    limits = Limits(wanted.max_steps, 8 * wanted.max_steps)
    return Parts(machine.files, machine.table, stages.lowered, stages.rules, _network(stages), given, *start, training, limits)


def _network(stages: Stages) -> Network:
    from tmc.targets.scalar.target import NumeralCoding
    from tmc.view.page.document import Network

    says, coding = stages.target.says, stages.coding
    if isinstance(coding, NumeralCoding):
        return Network(stages.filters, says, numeral=coding.numeral, scale=coding.unit)
    return Network(stages.filters, says, trits=stages.cells.widths() if stages.target.channel_per_trit else None)


def _line(machine: Machine, wanted: Wanted) -> tuple[Input, Start, None]:
    from tmc.net.line import ROOM
    from tmc.run.observe import window
    from tmc.run.tapes import line_of_text
    from tmc.view.page.document import Input

    table = machine.table
    if wanted.text is None or wanted.archive is not None:
        wrong = ", not --input" if wanted.archive is not None else " TEXT, or --data '' for an empty tape"
        raise click.UsageError(f"the machine {table.name} reads a line: give it --data{wrong}.")
    line = line_of_text(table.data, wanted.text)
    right = max(0, line.start + len(line.cells) - 1) + ROOM
    lattice = window(machine.stages.lowered, machine.stages.rules, line, ROOM, right)
    return Input(line, wanted.text), (lattice, ROOM, True), None


def _grid(machine: Machine, wanted: Wanted) -> tuple[Input, Start, Training]:
    import numpy as np

    from tmc.learn.data import datasets
    from tmc.net.checkpoint.reading import from_stages
    from tmc.net.learn import rows_of
    from tmc.net.sparse.plain import PlainNetwork
    from tmc.run.observe import memory
    from tmc.view.page.document import Input

    table = machine.table
    if wanted.archive is None or wanted.text is not None:
        wrong = ", not --data" if wanted.text is not None else " FILE, which `tmc data` makes"
        raise click.UsageError(f"the machine {table.name} learns from examples: give it --input{wrong}.")
    dataset = datasets.load(wanted.archive)
    grid = datasets.grid(table, dataset, wanted.query)
    network = PlainNetwork(from_stages(machine.stages, table.name))
    training = _trained(network, dataset, wanted.query)
    query = np.append(dataset.x_test[wanted.query], 1)
    products = (rows_of(dataset.x_train, dataset.y_train) * query).tolist()
    shape = network.shape(len(dataset.x_train), dataset.x_train.shape[1])
    label = None if dataset.y_test is None else int(dataset.y_test[wanted.query])
    lattice = memory(machine.stages.rules, tuple(map(tuple, products)), shape.pads)
    return Input(grid, wanted.archive, wanted.query, label), (lattice, 0, shape.grows), training


def _trained(network: PlainNetwork, dataset: DataSet, query: int) -> Training:
    """What SGD does, step by step, when the network learns the examples."""
    from tmc.net.learn import memorise
    from tmc.view.page.document import Training

    x, y = dataset.x_train, dataset.y_train
    labels = [*y.tolist(), 1]
    steps = []
    with bar(total=len(x) + 1, desc="learning", unit="example") as shown:

        def watch(step: Step) -> None:
            rows, columns = step.gradient.nonzero()
            gradient = tuple((int(r), int(c), float(step.gradient[r, c])) for r, c in zip(rows, columns, strict=True))
            steps.append((float(labels[step.index - 1]), float(step.output), gradient))
            shown.update()

        memorise(network, x, y, network.shape(len(x), x.shape[1]), watch=watch)
    examples = [(*row, label) for row, label in zip(x.tolist(), y.tolist(), strict=True)]
    examples.append((*dataset.x_test[query].tolist(), 1))
    return Training(float(network.learning_rate), float(network.learning_rate), tuple(examples), tuple(steps))


def _drawn(dot: str) -> str | None:
    """The diagram as Graphviz draws it; None where it is missing or fails."""
    program = shutil.which("dot")
    if program is None:
        return None
    drawn = subprocess.run([program, "-Tsvg"], input=dot.encode(), capture_output=True, check=False)  # noqa: S603 - of the system
    return drawn.stdout.decode() if drawn.returncode == 0 else None
