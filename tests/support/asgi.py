"""An ASGI application as a transport of the sync httpx client, in the thread that asks."""

from __future__ import annotations

import asyncio
import threading

import httpx
from starlette.types import ASGIApp


class AsgiTransport(httpx.BaseTransport):
    """Hands each request to `app`, on one event loop that lives as long as the transport; those of
    several threads one after the other.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._runner = asyncio.Runner()
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            return self._runner.run(self._answer(request))

    def close(self) -> None:
        self._runner.close()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        body = httpx.ByteStream(await response.aread())
        return httpx.Response(response.status_code, headers=response.headers, stream=body)
