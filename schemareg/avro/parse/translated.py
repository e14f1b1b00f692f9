"""Schemas translated from another text: a JSON value with the places of its parts in the source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import field

from schemareg.avro.depth import MAX_NESTING, with_room
from schemareg.avro.parse.parser import Document
from schemareg.avro.schema import JsonValue
from schemareg.errors import Problem, SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Range
from schemareg.syntax import Node, TextEdit, Tree, parse_text
from schemareg.syntax.edits import Edit


@dataclass(frozen=True, slots=True)
class Places:
    """Where the objects, the arrays and the members of a JSON value are in the source.

    Objects and arrays are known by identity, so the value must outlive this; a place moves with
    them when they are put elsewhere. A member has the range of its value and of its key.
    """

    of_value: dict[int, Range] = field(default_factory=dict)
    of_member: dict[tuple[int, str | int], tuple[Range, Range | None]] = field(default_factory=dict)

    def inherit(self, source: JsonValue, target: JsonValue) -> None:
        """`target`, and its members that `source` has too, are where those are."""
        if id(source) in self.of_value:
            self.of_value[id(target)] = self.of_value[id(source)]
        for key in target if isinstance(target, dict) else ():
            if (place := self.of_member.get((id(source), key))) is not None:
                self.of_member[id(target), key] = place

    def take(self, value: JsonValue, node: Node) -> None:
        """`value` is what `node` of a syntax tree holds."""
        stack = [(value, node)]
        while stack:
            value, node = stack.pop()
            self.of_value[id(value)] = node.range
            for inner in node.children:
                key = inner.step if inner.step is not None else ""
                if isinstance(value, dict):
                    below = value.get(str(key))
                elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                    below = value[key]
                else:
                    continue
                self.of_member[id(value), key] = (inner.range, inner.key)
                if isinstance(below, dict | list):
                    stack.append((below, inner))


class TranslatedTree(Tree):
    """The nodes of a translated value at their places in the source, where JSON is no edit."""

    def text_edits(self, edits: Iterable[Edit]) -> list[TextEdit]:
        """Raises LookupError for any edit: the source is in another language."""
        if list(edits):
            raise LookupError("the source is in another language than the edit")
        return []


def translated(value: JsonValue, places: Places, source: str) -> Document:
    """The document of `value`, whose tree has the offsets of `source`.

    What has no place is where the value around it is.

    Raises:
        SchemaParseError: the value nests deeper than any schema text may, as types do that use
            each other in a long cycle.
    """
    _check_nesting(value, source)
    text = with_room(lambda: json.dumps(value, ensure_ascii=False))
    tree = parse_text(text)
    if tree.root is not None:
        _place(tree.root, value, places, Range(0, len(source)))
    return Document(text, value, TranslatedTree(source, tree.nodes))


def _check_nesting(value: JsonValue, source: str) -> None:
    level = [value]
    for _ in range(MAX_NESTING):
        level = [inner for each in level for inner in _held(each)]
        if not level:
            return
    message = f"its types use each other in a cycle that nests deeper than {MAX_NESTING} levels"
    place = Tree(source).position(0)
    raise SchemaParseError([Problem(message, "too-deep", ROOT, *place, "break the cycle")])


def _held(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _place(root: Node, value: JsonValue, places: Places, whole: Range) -> None:
    stack: list[tuple[Node, JsonValue, Range, Range | None]] = [(root, value, whole, None)]
    while stack:
        node, value, around, key = stack.pop()
        own = places.of_value.get(id(value), around)
        node.start, node.end, node.comma = own.start, own.end, -1
        node.key_span = None if key is None else (key.start, key.end)
        for inner in node.children:
            step = inner.step if inner.step is not None else ""
            below = value[step] if isinstance(value, dict) else value[int(step)]  # type: ignore[index]
            at, name = places.of_member.get((id(value), step), (own, None))
            stack.append((inner, below, at, name))
