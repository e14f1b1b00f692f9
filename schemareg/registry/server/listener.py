"""Takes new connections from a listening socket, all that wait in one turn of the loop.

uvloop's own servers take one a turn: beside turns that are long, the last of 128 new connections
waited more than a second for its first answer.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

_IN_ONE_TURN = 128
_PAUSE_S = 1.0
"""Until connections are taken again after the system had no room for one."""


class Listener:
    """Serves the connections of `listening` until `close`; like `asyncio.Server` for uvicorn."""

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        *,
        tls: ssl.SSLContext | None,
        handshake_s: float | None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._protocol = protocol
        self._tls = tls
        self._handshake_s = handshake_s
        self._beginning: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        self._resume()

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(_IN_ONE_TURN):
            try:
                connection, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no file or no memory is left
                self._loop.remove_reader(self._listening)
                self._pause = self._loop.call_later(_PAUSE_S, self._resume)
                return
            connection.setblocking(False)
            task = self._loop.create_task(self._begin(connection))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=self._handshake_s,
            )
        except OSError:  # the client left, or its handshake failed
            connection.close()

    def close(self) -> None:
        """Take no more connections; those that are open go on."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listening)
        for task in self._beginning:
            task.cancel()

    async def wait_closed(self) -> None:
        """Returns once no connection is beginning any more."""
        await asyncio.gather(*self._beginning, return_exceptions=True)
