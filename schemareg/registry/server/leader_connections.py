"""Requests of a follower to the leader over connections that are kept, each with one at a time.

They are httpcore's, which httpx sends through: what httpx does around them for any client's sake
(cookies, redirects, its own URL) was most of a follower's processor time for a forwarded write, and
a pool of many connections looks through all of them at each request (docs/performance.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

import httpcore

from schemareg.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from ssl import SSLContext

CONNECT_TIMEOUT_S: Final = 2.0
ANSWER_TIMEOUT_S: Final = 20.0
_CONNECTIONS: Final = 64
"""To the leader at once: it takes only so many of one address."""
_IDLE_S: Final = 30.0
"""A connection that was idle for longer is not used again: the leader may be closing it."""
_LARGEST_ANSWER_BYTES: Final = 64 * 1024 * 1024
_TIMEOUTS: Final = {
    "connect": CONNECT_TIMEOUT_S,
    "read": ANSWER_TIMEOUT_S,
    "write": ANSWER_TIMEOUT_S,
}

Headers = Sequence[tuple[bytes, bytes]]


class NotConnectedError(Exception):
    """The leader has not got the request."""


class LostAnswerError(Exception):
    """The leader may have got the request; nobody knows what it did."""


@dataclass(frozen=True, slots=True)
class LeaderAnswer:
    """A whole answer; names of headers are in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Leader(Protocol):
    """The way from a node to the one that leads."""

    async def ask(
        self, url: str, method: str, target: bytes, headers: Headers, body: bytes
    ) -> LeaderAnswer:
        """What the node at `url` answers to a request for `target`.

        Raises: `NotConnectedError`, `LostAnswerError`.
        """
        ...


class LeaderConnections:
    """`Leader` over HTTP/1.1; never through a proxy, for the leader is a neighbor."""

    def __init__(self) -> None:
        self._idle: list[tuple[str, httpcore.AsyncHTTPConnection]] = []
        self._free = asyncio.Semaphore(_CONNECTIONS)
        self._tls: SSLContext | None = None

    async def ask(
        self, url: str, method: str, target: bytes, headers: Headers, body: bytes
    ) -> LeaderAnswer:
        try:  # the URL is what the log names
            origin = _origin(url)
            host = urlsplit(url).netloc.rpartition("@")[2].encode("idna")
        except ValueError as error:
            raise NotConnectedError from error
        request = httpcore.Request(
            method,
            httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=target),
            headers=[(b"host", host), (b"content-length", b"%d" % len(body)), *headers],
            content=body,
            extensions={"timeout": _TIMEOUTS},
        )
        async with self._free:
            connection = await self._take(url) or self._new(origin)
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    return await _whole(await connection.handle_async_request(request))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                raise NotConnectedError from error
            except httpcore.LocalProtocolError as error:  # what would be no request is not sent
                raise NotConnectedError from error
            except (
                httpcore.NetworkError,
                httpcore.ProtocolError,
                httpcore.TimeoutException,
                TimeoutError,
                ValueError,
            ) as error:
                raise LostAnswerError from error
            finally:
                if connection.is_idle():
                    self._idle.append((url, connection))
                else:
                    await connection.aclose()

    async def _take(self, url: str) -> httpcore.AsyncHTTPConnection | None:
        """The connection that was used last, which is the least likely to be closed."""
        while self._idle:
            at, connection = self._idle.pop()
            if at == url and not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    def _new(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        if origin.scheme == b"https" and self._tls is None:
            import httpx

            self._tls = httpx.create_ssl_context(trust_env=False)  # a shared one is read once
        return httpcore.AsyncHTTPConnection(origin, self._tls, keepalive_expiry=_IDLE_S)

    async def aclose(self) -> None:
        """Closes what is idle, on the loop that it was used on."""
        for _, connection in self._idle:
            await connection.aclose()
        self._idle.clear()


def _origin(url: str) -> httpcore.Origin:
    """Raises: `ValueError` for a URL that names no host."""
    address = urlsplit(url)
    if not address.hostname:
        raise ValueError(f"no host in {url!r}")
    port = address.port or (443 if address.scheme == "https" else 80)
    return httpcore.Origin(address.scheme.encode(), address.hostname.encode("idna"), port)


async def _whole(response: httpcore.Response) -> LeaderAnswer:
    """Raises: `ValueError` for an answer that is too large."""
    parts: list[bytes] = []
    size_bytes = 0
    try:
        async for part in response.aiter_stream():
            size_bytes += len(part)
            if size_bytes > _LARGEST_ANSWER_BYTES:
                raise ValueError("the answer is too large")
            parts.append(part)
    finally:
        await response.aclose()
    headers = {name.lower(): value for name, value in response.headers}
    return LeaderAnswer(response.status, headers, b"".join(parts))
