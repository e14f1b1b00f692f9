"""The part of a schema that a consumer uses, as a reader schema of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeAlias, assert_never

from schemareg.avro import Schema, parse
from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    Node,
    Primitive,
    Record,
    Union,
    resolve,
)

Paths: TypeAlias = Mapping[str, "Paths"]
"""Names of fields, each with those used inside it; none: all of it."""


def projected(schema: Schema, fields: Iterable[str], *, event: str = "") -> Schema:
    """The reader schema with nothing but the dotted `fields` of `schema`.

    A type that is used in several places has the fields of all of them. Of a union of events only
    the one named `event` is reduced.
    """
    tree: dict[str, Paths] = {}
    for path in sorted(fields):
        inner = tree
        for name in path.split("."):
            inner = inner.setdefault(name, {})  # type: ignore[assignment]
    used = _Used(_whole(fields, tree))
    root = resolve(schema.root)
    if isinstance(root, Union) and event:
        for branch in root.branches:
            own = getattr(resolve(branch), "fullname", "") == event
            used.mark(branch, used.paths if own else {})
    else:
        used.mark(root, used.paths)
    return parse(json.dumps(_Writing(used.fields).node(root)), names="none")


def whole_json(schema: Schema) -> JsonValue:
    """`schema` as JSON with every type that it uses in full: no reference is needed to read it."""
    used = _Used({})
    used.mark(schema.root, {})
    return _Writing(used.fields).node(schema.root)


def _whole(fields: Iterable[str], tree: Mapping[str, Paths]) -> Paths:
    """`tree`, where a field that is named itself is used as a whole, whatever is named inside."""
    named = set(fields)

    def cut(paths: Paths, at: str) -> Paths:
        inner = {name: f"{at}.{name}" if at else name for name in paths}
        return {n: {} if path in named else cut(paths[n], path) for n, path in inner.items()}

    return cut(tree, "")


class _Used:
    """Gathers the fields used of each record; None: all of them."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.fields: dict[str, set[str] | None] = {}

    def mark(self, node: Node, paths: Paths) -> None:
        match type_ := resolve(node):
            case Record():
                self._mark_record(type_, paths)
            case Array():
                self.mark(type_.items, paths)
            case Map():
                self.mark(type_.values, paths)
            case Union():
                for branch in type_.branches:
                    self.mark(branch, paths)
            case _:
                pass

    def _mark_record(self, record: Record, paths: Paths) -> None:
        known = self.fields.setdefault(record.fullname, set())
        if not paths:
            if known is not None:
                self.fields[record.fullname] = None
                for field in record.fields:
                    self.mark(field.type, {})
            return
        for field in record.fields:
            if field.name in paths:
                if known is not None:
                    known.add(field.name)
                self.mark(field.type, paths[field.name])


class _Writing:
    """Writes types as JSON: what reading needs, each named type in full where it is first used."""

    def __init__(self, fields: Mapping[str, set[str] | None]) -> None:
        self._fields = fields
        self._known: set[str] = set()

    def node(self, node: Node) -> JsonValue:
        match type_ := resolve(node):
            case Primitive():
                return {"type": type_.kind, **type_.props}
            case Array():
                return {"type": "array", "items": self.node(type_.items), **type_.props}
            case Map():
                return {"type": "map", "values": self.node(type_.values), **type_.props}
            case Union():
                return [self.node(branch) for branch in type_.branches]
            case Record() | Enum() | Fixed():
                return self._named(type_)
            case _:
                assert_never(type_)

    def _named(self, type_: NamedType) -> JsonValue:
        if type_.fullname in self._known:
            return type_.fullname
        self._known.add(type_.fullname)
        value: dict[str, JsonValue] = {"type": type_.kind, "name": type_.name}
        value |= {"namespace": type_.namespace, **type_.props}
        if type_.aliases:
            value["aliases"] = list(type_.aliases)
        match type_:
            case Record():
                used = self._fields.get(type_.fullname)
                kept = [f for f in type_.fields if used is None or f.name in used]
                value["fields"] = [self._field(field) for field in kept]
            case Enum():
                value["symbols"] = list(type_.symbols)
                if type_.default is not None:
                    value["default"] = type_.default
            case Fixed():
                value["size"] = type_.size
        return value

    def _field(self, field: Field) -> JsonValue:
        value: dict[str, JsonValue] = {"name": field.name, "type": self.node(field.type)}
        if field.aliases:
            value["aliases"] = list(field.aliases)
        if field.default is not None:
            value["default"] = field.default.value
        return value
