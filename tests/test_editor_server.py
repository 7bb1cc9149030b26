"""The language server, asked by a client over stdio as an editor would ask it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from editing import LIBRARY, MACHINE, folder_with_library, place_of
from tmc.editor.positions import Lines

PATIENCE = 60  # seconds; no answer takes a tenth of one
CLEAN = MACHINE.replace("    on sym|'#'          -> idle\n", "")


class Editor:
    """An editor with one text open."""

    def __init__(self, path: Path, encodings: tuple[str, ...] = ()) -> None:
        self.client = LanguageClient("an editor", "1")
        self.path, self.uri = path, path.as_uri()
        self.encodings = encodings
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.text, self.version, self.lines = "", 0, Lines("")

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

    async def start(self, *options: str, **initialization: list[str]) -> types.InitializeResult:
        """Start the server and shake hands."""
        await self.client.start_io(sys.executable, "-m", "tmc", "lsp", "--stdio", *options)
        general = types.GeneralClientCapabilities(position_encodings=self.encodings) if self.encodings else None
        rename = types.TextDocumentClientCapabilities(rename=types.RenameClientCapabilities(prepare_support=True))
        able = types.ClientCapabilities(general=general, text_document=rename)
        params = types.InitializeParams(able, root_uri=self.path.parent.as_uri(), initialization_options=initialization)
        result = await self.client.initialize_async(params)
        self.client.initialized(types.InitializedParams())
        return result

    async def end(self) -> int:
        """Say goodbye; the server's exit status."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()
        server = self.client._server
        assert server is not None
        assert server.stderr is not None
        assert (await server.stderr.read()).decode() == ""
        return int(server.returncode or 0)

    def open(self, text: str) -> None:
        """Open the text."""
        self._holds(text)
        item = types.TextDocumentItem(self.uri, "tmc", self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, text: str) -> None:
        """Change the text."""
        self._holds(text)
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        changes = [types.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, changes))

    def _holds(self, text: str) -> None:
        self.text, self.version = text, self.version + 1
        self.lines = Lines(text, self.encodings[0] if self.encodings else "utf-16")

    @property
    def document(self) -> types.TextDocumentIdentifier:
        """The text, to ask about."""
        return types.TextDocumentIdentifier(self.uri)

    def at(self, part: str, count: int = 1) -> types.Position:
        """Where a part of the text begins."""
        return types.Position(*self.lines.position(place_of(self.text, part, count)))

    def part(self, stretch: types.Range) -> str:
        """What stands in a range."""
        start, end = ((place.line, place.character) for place in (stretch.start, stretch.end))
        return self.text[self.lines.offset(start) : self.lines.offset(end)]

    async def definitions(self, part: str) -> list[types.Location]:
        """Where what stands at a part of the text is defined."""
        params = types.DefinitionParams(self.document, self.at(part))
        return list(await self.client.text_document_definition_async(params) or ())  # type: ignore[arg-type]

    async def said(self) -> types.PublishDiagnosticsParams:
        """What is wrong with the text, when that is said next."""
        return await asyncio.wait_for(self.published.get(), PATIENCE)


@asynccontextmanager
async def editor(path: Path, *encodings: str) -> AsyncIterator[Editor]:
    """An editor whose server has started; it ends well."""
    found = Editor(path, encodings)
    await found.start()
    yield found
    assert await found.end() == 0


def played(scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene to its end."""
    asyncio.run(asyncio.wait_for(scene(), PATIENCE))  # type: ignore[arg-type]


def test_everything_an_editor_asks(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)

    async def scene() -> None:
        async with editor(path) as e:
            ask, document = e.client, e.document
            e.open(CLEAN)
            said = await e.said()
            assert (said.uri, said.version) == (e.uri, 1)
            assert [(d.code, e.part(d.range), d.severity) for d in said.diagnostics] == [
                ("TMC103", "idle", types.DiagnosticSeverity.Warning),
            ]
            assert said.diagnostics[0].tags == (types.DiagnosticTag.Unnecessary,)
            page = said.diagnostics[0].code_description
            assert page is not None
            assert page.href.endswith("/TMC103.md")

            (place,) = await e.definitions("seek(_")
            assert (place.uri, place.range.start) == ((tmp_path / "walks.tm").as_uri(), types.Position(1, 6))

            found = await ask.text_document_hover_async(types.HoverParams(document, e.at("put($x")))
            assert found is not None
            assert isinstance(found.contents, types.MarkupContent)
            assert found.contents.value.startswith("**state** `put(sym, next)`")

            context = types.ReferenceContext(include_declaration=False)
            used = await ask.text_document_references_async(types.ReferenceParams(context, document, e.at("put(sym")))
            assert [place.range.start for place in used or ()] == [e.at("put(_"), e.at("put($x"), e.at("put(sym", 2)]
            marked = await ask.text_document_document_highlight_async(types.DocumentHighlightParams(document, e.at("put(sym")))
            assert len(marked or ()) == 4

            outline = await ask.text_document_document_symbol_async(types.DocumentSymbolParams(document))
            assert [symbol.name for symbol in outline or ()] == ["m", "data", "tally", "bounds", "put", "idle", "a b"]

            offers = await ask.text_document_completion_async(types.CompletionParams(document, e.at("left, stay")))
            assert [offer.label for offer in offers or ()] == ["left", "right", "up", "down", "stay"]

            name = await ask.text_document_prepare_rename_async(types.PrepareRenameParams(document, e.at("put($x")))
            assert isinstance(name, types.PrepareRenamePlaceholder)
            assert (name.placeholder, name.range.start) == ("put", e.at("put($x"))
            edit = await ask.text_document_rename_async(types.RenameParams(document, e.at("put($x"), "lay"))
            assert edit is not None
            assert edit.changes is not None
            assert [(change.new_text, e.part(change.range)) for change in edit.changes[e.uri]] == [("lay", "put")] * 4
            with pytest.raises(JsonRpcException, match=r"there is a state named `idle` already, in line 26 of this text"):
                await ask.text_document_rename_async(types.RenameParams(document, e.at("put($x"), "idle"))
            with pytest.raises(JsonRpcException, match=r"`seek` is defined in walks\.tm"):
                await ask.text_document_prepare_rename_async(types.PrepareRenameParams(document, e.at("seek")))

            options = types.FormattingOptions(4, insert_spaces=True)
            formatted = await ask.text_document_formatting_async(types.DocumentFormattingParams(document, options))
            (change,) = formatted or ()
            assert e.part(change.range) == CLEAN
            assert "machine m   # not about the tape\n" in change.new_text
            e.type(change.new_text)
            assert not await ask.text_document_formatting_async(types.DocumentFormattingParams(document, options))

    played(scene)


def test_a_text_as_it_changes(tmp_path: Path) -> None:
    path = folder_with_library(tmp_path)

    async def scene() -> None:
        async with editor(path) as e:
            e.open(CLEAN)
            await e.said()
            for rest in ("gone", "gon", "go ne"):  # typed without a pause: only the last is looked over
                e.type(CLEAN.replace("-> reject", f"-> {rest}"))
            said = await e.said()
            assert (said.version, [d.code for d in said.diagnostics]) == (4, ["TMC001"])
            assert len(await e.definitions("put($x")) == 1
            options = types.FormattingOptions(4, insert_spaces=True)
            assert not await e.client.text_document_formatting_async(types.DocumentFormattingParams(e.document, options))

            e.type(CLEAN)
            assert [d.code for d in (await e.said()).diagnostics] == ["TMC103"]
            (tmp_path / "walks.tm").write_text(LIBRARY.replace("-> next", "-> nxt"), encoding="utf-8")
            changed = types.FileEvent((tmp_path / "walks.tm").as_uri(), types.FileChangeType.Changed)
            e.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
            (diagnostic, *_) = (await e.said()).diagnostics
            assert e.part(diagnostic.range) == '"walks.tm"'
            assert diagnostic.message.startswith("walks.tm:3: no state is named `nxt`")
            (cause,) = diagnostic.related_information or ()
            assert cause.location.uri == (tmp_path / "walks.tm").as_uri()

            e.client.text_document_did_close(types.DidCloseTextDocumentParams(e.document))
            assert (await e.said()).diagnostics == ()

    played(scene)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_counted_as_agreed(encoding: str, tmp_path: Path) -> None:
    text = "state grün(𝒳)\n    on 'é'|'𝟙' move left -> grün(𝒳)\n"

    async def scene() -> None:
        async with editor(tmp_path / "größe #1.tm", encoding) as e:
            e.open(text)
            await e.said()
            context = types.ReferenceContext(include_declaration=True)
            params = types.ReferenceParams(context, e.document, e.at("grün", 2))
            places = await e.client.text_document_references_async(params) or ()
            assert [place.range.start for place in places] == [e.at("grün"), e.at("grün", 2)]
            assert [e.part(place.range) for place in places] == ["grün", "grün"]

    played(scene)


def test_a_text_that_is_no_file(tmp_path: Path) -> None:
    async def scene() -> None:
        async with editor(tmp_path / "m.tm") as e:
            e.uri = "untitled:Untitled-1"
            e.open("state go\n    otherwise -> gone\n")
            said = await e.said()
            assert (said.uri, [d.code for d in said.diagnostics]) == (e.uri, ["TMC004"])
            (found,) = await e.definitions("go\n")
            assert (found.uri, found.range.start) == (e.uri, types.Position(0, 6))

    played(scene)


@pytest.mark.parametrize(("options", "initialization"), [((), False), (("--allow-use",), False), ((), True)])
def test_files_that_may_be_used(tmp_path: Path, options: tuple[str, ...], initialization: bool) -> None:
    """Those that the command line takes: what it refuses is not read, nor found by a definition."""
    (tmp_path / "own").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "lib.tm").write_text("state t\n    otherwise -> accept\n", encoding="utf-8")
    text = 'machine m\nuse "../lib/lib.tm"\ntape data: line of _ 0\nstart s\nstate s\n    otherwise -> t\n'
    allowed = bool(options) or initialization

    async def scene() -> None:
        e = Editor(tmp_path / "own" / "m.tm")
        folder = str(tmp_path / "lib")
        await e.start(*options, *([folder] if options else []), **({"allowUse": [folder]} if initialization else {}))
        e.open(text)
        assert [one.code for one in (await e.said()).diagnostics] == ([] if allowed else ["TMC023"])
        assert len(await e.definitions('"../lib')) == allowed
        assert await e.end() == 0

    played(scene)
