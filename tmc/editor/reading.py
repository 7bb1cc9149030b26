"""An open text: as it is now, and as it was when it could last be parsed."""

from __future__ import annotations

from dataclasses import dataclass, field

from tmc.diagnostics import SourceRejected
from tmc.editor.mentions import mentions
from tmc.editor.referents import Mention
from tmc.elaborate.findings import Findings
from tmc.elaborate.kinds import Kinds, infer_kinds
from tmc.elaborate.names import Names, gather_names
from tmc.source import Source, Span
from tmc.syntax.program import Program, read_any


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A text that parses, the files that it uses, and what its names mean; there may be any other errors."""

    program: Program
    names: Names
    kinds: Kinds
    mentions: tuple[Mention, ...]

    @property
    def source(self) -> Source:
        """The text."""
        return self.program.source


def read(source: Source) -> ParsedText:
    """Raises `SourceRejected` when the text has syntax errors."""
    program = read_any(source)
    if program.unread:
        raise SourceRejected(program.unread)
    findings = Findings(source)  # what is wrong is said elsewhere
    names = gather_names(program, findings)
    kinds = infer_kinds(names)
    return ParsedText(program, names, kinds, mentions(program, names, kinds))


@dataclass(frozen=True, slots=True)
class Document:
    """An open text. `reading` is that of an earlier text when this one has syntax errors, None if every text so far had errors."""

    source: Source
    reading: ParsedText | None
    _change: tuple[int, int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        read = self.reading.source.text if self.reading else self.source.text
        object.__setattr__(self, "_change", _change(read, self.source.text))

    @property
    def parses(self) -> bool:
        """Whether the reading is that of the text as it is now."""
        return self.reading is not None and self.reading.source == self.source

    def mention(self, offset: int) -> Mention | None:
        """What is mentioned at a character, or just before it."""
        before = self._before(offset)
        if self.reading is None or before is None:
            return None
        touching = [mention for mention in self.reading.mentions if mention.span.start <= before <= mention.span.end]
        return touching[-1] if touching else None

    def now(self, span: Span) -> Span:
        """Where a stretch of the text that was read is in the text as it is now."""
        return Span(self._now(span.start), self._now(span.end))

    def _before(self, offset: int) -> int | None:
        """Where a character was in the text that was read; None when it stands in what has changed."""
        first, last, growth = self._change
        if offset <= first:
            return offset
        return offset - growth if offset >= last + growth else None

    def _now(self, offset: int) -> int:
        first, last, growth = self._change
        if offset <= first:
            return offset
        return offset + growth if offset >= last else min(offset, last + growth)


def _change(old: str, new: str) -> tuple[int, int, int]:
    """What differs between two texts: all between the first and the last offset, of the old text; and by how much it grew."""
    if old == new:
        return len(old), len(old), 0
    first = _common(old, new)
    rest = _common(old[first:][::-1], new[first:][::-1])
    return first, len(old) - rest, len(new) - len(old)


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common at the beginning."""
    differing = (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1])
    return next(differing, min(len(one), len(other)))


def follow(before: Document | None, source: Source) -> Document:
    """A document as its text changes."""
    try:
        return Document(source, read(source))
    except SourceRejected:
        return Document(source, before.reading if before else None)
