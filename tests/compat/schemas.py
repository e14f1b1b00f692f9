"""Schemas from plain values."""

from __future__ import annotations

import json
from typing import Any

from schemareg.avro import Schema, parse


def schema(value: Any) -> Schema:
    return parse(json.dumps(value))


def decimal(precision: int, scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def logical(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "logicalType": name}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def enum(*symbols: str, name: str = "E", **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": symbols, **more}
