"""Fields that the versions of a schema have in common: parsed for one, and used by the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from schemareg.avro.schema import BARE_PRIMITIVES, Field, JsonDict, JsonValue, Node, Record

SharedFields: TypeAlias = Mapping[str, tuple[JsonDict, Field]]
NO_FIELDS: SharedFields = {}
_KEYS = frozenset(("name", "type", "doc", "default"))
NULL_AND_ANOTHER = 2


def shared_fields(value: JsonValue, root: Node) -> SharedFields:
    """The plain fields of the record `root`, which `value` was parsed as without a problem.

    Each is under its name, with its JSON: equal JSON in another record is the same field, whatever
    is around it.
    """
    if not isinstance(root, Record) or not isinstance(value, dict):
        return NO_FIELDS
    values = value["fields"]
    assert isinstance(values, list)
    return {
        field.name: (own, field)
        for own, field in zip(values, root.fields, strict=True)
        if isinstance(own, dict) and _is_plain(own)
    }


def same_field(value: JsonValue, shared: SharedFields) -> Field | None:
    """The one of `shared` that `value` describes; None where that is none of them."""
    name = value.get("name") if isinstance(value, dict) else None
    if isinstance(name, str) and name in shared and shared[name][0] == value:
        return shared[name][1]
    return None


def _is_plain(value: JsonDict) -> bool:
    """Whether a field means the same everywhere, and its JSON equals no other (`1 == True`)."""
    if not value.keys() <= _KEYS or not isinstance(value.get("doc", ""), str):
        return False
    default, kind, name = value.get("default"), value["type"], value["name"]
    if default is not None and not isinstance(default, str):
        return False
    if isinstance(kind, list) and len(kind) == NULL_AND_ANOTHER and kind[0] == "null":
        kind = kind[1]
    if not isinstance(kind, str) or kind not in BARE_PRIMITIVES:
        return False
    return isinstance(name, str) and name.isascii() and name.isidentifier()
