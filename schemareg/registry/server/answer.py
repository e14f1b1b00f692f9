"""The kinds of answers, and the bytes that carry them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

from schemareg.avro.schema import JsonValue


@dataclass(frozen=True, slots=True)
class RawSchema:
    """A schema's text as the whole body."""

    text: str


class NoContent:
    """HTTP 204."""


Answer: TypeAlias = "JsonValue | RawSchema | NoContent"


def encoded(answer: Answer) -> bytes:
    """The body that carries `answer`."""
    if isinstance(answer, NoContent):
        return b""
    if isinstance(answer, RawSchema):
        return answer.text.encode()
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
