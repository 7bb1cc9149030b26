"""A machine that the command line names, by its text or by a checkpoint, with the input it is to run on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tmc.cli.machine_input import Input
from tmc.cli.machine_texts import STDIN, read_machine
from tmc.diagnostics import Rejected, render
from tmc.ir.table import Table
from tmc.ir.tape import Grid, Line
from tmc.run.trace import Texts, texts_of
from tmc.source import Source

if TYPE_CHECKING:
    from tmc.net.sparse.plain import PlainNetwork


@dataclass(frozen=True, slots=True)
class Given:
    """A machine and its data. `texts`: those of its rules; `file`: the name of its own; `network`: the one of a checkpoint."""

    table: Table
    texts: Texts
    file: str
    data: Grid | Line
    network: PlainNetwork | None

    def compiled(self) -> PlainNetwork:
        """The network: that of the checkpoint, or the one that the machine is compiled to."""
        if self.network is not None:
            return self.network
        from tmc.net.checkpoint.reading import from_stages
        from tmc.net.sparse.plain import PlainNetwork
        from tmc.optimise.passes import optimise
        from tmc.pipeline import lower_table

        return PlainNetwork(from_stages(lower_table(optimise(self.table)[0]), self.file))


def given(file: str, input: Input) -> Given:
    """Read a machine's text, or a checkpoint, and its input. Warnings of a text go to stderr."""
    if file != STDIN and _is_checkpoint(file):
        return _of_checkpoint(file, input)
    from tmc.elaborate.syntax_to_table import syntax_to_table
    from tmc.syntax.program import read_program

    program = read_program(read_machine(file))
    table, warnings = syntax_to_table(program)
    for warning in warnings:
        click.echo(render(warning) + "\n", err=True)
    texts = texts_of((used.name, used.source) for used in program.files)
    return Given(table, texts, program.source.name, input.tape(table), None)


def _is_checkpoint(file: str) -> bool:
    from tmc.net.checkpoint.reading import is_checkpoint

    return is_checkpoint(Path(file))


def _of_checkpoint(file: str, input: Input) -> Given:
    from tmc.ir.from_document import table_of
    from tmc.net.checkpoint.reading import DAMAGED
    from tmc.net.sparse.plain import load

    network = load(file)
    if network.is_drawn:
        raise Rejected(f"{file}: its weights were drawn at random; it runs no machine")
    try:
        table = table_of(network.checkpoint.about["table"])
    except ValueError:
        raise Rejected(f"{file}: {DAMAGED}") from None
    name = f"{table.name}.tm"
    text = str(network.checkpoint.about["source"]["text"])
    texts: Texts = {"": Source(name, text)} if text else {}
    return Given(table, texts, name, input.tape_of(network, table), network)
