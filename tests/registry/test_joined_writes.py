"""The writes to a connection's transport: a head goes out with the beginning of its body."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from schemareg.registry.server.connection import BoundedHttpProtocol
from schemareg.registry.server.connections import Connections
from schemareg.registry.server.process import create_process
from schemareg.registry.server.settings import ServerSettings

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


class Recorded(asyncio.Transport):
    """Keeps what is written to it, write by write."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 5000), "sockname": ("127.0.0.1", 8081)})
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def body(part: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": part, "more_body": more}


PARTS: dict[str, list[Message]] = {
    "/whole": [body(b"four")],
    "/pieces": [body(b"fo", more=True), body(b"ur")],
    "/chunked": [body(b"fo", more=True), body(b"ur")],
    "/empty": [body(b"")],
    "/broken": [],
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    path = scope["path"]
    if scope["method"] == "POST":
        await receive()
    length = [] if path in ("/chunked", "/empty") else [(b"content-length", b"4")]
    status = 204 if path == "/empty" else 200
    await send({"type": "http.response.start", "status": status, "headers": length})
    for part in PARTS[path]:
        await send(part)
    if path == "/broken":
        raise RuntimeError("on cue")


def request(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


@pytest.mark.parametrize(
    ("sent", "writes", "closed"),
    [
        (request("GET /whole"), [HEAD + b"four"], False),
        (request("GET /pieces"), [HEAD + b"fo", b"ur"], False),
        (
            request("GET /chunked"),
            [CHUNKED + b"2\r\nfo\r\n", b"2\r\nur\r\n0\r\n\r\n"],
            False,
        ),
        (request("GET /empty"), [EMPTY], False),
        (request("HEAD /whole"), [HEAD], False),
        (request("HEAD /whole") + request("GET /whole"), [HEAD, HEAD + b"four"], False),
        (request("GET /whole") * 2, [HEAD + b"four", HEAD + b"four"], False),
        (
            request("POST /whole", "Expect: 100-continue", "Content-Length: 4"),
            [b"HTTP/1.1 100 Continue\r\n\r\n", HEAD + b"four"],
            False,
        ),
        (
            request("GET /whole", "Connection: close"),
            [HEAD.replace(b"4\r\n\r\n", b"4\r\nconnection: close\r\n\r\n") + b"four"],
            True,
        ),
        (request("GET /broken"), [], True),
    ],
    ids=[
        "whole",
        "pieces",
        "chunked",
        "no-content",
        "head",
        "head-then-get",
        "pipelined",
        "continue",
        "close",
        "broken-off",
    ],
)
def test_head_is_written_with_what_follows_it(
    sent: bytes, writes: list[bytes], closed: bool
) -> None:
    async def answered() -> Recorded:
        process = create_process(app, ServerSettings(), None)
        protocol = BoundedHttpProtocol(
            config=process.config,
            server_state=process.server_state,
            app_state={},
            admission=Connections(limit=1, per_network=1),
        )
        transport = Recorded()
        protocol.connection_made(transport)
        protocol.data_received(sent)
        if b"Expect" in sent:
            while not transport.writes:
                await asyncio.sleep(0)
            protocol.data_received(b"body")
        while process.server_state.tasks:
            await asyncio.sleep(0)
        return transport

    transport = asyncio.run(answered())
    assert (transport.writes, transport.closed) == (writes, closed)
