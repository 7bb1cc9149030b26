"""Table and rules side by side on small inputs of a machine: the lattice is read before every step of the simulator's run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from random import Random

from tmc.ir.table import Table
from tmc.ir.tape import BLANK, Grid, Line
from tmc.pipeline import Stages
from tmc.testing.lockstep import Caches, Mismatch, lockstep

LINES, GRIDS = 40, 12  # inputs
STEPS = 400  # after which a run is left alone


def run_beside(stages: Stages) -> tuple[int, tuple[str, ...]]:
    """How many steps were run side by side, and where they differed."""
    inputs = _lines(stages.table) if stages.table.data.kind == "line" else _grids(stages.table)
    caches, steps = Caches(), 0
    for data in inputs:
        try:
            steps += lockstep(stages, data, STEPS, caches=caches, alone=True).run.steps
        except Mismatch as mismatch:
            return steps, (f"{mismatch}",)
    return steps, ()


def _lines(table: Table) -> Iterator[Line]:
    """The shortest words over the data tape's symbols, and some longer ones."""
    symbols = range(len(table.data.symbols))
    short = (word for length in range(4) for word in product(symbols, repeat=length))
    for word in islice(short, LINES // 2):
        yield Line.of(dict(enumerate(word)))
    random = Random(0)  # noqa: S311 - the same inputs every time
    for _ in range(LINES // 2):
        yield Line.of({position: random.choice(symbols) for position in range(random.randint(3, 9))})


def _grids(table: Table) -> Iterator[Grid]:
    """Data sets of one to five examples with one to four features."""
    bits = [table.data.number(symbol) for symbol in ("0", "1") if symbol in table.data.symbols]
    random = Random(0)  # noqa: S311 - the same inputs every time
    for number in range(GRIDS):
        rows, columns = number % 5 + 1, number % 4 + 1
        examples = tuple(tuple(random.choice(bits) for _ in range(columns + 1)) for _ in range(rows))
        yield Grid((*examples, (*(random.choice(bits) for _ in range(columns)), BLANK)))
