"""What a response is written through: its head goes out with the beginning of its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class JoinedWrites:
    """The part of `transport` that uvicorn writes one response, which has a body, to.

    uvloop sends what is written at once, so that a head by itself is a packet and a system call
    of its own, and wakes the client twice.
    Source: ASGI, "Response Start": a server sends no head before there is a body.
    """

    __slots__ = ("_head", "_is_head_written", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._is_head_written = False

    def write(self, part: bytes) -> None:
        """Writes `part`; the head of the response waits for what follows it."""
        if self._is_head_written or part == _CONTINUE:
            self._transport.write(part)
        elif not self._head:
            self._head = part
        else:
            self._head, part = b"", self._head + part
            self._is_head_written = True
            self._transport.write(part)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()
