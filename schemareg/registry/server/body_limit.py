"""How much one client may ask: sizes, times and rates, judged before anything is parsed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from schemareg.limits import LIMITS
from schemareg.registry.server.buckets import TokenBuckets
from schemareg.registry.server.health import LIVE, READY, answer_json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TARGET_MAX_BYTES = LIMITS.request_target_bytes
DRAINED_MAX_BYTES = LIMITS.refused_body_bytes
DRAIN_S = LIMITS.refused_body_s
BODIES_MAX_BYTES = LIMITS.request_bodies_bytes
_SMALL_BYTES = 64 * 1024
"""Bodies up to this are bounded by the number of connections."""
_RETRY_SOON = ((b"retry-after", b"1"), (b"connection", b"close"))


class BodyLimit:
    """`app`, which never sees a body that is too large or too slow.

    The body is read here as a whole and passed on in one message. All large ones together hold
    `LIMITS.request_bodies_bytes` at most; another is refused (503) before it comes.
    """

    __slots__ = ("_app", "_max_bytes", "_reserved_bytes", "_timeout_s")

    def __init__(self, app: ASGIApp, *, max_bytes: int, timeout_s: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s
        self._reserved_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > TARGET_MAX_BYTES:
            await refuse(send, 414, f"The request target is longer than {TARGET_MAX_BYTES} bytes")
            return
        declared = _declared_length(scope["headers"])
        if declared == 0:
            await self._app(scope, receive, send)
            return
        if declared is not None and declared > DRAINED_MAX_BYTES:
            await self._refuse_size(send)
            return
        most_bytes = min(self._max_bytes if declared is None else declared, self._max_bytes)
        if most_bytes <= _SMALL_BYTES:
            await self._pass_on(scope, receive, send)
            return
        if self._reserved_bytes + most_bytes > BODIES_MAX_BYTES:
            await refuse(send, 503, "Too many large bodies at once; try again", *_RETRY_SOON)
            return
        self._reserved_bytes += most_bytes
        try:
            await self._pass_on(scope, receive, send)
        finally:
            self._reserved_bytes -= most_bytes

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(self._max_bytes)
        try:
            async with asyncio.timeout(self._timeout_s) as deadline:
                await body.read(receive, deadline)
        except TimeoutError:
            if not body.is_too_long:
                await refuse(send, 408, f"The body did not arrive within {self._timeout_s:g} s")
                return
        except _ClientGoneError:
            return
        if body.is_too_long:
            await self._refuse_size(send)
            return
        await self._app(scope, _Replay(b"".join(body.chunks), receive), send)

    async def _refuse_size(self, send: Send) -> None:
        await refuse(send, 413, f"The body is larger than {self._max_bytes} bytes")


class _Body:
    """A body as it arrives; one that is too long is not kept."""

    __slots__ = ("_max_bytes", "chunks", "size_bytes")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.chunks: list[bytes] = []
        self.size_bytes = 0

    @property
    def is_too_long(self) -> bool:
        return self.size_bytes > self._max_bytes

    async def read(self, receive: Receive, deadline: asyncio.Timeout) -> None:
        """Reads to the end; what is too long for a moment only, and throws it away.

        A client that is still sending when the connection closes would never see the refusal.
        """
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientGoneError
            chunk: bytes = message.get("body", b"")
            was_too_long = self.is_too_long
            self.size_bytes += len(chunk)
            if not self.is_too_long:
                self.chunks.append(chunk)
            elif not was_too_long:
                self.chunks.clear()
                deadline.reschedule(asyncio.get_running_loop().time() + DRAIN_S)
            if self.size_bytes > DRAINED_MAX_BYTES or not message.get("more_body", False):
                return


class _ClientGoneError(Exception):
    """The client hung up before its body was complete."""


class _Replay:
    """A `receive` that gives the body once, then what the connection says."""

    __slots__ = ("_body", "_receive")

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


def _declared_length(headers: list[tuple[bytes, bytes]]) -> int | None:
    """What `Content-Length` says; 0 where a request declares no body at all, None if unknown."""
    declared: int | None = 0
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            declared = int(value) if value.isdigit() and len(value) < 19 else None
    return declared


class RateLimit:
    """`app`, asked at most `requests_per_s` times a second by one principal, `burst` at once.

    A token bucket per principal, or per address for the anonymous; health checks are free.
    """

    __slots__ = ("_app", "_buckets", "_per_s")

    def __init__(
        self,
        app: ASGIApp,
        *,
        requests_per_s: float,
        burst: int,
        clock: Callable[[], float],
    ) -> None:
        self._app = app
        self._per_s = requests_per_s
        self._buckets = TokenBuckets(per_s=requests_per_s, burst=burst, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in (LIVE, READY):
            await self._app(scope, receive, send)
            return
        principal = scope.get("state", {}).get("principal")
        client = scope.get("client")
        asker = f"user {principal}" if principal else f"address {client[0] if client else ''}"
        wait_s = self._buckets.take(asker)
        if wait_s > 0:
            await refuse(
                send,
                429,
                f"More than {self._per_s:g} requests per second",
                (b"retry-after", str(math.ceil(wait_s)).encode("ascii")),
            )
            return
        await self._app(scope, receive, send)


async def refuse(send: Send, status: int, message: str, *headers: tuple[bytes, bytes]) -> None:
    """Answers in the registry's error shape, closing where the body was not read to its end."""
    if status in (408, 413):
        headers = (*headers, (b"connection", b"close"))
    await answer_json(send, status, {"error_code": status, "message": message}, *headers)
