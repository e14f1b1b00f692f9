"""Normalization: one spelling for schemas that differ in what no reader can see.

Source: Confluent, "Schema normalization"; the order of properties as 8.3.1 writes it.
"""

from __future__ import annotations

import json

from schemareg.avro.depth import with_room
from schemareg.avro.schema import JsonValue

_LOGICAL = ("logicalType", "precision", "scale")
_NAMED = ("record", "error", "enum", "fixed")


def normal_text(text: str) -> str:
    """The canonical text with properties in order, aliases sorted and empty docs dropped."""
    return with_room(
        lambda: json.dumps(_type(json.loads(text)), separators=(",", ":"), ensure_ascii=False)
    )


def _type(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_type(branch) for branch in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    normal: dict[str, JsonValue] = {}
    for key in _property_order(value):
        member = value[key]
        if key in ("items", "values") or (key == "type" and not isinstance(kind, str)):
            normal[key] = _type(member)
        elif key == "fields" and isinstance(member, list):
            normal[key] = [_field(field) for field in member]
        elif key == "type" and kind == "error":
            normal[key] = "record"
        elif key == "doc" and member == "" and kind in _NAMED:
            continue
        elif key == "aliases" and isinstance(member, list):
            normal[key] = sorted(member, key=str)
        else:
            normal[key] = _sorted(member)
    return normal


def _field(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    normal: dict[str, JsonValue] = {}
    for key in _property_order(value):
        member = value[key]
        if key == "type":
            normal[key] = _type(member)
        elif key == "aliases" and isinstance(member, list):
            normal[key] = sorted(member, key=str)
        elif key == "default":
            normal[key] = _default(value.get("type"), member)
        else:
            normal[key] = _sorted(member)
    return normal


def _default(type_: JsonValue, value: JsonValue) -> JsonValue:
    """A default as its type writes it: whole numbers of floating types get their fraction."""
    if isinstance(type_, list):
        return _default(type_[0], value) if type_ else value
    if isinstance(type_, dict):
        kind = type_.get("type")
        if kind == "array" and isinstance(value, list):
            return [_default(type_.get("items"), item) for item in value]
        if kind == "map" and isinstance(value, dict):
            return {key: _default(type_.get("values"), value[key]) for key in sorted(value)}
        fields = type_.get("fields")
        if kind in ("record", "error") and isinstance(value, dict) and isinstance(fields, list):
            types = {f["name"]: f.get("type") for f in fields if isinstance(f, dict)}
            return {key: _default(types.get(key), value[key]) for key in sorted(value)}
        type_ = kind
    if type_ in ("float", "double") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _sorted(value)


def _property_order(value: dict[str, JsonValue]) -> list[str]:
    return [key for key in _LOGICAL if key in value] + sorted(set(value) - set(_LOGICAL))


def _sorted(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return value
