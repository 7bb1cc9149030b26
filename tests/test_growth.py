"""Growth: the work of every stage grows with the number of states, not its square. Lines are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from tmc.lower.cells_to_filters import cells_to_filters
from tmc.lower.rows_to_grid import rows_to_grid
from tmc.lower.rules_to_cells import rules_to_cells
from tmc.lower.table_to_rules import table_to_rules
from tmc.net.checkpoint import from_stages, to_bytes
from tmc.optimise.passes import optimise
from tmc.pipeline import Stages
from tmc.verify.families import family

FEW, MANY = 30, 120


def lines(work: Callable[[], Any]) -> tuple[Any, int]:
    """What a call returns, and how many lines it executes."""
    count, before = 0, sys.gettrace()

    def trace(_frame: FrameType, _event: str, _argument: object) -> Callable[..., Any]:
        nonlocal count
        count += 1
        return trace

    sys.settrace(trace)
    try:
        return work(), count
    finally:
        sys.settrace(before)


def stages(states: int, kind: str, work_tape: bool) -> Iterator[tuple[str, int]]:
    """The stages of a machine, and how many lines each executes."""
    table = family(states, 0, kind, work_tape, reach=1)  # so near that in both sizes transitions can be merged
    (optimised, _), count = lines(lambda: optimise(table))
    yield "optimise", count
    lowered, count = lines(lambda: rows_to_grid(optimised))
    yield "rows", count
    rules, count = lines(lambda: table_to_rules(lowered))
    yield "rules", count
    cells, count = lines(lambda: rules_to_cells(rules))
    yield "cells", count
    filters, count = lines(lambda: cells_to_filters(cells))
    yield "filters", count
    _, count = lines(lambda: to_bytes(from_stages(Stages(optimised, lowered, rules, cells, filters))))
    yield "checkpoint", count


@pytest.mark.parametrize(("kind", "work_tape"), [("line", True), ("rows", False)])
def test_four_times_the_states_take_little_more_than_four_times_the_work(kind: str, work_tape: bool) -> None:
    """A state's code takes a trit more."""
    few, many = (dict(stages(states, kind, work_tape)) for states in (FEW, MANY))
    growth = {name: many[name] / few[name] for name in few}
    assert all(ratio < 5 for ratio in growth.values()), growth
