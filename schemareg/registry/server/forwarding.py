"""A follower's writes, passed on once to the leader; its misses, confirmed at the log's end.

Source: Confluent 8.3.1 observed as a group of instances, for codes and texts; the headers are ours.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from schemareg.errors import RegistryError
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server.health import answer_json
from schemareg.registry.server.leader_connections import (
    Leader,
    LeaderConnections,
    LostAnswerError,
    NotConnectedError,
)

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOP = b"x-schemareg-forwarded"
"""On a request that was forwarded: it is never forwarded again, not by the sender itself either."""
POSITION = b"x-schemareg-position"
"""The offset that the leader's answer holds at; the follower answers once it is there."""
FORWARD_TIMEOUT_S = 20.0
CATCH_UP_S = 0.5
_PAUSE_S = 0.05
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

    def __init__(self, app: ASGIApp, replica: Replica, *, leader: Leader | None = None) -> None:
        self._leader = leader or LeaderConnections()
        self._app = app
        self._replica = replica
        self._arrivals = _Arrivals(replica)
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
        before = self._replica.position
        sent = await _answered(self._app, scope, receive)
        if sent.status == 404 and not self._replica.can_write:
            await asyncio.to_thread(self._replica.catch_up, CATCH_UP_S)
            if self._replica.position != before:
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
        # as the client spelled it: a segment `.` is a subject's name, not a step
        prefix = urlsplit(url).path.rstrip("/").encode()
        target: bytes = prefix + (scope.get("raw_path") or scope["path"].encode())
        if query := scope["query_string"]:
            target += b"?" + query
        passed = [(name, headers[name]) for name in _PASSED if name in headers]
        try:
            answer = await self._leader.ask(
                url, scope["method"], target, [*passed, (HOP, b"1")], body
            )
        except NotConnectedError as error:
            raise ErrorCode.FORWARDING_FAILED.refusal() from error
        except LostAnswerError as error:
            raise ErrorCode.OPERATION_TIMED_OUT.refusal() from error
        position = answer.headers.get(POSITION, b"")
        if position.isdigit():
            await self._arrivals.wait_for(int(position) - 1)
        kind = answer.headers.get(b"content-type")
        return _Answer(answer.status, [(b"content-type", kind)] if kind else [], answer.body)


class _Arrivals:
    """Requests that wait for offsets of the log, by one thread for all of them: a thread each would
    make as many writes wait as there are no threads left.
    """

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._watch: asyncio.Task[None] | None = None

    async def wait_for(self, offset: int) -> None:
        """Until the replica holds the record at `offset`, or `FORWARD_TIMEOUT_S` have passed."""
        if self._replica.position > offset:
            return
        arrived = asyncio.get_running_loop().create_future()
        self._waiting.append((offset, arrived))
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._settle())
        with suppress(TimeoutError):
            await asyncio.wait_for(arrived, FORWARD_TIMEOUT_S)

    async def _settle(self) -> None:
        while self._waiting:
            first = min(offset for offset, _ in self._waiting)
            if not await asyncio.to_thread(self._replica.wait_for, first, CATCH_UP_S):
                await asyncio.sleep(_PAUSE_S)  # a log in trouble refuses to wait
            waiting, self._waiting = self._waiting, []
            for offset, arrived in waiting:
                if self._replica.position <= offset:
                    if not arrived.done():
                        self._waiting.append((offset, arrived))
                elif not arrived.done():
                    arrived.set_result(None)


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
