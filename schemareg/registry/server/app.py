"""The registry as an ASGI application: from a request to a row of the table and back."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemareg.errors import RegistryError
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server.answer import Answer, MultiStatus, NoContent, encoded
from schemareg.registry.server.auth.permission import Permission
from schemareg.registry.server.auth.rights import Rights
from schemareg.registry.server.call import Call, parse_query
from schemareg.registry.server.dispatch import (
    MethodNotAllowedError,
    RouteTree,
    in_context,
    segments_of,
)
from schemareg.registry.server.media import JSON, V1, check_content_type, is_media_type, negotiated
from schemareg.registry.server.routes import Route, routes_of
from schemareg.registry.service.session import Policy, Session
from schemareg.registry.store import Store, Tables

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_Asked = tuple[str, bytes, bytes, bytes, bytes | None, bytes, Rights | None]
"""Method, path, query, Accept, Content-Type, body, and whose rights (None: everybody's)."""
_LOG = logging.getLogger("schemareg.registry")
_REMEMBERED_BYTES = 24 * 1024 * 1024
_OVERHEAD_BYTES = 1000
"""What an answer takes in memory beside its body: key, headers, objects."""
_LONGEST_REMEMBERED_BYTES = 16 * 1024
_LARGE_BYTES = 16 * 1024
"""Bodies above this are read and judged on a thread of their own."""


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

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store = store
        self.policy = policy
        self._tree = RouteTree(routes_of(policy.profile))
        self._remembered: dict[_Asked, _Reply] = {}
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
        if reply is None or reply.generation != self.store.generation:
            self.misses += 1
            reply = await self._reply(*key)
            self._remember(key, reply)
        else:
            self.hits += 1
        if reply.route:
            scope.setdefault("state", {})["route"] = reply.route
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        )
        await send(
            {
                "type": "http.response.body",
                "body": b"" if method == "HEAD" else reply.body,
            }
        )

    def _remember(self, key: _Asked, reply: _Reply) -> None:
        if reply.generation is None or reply.status != 200:
            return
        if len(reply.body) + len(key[5]) > _LONGEST_REMEMBERED_BYTES:
            return
        self._remembered_bytes += len(reply.body) + len(key[5]) + _OVERHEAD_BYTES
        if self._remembered_bytes > _REMEMBERED_BYTES:
            self._remembered.clear()
            self._remembered_bytes = 0
        self._remembered[key] = reply

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

            def ask(tables: Tables) -> Call:
                # what changes something runs on whole tables: its guards must see everything
                if permission and not route.changes:
                    tables = permission.view(tables)
                session = Session(self.policy, tables)
                call = Call(session, route.operation, names, words, body)
                for parameter in route.query:
                    if parameter.kind == "integer":
                        call.number(parameter.name, 0)  # refused before anything is looked up
                if permission:
                    permission.check(route, call)
                return call

            is_long = route.is_long or len(body) > _LARGE_BYTES
            return await self._answer(route, ask, media, is_long=is_long)
        except RegistryError as error:
            return self._refusal(error, media, route)
        except Exception:  # noqa: BLE001  # the server's outermost: one request fails, it goes on
            _LOG.exception("%s %s failed", method, raw_path.decode("latin-1"))
            return self._refusal(ErrorCode.INTERNAL.refusal(), media, route)

    async def _answer(
        self, route: Route, ask: Callable[[Tables], Call], media: str, *, is_long: bool
    ) -> _Reply:
        generation = self.store.generation
        asked = route.without_change if route.changes else route.answer
        if asked:
            known = await self._read(asked, ask, is_long=is_long)
            if known is not None or not route.changes:
                return _reply(known, route, media, generation)
        answer = await asyncio.wrap_future(
            self.store.submit(lambda tables: route.answer(ask(tables)))
        )
        return _reply(answer, route, media, None)

    async def _read(
        self,
        answer: Callable[[Call], Answer | None],
        ask: Callable[[Tables], Call],
        *,
        is_long: bool,
    ) -> Answer | None:
        """What `answer` says; what takes long does not hold up the others."""

        def read() -> Answer | None:
            with self.store.reading() as tables:
                return answer(ask(tables))

        return await asyncio.to_thread(read) if is_long else read()

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
        return _Reply(error.status, headers, body, route.path if route else "")


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
