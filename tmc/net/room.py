"""Room for the work tape of queries: columns are added where their number is not given, as cells are to a line.

A lattice is not widened while it runs. A query whose work tape, or control, comes to the last column is run again from the
beginning with twice as many columns; so all runs of a query together take about twice the layers of the last one at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import Rejected
from tmc.net.described import MOST_PADS, Described, Shape

if TYPE_CHECKING:
    from tmc.net.answers import Answers, Progress

Ask = Callable[[NDArray[np.int8], Shape, "Progress | None"], "Answers"]


def with_room(network: Described, ask: Ask, x: NDArray[np.int8], shape: Shape, progress: Progress | None) -> Answers:
    """What is answered to queries (q, d), with as much room as each needs if the shape `grows`, up to `MOST_PADS` columns and what
    this machine's memory holds. A query that needs more stays one that overflows."""
    found = ask(x, shape, progress)
    while shape.grows and found.overflow.any() and shape.pads < MOST_PADS:
        shape, which = replace(shape, pads=min(2 * shape.pads, MOST_PADS)), np.flatnonzero(found.overflow)
        if not _fits(network, shape, len(which)):
            break
        found = _joined(found, which, ask(x[which], shape, _rest(progress, len(x), len(which))))
    return found


def _fits(network: Described, shape: Shape, batch: int) -> bool:
    try:
        network.check_memory(shape, batch, kept=0)
    except Rejected:
        return False
    return True


def _joined(found: Answers, which: NDArray[np.int64], again: Answers) -> Answers:
    """Answers, some of them replaced."""
    arrays = {name: getattr(found, name).copy() for name in ("outputs", "layers", "overflow")}
    for name, array in arrays.items():
        array[which] = getattr(again, name)
    cells = found.evaluated.cells + again.evaluated.cells, found.evaluated.patches + again.evaluated.patches
    most = max(found.layers_run, again.layers_run)
    return replace(found, **arrays, layers_run=most, evaluated=type(found.evaluated)(*cells), pads=again.pads)


def _rest(progress: Progress | None, queries: int, left: int) -> Progress | None:
    """The progress of the queries that are left, when the others are done."""
    if progress is None:
        return None
    done = queries - left
    return lambda share, answered: progress((done + share * left) / queries, done + answered)
