"""A machine's network as a classifier in the manner of scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike

from tmc.diagnostics import CutOff, Rejected
from tmc.files import read_text, shipped
from tmc.ir.document import Document, table_document
from tmc.ir.table import Table
from tmc.learn.estimators.binary import Signs, TwoClasses, network_of, thresholds
from tmc.learn.search.searching import grids
from tmc.run.loops import Loop, simulate_to_the_end
from tmc.run.simulator import Run, step_limit

if TYPE_CHECKING:
    from tmc.pipeline import Stages


SCORES = {"accept": 1, "reject": -1}


class MachineClassifier(TwoClasses):
    """A compiled network: `fit` trains its memory by gradient descent, each example once (Algorithm 1); `predict` runs it.

    With `m` examples it answers exactly as the machine does on them (Theorem 1); what the machine leaves undecided is the second of
    the classes, +1. A run that is cut off is undecided, too, and the warning `tmc.diagnostics.CutOff` says so: by the machine's
    bounds, or of one without bounds by the network's layers (`tmc.net.described.LAYER_CAP`) and its room (`MOST_PADS`), or the
    table's steps (`tmc.run.simulator.MAX_STEPS`).

    `machine`: the path of a ``.tm`` file, or the name of a machine that comes with tmc, such as ``nearest`` or ``gauss``.
    `engine`: ``network``, or ``table``, which runs the machine without its network, with the same answers if no run is cut off.

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

    def _scores(self, queries: Signs) -> Signs:
        """See `TwoClasses`."""
        from tmc.net.remarks import answer_and_tell

        if self.engine == "network":
            return answer_and_tell(self.network_, queries).scores
        return _by_table(self.machine_.table, *self.tape_, queries)

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

    if not isinstance(machine, (str, Path)) or not str(machine).isprintable() or str(machine) in ("", "."):
        raise ValueError(f"the machine is a name, or the path of a .tm file, not {machine!r}")
    path = Path(machine)
    if not path.suffix:
        folder = shipped("machines")
        path = folder / f"{machine}.tm"
        if path.parent != folder or not path.is_file():
            known = ", ".join(sorted(file.stem for file in folder.glob("*.tm")))
            raise Rejected(f"there is no machine {machine} that comes with tmc: {known}; a file's name ends in .tm")
    stages = compile_machine(read_text(str(path)))
    if not stages.lowered.is_grid:
        raise Rejected(f"the machine {stages.table.name} reads a line, not a grid of examples")
    return stages


def _by_table(table: Table, x: Signs, y: Signs, queries: Signs) -> Signs:
    """What a machine answers, query by query. Warns of runs that are cut off, and of broken bounds."""
    numbers = {False: table.data.number("0"), True: table.data.number("1")}
    different, which = np.unique(queries, axis=0, return_inverse=True)
    found = []
    for grid in grids(x, y, different):
        rows = tuple(tuple(0 if cell == 0 else numbers[cell == 2] for cell in row) for row in grid.rows)
        data = type(grid)(rows)
        found.append(simulate_to_the_end(table, data, step_limit(table, data)))
    runs = [found[place] for place in which.reshape(-1)]
    for remark in _remarks(table, runs):
        warnings.warn(remark, CutOff, stacklevel=3)
    return np.array([SCORES.get(run.verdict, 0) for run, _ in runs], np.int8)


def _remarks(table: Table, runs: Sequence[tuple[Run, Loop | None]]) -> Iterator[str]:
    """What to tell of runs, as `tmc.net.remarks` of the network's answers. A run that is in a loop for ever is undecided as one
    that is stuck is: nothing cuts it off, unless it breaks a bound."""
    from tmc.net.remarks import More, count, queries

    promises = [run.work_promise for run, _ in runs if run.work_promise is not None]
    broken = np.array([not promise.kept for promise in promises])
    if broken.any():
        limit = count(promises[0].limit, "work-tape cell")
        yield f"{queries(broken)} used more than {limit}, which is what {table.name} promises; {More().work}"
    bounded = table.bounds.steps is not None
    late = np.array([run.verdict == "timeout" and (bounded or loop is None) for run, loop in runs])
    if late.any():
        why = f"{table.name} breaks its bound on steps" if bounded else More().layers
        yield f"{queries(late)} had no answer after {count(runs[int(late.argmax())][0].steps, 'step')}; {why}"
