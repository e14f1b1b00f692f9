"""Scripts: generators with all the logic of the client; a client runs one and does the waiting.

A script is a generator. It yields a `Send` and is resumed with a `Response` or a `Failure`; it
yields a `Sleep` and is resumed with whether there was time for it. So retry, failover, caching
and reference resolution exist once for the sync and the async client.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import field
from typing import TypeAlias, TypeVar

from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """One HTTP request; `url` carries no credentials.

    `timeout_s` bounds each wait for the peer, `limit_bytes` the answer, packed and unpacked.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout_s: float
    limit_bytes: int = LIMITS.registry_answer_bytes


@dataclass(frozen=True, slots=True)
class Sleep:
    """A pause of `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer, whole; header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer. `was_sent`: the registry may have acted on the request."""

    reason: str
    was_sent: bool
    advice: str | None = None


Step: TypeAlias = Send | Sleep
Result: TypeAlias = Response | Failure | bool
Script: TypeAlias = Generator[Step, Result, T]


def send(request: Send) -> Script[Response | Failure]:
    """The answer to `request`, or why there is none."""
    result = yield request
    if isinstance(result, bool):
        raise TypeError("a client answers Send with a Response or a Failure")
    return result


def sleep(seconds: float) -> Script[bool]:
    """Whether the deadline left time for a pause of `seconds` (False: there was no pause)."""
    result = yield Sleep(seconds)
    if not isinstance(result, bool):
        raise TypeError("a client answers Sleep with a bool")
    return result
