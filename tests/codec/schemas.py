"""Schemas that several tests of the codec use."""

from __future__ import annotations

from typing import Any


def record(name: str, *fields: tuple[str, Any]) -> Any:
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields]}


INNER = record("Inner", ("x", "int"))
OTHER = record("Other", ("x", "int"))
LIST = record("List", ("value", "int"), ("next", ["null", "List"]))
