"""The registry as an ASGI application: from a request to a row of the table and back."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from schemareg.errors import RegistryError
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS, Budget, WorkLimitError
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server.answer import Admission, Answer, MultiStatus, NoContent, encoded
from schemareg.registry.server.auth.permission import Permission
from schemareg.registry.server.auth.rights import Right, Rights
from schemareg.registry.server.call import Call, parse_query
from schemareg.registry.server.dispatch import (
    MethodNotAllowedError,
    RouteTree,
    in_context,
    segments_of,
)
from schemareg.registry.server.media import JSON, V1, check_content_type, is_media_type, negotiated
from schemareg.registry.server.routes import Route, routes_of
from schemareg.registry.server.workers import RequestThreads, WorkersBusyError
from schemareg.registry.service.session import Policy, Session
from schemareg.registry.store import Store, Tables
from schemareg.registry.store.changes import Judgement

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from schemareg.registry.store.at_once import LoopWriter

_Asked = tuple[str, bytes, bytes, bytes, bytes | None, bytes, Rights | None]
"""Method, path, query, Accept, Content-Type, body, and whose rights (None: everybody's)."""
_Ask = Callable[[Tables, Budget], Call]
_BUSY = RegistryError("Too many long requests wait; try again", code=503, status=503)
_LOG = logging.getLogger("schemareg.registry")
_REMEMBERED_BYTES = 24 * 1024 * 1024
_OVERHEAD_BYTES = 1000
"""What an answer takes in memory beside its body: key, headers, objects."""
_LONGEST_REMEMBERED_BYTES = 16 * 1024
_LARGE_BYTES = 16 * 1024
"""Bodies above this are read and judged in a thread at once, and answers sent in pieces."""
_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Reply:
    """A finished answer; `generation` of the store up to which it holds, None: only now."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    route: str = ""
    generation: int | None = None


class RegistryApp:
    """Answers are remembered by everything that was sent, until the next commit of the store."""

    def __init__(self, store: Store, policy: Policy, threads: RequestThreads) -> None:
        self.store = store
        self.policy = policy
        self._tree = RouteTree(routes_of(policy.profile))
        self._threads = threads
        self._sending_bytes = 0
        self._remembered: OrderedDict[_Asked, _Reply] = OrderedDict()
        self._remembered_bytes = 0
        self.hits = 0
        self.misses = 0
        self.store_errors = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        method: str = scope["method"]
        accept = b""
        content_type: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = value
            elif name == b"content-type":
                content_type = value
        body = b"" if method == "GET" else await _body(receive)
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope["query_string"]
        rights: Rights | None = scope.get("state", {}).get("rights")
        key = (method, raw_path, query, accept, content_type, body, rights)
        reply = self._remembered.get(key)
        if reply is None or reply.generation != self.store.settled:
            self.misses += 1
            reply = await self._reply(*key)
            self._remember(key, reply)
        else:
            self.hits += 1
        if reply.route:
            scope.setdefault("state", {})["route"] = reply.route
        await self._send(reply, send, body=b"" if method == "HEAD" else reply.body)

    async def _send(self, reply: _Reply, send: Send, *, body: bytes) -> None:
        """A large body goes in pieces, each when the client has read the one before."""
        start = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        if len(body) <= _PIECE_BYTES:
            await send(start)
            await send({"type": "http.response.body", "body": body})
            return
        self._sending_bytes += len(body)
        try:
            await send(start)
            for at in range(0, len(body), _PIECE_BYTES):
                piece, end = body[at : at + _PIECE_BYTES], at + _PIECE_BYTES
                more = end < len(body)
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        finally:
            self._sending_bytes -= len(body)

    def _remember(self, key: _Asked, reply: _Reply) -> None:
        if reply.generation is None or reply.status != 200:
            return
        size_bytes = _size_in_memory(key, reply)
        if size_bytes > _LONGEST_REMEMBERED_BYTES:
            return
        former = self._remembered.pop(key, None)
        if former is not None:
            self._remembered_bytes -= _size_in_memory(key, former)
        self._remembered[key] = reply
        self._remembered_bytes += size_bytes
        while self._remembered_bytes > _REMEMBERED_BYTES:
            oldest, dropped = self._remembered.popitem(last=False)
            self._remembered_bytes -= _size_in_memory(oldest, dropped)

    async def _reply(
        self,
        method: str,
        raw_path: bytes,
        query: bytes,
        accept: bytes,
        content_type: bytes | None,
        body: bytes,
        rights: Rights | None,
    ) -> _Reply:
        media = V1
        permission = Permission(rights) if rights is not None else None
        route: Route | None = None
        try:
            segments = segments_of(raw_path, strict=self.policy.profile.strict_urls)
            words = parse_query(query)
            if segments[:1] == ["contexts"] and not self._tree.has(segments):
                segments, words = in_context(segments, words)
            if method == "OPTIONS":
                return _options(self._tree.methods(segments))
            route, names = self._tree.find(method, segments)
            media = negotiated(accept.decode("latin-1"))
            if route.body and content_type is not None:
                if not is_media_type(content_type.decode("latin-1")):
                    media = JSON
                    raise ErrorCode.BAD_REQUEST.refusal("Bad Request")
                check_content_type(content_type.decode("latin-1"))

            def ask(tables: Tables, budget: Budget) -> Call:
                # what changes something runs on whole tables: its guards must see everything
                if permission and not route.changes:
                    tables = permission.view(tables)
                session = Session(self.policy, tables, budget)
                call = Call(session, route.operation, names, words, body)
                if permission:
                    may_read = partial(permission.allows, Right.READ)
                    session = replace(session, may_read=may_read)
                    call = replace(call, session=session, allows=permission.allows)
                for parameter in route.query:
                    if parameter.kind == "integer":
                        call.number(parameter.name, 0)  # refused before anything is looked up
                if permission:
                    permission.check(route, call)
                return call

            return await self._answer(route, ask, media, is_large=len(body) > _LARGE_BYTES)
        except RegistryError as error:
            return self._refusal(error, media, route)
        except WorkLimitError as error:
            return self._refusal(ErrorCode.INVALID_SCHEMA.refusal(str(error)), media, route)
        except WorkersBusyError:
            return self._refusal(_BUSY, media, route)
        except Exception:  # noqa: BLE001  # the server's outermost: one request fails, it goes on
            _LOG.exception("%s %s failed", method, raw_path.decode("latin-1"))
            return self._refusal(ErrorCode.INTERNAL.refusal(), media, route)

    async def _answer(self, route: Route, ask: _Ask, media: str, *, is_large: bool) -> _Reply:
        if route.is_long and self._sending_bytes > LIMITS.responses_bytes:
            raise WorkersBusyError
        generation = self.store.settled
        if route.changes and not self.store.decides:
            return await self._known(route, ask, media, generation, is_large=is_large)
        writer = None
        if route.judged is not None and not is_large:
            writer = self.store.loop_writer(asyncio.get_running_loop())
        answer = route.judged if route.changes else route.answer

        def read(steps: int) -> _Reply | Judgement | None:
            assert answer is not None
            position = self.store.changes.position
            with self.store.reading() as tables:
                known = answer(ask(tables, Budget(steps)))
            if not isinstance(known, Admission):
                return _reply(known, route, media, generation)
            return Judgement(known.subject, position, known.store) if known.subject else None

        judgement = None
        if answer is not None:
            reply = await self._read(read, route, is_large=is_large)
            if isinstance(reply, _Reply):
                return reply
            judgement = reply
        written = await self._written(route, ask, writer, judgement)
        return _reply(written, route, media, None)

    async def _known(
        self, route: Route, ask: _Ask, media: str, generation: int | None, *, is_large: bool
    ) -> _Reply:
        """What needs no change, and what nobody may; the leader decides about everything else: a
        refusal by the state of this node may be out of date.

        Raises: `RegistryError` 403, 50004.
        """

        def read(steps: int) -> _Reply | None:
            with self.store.reading() as tables:
                call = ask(tables, Budget(steps))
                if route.known is None:
                    return None
                try:
                    known = route.known(call)
                except RegistryError:
                    return None
            return None if known is None else _reply(known, route, media, generation)

        reply = await self._read(read, route, is_large=is_large)
        if isinstance(reply, _Reply):
            return reply
        raise ErrorCode.NO_LEADER.refusal()

    async def _written(
        self, route: Route, ask: _Ask, writer: LoopWriter | None, judgement: Judgement | None
    ) -> Answer:
        """What the change answers once it is on disk; one of few steps is made here."""

        def change(steps: int, tables: Tables) -> Answer:
            return route.answer(ask(tables, Budget(steps)))

        def judge() -> None:
            assert route.judged is not None
            with self.store.reading() as tables:
                route.judged(ask(tables, Budget(LIMITS.request_steps)))

        if writer is not None:
            try:
                return await writer.submit(partial(change, LIMITS.request_steps_at_once), judgement)
            except WorkLimitError:
                await self._threads.checks.run(judge)  # which remembers what it found
        return await asyncio.wrap_future(self.store.submit(partial(change, LIMITS.request_steps)))

    async def _read(
        self, read: Callable[[int], _Reply | Judgement | None], route: Route, *, is_large: bool
    ) -> _Reply | Judgement | None:
        """What `read` returns with enough steps; here with few, else in a thread."""
        if route.is_long:
            return await self._threads.lists.run(lambda: read(LIMITS.request_steps))
        if not is_large:
            try:
                return read(LIMITS.request_steps_at_once)
            except WorkLimitError:
                pass  # what has been read until here is remembered
        return await self._threads.checks.run(lambda: read(LIMITS.request_steps))

    def _refusal(self, error: RegistryError, media: str, route: Route | None) -> _Reply:
        number = error.code
        self.store_errors += number == ErrorCode.STORE_FAILED.number
        if number == ErrorCode.INCOMPATIBLE.number:
            number = self.policy.profile.incompatible_number
        body = json.dumps(
            {"error_code": number, "message": error.message}, separators=(",", ":")
        ).encode()
        headers = _headers(media, body)
        if isinstance(error, MethodNotAllowedError):
            headers.append((b"allow", ", ".join(error.allowed).encode()))
        if error is _BUSY:
            headers.append((b"retry-after", b"1"))
        return _Reply(error.status, headers, body, route.path if route else "")


def _size_in_memory(key: _Asked, reply: _Reply) -> int:
    _, path, query, accept, content_type, body, _ = key
    sent = len(path) + len(query) + len(accept) + len(content_type or b"") + len(body)
    return sent + len(reply.body) + _OVERHEAD_BYTES


def _reply(answer: Answer, route: Route, media: str, generation: int | None) -> _Reply:
    if isinstance(answer, NoContent):
        return _Reply(204, [], b"", route.path)
    body = encoded(answer)
    status = 207 if isinstance(answer, MultiStatus) else 200
    return _Reply(status, _headers(media, body), body, route.path, generation)


def _options(methods: Sequence[str]) -> _Reply:
    allow = ",".join(methods).encode()
    return _Reply(200, [(b"allow", allow), (b"content-length", b"0")], b"")


def _headers(media: str, body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", media.encode()),
        (b"content-length", str(len(body)).encode()),
    ]


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts = [body]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
