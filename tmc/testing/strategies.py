"""Random machines and inputs for property-based tests, as strategies of the package hypothesis (``pip install hypothesis``).

```python
from hypothesis import given
from tmc.testing.strategies import runs

@given(runs())
def test_mine(run):
    table, data = run
    ...
```

What fails is made smaller by hypothesis: fewer states, symbols and transitions, a smaller input; and a seed given to it
(``--hypothesis-seed``, ``@seed``) makes the same examples again. `tmc.testing.random_machines` draws the same machines from a
`random.Random`, without hypothesis.
"""

from __future__ import annotations

from random import Random

from hypothesis.strategies import SearchStrategy, builds, just, randoms, sampled_from, tuples

from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.testing.random_machines import Family, random_grid, random_line, random_machine

KINDS = ("line", "rows", "grid")  # the simplest first
Range = tuple[int, int]  # from … to, both included


def families(states: Range = (1, 3), symbols: Range = (2, 4)) -> SearchStrategy[Family]:
    """Kinds of machines: of each data tape, with and without a work tape, and of all tempers in halting and being stuck."""
    return builds(
        Family,
        kind=sampled_from(KINDS),
        states=just(states),
        symbols=just(symbols),
        work_tape=sampled_from((False, True)),
        gaps=sampled_from((0.0, 0.05, 0.15)),
        halts=sampled_from((0.02, 0.1, 0.2)),
    )


def machines(family: Family | SearchStrategy[Family] | None = None) -> SearchStrategy[Table]:
    """Valid tables of a family, or of any of some families; by default of all `families`."""
    given = families() if family is None else just(family) if isinstance(family, Family) else family
    return tuples(_randoms(), given).map(lambda drawn: random_machine(*drawn))


def inputs(table: Table, rows: Range = (1, 4), columns: Range = (1, 4), length: Range = (0, 6)) -> SearchStrategy[Grid | Line]:
    """First contents of a machine's data tape: for a learner so many examples (`rows`) of so many features (`columns`), for a line
    machine a text of this `length`."""
    if table.data.kind == "line":
        return _randoms().map(lambda random: random_line(random, table, length))
    return _randoms().map(lambda random: random_grid(random, table, rows, columns))


def runs(
    family: Family | SearchStrategy[Family] | None = None, rows: Range = (1, 4), columns: Range = (1, 4), length: Range = (0, 6)
) -> SearchStrategy[tuple[Table, Grid | Line]]:
    """A machine and an input for it."""
    return machines(family).flatmap(lambda table: tuples(just(table), inputs(table, rows, columns, length)))


def _randoms() -> SearchStrategy[Random]:
    """Generators whose every draw is hypothesis's own, so that it can make what fails smaller."""
    return randoms(use_true_random=False)
