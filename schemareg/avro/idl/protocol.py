"""The types of a protocol in JSON (`.avpr`).

Source: Avro specification 1.12, "Protocol Declaration".
"""

from __future__ import annotations

from typing import NamedTuple

from schemareg.avro.idl.arrange import arranged
from schemareg.avro.parse.parser import Document, read_document
from schemareg.avro.parse.translated import Places, translated
from schemareg.avro.schema import JsonDict, JsonValue
from schemareg.errors import Problem, SchemaParseError
from schemareg.places import ROOT, Pointer
from schemareg.syntax import Tree, parse_text


class Protocol(NamedTuple):
    """An array of the types that a protocol defines, and the number of its messages."""

    document: Document
    messages: int


def read_protocol(text: str | bytes) -> Protocol:
    """The types of the protocol in `text`; they are in its namespace where they have none.

    Raises:
        SchemaParseError: it is not JSON, or no protocol.
    """
    source, value, _ = read_document(text)
    tree = parse_text(source)
    if not isinstance(value, dict) or not isinstance(value.get("protocol"), str):
        raise _problem(tree, ROOT, "not a protocol: there is no name of one", 'add a "protocol"')
    name, given = str(value["protocol"]), value.get("namespace")
    namespace = name.rpartition(".")[0] or (given if isinstance(given, str) else "")
    types, messages = value.get("types", []), value.get("messages", {})
    if not isinstance(types, list):
        raise _problem(tree, Pointer("/types"), "the types are no array", "write an array")
    wrong = next((at for at, type_ in enumerate(types) if not _is_definition(type_)), None)
    if wrong is not None:
        at = Pointer(f"/types/{wrong}")
        advice = "define a record, an error, an enum or a fixed"
        raise _problem(tree, at, "a protocol defines named types only", advice)
    places = Places()
    node = tree.find(Pointer("/types"))
    if node is not None:
        places.take(types, node)
    definitions: list[JsonDict] = [type_ for type_ in types if isinstance(type_, dict)]
    own: JsonValue = arranged(definitions, namespace, places)
    if node is not None:
        places.of_value[id(own)] = node.range
    document = translated(own, places, source)
    return Protocol(document, len(messages) if isinstance(messages, dict) else 0)


def _is_definition(type_: JsonValue) -> bool:
    return (
        isinstance(type_, dict)
        and type_.get("type") in ("record", "error", "enum", "fixed")
        and isinstance(type_.get("name"), str)
    )


def _problem(tree: Tree, at: Pointer, message: str, advice: str) -> SchemaParseError:
    return SchemaParseError([Problem(message, "not-a-protocol", at, *tree.locate(at), advice)])
