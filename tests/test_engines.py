"""The engines agree in every number, at every layer."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import torch

from tmc.ir.lattice import Cell, Patch
from tmc.net.answer import start_on_cells
from tmc.net.checkpoint import from_stages
from tmc.net.engines import Frontier, Lookup
from tmc.net.network import Network
from tmc.pipeline import Stages, lower_table
from tmc.run.observe import memory, window
from tmc.verify.machines import Family, random_line, random_machine


def first_lattice(stages: Stages, random: Random, room: int) -> np.ndarray:
    """The cells of a line with some room around its input, or of a small memory: (rows, columns, channels)."""
    if stages.table.is_grid:
        signs = [[random.choice((-1, 1)) for _ in range(4)] for _ in range(4)]
        lattice = memory(stages.rules, (*map(tuple, signs), (1, -1, 1, 1)), room)
    else:
        lattice = window(stages.table, stages.rules, random_line(random, stages.table, (0, 6)), room, 6 + room)
    return np.array([[stages.cells.encode(cell) for cell in row] for row in lattice], dtype=np.float32)


@pytest.mark.parametrize("seed", range(12))
def test_line_by_line_and_layer_by_layer(seed: int) -> None:
    random = Random(seed)
    family = Family(kind=("line", "grid")[seed % 2], work_tape=seed % 3 > 0)
    stages = lower_table(random_machine(random, family))
    network = Network(from_stages(stages))
    dense = start_on_cells(network, first_lattice(stages, random, room=1 + seed % 6))
    others = [engine(network, dense.lattice()) for engine in (Frontier, Lookup)]
    overflowed = torch.zeros(1, dtype=torch.bool)
    for _ in range(50):
        with torch.no_grad():
            answered, at_rest, overflow = dense.advance()
            overflowed |= overflow
            for engine in others:
                assert engine.advance() == (answered, at_rest, overflowed)
                assert torch.equal(engine.lattice(), dense.lattice())


def test_patches_once_met_are_known() -> None:
    random = Random(1)
    stages = lower_table(random_machine(random, Family(kind="line")))
    network, known = Network(from_stages(stages)), dict[Patch, Cell]()
    start = start_on_cells(network, first_lattice(stages, random, room=4)).lattice()
    first = Lookup(network, start, known)
    for _ in range(30):
        first.advance()
    assert known
    network.recurrent[4].weight.data.zero_()  # from here on nothing can be evaluated rightly any more
    second = Lookup(network, start, known)
    for _ in range(30):
        second.advance()
    assert torch.equal(first.lattice(), second.lattice())
