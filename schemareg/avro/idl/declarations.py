"""Avro IDL (`.avdl`) -> its named types as JSON, with the places of the file.

Source: Avro specification 1.12, "IDL Language"; Avro 1.12.1 `IdlReader`.
"""

from __future__ import annotations

from typing import NamedTuple

from schemareg.avro.idl.arrange import arranged
from schemareg.avro.idl.cursor import Reader
from schemareg.avro.idl.tokens import Token
from schemareg.avro.idl.types import (
    Annotation,
    IdlType,
    annotate,
    read_annotations,
    read_plain_type,
    read_type,
)
from schemareg.avro.idl.values import read_value, text_of
from schemareg.avro.parse.parser import Document
from schemareg.avro.parse.source import decode_text
from schemareg.avro.parse.translated import translated
from schemareg.avro.schema import JsonDict, JsonValue

_NAMED = ("record", "error", "enum", "fixed")
_IMPORTED = ("idl", "protocol", "schema")
_EXPECTED = "a record, an error, an enum, a fixed, an import"


class IdlFile(NamedTuple):
    """An array of the types that a file defines, each after those that it uses.

    `imports` are the paths of the files that it imports, `messages` counts those of its protocol.
    """

    document: Document
    imports: tuple[str, ...]
    messages: int


def read_idl(text: str | bytes) -> IdlFile:
    """The types of `text`, a protocol or a file of types in the syntax of Avro 1.12.

    Raises:
        SchemaParseError: it is no Avro IDL; with one problem and its place.
    """
    source = decode_text(text).removeprefix("\ufeff")
    return _File(Reader(source)).read()


class _File:
    """What one file has declared so far."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.namespace = ""
        self.types: list[JsonDict] = []
        self.names: dict[str, Token] = {}
        self.imports: list[str] = []
        self.messages = 0
        self.main: IdlType | None = None

    def read(self) -> IdlFile:
        reader = self.reader
        annotations = read_annotations(reader)
        if reader.peek().text == "protocol":
            self.protocol(annotations)
        else:
            self.schema(annotations)
        own: JsonValue = arranged(self.types, self.namespace, reader.places)
        document = translated(own, reader.places, reader.source)
        return IdlFile(document, tuple(self.imports), self.messages)

    def protocol(self, annotations: list[Annotation]) -> None:
        reader = self.reader
        reader.next()
        name = reader.identifier("the protocol").name
        given = next((a.value for a in annotations if a.name == "namespace"), "")
        self.namespace = name.rpartition(".")[0] or str(given)
        reader.expect("{")
        while not reader.takes("}"):
            annotations = read_annotations(reader)
            if not annotations and self.is_import():
                self.import_()
            elif not self.definition(annotations):
                self.message()
        if (left := reader.next()).kind != "end":
            raise reader.unexpected(left, "nothing behind the protocol")

    def schema(self, annotations: list[Annotation]) -> None:
        reader = self.reader
        if not annotations and reader.takes("namespace"):
            self.namespace = reader.identifier("the namespace").name
            reader.expect(";")
        if not annotations and reader.takes("schema"):
            self.main = read_type(reader)
            reader.expect(";")
        while reader.peek().kind != "end" or annotations:
            annotations = annotations or read_annotations(reader)
            if not annotations and self.is_import():
                self.import_()
            elif not self.definition(annotations):
                raise reader.unexpected(reader.peek(), _EXPECTED)
            annotations = []
        if not (self.types or self.imports or self.main or self.namespace):
            raise reader.unexpected(reader.peek(), f"a protocol, {_EXPECTED}")

    def is_import(self) -> bool:
        reader = self.reader
        return reader.peek().text == "import" and reader.peek(1).text in _IMPORTED

    def import_(self) -> None:
        reader = self.reader
        reader.next(), reader.next()
        path = reader.next()
        if path.kind != "text":
            raise reader.unexpected(path, "the path of a file in quotes")
        self.imports.append(text_of(reader, path))
        reader.expect(";")

    def definition(self, annotations: list[Annotation]) -> bool:
        """Whether a named type came next, which then is one of `types`."""
        reader, first = self.reader, self.reader.peek()
        if first.text not in _NAMED or reader.peek(1).kind != "word":
            return False
        if reader.peek(2).text not in ("{", "("):
            return False
        at = annotations[0].at.start if annotations else first.at.start
        doc = self.doc_before(at)
        kind, name = reader.next().text, reader.identifier("the type")
        own: JsonDict = {"type": kind, "name": name.name}
        self.place(own, "type", first)
        self.place(own, "name", name)
        self.name(own, name, annotations)
        if doc is not None:
            own["doc"] = doc
        body = {"enum": self.enum, "fixed": self.fixed}.get(kind, self.record)
        body(own)
        annotate(reader, own, [a for a in annotations if a.name != "namespace"])
        reader.places.of_value[id(own)] = reader.since(first.at.start)
        self.types.append(own)
        return True

    def doc_before(self, at: int) -> str | None:
        """The doc comment before the token at the character `at`, which was read or is next."""
        reader = self.reader
        index = min(reader.at, len(reader.tokens) - 1)
        while reader.tokens[index].at.start > at:
            index -= 1
        return reader.tokens[index].doc

    def place(self, own: JsonDict, key: str, token: Token) -> None:
        self.reader.places.of_member[id(own), key] = (token.at, None)

    def name(self, own: JsonDict, name: Token, annotations: list[Annotation]) -> None:
        """The namespace of a definition, which no other one has the name of."""
        space = next((a for a in annotations if a.name == "namespace"), None)
        if space is not None and not isinstance(space.value, str):
            raise self.reader.refusal(name, "its namespace is no text", "write it in quotes")
        given = self.namespace if space is None else str(space.value)
        if "." not in name.name:
            own["namespace"] = given
            self.place(own, "namespace", name)
        full = name.name if "." in name.name or not given else f"{given}.{name.name}"
        if full in self.names:
            place = self.reader.refusal(self.names[full], "", "").problems[0]
            raise self.reader.refusal(
                name, f"{full!r} is already defined at {place.line}:{place.column}",
                "remove one of the two, or rename it",
            )  # fmt: skip
        self.names[full] = name

    def fixed(self, own: JsonDict) -> None:
        self.reader.expect("(")
        self.place(own, "size", self.reader.peek())
        own["size"] = read_value(self.reader)
        self.reader.expect(")")
        self.reader.expect(";")

    def enum(self, own: JsonDict) -> None:
        reader, symbols = self.reader, list[JsonValue]()
        start = reader.expect("{")
        while not reader.takes("}"):
            if symbols:
                reader.expect(",")
            read_annotations(reader)  # an enum in JSON has no place for those of a symbol
            symbol = reader.identifier("a symbol")
            reader.places.of_member[id(symbols), len(symbols)] = (symbol.at, None)
            symbols.append(symbol.name)
        own["symbols"] = symbols
        reader.places.of_value[id(symbols)] = reader.since(start.at.start)
        if reader.takes("="):
            default = reader.identifier("a symbol")
            own["default"] = default.name
            self.place(own, "default", default)
            reader.expect(";")

    def record(self, own: JsonDict) -> None:
        reader, fields = self.reader, list[JsonValue]()
        start = reader.expect("{")
        while not reader.takes("}"):
            fields += self.fields()
        own["fields"] = fields
        reader.places.of_value[id(fields)] = reader.since(start.at.start)

    def fields(self) -> list[JsonDict]:
        """The fields of one declaration: of one type, with a doc for all that have no own."""
        reader = self.reader
        doc, start = reader.peek().doc, reader.at
        fields = [self.variable(read_type(reader), doc, of=[])]
        while reader.takes(","):
            here, reader.at = reader.at, start
            type_ = read_type(reader)  # again: no two fields share a value
            reader.at = here
            fields.append(self.variable(type_, doc, of=fields))
        reader.expect(";")
        return fields

    def variable(self, type_: IdlType, doc: str | None, of: list[JsonDict]) -> JsonDict:
        reader = self.reader
        start = reader.peek()
        annotations = read_annotations(reader)
        own_doc = start.doc if start.doc is not None else doc
        name = reader.identifier("a field")
        own: JsonDict = {"name": name.name, "type": type_.value}
        self.place(own, "name", name)
        reader.places.of_member[id(own), "type"] = (type_.at, None)
        if own_doc is not None:
            own["doc"] = own_doc
        if reader.takes("="):
            at = reader.peek().at.start
            default = read_value(reader)
            own["default"] = default
            reader.places.of_member[id(own), "default"] = (reader.since(at), name.at)
            if type_.is_optional and default is not None and isinstance(type_.value, list):
                own["type"] = type_.value[::-1]
        annotate(reader, own, annotations)
        if isinstance(order := own.get("order"), str):
            own["order"] = order.lower()  # Java takes it in any case
        reader.places.of_value[id(own)] = reader.since(start.at.start if of else type_.at.start)
        return own

    def message(self) -> None:
        """Reads a message, whose types are no schemas of events."""
        reader = self.reader
        if not reader.takes("void"):
            read_plain_type(reader, [])
        reader.identifier("the message")
        reader.expect("(")
        is_first = True
        while not reader.takes(")"):
            if not is_first:
                reader.expect(",")
            is_first = False
            type_ = read_type(reader)
            self.variable(type_, None, of=[])
        if not reader.takes("oneway") and reader.takes("throws"):
            reader.identifier("an error")
            while reader.takes(","):
                reader.identifier("an error")
        reader.expect(";")
        self.messages += 1
