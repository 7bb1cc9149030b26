"""The lines of a recording that is text: names instead of numbers, and numbers from names again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tmc.ir.document import Document
from tmc.ir.from_document import HALTING
from tmc.ir.lattice import Cell
from tmc.ir.table import Table
from tmc.ir.tape import Tape
from tmc.recording.layout import NONE, CellField, Moment


@dataclass(frozen=True)
class Names:
    """The names of a machine's states and symbols and of the fields of its cells; `file` is that of its own text."""

    table: Table
    file: str
    fields: tuple[CellField, ...] = ()

    def cell(self, cell: Cell) -> dict[str, str]:
        """The fields of a cell that are not at rest."""
        return {field.name: field.values[value] for field, value in zip(self.fields, cell, strict=True) if value}

    @cached_property
    def states(self) -> dict[str, int]:
        """The numbers of states by name."""
        return {**{name: number for number, name in enumerate(self.table.states)}, **HALTING}

    @cached_property
    def symbols(self) -> tuple[dict[str, int], ...]:
        """The numbers of symbols by name, for each tape."""
        return tuple({symbol: number for number, symbol in enumerate(tape.symbols)} for tape in self.table.tapes)

    @cached_property
    def values(self) -> list[tuple[str, dict[str, int]]]:
        """The fields in their order with the numbers of their values by name."""
        return [(field.name, {value: number for number, value in enumerate(field.values) if value}) for field in self.fields]


def step_line(names: Names, number: int, moment: Moment) -> Document:
    """A configuration as a document."""
    table = names.table
    document: Document = {
        "step": number,
        "layer": moment.layer,
        "state": table.target_name(moment.state),
        "head": list(moment.head) if table.is_grid else moment.head[1],
        "write": _symbol(table.data, moment.data_write),
    }
    if table.work is not None:
        document |= {"work_head": moment.work_head, "work_write": _symbol(table.work, moment.work_write)}
    document["transition"] = None if moment.transition == NONE else moment.transition
    if moment.transition != NONE:
        transition = table.transitions[moment.transition]
        document["rule"] = {"file": transition.file or names.file, "line": transition.line}
    return document


def _symbol(tape: Tape, symbol: int) -> str | None:
    return None if symbol == NONE else tape.symbols[symbol]


def step_row(names: Names, document: Document) -> dict[str, int | list[int]]:
    """The numbers of a configuration's document: a row of each array of steps. KeyError, TypeError or ValueError if it is
    none."""
    table, transition = names.table, document["transition"]
    head = document["head"] if table.is_grid else [0, document["head"]]
    row, column = head
    return {
        "state": names.states[document["state"]],
        "head": [whole(row), whole(column)],
        "work_head": whole(document["work_head"]) if table.work else 0,
        "transition": NONE if transition is None else whole(transition),
        "data_write": _number(names.symbols[0], document["write"]),
        "work_write": _number(names.symbols[1], document["work_write"]) if table.work else NONE,
        "layer": whole(document["layer"]),
    }


def _number(numbers: dict[str, int], symbol: str | None) -> int:
    return NONE if symbol is None else numbers[symbol]


def cell_row(names: Names, document: Document) -> list[int]:
    """The numbers of a cell's fields from its document."""
    if not document.keys() <= {name for name, _ in names.values}:
        raise ValueError("a cell has an unknown field")
    return [numbers[document[name]] if name in document else 0 for name, numbers in names.values]


def whole(value: Any) -> int:
    """A whole number; neither a truth value nor a fraction."""
    if type(value) is not int:
        raise ValueError(f"{value!r} is not a whole number")
    return value


def wholes(values: Sequence[Any], count: int, check: Callable[[Any], int] = whole) -> list[int]:
    """So many whole numbers."""
    if type(values) is not list or len(values) != count:
        raise ValueError(f"there should be {count} numbers")
    return [check(value) for value in values]
