"""Edits that several rules propose."""

from __future__ import annotations

import json
from collections.abc import Sequence

from schemareg.lint.sites import FieldSite
from schemareg.places import Pointer, child
from schemareg.syntax import Insert, Remove, Rename, Replace
from schemareg.syntax.edits import Edit


def null_first(site: FieldSite) -> tuple[Edit, ...] | None:
    """What puts null first in the union of a field; nothing to do where it is there already.

    None where the type is not written as a list with null in it.
    """
    written = site.value.get("type")
    if not isinstance(written, list) or "null" not in written:
        return None
    at = written.index("null")
    union = child(site.pointer, "type")
    return (Remove(child(union, at)), Insert(union, '"null"', index=0)) if at else ()


def default_null(site: FieldSite) -> tuple[Edit, ...] | None:
    """What gives a nullable field the default null, behind its type; null comes first then."""
    order = null_first(site)
    if order is None:
        return None
    behind = list(site.value).index("type") + 1
    return (*order, Insert(site.pointer, "null", key="default", index=behind))


def without_alias(pointer: Pointer, aliases: Sequence[object], alias: object) -> tuple[Edit, ...]:
    """What removes `alias` from the aliases of the field or type at `pointer`."""
    own = child(pointer, "aliases")
    places = [child(own, at) for at, other in enumerate(aliases) if other == alias]
    return (Remove(own),) if len(places) == len(aliases) else tuple(map(Remove, places))


def renamed_key(pointer: Pointer, key: str, new: str) -> tuple[Edit, ...]:
    """What calls the member `key` of the object at `pointer` `new`."""
    return (Rename(child(pointer, key), new),)


def renamed_field(pointer: Pointer, old: str, new: str) -> tuple[Edit, ...]:
    """What calls the field at `pointer` `new`, with its old name as alias."""
    alias = json.dumps([old], ensure_ascii=False)
    return (
        Replace(child(pointer, "name"), json.dumps(new, ensure_ascii=False)),
        Insert(pointer, alias, key="aliases"),
    )
