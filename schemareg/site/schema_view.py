"""A schema as a page shows it: one section per named type, its fields in a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Schema,
    Union,
    parts,
    walk,
)
from schemareg.lazy_dataclass import dataclass
from schemareg.syntax import deeper_than, format_text

_LOGICAL_PARAMETERS: Final = ("precision", "scale")
DEPTH_INDENTED_MAX = 60
"""Beyond this a text of some length would mostly be made of its indentation."""


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a type's description; with `type_name` it is a use of that named type."""

    text: str
    type_name: str | None = None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field; `default` is its JSON text, None where the field must be written."""

    name: str
    type: tuple[Word, ...]
    logical: str
    default: str | None
    doc: str
    aliases: tuple[str, ...]
    extras: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TypeSection:
    """A named type that the text defines, or (`kind` other) the nameless root."""

    fullname: str
    kind: str
    doc: str
    aliases: tuple[str, ...]
    fields: tuple[FieldRow, ...] = ()
    symbols: tuple[str, ...] = ()
    default_symbol: str | None = None
    size_bytes: int | None = None
    description: tuple[Word, ...] = ()


@lru_cache(maxsize=64)
def sections(schema: Schema) -> tuple[TypeSection, ...]:
    """The types of `schema` in text order, the root first."""
    return tuple(_sections(schema))


def _sections(schema: Schema) -> Iterator[TypeSection]:
    if isinstance(schema.root, Primitive | Array | Map | Union):
        yield TypeSection("", schema.root.kind, "", (), description=tuple(words(schema.root)))
    for node in walk(schema):
        if isinstance(node, Record | Enum | Fixed):
            yield section_of(node)


def section_of(node: NamedType) -> TypeSection:
    """The section of one named type."""
    common = (node.fullname, node.kind, node.doc or "", node.aliases)
    match node:
        case Record():
            return TypeSection(*common, fields=tuple(_row(field) for field in node.fields))
        case Enum():
            return TypeSection(*common, symbols=node.symbols, default_symbol=node.default)
        case Fixed():
            return TypeSection(*common, size_bytes=node.size, description=tuple(words(node)))


def _row(field: Field) -> FieldRow:
    return FieldRow(
        name=field.name,
        type=tuple(words(field.type)),
        logical=", ".join(_logical_names(field.type)),
        default=None if field.default is None else _json(field.default.value),
        doc=field.doc or "",
        aliases=field.aliases,
        extras=tuple((name, _json(value)) for name, value in field.props.items()),
    )


def words(node: Node) -> Iterator[Word]:
    """What `node` is, in words: `array of`, `or` between a union's branches, names as uses."""
    match node:
        case Primitive():
            yield Word(node.kind)
        case NameRef():
            yield Word(node.fullname, node.fullname)
        case Record() | Enum() | Fixed():
            yield Word(node.fullname, node.fullname)
        case Array():
            yield Word("array of ")
            yield from _grouped(node.items)
        case Map():
            yield Word("map of ")
            yield from _grouped(node.values)
        case Union():
            for i, branch in enumerate(node.branches):
                if i:
                    yield Word(" or ")
                yield from words(branch)


def _grouped(node: Node) -> Iterator[Word]:
    if not isinstance(node, Union):
        yield from words(node)
        return
    yield Word("(")
    yield from words(node)
    yield Word(")")


def _logical_names(node: Node) -> Iterator[str]:
    """The logical types written in `node` itself, not in types that it names."""
    for part in parts(node):
        if isinstance(part, Primitive | Fixed):
            yield from _logical_name(part.props)


def _logical_name(props: Mapping[str, JsonValue]) -> Iterator[str]:
    name = props.get("logicalType")
    if isinstance(name, str):
        given = [str(props[key]) for key in _LOGICAL_PARAMETERS if key in props]
        yield f"{name}({', '.join(given)})" if given else name


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=64)
def pretty(text: str) -> str:
    """The schema's JSON, indented; as it is where that is no JSON or nests too deep to indent."""
    if deeper_than(text, DEPTH_INDENTED_MAX) is not None:
        return text
    try:
        json.loads(text)
    except ValueError:
        return text
    return format_text(text, flat=False).rstrip("\n")
