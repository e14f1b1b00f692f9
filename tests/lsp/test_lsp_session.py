"""A whole session of a client of the Language Server Protocol with `schemareg lsp` over stdio."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

LINE = """{
  "type": "record",
  "name": "Line",
  "namespace": "com.shop",
  "doc": "One line of an order.",
  "fields": [
    {"name": "sku", "type": "string", "doc": "Stock keeping unit."}
  ]
}
"""
ORDER = """{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "com.shop",
  "doc": "An order was placed. \U0001f600",
  "fields": [
    {"name": "lines", "type": {"type": "array", "items": "com.shop.Line"}, "doc": "Ordered."},
    {"name": "note", "type": ["null", "string"], "doc": "A note; null when there is none."},
    {"name": "first", "type": "Line", "doc": "The first line."}
  ]
}
"""
TOML = """roots = ["schemas"]

[topics.orders]
events = ["com.shop.OrderPlaced"]
"""


class Editor(LanguageClient):
    """A client that keeps what is published, by the name of the file."""

    def __init__(self, folder: Path) -> None:
        super().__init__("test", "1")
        self.folder = folder
        self.found: dict[str, list[lsp.Diagnostic]] = {}
        self.news = asyncio.Event()
        self.log: list[str] = []

        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.found[params.uri.rpartition("/")[2]] = list(params.diagnostics)
            self.news.set()

        def logged(params: lsp.LogMessageParams) -> None:
            self.log.append(params.message)

        self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        self.feature(lsp.WINDOW_LOG_MESSAGE)(logged)

    def uri(self, name: str) -> str:
        return (self.folder / "schemas" / name).as_uri()

    def document(self, name: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str) -> None:
        item = lsp.TextDocumentItem(self.uri(name), "avro", 1, text)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, name: str, version: int, text: str) -> None:
        identifier = lsp.VersionedTextDocumentIdentifier(version, self.uri(name))
        changes = [lsp.TextDocumentContentChangeWholeDocument(text)]
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, changes))

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not holds():
                self.news.clear()
                await self.news.wait()

    def rules(self, name: str) -> list[tuple[str, int]]:
        """Rule and line (from 0) of what is published of a file."""
        return [(str(d.code), d.range.start.line) for d in self.found.get(name, [])]


@asynccontextmanager
async def editor(folder: Path) -> AsyncIterator[Editor]:
    client = Editor(folder)
    await client.start_io(sys.executable, "-m", "schemareg", "lsp")
    try:
        async with asyncio.timeout(30):
            await client.initialize_async(
                lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=folder.as_uri())
            )
            client.initialized(lsp.InitializedParams())
        yield client
        async with asyncio.timeout(30):
            await client.shutdown_async(None)
            client.exit(None)
            assert client._server is not None
            assert await client._server.wait() == 0
    finally:
        stopped: Awaitable[None] = client.stop()  # type: ignore[no-untyped-call]  # as pygls has it
        await asyncio.wait_for(stopped, 30)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "schemas").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "schemareg.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "schemas" / "Line.avsc").write_text(LINE, encoding="utf-8")
    (tmp_path / "schemas" / "OrderPlaced.avsc").write_text(ORDER, encoding="utf-8")
    return tmp_path


def run(folder: Path, session: Callable[[Editor], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with editor(folder) as client:
            await session(client)

    asyncio.run(asyncio.wait_for(whole(), 90))


def place(text: str, part: str, *, last: bool = False) -> lsp.Position:
    """The position of the first character of `part`, in a line of characters of one unit."""
    offset = text.rindex(part) if last else text.index(part)
    line = text.count("\n", 0, offset)
    return lsp.Position(line, offset - text.rfind("\n", 0, offset) - 1)


def test_findings_follow_the_text_that_is_typed(shop: Path) -> None:
    async def session(client: Editor) -> None:
        client.open("OrderPlaced.avsc", ORDER)
        await client.until(
            lambda: ("nullable-without-default", 7) in client.rules("OrderPlaced.avsc")
        )
        broken = ORDER.replace('"com.shop.Line"', '"com.shop.Lime"')
        client.change("OrderPlaced.avsc", 2, broken)
        await client.until(lambda: ("unresolved-type", 6) in client.rules("OrderPlaced.avsc"))
        whole = ORDER.replace('["null", "string"],', '["null", "string"], "default": null,')
        client.change("OrderPlaced.avsc", 3, whole)
        await client.until(lambda: client.rules("OrderPlaced.avsc") == [])

    run(shop, session)


def test_a_rename_of_another_file_is_found_before_it_is_saved(shop: Path) -> None:
    async def session(client: Editor) -> None:
        client.open("OrderPlaced.avsc", ORDER)
        client.open("Line.avsc", LINE.replace('"Line"', '"Row"'))
        await client.until(lambda: ("unresolved-type", 6) in client.rules("OrderPlaced.avsc"))

    run(shop, session)


def test_hover_shows_type_doc_and_rule(shop: Path) -> None:
    async def session(client: Editor) -> None:
        client.open("OrderPlaced.avsc", ORDER)

        async def hover(part: str) -> str:
            at = place(ORDER, part)
            params = lsp.HoverParams(client.document("OrderPlaced.avsc"), at)
            shown = await client.text_document_hover_async(params)
            assert shown is not None
            assert isinstance(shown.contents, lsp.MarkupContent)
            return shown.contents.value

        assert "lines: array<com.shop.Line>" in await hover('lines"')
        use = await hover("com.shop.Line")
        assert "record com.shop.Line {\n  sku: string\n}" in use
        assert "One line of an order." in use
        assert "`schemas/Line.avsc`" in use
        note = await hover('note"')
        assert "note: union<null, string>" in note
        assert "nullable-without-default" in note

    run(shop, session)


def test_definition_and_references_across_files(shop: Path) -> None:
    async def session(client: Editor) -> None:
        client.open("OrderPlaced.avsc", ORDER)
        document, at = client.document("OrderPlaced.avsc"), place(ORDER, "com.shop.Line")
        found = await client.text_document_definition_async(lsp.DefinitionParams(document, at))
        name = lsp.Range(lsp.Position(2, 11), lsp.Position(2, 15))
        assert found == [lsp.Location(client.uri("Line.avsc"), name)]
        context = lsp.ReferenceContext(include_declaration=False)
        params = lsp.ReferenceParams(context, document, at)
        uses = await client.text_document_references_async(params)
        assert uses is not None
        assert [(each.uri, each.range.start.line) for each in uses] == [
            (client.uri("OrderPlaced.avsc"), 6),
            (client.uri("OrderPlaced.avsc"), 8),
        ]

    run(shop, session)


def edited(text: str, edits: list[lsp.TextEdit]) -> str:
    """`text` after `edits`; every character before them in its line is of one unit."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character))[::-1]:
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text


def test_rename_of_a_type_edits_all_files_and_leaves_an_alias(shop: Path) -> None:
    async def session(client: Editor) -> None:
        client.open("OrderPlaced.avsc", ORDER)
        document = client.document("OrderPlaced.avsc")

        async def rename(part: str, name: str) -> dict[str, list[lsp.TextEdit]]:
            params = lsp.RenameParams(document, place(ORDER, part), name)
            edit = await client.text_document_rename_async(params)
            assert edit is not None
            assert edit.changes is not None
            return {uri.rpartition("/")[2]: list(own) for uri, own in edit.changes.items()}

        changes = await rename("com.shop.Line", "Row")
        assert set(changes) == {"Line.avsc", "OrderPlaced.avsc"}
        line = edited(LINE, changes["Line.avsc"])
        assert line == LINE.replace('"name": "Line",', '"name": "Row",\n  "aliases": ["Line"],')
        order = edited(ORDER, changes["OrderPlaced.avsc"])
        expected = ORDER.replace('"com.shop.Line"', '"com.shop.Row"').replace('"Line"', '"Row"')
        assert order == expected
        changes = await rename("OrderPlaced", "OrderMade")
        assert edited(TOML, changes["schemareg.toml"]) == TOML.replace("OrderPlaced", "OrderMade")
        changes = await rename('note"', "remark")
        assert '{"name": "remark", "aliases": ["note"], "type": ["null"' in edited(
            ORDER, changes["OrderPlaced.avsc"]
        )
        with pytest.raises(Exception, match="'first' is taken"):
            await rename('note"', "first")
        with pytest.raises(Exception, match="'1st' is no name in Avro"):
            await rename('note"', "1st")

    run(shop, session)


def test_quick_fix_and_layout(shop: Path) -> None:
    async def session(client: Editor) -> None:
        client.open("OrderPlaced.avsc", ORDER)
        document = client.document("OrderPlaced.avsc")
        start = place(ORDER, 'note"')
        params = lsp.CodeActionParams(document, lsp.Range(start, start), lsp.CodeActionContext([]))
        actions = await client.text_document_code_action_async(params)
        assert actions is not None
        [action] = actions
        assert isinstance(action, lsp.CodeAction)
        assert action.title.startswith("nullable-without-default: ")
        assert action.edit is not None
        assert action.edit.changes is not None
        after = edited(ORDER, list(action.edit.changes[client.uri("OrderPlaced.avsc")]))
        assert '"default": null' in after

        options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
        client.open("Size.avsc", '{"type":"fixed","name":"Size","namespace":"com.shop","size":4}')
        format_ = lsp.DocumentFormattingParams(client.document("Size.avsc"), options)
        edits = await client.text_document_formatting_async(format_)
        assert edits is not None
        [edit] = edits
        assert (
            edit.new_text
            == '{"type": "fixed", "name": "Size", "namespace": "com.shop", "size": 4}\n'
        )

    run(shop, session)
