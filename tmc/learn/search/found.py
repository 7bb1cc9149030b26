"""What a search found, made readable, and tested on problems it has not seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tmc.diagnostics import InternalError
from tmc.ir.polynomial import Polynomial
from tmc.ir.table import Bounds, Configuration, GridTest, Table, reading
from tmc.ir.tape import Grid
from tmc.learn.data.datasets import DataSet
from tmc.learn.search.searching import RIGHT, grids
from tmc.pipeline import Stages, compile_machine, lower_table, machine_text, read_machine
from tmc.run.simulator import configurations, simulate
from tmc.source import Source

TESTS, LONGEST = 4, 64  # tests that are written into the text, as they come, of so many examples at most


@dataclass(frozen=True, slots=True)
class Score:
    """How a machine does: `solved` of so many `problems` without any mistake, `right` of so many `queries`."""

    problems: int = 0
    solved: int = 0
    queries: int = 0
    right: int = 0

    def and_(self, right: int, queries: int) -> Score:
        """With one more problem."""
        return Score(self.problems + 1, self.solved + (right == queries), self.queries + queries, self.right + right)


def steps(factor: int) -> Polynomial:
    """The steps a machine is given: ``factor · (m + 1)(d + 1)``."""
    one = Polynomial.constant(1)
    return Polynomial.constant(factor) * (Polynomial.variable("m") + one) * (Polynomial.variable("d") + one)


def readable(table: Table, problems: Sequence[DataSet], limit: Polynomial, remark: str = "") -> str:
    """The text of a machine that does on every query of these problems what the table does, step for step, in few rules; what never
    occurs there may be done otherwise. A run that goes beyond its `limit` of steps is followed no further."""
    table = replace(
        table, transitions=tuple(replace(t, write_data=None, write_work=None) if t.halts else t for t in table.transitions)
    )
    tapes = [(grid, _steps(limit, grid)) for each in problems for grid in _grids(table, each)]
    seen = {(one.state, *reading(one)) for grid, most in tapes for one in _followed(table, grid, most)}
    table = replace(table, bounds=Bounds(limit, table.bounds.work), tests=tuple(islice(_tests(table, problems, limit), TESTS)))
    text = machine_text(table, seen, remark)
    again, _ = read_machine(Source(f"{table.name}.tm", text))
    for grid, most in tapes:
        one, other = simulate(table, grid, most), simulate(again, grid, most)
        if (one.verdict, one.steps) != (other.verdict, other.steps):
            raise InternalError(f"the text of {table.name} does something else than the machine that was found")
    return text


def _steps(limit: Polynomial, grid: Grid) -> int:
    return limit.evaluate({"m": len(grid.rows) - 1, "d": len(grid.rows[0]) - 1})


def _followed(table: Table, grid: Grid, most: int) -> Iterator[Configuration]:
    for taken, (configuration, _) in enumerate(configurations(table, grid)):
        if taken > most or configuration.state < 0:
            return
        yield configuration


def _grids(table: Table, data: DataSet) -> list[Grid]:
    numbers = table.data.number("0"), table.data.number("1")
    return grids(data.x_train, data.y_train, data.x_test, numbers)


def _tests(table: Table, problems: Sequence[DataSet], limit: Polynomial) -> Iterator[GridTest]:
    """The first query of some problems, where it is answered rightly, as tests."""
    for number, each in enumerate(problems, 1):
        if len(each.x_train) > LONGEST:
            continue
        (grid, *_), label = _grids(table, replace(each, x_test=each.x_test[:1])), int(_labels(each)[0])
        if simulate(table, grid, _steps(limit, grid)).verdict in RIGHT[label][:1]:
            examples = tuple((_bits(x), int(y > 0)) for x, y in zip(each.x_train, each.y_train, strict=True))
            yield GridTest(f"problem {number}", examples, _bits(each.x_test[0]), int(label > 0))


def _bits(signs: NDArray[np.int8]) -> tuple[int, ...]:
    return tuple(int(sign > 0) for sign in signs)


def _labels(data: DataSet) -> NDArray[np.int8]:
    if data.y_test is None:
        raise ValueError("a problem needs labels for its queries")
    return data.y_test


def by_table(source: Source, problems: Iterable[DataSet], limit: Polynomial) -> Iterator[Score]:
    """How a machine does on problems in runs of so many steps; told after each."""
    table, _ = read_machine(source)
    tally = Score()
    for each in problems:
        verdicts = [simulate(table, grid, _steps(limit, grid)).verdict for grid in _grids(table, each)]
        right = sum(verdict in RIGHT[int(label)] for verdict, label in zip(verdicts, _labels(each), strict=True))
        tally = tally.and_(right, len(verdicts))
        yield tally


def by_network(source: Source, problems: Iterable[DataSet], limit: Polynomial) -> Iterator[Score]:
    """The same of the network that it is compiled to, trained by gradient descent on each problem's examples. `right` are queries
    that it answers as the table does in the steps that the machine promises, else in `limit` (what is undecided is +1)."""
    from tmc.net.checkpoint.reading import from_stages
    from tmc.net.rcnn import RCNN

    stages: Stages = compile_machine(source)
    if stages.table.bounds.steps is None:  # a run without an end would take the network very long
        stages = lower_table(replace(stages.table, bounds=Bounds(limit, stages.table.bounds.work)))
    table, network, tally = stages.table, RCNN(from_stages(stages)), Score()
    for each in problems:
        answered = network.fit(each.x_train, each.y_train).predict(each.x_test)
        verdicts = [simulate(table, grid).verdict for grid in _grids(table, each)]
        right = sum((answer > 0) == (verdict != "reject") for answer, verdict in zip(answered, verdicts, strict=True))
        tally = tally.and_(int(right), len(verdicts))
        yield tally
