"""Schemas that are equal in all that they say, found without walking shared references twice."""

from __future__ import annotations

from collections.abc import Callable

from schemareg.avro.schema import Node, Record, Schema


def source_text(schema: Schema) -> str:
    """The text as it was given."""
    return schema.text


def _outside(node: Node) -> object:
    """What every spelling of a record shows of its fields: lengths, since a spelling replaces
    characters that have none of their own.
    """
    if not isinstance(node, Record):
        return node.kind
    return [(len(f.name), None if f.doc is None else len(f.doc)) for f in node.fields]


class Contents:
    """Numbers of schemas: equal where their texts, and those of all they refer to, are equal.

    Schemas that share references make a graph with exponentially many ways through it; each is
    looked at once. `text` decides what counts as a schema's text.
    """

    __slots__ = ("_known", "_numbers", "_text")

    def __init__(self, text: Callable[[Schema], str] = source_text) -> None:
        self._text = text
        self._known: dict[int, tuple[Schema, int]] = {}
        self._numbers: dict[tuple[str, tuple[int, ...]], int] = {}

    def are_equal(self, one: Schema, other: Schema) -> bool:
        """Whether both have one number; where their fields differ, that is seen without one."""
        return _outside(one.root) == _outside(other.root) and (
            self.number(one) == self.number(other)
        )

    def number(self, schema: Schema) -> int:
        """The number of `schema`, which is kept alive by being known."""
        known = self._known.get(id(schema))
        if known is not None:
            return known[1]
        # their order says nothing: a project has them by path, a registry by name
        key = self._text(schema), tuple(sorted(self.number(r) for r in schema.references))
        number = self._numbers.setdefault(key, len(self._numbers))
        self._known[id(schema)] = schema, number
        return number
