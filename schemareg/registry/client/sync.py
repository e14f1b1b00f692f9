"""The synchronous registry client: every method is an operation, run to its end."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import httpx

from schemareg.registry.client.deadline import until
from schemareg.registry.client.operations import Operations, Scripts
from schemareg.registry.client.script import Failure, Response, Result, Script, Send, Sleep, Step, T
from schemareg.registry.client.transport import (
    CUT_OFF,
    OUT_OF_TIME,
    Body,
    failure_of,
    response_of,
)


class RegistryClient(Operations):
    """A client of a schema registry; safe to share between threads. Make one with `connect`.

    `shown_as` names its URLs without credentials. Its methods are those of `Operations`; each
    finishes within the deadline that the client was made with.
    """

    def __init__(
        self,
        operations: Scripts,
        http: httpx.Client,
        *,
        shown_as: str,
        deadline_s: float,
        clock: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self.operations = operations
        self._http = http
        self.shown_as = shown_as
        self._deadline_s = deadline_s
        self._clock = clock
        self._pause = pause

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown_as!r})"

    def __enter__(self) -> RegistryClient:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection; the client cannot be used afterwards."""
        self._http.close()

    def run(self, script: Script[T]) -> T:
        """The result of a script of `operations`, within one deadline."""
        ends = self._clock() + self._deadline_s
        try:
            step = next(script)
            while True:
                step = script.send(self._perform(step, ends))
        except StopIteration as finished:
            result: T = finished.value
            return result

    def _perform(self, step: Step, ends: float) -> Result:
        if isinstance(step, Sleep):
            if step.seconds >= ends - self._clock():
                return False
            self._pause(step.seconds)
            return True
        return self._send(step, ends)

    def _send(self, request: Send, ends: float) -> Response | Failure:
        left_s = ends - self._clock()
        if left_s <= 0:
            return OUT_OF_TIME
        try:
            with (
                until(ends, self._clock),
                self._http.stream(
                    request.method,
                    request.url,
                    content=request.body,
                    headers=dict(request.headers),
                    timeout=min(request.timeout_s, left_s),
                ) as response,
            ):
                return self._receive(response, request, ends)
        except httpx.RequestError as error:
            return failure_of(error, request=request, left_s=ends - self._clock())

    def _receive(self, response: httpx.Response, request: Send, ends: float) -> Response | Failure:
        body = Body(response, request.limit_bytes)
        if (failure := body.begin()) is not None:
            return failure
        for part in (response.content,) if response.is_stream_consumed else response.iter_raw():
            if (failure := body.add(part)) is not None:
                return failure
            if self._clock() > ends:
                return CUT_OFF
        return body.end() or response_of(response, body.content)
