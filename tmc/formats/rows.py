"""A table on lines as rows, one for each state and each symbol under each head: what most programs have instead of rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tmc.diagnostics import Rejected
from tmc.frozen import frozen
from tmc.ir.table import ACCEPT, Table, Transition
from tmc.ir.tape import Move


@frozen
class Row:
    """What is done in a state on these symbols, one of each tape: symbols written (those read, if nothing is), moves, and the
    next state.

    The next state is ``accept`` or ``reject`` if the machine halts; it does not move then.
    """

    state: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    move: tuple[Move, ...]
    target: str
    transition: Transition

    @property
    def halts(self) -> bool:
        """Whether this ends the run."""
        return self.transition.halts


def rows(table: Table, title: str, tapes: int, unwritable: str = "") -> Iterator[Row]:
    """The rows of a machine, state by state, the start first, in the order of the symbols.

    Raises `Rejected` if `title`, a format, cannot say this machine: for a grid, for more than so many `tapes`, or for a symbol
    that is one of the characters `unwritable`.
    """
    if table.is_grid:
        raise Rejected(f"{table.name} reads a grid, and {title} has lines only")
    if len(table.tapes) > tapes:
        raise Rejected(f"{table.name} has {len(table.tapes)} tapes, and {title} has one only")
    for tape in table.tapes:
        for symbol in tape.symbols:
            if symbol in unwritable:
                where = f"{table.name}: the symbol {symbol} of the tape {tape.name}"
                raise Rejected(f"{where} means something else in {title}; rename it")
    first = [table.start, *(state for state in range(len(table.states)) if state != table.start)]
    for state in first:
        own = [one for one in table.transitions if one.state == state]
        for read in product(*(range(len(tape.symbols)) for tape in table.tapes)):
            taken = next((one for one in own if read[0] in one.guard.data and (*read, 0)[1] in one.guard.work), None)
            if taken is not None:
                yield _row(table, taken, read)


def _row(table: Table, taken: Transition, read: tuple[int, ...]) -> Row:
    written = taken.write_data, taken.write_work
    left = [own if new is None else new for own, new in zip(read, written, strict=False)]
    moves = (Move.STAY, Move.STAY) if taken.halts else (taken.move_data, taken.move_work)
    state, target = table.states[taken.state], table.target_name(taken.target)
    return Row(state, _named(table, read), _named(table, left), moves[: len(read)], target, taken)


def _named(table: Table, symbols: tuple[int, ...] | list[int]) -> tuple[str, ...]:
    return tuple(tape.symbols[symbol] for tape, symbol in zip(table.tapes, symbols, strict=False))


def halting_names(table: Table, accept: str, reject: str) -> dict[str, str]:
    """What the two halting states are called in a format, so that no other state is called so."""
    found: dict[str, str] = {}
    for name, wanted in (("accept", accept), ("reject", reject)):
        while wanted in table.states:
            wanted += "_"
        found[name] = wanted
    return found


def ends(table: Table) -> tuple[bool, bool]:
    """Whether the machine has a rule that accepts, and one that rejects."""
    targets = {one.target for one in table.transitions if one.halts}
    return ACCEPT in targets, bool(targets - {ACCEPT})
