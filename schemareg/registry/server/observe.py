"""The outermost layer: a request id for every request, its figures, its line in the access log."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from time import perf_counter, time
from typing import TYPE_CHECKING

from schemareg.registry.server.access_log import AccessLog
from schemareg.registry.server.metrics import RequestFigures

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = b"x-request-id"
_REQUEST_ID = re.compile(rb"[!-~](?:[ -~]{0,126}[!-~])?")
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
UNROUTED = "(none)"
"""The route label of a request that no route took, so that scans cannot grow the metrics."""
_KNOWN_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


class FreshIds:
    """UUID4 texts; chance is drawn for many at once, a system call for each costs as much as one.

    Source: RFC 9562, section 5.4.
    """

    __slots__ = ("_digits",)

    def __init__(self) -> None:
        self._digits = ""

    def __call__(self) -> bytes:
        if not self._digits:
            self._digits = os.urandom(16 * 256).hex()
        d, self._digits = self._digits[:32], self._digits[32:]
        variant = "89ab"[int(d[16], 16) & 3]
        return f"{d[:8]}-{d[8:12]}-4{d[13:16]}-{variant}{d[17:20]}-{d[20:]}".encode("ascii")


def request_id_of(headers: list[tuple[bytes, bytes]], fresh_id: Callable[[], bytes]) -> bytes:
    """The one `X-Request-ID` sent, if it is short and printable ASCII, else a fresh one.

    Source: Confluent Schema Registry, `RequestIdHandler`.
    """
    sent = [value for name, value in headers if name == REQUEST_ID]
    if len(sent) == 1 and _REQUEST_ID.fullmatch(sent[0]):
        return sent[0]
    return fresh_id()


class Observed:
    """`app`, watched. Reads what lower layers leave in the scope's state: `route`, `principal`."""

    __slots__ = ("_app", "_figures", "_fresh_id", "_log")

    def __init__(self, app: ASGIApp, *, figures: RequestFigures, log: AccessLog | None) -> None:
        self._app = app
        self._fresh_id = FreshIds()
        self._figures = figures
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request_id = request_id_of(scope["headers"], self._fresh_id)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 500
        size_bytes = 0

        async def watched_send(message: Message) -> None:
            nonlocal status, size_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (REQUEST_ID, request_id)]
                message["headers"] = headers
                if NO_SNIFFING not in headers:
                    headers.append(NO_SNIFFING)
            elif message["type"] == "http.response.body":
                size_bytes += len(message.get("body", b""))
            await send(message)

        self._figures.in_progress += 1
        try:
            await self._app(scope, receive, watched_send)
        finally:
            self._figures.in_progress -= 1
            duration_s = perf_counter() - started
            method = scope["method"]
            route = state.get("route", UNROUTED)
            self._figures.observe(
                method=method if method in _KNOWN_METHODS else "OTHER",
                route=route,
                status=status,
                duration_s=duration_s,
            )
            if self._log is not None:
                self._write_line(
                    scope,
                    request_id,
                    route=route,
                    status=status,
                    duration_s=duration_s,
                    size_bytes=size_bytes,
                )

    def _write_line(
        self,
        scope: Scope,
        request_id: bytes,
        *,
        route: str,
        status: int,
        duration_s: float,
        size_bytes: int,
    ) -> None:
        assert self._log is not None
        client = scope.get("client")
        query = scope["query_string"]
        target = scope.get("raw_path") or scope["path"].encode("utf-8", "backslashreplace")
        self._log.write(
            time(),
            {
                "request_id": request_id.decode("latin-1"),
                "client": client[0] if client else "",
                "principal": scope["state"].get("principal"),
                "method": scope["method"],
                "target": (target + b"?" + query if query else target).decode("latin-1"),
                "route": route,
                "status": status,
                "duration_ms": round(duration_s * 1000, 3),
                "size_bytes": size_bytes,
            },
        )
