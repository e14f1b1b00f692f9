"""A TCP proxy before a broker that can hold one kind of request, delay, cut or break connections.

Of a request it reads the API key and the client's id, of an answer nothing.
Source: Kafka, "Protocol guide", request header.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Self


class ApiKey(IntEnum):
    """Kinds of request that a fault holds."""

    PRODUCE = 0
    FETCH = 1
    JOIN_GROUP = 11
    HEARTBEAT = 12
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS = 24
    END_TXN = 26


_KNOWN = frozenset(map(int, ApiKey))


@dataclass(eq=False, slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    upstream_reader: asyncio.StreamReader
    upstream_writer: asyncio.StreamWriter
    client: str = ""

    def break_off(self) -> None:
        for writer in (self.writer, self.upstream_writer):
            with suppress(Exception):
                writer.transport.abort()


class KafkaProxy:
    """Listens at `port` and connects to `upstream` (host, port); faults last as long as their
    block. A client is named by the start of its id. Without `reads_requests` any bytes pass, of
    clients without a name.
    """

    def __init__(self, *, reads_requests: bool = True) -> None:
        self._reads_requests = reads_requests
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.upstream = ("", 0)
        self.held: list[ApiKey] = []
        """What was held so far, in order."""
        self.held_clients: list[str] = []
        self._held: dict[ApiKey, str] = {}
        self._silent: str | None = None
        self._cut: str | None = None
        self._delay_s = 0.0
        self._resets = 0.0
        self._chance = random.Random(1)
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._moved = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="kafka-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        if not self._thread.is_alive():
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listening))
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        for connection in tuple(self._connections):
            connection.break_off()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._listening.close()

    # faults

    @contextmanager
    def holding(self, key: ApiKey, client: str = "") -> Iterator[None]:
        """Requests of that kind wait, those behind them on their connection too."""
        self._held[key] = client
        yield
        self._held.pop(key, None)
        self._wake()

    @contextmanager
    def silent(self, client: str = "") -> Iterator[None]:
        """Connections stay open, and nothing comes through in either direction."""
        self._silent = client
        yield
        self._silent = None
        self._wake()

    @contextmanager
    def cut(self, client: str = "") -> Iterator[None]:
        """Connections break, and new ones as soon as they say whose they are."""
        self._cut = client
        self._loop.call_soon_threadsafe(self._break, client)
        yield
        self._cut = None

    @contextmanager
    def slow(self, delay_s: float) -> Iterator[None]:
        """Each request and each answer takes so much longer."""
        self._delay_s = delay_s
        yield
        self._delay_s = 0.0

    @contextmanager
    def resetting(self, share: float) -> Iterator[None]:
        """That share of the requests breaks its connection instead."""
        self._resets = share
        yield
        self._resets = 0.0

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._moved.set)

    def _break(self, client: str) -> None:
        for connection in tuple(self._connections):
            if connection.client.startswith(client):
                connection.break_off()

    # connections

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream = await asyncio.open_connection(*self.upstream)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(reader, writer, *upstream)
        self._connections.add(connection)
        answers = asyncio.ensure_future(self._answers(connection))
        try:
            await self._requests(connection)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # cancelled only when the proxy ends
        finally:
            answers.cancel()
            connection.break_off()
            self._connections.discard(connection)

    async def _requests(self, connection: _Connection) -> None:
        while not self._reads_requests:
            data = await connection.reader.read(65536)
            if not data:
                return
            await self._pass(connection, None)
            connection.upstream_writer.write(data)
            await connection.upstream_writer.drain()
        while True:
            head = await connection.reader.readexactly(4)
            body = await connection.reader.readexactly(struct.unpack(">i", head)[0])
            key, _, _, length = struct.unpack_from(">hhih", body)
            connection.client = body[10 : 10 + max(length, 0)].decode(errors="replace")
            await self._pass(connection, key)
            connection.upstream_writer.write(head + body)
            await connection.upstream_writer.drain()

    async def _answers(self, connection: _Connection) -> None:
        with suppress(OSError):
            while data := await connection.upstream_reader.read(65536):
                await self._pass(connection, None)
                connection.writer.write(data)
                await connection.writer.drain()
        connection.break_off()

    async def _pass(self, connection: _Connection, key: int | None) -> None:
        """Returns when the request (None: an answer) may go on. Raises: `ConnectionError`."""
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        if key is not None and self._resets and self._chance.random() < self._resets:
            raise ConnectionResetError
        is_noted = False
        while True:
            client = connection.client
            if self._cut is not None and client.startswith(self._cut):
                raise ConnectionResetError
            known = None if key is None or key not in _KNOWN else ApiKey(key)
            held = None if known is None else self._held.get(known)
            is_silent = self._silent is not None and client.startswith(self._silent)
            if not is_silent and (held is None or not client.startswith(held)):
                return
            if known is not None and held is not None and not is_noted:
                is_noted = True
                self.held_clients.append(client)
                self.held.append(known)
            self._moved.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), 0.5)
