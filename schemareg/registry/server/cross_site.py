"""No page of another site may use a visitor's browser, and its credentials, to change something.

Source: W3C, "Fetch Metadata Request Headers"; a registry sends no CORS headers, but a browser
sends a simple POST all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from schemareg.registry.server.limits import refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({b"same-origin", b"none"})


class OwnSiteOnly:
    """`app`, which never sees a request to change something that another site's page made."""

    __slots__ = ("_app",)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] not in _HARMLESS
            and comes_from_elsewhere(scope["headers"])
        ):
            await refuse(send, 403, "Pages of other sites may not change anything here")
            return
        await self._app(scope, receive, send)


def comes_from_elsewhere(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a browser says that the request is another site's; other clients say nothing."""
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
