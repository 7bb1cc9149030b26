"""All stages in lockstep, on random machines and inputs: nothing may differ in any number, at any layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest

from conftest import blocks
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.net.checkpoint.reading import from_stages
from tmc.net.rcnn import RCNN
from tmc.pipeline import lower_table
from tmc.run.simulator import configurations
from tmc.testing.lockstep import Agreement, lockstep
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine
from tmc.testing.timing import effective

STEPS = 80  # how far a machine that never halts is followed


def follow(seed: int, family: Family) -> tuple[Table, Grid | Line, Agreement]:
    """One random machine on one random input through table, rules, cells, filters and the network."""
    random = Random(seed)
    table = random_machine(random, family)
    data = random_grid(random, table, rows=(1, 5), columns=(1, 5)) if table.is_grid else random_line(random, table, (0, 6))
    stages = lower_table(table)
    return table, data, lockstep(stages, data, STEPS, RCNN(from_stages(stages)))


def check_layers(data: Grid | Line, agreement: Agreement) -> None:
    steps = agreement.run.steps
    rows, columns = (len(data.rows), len(data.rows[0])) if isinstance(data, Grid) else (0, 0)
    assert agreement.layers <= 4 * steps + rows + columns  # 4t + m + d + 2


def stopped(table: Table, data: Grid | Line, steps: int) -> Iterator[bool]:
    """For each step whether an edge stopped the data head."""
    for configuration, transition in islice(configurations(table, data), steps):
        assert transition is not None
        yield not transition.halts and effective(configuration, transition)[0] is not transition.move_data


@pytest.mark.parametrize("seed", range(12))
def test_random_grid_machines(seed: int) -> None:
    _, data, agreement = follow(seed, Family(work_tape=seed % 3 > 0))
    check_layers(data, agreement)


@pytest.mark.parametrize("seed", range(6))
def test_random_line_machines(seed: int) -> None:
    _, data, agreement = follow(seed, Family(kind="line", work_tape=seed % 3 > 0))
    check_layers(data, agreement)


@pytest.mark.parametrize("block", blocks(8))
def test_many_random_grid_machines(block: int) -> None:
    """400 machines with 1 or 2 tapes, 2 to 5 symbols a tape and all moves; among them every kind of end, and edges run into."""
    verdicts: Counter[str] = Counter()
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        family = Family(work_tape=seed % 4 > 0, gaps=(0.0, 0.05, 0.15)[seed % 3], halts=(0.02, 0.1, 0.2)[seed % 3])
        table, data, agreement = follow(seed, family)
        check_layers(data, agreement)
        verdicts[agreement.run.verdict] += 1
        verdicts["edge"] += any(stopped(table, data, agreement.run.steps))
    assert set(verdicts) == {"accept", "reject", "stuck", "timeout", "edge"}


@pytest.mark.parametrize("block", blocks(2))
def test_many_random_line_machines(block: int) -> None:
    """100 line machines, whose tape runs to the left and to the right of where it began."""
    for seed in range(2000 + 50 * block, 2050 + 50 * block):
        family = Family(kind="line", work_tape=seed % 3 > 0, gaps=0.05, halts=0.06)
        _, data, agreement = follow(seed, family)
        check_layers(data, agreement)
