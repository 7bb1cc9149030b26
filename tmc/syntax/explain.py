"""The message of a syntax error: in words of the language, at the smallest span."""

from __future__ import annotations

import re

from tmc.diagnostics import Code, Diagnostic, Severity
from tmc.frozen import frozen
from tmc.source import Source, Span
from tmc.syntax.complaints import HOMES, LIKELY, complain
from tmc.syntax.complaints_about_signs import is_invisible
from tmc.syntax.foreign import foreign
from tmc.syntax.prose import Misfit, did_you_mean
from tmc.syntax.words import FIRST_WORD, PARTS, PIECE, head, is_library, near

_STATE = re.compile(r"^[ \t]*state[ \t]+([^\W\d]\w*)", re.MULTILINE)
# Words that open a block, and a whole line to stand for one that cannot be read.
BLOCKS = {"machine": "machine x", "learner": "learner x", "bounds": "bounds", "state": "state x", "test": 'test ""'}


@frozen
class SyntaxFault:
    """Where reading broke off: the line (from 1), the column (from 0), and the terminals of the grammar that could stand there."""

    line: int
    column: int
    expected: frozenset[str]

    def at_head(self, line: str) -> bool:
        """Whether the line's first word is the one that does not fit."""
        return not line[: self.column].strip()


def stand_in(line: str, fault: SyntaxFault) -> str:
    """A line that can be read, for a faulty one: it opens the block which that tries to open, or is empty.

    When it is the first word that does not fit, that is misspelt, or the block cannot stand here.
    """
    word = head(line)
    if fault.at_head(line) and not word.isidentifier():
        word = head(line.lstrip()[len(word) :])  # a sign before the line
    if not fault.at_head(line):
        return BLOCKS.get(word, "")
    if word in (*BLOCKS, *PARTS) and line.lstrip().startswith(word):
        return ""
    if word in BLOCKS:
        return BLOCKS[word] if word.upper() in fault.expected else ""
    return BLOCKS.get(near(word, [known for known in (*PARTS, *HOMES) if known.upper() in fault.expected], LIKELY), "")


def with_blanks(line: str, fault: SyntaxFault) -> str:
    """A faulty line with ordinary blanks, if what does not fit looks like one; "" if it is something else."""
    line = line.rstrip("\r")
    character = line[fault.column : fault.column + 1]
    if character and is_invisible(character) and (character.isspace() or fault.at_head(line)):
        return "".join(" " if is_invisible(other) else other for other in line)
    return ""


def misnamed(source: Source) -> tuple[int, str]:
    """The line (from 0) of a text without a machine that may be meant to name one, and as what: ``machine``, ``learner`` or ""."""
    first = FIRST_WORD.search(source.text)
    if first is None or is_library(source.text):
        return 0, ""
    return source.place(first.start(1))[0] - 1, near(first.group(1), ("machine", "learner"), LIKELY)


def not_a_machine(source: Source) -> Diagnostic:
    """The complaint about a text without any line that names a machine."""
    first = FIRST_WORD.search(source.text)
    span = Span(*first.span(1)) if first else Span(0, 0)
    message, advice = "this file is empty", "begin with a line such as `machine increment`"
    if first:
        what, instead = foreign(source.text)
        message = f"this is {what}, not one of tmc" if what else "this is not a machine: no line names one"
        advice = instead or advice
        advice = did_you_mean(misnamed(source)[1]) or advice
        if first.group(1) == "library":
            advice = "a library names nothing, it is a file of states: leave this line out"
    if is_library(source.text):
        message, advice = "this is a library, not a machine: no line names one", "name it in a `use` line of a machine"
    return Diagnostic(Code.NO_MACHINE, Severity.ERROR, message, source, span, "", advice)


def explain(source: Source, fault: SyntaxFault) -> Diagnostic:
    """The diagnostic for a fault."""
    line = source.line(fault.line)
    if fault.line == 1:
        line = line.replace("\ufeff", " ")  # a byte order mark, as in the parser
    found, column = _found(line, fault.column)
    complaint = complain(Misfit(line, column, found, fault.expected, frozenset(_STATE.findall(source.text))))
    start = sum(len(earlier) + 1 for earlier in source.text.split("\n")[: fault.line - 1])
    first, end = complaint.columns or (column, column + len(found))
    span = Span(start + first, start + end)
    return Diagnostic(complaint.code, Severity.ERROR, complaint.message, source, span, complaint.label, complaint.help)


def _found(line: str, column: int) -> tuple[str, int]:
    """The word at a column and where it is; at the end of the line: nothing, just after the last word."""
    found = PIECE.match(line, column)
    if found and found.group() != "#":
        return found.group(), column
    end = 0
    for piece in PIECE.finditer(line):
        if piece.group() == "#":
            break
        end = piece.end() if piece.group().strip() else end
    return "", end
