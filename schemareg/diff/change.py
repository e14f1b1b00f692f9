"""One change between two schemas: what, where, from what to what, and whom it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import field
from enum import StrEnum
from typing import ClassVar, NamedTuple

from schemareg.avro.schema import JsonValue, NameRef, Node, Schema, resolve
from schemareg.compat import Direction
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Pointer, child


class Impact(StrEnum):
    """The semantic-version class of a change.

    MAJOR: in one direction events cannot be read, or are read as something else. MINOR: both
    directions read, but what they see changes. PATCH: no event is read any differently.
    """

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


class ChangeKind(StrEnum):
    """What changed."""

    FIELD_ADDED = "field-added"
    FIELD_REMOVED = "field-removed"
    FIELD_RENAMED = "field-renamed"
    FIELDS_REORDERED = "fields-reordered"
    TYPE_WIDENED = "type-widened"
    TYPE_NARROWED = "type-narrowed"
    TYPE_CHANGED = "type-changed"
    NAME_CHANGED = "name-changed"
    SIZE_CHANGED = "size-changed"
    SYMBOL_ADDED = "symbol-added"
    SYMBOL_REMOVED = "symbol-removed"
    SYMBOLS_REORDERED = "symbols-reordered"
    BRANCH_ADDED = "branch-added"
    BRANCH_REMOVED = "branch-removed"
    BRANCHES_REORDERED = "branches-reordered"
    DEFAULT_ADDED = "default-added"
    DEFAULT_REMOVED = "default-removed"
    DEFAULT_CHANGED = "default-changed"
    LOGICAL_TYPE_CHANGED = "logical-type-changed"
    DOC_CHANGED = "doc-changed"
    SORT_ORDER_CHANGED = "sort-order-changed"
    ALIAS_ADDED = "alias-added"
    ALIAS_REMOVED = "alias-removed"
    PROPERTY_CHANGED = "property-changed"


class Place(NamedTuple):
    """A node of `schema`'s own text, or one of the fields of that record.

    `is_use`: it is the use of a type of another text, at which all that is in that one is placed.
    """

    schema: Schema
    node: Node
    field: int | None = None
    is_use: bool = False

    def inside(self, node: Node) -> Place:
        """The place of `node`, which is here or one step further in."""
        if self.is_use:
            return self
        if isinstance(node, NameRef) and not self.schema.defines(node.target):
            return Place(self.schema, node, is_use=True)
        return Place(self.schema, resolve(node))

    def at_field(self, index: int | None) -> Place:
        return self if self.is_use or index is None else self._replace(field=index)

    def pointer(self) -> Pointer:
        pointer = self.schema.pointer(self.node)
        return pointer if self.field is None else child(pointer, "fields", self.field)


@dataclass(frozen=True, slots=True)
class Change:
    """One change at `path` (the new schema's names, dotted; the old one's for what is gone).

    `before` and `after` are what is compared (a type as text, a default as JSON, a name), None
    for what is not there; `old_pointer` and `new_pointer` point to it, or to what should hold it:
    they cost a look into the text, which most changes never need.
    `breaks` names the directions in which this change alone stops a reader.
    """

    json_members: ClassVar = (
        "kind", "path", "before", "after", "old_pointer", "new_pointer", "impact", "breaks",
        "subject",
    )  # fmt: skip

    kind: ChangeKind
    path: str
    before: JsonValue
    after: JsonValue
    old_place: Place = field(compare=False, repr=False)
    new_place: Place = field(compare=False, repr=False)
    impact: Impact
    breaks: tuple[Direction, ...] = ()
    subject: str = ""
    """What of the place: the property's name; "" elsewhere."""

    @property
    def old_pointer(self) -> Pointer:
        return self.old_place.pointer()

    @property
    def new_pointer(self) -> Pointer:
        return self.new_place.pointer()

    def describe(self) -> str:
        """One line for a person, without the impact."""
        place = f"{self.path}: " if self.path else ""
        return place + self._what()

    def _what(self) -> str:
        before, after = _word(self.before), _word(self.after)
        match self.kind:
            case ChangeKind.FIELD_ADDED | ChangeKind.BRANCH_ADDED | ChangeKind.SYMBOL_ADDED:
                return f"{self._noun()} added: {after}"
            case ChangeKind.FIELD_REMOVED | ChangeKind.BRANCH_REMOVED | ChangeKind.SYMBOL_REMOVED:
                return f"{self._noun()} removed: {before}"
            case ChangeKind.FIELD_RENAMED:
                return f"field renamed from {before} to {after}"
            case ChangeKind.FIELDS_REORDERED | ChangeKind.SYMBOLS_REORDERED:
                return f"{self._noun()} in another order: {before}, now {after}"
            case ChangeKind.BRANCHES_REORDERED:
                return f"branches in another order: {before}, now {after}"
            case ChangeKind.TYPE_WIDENED | ChangeKind.TYPE_NARROWED:
                return f"type {self.kind.value.partition('-')[2]} from {before} to {after}"
            case ChangeKind.DEFAULT_ADDED:
                return f"default {_json(self.after)} added"
            case ChangeKind.DEFAULT_REMOVED:
                return f"default {_json(self.before)} removed"
            case ChangeKind.DEFAULT_CHANGED:
                return f"default changed from {_json(self.before)} to {_json(self.after)}"
            case ChangeKind.ALIAS_ADDED:
                return f"alias {after} added"
            case ChangeKind.ALIAS_REMOVED:
                return f"alias {before} removed"
            case ChangeKind.DOC_CHANGED if self.before is None:
                return "doc added"
            case ChangeKind.DOC_CHANGED if self.after is None:
                return "doc removed"
            case ChangeKind.DOC_CHANGED:
                return "doc changed"
            case ChangeKind.NAME_CHANGED if _short(before) == _short(after):
                return (
                    f"namespace changed: {before} is {after} now; `check` passes that, since Avro "
                    "compares short names, and readers that compare full names fail"
                )
            case ChangeKind.PROPERTY_CHANGED:
                return (
                    f"property {self.subject} changed from {_json(self.before)} "
                    f"to {_json(self.after)}"
                )
            case _:
                return f"{self._noun()} changed from {before} to {after}"

    def _noun(self) -> str:
        return " ".join(self.kind.value.split("-")[:-1])


def impact_of(changes: Iterable[Change]) -> Impact | None:
    """The heaviest impact among `changes`; None when nothing changed."""
    found = {change.impact for change in changes}
    return next((impact for impact in Impact if impact in found), None)


def _word(value: JsonValue) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else _json(value)


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)
