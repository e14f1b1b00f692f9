"""Requests of a follower to the leader over connections that are kept, each with one at a time.

httpx took 60 % of a follower's processor time for a forwarded write (docs/performance.md), so
these are asyncio's and httptools' own, which the server itself is made of.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import SplitResult, urlsplit

import httptools

from schemareg.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from ssl import SSLContext

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 20.0
_CONNECTIONS = 64
"""To the leader at once: it takes no more than 200 of one address, which three nodes may have."""
_IDLE_S = 30.0
"""A connection that was idle for longer is not used again: the leader may be closing it."""
_LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
_HEADERS_AT_MOST = 100

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
        self._idle: list[_Connection] = []
        self._free = asyncio.Semaphore(_CONNECTIONS)
        self._tls: SSLContext | None = None

    async def ask(
        self, url: str, method: str, target: bytes, headers: Headers, body: bytes
    ) -> LeaderAnswer:
        try:  # the URL is what the log names
            address = urlsplit(url)
            request = _request(address, method, target, headers, body)
            port = address.port or (443 if address.scheme == "https" else 80)
        except ValueError as error:
            raise NotConnectedError from error
        async with self._free:
            connection = self._take(url) or await self._connect(url, address, port)
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    answer = await connection.ask(request)
            except TimeoutError as error:
                raise LostAnswerError from error
            finally:
                if connection.is_idle:
                    connection.idle_since = time.monotonic()
                    self._idle.append(connection)
                else:
                    connection.close()
        return answer

    def _take(self, url: str) -> _Connection | None:
        """The connection that was used last, which is the least likely to be closed."""
        oldest = time.monotonic() - _IDLE_S
        while self._idle:
            connection = self._idle.pop()
            if connection.url == url and connection.is_idle and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    async def _connect(self, url: str, address: SplitResult, port: int) -> _Connection:
        """Raises: `NotConnectedError`."""
        if not address.hostname:  # which would be this machine
            raise NotConnectedError
        is_secure = address.scheme == "https"
        if is_secure and self._tls is None:
            import httpx

            self._tls = httpx.create_ssl_context(trust_env=False)
        connecting = asyncio.get_running_loop().create_connection(
            partial(_Connection, url),
            address.hostname,
            port,
            ssl=self._tls if is_secure else None,
        )
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                return (await connecting)[1]
        except (OSError, TimeoutError) as error:
            raise NotConnectedError from error

    def close(self) -> None:
        """Closes what is idle, on the loop that it was used on."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()


def _request(
    address: SplitResult, method: str, target: bytes, headers: Headers, body: bytes
) -> bytes:
    """Raises: `NotConnectedError` for what would be more than one request."""
    host = address.netloc.rpartition("@")[2].encode("idna")
    lines = [
        b"%b %b HTTP/1.1" % (method.encode("ascii"), target),
        b"host: " + host,
        b"content-length: %d" % len(body),
        *(b"%b: %b" % header for header in headers),
    ]
    if any(control in line for line in lines for control in (b"\r", b"\n", b"\0")):
        raise NotConnectedError
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class _Connection(asyncio.Protocol):
    """One connection; also what its parser calls."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[LeaderAnswer] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []
        self._size_bytes = 0

    @property
    def is_idle(self) -> bool:
        transport = self._transport
        return transport is not None and not transport.is_closing() and self._answered is None

    async def ask(self, request: bytes) -> LeaderAnswer:
        """Raises: `LostAnswerError`. A request that is canceled leaves it in use for good."""
        assert self._transport is not None
        assert self._answered is None
        self._answered = asyncio.get_running_loop().create_future()
        self._begin()
        self._transport.write(request)
        answer = await self._answered
        self._answered = None
        return answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no instance of it

    def data_received(self, data: bytes) -> None:
        if self._answered is None or self._answered.done():
            self.close()  # an answer that nobody asked for
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error)
        self._transport = None

    def _fail(self, error: BaseException | None) -> None:
        self.close()
        if self._answered is not None and not self._answered.done():
            lost = LostAnswerError()
            lost.__cause__ = error
            self._answered.set_exception(lost)

    # what the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._headers) >= _HEADERS_AT_MOST:
            raise ValueError("too many headers")
        self._headers[name.lower()] = value

    def on_body(self, part: bytes) -> None:
        self._size_bytes += len(part)
        if self._size_bytes > _LARGEST_ANSWER_BYTES:
            raise ValueError("the answer is too large")
        self._parts.append(part)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._answered is None or self._answered.done():
            return
        if status < 200:
            self._headers = {}
            return
        if not self._parser.should_keep_alive():
            self.close()
        self._answered.set_result(LeaderAnswer(status, self._headers, b"".join(self._parts)))
