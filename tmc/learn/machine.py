"""A machine's network as a classifier in the manner of scikit-learn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tmc.diagnostics import Rejected
from tmc.files import read_text, shipped
from tmc.ir.document import Document, table_document
from tmc.ir.table import Table
from tmc.learn.binary import Signs, TwoClasses, network_of, thresholds
from tmc.learn.search import grids
from tmc.run.simulator import simulate

if TYPE_CHECKING:
    from tmc.pipeline import Stages


class MachineClassifier(TwoClasses):
    """A compiled network: `fit` trains its memory by gradient descent, each example once (Algorithm 1); `predict` lets it run.

    With `m` examples it answers exactly as the machine does on them (Theorem 1); what the machine leaves undecided is the second of
    the classes, +1.

    `machine`: the path of a ``.tm`` file, or the name of a machine that comes with tmc, such as ``nearest`` or ``gauss``.
    `engine`: ``network``, or ``table``, which runs the machine without its network, with the same answers.

    After `fit`: `classes_` (2,), `thresholds_` (d,) where features are cut, `tape_` the examples as -1 and +1, `machine_` the
    compiled stages, and with the engine ``network`` the trained `network_`.
    """

    def __init__(self, machine: str | Path = "nearest", engine: str = "network") -> None:
        self.machine = machine
        self.engine = engine

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Memorise examples `X` (m, d) with labels `y` (m,). Raises `Rejected` when there is no such machine, ValueError when data
        or parameters are not what they should be."""
        self.check_engine()
        features, labels = self._read(X, y)
        self.thresholds_ = thresholds(features, features)
        self.tape_ = self._signs(features), labels
        self.machine_ = _stages(self.machine)
        if self.engine == "network":
            self.network_ = network_of(self.machine_)
            self.network_.fit(*self.tape_)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Labels (q,) for queries `X` (q, d)."""
        queries = self._asked(X)
        if self.engine == "network":
            return self._named(self.network_.predict(queries))
        return self._named(_by_table(self.machine_.table, *self.tape_, queries))

    def fitted_document(self) -> Document:
        """See `TwoClasses`."""
        return {"table": table_document(self.machine_.table)}

    def restore(self, document: Document, table: Table) -> None:
        """See `TwoClasses`."""
        from tmc.pipeline import lower_table

        if not table.is_grid or not {"0", "1"} <= set(table.data.symbols):
            raise ValueError("the machine of a classifier reads a grid of 0 and 1")
        self.machine_ = lower_table(table)
        if self.engine == "network":
            self.network_ = network_of(self.machine_)


def _stages(machine: str | Path) -> Stages:
    """A machine by the path of its file, or by the name of one that comes with tmc."""
    from tmc.pipeline import compile_machine

    if not isinstance(machine, (str, Path)):
        raise ValueError(f"the machine is a name, or the path of a .tm file, not {machine!r}")
    path = Path(machine)
    if not path.suffix:
        path = shipped("machines") / f"{machine}.tm"
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in path.parent.glob("*.tm")))
            raise Rejected(f"there is no machine {machine} that comes with tmc: {known}; a file's name ends in .tm")
    stages = compile_machine(read_text(str(path)))
    if not stages.lowered.is_grid:
        raise Rejected(f"the machine {stages.table.name} reads a line, not a grid of examples")
    return stages


def _by_table(table: Table, x: Signs, y: Signs, queries: Signs) -> Signs:
    """What a machine answers, query by query."""
    numbers = {False: table.data.number("0"), True: table.data.number("1")}
    different, which = np.unique(queries, axis=0, return_inverse=True)
    plain = grids(x, y, different)
    found = []
    for grid in plain:
        rows = tuple(tuple(0 if cell == 0 else numbers[cell == 2] for cell in row) for row in grid.rows)
        found.append(-1 if simulate(table, type(grid)(rows)).verdict == "reject" else 1)
    return np.array(found, np.int8)[which.reshape(-1)]
