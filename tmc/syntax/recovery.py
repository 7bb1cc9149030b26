"""All syntax errors of a text, and its tree without the lines in error.

Lines in error are reported and left out, and the rest is read as if it were well formed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import accumulate
from typing import Any

from tmc.diagnostics import Code, Diagnostic, InternalError, Severity
from tmc.source import Source, Span
from tmc.syntax import tree
from tmc.syntax.complaints import HOMES, LIKELY
from tmc.syntax.explain import BLOCKS, SyntaxFault, explain, misnamed, not_a_machine, stand_in, with_blanks
from tmc.syntax.lost import ANYTHING, Lost, Parsed
from tmc.syntax.reading import Unexpected, read
from tmc.syntax.tables import tables
from tmc.syntax.words import DEEPEST_NESTING, PARTS, head, is_too_deep, lines_of, names_a_machine, near, pieces

MOST_ERRORS = 20
_FIRST_WORDS = ("machine", "learner", *PARTS, *HOMES)
_TERMINALS = {"->": "ARROW"}
_NAMED = re.compile(r"\s*state[ \t]+([^\W\d]\w*)[ \t]*(?:[ \t:{;].*)?$")  # a state with a plain name, and whatever follows


def recover(source: Source, start: str) -> Parsed:
    """The syntax errors of a text that is not a `start` of the grammar, at most `MOST_ERRORS`, and what could be read of it."""
    recovery = _Recovery(source, lines_of(source.text))
    errors = recovery.errors(start)
    if not errors:
        raise InternalError(f"{source.name}: a text without syntax errors was taken for one that has some")
    syntax = recovery.syntax(start) if len(errors) <= MOST_ERRORS else None
    return Parsed(syntax, tuple(_the_first(errors)), _lost_in(recovery.lost, recovery.blocks))


def _the_first(errors: list[Diagnostic]) -> list[Diagnostic]:
    """At most `MOST_ERRORS` errors; the last says if there are more."""
    if len(errors) <= MOST_ERRORS:
        return errors
    *first, last = sorted(errors, key=lambda error: error.span)[:MOST_ERRORS]
    more = f"these are the first {MOST_ERRORS} errors: more are shown when these are fixed"
    return [*first, replace(last, help=f"{last.help}; {more}" if last.help else more)]


@dataclass(slots=True)
class _Recovery:
    """A text of which one faulty line after another is replaced. `lines` are read to find the next fault; `whole` has all that are
    good, and stand-ins for the others."""

    source: Source
    lines: list[str]
    whole: list[str] = field(init=False)
    lost: list[str] = field(default_factory=list)
    blocks: set[str] = field(default_factory=set)  # the first words of lines that seem to be missing
    nameless: set[int] = field(default_factory=set)  # lines (from 0) that stand for states of which nothing is known
    adrift: set[int] = field(default_factory=set)  # lines that may have begun a block: what follows them may belong there

    def __post_init__(self) -> None:
        self.whole = list(self.lines)

    def errors(self, start: str) -> list[Diagnostic]:
        """All errors, but for one more than are told, to tell that there are more."""
        errors = [*self._misnamed(start), *self._too_deep()]
        while len(errors) <= MOST_ERRORS:
            text = _joined(self.lines)
            try:
                read(tables(), text, start)
            except Unexpected as unexpected:
                fault = _fault(text, unexpected)
                if errors and unexpected.at_end:
                    break  # the end of the text, without a machine: all that was like one is in error already
                errors.append(explain(self.source, fault))
                self._pass_over(fault)
            else:
                break
        return errors

    def syntax(self, start: str) -> tree.Machine | None:
        """The tree of what is left, with its places in the text as it was written."""
        try:
            found: tree.Machine = read(tables(), _joined(self.whole), start)
        except Unexpected:
            return None
        moved: tree.Machine = _moved(found, _places(self.whole, lines_of(self.source.text)))
        return replace(
            moved, states=tuple(self._known(state) for state in moved.states if self._line(state.span) not in self.nameless)
        )

    def _known(self, state: tree.State) -> tree.State:
        """A state without the rules that may belong to another, which could not be read."""
        first = self._line(state.span)
        end = min((line for line in self.adrift if line > first), default=len(self.lines))
        rules = tuple(rule for rule in state.rules if self._line(rule.span) < end)
        return state if len(rules) == len(state.rules) else replace(state, rules=rules)

    def _line(self, span: Span) -> int:
        return self.source.place(span.start)[0] - 1

    def _misnamed(self, start: str) -> list[Diagnostic]:
        """The complaint about the line that should name a machine, if no line does; that line is replaced."""
        if start != "file" or names_a_machine(self.source.text):
            return []
        number, kind = misnamed(self.source)
        self._replace(number, BLOCKS[kind])
        return [not_a_machine(self.source)]

    def _too_deep(self) -> list[Diagnostic]:
        """Lines nested so deep that walking them could exhaust the stack; they are blanked."""
        errors = []
        start = 0
        for number, line in enumerate(self.lines):
            if is_too_deep(line):
                errors.append(_nested_too_deep(self.source, start, line))
                self._replace(number, "")
            start += len(line) + 1
        return errors

    def _replace(self, number: int, by: str) -> None:
        """Give a line up."""
        line = self.lines[number]
        if self.whole[number] == line:
            self.lost.append(line)
        named = _NAMED.match(line.rstrip("\r")) if by == BLOCKS["state"] else None
        if named:
            by = f"state {named.group(1)}"
        elif by == BLOCKS["state"]:
            self.nameless.add(number)
        elif not by and head(line) and _first_of(line) in (ANYTHING, "state"):
            self.adrift.add(number)
        self.lines[number] = self.whole[number] = by

    def _pass_over(self, fault: SyntaxFault) -> None:
        """Replace the faulty line, so that the rest can be read as if it were well formed.

        A line that opens a block must go on opening it, or all of the block would be in error too.
        """
        number, lines = fault.line - 1, self.lines
        for earlier in range(number):  # read and found good: only the lines that open blocks matter to what follows
            if head(lines[earlier]) not in ("machine", "learner", *PARTS):
                lines[earlier] = ""
        line = lines[number]
        misplaced = fault.at_head(line)
        cleaned = with_blanks(line, fault)
        if cleaned:  # nothing is lost
            lines[number] = self.whole[number] = cleaned
            return
        if misplaced and head(line) in HOMES:
            self.blocks.add(HOMES[head(line)][2].split()[0])
        instead = stand_in(line, fault) or (self._opening(number, fault) if misplaced else "")
        self._replace(number, instead)
        if instead:
            return
        if "MACHINE" in fault.expected and misplaced:  # what stands before the machine cannot be read at all
            for earlier in range(fault.line, len(lines)):
                if head(lines[earlier]) in ("machine", "learner"):
                    break
                self._replace(earlier, "")
        elif misplaced and head(line) in ("machine", "learner"):  # a second machine: its description goes with it
            while number + 1 < len(lines) and lines[number + 1].lstrip().startswith('"'):
                number += 1
                self._replace(number, "")

    def _opening(self, number: int, fault: SyntaxFault) -> str:
        """A line that opens the block which the next line needs but does not stand in; this line was probably meant to open it."""
        following = next((_first_of(line) for line in self.lines[number + 1 :] if head(line)), "")
        fits = _TERMINALS.get(following, following.upper()) in fault.expected
        if fits or following not in HOMES or head(self.lines[number]) in _FIRST_WORDS:
            return ""
        block = HOMES[following][2].split()[0]
        return BLOCKS[block] if block.upper() in fault.expected else ""


def _lost_in(lines: list[str], blocks: set[str]) -> Lost:
    """What is lost with these lines, and with the first lines of blocks, where those seem to be missing."""
    found = [(_first_of(line), pieces(line)) for line in lines if head(line)]
    words = frozenset(word for _, words in found for word in words)
    any_name = "state" in blocks or any(map(_may_define_any, *zip(*found, strict=True))) if found else False
    return Lost(words, frozenset(first for first, _ in found) | blocks, any_name)


def _may_define_any(first: str, words: list[str]) -> bool:
    """Whether a line may define a state of any name: it uses a file, or it should name a state, and does not."""
    if first == ANYTHING:
        return any(word.startswith('"') for word in words)
    return first == "use" or (first == "state" and not (len(words) > 1 and words[1].isidentifier()))


def _first_of(line: str) -> str:
    """The first word of a line, as it was meant; `ANYTHING` if that cannot be told."""
    words = pieces(line)
    if words[1:2] == ["is"] and words[0] not in PARTS:
        return "data"  # what a tape holds: a line of a test
    if words[1:3] in ([":", "line"], [":", "grid"]):
        return "tape"
    if not words[0].isalnum() and words[0] not in _FIRST_WORDS and len(words) > 1:
        words = words[1:]  # a sign before the line
    return words[0] if words[0] in _FIRST_WORDS else near(words[0], _FIRST_WORDS, LIKELY)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _fault(text: str, unexpected: Unexpected) -> SyntaxFault:
    """Where reading broke off."""
    before = text[: unexpected.position]
    return SyntaxFault(before.count("\n") + 1, len(before) - before.rfind("\n") - 1, unexpected.expected)


def _nested_too_deep(source: Source, start: int, line: str) -> Diagnostic:
    bound = head(line) in ("steps", "work")
    span = Span(start + line.index("("), start + len(line.rstrip()))
    message = f"{'parentheses' if bound else 'arguments'} in more than {DEEPEST_NESTING} parentheses"
    advice = "write the bound as a sum of products" if bound else "give the inner state a name and rules of its own"
    return Diagnostic(Code.BAD_BOUND if bound else Code.SYNTAX, Severity.ERROR, message, source, span, "", advice)


def _places(read: list[str], written: list[str]) -> Callable[[int], int]:
    """Where a character of the text that was read stands in the text as it was written, line by line."""
    starts, origins = ([0, *accumulate(len(line) + 1 for line in lines)] for lines in (read, written))

    def place(offset: int) -> int:
        line = min(bisect_right(starts, offset) - 1, len(written) - 1)
        return origins[line] + min(offset - starts[line], len(written[line]))

    return place


def _moved(node: Any, place: Callable[[int], int]) -> Any:
    """A tree with other places."""
    if isinstance(node, Span):
        return Span(place(node.start), place(node.end))
    if isinstance(node, tuple):
        return tuple(_moved(child, place) for child in node)
    if is_dataclass(node) and not isinstance(node, type):
        return type(node)(*(_moved(getattr(node, part.name), place) for part in fields(node)))
    return node
