"""Comments that are probably meant as symbols: a `#` among symbols cuts the line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tmc.diagnostics import Code
from tmc.elaborate.findings import Findings
from tmc.ir.tape import Tape
from tmc.source import Span
from tmc.syntax import tree

_COMMENT = re.compile(r"([ \t]*)(#[^\n\r]*)")
_PIECE = re.compile(r"'[^']*'|\S")


def note_comments(machine: tree.Machine, tapes: tuple[Tape, ...], findings: Findings) -> None:
    """Note a `#` directly behind a symbol, and one behind symbols, where another could follow, with what looks like symbols."""
    known = {tape.name: frozenset(tape.symbols) for tape in tapes}
    for tape in machine.tapes:
        _look_behind(tape.span, True, None, findings)
    for line in (line for test in machine.tests for line in test.lines):
        if isinstance(line, tree.Data):
            _look_behind(line.span, True, known.get(tapes[0].name) if tapes else None, findings)
        elif isinstance(line, tree.Holds):
            _look_behind(line.span, True, known.get(line.tape.text), findings)
    for span in _rules_ending_with_symbols(machine):
        _look_behind(span, False, None, findings)


def _rules_ending_with_symbols(machine: tree.Machine) -> Iterator[Span]:
    for rule in (rule for state in machine.states for rule in state.rules if not rule.move and not rule.target):
        last = rule.write.items[-1] if rule.write else rule.on.patterns[-1] if rule.on and not rule.at else None
        if isinstance(last, tree.Symbol | tree.OneOf | tree.Capture):
            yield rule.span


def _look_behind(span: Span, goes_on: bool, symbols: frozenset[str] | None, findings: Findings) -> None:
    """Look at the comment behind symbols. `goes_on`: more could follow them; `symbols`: of these runs are made, None: of any one
    character."""
    found = _COMMENT.match(findings.source.text, span.end)
    if not found:
        return
    blanks, comment = found.groups()
    if not blanks:
        label = "it stands directly behind a symbol"
    elif goes_on and not comment.strip("# \t"):
        label = "it stands where a symbol could"
    elif goes_on and _looks_like_symbols(comment, symbols):
        label = "this looks like symbols"
    else:
        return
    advice = "write '#' if the symbol is meant; if it is a comment, put it on a line of its own"
    around = Span(found.start(2), found.start(2) + len(comment.rstrip()))
    findings.warning(Code.COMMENT_OF_SYMBOLS, around, "`#` begins a comment: from here on the line is not read", label, advice)


def _looks_like_symbols(comment: str, symbols: frozenset[str] | None) -> bool:
    """Whether a comment is nothing but symbols: single characters, or runs of those that the tape has."""
    words = comment.split()
    if all(len(word.lstrip("#") or "#") == 1 or re.fullmatch(r"#*'[^']*'", word) for word in words):
        return True
    return symbols is not None and all(piece[0] == "'" or piece in symbols or piece == "#" for piece in _PIECE.findall(comment))
