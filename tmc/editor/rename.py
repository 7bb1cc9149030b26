"""Giving something another name: everywhere it is mentioned in the text, and only there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import accumulate

from tmc.diagnostics import Rejected, SourceRejected
from tmc.editor.reading import Document, ParsedText, read
from tmc.editor.referents import Mention, NameKind, Referent
from tmc.elaborate.names import HALTING, RESERVED
from tmc.source import Span
from tmc.syntax import tree

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of the text and what is to stand there instead."""

    span: Span
    text: str


def renamable(document: Document, offset: int) -> Mention:
    """What would be renamed at a character. Raises `Rejected` when that has no name which this text could change."""
    if document.reading is None or not document.parses:
        raise Rejected("the text has syntax errors: correct them, then rename")
    mention = document.mention(offset)
    if mention is None:
        raise Rejected("what stands here has no name to change")
    referent, program = mention.referent, document.reading.program
    if referent.kind is NameKind.SYMBOL:
        raise Rejected("symbols are not renamed; states, parameters, captures and tapes are")
    if not referent.places:
        raise Rejected(f"`{referent.name}` is no name that this text gives")
    if referent.file:
        file = program.files[referent.file]
        raise Rejected(f"`{referent.name}` is defined in {file.name}: rename it there, and then here")
    if program.errors:
        raise Rejected("a file that this text uses is in error, so it is not known what its names mean: correct that first")
    return mention


def rename(document: Document, offset: int, name: str) -> tuple[Edit, ...]:
    """The changes that give a new name to that which stands at a character; for a capture, with or without its ``$``.

    The text with these changes has the same tree but for that name, and all other names mean what they meant. Raises `Rejected`
    if that is impossible: the new name is not a name, is taken, or would be mistaken for something else.
    """
    referent = renamable(document, offset).referent
    reading = document.reading
    assert reading is not None
    name = name.strip().removeprefix("$" if referent.kind is NameKind.CAPTURE else "")
    if name == referent.name:
        return ()
    _check_name(name, referent, reading)
    written = f"${name}" if referent.kind is NameKind.CAPTURE else name
    spans = [mention.span for mention in reading.mentions if mention.referent.meets(referent)]
    edits = tuple(Edit(span, written) for span in spans)
    _check(reading, edits, name)
    return edits


def edited(text: str, edits: tuple[Edit, ...]) -> str:
    """A text with changes made."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _check_name(name: str, referent: Referent, reading: ParsedText) -> None:
    """Raise `Rejected` for a name that is not well formed, or that another thing of its kind has."""
    if not _NAME.fullmatch(name):
        raise Rejected(
            f"`{' '.join(name.split())}` cannot be a name: a name begins with a letter, and letters, digits and `_` follow"
        )
    if name in HALTING and referent.kind in (NameKind.STATE, NameKind.PARAMETER):
        raise Rejected(f"`{name}` is a halting state: choose another name")
    if name in RESERVED and referent.kind is NameKind.PARAMETER:
        raise Rejected(f"a parameter cannot be named `{name}`, for {RESERVED[name]}: choose another name")
    visible = reading.names.find(0, name)
    if referent.kind is NameKind.STATE and visible is not None:
        file = reading.program.files[visible.file]
        where = f"in line {file.source.place(visible.state.span.start)[0]} of {file.name or 'this text'}"
        raise Rejected(f"there is a state named `{name}` already, {where}: choose another name")
    if name in _neighbours(referent, reading.program.machine):
        raise Rejected(f"there is a {referent.kind.value} named `{name}` already: choose another name")


def _neighbours(referent: Referent, machine: tree.Machine) -> set[str]:
    """The names of the things of one kind that must differ: the tapes, the parameters of one state, the captures of one rule."""
    groups: list[list[tree.Name]] = []
    if referent.kind is NameKind.TAPE:
        groups = [[tape.name for tape in machine.tapes]]
    elif referent.kind is NameKind.PARAMETER:
        groups = [list(state.parameters) for state in machine.states]
    elif referent.kind is NameKind.CAPTURE:
        rules = [rule for state in machine.states for rule in state.rules if rule.on]
        groups = [[p.name for p in rule.on.patterns if isinstance(p, tree.Capture)] for rule in rules if rule.on]
    return {name.text for group in groups if referent.places[0] in [name.span for name in group] for name in group}


def _check(old: ParsedText, edits: tuple[Edit, ...], name: str) -> None:
    """Raise `Rejected` unless the changes change nothing but a name: neither the tree nor what other names mean."""
    source = replace(old.source, text=edited(old.source.text, edits))
    try:
        new = read(source)
    except SourceRejected:
        raise Rejected(f"`{name}` cannot be read as a name everywhere it would stand: choose another") from None
    moved = _moves(edits)
    renamed = {edit.span for edit in edits}
    if not _alike(old.program.machine, new.program.machine, moved, renamed, name):
        raise Rejected(f"`{name}` would be read as something else than a name: choose another")
    before = [_moved(mention, moved) for mention in old.mentions]
    after = [(mention.span, mention.referent.kind, mention.referent.file, mention.referent.places) for mention in new.mentions]
    if before != after:
        place = next((one[0] for one, other in zip(after, before, strict=False) if one != other), Span(0, 0))
        line, _ = source.place(place.start)
        raise Rejected(f"`{name}` would be mistaken for something else of that name in line {line}: choose another name")


def _moves(edits: tuple[Edit, ...]) -> Callable[[Span], Span]:
    """Where a stretch of the text is after the changes, which are given in the order of the text."""
    ends = [edit.span.end for edit in edits]
    growth = [0, *accumulate(len(edit.text) - (edit.span.end - edit.span.start) for edit in edits)]

    def offset(before: int) -> int:
        return before + growth[bisect_right(ends, before)]

    return lambda span: Span(offset(span.start), offset(span.end))


def _moved(mention: Mention, moved: Callable[[Span], Span]) -> tuple[Span, NameKind, int, tuple[Span, ...]]:
    referent = mention.referent
    places = referent.places if referent.file else tuple(map(moved, referent.places))
    return moved(mention.span), referent.kind, referent.file, places


def _alike(old: object, new: object, moved: Callable[[Span], Span], renamed: set[Span], name: str) -> bool:
    """Whether two trees differ by nothing but a name where it was changed."""
    if type(old) is not type(new):
        return False
    if isinstance(old, Span):
        return moved(old) == new
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(_alike(*pair, moved, renamed, name) for pair in zip(old, new, strict=True))
    if is_dataclass(old) and not isinstance(old, type):
        own = getattr(old, "span", None) in renamed
        pairs = [(getattr(old, field.name), getattr(new, field.name)) for field in fields(old)]
        return all(two == name if own and isinstance(one, str) else _alike(one, two, moved, renamed, name) for one, two in pairs)
    return old == new
