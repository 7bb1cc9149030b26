"""From the analysis of a text to the answers of the protocol."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from tmc.diagnostics import InternalError, Severity
from tmc.editor.completion import Offer
from tmc.editor.definitions import Location
from tmc.editor.diagnoses import Diagnosis
from tmc.editor.hover import Hover
from tmc.editor.positions import Lines
from tmc.editor.referents import NameKind
from tmc.editor.rename import Edit
from tmc.editor.symbols import OutlineItem
from tmc.files import shipped
from tmc.source import Source, Span

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_PARTS = {
    "machine": types.SymbolKind.Class,
    "learner": types.SymbolKind.Class,
    "tape": types.SymbolKind.Variable,
    "bounds": types.SymbolKind.Property,
    "state": types.SymbolKind.Function,
    "test": types.SymbolKind.Event,
}
_OFFERS = {
    "keyword": types.CompletionItemKind.Keyword,
    NameKind.STATE.value: types.CompletionItemKind.Function,
    NameKind.PARAMETER.value: types.CompletionItemKind.Variable,
    NameKind.CAPTURE.value: types.CompletionItemKind.Variable,
    NameKind.TAPE.value: types.CompletionItemKind.Field,
    NameKind.SYMBOL.value: types.CompletionItemKind.Value,
    NameKind.FILE.value: types.CompletionItemKind.File,
    NameKind.HALTING.value: types.CompletionItemKind.Constant,
    NameKind.DIRECTION.value: types.CompletionItemKind.EnumMember,
    NameKind.EDGE.value: types.CompletionItemKind.EnumMember,
}


def name_of(uri: str) -> str:
    """What messages call the text of a URI: its path if it is a file, else ``<untitled:...>``."""
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" else f"<{uri}>"


def uri_of(name: str) -> str:
    """The URI of a file."""
    return Path(os.path.normpath(Path(name).absolute())).as_uri()


def range_of(lines: Lines, span: Span) -> types.Range:
    """A stretch of a text."""
    start, end = lines.range(span)
    return types.Range(types.Position(*start), types.Position(*end))


def location(place: Location, source: Source, uri: str, encoding: str) -> types.Location:
    """A place, which may be in the text of `source` itself; that is called `uri`."""
    own = place.source.name == source.name
    return types.Location(uri if own else uri_of(place.source.name), range_of(Lines(place.source.text, encoding), place.span))


def diagnostics(found: Iterable[Diagnosis], lines: Lines) -> list[types.Diagnostic]:
    """Everything that is wrong with a text."""
    return [_diagnostic(diagnosis, lines) for diagnosis in found]


def _diagnostic(diagnosis: Diagnosis, lines: Lines) -> types.Diagnostic:
    cause, related = diagnosis.cause, None
    if cause is not None:
        place = types.Location(uri_of(cause.source.name), range_of(Lines(cause.source.text, lines.encoding), cause.span))
        related = [types.DiagnosticRelatedInformation(place, "here")]
    return types.Diagnostic(
        range_of(lines, diagnosis.span),
        diagnosis.message,
        _SEVERITIES[diagnosis.severity],
        diagnosis.code,
        _description(diagnosis.code),
        "tmc",
        [types.DiagnosticTag.Unnecessary] if diagnosis.unnecessary else None,
        related,
    )


def _description(code: str) -> types.CodeDescription | None:
    """The page on a code, if this installation has it."""
    try:
        page = shipped("docs/diagnostics") / f"{code}.md"
    except InternalError:
        return None
    return types.CodeDescription(page.as_uri()) if page.is_file() else None


def hover(found: Hover, lines: Lines) -> types.Hover:
    """What is shown of a name."""
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, found.markdown), range_of(lines, found.span))


def outline(parts: Iterable[OutlineItem], lines: Lines) -> list[types.DocumentSymbol]:
    """The parts of a text."""
    return [
        types.DocumentSymbol(part.name, _PARTS[part.kind], range_of(lines, part.span), range_of(lines, part.name_span), part.detail)
        for part in parts
    ]


def edits(changes: Iterable[Edit], lines: Lines) -> list[types.TextEdit]:
    """Changes of a text."""
    return [types.TextEdit(range_of(lines, change.span), change.text) for change in changes]


def items(offers: Iterable[Offer], replaced: Span, lines: Lines) -> list[types.CompletionItem]:
    """What could be written instead of a stretch of the text, in the order of the offers."""
    stretch = range_of(lines, replaced)
    return [
        types.CompletionItem(
            offer.text,
            kind=_OFFERS[offer.kind],
            detail=offer.detail or offer.kind,
            sort_text=f"{number:05}",
            text_edit=types.TextEdit(stretch, offer.text),
        )
        for number, offer in enumerate(offers)
    ]
