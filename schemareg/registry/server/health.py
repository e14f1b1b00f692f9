"""Is it alive, can it serve, what has it counted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.server.access_log import AccessLog
from schemareg.registry.server.metrics import (
    CONTENT_TYPE,
    RequestFigures,
    StoreFigures,
    render_metrics,
)
from schemareg.registry.server.workers import RequestThreads, WorkersBusyError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LIVE = "/health/live"
READY = "/health/ready"
METRICS = "/metrics"
PROBE_EVERY_S = 1.0
"""How long the answer of a probe counts."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the store takes writes now; `reason` says why not, for a person."""

    ready: bool
    reason: str = ""


class Operation:
    """`app` with `/health/live`, `/health/ready` and `/metrics` in front of it.

    `probe` looks whether the store takes a write and `figures` reads what it counts; both may
    block for a moment and are called in a thread of their own. `failure` is why the process
    cannot recover; it is not live from then on.
    """

    __slots__ = (
        "_app",
        "_failure",
        "_figures",
        "_known",
        "_log",
        "_probe",
        "_probed_at_s",
        "_requests",
        "_threads",
    )

    def __init__(
        self,
        app: ASGIApp,
        *,
        probe: Callable[[], Readiness],
        failure: Callable[[], str | None] = lambda: None,
        figures: Callable[[], StoreFigures],
        requests: RequestFigures,
        log: AccessLog | None,
        threads: RequestThreads,
    ) -> None:
        self._app = app
        self._threads = threads
        self._probe = probe
        self._failure = failure
        self._figures = figures
        self._requests = requests
        self._log = log
        self._known: asyncio.Future[Readiness] | None = None
        self._probed_at_s = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path not in (LIVE, READY, METRICS) or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["route"] = path
        if scope["method"] not in ("GET", "HEAD"):
            await answer_json(
                send, 405, {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}
            )
        elif path == LIVE:
            await self._answer_live(send)
        elif path == READY:
            await self._answer_ready(send)
        else:
            await self._answer_metrics(send)

    async def _answer_live(self, send: Send) -> None:
        why = self._failure()
        if why is None:
            await answer_json(send, 200, {"status": "live"})
        else:
            await answer_json(send, 503, {"status": "not live", "reason": why})

    async def _answer_ready(self, send: Send) -> None:
        readiness = await self._readiness()
        if readiness.ready:
            await answer_json(send, 200, {"status": "ready"})
        else:
            await answer_json(send, 503, {"status": "not ready", "reason": readiness.reason})

    async def _readiness(self) -> Readiness:
        """What the last probe said, or a new one: anybody may ask, and each costs a write."""
        now_s = asyncio.get_running_loop().time()
        known = self._known
        if known is None or (known.done() and now_s - self._probed_at_s >= PROBE_EVERY_S):
            known = self._known = asyncio.ensure_future(self._threads.probes.run(self._probe))
            self._probed_at_s = now_s
        return await asyncio.shield(known)

    async def _answer_metrics(self, send: Send) -> None:
        try:
            store = await self._threads.figures.run(self._figures)
        except WorkersBusyError:
            await answer_json(send, 503, {"error_code": 503, "message": "Too many probes wait"})
            return
        body = render_metrics(
            self._requests, store, access_log_dropped=self._log.dropped if self._log else 0
        )
        await answer(send, 200, body, CONTENT_TYPE)


async def answer(
    send: Send, status: int, body: bytes, content_type: str, *headers: tuple[bytes, bytes]
) -> None:
    """Sends one whole answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type.encode("ascii")),
                (b"content-length", str(len(body)).encode("ascii")),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def answer_json(
    send: Send, status: int, content: object, *headers: tuple[bytes, bytes]
) -> None:
    """Sends `content` as JSON."""
    body = json.dumps(content, ensure_ascii=False).encode("utf-8")
    await answer(send, status, body, "application/json", *headers)
