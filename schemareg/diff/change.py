"""One change between two schemas: what, where, from what to what, and whom it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schemareg.avro.schema import JsonValue
from schemareg.compat import Direction
from schemareg.places import Pointer


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


@dataclass(frozen=True, slots=True)
class Change:
    """One change at `path` (the new schema's names, dotted; the old one's for what is gone).

    `before` and `after` are what is compared (a type as text, a default as JSON, a name), None
    for what is not there; `old_pointer` and `new_pointer` point to it, or to what should hold it.
    `breaks` names the directions in which this change alone stops a reader.
    """

    kind: ChangeKind
    path: str
    before: JsonValue
    after: JsonValue
    old_pointer: Pointer
    new_pointer: Pointer
    impact: Impact
    breaks: tuple[Direction, ...] = ()
    subject: str = ""
    """What of the place: the property's name; "" elsewhere."""

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
