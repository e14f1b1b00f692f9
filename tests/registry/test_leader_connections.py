"""A follower's connections to its leader: kept while they are of use, and never asked twice."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from schemareg.registry.server.leader_connections import (
    LeaderAnswer,
    LeaderConnections,
    LostAnswerError,
    NotConnectedError,
)

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Kind: a\r\n\r\nok"
ANSWERED = LeaderAnswer(200, {b"content-length": b"2", b"x-kind": b"a"}, b"ok")


LOOPS = (asyncio.new_event_loop, uvloop.new_event_loop)


class Leader:
    """Answers each request with the next of `answers`, in pieces of `piece` bytes; the last of
    them, where it is None, by closing the connection.
    """

    def __init__(self, *answers: bytes | None, piece: int = 1 << 16) -> None:
        self._all = answers
        self._piece = piece
        self.begin()

    def begin(self) -> None:
        """As if nobody had connected yet."""
        self._answers = list(self._all)
        self.requests: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                answer = self._answers.pop(0)
                if answer is None:
                    return
                for at in range(0, len(answer), self._piece):
                    writer.write(answer[at : at + self._piece])
                    await writer.drain()
                if b"connection: close" in answer:
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


def run(leader: Leader, use: Callable[[str, LeaderConnections], Awaitable[None]]) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(leader.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connections = LeaderConnections()
        try:
            await use(f"http://127.0.0.1:{port}", connections)
        finally:
            await connections.aclose()
            server.close()
            await server.wait_closed()

    for loop_factory in LOOPS:
        leader.begin()
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(asyncio.wait_for(serve(), 30))


async def ask(connections: LeaderConnections, url: str, body: bytes = b"{}") -> LeaderAnswer:
    return await connections.ask(url, "POST", b"/a/%2F./b?c=d", [(b"accept", b"x/y")], body)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (OK, ANSWERED),
        (b"HTTP/1.1 204 No Content\r\n\r\n", LeaderAnswer(204, {}, b"")),
        (
            b"HTTP/1.1 500 X\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            LeaderAnswer(500, {b"transfer-encoding": b"chunked"}, b"abc"),
        ),
        (b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + OK, ANSWERED),
    ],
    ids=["length", "no body", "chunks", "hints before"],
)
@pytest.mark.parametrize("piece", [1, 1 << 16])
def test_an_answer_is_read_whole(answer: bytes, expected: LeaderAnswer, piece: int) -> None:
    leader = Leader(answer, answer, piece=piece)

    async def use(url: str, connections: LeaderConnections) -> None:
        assert await ask(connections, url) == expected
        assert await ask(connections, url) == expected

    run(leader, use)
    assert leader.connections == 1
    first = leader.requests[0]
    assert first.startswith(b"POST /a/%2F./b?c=d HTTP/1.1\r\nhost: 127.0.0.1:")
    assert first.endswith(b"\r\ncontent-length: 2\r\naccept: x/y\r\n\r\n{}")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf",
        b"no HTTP\r\n",
    ],
    ids=["closed", "half", "no HTTP"],
)
def test_a_request_without_a_whole_answer_is_not_repeated(answer: bytes | None) -> None:
    leader = Leader(answer, OK)

    async def use(url: str, connections: LeaderConnections) -> None:
        with pytest.raises(LostAnswerError):
            await ask(connections, url)
        assert await ask(connections, url) == ANSWERED

    run(leader, use)
    assert (len(leader.requests), leader.connections) == (2, 2)


def test_a_connection_that_the_leader_closed_is_not_used_again() -> None:
    closing = OK.replace(b"X-Kind: a", b"connection: close")
    leader = Leader(closing, OK)

    async def use(url: str, connections: LeaderConnections) -> None:
        assert (await ask(connections, url)).body == b"ok"
        assert await ask(connections, url) == ANSWERED

    run(leader, use)
    assert leader.connections == 2


def test_a_request_that_was_given_up_leaves_its_connection() -> None:
    leader = Leader(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", OK)

    async def use(url: str, connections: LeaderConnections) -> None:
        asked = asyncio.ensure_future(ask(connections, url))
        while not leader.requests:
            await asyncio.sleep(0.001)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await ask(connections, url) == ANSWERED

    run(leader, use)
    assert leader.connections == 2


def test_more_requests_than_connections_wait_for_one() -> None:
    leader = Leader(*[OK] * 100)

    async def use(url: str, connections: LeaderConnections) -> None:
        answers = await asyncio.gather(*(ask(connections, url) for _ in range(100)))
        assert answers == [ANSWERED] * 100

    run(leader, use)
    assert len(leader.requests) == 100
    assert leader.connections <= 64


@pytest.mark.parametrize("url", ["http://[::1", "http://a:x", "http://" + "a" * 70, "http://"])
def test_a_leader_without_an_address_is_not_reached(url: str) -> None:
    async def use(_: str, connections: LeaderConnections) -> None:
        with pytest.raises(NotConnectedError):
            await ask(connections, url)

    run(Leader(), use)


def test_nobody_listens_and_nothing_is_sent() -> None:
    async def use(url: str, connections: LeaderConnections) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))  # taken, and nobody listens
            with pytest.raises(NotConnectedError):
                await ask(connections, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(NotConnectedError):
            await connections.ask(url, "POST", b"/a", [(b"accept", b"a\r\nb: c")], b"")

    leader = Leader()
    run(leader, use)
    assert leader.requests == []
