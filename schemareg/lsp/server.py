"""The language server itself: requests of the editor to what answers them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from schemareg import __version__
from schemareg.commands.fmt import formatted
from schemareg.errors import SchemaParseError, SchemaregError, UsageError
from schemareg.fix.layout import layout_settings
from schemareg.lsp.actions import quick_fixes
from schemareg.lsp.analysis import Analysis
from schemareg.lsp.convert import diagnostic, range_of, text_edits
from schemareg.lsp.documents import Documents
from schemareg.lsp.hover import hover_text, rule_lines, spelled
from schemareg.lsp.positions import Lines
from schemareg.lsp.renaming import config_edits, rename
from schemareg.lsp.symbols import Occurrence, occurrence_at, of_symbol, primitive_at
from schemareg.places import Range
from schemareg.syntax import TextEdit, parse_text
from schemareg.workspace import SchemaFile
from schemareg.workspace.files import FileError, read_bytes
from schemareg.workspace.schema_paths import is_schema_path

_QUIET_S = 0.2
"""How long nobody types before the findings are computed."""


class SchemaServer(LanguageServer):
    """A server of schema files; `published` are the URIs that have findings in the editor."""

    def __init__(self, environment: Mapping[str, str], today: Callable[[], date]) -> None:
        super().__init__("schemareg", __version__)
        self.documents = Documents(environment)
        self.today = today
        self.published: dict[Path, set[str]] = {}
        self.waiting: asyncio.Task[None] | None = None

    def texts(self) -> dict[Path, str]:
        """The texts of the documents that are open, by the path of their file."""
        opened = self.workspace.text_documents.items()
        paths = ((path_of(uri), document.source) for uri, document in opened)
        return {path: text for path, text in paths if path is not None}

    def analysis(self, uri: str) -> Analysis | None:
        """The analysis of the document's project; None where there is none, which is logged."""
        path = path_of(uri)
        if path is None:
            return None
        try:
            return self.documents.analysis_of(path, self.texts(), self.today())
        except SchemaregError as error:
            self.log(str(error))
            return None

    def log(self, message: str) -> None:
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, message))

    def publish_later(self, uri: str) -> None:
        """Publishes what is found, once nobody types any more."""
        if self.waiting is not None:
            self.waiting.cancel()
        self.waiting = asyncio.ensure_future(self._publish_after(uri))

    async def _publish_after(self, uri: str) -> None:
        await asyncio.sleep(_QUIET_S)
        self.publish(uri)

    def publish(self, uri: str) -> None:
        """Publishes what is found in the files of the project of the document."""
        path = path_of(uri)
        if path is None:
            return
        try:
            analysis = self.documents.analysis_of(path, self.texts(), self.today())
        except SchemaregError as error:
            self._publish_error(path, error)
            return
        project = self.documents.project_of(path)
        if project.base_error is not None:
            self.log(f"nothing to compare with: {project.base_error}")
        reports: dict[str, list[lsp.Diagnostic]] = {}
        for shown, findings in analysis.findings.items():
            lines, tree = Lines(text := self.text_of(analysis, shown)), parse_text(text)
            own = [diagnostic(found, lines, tree) for found in findings]
            reports[uri_of(analysis.path(shown))] = own
        home = project.config.source or path.parent
        self._send(home, reports)

    def _publish_error(self, path: Path, error: SchemaregError) -> None:
        """A project that cannot be read: its findings go, the reason is at its place or here."""
        place = error.location
        where = path.parent / place.path if place and place.path else path
        line = max((place.line if place else 0) - 1, 0)
        start = lsp.Position(line, max((place.column if place else 0) - 1, 0))
        found = lsp.Diagnostic(
            lsp.Range(start, lsp.Position(line + 1, 0)),
            str(error),
            severity=lsp.DiagnosticSeverity.Error,
            code="configuration",
            source="schemareg",
        )
        self._send(path.parent, {uri_of(where): [found]})

    def _send(self, home: Path, reports: Mapping[str, list[lsp.Diagnostic]]) -> None:
        for uri in self.published.get(home, set()) - set(reports):
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))
        for uri, own in reports.items():
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, own))
        self.published[home] = set(reports)

    def text_of(self, analysis: Analysis, shown: str) -> str:
        """The text of a file of the project, or of its configuration; "" where it has none."""
        if any(path == shown for path, _ in analysis.read.texts):
            return analysis.text(shown)
        path = analysis.path(shown)
        try:
            return read_bytes(path, shown).decode("utf-8-sig", "replace")
        except FileError:
            return ""

    def at(self, uri: str, position: lsp.Position) -> tuple[Analysis, SchemaFile, int] | None:
        """The file of the document as it parses, and the offset of the position in it."""
        analysis, path = self.analysis(uri), path_of(uri)
        file = analysis.file(path) if analysis and path else None
        if analysis is None or file is None:
            return None
        return analysis, file, Lines(file.schema.tree.text).offset(position)


def path_of(uri: str) -> Path | None:
    """The resolved path of a document that is a schema file; None for any other one."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path).resolve() if path and is_schema_path(Path(path).name) else None


def uri_of(path: Path) -> str:
    return from_fs_path(str(path)) or path.as_uri()


def new_server(
    environment: Mapping[str, str] = os.environ,
    today: Callable[[], date] = lambda: datetime.now().astimezone().date(),
) -> SchemaServer:
    """A server with all that it can do, to be started."""
    server = SchemaServer(environment, today)
    _follow_documents(server)
    _navigate(server)
    _change(server)
    return server


def _follow_documents(server: SchemaServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.publish_later(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.documents.saved()
        server.publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.documents.saved()
        for uri in list(server.workspace.text_documents):
            server.publish(uri)


def _navigate(server: SchemaServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        known = server.at(params.text_document.uri, params.position)
        if known is None:
            return None
        analysis, file, offset = known
        lines = Lines(file.schema.tree.text)
        findings = [
            found
            for found in analysis.findings.get(file.path, ())
            if _is_in(offset, range_of(found, lines, file.schema.tree))
        ]
        primitive = primitive_at(file, offset)
        if primitive is not None:
            text = "\n\n".join([f"`{spelled(primitive)}`", *rule_lines(findings)])
        elif (symbol := occurrence_at(file, offset)) is not None:
            text = hover_text(analysis, symbol, findings)
        else:
            return None
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        return places(params, lambda each: each.is_definition)

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        definitions = params.context.include_declaration
        return places(params, lambda each: definitions or not each.is_definition)

    def places(
        params: lsp.DefinitionParams | lsp.ReferenceParams, wanted: Callable[[Occurrence], bool]
    ) -> list[lsp.Location]:
        known = server.at(params.text_document.uri, params.position)
        symbol = occurrence_at(known[1], known[2]) if known else None
        if known is None or symbol is None:
            return []
        analysis = known[0]
        return [
            lsp.Location(
                uri_of(analysis.path(each.file.path)),
                Lines(each.file.schema.tree.text).range(each.range),
            )
            for each in of_symbol(analysis.project, symbol.symbol)
            if wanted(each)
        ]


def _is_in(offset: int, at: Range) -> bool:
    return at.start <= offset <= at.end


def _change(server: SchemaServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_RENAME)
    def renamed(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        known = server.at(params.text_document.uri, params.position)
        symbol = occurrence_at(known[1], known[2]) if known else None
        if known is None or symbol is None:
            return None
        analysis = known[0]
        try:
            edits = dict(rename(analysis, symbol, params.new_name))
        except UsageError as error:
            raise JsonRpcInvalidParams(str(error)) from error
        source = analysis.config.source
        if source is not None:
            shown = analysis.config.shown(source)
            text = server.text_of(analysis, shown)
            edits[shown] = config_edits(text, symbol.symbol, params.new_name)
        changes = {
            uri_of(analysis.path(shown)): text_edits(own, Lines(server.text_of(analysis, shown)))
            for shown, own in edits.items()
            if own
        }
        return lsp.WorkspaceEdit(changes)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]),
    )
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        analysis, path = (
            server.analysis(params.text_document.uri),
            path_of(params.text_document.uri),
        )
        if analysis is None or path is None:
            return []
        shown = analysis.config.shown(path)
        lines = Lines(server.text_of(analysis, shown))
        first, last = params.range.start.line + 1, params.range.end.line + 1
        result = []
        for each in quick_fixes(analysis, shown, first, last, server.today()):
            edits: list[TextEdit] = list(each.fix.edits)
            about = "" if each.fix.is_safe else " (may change what the schema means)"
            uri = params.text_document.uri
            result.append(
                lsp.CodeAction(
                    f"{each.found.rule}: {each.fix.title}{about}",
                    kind=lsp.CodeActionKind.QuickFix,
                    is_preferred=each.fix.is_safe and each.refusal is None,
                    disabled=lsp.CodeActionDisabled(each.refusal) if each.refusal else None,
                    edit=lsp.WorkspaceEdit({uri: text_edits(edits, lines)}),
                )
            )
        return result

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def laid_out(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = server.workspace.get_text_document(params.text_document.uri)
        path = path_of(params.text_document.uri)
        if path is None:
            return []
        try:
            settings = layout_settings(server.documents.project_of(path).config.fmt)
            new = formatted(document.source.encode(), settings)
        except SchemaParseError:
            return []  # no JSON: that is reported already
        except SchemaregError as error:
            raise JsonRpcInvalidParams(str(error)) from error
        lines = Lines(document.source)
        whole = Range(0, len(document.source))
        return [] if new == document.source else text_edits([TextEdit(whole, new)], lines)
