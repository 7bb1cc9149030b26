"""Two machines over one alphabet: symbols are the same if they are written the same, whatever their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tmc.diagnostics import Rejected
from tmc.frozen import frozen
from tmc.ir.table import Table, Transition
from tmc.ir.tape import Symbol, Tape


@frozen
class Aligned:
    """Two machines whose tapes have the same symbols under the same numbers. `shared` are those that both had before, for each
    tape, the blank first: on inputs of these the two can be compared. A machine without a work tape has one of blanks."""

    one: Table
    other: Table
    shared: tuple[tuple[Symbol, ...], tuple[Symbol, ...]]


def aligned(one: Table, other: Table, renamed: Mapping[str, str] | None = None) -> Aligned:
    """The two over one alphabet; `renamed` says what symbols of `other` are called in `one`. Behaviour is unchanged.

    Raises `Rejected` if the blank is renamed, a symbol that `other` does not have, or two of a tape so that they have one name.

    ::

        >>> a, b = Tape("data", "line", ("_", "0", "1")), Tape("tape", "line", ("_", "1", "0"))
        >>> both = aligned(Table("a", "", (a,), ("q",), 0, ()), Table("b", "", (b,), ("p",), 0, ()))
        >>> both.other.data.symbols, both.shared[0]
        (('_', '0', '1'), (0, 1, 2))
    """
    for symbol, name in (renamed or {}).items():
        if not any(symbol in tape.symbols for tape in other.tapes):
            raise Rejected(f"{other.name} has no symbol {symbol} that could be called {name}")
    names = [[_names(table, place, called) for place in (0, 1)] for table, called in ((one, {}), (other, renamed or {}))]
    together = [tuple(dict.fromkeys((*names[0][place], *names[1][place]))) for place in (0, 1)]
    shared = [tuple(together[place].index(name) for name in names[0][place] if name in names[1][place]) for place in (0, 1)]
    tables = [
        _over(table, (together[0], together[1]), [[together[place].index(name) for name in own[place]] for place in (0, 1)])
        for table, own in zip((one, other), names, strict=True)
    ]
    return Aligned(tables[0], tables[1], (shared[0], shared[1]))


def _names(table: Table, place: int, renamed: Mapping[str, str]) -> tuple[str, ...]:
    tape = table.tapes[place] if place < len(table.tapes) else Tape("work", "line", ("_",))
    names = tuple(renamed.get(symbol, symbol) for symbol in tape.symbols)
    if names[0] != "_" or len(set(names)) < len(names):
        raise Rejected(f"the symbols of the tape {tape.name} cannot be renamed so: it would have {' '.join(names)}")
    return names


def _over(table: Table, symbols: tuple[tuple[str, ...], tuple[str, ...]], numbers: list[list[Symbol]]) -> Table:
    """The table with these symbols; `numbers` are the new numbers of its own."""
    data, work = numbers

    def renumbered(transition: Transition) -> Transition:
        guard = replace(
            transition.guard,
            data=tuple(sorted(data[symbol] for symbol in transition.guard.data)),
            work=tuple(sorted(work[symbol] for symbol in transition.guard.work)),
        )
        write_data = None if transition.write_data is None else data[transition.write_data]
        write_work = None if transition.write_work is None else work[transition.write_work]
        return replace(transition, guard=guard, write_data=write_data, write_work=write_work)

    work_name = table.work.name if table.work else "work"
    tapes = replace(table.data, symbols=symbols[0]), Tape(work_name, "line", symbols[1])
    return replace(table, tapes=tapes, transitions=tuple(map(renumbered, table.transitions)))
