"""Where what is mentioned is defined, and where else it is mentioned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tmc.diagnostics import Rejected
from tmc.editor.reading import Document
from tmc.editor.referents import NameKind
from tmc.files import read_text
from tmc.source import Source, Span


@dataclass(frozen=True, slots=True)
class Location:
    """A stretch of a text."""

    source: Source
    span: Span


def definition(document: Document, offset: int) -> tuple[Location, ...]:
    """Where that which stands at a character is defined; of a file that is used, its beginning."""
    mention = document.mention(offset)
    if mention is None or document.reading is None:
        return ()
    referent = mention.referent
    if referent.kind is NameKind.FILE:
        return tuple(_beginning(referent.name))
    if referent.file:
        source = document.reading.program.files[referent.file].source
        return tuple(Location(source, span) for span in referent.places)
    return tuple(Location(document.source, document.now(span)) for span in referent.places)


def _beginning(path: str) -> Iterator[Location]:
    try:
        yield Location(read_text(Path(path)), Span(0, 0))
    except Rejected:  # deleted meanwhile, or no text
        return


def references(document: Document, offset: int, *, definitions: bool = True) -> tuple[Span, ...]:
    """All places of the text where that which stands at a character is mentioned, those that define it included or not."""
    mention = document.mention(offset)
    if mention is None or document.reading is None:
        return ()
    same = (other for other in document.reading.mentions if other.referent.meets(mention.referent))
    return tuple(document.now(other.span) for other in same if definitions or not other.defines)
