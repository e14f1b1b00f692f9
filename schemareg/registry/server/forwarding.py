"""A follower's writes, passed on once to the leader; its misses, confirmed at the log's end.

Source: Confluent 8.3.1 observed as a group of instances, for codes and texts; the headers are ours.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Protocol

from schemareg.errors import RegistryError
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server.health import answer_json

if TYPE_CHECKING:
    import httpx
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOP = b"x-schemareg-forwarded"
"""On a request that was forwarded: it is never forwarded again, not by the sender itself either."""
POSITION = b"x-schemareg-position"
"""The offset that the leader's answer holds at; the follower answers once it is there."""
FORWARD_TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 2.0
CATCH_UP_S = 0.5
_PASSED = (b"accept", b"authorization", b"content-type", b"traceparent", b"x-request-id")


class Replica(Protocol):
    """A store that follows a log."""

    @property
    def position(self) -> int: ...
    @property
    def can_write(self) -> bool: ...
    @property
    def leader_url(self) -> str | None: ...
    @property
    def is_loaded(self) -> bool: ...
    def wait_for(self, offset: int, timeout_s: float) -> bool: ...
    def catch_up(self, timeout_s: float) -> bool: ...


class Forwarding:
    """`app`, whose refusal to write (50004) becomes the leader's answer.

    `forwarded` counts those.
    """

    def __init__(
        self, app: ASGIApp, replica: Replica, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._transport = transport
        self._app = app
        self._replica = replica
        self._client: httpx.AsyncClient | None = None
        self.forwarded = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif not self._replica.is_loaded:
            await answer_json(send, 503, {"error_code": 503, "message": "The log is being read"})
        elif scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._read(scope, receive, send)
        else:
            await self._write(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = await _answered(self._app, scope, receive)
        if sent.status == 404 and not self._replica.can_write:
            moved = await asyncio.to_thread(self._replica.catch_up, CATCH_UP_S)
            if moved:
                sent = await _answered(self._app, scope, receive)
        await sent.send(send)

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        headers = dict(scope["headers"])
        sent = await _answered(self._app, scope, _replayed(body))
        if not sent.is_refused_for_want_of_a_leader:
            sent.add(POSITION, str(self._replica.position).encode())
            await sent.send(send)
            return
        url = self._replica.leader_url
        if HOP in headers or url is None:
            await sent.send(send)
            return
        self.forwarded += 1
        try:
            answer = await self._ask_leader(url, scope, headers, body)
        except RegistryError as error:
            status = error.status or 500
            await answer_json(send, status, {"error_code": error.code, "message": error.message})
            return
        await answer.send(send)

    async def _ask_leader(
        self, url: str, scope: Scope, headers: dict[bytes, bytes], body: bytes
    ) -> _Answer:
        """The leader's answer, once this node has what it wrote.

        Raises: `RegistryError` 50002 (nobody knows), 50003 (it cannot be reached).
        """
        import httpx

        if self._client is None:
            # never through a proxy: the leader is a neighbour
            self._client = httpx.AsyncClient(
                trust_env=False,
                transport=self._transport,
                timeout=httpx.Timeout(FORWARD_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            )
        # as the client spelled it: a URL of httpx has no segment `.`, which a subject may be called
        prefix = httpx.URL(url).raw_path.rstrip(b"/")
        target: bytes = prefix + (scope.get("raw_path") or scope["path"].encode())
        if query := scope["query_string"]:
            target += b"?" + query
        passed = [(name, headers[name]) for name in _PASSED if name in headers]
        try:
            response = await self._client.request(
                scope["method"],
                url,
                content=body,
                extensions={"target": target},
                headers=[*passed, (HOP, b"1")],
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ErrorCode.FORWARDING_FAILED.refusal() from error
        except httpx.HTTPError as error:
            raise ErrorCode.OPERATION_TIMED_OUT.refusal() from error
        position = response.headers.get(POSITION.decode(), "")
        if position.isdigit():
            await asyncio.to_thread(self._replica.wait_for, int(position) - 1, FORWARD_TIMEOUT_S)
        kind = response.headers.get("content-type", "")
        return _Answer(
            response.status_code,
            [(b"content-type", kind.encode())] if kind else [],
            response.content,
        )


class _Answer:
    """A whole answer of the application, before it is sent."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self._headers = headers
        self._body = body

    @property
    def is_refused_for_want_of_a_leader(self) -> bool:
        if self.status != 500:
            return False
        try:
            return bool(json.loads(self._body).get("error_code") == ErrorCode.NO_LEADER.number)
        except (ValueError, AttributeError):
            return False

    def add(self, name: bytes, value: bytes) -> None:
        self._headers = [*self._headers, (name, value)]

    async def send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


async def _answered(app: ASGIApp, scope: Scope, receive: Receive) -> _Answer:
    status = 500
    headers: list[tuple[bytes, bytes]] = []
    body = b""

    async def note(message: Message) -> None:
        nonlocal status, headers, body
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            body += message.get("body", b"")

    await app(scope, receive, note)
    return _Answer(status, headers, body)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
