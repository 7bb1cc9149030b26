"""All syntax errors of a text: what is wrong is told and passed over, and the rest is read as if it were well formed."""

from __future__ import annotations

from dataclasses import replace

from tmc.diagnostics import Diagnostic, InternalError, Severity
from tmc.source import Source, Span
from tmc.syntax.explain import Fault, explain, stand_in
from tmc.syntax.reading import Unexpected, read
from tmc.syntax.tables import tables
from tmc.syntax.words import DEEPEST_NESTING, PARTS, head, is_too_deep, lines_of

MOST_ERRORS = 20


def syntax_errors(source: Source, start: str) -> list[Diagnostic]:
    """The syntax errors of a text that is not a `start` of the grammar, at most `MOST_ERRORS`."""
    lines = lines_of(source.text)
    errors = _too_deep(source, lines)
    while len(errors) <= MOST_ERRORS:  # one more than are told, to tell that there are more
        text = "\n".join(lines) + "\n"
        try:
            read(tables(), text, start)
        except Unexpected as unexpected:
            fault = _fault(text, unexpected)
            if errors and unexpected.at_end:
                break  # the end of the text, without a machine: all that was like one is in error already
            errors.append(explain(source, fault))
            _pass_over(lines, fault)
        else:
            break
    if not errors:
        raise InternalError(f"{source.name}: a text without syntax errors was taken for one that has some")
    return _the_first(errors)


def _the_first(errors: list[Diagnostic]) -> list[Diagnostic]:
    """As many errors as are told at once; the last of them says if there are more."""
    if len(errors) <= MOST_ERRORS:
        return errors
    *first, last = sorted(errors, key=lambda error: error.span)[:MOST_ERRORS]
    more = f"these are the first {MOST_ERRORS} errors: the others are told when they are mended"
    return [*first, replace(last, help=f"{last.help}; {more}" if last.help else more)]


def _fault(text: str, unexpected: Unexpected) -> Fault:
    """Where reading broke off."""
    before = text[: unexpected.position]
    return Fault(before.count("\n") + 1, len(before) - before.rfind("\n") - 1, unexpected.expected)


def _too_deep(source: Source, lines: list[str]) -> list[Diagnostic]:
    """Lines nested so deep that walking them could exhaust the stack; they are blanked."""
    errors = []
    start = 0
    for number, line in enumerate(lines):
        if is_too_deep(line):
            bound = head(line) in ("steps", "work")
            span = Span(start + line.index("("), start + len(line.rstrip()))
            message = f"{'parentheses' if bound else 'arguments'} in more than {DEEPEST_NESTING} parentheses"
            advice = "write the bound as a sum of products" if bound else "give the inner state a name and rules of its own"
            errors.append(Diagnostic("TMC014" if bound else "TMC001", Severity.ERROR, message, source, span, "", advice))
            lines[number] = ""
        start += len(line) + 1
    return errors


def _pass_over(lines: list[str], fault: Fault) -> None:
    """Replace the faulty line, so that the rest can be read as if it were well formed.

    A line that opens a block must go on opening it, or all of the block would be in error too.
    """
    number = fault.line - 1
    for earlier in range(number):  # read and found good: only the lines that open blocks matter to what follows
        if head(lines[earlier]) not in ("machine", "learner", *PARTS):
            lines[earlier] = ""
    line = lines[number]
    misplaced = fault.at_head(line)
    lines[number] = stand_in(line, fault)
    if lines[number]:
        return
    if "MACHINE" in fault.expected and misplaced:  # what stands before the machine cannot be read at all
        for earlier in range(fault.line, len(lines)):
            if head(lines[earlier]) in ("machine", "learner"):
                break
            lines[earlier] = ""
    elif misplaced and head(line) in ("machine", "learner"):  # a second machine: its description goes with it
        while number + 1 < len(lines) and lines[number + 1].lstrip().startswith('"'):
            number += 1
            lines[number] = ""
