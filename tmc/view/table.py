"""The transition table as text, in the notation of the language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tmc.ir.table import Table, Transition
from tmc.ir.tape import EDGES, Symbol, Tape
from tmc.view.layout import aligned, count, paragraph, symbol_name, text_of

_ABOUT = """The machine itself: in a state, that row applies which fits the symbols under the heads ("on"; * is any) and the edges
of the grid touched ("at"). It writes, moves the heads ("." leaves a tape alone) and goes on in the state "next". Where there are
two tapes, the data tape comes first. No two rows of a state can apply at once."""
_MERGED = """States of the source that do the same are one here, under the name and with the lines of the first ("also" names the
others)."""


@dataclass(frozen=True, slots=True)
class Optimised:
    """An optimised table; `merged` says which other states of the source some of its states are, too."""

    table: Table
    merged: Mapping[str, tuple[str, ...]]


def optimised_text(stage: Optimised) -> str:
    """As `table_text`; at a state that stands for several the others are named."""
    return table_text(stage.table, "Optimised table", stage.merged)


def table_text(table: Table, title: str = "Table", merged: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> str:
    """Tapes, bounds and, state by state, the transitions."""
    sizes = f"{count(len(table.states), 'state')}, {count(len(table.transitions), 'transition')}."
    grid = ("at",) if table.is_grid else ()
    rows: list[tuple[str, ...]] = [("  on", *grid, "write", "move", "next", "line")]
    for number, name in enumerate(table.states):
        others = f" (also {', '.join(merged[name])})" if name in merged else ""
        rows += [(), (f"{name}{' (start)' if number == table.start else ''}{others}",)]
        rows += [_row(table, transition) for transition in table.transitions if transition.state == number]
    listing = aligned([row if len(row) > 1 else () for row in rows])
    headed = [row[0] if len(row) == 1 else line for row, line in zip(rows, listing, strict=True)]
    about = f"{_ABOUT} {_MERGED} {sizes}" if merged else f"{_ABOUT} {sizes}"
    return text_of([f"{title} of {table.name}", *_about(table), "", *paragraph(about), "", *_tapes(table), "", *headed])


def _about(table: Table) -> list[str]:
    return table.about.splitlines()


def _tapes(table: Table) -> list[str]:
    kinds = {"grid": "grid", "rows": "line (the rows of the grid)", "line": "line"}
    rows = [(f"{tape.name} tape", f"{kinds[tape.kind]} of {' '.join(map(symbol_name, tape.symbols))}") for tape in table.tapes]
    promises = (("steps", table.bounds.steps), ("work", table.bounds.work))
    return aligned([*rows, *((f"bound on {name}", str(bound)) for name, bound in promises if bound is not None)])


def _row(table: Table, transition: Transition) -> tuple[str, ...]:
    line = f"{transition.line:4}" if transition.line else ""
    if transition.file and transition.line:
        line = f"{transition.file}:{transition.line}"
    at = (edges_read(transition),) if table.is_grid else ()
    target = table.target_name(transition.target)
    return (f"  {symbols_read(table, transition)}", *at, written(table, transition), moved(table, transition), target, line)


def symbols_read(table: Table, transition: Transition) -> str:
    """The patterns of a transition, one per tape, such as ``0|1, *``."""
    guards = (transition.guard.data, transition.guard.work)
    return ", ".join(_pattern(tape, numbers) for tape, numbers in zip(table.tapes, guards, strict=False))


def _pattern(tape: Tape, numbers: tuple[Symbol, ...]) -> str:
    if len(numbers) == len(tape.symbols):
        return "*"
    return "|".join(symbol_name(tape.symbols[number]) for number in numbers)


def edges_read(transition: Transition) -> str:
    """The edges that a transition tests, such as ``bottom not right``."""
    tests = zip(EDGES, transition.guard.edges, strict=True)
    return " ".join(f"{'' if test else 'not '}{edge.name.lower()}" for edge, test in tests if test is not None)


def written(table: Table, transition: Transition) -> str:
    """What a transition writes, one item per tape, such as ``0, .``."""
    writes = (transition.write_data, transition.write_work)
    pairs = zip(table.tapes, writes, strict=False)
    return ", ".join("." if number is None else symbol_name(tape.symbols[number]) for tape, number in pairs)


def moved(table: Table, transition: Transition) -> str:
    """Where a transition moves the heads, one item per tape, such as ``right, .``."""
    moves = (transition.move_data, transition.move_work)[: len(table.tapes)]
    return ", ".join("." if move.name == "STAY" else move.name.lower() for move in moves)
