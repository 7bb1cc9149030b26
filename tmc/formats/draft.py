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
    """A machine with line tapes that are unbounded both ways, and begin blank but for the input on the first.

    `symbols` are those of each tape in the order in which they are to be listed, without the `blank`. A target in `accept` or
    `reject` halts, and need not be among the `states`. `remarks` are comments on the whole; `input` is what the file gives as its
    own example, a symbol after the other, None if it gives none. With `wall` each tape begins at position 0: a move to the left
    from there leaves the head in its place.
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


MOST_TAPES = 2  # that the language has
MOST_SYMBOLS = 256  # of a tape, its blank too
MOST_STATES = 10_000
MOST_RULES = 20_000
MOST_FOLDED = 6  # that `fold` takes


def in_bounds(name: str, symbols: int, states: int = 0, rules: int = 0, what: str = "it has") -> None:
    """Raises `Rejected` if a machine has too many symbols on a tape (without its blank), states or rules."""
    if symbols + 1 > MOST_SYMBOLS:
        raise Rejected(f"{name}: {what} {symbols + 1} symbols on a tape, and a tape has {MOST_SYMBOLS} at most")
    if states > MOST_STATES or rules > MOST_RULES:
        found = f"{states} states and {rules} rules"
        raise Rejected(f"{name}: {what} {found}, and {MOST_STATES} states and {MOST_RULES} rules can be imported at most")


def tapes_refused(source: Source, start: int, end: int, tapes: int, most: int) -> Rejected:
    """The error that a machine has more tapes than `most`."""
    foldable = most < tapes <= MOST_FOLDED
    help = f"fold tapes 2 to {tapes} into one with --fold" if foldable else f"{MOST_FOLDED} at most can be folded into two"
    return refusal(source, start, end, f"this machine has {tapes} tapes, and a machine of tmc has one or two", help=help)


def refusal(source: Source, start: int, end: int, message: str, label: str = "", help: str = "") -> Rejected:
    """The error that something at this place of a foreign text cannot be imported: a sentence, and the place with carets."""
    start = min(start, max(0, len(source.text.rstrip()) - 1))  # the end of a text is behind its last word
    return Rejected(f"{message}\n{quotation(source, Span(start, max(end, start + 1)), label, help)}")
