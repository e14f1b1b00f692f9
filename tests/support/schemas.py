"""Schemas as JSON values, for tests."""

from __future__ import annotations

from typing import Any


def record(name: str, *fields: Any, **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **more}


def logical(base: Any, logical_type: str, **more: Any) -> dict[str, Any]:
    return {"type": base, "logicalType": logical_type, **more}
