"""The table of what a command line names: a machine's text, or a checkpoint with the machine in it."""

from __future__ import annotations

from tmc.cli.machine_texts import read_machine
from tmc.diagnostics import Rejected
from tmc.ir.table import Table


def table_of_file(path: str) -> Table:
    """The table of a machine (.tm) or of the machine in a checkpoint. Raises `Rejected`."""
    if path.lower().endswith(".safetensors"):
        from tmc.ir.from_document import table_of
        from tmc.net.checkpoint import reading as checkpoints

        checkpoint = checkpoints.load(path, as_written=False)
        try:
            return table_of(checkpoint.about["table"])
        except ValueError:
            raise Rejected(f"{path}: {checkpoints.DAMAGED}") from None
    from tmc.elaborate.syntax_to_table import syntax_to_table
    from tmc.syntax.program import read_program

    return syntax_to_table(read_program(read_machine(path)))[0]
