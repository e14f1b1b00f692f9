"""Events as JSON for people, in files that are reviewed."""

from __future__ import annotations

import math
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID


def readable(event: Any) -> Any:
    """`event` as JSON for people: instants in ISO 8601, bytes as hex, what JSON lacks as text."""
    match event:
        case dict():
            return {key: readable(value) for key, value in event.items()}
        case tuple():  # a named branch of a union, and its value
            return readable(event[1])
        case list():
            return [readable(value) for value in event]
        case bytes():
            return event.hex(" ")
        case float() if not math.isfinite(event):
            return str(event)
        case date() | time():
            return event.isoformat()
        case Decimal() | UUID():
            return str(event)
        case _:
            return event
