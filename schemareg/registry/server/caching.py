"""Cache headers on the schema of an id, for proxies between many clients and the registry.

Source: RFC 9110 (ETag, If-None-Match, 304), RFC 9111 (Cache-Control), RFC 8246 (immutable).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from schemareg.errors import RegistryError
from schemareg.registry.server.call import parse_query

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TEXT: Final = "/schemas/ids/{id}/schema"
_LASTING: Final = (_TEXT, "/schemas/ids/{id}", "/schemas/guids/{guid}")
"""Routes of answers that stay until something is deleted."""
_LATER: Final = (b"cache-control", b"no-store")
"""On a refusal: the id may be registered a moment later."""


class Caching:
    """`app`, whose answers about ids may be kept for `max_age_s` seconds: with `shared` by caches
    for everybody, else by the caller alone.

    A text is marked as immutable: its id gets another one only after it was deleted for good.
    """

    __slots__ = ("_app", "_keep", "_keep_text", "_vary")

    def __init__(self, app: ASGIApp, *, max_age_s: int, shared: bool) -> None:
        self._app = app
        keep = f"{'public' if shared else 'private'}, max-age={max_age_s}"
        self._keep = (b"cache-control", keep.encode())
        self._keep_text = (b"cache-control", f"{keep}, immutable".encode())
        self._vary = (b"vary", b"accept" if shared else b"accept, authorization")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def marked(message: Message) -> None:
            """The start waits for its body, which the tag is made of."""
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                start, message = self._marked(scope, start, message)
                await send(start)
                start = None
            await send(message)

        await self._app(scope, receive, marked)

    def _marked(self, scope: Scope, start: Message, first: Message) -> tuple[Message, Message]:
        route = scope.get("state", {}).get("route")
        if route not in _LASTING:
            return start, first
        headers = [*start["headers"], self._vary]
        if start["status"] != 200 or _names_another_id(scope["query_string"]):
            return {**start, "headers": [*headers, _LATER]}, first
        headers.append(self._keep_text if route == _TEXT else self._keep)
        if first.get("more_body"):
            return {**start, "headers": headers}, first  # long ones go in pieces, without a tag
        tag = _tag(start, first["body"])
        headers.append((b"etag", tag))
        if not _is_held(scope, tag):
            return {**start, "headers": headers}, first
        short = [each for each in headers if each[0] not in (b"content-type", b"content-length")]
        return {**start, "status": 304, "headers": short}, {**first, "body": b""}


def _names_another_id(query: bytes) -> bool:
    """The answer has the highest id of all, too."""
    try:
        return "fetchMaxId" in parse_query(query)
    except RegistryError:
        return True


def _tag(start: Message, body: bytes) -> bytes:
    kind = next((value for name, value in start["headers"] if name == b"content-type"), b"")
    return b'"' + hashlib.sha256(kind + b"\n" + body).hexdigest()[:32].encode() + b'"'


def _is_held(scope: Scope, tag: bytes) -> bool:
    """Whether the caller has the answer with that tag already."""
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            held = [each.strip().removeprefix(b"W/") for each in value.split(b",")]
            if tag in held or held == [b"*"]:
                return True
    return False
