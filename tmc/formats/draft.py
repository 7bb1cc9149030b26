"""Drafts: a machine as another program means it, its names and symbols still as they were written there."""

from __future__ import annotations

from dataclasses import dataclass, field

from tmc.diagnostics import Rejected, quotation
from tmc.frozen import frozen
from tmc.ir.tape import Move
from tmc.source import Source, Span


@frozen
class Rule:
    """What to do in a state: tape by tape the symbols read (None: any), the symbol written (None: none), the move.

    `target` is a state or a halting state. Of a state's rules the first that applies is taken. `remark` is a comment beside it.
    """

    read: tuple[tuple[str, ...] | None, ...]
    write: tuple[str | None, ...]
    move: tuple[Move, ...]
    target: str
    remark: str = ""


@frozen
class State:
    """A state; `remarks` are comments before it."""

    name: str
    rules: tuple[Rule, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A machine with one or two line tapes that are unbounded both ways, and begin blank but for the input on the first.

    `symbols` are those of each tape in the order in which they are to be listed, without the `blank`. A target in `accept` or
    `reject` halts, and need not be among the `states`. `remarks` are comments on the whole; `input` is what the file gives as its
    own example, a symbol after the other, None if it gives none. With `wall` the first tape begins at position 0: a move to the
    left from there leaves the head in its place.
    """

    name: str
    blank: str
    symbols: tuple[tuple[str, ...], ...]
    states: tuple[State, ...]
    start: str
    accept: frozenset[str]
    reject: frozenset[str]
    about: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    input: tuple[str, ...] | None = None
    wall: bool = field(default=False, kw_only=True)


def refusal(source: Source, start: int, end: int, message: str, label: str = "", help: str = "") -> Rejected:
    """The error that something at this place of a foreign text cannot be imported: a sentence, and the place with carets."""
    start = min(start, max(0, len(source.text.rstrip()) - 1))  # the end of a text is behind its last word
    return Rejected(f"{message}\n{quotation(source, Span(start, max(end, start + 1)), label, help)}")


def offset_of(source: Source, line: int, column: int) -> int:
    """The offset of a line and a column, both counted from 0; the end of the text if there is no such line."""
    starts = [0]
    for number, character in enumerate(source.text):
        if character == "\n":
            starts.append(number + 1)
    return min(starts[line] + column, len(source.text)) if line < len(starts) else len(source.text)
