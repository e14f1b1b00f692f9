"""Text -> Schema, accepting and refusing as Avro Java does; all problems of a text at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from schemareg.avro import source
from schemareg.avro.schema import (
    PRIMITIVES,
    Array,
    Default,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    NameRef,
    Node,
    Order,
    Primitive,
    Props,
    Record,
    Schema,
    Union,
)
from schemareg.errors import Problem, SchemaParseError
from schemareg.places import ROOT, Pointer, child

NameRule = Literal["utf", "strict", "none"]
_PRIMITIVES = frozenset(PRIMITIVES)
_RESERVED = frozenset(
    ("doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases")
)
_ENUM_RESERVED = _RESERVED | {"default"}
_FIELD_RESERVED = frozenset(("default", "doc", "name", "order", "type", "aliases"))
_NO_PROPS: Props = {}

JsonObject = dict[str, JsonValue]
Holder = JsonObject | list[JsonValue]


def parse(
    text: str | bytes,
    *,
    avro_version: str = "1.12",
    references: Sequence[Schema] = (),
    names: NameRule = "utf",
    validate_defaults: bool = True,
) -> Schema:
    """The schema that `text` describes; `references` are known to it by full name.

    Raises:
        SchemaParseError: with every problem of the text.
    """
    chars = source.decode_text(text)
    value = source.load(chars)
    parser = _Parser(_types_of(references))
    root = parser.type(value, [value], 0)
    parser.resolve_names()
    if parser.problems:
        raise SchemaParseError([p.at(_pointers(value)) for p in parser.problems])
    return Schema(root, parser.names, chars, references)


def _types_of(references: Sequence[Schema]) -> Mapping[str, NamedType]:
    known: dict[str, NamedType] = {}
    for schema in references:
        known.update(_types_of(schema.references))
        known.update(schema.names)
    return known


def _pointers(value: JsonValue) -> dict[int, Pointer]:
    """The pointer of every object and array in `value`, by identity."""
    found: dict[int, Pointer] = {}
    stack: list[tuple[JsonValue, Pointer]] = [(value, ROOT)]
    while stack:
        node, pointer = stack.pop()
        if isinstance(node, dict):
            found[id(node)] = pointer
            stack.extend((v, child(pointer, k)) for k, v in node.items())
        elif isinstance(node, list):
            found[id(node)] = pointer
            stack.extend((v, child(pointer, i)) for i, v in enumerate(node))
    return found


class _Found:
    """A problem whose place is still the object that holds the bad value."""

    def __init__(self, message: str, code: str, holder: Holder, key: str | int) -> None:
        self.message = message
        self.code = code
        self.holder = holder
        self.key = key

    def at(self, pointers: Mapping[int, Pointer]) -> Problem:
        base = pointers.get(id(self.holder))
        pointer = ROOT if base is None else child(base, self.key) if self.key != "" else base
        return Problem(self.message, self.code, pointer)


class _Parser:
    def __init__(self, known: Mapping[str, NamedType]) -> None:
        self.known = known
        self.names: dict[str, NamedType] = {}
        self.open: list[tuple[NameRef, Holder, str | int]] = []
        self.problems: list[_Found] = []
        self.namespace = ""

    def bad(self, message: str, code: str, holder: Holder, key: str | int = "") -> None:
        self.problems.append(_Found(message, code, holder, key))

    def resolve_names(self) -> None:
        for ref, holder, key in self.open:
            target = self.known.get(ref.fullname) or self.names.get(ref.fullname)
            if target is None:
                self.bad(f"unknown type {ref.fullname!r}", "unknown-type", holder, key)
            else:
                ref.target = target

    def type(self, value: JsonValue, holder: Holder, key: str | int) -> Node:
        if isinstance(value, str):
            return self.reference(value, holder, key)
        if isinstance(value, dict):
            return self.complex(value)
        if isinstance(value, list):
            return Union(tuple(self.type(b, value, i) for i, b in enumerate(value)))
        self.bad(f"not a schema: {value!r}", "not-a-schema", holder, key)
        return Primitive("null")

    def reference(self, name: str, holder: Holder, key: str | int) -> Node:
        if name in _PRIMITIVES:
            return Primitive(name)
        fullname = f"{self.namespace}.{name}" if self.namespace and "." not in name else name
        for candidate in (fullname, name):
            target = self.known.get(candidate) or self.names.get(candidate)
            if target is not None:
                ref = NameRef(candidate)
                ref.target = target
                return ref
        ref = NameRef(fullname)
        self.open.append((ref, holder, key))
        return ref

    def complex(self, value: JsonObject) -> Node:
        kind = value.get("type")
        match kind:
            case "record" | "error":
                return self.record(value, is_error=kind == "error")
            case "enum":
                return self.enum(value)
            case "fixed":
                return self.fixed(value)
            case "array":
                return Array(self.part(value, "items"), _props(value, _RESERVED))
            case "map":
                return Map(self.part(value, "values"), _props(value, _RESERVED))
            case str() if kind in _PRIMITIVES:
                return Primitive(kind, _props(value, _RESERVED))
            case _:
                self.bad(f"not a type: {kind!r}", "unknown-type", value)
                return Primitive("null")

    def part(self, value: JsonObject, key: str) -> Node:
        if key not in value:
            self.bad(f"no {key!r}", "missing-attribute", value)
            return Primitive("null")
        return self.type(value[key], value, key)

    def name(self, value: JsonObject) -> tuple[str, str]:
        name = value.get("name")
        if not isinstance(name, str):
            self.bad("no name", "missing-attribute", value)
            return "", ""
        space, dot, short = name.rpartition(".")
        if dot:
            return short, space
        given = value.get("namespace")
        return name, given if isinstance(given, str) else self.namespace

    def aliases(self, value: JsonObject) -> tuple[str, ...]:
        given = value.get("aliases")
        if given is None and "aliases" not in value:
            return ()
        if not isinstance(given, list) or not all(isinstance(a, str) for a in given):
            self.bad("aliases must be an array of strings", "invalid-aliases", value, "aliases")
            return ()
        return tuple(dict.fromkeys(cast(list[str], given)))

    def done(self, named: NamedType) -> None:
        self.names.setdefault(named.fullname, named)

    def record(self, value: JsonObject, *, is_error: bool) -> Record:
        name, space = self.name(value)
        record = Record(
            name, space, self.type_aliases(value, space), _doc(value), _props(value, _RESERVED)
        )
        record.is_error = is_error
        fields = value.get("fields")
        outer, self.namespace = self.namespace, space
        if isinstance(fields, list):
            record.fields = tuple(self.field(f) for f in fields if isinstance(f, dict))
        else:
            self.bad("record without fields", "missing-attribute", value)
            record.fields = ()
        self.namespace = outer
        self.done(record)
        return record

    def type_aliases(self, value: JsonObject, space: str) -> tuple[str, ...]:
        found = []
        for alias in self.aliases(value):
            own, dot, short = alias.rpartition(".")
            where = own if dot else space
            found.append(f"{where}.{short}" if where else f".{short}" if space else short)
        return tuple(dict.fromkeys(found))

    def enum(self, value: JsonObject) -> Enum:
        name, space = self.name(value)
        enum = Enum(
            name, space, self.type_aliases(value, space), _doc(value), _props(value, _ENUM_RESERVED)
        )
        symbols = value.get("symbols")
        if not isinstance(symbols, list) or not all(isinstance(s, str) for s in symbols):
            self.bad("enum without symbols", "missing-attribute", value)
            symbols = []
        enum.symbols = tuple(cast(list[str], symbols))
        default = value.get("default")
        enum.default = default if isinstance(default, str) else None
        self.done(enum)
        return enum

    def fixed(self, value: JsonObject) -> Fixed:
        name, space = self.name(value)
        fixed = Fixed(
            name, space, self.type_aliases(value, space), _doc(value), _props(value, _RESERVED)
        )
        size = value.get("size")
        if type(size) is not int:
            self.bad("fixed without a size", "missing-attribute", value)
            size = 0
        fixed.size = size
        self.done(fixed)
        return fixed

    def field(self, value: JsonObject) -> Field:
        name = value.get("name")
        if not isinstance(name, str):
            self.bad("field without a name", "missing-attribute", value)
            name = ""
        return Field(
            name,
            self.part(value, "type"),
            Default(value["default"]) if "default" in value else None,
            self.aliases(value),
            _doc(value),
            cast(Order, value.get("order", "ascending")),
            _props(value, _FIELD_RESERVED),
        )


def _doc(value: JsonObject) -> str | None:
    doc = value.get("doc")
    return doc if isinstance(doc, str) else None


def _props(value: JsonObject, reserved: frozenset[str]) -> Props:
    if value.keys() <= reserved:
        return _NO_PROPS
    return {k: v for k, v in value.items() if k not in reserved}
