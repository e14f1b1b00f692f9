"""What pages of other sites may do with a visitor's browser: nothing, unless their origin is named.

Source: W3C, "Fetch Metadata Request Headers"; WHATWG, "Fetch", CORS protocol.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from schemareg.registry.server.addresses import is_loopback
from schemareg.registry.server.body_limit import refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY_ORIGIN: Final = "*"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({b"same-origin", b"none"})
_PREFLIGHT: Final = (
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (b"access-control-allow-headers", b"accept, authorization, content-type, x-request-id"),
    (b"access-control-max-age", b"600"),
)
_FOREIGN_HOST: Final = (
    "This server is for this machine only, and the request names another host; use localhost, "
    "or start the server with an auth file or --insecure"
)
_VARY: Final = (b"vary", b"origin")
Headers = list[tuple[bytes, bytes]]


def origin_of(text: str) -> str | None:
    """The origin as browsers send it, None for what is none: a scheme, a host, perhaps a port.

    Source: RFC 6454, section 6.
    """
    if text == ANY_ORIGIN:
        return text
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "*" in parts.hostname:
        return None
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


class CrossSite:
    """`app` for pages of the `origins` too (`*`: of any site); those of other sites change nothing.

    Browsers get no leave to send the credentials that they store: a page of another origin logs in
    by itself. Preflight requests are answered here, before any check of credentials. With
    `only_loopback` a request has to name this machine as its host: a page of any site can give its
    own name the address 127.0.0.1, and is then of the same origin.
    """

    __slots__ = ("_app", "_only_loopback", "_origins")

    def __init__(
        self, app: ASGIApp, *, origins: Collection[str] = (), only_loopback: bool = False
    ) -> None:
        self._app = app
        self._only_loopback = only_loopback
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: Headers = scope["headers"]
        if self._only_loopback and not names_loopback(headers):
            await refuse(send, 403, _FOREIGN_HOST)
            return
        allowed = self._allowed(headers)
        method = scope["method"]
        if allowed is None:
            if method not in _HARMLESS and comes_from_elsewhere(headers):
                await refuse(send, 403, "Pages of other sites may not change anything here")
                return
            await self._app(
                scope, receive, _adding(send, [(b"vary", b"origin")]) if self._origins else send
            )
            return
        shared = [(b"access-control-allow-origin", allowed), (b"vary", b"origin")]
        is_preflight = any(name == b"access-control-request-method" for name, _ in headers)
        if method == "OPTIONS" and is_preflight:
            start = {"type": "http.response.start", "status": 200}
            await send({**start, "headers": [*shared, *_PREFLIGHT, (b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, _adding(send, shared))

    def _allowed(self, headers: Headers) -> bytes | None:
        """The value of Access-Control-Allow-Origin; None where the origin has no leave."""
        if not self._origins:
            return None
        origin = next((value for name, value in headers if name == b"origin"), None)
        if origin is None:
            return None
        if ANY_ORIGIN in self._origins:
            return b"*"
        return origin if origin.decode("latin-1").lower() in self._origins else None


def _adding(send: Send, headers: Headers) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return with_headers


def names_loopback(headers: Headers) -> bool:
    """Whether `Host` is a loopback address or `localhost`; a request of HTTP/1.0 may have none."""
    for name, value in headers:
        if name == b"host":
            host = value.decode("latin-1")
            if not host.endswith("]"):
                host = host.rpartition(":")[0] or host
            return is_loopback(host)
    return True


def comes_from_elsewhere(headers: Headers) -> bool:
    """Whether a browser marks the request as another site's; other clients send no mark."""
    site = origin = None
    host = b""
    for name, value in headers:
        if name == b"sec-fetch-site":
            site = value.lower()
        elif name == b"origin":
            origin = value
        elif name == b"host":
            host = value
    if site is not None:
        return site not in _OWN_SITE
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != host.lower()
    except ValueError:
        return True
