"""A compiled network that can be trained and asked, or run on a line: what `tmc.load` returns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tmc.given import check_path
from tmc.net import checkpoint as files
from tmc.net.as_checkpoint import checkpoint_of
from tmc.net.learn import memorise, train
from tmc.net.line import LineRun, run_line
from tmc.net.network import Network
from tmc.net.remarks import answer_and_tell
from tmc.pipeline import Build


class RCNN(Network):
    """A compiled network. A learner's: `fit` trains its memory, `predict` asks it. A line machine's: `run` runs it.

    `tmc.net.learn.memorise`, `tmc.net.answer.answer` and `tmc.net.line.run_line` do the same, with all there is to know about it.
    """

    def fit(self, x: ArrayLike, y: ArrayLike, full_depth: bool = False) -> RCNN:
        """Memorise examples `x` (m, d) with labels `y` (m,), all 0 and 1 or all -1 and +1, by Algorithm 1. Returns the network.

        ValueError for other values or shapes; otherwise as `tmc.net.learn.memorise`, or `train` for random weights.
        """
        features, labels = _signs(x, 2), _signs(y, 1)
        if len(features) != len(labels) or not features.size:
            raise ValueError(f"features of shape {features.shape} do not fit labels of shape {labels.shape}")
        learn = train if self.is_drawn else memorise
        learn(self, features, labels, self.shape(*features.shape), full_depth=full_depth)
        return self

    def predict(self, x: ArrayLike) -> NDArray[np.int8]:
        """Labels (q,), -1 and +1, for queries `x` (q, d), after `fit`. What stays undecided is +1, as in the paper.

        Of a machine that promises no bounds the network has as much room as a query needs, up to `tmc.net.described.MOST_PADS`
        columns, and `LAYER_CAP` layers. A query that is cut off, by these or by the machine's bounds, is undecided: the warning
        `tmc.diagnostics.CutOff` says which. ValueError when the network has not been trained on d features.
        """
        queries, (_, columns) = _signs(x, 2), self.memory.weight.shape
        if not columns:
            raise ValueError("the network has learnt nothing yet: fit it first")
        if queries.shape[1] != columns - 1:
            raise ValueError(f"queries of {queries.shape[1]} features, but the memory holds examples of {columns - 1}")
        return answer_and_tell(self, queries).labels

    def save(self, path: str | Path) -> None:
        """Write the network as it is, with what it has learnt, and with weights that were changed. Raises `Rejected` when that is
        not possible."""
        files.save(checkpoint_of(self), path)

    def run(self, data: str, max_layers: int | None = None) -> LineRun:
        """Run a line machine on `data`, whose first character stands under the head.

        `max_layers` is by default what the machine's bound on its steps asks for, else `tmc.net.network.LAYER_CAP`. Raises
        `Rejected` when the machine reads a grid or `data` hold a symbol that its tape does not have.
        """
        return run_line(self, data, max_layers=max_layers)


def _signs(values: ArrayLike, dimensions: int) -> NDArray[np.int8]:
    """Values of 0 and 1 as -1 and +1; values of -1 and +1 as they are."""
    array = np.asarray(values)
    if array.ndim != dimensions:
        raise ValueError(f"an array of {dimensions} dimensions is needed, not one of shape {array.shape}")
    if not (np.isin(array, (0, 1)).all() or np.isin(array, (-1, 1)).all()):
        raise ValueError("features and labels are 0 and 1, or -1 and +1")
    return np.where(array == 1, 1, -1).astype(np.int8)


def of_build(build: Build) -> RCNN:
    """The network of a compiled machine."""
    return RCNN(files.from_build(build))


def load(path: str | Path, *, as_written: bool = True) -> RCNN:
    """The network in a checkpoint file. Raises `Rejected` when the file is not a checkpoint that this tmc can use, or, unless
    `as_written` is False, when its weights are not those that were written."""
    check_path("a checkpoint", path)
    return RCNN(files.load(path, as_written=as_written))
