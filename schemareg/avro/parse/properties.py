"""Attributes that any part of a schema may have: texts, and properties that Avro does not name."""

from __future__ import annotations

from schemareg.avro.parse.problems import Problems
from schemareg.avro.schema import NO_PROPS, JsonDict, JsonValue, Props
from schemareg.integers import LONG

TYPE_ATTRIBUTES = frozenset(
    ("doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases")
)
ENUM_ATTRIBUTES = TYPE_ATTRIBUTES | {"default"}
FIELD_ATTRIBUTES = frozenset(("default", "doc", "name", "order", "type", "aliases"))


def text_of(value: JsonDict, key: str) -> str | None:
    """The text under `key`; None for anything else there, as Avro Java takes it."""
    text = value.get(key)
    return text if isinstance(text, str) else None


def properties(value: JsonDict, attributes: frozenset[str]) -> Props:
    """What `value` holds beside `attributes`, in order."""
    if value.keys() <= attributes:
        return NO_PROPS
    return {k: v for k, v in value.items() if k not in attributes}


def copied_properties(value: JsonDict, problems: Problems) -> Props:
    """Those of a record, array or map, which Avro 1.12 copies: an integer beyond 64 bits breaks it.

    Source: Avro 1.12.1, `SchemaResolver.ResolvingVisitor.copyProperties`.
    """
    props = properties(value, TYPE_ATTRIBUTES)
    for key, prop in props.items():
        if _holds_huge_integer(prop):
            problems.add(
                value, key, "huge-number", f"{key!r} holds an integer beyond 64 bits",
                "write it as a string",
            )  # fmt: skip
    return props


def _holds_huge_integer(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_huge_integer, value.values()))
    if isinstance(value, list):
        return any(map(_holds_huge_integer, value))
    return type(value) is int and value not in LONG
