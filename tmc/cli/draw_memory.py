"""``tmc draw --what memory``: the memory of a network that is trained, or of one that is trained for the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tmc.cli.bars import bar
from tmc.cli.draw_stages import machine_of, optimised
from tmc.cli.draw_wanted import Drawn, DrawOptions
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from tmc.ir.table import Table
    from tmc.net.checkpoint.reading import Checkpoint
    from tmc.net.sparse.plain import PlainNetwork


def draw_memory(wanted: DrawOptions) -> Drawn:
    """Draw `W`: as it is in a trained checkpoint, or as gradient descent on the data set fills it."""
    from tmc.view.memory_picture import memory_picture

    table, checkpoint = machine_of(wanted.file)
    if not table.is_grid:
        raise Rejected(f"the machine {table.name} reads a line, and its network has no memory")
    network = _network(wanted, table, checkpoint)
    if not network.is_trained:
        filling = _filling(wanted, network)
    elif wanted.input.archive is not None:
        raise Rejected(f"{wanted.file} has learnt its examples already: leave --input out, or name the machine it comes from")
    elif wanted.filling:
        raise Rejected(f"{wanted.file} holds only the memory at the end: --filling goes with a network that is not trained yet")
    else:
        weight = network.memory_array()
        filling = [(len(weight), weight)]
    shown = filling if wanted.filling else filling[-1:]
    content = memory_picture(table.name, [(steps, weight.tolist()) for steps, weight in shown], wanted.theme)
    rows, columns = shown[-1][1].shape
    figures = {"examples": rows - 1, "features": columns - 1, "steps": shown[-1][0]}
    return Drawn(content, table.name, f"{rows - 1} examples of {columns - 1} features", figures)


def _network(wanted: DrawOptions, table: Table, checkpoint: Checkpoint | None) -> PlainNetwork:
    from tmc.net.checkpoint.reading import from_stages
    from tmc.net.sparse.plain import PlainNetwork
    from tmc.pipeline import lower_table

    if checkpoint is not None:
        return PlainNetwork(checkpoint)
    return PlainNetwork(from_stages(lower_table(optimised(table, None), wanted.target, wanted.scale), table.name))


def _filling(wanted: DrawOptions, network: PlainNetwork) -> list[tuple[int, Any]]:
    """`W` before and after every step of gradient descent."""
    from tmc.learn.data import datasets
    from tmc.net.learn import Learnt, memorise, train

    if wanted.input.archive is None:
        raise click.UsageError("a network that is not trained has no memory yet: give it --input FILE with examples.")
    data = datasets.load(wanted.input.archive)
    m, d = data.x_train.shape
    found: list[tuple[int, Any]] = []
    with bar(total=m + 1, desc="training", unit="step", delay=1) as shown:

        def after(learnt: Learnt) -> None:
            found.append((learnt.steps, learnt.weight))
            shown.update()

        (train if network.is_drawn else memorise)(network, data.x_train, data.y_train, network.shape(m, d), after=after)
    return [(0, found[0][1] * 0), *found]
