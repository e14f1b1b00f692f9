"""A schema with the types it refers to written into it, each where it is first used."""

from __future__ import annotations

from typing import assert_never

from schemareg.avro import Schema
from schemareg.avro.canonical import to_text
from schemareg.avro.depth import with_room
from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Union,
)


def resolved_text(schema: Schema) -> str:
    """The canonical text that needs no reference."""
    return with_room(lambda: _resolved_text(schema))


def _resolved_text(schema: Schema) -> str:
    inliner = _Inliner(set(schema.names))
    root = inliner.node(schema.root)
    return to_text(Schema(root, {**schema.names, **inliner.written}, schema.text))


class _Inliner:
    def __init__(self, defined: set[str]) -> None:
        self._defined = defined
        self.written: dict[str, NamedType] = {}

    def node(self, node: Node) -> Node:
        match node:
            case NameRef():
                if node.fullname in self._defined:
                    return node
                self._defined.add(node.fullname)
                return self.node(node.target)
            case Record():
                return self._record(node)
            case Enum() | Fixed():
                self.written[node.fullname] = node
                return node
            case Array():
                return Array(self.node(node.items), node.props)
            case Map():
                return Map(self.node(node.values), node.props)
            case Union():
                return Union(tuple(self.node(branch) for branch in node.branches))
            case Primitive():
                return node
            case _:
                assert_never(node)

    def _record(self, record: Record) -> Record:
        copy = Record(record.name, record.namespace, record.aliases, record.doc, record.props)
        copy.is_error = record.is_error
        self._defined.add(record.fullname)
        self.written[record.fullname] = copy
        copy.fields = tuple(
            Field(
                field.name,
                self.node(field.type),
                field.default,
                field.aliases,
                field.doc,
                field.order,
                field.props,
            )
            for field in record.fields
        )
        return copy
