"""Text -> Schema, accepting and refusing as Avro Java does; all problems of a text at once.

Source: Avro 1.12.1 `Schema.Parser` and `ParseContext`; Avro 1.11.5 `Schema.Names`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from schemareg.avro import forward, shape, source
from schemareg.avro.canonical import json_text
from schemareg.avro.defaults import NotYetDefinedError, fits, java_double
from schemareg.avro.depth import with_room
from schemareg.avro.names import NameRule
from schemareg.avro.refusals import Holder, JsonObject, Key, Refusals
from schemareg.avro.schema import (
    PRIMITIVES,
    Array,
    Default,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NameRef,
    Node,
    Order,
    Primitive,
    Props,
    Record,
    Schema,
    Union,
)
from schemareg.avro.scope import Scope, types_of
from schemareg.errors import UsageError, did_you_mean

AVRO_VERSIONS = ("1.11", "1.12")
_PRIMITIVES = frozenset(PRIMITIVES)
_RESERVED = frozenset(
    ("doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases")
)
_ENUM_RESERVED = _RESERVED | {"default"}
_FIELD_RESERVED = frozenset(("default", "doc", "name", "order", "type", "aliases"))
_ORDERS = ("ascending", "descending", "ignore")
_NO_PROPS: Props = {}
_MAX_FIXED_BYTES = 2**31 - 1 - 8
_LONG = range(-(2**63), 2**63)


def parse(
    text: str | bytes,
    *,
    avro_version: str = "1.12",
    references: Sequence[Schema] = (),
    names: NameRule = "utf",
    validate_defaults: bool = True,
) -> Schema:
    """The schema that `text` describes, by the rules of Avro Java `avro_version` (1.11 or 1.12).

    The types of `references`, and of theirs, are known by full name. `names` is the rule for
    names: Java's letters and digits, ASCII only, or anything; a Confluent registry reads new
    schemas `strict`, stored ones with `none` and without `validate_defaults`.

    Raises:
        SchemaParseError: with every problem of the text, each with its place.
        UsageError: `avro_version` is neither.
    """
    if avro_version not in AVRO_VERSIONS:
        raise UsageError(
            f"unknown Avro version {avro_version!r}",
            advice=did_you_mean(avro_version, AVRO_VERSIONS),
        )
    chars = source.decode_text(text)
    value = source.load(chars)
    known = types_of(references) if references else {}

    def walked() -> _Walker:
        scope = Scope(known, names, Refusals(), is_1_11=avro_version == "1.11")
        walker = _Walker(scope, validate_defaults=validate_defaults)
        walker.walk(value)
        return walker

    walker = with_room(walked)
    if walker.refusals:
        raise walker.refusals.error(value, chars)
    schema = Schema(walker.root, walker.scope.names_in_order(), chars, references)
    if walker.scope.pending:
        with_room(lambda: shape.close(schema))
    return schema


class _Walker:
    """One pass over the JSON value of a text, building its nodes."""

    __slots__ = ("deep_defaults", "is_1_11", "refusals", "root", "scope", "validate_defaults")
    root: Node

    def __init__(self, scope: Scope, *, validate_defaults: bool) -> None:
        self.scope = scope
        self.refusals = scope.refusals
        self.is_1_11 = scope.is_1_11
        self.validate_defaults = validate_defaults
        self.deep_defaults: dict[int, JsonObject] = {}

    def walk(self, value: JsonValue) -> None:
        self.root = self.node(value, None, None)
        self.scope.resolve_pending()
        if self.deep_defaults and self.scope.pending and not self.is_1_11 and not self.refusals:
            open_refs = {id(ref) for ref, *_ in self.scope.pending}
            for field in forward.unfit_defaults(
                self.root, self.scope.names, open_refs, set(self.deep_defaults)
            ):
                self.refuse_default(field, self.deep_defaults[id(field)])

    def node(self, value: JsonValue, holder: Holder, key: Key) -> Node:
        """The type that `value` describes; a refused one is a `null` of its own."""
        if isinstance(value, str):
            return Primitive(value) if value in _PRIMITIVES else self.scope.use(value, holder, key)
        if isinstance(value, dict):
            return self.object(value)
        if isinstance(value, list):
            return self.union(value)
        shown = "null" if value is None else repr(value)
        self.refusals.add(
            holder, key, "not-a-schema", f"{shown} is not a schema",
            "a schema is a type name, an object with a type, or an array of branches",
        )  # fmt: skip
        return Primitive("null")

    def object(self, value: JsonObject) -> Node:
        kind = value.get("type")
        if not isinstance(kind, str):
            if kind is None:
                message, key, advice = "an object without a type", None, 'add a "type"'
            else:
                message, key = "the type of an object must be a word", "type"
                advice = "write what stands there without the object around it"
            self.refusals.add(value, key, "not-a-schema", message, advice)
            return Primitive("null")
        if kind in _PRIMITIVES:
            return Primitive(kind, _props(value, _RESERVED))
        match kind:
            case "record" | "error":
                return self.record(value, is_error=kind == "error")
            case "enum":
                return self.enum(value)
            case "array":
                items = self.part(value, "items")
                return Array(items, self.copied_props(value), shape.of_array(items))
            case "map":
                values = self.part(value, "values")
                return Map(values, self.copied_props(value), shape.of_map(values))
            case "fixed":
                return self.fixed(value)
            case _:
                return self.scope.use(kind, value, "type", of_object=True)

    def part(self, value: JsonObject, key: str) -> Node:
        if key in value:
            return self.node(value[key], value, key)
        self.refusals.add(
            value, None, "missing-attribute", f"{value['type']} without {key}", f'add "{key}"'
        )
        return Primitive("null")

    def union(self, value: list[JsonValue]) -> Union:
        branches: list[Node] = []
        labels: set[str] = set()
        for i, part in enumerate(value):
            branch = self.node(part, value, i)
            branches.append(branch)
            kind = branch.kind
            if kind == "union":
                self.refusals.add(
                    value, i, "nested-union", "a union directly inside a union",
                    "write its branches into the outer one",
                )  # fmt: skip
                continue
            label = branch.fullname if isinstance(branch, _NAMED) else kind
            if label in labels:
                self.refusals.add(
                    value, i, "duplicate-branch", f"{label!r} stands twice in one union",
                    "a union may hold each type once; two arrays or maps go into records",
                )  # fmt: skip
            labels.add(label)
        return Union(tuple(branches), shape.of_union(branches))

    def copied_props(self, value: JsonObject) -> Props:
        """Properties of a record, array or map, which Avro 1.12 copies and cannot always."""
        props = _props(value, _RESERVED)
        if props and not self.is_1_11:
            for key, prop in props.items():
                if _holds_huge_integer(prop):
                    self.refusals.add(
                        value, key, "huge-number", f"{key!r} holds an integer beyond 64 bits",
                        "write it as a string",
                    )  # fmt: skip
        return props

    def record(self, value: JsonObject, *, is_error: bool) -> Record:
        name, space = self.scope.name_of(value)
        record = Record(
            name, space, self.scope.type_aliases(value, space), _text(value, "doc"), _NO_PROPS
        )
        record.is_error = is_error
        record.fields = ()
        self.scope.opened.append(record.fullname)
        if self.is_1_11:
            self.scope.define(record, value)
        self.scope.unfinished.add(id(record))
        outer, self.scope.namespace = self.scope.namespace, space
        fields = value.get("fields")
        if isinstance(fields, list):
            record.fields = self.fields(fields)
        else:
            self.refusals.add(
                value, None if fields is None else "fields", "missing-attribute",
                f"record {name!r} without fields", 'add "fields": []',
            )  # fmt: skip
        self.scope.namespace = outer
        self.scope.unfinished.discard(id(record))
        record.props = self.copied_props(value)
        shape.settle(record)
        self.scope.define(record, value)
        return record

    def fields(self, values: list[JsonValue]) -> tuple[Field, ...]:
        fields: list[Field] = []
        names: set[str] = set()
        for i, value in enumerate(values):
            if not isinstance(value, dict):
                self.refusals.add(values, i, "not-a-field", "a field must be an object")
                continue
            field = self.field(value)
            if field.name in names:
                self.refusals.add(
                    value, "name", "duplicate-field", f"field {field.name!r} stands twice",
                    "rename one of them",
                )  # fmt: skip
            names.add(field.name)
            fields.append(field)
        return tuple(fields)

    def field(self, value: JsonObject) -> Field:
        name = value.get("name")
        if isinstance(name, str):
            if not (name.isascii() and name.isidentifier()):
                self.scope.check_name(name, value, "name", "field name")
        else:
            self.refusals.add(
                value, None, "missing-attribute", "a field without a name", 'add a "name"'
            )
            name = ""
        problems = len(self.refusals)
        if "type" in value:
            field = Field(name, self.node(value["type"], value, "type"))
        else:
            self.refusals.add(
                value, None, "missing-attribute", f"field {name!r} without a type", 'add a "type"'
            )
            field = Field(name, Primitive("null"))
        if len(value) > _BARE_FIELD:
            self.attributes(field, value, is_sound=len(self.refusals) == problems)
        return field

    def attributes(self, field: Field, value: JsonObject, *, is_sound: bool) -> None:
        """What a field has beside its name and type."""
        expected = 2
        if "default" in value:
            expected += 1
            field.default = Default(value["default"])
            if is_sound:
                self.check_default(field, value)
        if "doc" in value:
            expected += 1
            field.doc = _text(value, "doc")
        if "aliases" in value:
            expected += 1
            field.aliases = self.scope.aliases(value)
        if "order" in value:
            expected += 1
            order = value["order"]
            word = order.lower() if isinstance(order, str) else None
            if word in _ORDERS:
                field.order = cast(Order, word)
            else:
                self.refusals.add(
                    value, "order", "invalid-order", f"{order!r} is no sort order",
                    "write ascending, descending or ignore",
                )  # fmt: skip
        if len(value) > expected:
            field.props = _props(value, _FIELD_RESERVED)

    def check_default(self, field: Field, value: JsonObject) -> None:
        given = value["default"]
        node = field.type
        if isinstance(given, str) and node.kind in ("float", "double"):
            number = java_double(given)
            if number is None:
                self.refuse_default(field, value)
                return
            field.default = Default(number)
        elif given is None and isinstance(node, Union) and _starts_with_null(node):
            return
        if not self.validate_defaults or field.default is None:
            return
        if isinstance(given, dict | list):
            self.deep_defaults[id(field)] = value
        try:
            fit = fits(
                field.default.value,
                node,
                first_branch=self.is_1_11,
                unfinished=self.scope.unfinished,
            )
        except NotYetDefinedError:
            fit = False
        if not fit:
            self.refuse_default(field, value)

    def refuse_default(self, field: Field, value: JsonObject) -> None:
        self.refusals.add(value, "default", *forward.default_refusal(field, is_1_11=self.is_1_11))

    def enum(self, value: JsonObject) -> Enum:
        name, space = self.scope.name_of(value)
        aliases = self.scope.type_aliases(value, space)
        enum = Enum(name, space, aliases, _text(value, "doc"), _props(value, _ENUM_RESERVED))
        enum.symbols = self.symbols(value, name)
        enum.default = _text(value, "default")
        if enum.default is not None and enum.default not in enum.symbols:
            self.refusals.add(
                value, "default", "invalid-default", f"{enum.default!r} is no symbol of {name!r}",
                "add it to the symbols, or choose one of them",
            )  # fmt: skip
        enum.shape = shape.of_enum(enum)
        self.scope.opened.append(enum.fullname)
        self.scope.define(enum, value)
        return enum

    def symbols(self, value: JsonObject, name: str) -> tuple[str, ...]:
        given = value.get("symbols")
        if not isinstance(given, list):
            self.refusals.add(
                value, None if given is None else "symbols", "missing-attribute",
                f"enum {name!r} without symbols", 'add "symbols": []',
            )  # fmt: skip
            return ()
        symbols: list[str] = []
        for i, symbol in enumerate(given):
            if not isinstance(symbol, str):
                self.refusals.add(given, i, "invalid-name", "a symbol must be a string")
                continue
            self.scope.check_name(symbol, given, i, "symbol")
            if symbol in symbols:
                self.refusals.add(
                    given, i, "duplicate-symbol", f"symbol {symbol!r} stands twice", "remove one"
                )
            symbols.append(symbol)
        return tuple(symbols)

    def fixed(self, value: JsonObject) -> Fixed:
        name, space = self.scope.name_of(value)
        aliases = self.scope.type_aliases(value, space)
        fixed = Fixed(name, space, aliases, _text(value, "doc"), _props(value, _RESERVED))
        size = value.get("size")
        if type(size) is int and 0 <= size <= _MAX_FIXED_BYTES:
            fixed.size = size
        else:
            fixed.size = 0
            what = f"fixed {name!r} without a size"
            self.refusals.add(
                value, "size" if "size" in value else None, "invalid-size",
                what if "size" not in value else f"{json_text(size)} is no size",
                f"a size is a whole number of bytes from 0 to {_MAX_FIXED_BYTES}",
            )  # fmt: skip
        fixed.shape = shape.of_fixed(fixed)
        self.scope.opened.append(fixed.fullname)
        self.scope.define(fixed, value)
        return fixed


_NAMED = (NameRef, Record, Enum, Fixed)
_BARE_FIELD = 2


def _starts_with_null(union: Union) -> bool:
    return bool(union.branches) and union.branches[0].kind == "null"


def _text(value: JsonObject, key: str) -> str | None:
    text = value.get(key)
    return text if isinstance(text, str) else None


def _props(value: JsonObject, reserved: frozenset[str]) -> Props:
    if value.keys() <= reserved:
        return _NO_PROPS
    return {k: v for k, v in value.items() if k not in reserved}


def _holds_huge_integer(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_huge_integer, value.values()))
    if isinstance(value, list):
        return any(map(_holds_huge_integer, value))
    return type(value) is int and value not in _LONG
