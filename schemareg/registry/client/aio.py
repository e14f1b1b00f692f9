"""The asynchronous registry client: every method is an operation, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType

import httpx

from schemareg.registry.client.operations import Operations, Scripts
from schemareg.registry.client.script import Failure, Response, Result, Script, Send, Sleep, Step, T
from schemareg.registry.client.transport import (
    CUT_OFF,
    OUT_OF_TIME,
    Body,
    failure_of,
    response_of,
)

MAX_CONNECTIONS = 20
"""How many requests a client has under way at the same time; further ones wait."""


class AsyncRegistryClient(Operations):
    """A client of a schema registry inside one event loop. Make one with `connect_async`.

    `shown_as` names its URLs without credentials. Its methods are those of `Operations`, awaited;
    each finishes within the deadline that the client was made with.
    """

    def __init__(
        self,
        operations: Scripts,
        http: httpx.AsyncClient,
        *,
        shown_as: str,
        deadline_s: float,
        clock: Callable[[], float],
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self.operations = operations
        self._http = http
        self.shown_as = shown_as
        self._deadline_s = deadline_s
        self._clock = clock
        self._pause = pause
        # httpx's pool takes quadratic time over waiting requests, so they wait here
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown_as!r})"

    async def __aenter__(self) -> AsyncRegistryClient:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes every connection; the client cannot be used afterwards."""
        await self._http.aclose()

    async def run(self, script: Script[T]) -> T:
        """The result of a script of `operations`, within one deadline."""
        ends = self._clock() + self._deadline_s
        try:
            step = next(script)
            while True:
                step = script.send(await self._perform(step, ends))
        except StopIteration as finished:
            result: T = finished.value
            return result

    async def _perform(self, step: Step, ends: float) -> Result:
        if isinstance(step, Sleep):
            if step.seconds >= ends - self._clock():
                return False
            await self._pause(step.seconds)
            return True
        async with self._slots:
            return await self._send(step, ends)

    async def _send(self, request: Send, ends: float) -> Response | Failure:
        left_s = ends - self._clock()
        if left_s <= 0:
            return OUT_OF_TIME
        try:
            async with (
                asyncio.timeout(left_s),
                self._http.stream(
                    request.method,
                    request.url,
                    content=request.body,
                    headers=dict(request.headers),
                    timeout=min(request.timeout_s, left_s),
                ) as response,
            ):
                return await self._receive(response, request, ends)
        except TimeoutError:
            return CUT_OFF
        except httpx.RequestError as error:
            return failure_of(error, request=request, left_s=ends - self._clock())

    async def _receive(
        self, response: httpx.Response, request: Send, ends: float
    ) -> Response | Failure:
        body = Body(response, request.limit_bytes)
        if (failure := body.begin()) is not None:
            return failure
        if response.is_stream_consumed:
            return body.add(response.content) or response_of(response, body.content)
        async for part in response.aiter_raw():
            if (failure := body.add(part)) is not None:
                return failure
            if self._clock() > ends:
                return CUT_OFF
        return body.end() or response_of(response, body.content)
