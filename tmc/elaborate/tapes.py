"""Tapes and their symbols: from the tree to the alphabets of the table."""

from __future__ import annotations

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings, show
from tmc.ir.tape import Symbol, Tape
from tmc.source import Span
from tmc.syntax import tree
from tmc.syntax.lost import Lost
from tmc.syntax.words import BLANK_LETTERS, BLANK_SIGNS, BLANK_WORDS

MOST_SYMBOLS = 256
FIRST_SYMBOLS = ("_", "0", "1")  # the order in which a table numbers symbols; the others follow as declared


def lower_tapes(machine: tree.Machine, lost: Lost, findings: Findings) -> tuple[Tape, ...]:
    """The tapes, each with its symbols in the order of the table; notes what is wrong with them.

    Tapes in error are in the result too, so that what uses them can be checked; if a `lost` line may be a tape, the result is
    empty, as nothing can be said about what uses tapes."""
    if not machine.tapes and not lost.may_have("machine", "learner", "tape"):
        example = "add a line such as `tape data: line of _ 0 1`"
        findings.error(Code.PART_MISSING, machine.name.span, f"machine `{machine.name.text}` has no tape", "", example)
    _check_names(machine.tapes, findings)
    for position in range(len(machine.tapes)):
        _check_place(machine, position, lost, findings)
    kinds = [_kind(machine, position) for position in range(len(machine.tapes))]
    found = tuple(Tape(tape.name.text, kind, _alphabet(tape, findings)) for tape, kind in zip(machine.tapes, kinds, strict=True))
    return () if lost.may_have("tape") else found


def _kind(machine: tree.Machine, position: int) -> str:
    """The kind of a tape: a learner that reads a line is given the rows of its grid one after another."""
    kind = machine.tapes[position].kind.text
    return "rows" if machine.kind == "learner" and kind == "line" and position == 0 else kind


def symbol_number(tape: Tape, symbol: tree.Symbol, findings: Findings) -> Symbol | None:
    """The number of a symbol as written; None, and an error, when it is not a symbol of the tape."""
    if not is_single(symbol, findings, "alternatives are written `0|1`, symbols of two tapes `0, 1`"):
        return None
    return character_number(tape, symbol.text, symbol.span, findings)


def character_number(tape: Tape, character: str, span: Span, findings: Findings) -> Symbol | None:
    """The number of a character; None, and an error at `span`, when it is not a symbol of the tape."""
    if character in tape.symbols:
        return tape.number(character)
    known = " ".join(show(symbol) for symbol in tape.symbols)
    meant = "if the blank is meant, write `_`, else list it with the tape"
    if character not in (*BLANK_SIGNS, *BLANK_LETTERS):
        meant = f"if `{show(character)}` is meant, list it with the tape"
    advice = f"its symbols are {known}; {meant}"
    findings.error(Code.UNKNOWN_SYMBOL, span, f"tape `{tape.name}` has no symbol `{show(character)}`", "", advice)
    return None


def _check_names(tapes: tuple[tree.Tape, ...], findings: Findings) -> None:
    first: dict[str, tree.Tape] = {}
    for tape in tapes:
        earlier = first.setdefault(tape.name.text, tape)
        if earlier is not tape:
            label = f"the first is in line {findings.line(earlier.span)}"
            findings.error(
                Code.DEFINED_TWICE, tape.name.span, f"a second tape named `{tape.name.text}`", label, "give it another name"
            )


def _check_place(machine: tree.Machine, position: int, lost: Lost, findings: Findings) -> None:
    tape = machine.tapes[position]
    if position >= 2:
        advice = "a machine has a data tape and at most one work tape"
        findings.error(Code.BAD_TAPE, tape.name.span, f"`{tape.name.text}` is one tape too many", "", advice)
    elif position == 0 and tape.kind.text == "grid" and machine.kind == "machine" and not lost.may_have("machine", "learner"):
        message = "a machine whose tape is a grid is a learner: it is run on examples"
        advice = f"write `learner {machine.name.text}`; without a network, `tmc simulate FILE --grid PICTURE` runs it on a picture"
        findings.warning(Code.GRID_LEARNS, machine.name.span, message, "its network learns them, and answers a query", advice)
    elif position and tape.kind.text == "grid":
        advice = "make it a `line`; if it holds the examples, declare it first"
        findings.error(
            Code.BAD_TAPE, tape.kind.span, f"tape `{tape.name.text}` cannot be a grid: only the first tape can", "", advice
        )


def _alphabet(tape: tree.Tape, findings: Findings) -> tuple[str, ...]:
    """The symbols in the order of the table, each once."""
    listed: dict[str, None] = {}
    for symbol in tape.symbols:
        single = is_single(symbol, findings, "separate the symbols by blanks")
        if single and symbol.text in listed:
            findings.error(Code.LISTED_TWICE, symbol.span, f"symbol `{show(symbol.text)}` is listed twice", "", "list it once")
        listed.update(dict.fromkeys(symbol.text))
    if len(listed) > MOST_SYMBOLS:
        around = tape.symbols[0].span.to(tape.symbols[-1].span)
        message = f"tape `{tape.name.text}` has {len(listed)} symbols"
        findings.error(Code.BAD_TAPE, around, message, "", f"the most that a tape can have is {MOST_SYMBOLS}")
    if "_" not in listed:
        around = tape.symbols[0].span.to(tape.symbols[-1].span)
        other = next((symbol for symbol in listed if symbol in (*BLANK_SIGNS, *BLANK_LETTERS)), "")
        advice = "every tape has the blank among its symbols: put `_` first" + (
            f"; it is written `_`, not `{show(other)}`" if other else ""
        )
        findings.error(Code.BAD_TAPE, around, f"tape `{tape.name.text}` lacks the blank `_`", "", advice)
    first = [symbol for symbol in FIRST_SYMBOLS if symbol in listed or symbol == "_"]
    return (*first, *(symbol for symbol in listed if symbol not in first))


def is_single(symbol: tree.Symbol, findings: Findings, advice: str) -> bool:
    """Whether a symbol is one printable character; notes an error otherwise."""
    if len(symbol.text) == 1 and symbol.text.isprintable():
        return True
    if len(symbol.text) == 1:
        findings.error(
            Code.BAD_SYMBOL, symbol.span, f"the character U+{ord(symbol.text):04X} cannot be a symbol", "", "choose one that prints"
        )
    elif symbol.text:
        advice = "the blank is written `_`" if symbol.text.lower() in BLANK_WORDS else advice
        findings.error(Code.BAD_SYMBOL, symbol.span, f"`{symbol.text}` is more than one character", "", advice)
    else:
        findings.error(Code.BAD_SYMBOL, symbol.span, "there is no symbol between these quotes", "", "the blank is written `_`")
    return False
