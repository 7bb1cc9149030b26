"""What a machine is to run on, as the command line says it: ``--data``, ``--input`` with ``--query``, or ``--grid``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tmc.diagnostics import Rejected
from tmc.files import read_text
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.run.tapes import grid_of_text, line_of_text

if TYPE_CHECKING:
    from tmc.net.described import Described


@dataclass(frozen=True, slots=True)
class Input:
    """The options that say what to run on."""

    text: str | None
    archive: str | None
    picture: str | None
    query: int

    def tape(self, table: Table) -> Grid | Line:
        """The first content of the machine's data tape, from the option that fits it; a usage error when that is another one."""
        return self._data(table) if self.picture is None else self._grid(table, self.picture)

    def tape_of(self, network: Described, table: Table) -> Grid | Line:
        """The same for a network: one that is trained may be given queries alone, and has learnt the examples that it has."""
        if not table.is_grid or not network.is_trained:
            return self.tape(table)
        if self.archive is None:
            raise click.UsageError(f"the network {network.name} has learnt its examples: give it --input FILE with queries.")
        from tmc.learn.data import datasets

        x, y = examples_in(network)
        given = datasets.load_queries(self.archive)
        if given.x_test.shape[1] != x.shape[1]:
            raise Rejected(f"{self.archive}: X_test has {given.x_test.shape[1]} features, the network has learnt {x.shape[1]}")
        return datasets.grid(table, datasets.DataSet(x, y, given.x_test), self.query)

    def _grid(self, table: Table, picture: str) -> Grid:
        """The first content of a grid, from a picture."""
        if self.text is not None or self.archive is not None:
            raise click.UsageError(f"--grid and {'--data' if self.text is not None else '--input'} exclude each other.")
        if not table.is_grid:
            raise click.UsageError(f"the machine {table.name} reads a line: give it --data, not --grid.")
        return grid_of_text(table.data, picture, read_text(picture).text)

    def _data(self, table: Table) -> Grid | Line:
        if table.is_grid and (self.archive is None or self.text is not None):
            wrong = ", not --data" if self.text is not None else " FILE, which `tmc data` makes, or --grid FILE, a picture"
            raise click.UsageError(f"the machine {table.name} learns from examples: give it --input{wrong}.")
        if table.is_grid:
            from tmc.learn.data import datasets

            return datasets.grid(table, datasets.load(str(self.archive)), self.query)
        if self.text is None or self.archive is not None:
            wrong = ", not --input" if self.archive is not None else " TEXT, or --data '' for an empty tape"
            raise click.UsageError(f"the machine {table.name} reads a line: give it --data{wrong}.")
        return line_of_text(table.data, self.text)


def examples_in(network: Described) -> tuple[Any, Any]:
    """The examples that a trained network has learnt: features (m, d) and labels (m,), all -1 and +1."""
    import numpy as np

    signs = np.sign(network.memory_array()[:-1]).astype(np.int8)
    if not signs.all():
        raise Rejected(f"{network.checkpoint.name}: its memory does not hold examples")
    return signs[:, :-1] * signs[:, -1:], signs[:, -1]


def _options() -> tuple[Callable[[Any], Any], ...]:
    return (
        click.option(
            "--data", "text", metavar="TEXT", help="The data tape of a line machine, written as in a test; '' is the empty tape."
        ),
        click.option("--input", "archive", metavar="FILE", help="The data set (.npz) for a learner."),
        click.option("--grid", "picture", metavar="FILE", help="A grid as a text, a row on each line, instead of a data set."),
        click.option(
            "--query", type=click.IntRange(0), default=0, show_default=True, help="Which query of the data set, counted from 0."
        ),
    )


def with_input(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of `Input`."""
    for option in reversed(_options()):
        command = option(command)
    return command
