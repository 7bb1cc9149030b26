"""The description of a name, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tmc.diagnostics import SourceRejected
from tmc.editor.comments import comment_of
from tmc.editor.reading import Document, ParsedText
from tmc.editor.referents import Mention, NameKind, Referent
from tmc.editor.words import KEYWORDS, MEANINGS
from tmc.elaborate.syntax_to_table import syntax_to_table
from tmc.source import Source, Span
from tmc.syntax import tree
from tmc.syntax.words import PIECE, pieces

MOST_RULES = 24  # of a state, that are shown
MOST_INSTANCES = 12


@dataclass(frozen=True, slots=True)
class Hover:
    """What to show, and of which stretch of the text."""

    markdown: str
    span: Span


def hover(document: Document, offset: int) -> Hover | None:
    """What is known about that which stands at a character."""
    mention = document.mention(offset)
    if mention is None or document.reading is None:
        return _keyword(document.source, offset)
    text = _about(mention, document.reading)
    return Hover(text, document.now(mention.span)) if text else None


def _keyword(source: Source, offset: int) -> Hover | None:
    """A keyword is one where it stands on a line of code and names nothing."""
    number, column = source.place(offset)
    start = offset - column + 1
    for piece in PIECE.finditer(source.line(number)):
        if piece.group() == "#":
            break
        if piece.start() < column <= piece.end() and piece.group() in KEYWORDS:
            return Hover(f"`{piece.group()}`: {KEYWORDS[piece.group()]}", Span(start + piece.start(), start + piece.end()))
    return None


def _about(mention: Mention, reading: ParsedText) -> str:
    referent = mention.referent
    match referent.kind:
        case NameKind.STATE:
            return _state(referent, reading)
        case NameKind.PARAMETER:
            return _parameter(referent, reading)
        case NameKind.CAPTURE:
            return _capture(referent, reading)
        case NameKind.TAPE:
            return "\n\n".join(_tape(tape, reading) for tape in _tapes(referent, reading))
        case NameKind.SYMBOL:
            return _symbol(referent, reading)
        case NameKind.FILE:
            return _file(referent, reading)
    return f"{referent.kind.value} `{referent.name}`: {MEANINGS[referent.kind].get(referent.name, 'not known here')}"


def _state(referent: Referent, reading: ParsedText) -> str:
    file = reading.program.files[referent.file]
    state = next(state for state in file.syntax.states if state.name.span in referent.places)
    kinds = reading.kinds[referent.file, referent.name]
    parts = [f"**state** `{signature(state)}`{f' of {file.name}' if file.name else ''}", comment_of(file.source, state.span)]
    parts.append("\n".join(f"- `{p.text}`: {a(kinds.get(p.text, ''))}" for p in state.parameters))
    parts.append(_rules(file.source, state.rules))
    parts.append(_instances(referent, state, reading) if state.parameters else "")
    return "\n\n".join(filter(None, parts))


def signature(state: tree.State) -> str:
    """A state with its parameters: ``seek(mark, way, next)``."""
    return state.name.text + (f"({', '.join(name.text for name in state.parameters)})" if state.parameters else "")


def a(kind: str) -> str:
    """The kind of a parameter, in words."""
    return f"a {kind}" if kind else "never used"


def _rules(source: Source, rules: tuple[tree.Rule, ...]) -> str:
    """Rules as a table, without the columns in which nothing stands."""
    rows = [_clauses(source, rule) for rule in rules[:MOST_RULES]]
    used = [place for place in range(4) if any(row[place] for row in rows)]
    if not rows:
        return "It has no rules."
    heads = ("when", "write", "move", "next")
    lines = [_row([heads[place] for place in used]), _row(["---"] * len(used))]
    lines += [_row([_code(row[place]) for place in used]) for row in rows]
    more = len(rules) - len(rows)
    return "\n".join(lines) + (f"\n\n… and {more} more" if more > 0 else "")


def _clauses(source: Source, rule: tree.Rule) -> tuple[str, str, str, str]:
    condition = " ".join(_text(source, clause.span) for clause in (rule.on, rule.at) if clause) or "otherwise"
    write = _text(source, rule.write.span).removeprefix("write ") if rule.write else ""
    move = _text(source, rule.move.span).removeprefix("move ") if rule.move else ""
    return condition, write, move, _target(source, rule.target.call) if rule.target else ""


def _target(source: Source, call: tree.Call | tree.Hole) -> str:
    """A state with its arguments, or a hole; the span of a call leaves out the parentheses that close it."""
    text = _text(source, call.span)
    words = pieces(text)
    return text + ")" * (words.count("(") - words.count(")"))


def _text(source: Source, span: Span) -> str:
    return re.sub(r"[ \t]+", " ", source.text[span.start : span.end])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """A text as code in a cell of a table, where a bar would begin the next cell."""
    return code(text).replace("|", "\\|") if text else ""


def code(text: str) -> str:
    """A text as code, whatever backticks it holds."""
    fence = "``" if "`" in text else "`"
    padding = " " if "`" in text else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _instances(referent: Referent, state: tree.State, reading: ParsedText) -> str:
    """The states of the machine that are made from a state with parameters; nothing when the machine has errors."""
    file = reading.program.files[referent.file]
    try:
        table, _ = syntax_to_table(reading.program)
    except SourceRejected:
        return ""
    lines = {file.source.place(rule.span.start)[0] for rule in state.rules}
    found = {t.state for t in table.transitions if t.file == file.name and t.line in lines}
    names = [code(table.states[number]) for number in sorted(found)]
    more = f" and {len(names) - MOST_INSTANCES} more" if len(names) > MOST_INSTANCES else ""
    return f"In this machine: {', '.join(names[:MOST_INSTANCES])}{more}" if names else ""


def _parameter(referent: Referent, reading: ParsedText) -> str:
    for state in reading.program.machine.states:
        if referent.places[0] in [name.span for name in state.parameters]:
            kind = reading.kinds[0, state.name.text].get(referent.name, "")
            return f"parameter `{referent.name}` of `{signature(state)}`: {a(kind)}"
    return ""


def _capture(referent: Referent, reading: ParsedText) -> str:
    """A capture with what it may be."""
    among = [
        _text(reading.source, pattern.among.span) if pattern.among else "any symbol"
        for state in reading.program.machine.states
        for rule in state.rules
        for pattern in (rule.on.patterns if rule.on else ())
        if isinstance(pattern, tree.Capture) and pattern.name.span in referent.places
    ]
    return f"capture `${referent.name}`: what is read, {code(among[0]) if among[0] != 'any symbol' else among[0]}"


def _tapes(referent: Referent, reading: ParsedText) -> Iterator[tree.Tape]:
    """The tapes whose name or symbols stand at the places of a referent."""
    for tape in reading.program.machine.tapes:
        if {tape.name.span, *(symbol.span for symbol in tape.symbols)} & set(referent.places):
            yield tape


def _tape(tape: tree.Tape, reading: ParsedText) -> str:
    comment = comment_of(reading.source, tape.span)
    return f"{code(_text(reading.source, tape.span))}" + (f"\n\n{comment}" if comment else "")


def _symbol(referent: Referent, reading: ParsedText) -> str:
    tapes = [_tape(tape, reading) for tape in _tapes(referent, reading)]
    blank = ": the blank" if referent.name == "_" else ""
    unknown = reading.program.machine.tapes and not tapes
    return "\n\n".join([f"symbol {code(referent.name)}{blank}", *tapes, *(["no tape here has it"] if unknown else [])])


def _file(referent: Referent, reading: ParsedText) -> str:
    """A used file with the states that it has."""
    for file in reading.program.files[1:]:
        if file.source.name == referent.name:
            states = [f"- {code(signature(state))}" for state in file.syntax.states]
            return "\n".join([f"{referent.name} has these states:", "", *states])
    return referent.name
