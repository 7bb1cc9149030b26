"""What a trained network says of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tmc.net.choice import EngineChoice

Progress = Callable[[float, int], None]  # called now and then with the share of the work done and the number of queries answered


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What it took: cells evaluated, over all layers, and how many of them the weights were asked about, because the same patch had
    not been met before."""

    cells: int
    patches: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What the network said of each query, in arrays of shape (queries,).

    `outputs`: the network's output, 0 where undecided. `labels`: -1 or +1; what is undecided counts as +1, as in the paper.
    `layers`: after how many layers the answer stood, or the query's lattice was at rest without one, or the depth was reached;
    a query's output is that of this layer, or of the last with `full_depth`.
    `overflow`: whether the work tape ran out of pad columns, so that nothing the query says can be trusted.
    `layers_run`: how many layers were run, the most of all queries. `pads`: how many pad columns there were, likewise.
    """

    outputs: NDArray[np.floating[Any]]
    layers: NDArray[np.int64]
    overflow: NDArray[np.bool_]
    layers_run: int
    engine: EngineChoice
    evaluated: Evaluated
    pads: int

    def __str__(self) -> str:
        count, undecided = len(self.outputs), int(self.undecided.sum())
        queries, layers = (
            f"{count} quer{'y' if count == 1 else 'ies'}",
            f"{self.layers_run} layer{'' if self.layers_run == 1 else 's'}",
        )
        first = f"answered {queries} in {layers}, engine {self.engine.name}: {undecided} undecided"
        rows = ("labels", self.scores), ("layers", self.layers)
        return "\n".join([first, *(f"{name}  {np.array2string(row, prefix=' ' * 8)}" for name, row in rows)])

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Queries without an answer that counts."""
        return np.asarray((self.outputs == 0) | np.isnan(self.outputs) | self.overflow, dtype=np.bool_)

    @property
    def scores(self) -> NDArray[np.int8]:
        """-1 or +1 for each query, 0 where it is undecided."""
        return np.where(self.undecided, 0, self.labels).astype(np.int8)

    @property
    def labels(self) -> NDArray[np.int8]:
        """-1 or +1 for each query."""
        return np.where((self.outputs < 0) & ~self.undecided, -1, 1).astype(np.int8)
