"""From a text to its syntax tree, or to all of its syntax errors."""

from __future__ import annotations

from functools import cache
from typing import cast

from lark import Lark, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from tmc.diagnostics import Diagnostic, Severity, SourceRejected
from tmc.files import shipped
from tmc.source import Source, Span
from tmc.syntax import tree
from tmc.syntax.build import Build
from tmc.syntax.complaints import PARTS, pieces
from tmc.syntax.explain import Fault, explain, head, not_a_machine, stand_in

MOST_ERRORS = 20
DEEPEST_NESTING = 50  # of parentheses in a bound


def parse(source: Source) -> tree.Machine:
    r"""The syntax tree of a text.

    Raises `SourceRejected` with all syntax errors (at most `MOST_ERRORS`).

    ::

        >>> parse(Source("m.tm", "machine m\ntape data: line of _ 1\nstart s\nstate s\n  on 1 -> accept\n")).name.text
        'm'
    """
    no_machine = not_a_machine(source)
    if no_machine:
        raise SourceRejected([no_machine])
    lines = source.text.split("\n")
    lines[0] = lines[0].replace("\ufeff", " ")  # a byte order mark; a blank in its place keeps offsets true
    errors = _too_deep(source, lines)
    while len(errors) < MOST_ERRORS:
        try:
            machine = cast(tree.Machine, _lark().parse("\n".join(lines) + "\n"))
        except (UnexpectedCharacters, UnexpectedToken) as unexpected:
            fault = _fault(unexpected)
            if errors and isinstance(unexpected, UnexpectedToken) and unexpected.token.type == "$END":
                break  # the end of the text, without a machine: all that was like one is in error already
            errors.append(explain(source, fault))
            _pass_over(lines, fault)
        else:
            if not errors:
                return machine
            break
    raise SourceRejected(errors[:MOST_ERRORS])


@cache
def _lark() -> Lark:
    grammar = (shipped("grammars") / "tmc.lark").read_text(encoding="utf-8")
    builder = cast("Transformer[object, object]", Build())  # called by the names of its methods, which is all that lark asks
    return Lark(grammar, start="file", parser="lalr", maybe_placeholders=False, transformer=builder)


def _fault(unexpected: UnexpectedCharacters | UnexpectedToken) -> Fault:
    if isinstance(unexpected, UnexpectedToken):
        return Fault(unexpected.line, unexpected.column - 1, frozenset(unexpected.expected))
    return Fault(unexpected.line, unexpected.column - 1, frozenset(unexpected.allowed or ()))


def _too_deep(source: Source, lines: list[str]) -> list[Diagnostic]:
    """Bounds nested so deep that walking them could exhaust the stack; their lines are blanked."""
    errors = []
    start = 0
    for number, line in enumerate(lines):
        if line.count("(") > DEEPEST_NESTING and head(line) in ("steps", "work") and pieces(line).count("(") > DEEPEST_NESTING:
            span = Span(start + line.index("("), start + len(line.rstrip()))
            message = f"this bound has more than {DEEPEST_NESTING} parentheses"
            errors.append(Diagnostic("TMC014", Severity.ERROR, message, source, span, "", "write the bound as a sum of products"))
            lines[number] = ""
        start += len(line) + 1
    return errors


def _pass_over(lines: list[str], fault: Fault) -> None:
    """Replace the faulty line, so that the rest can be read as if it were well formed.

    A line that opens a block must go on opening it, or all of the block would be in error too.
    """
    number = fault.line - 1
    for earlier in range(number):  # read and found good: only the lines that open blocks matter to what follows
        if head(lines[earlier]) not in ("machine", *PARTS):
            lines[earlier] = ""
    line = lines[number]
    misplaced = fault.at_head(line)
    lines[number] = stand_in(line, misplaced)
    if "MACHINE" in fault.expected and misplaced:  # what stands before the machine cannot be read at all
        for earlier in range(fault.line, len(lines)):
            if head(lines[earlier]) == "machine":
                break
            lines[earlier] = ""
    elif misplaced and head(line) == "machine":  # a second machine: its description goes with it
        while number + 1 < len(lines) and lines[number + 1].lstrip().startswith('"'):
            number += 1
            lines[number] = ""
