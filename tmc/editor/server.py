"""The language server: what an editor asks over stdin and stdout, answered by the plain functions beside this file."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from tmc.diagnostics import Rejected, SourceRejected
from tmc.editor import answers
from tmc.editor.completion import completions, replaced
from tmc.editor.definitions import definition, references
from tmc.editor.diagnoses import diagnose
from tmc.editor.hover import hover
from tmc.editor.positions import Lines
from tmc.editor.reading import Document, follow
from tmc.editor.rename import Edit, renamable, rename
from tmc.editor.symbols import parts
from tmc.source import Source, Span
from tmc.syntax.formatter import format_source
from tmc.version import __version__

PAUSE = 0.2  # seconds without typing before a text is looked over


class Question(Protocol):
    """A question about a place in a text."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


class Server(LanguageServer):
    """The open texts, by URI, and what was read of them when somebody last asked."""

    def __init__(self) -> None:
        # Whole texts are sent: they are small, and everybody agrees on what a whole text is.
        super().__init__("tmc", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.texts: dict[str, Source] = {}
        self.read: dict[str, Document] = {}
        self.looking = asyncio.Lock()
        self.dismissed = False
        self.allowed: tuple[str, ...] = ()

    def take(self, uri: str) -> Source:
        """Take a text as it is now; it is read when it is needed, and files that it uses are read again."""
        self.texts[uri] = Source(answers.name_of(uri), self.workspace.get_text_document(uri).source, allowed=self.allowed)
        return self.texts[uri]

    def text(self, uri: str) -> tuple[Document, Lines]:
        """A text, and its lines with columns as this editor counts them."""
        source = self.texts.get(uri) or self.take(uri)
        known = self.read.get(uri)
        if known is None or known.source is not source:
            self.read[uri] = follow(known, source)
        return self.read[uri], self.lines(source)

    def lines(self, source: Source) -> Lines:
        """The lines of a text."""
        encoding = self.workspace.position_encoding
        return Lines(source.text, encoding.value if isinstance(encoding, types.PositionEncodingKind) else str(encoding))

    def character(self, question: Question) -> tuple[Document, int, Lines]:
        """The text that a question is about, the character in it, and its lines."""
        document, lines = self.text(question.text_document.uri)
        return document, lines.offset((question.position.line, question.position.character)), lines

    async def look_over(self, uri: str, source: Source) -> None:
        """Tell the editor what is wrong with a text, unless that was changed or closed meanwhile."""
        async with self.looking:
            found = await asyncio.to_thread(diagnose, source) if self.texts.get(uri) is source else ()
        if self.texts.get(uri) is source:
            self.text(uri)  # so that its names are known should the next text have syntax errors
            shown = answers.diagnostics(found, self.lines(source))
            version = self.workspace.get_text_document(uri).version
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, version))


server = Server()


@server.feature(types.INITIALIZE)
def on_initialize(server: Server, params: types.InitializeParams) -> None:
    """The editor may name folders whose files may be used, in the initialization option `allowUse`."""
    options = params.initialization_options
    folders = options.get("allowUse", ()) if isinstance(options, Mapping) else getattr(options, "allowUse", ())
    if isinstance(folders, Sequence) and not isinstance(folders, str):
        server.allowed += tuple(folder for folder in folders if isinstance(folder, str))


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
async def did_open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Look a text over at once."""
    uri = params.text_document.uri
    await server.look_over(uri, server.take(uri))


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
async def did_change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Look a text over when nothing was typed for a while."""
    uri = params.text_document.uri
    source = server.take(uri)
    await asyncio.sleep(PAUSE)
    await server.look_over(uri, source)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
@server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
async def did_save(server: Server, params: types.DidSaveTextDocumentParams | types.DidChangeWatchedFilesParams) -> None:
    """Another text may use the file that was written: look all of them over, anew."""
    for uri in tuple(server.texts):
        if uri in server.texts:
            await server.look_over(uri, server.take(uri))


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Forget a text, and what was wrong with it."""
    uri = params.text_document.uri
    server.texts.pop(uri, None)
    server.read.pop(uri, None)
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


@server.feature(types.TEXT_DOCUMENT_DEFINITION)
def on_definition(server: Server, params: types.DefinitionParams) -> list[types.Location]:
    """Where a name is defined."""
    document, offset, lines = server.character(params)
    places = definition(document, offset)
    return [answers.location(place, document.source, params.text_document.uri, lines.encoding) for place in places]


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
def on_references(server: Server, params: types.ReferenceParams) -> list[types.Location]:
    """Where the same thing is mentioned."""
    document, offset, lines = server.character(params)
    spans = references(document, offset, definitions=params.context.include_declaration)
    return [types.Location(params.text_document.uri, answers.range_of(lines, span)) for span in spans]


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def on_highlight(server: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    """The same, to be made visible."""
    document, offset, lines = server.character(params)
    return [types.DocumentHighlight(answers.range_of(lines, span)) for span in references(document, offset)]


@server.feature(types.TEXT_DOCUMENT_HOVER)
def on_hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    """What there is to know about a name."""
    document, offset, lines = server.character(params)
    found = hover(document, offset)
    return answers.hover(found, lines) if found else None


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def on_symbols(server: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """The outline."""
    document, lines = server.text(params.text_document.uri)
    return answers.outline(parts(document), lines)


@server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[" ", "(", ",", "|", ">", '"', "$"]))
def on_completion(server: Server, params: types.CompletionParams) -> list[types.CompletionItem]:
    """What could be written here."""
    document, offset, lines = server.character(params)
    return answers.items(completions(document, offset), replaced(document, offset), lines)


@server.feature(types.TEXT_DOCUMENT_FORMATTING)
def on_formatting(server: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    """The text in its one formatting; nothing while it has syntax errors."""
    document, lines = server.text(params.text_document.uri)
    source = document.source
    try:
        text = format_source(source)
    except SourceRejected:
        return []
    return answers.edits([Edit(Span(0, len(source.text)), text)], lines) if text != source.text else []


@server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
def on_prepare_rename(server: Server, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
    """What would be renamed."""
    document, offset, lines = server.character(params)
    try:
        span = renamable(document, offset).span
    except Rejected as rejected:
        raise _refusal(rejected) from None
    return types.PrepareRenamePlaceholder(answers.range_of(lines, span), document.source.text[span.start : span.end])


@server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def on_rename(server: Server, params: types.RenameParams) -> types.WorkspaceEdit:
    """A new name, everywhere in the text."""
    document, offset, lines = server.character(params)
    try:
        changes = rename(document, offset, params.new_name)
    except Rejected as rejected:
        raise _refusal(rejected) from None
    return types.WorkspaceEdit({params.text_document.uri: answers.edits(changes, lines)})


def _refusal(rejected: Rejected) -> JsonRpcException:
    """An answer that an editor shows as it is."""
    return JsonRpcException(str(rejected), types.LSPErrorCodes.RequestFailed)


@server.feature(types.SHUTDOWN)
def on_shutdown(server: Server, params: None) -> None:
    """The editor says goodbye; what follows is the end."""
    server.dismissed = True


def serve(allowed: tuple[str, ...] = ()) -> int:
    """Answer until the editor ends it; returns the exit status, 1 if that came without a goodbye. Files of the folders `allowed`
    may be used by texts that lie elsewhere.

    What goes wrong meanwhile is told on stderr.
    """
    server.allowed = allowed
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException)))
    logging.getLogger("pygls").addHandler(handler)
    server.start_io(stdout=os.fdopen(os.dup(sys.stdout.fileno()), "wb"))  # a copy, for it is closed in the end
    return 0 if server.dismissed else 1
