"""The kinds of answers, and the bytes that carry them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.store import Tables
from schemareg.syntax import fast_json

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class RawSchema:
    """A schema's text as the whole body."""

    text: str


@dataclass(frozen=True, slots=True)
class PlainObject:
    """An object that holds no fractions, which every encoder writes alike: the fastest may."""

    body: dict[str, JsonValue]


class NoContent:
    """HTTP 204."""


@dataclass(frozen=True, slots=True)
class MultiStatus:
    """HTTP 207: a body whose parts succeeded or failed by themselves."""

    body: JsonValue


@dataclass(frozen=True, slots=True)
class Admission:
    """A change that may be made: `store` makes it and returns the answer.

    It is right until something of `subject`, or a setting, changes; None: only in the transaction
    that it was judged in.
    """

    subject: str | None
    store: Callable[[Tables], Answer]


Answer: TypeAlias = "JsonValue | RawSchema | PlainObject | NoContent | MultiStatus"


def encoded(answer: Answer) -> bytes:
    """The body that carries `answer`."""
    if isinstance(answer, NoContent):
        return b""
    if isinstance(answer, RawSchema):
        return answer.text.encode()
    if isinstance(answer, PlainObject):
        try:
            # copied: what orjson returns takes the 8 kB that it was written into
            return bytes(memoryview(fast_json.dumps(answer.body)))
        except (TypeError, ValueError):  # half a surrogate pair, which it does not write
            answer = answer.body
    if isinstance(answer, MultiStatus):
        answer = answer.body
    return _JSON.encode(answer).encode(errors="replace")
