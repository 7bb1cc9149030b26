"""What to say about a syntax error: in words of the language, at the smallest span."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tmc.diagnostics import Diagnostic, Severity
from tmc.source import Source, Span
from tmc.syntax.complaints import PARTS, PIECE, Complaint, line_does_not_fit, line_too_short, near, pieces, word_does_not_fit

_FIRST_WORD = re.compile(r"^[ \t\ufeff]*([^#\s\ufeff]+)", re.MULTILINE)

# Words that open a block, and a whole line to stand for one that cannot be read.
BLOCKS = {"machine": "machine x", "learner": "learner x", "bounds": "bounds", "state": "state x", "test": 'test ""'}


@dataclass(frozen=True, slots=True)
class Fault:
    """Where reading broke off: the line (from 1), the column (from 0), and the terminals of the grammar that could stand there."""

    line: int
    column: int
    expected: frozenset[str]

    def at_head(self, line: str) -> bool:
        """Whether the line's first word is the one that does not fit."""
        return not line[: self.column].strip()


def head(line: str) -> str:
    """The first word of a line, or the sign it begins with; empty for a blank line or a comment."""
    found = PIECE.match(line.lstrip())
    return found.group() if found and found.group() != "#" else ""


def stand_in(line: str, misplaced: bool) -> str:
    """A well-formed line that opens the block which a faulty line tries to open; empty when it opens none.

    `misplaced`: it is the first word that does not fit - because it is misspelt, or because the block cannot stand here.
    """
    word = head(line)
    if misplaced:
        return "" if word in BLOCKS else BLOCKS.get(near(word, PARTS), "")
    return BLOCKS.get(word, "")


def not_a_machine(source: Source) -> Diagnostic | None:
    """The complaint about a text without any line that names a machine, if this is one."""
    if re.search(r"^[ \t\ufeff]*(machine|learner)\b", source.text, re.MULTILINE):
        return None
    first = _FIRST_WORD.search(source.text)
    span = Span(*first.span(1)) if first else Span(0, 0)
    message, advice = "this file is empty", "begin with a line such as `machine increment`"
    if first:
        message = "this is not a machine: no line names one"
    if is_library(source):
        message, advice = "this is a library, not a machine: no line names one", "name it in a `use` line of a machine"
    return Diagnostic("TMC002", Severity.ERROR, message, source, span, "", advice)


def is_library(source: Source) -> bool:
    """Whether a text is a library: it names no machine, and begins with a state or with `use`."""
    first = _FIRST_WORD.search(source.text)
    names_one = re.search(r"^[ \t\ufeff]*(machine|learner)\b", source.text, re.MULTILINE)
    return first is not None and names_one is None and head(first.group(1)) in ("use", "state")


def explain(source: Source, fault: Fault) -> Diagnostic:
    """The diagnostic for a fault."""
    line = source.line(fault.line)
    found, column = _found(line, fault.column)
    if found[:1] in ("'", '"') and (len(found) == 1 or found[0] != found[-1]):
        complaint = Complaint("this quote is not closed", "opened here", f"end it with {found[0]} on the same line")
        found = found[0]
    elif not line[:column].strip():
        complaint = line_does_not_fit(found, fault.expected)
    elif not found:
        complaint = line_too_short(pieces(line), fault.expected)
    else:
        complaint = word_does_not_fit(pieces(line[:column]), found, fault.expected)
    start = sum(len(earlier) + 1 for earlier in source.text.split("\n")[: fault.line - 1]) + column
    span = Span(start, start + len(found))
    return Diagnostic(complaint.code, Severity.ERROR, complaint.message, source, span, complaint.label, complaint.help)


def _found(line: str, column: int) -> tuple[str, int]:
    """The word at a column and where it is; at the end of the line: nothing, just after the last word."""
    found = PIECE.match(line, column)
    if found and found.group() not in ("#", "\r"):
        return found.group(), column
    end = 0
    for piece in PIECE.finditer(line):
        if piece.group() == "#":
            break
        end = piece.end() if piece.group().strip() else end
    return "", end
