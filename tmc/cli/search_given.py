"""What ``tmc search`` is given: the problems, and the machines to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tmc.cli.machine_texts import read_machine
from tmc.diagnostics import Rejected

if TYPE_CHECKING:
    from tmc.ir.polynomial import Polynomial
    from tmc.learn.data.datasets import DataSet
    from tmc.learn.search.searching import Prior

STEPS = 4  # times (m + 1)(d + 1): the steps of a run by default
MOST_CELLS = 1 << 26  # of the tapes of all queries: they are in memory, at up to ten bytes each


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """The options that say what the problems and the machines are."""

    task: str | None
    d: int
    m: int
    problems: int
    queries: int
    inputs: tuple[str, ...]
    states: int
    edges: tuple[str, ...]
    work_symbols: int
    sketch: str | None
    candidates: int
    prior: str | None
    step_factor: int | None
    seed: int

    def data(self, count: int, use: int) -> list[DataSet]:
        """So many problems for a use of `tmc.learn.data.streams`, or the data sets. Raises `Rejected` if they cannot be drawn or
        read."""
        if (self.task is None) == (not self.inputs):
            raise click.UsageError("name a kind of task with --task, or data sets with --input; `--task list` says what there is")
        if self.task is not None:
            _check_size(count * self.queries * (self.m + 1) * (self.d + 1))
            return self._drawn(count, use)
        data = [_labelled(path) for path in self.inputs]
        _check_size(sum(len(each.x_test) * (each.x_train.shape[0] + 1) * (each.x_train.shape[1] + 1) for each in data))
        return data

    def _drawn(self, count: int, use: int) -> list[DataSet]:
        from tmc.learn.data.tasks import TASKS, problems

        if self.task is None or self.task not in TASKS:
            raise click.UsageError(f"there is no kind of task `{self.task}`; there are {', '.join(TASKS)}")
        try:
            return problems(TASKS[self.task], count, self.d, self.m, self.queries, self.seed, use)
        except ValueError as error:
            raise Rejected(str(error)) from None

    def machines(self) -> tuple[Prior, Polynomial, tuple[int, int]]:
        """The prior, how many steps a run has, and the numbers of the symbols for -1 and +1."""
        from tmc.learn.search.found import steps

        if self.sketch is not None:
            return self._sketched(self.sketch)
        from tmc.ir.tape import EDGES as ALL
        from tmc.learn.search.enumeration import AllTables
        from tmc.learn.search.searching import Tables
        from tmc.run.shapes import MachineShape

        edges = tuple(edge for edge in ALL if edge.name.lower() in self.edges)
        try:
            shape = MachineShape("grid", self.states, 3, 1 + self.work_symbols, edges)
        except ValueError:
            raise Rejected(f"machines of {self.states} states are too large for a search with these edges and symbols") from None
        every = AllTables(shape)
        if self.prior == "all" and not every.numbered:
            raise Rejected("there are more than 2^62 such tables, too many to try one by one; use --prior tables")
        one_by_one = self.prior != "tables" and every.numbered and self._all_of(every.size)
        return every if one_by_one else Tables(shape, self.seed), steps(self.step_factor or STEPS), (1, 2)

    def _all_of(self, size: int) -> bool:
        """Whether all of so many machines are tried one by one, and not drawn."""
        return size <= self.candidates if self.prior is None else self.prior == "all"

    def _sketched(self, path: str) -> tuple[Prior, Polynomial, tuple[int, int]]:
        from tmc.learn.search.found import steps
        from tmc.learn.search.sketch import Sketch

        sketch = Sketch(read_machine(path))
        if sketch.shape.kind == "line":
            raise Rejected(f"{path}: the machine {sketch.table.name} reads a line, not a grid of examples")
        prior: Prior = sketch if self._all_of(sketch.size) else sketch.drawn(self.seed)
        promised = sketch.table.bounds.steps if self.step_factor is None else None
        data = sketch.table.tapes[0]
        try:
            numbers = data.number("0"), data.number("1")
        except ValueError:
            raise Rejected(f"{path}: the tape {data.name} lacks the symbols 0 and 1, in which data are written") from None
        return prior, promised or steps(self.step_factor or STEPS), numbers


def _check_size(cells: int) -> None:
    if cells > MOST_CELLS:
        raise Rejected(
            f"these problems fill {cells:,} cells, too many for a search: at most {MOST_CELLS:,}; take fewer or smaller ones"
        )


def _labelled(path: str) -> DataSet:
    from tmc.learn.data import datasets

    data = datasets.load(path)
    if data.y_test is None:
        raise Rejected(f"{path} has no y_test: without the right answers nothing can be chosen")
    return data
