"""New connections that wait are taken together, on the loop that takes one at a time itself."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop

from schemareg.registry.server import listener
from schemareg.registry.server.listener import Listener


class Greeting(asyncio.Protocol):
    """Sends one byte to who connects."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"!")
        transport.close()


def on_uvloop(use: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await asyncio.wait_for(use(), 30)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def connected(listening: socket.socket) -> socket.socket:
    client = socket.create_connection(listening.getsockname())
    client.settimeout(20)
    return client


def test_connections_that_wait_are_taken_in_a_few_turns() -> None:
    async def use() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
            clients = [connected(listening) for _ in range(64)]
            turns: list[int] = []

            class Counted(Greeting):
                def connection_made(self, transport: Any) -> None:
                    turns.append(turn)
                    super().connection_made(transport)

            server = Listener(listening, Counted, tls=None, handshake_s=None)
            turn = 0
            while len(turns) < 64:
                turn += 1
                await asyncio.sleep(0)
            assert len(set(turns)) <= 3  # by itself uvloop takes 64 turns for them
            server.close()
            await server.wait_closed()
            for client in clients:
                assert await asyncio.to_thread(client.recv, 10) == b"!"
                client.close()

    on_uvloop(use)


def test_client_that_breaks_off_its_handshake_is_dropped_and_the_next_one_served() -> None:
    async def use() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server = Listener(listening, Greeting, tls=tls, handshake_s=5)
            for _ in range(2):
                client = connected(listening)
                client.sendall(b"GET / HTTP/1.1\r\n\r\n")
                while await asyncio.to_thread(client.recv, 100):
                    pass
                client.close()
            server.close()
            await server.wait_closed()

    on_uvloop(use)


class Full:
    """A listening socket whose first `accept` finds no free file."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.refusals = 0

    def fileno(self) -> int:
        return self._listening.fileno()

    def setblocking(self, flag: bool) -> None:
        self._listening.setblocking(flag)

    def accept(self) -> tuple[socket.socket, Any]:
        if not self.refusals:
            self.refusals += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._listening.accept()


def test_connection_without_a_free_file_is_taken_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_PAUSE_S", 0.01)

    async def use() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            full: Any = Full(listening)
            server = Listener(full, Greeting, tls=None, handshake_s=None)
            client = connected(listening)
            assert await asyncio.to_thread(client.recv, 10) == b"!"
            assert full.refusals == 1
            client.close()
            server.close()
            await server.wait_closed()

    on_uvloop(use)


def test_closed_listener_leaves_connections_to_the_next() -> None:
    async def use() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            first = Listener(listening, Greeting, tls=None, handshake_s=None)
            first.close()
            await first.wait_closed()
            client = connected(listening)
            second = Listener(listening, Greeting, tls=None, handshake_s=None)
            assert await asyncio.to_thread(client.recv, 10) == b"!"
            client.close()
            second.close()
            await second.wait_closed()

    on_uvloop(use)
