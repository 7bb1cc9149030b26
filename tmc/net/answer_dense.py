"""Asking a trained network by the dense engine: all queries in one batch of lattices of torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from tmc.net.answers import Answers, Evaluated, Progress
from tmc.net.choice import EngineChoice
from tmc.net.described import Shape
from tmc.net.engines import Dense, inputs_of
from tmc.net.modes import exact, usual
from tmc.net.network import Network


def answer_together(
    network: Network, x: NDArray[np.int8], shape: Shape, engine: EngineChoice, full_depth: bool, progress: Progress | None
) -> Answers:
    """Answer queries (q, d), see `tmc.net.answer.answer`."""
    network.check_memory(shape, batch=len(x), kept=0)
    with usual(), exact():
        batch = _QueryBatch(network, x, shape, progress)
        batch.run(Dense(network, network.memory(inputs_of(network, x), shape.pads), engine.dtype), full_depth)
    evaluated = Evaluated(batch.cells, batch.cells)
    outputs, layers, overflow = batch.outputs.numpy(), batch.layers.numpy(), batch.overflow.numpy()
    return Answers(outputs, layers, overflow, batch.layers_run, engine, evaluated, shape.pads)


class _QueryBatch:
    """Queries in one batch, from which they are taken as they settle. For `outputs`, `layers`, `overflow` and `layers_run` see
    `Answers`; `cells`: how many were evaluated."""

    def __init__(self, network: Network, x: NDArray[np.int8], shape: Shape, progress: Progress | None) -> None:
        self._network, self._shape, self._progress = network, shape, progress
        self.outputs = torch.zeros(len(x), dtype=network.dtype)
        self.layers = torch.zeros(len(x), dtype=torch.long)
        self.overflow = torch.zeros(len(x), dtype=torch.bool)
        self.layers_run = self.cells = 0
        self._shares, self._answered = np.zeros(len(x)), 0

    def run(self, engine: Dense, full_depth: bool) -> None:
        """Until all have settled, or all layers are run."""
        depth, left = self._shape.depth, torch.arange(len(self.layers))
        while len(left) and engine.layers < depth:
            answered, at_rest, overflowed = (flags.cpu() for flags in engine.advance())
            unsettled = self.layers[left] == 0
            self.overflow[left] |= overflowed & unsettled
            lost = overflowed & unsettled & torch.tensor(self._shape.grows)  # to be run again with more columns
            settled = unsettled & (answered | at_rest | lost | torch.tensor(engine.layers == depth))
            self.layers[left[settled]] = engine.layers
            self.cells += len(left) * (self._shape.m + 1) * (self._shape.d + 1 + self._shape.pads)
            self._shares[left.numpy()] = engine.layers / depth
            ends = settled if not full_depth else lost | torch.tensor(engine.layers == depth)
            if bool(ends.any()):
                self.outputs[left[ends]] = self._network.output(engine.lattice()[ends]).cpu()
                self._shares[left[ends].numpy()] = 1
                left = left[~ends]
                engine.keep(~ends)
            self._report(int((settled & answered & ~lost).sum()))
        self.layers_run = engine.layers

    def _report(self, answered: int) -> None:
        self._answered += answered
        if self._progress is not None:
            self._progress(float(self._shares.mean()), self._answered)
