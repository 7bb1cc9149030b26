"""Asking a trained network: the recurrent convolution run on many queries at once, until each has its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tmc.net.engines import ENGINES, Dense, Engine
from tmc.net.network import Network, Shape, exact, one_thread

Progress = Callable[[int, int], None]  # called after every layer with the layers done and the queries answered


@dataclass(frozen=True, slots=True)
class Answers:
    """What the network said of each query, in arrays of shape (queries,).

    `outputs`: the network's output, 0 where undecided. `labels`: -1 or +1; what is undecided counts as +1, as in the paper.
    `layers`: after how many layers the answer stood, or the query's lattice was at rest without one, or the depth was reached.
    `overflow`: whether the work tape ran out of pad columns, so that nothing the query says can be trusted.
    `layers_run`: how many layers were run, the same for all queries.
    """

    outputs: NDArray[np.floating[Any]]
    layers: NDArray[np.int64]
    overflow: NDArray[np.bool_]
    layers_run: int

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Queries without an answer that counts."""
        return np.asarray((self.outputs == 0) | np.isnan(self.outputs) | self.overflow, dtype=np.bool_)

    @property
    def labels(self) -> NDArray[np.int8]:
        """-1 or +1 for each query."""
        return np.where((self.outputs < 0) & ~self.undecided, -1, 1).astype(np.int8)


def start_on_query(network: Network, query: NDArray[np.int8], shape: Shape) -> Engine:
    """The dense engine on a trained network about to answer one query (d,)."""
    with torch.no_grad():
        return Dense(network, network.memory(_inputs(network, query[None]), shape.pads))


def start_on_cells(network: Network, channels: NDArray[np.float64]) -> Engine:
    """The dense engine on given cells, shape (rows, columns, channels)."""
    return Dense(network, torch.from_numpy(channels).to(network.dtype).permute(2, 0, 1)[None].contiguous())


def _inputs(network: Network, x: NDArray[np.int8]) -> Tensor:
    """`z = [x'; 1]` for every query: (q, d) to (q, d+1)."""
    ones = np.ones((len(x), 1), dtype=np.int8)
    return torch.from_numpy(np.concatenate([x, ones], axis=1)).to(network.memory.weight)


def answer(
    network: Network,
    x: NDArray[np.int8],
    shape: Shape,
    *,
    engine: str = "frontier",
    full_depth: bool = False,
    progress: Progress | None = None,
) -> Answers:
    """Label the queries `x` (q, d), -1 and +1, in one batch.

    A run ends when every query has its answer or is at rest; with `full_depth`, after all layers. Raises `Rejected` when the
    lattices do not fit this machine's memory.
    """
    network.check_memory(shape, batch=len(x), kept=0)
    with torch.no_grad(), exact(), one_thread(engine == "frontier"):
        running = ENGINES[engine](network, network.memory(_inputs(network, x), shape.pads))
        layers = torch.full((len(x),), -1)
        overflow = torch.zeros(len(x), dtype=torch.bool)
        done = 0
        while done < shape.depth and (full_depth or bool((layers < 0).any())):
            answered, at_rest, overflowed = (flags.cpu() for flags in running.advance())
            done += 1
            overflow |= overflowed & (layers < 0)
            layers[(layers < 0) & (answered | at_rest)] = done
            if progress is not None:
                progress(done, int(answered.sum()))
        layers[layers < 0] = done
        outputs = network.output(running.lattice())
    return Answers(outputs.cpu().numpy(), layers.numpy(), overflow.numpy(), done)
