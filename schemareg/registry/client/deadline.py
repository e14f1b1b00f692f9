"""A deadline over a whole request of the synchronous client: every wait ends with it.

httpx bounds each wait for the peer by itself, so one byte a second would go on for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

_LEFT_S: ContextVar[Callable[[], float] | None] = ContextVar("left_s", default=None)


@contextmanager
def until(ends: float, clock: Callable[[], float]) -> Iterator[None]:
    """Inside the block no wait of a bounded transport goes on after `ends`."""
    token = _LEFT_S.set(lambda: ends - clock())
    try:
        yield
    finally:
        _LEFT_S.reset(token)


def bounded(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """`transport`, whose waits end with `until`."""
    pool = transport._pool  # httpx offers no other way to the sockets; a test holds it to this
    pool._network_backend = _Backend(pool._network_backend)
    return transport


def _bounded_s(timeout: float | None, error: type[Exception]) -> float | None:
    left_s = _LEFT_S.get()
    if left_s is None:
        return timeout
    rest_s = left_s()
    if rest_s <= 0:
        raise error("the deadline passed")
    return rest_s if timeout is None else min(timeout, rest_s)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _bounded_s(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(_bounded_s(seconds, httpcore.ConnectTimeout) or 0.0)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _bounded_s(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _bounded_s(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _bounded_s(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
