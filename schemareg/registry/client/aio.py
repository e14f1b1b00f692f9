"""The registry client for event loops: every method is an operation, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

import httpx

from schemareg.registry.client.operations import Operations
from schemareg.registry.client.script import Failure, Response, Result, Script, Send, Sleep, Step
from schemareg.registry.client.transport import (
    CUT_OFF,
    MAX_ANSWER_BYTES,
    OUT_OF_TIME,
    TOO_LONG,
    failure_of,
    response_of,
)

MAX_CONNECTIONS = 20
"""How many requests a client has under way at the same time; further ones wait their turn."""

P = ParamSpec("P")
T = TypeVar("T")


def _method(
    operation: Callable[Concatenate[Operations, P], Script[T]],
) -> Callable[Concatenate[AsyncRegistryClient, P], Coroutine[Any, Any, T]]:
    @wraps(operation)
    async def method(self: AsyncRegistryClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.run(operation(self.operations, *args, **kwargs))

    return method


class AsyncRegistryClient:
    """A client of a schema registry inside one event loop. Make one with `connect_async`.

    `shown_as` names its URLs without credentials. Methods are named after their endpoints and
    documented at `Operations`. Each finishes within the deadline that the client was made with.
    """

    def __init__(
        self,
        operations: Operations,
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
        # httpx's pool takes quadratic time over those who wait in it, so they wait here
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
        """Closes every connection; the client is of no use afterwards."""
        await self._http.aclose()

    async def run(self, script: Script[T]) -> T:
        """What a script over `operations` comes to, within one deadline."""
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
            async with self._http.stream(
                request.method,
                request.url,
                content=request.body,
                headers=dict(request.headers),
                timeout=min(request.timeout_s, left_s),
            ) as response:
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if self._clock() > ends:
                        return CUT_OFF
                    if len(body) > MAX_ANSWER_BYTES:
                        return TOO_LONG
                return response_of(response, bytes(body))
        except httpx.RequestError as error:
            return failure_of(error, request=request)

    get_schema = _method(Operations.get_schema)
    get_schema_text = _method(Operations.get_schema_text)
    get_max_id = _method(Operations.get_max_id)
    get_schema_subjects = _method(Operations.get_schema_subjects)
    get_schema_versions = _method(Operations.get_schema_versions)
    get_schema_by_guid = _method(Operations.get_schema_by_guid)
    get_guid_ids = _method(Operations.get_guid_ids)
    get_schema_types = _method(Operations.get_schema_types)
    get_schemas = _method(Operations.get_schemas)
    get_subjects = _method(Operations.get_subjects)
    get_versions = _method(Operations.get_versions)
    get_version = _method(Operations.get_version)
    get_version_text = _method(Operations.get_version_text)
    get_tags = _method(Operations.get_tags)
    get_referenced_by = _method(Operations.get_referenced_by)
    get_version_with_metadata = _method(Operations.get_version_with_metadata)
    register = _method(Operations.register)
    change_tags = _method(Operations.change_tags)
    lookup = _method(Operations.lookup)
    delete_subject = _method(Operations.delete_subject)
    delete_version = _method(Operations.delete_version)
    check_compatibility = _method(Operations.check_compatibility)
    get_config = _method(Operations.get_config)
    set_config = _method(Operations.set_config)
    delete_config = _method(Operations.delete_config)
    get_level = _method(Operations.get_level)
    set_level = _method(Operations.set_level)
    get_mode = _method(Operations.get_mode)
    set_mode = _method(Operations.set_mode)
    delete_mode = _method(Operations.delete_mode)
    get_contexts = _method(Operations.get_contexts)
    delete_context = _method(Operations.delete_context)
    ping = _method(Operations.ping)
    get_cluster_ids = _method(Operations.get_cluster_ids)
    get_associations = _method(Operations.get_associations)
    get_resource_associations = _method(Operations.get_resource_associations)
    get_deployment = _method(Operations.get_deployment)
    get_server_version = _method(Operations.get_server_version)
    fetch_schema = _method(Operations.fetch_schema)
    fetch_schema_by_id = _method(Operations.fetch_schema_by_id)
