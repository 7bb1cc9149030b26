"""The transitions of a large table as a document of columns of numbers, and back: a fifth of what a document for each takes.

``guards`` are the different guards, each ``[data symbols, work symbols, edges]``, `files` the files that transitions come from; a
column has one number per transition: its state, the guard, the target (-1 accepts, -2 rejects), the symbols written (-1: none), the
moves (positions among those of `tmc.ir.tape.Move`), the line and the file.
"""

from __future__ import annotations

from typing import Any

from tmc.ir.table import Guard, Table, Transition
from tmc.ir.tape import Move

Columns = dict[str, Any]

COLUMNS = ("state", "guard", "to", "write_data", "write_work", "move_data", "move_work", "line", "file")
MOVES = tuple(Move)


def columns_of(table: Table) -> Columns:
    """The transitions of a table."""
    guards: dict[Guard, int] = {}
    files: dict[str, int] = {}
    moves = {move: number for number, move in enumerate(MOVES)}
    rows = [
        (
            t.state,
            guards.setdefault(t.guard, len(guards)),
            t.target,
            -1 if t.write_data is None else t.write_data,
            -1 if t.write_work is None else t.write_work,
            moves[t.move_data],
            moves[t.move_work],
            t.line,
            files.setdefault(t.file, len(files)),
        )
        for t in table.transitions
    ]
    found = [[list(guard.data), list(guard.work), list(guard.edges)] for guard in guards]
    columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in COLUMNS}
    return {"guards": found, "files": list(files), **columns}


def transitions_of(document: Columns) -> tuple[Transition, ...]:
    """The transitions of `columns_of`. Raises KeyError, TypeError, ValueError or IndexError if the document is not such columns;
    that states and symbols exist is left to `tmc.ir.table.validate`."""
    if any(type(document[name]) is not list for name in ("guards", "files", *COLUMNS)):
        raise TypeError("a column is a list")
    guards = [_guard(*found) for found in document["guards"]]
    files = list(map(_text, document["files"]))
    columns = [document[name] for name in COLUMNS]
    if any(type(number) is not int for column in columns for number in column):
        raise ValueError("a column holds numbers")
    if any(min(document[name], default=0) < 0 for name in ("guard", "move_data", "move_work", "line", "file")):
        raise ValueError("a number is negative")
    if any(min(document[name], default=0) < -1 for name in ("write_data", "write_work")):
        raise ValueError("a symbol is negative")
    return tuple(
        Transition(
            state,
            guards[guard],
            target,
            None if write_data < 0 else write_data,
            None if write_work < 0 else write_work,
            MOVES[move_data],
            MOVES[move_work],
            line,
            files[file],
        )
        for state, guard, target, write_data, write_work, move_data, move_work, line, file in zip(*columns, strict=True)
    )


def _guard(data: list[int], work: list[int], edges: list[bool | None]) -> Guard:
    top, bottom, left, right = edges
    sets = (tuple(data), tuple(work))
    if any(type(symbol) is not int for symbols in sets for symbol in symbols) or any(sorted(set(s)) != list(s) for s in sets):
        raise ValueError("a guard admits symbols")
    if any(edge is not None and type(edge) is not bool for edge in edges):
        raise ValueError("a guard asks for edges")
    return Guard(*sets, (top, bottom, left, right))


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError("a file has a name")
    return value
