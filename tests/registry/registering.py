"""A record's text, and registering it by HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx


def record(name: str, *fields: dict[str, Any]) -> str:
    return json.dumps({"type": "record", "name": name, "fields": list(fields)})


def register(client: httpx.Client, subject: str, text: str, **more: object) -> dict[str, Any]:
    answer = client.post(f"/subjects/{subject}/versions", json={"schema": text, **more})
    told: dict[str, Any] = answer.json()
    return told
