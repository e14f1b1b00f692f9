"""Types in Avro IDL: references, and what is written out in the place of a type.

Source: Avro specification 1.12, "IDL Language", "Primitive Types" to "Complex Types".
"""

from __future__ import annotations

from typing import NamedTuple

from schemareg.avro.idl.cursor import Reader
from schemareg.avro.idl.tokens import Token
from schemareg.avro.idl.values import read_value
from schemareg.avro.schema import PRIMITIVES, JsonDict, JsonValue
from schemareg.places import Range

_LOGICAL = {
    "date": ("int", "date"),
    "time_ms": ("int", "time-millis"),
    "timestamp_ms": ("long", "timestamp-millis"),
    "local_timestamp_ms": ("long", "local-timestamp-millis"),
    "uuid": ("string", "uuid"),
}


class Annotation(NamedTuple):
    """`@name(value)`; `at` is all of it, `name_at` the name."""

    name: str
    value: JsonValue
    at: Range
    name_at: Range


class IdlType(NamedTuple):
    """A type as JSON with its place; `is_optional`: it was written as `T?`."""

    value: JsonValue
    at: Range
    is_optional: bool = False


def read_annotations(reader: Reader) -> list[Annotation]:
    """The annotations that come next."""
    found: list[Annotation] = []
    while reader.peek().text == "@":
        start = reader.next()
        name = reader.identifier("an annotation")
        reader.expect("(")
        value = read_value(reader)
        reader.expect(")")
        found.append(Annotation(name.name, value, reader.since(start.at.start), name.at))
    return found


def annotate(reader: Reader, target: JsonDict, annotations: list[Annotation]) -> None:
    """Puts the annotations into `target`."""
    for own in annotations:
        target[own.name] = own.value
        reader.places.of_member[id(target), own.name] = (own.at, own.name_at)


def read_type(reader: Reader) -> IdlType:
    """The type that comes next, with its annotations."""
    start = reader.peek().at.start
    annotations = read_annotations(reader)
    plain = read_plain_type(reader, annotations)
    return plain._replace(at=reader.since(start))


def read_plain_type(reader: Reader, annotations: list[Annotation]) -> IdlType:
    token = reader.next()
    if token.kind != "word":
        raise reader.unexpected(token, "a type")
    with reader.nested(token):
        match token.text:
            case "array" | "map" as kind if reader.peek().text == "<":
                value: JsonValue = _container(reader, token, kind)
            case "union" if reader.peek().text == "{":
                value = _union(reader, token)
                if annotations:
                    raise _not_annotated(reader, token, "a union")
            case _:
                return _nullable(reader, token, annotations)
    if isinstance(value, dict):
        annotate(reader, value, annotations)
    return IdlType(value, reader.since(token.at.start))


def _container(reader: Reader, token: Token, kind: str) -> JsonDict:
    reader.expect("<")
    inner = read_type(reader)
    reader.expect(">")
    key = "items" if kind == "array" else "values"
    value: JsonDict = {"type": kind, key: inner.value}
    reader.places.of_value[id(value)] = reader.since(token.at.start)
    reader.places.of_member[id(value), key] = (inner.at, None)
    return value


def _union(reader: Reader, token: Token) -> list[JsonValue]:
    reader.expect("{")
    branches: list[JsonValue] = []
    while not reader.takes("}"):
        if branches:
            reader.expect(",")
        branch = read_type(reader)
        branches.append(branch.value)
        reader.places.of_member[id(branches), len(branches) - 1] = (branch.at, None)
    reader.places.of_value[id(branches)] = reader.since(token.at.start)
    return branches


def _nullable(reader: Reader, token: Token, annotations: list[Annotation]) -> IdlType:
    value = _primitive(reader, token)
    if value is None:
        if annotations:
            raise _not_annotated(reader, token, "a type by its name")
        value = token.name
    elif annotations:
        value = value if isinstance(value, dict) else {"type": value}
        annotate(reader, value, annotations)
    own = reader.since(token.at.start)
    if isinstance(value, dict):
        reader.places.of_value[id(value)] = own
    if not reader.takes("?"):
        return IdlType(value, own)
    union: list[JsonValue] = ["null", value]
    reader.places.of_value[id(union)] = reader.since(token.at.start)
    reader.places.of_member[id(union), 1] = (own, None)
    return IdlType(union, own, is_optional=True)


def _primitive(reader: Reader, token: Token) -> JsonValue:
    """The primitive or logical type that `token` names; None where it is another name."""
    name = token.text
    if name in PRIMITIVES:
        return name
    if name in _LOGICAL:
        type_, logical = _LOGICAL[name]
        return {"type": type_, "logicalType": logical}
    if name == "decimal" and reader.peek().text == "(":
        reader.expect("(")
        precision, scale = _digits(reader), 0
        if reader.takes(","):
            scale = _digits(reader)
        reader.expect(")")
        return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    return None


def _digits(reader: Reader) -> int:
    token = reader.peek()
    value = read_value(reader)
    if not isinstance(value, int) or isinstance(value, bool):
        raise reader.unexpected(token, "a whole number")
    return value


def _not_annotated(reader: Reader, token: Token, what: str) -> Exception:
    message = f"{what} has no annotations of its own"
    return reader.refusal(token, message, "put them at the definition, or at the field's name")
