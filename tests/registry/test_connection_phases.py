"""A connection ends in every phase in which its client does not go on; its sizes are bounded."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from schemareg.limits import LIMITS
from schemareg.registry.server import body_limit, connection
from schemareg.registry.server.connections import Connections
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service import reading
from tests.registry.conftest import StartServer

SETTINGS = ServerSettings(port=0)
DEADLINE_S = 20.0


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), DEADLINE_S) as it:
        yield it


def received(it: socket.socket) -> bytes:
    """Everything that comes until the server hangs up."""
    parts = []
    try:
        while part := it.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


CHUNKED = (
    b"POST /subjects/s/versions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@pytest.mark.parametrize(
    ("begin", "block"),
    [
        (CHUNKED + b"0\r\n", b"h: vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n" * 1000),
        (CHUNKED + b"0\r\nx: ", b"a" * 50_000),
        (CHUNKED + b"1;x=", b"a" * 50_000),
        (CHUNKED, b"0" * 50_000),
        (CHUNKED + b"1\r\nx\r\n", b"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n" * 1000),
    ],
    ids=["trailers", "one-trailer", "chunk-extension", "chunk-size", "extension-of-each-chunk"],
)
def test_frames_of_a_body_are_bounded(
    start_server: StartServer, begin: bytes, block: bytes
) -> None:
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(begin)
        for _ in range(30):
            it.sendall(block)
        assert received(it).startswith(b"HTTP/1.1 431 ")


def test_chunks_of_one_byte_are_a_body(start_server: StartServer) -> None:
    body = b'{"schema":"\\"int\\""}' + b" " * 60_000
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(head + chunks)
        assert received(it).startswith(b"HTTP/1.1 200 ")


def test_large_bodies_follow_each_other_on_one_connection(start_server: StartServer) -> None:
    with httpx.Client(base_url=start_server(SETTINGS).url) as client:
        for size in (300_000, 200_000, 100, 900_000):
            body = {"schema": '"int"' + " " * size}
            assert client.post("/subjects/s/versions", json=body).status_code == 200


@pytest.mark.parametrize("size", [65_600, 70_000])
def test_head_that_arrives_in_one_piece_is_431(start_server: StartServer, size: int) -> None:
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * size + b"\r\n\r\n")
        assert received(it).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a/b\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: user@a\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a:b\r\n", 400),
        (b"GET / HTTP/1.0\r\nHost: localhost\r\nHost: b\r\n", 400),
        (b"GET / HTTP/1.0\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost: [::1]:8081\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost: localhost:8081\r\n", 200),
    ],
)
def test_host_is_one_host(start_server: StartServer, head: bytes, status: int) -> None:
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(head + b"Connection: close\r\n\r\n")
        assert received(it).startswith(b"HTTP/1.1 %d " % status)


def test_refusal_follows_the_answers_before_it(start_server: StartServer) -> None:
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(b"GET /subjects HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        answer = received(it)
    assert answer.index(b"HTTP/1.1 200 ") < answer.index(b"HTTP/1.1 400 ")


def test_trailer_is_no_header(start_server: StartServer) -> None:
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(CHUNKED.replace(b"subjects/s/versions", b"health/live"))
        it.sendall(b"0\r\nX-Request-ID: trailer\r\nConnection: close\r\n\r\n")
        assert b"trailer" not in it.recv(65536)


@pytest.mark.parametrize("blocks", [1, 3])
def test_rest_of_an_answered_body_has_an_end(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    monkeypatch.setattr(connection, "REST_TIMEOUT_S", 0.6)
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(
            b"POST /health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
        )
        assert it.recv(65536).startswith(b"HTTP/1.1 405 ")
        started = time.monotonic()
        for _ in range(blocks):
            it.sendall(b"x")
            time.sleep(0.1)
        assert received(it) == b""
        assert time.monotonic() - started < 5


def test_connection_is_kept_when_the_rest_of_the_body_arrives(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REST_TIMEOUT_S", 0.6)
    with connected(start_server(SETTINGS).url) as it:
        it.sendall(b"POST /health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n")
        assert it.recv(65536).startswith(b"HTTP/1.1 405 ")
        it.sendall(b"abc")
        time.sleep(1)
        it.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert it.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_client_that_does_not_read_is_hung_up_on(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STALL_S", 0.3)
    server = start_server(SETTINGS)
    text = '{"type":"enum","name":"E","symbols":["A"],"doc":"%s"}' % ("x" * 900_000)
    body = {"schema": text}
    for number in range(12):
        body = {"schema": text.replace('"E"', f'"E{number}"')}
        assert httpx.post(f"{server.url}/subjects/s{number}/versions", json=body).is_success
    with connected(server.url) as it:
        it.sendall(b"GET /schemas HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(3)
        assert len(received(it)) < 12 * 900_000


def held(url: str, count: int, stack: ExitStack) -> list[socket.socket]:
    return [stack.enter_context(connected(url)) for _ in range(count)]


def test_connections_of_one_address_are_bounded(start_server: StartServer) -> None:
    settings = replace(SETTINGS, max_connections_per_address=4)
    url = start_server(settings).url
    with ExitStack() as stack:
        held(url, 4, stack)
        with connected(url) as it:
            assert received(it).startswith(b"HTTP/1.1 503 ")
    time.sleep(0.1)
    assert httpx.get(f"{url}/subjects").status_code == 200


def test_idle_connection_makes_room(start_server: StartServer) -> None:
    url = start_server(replace(SETTINGS, max_connections=3)).url
    with ExitStack() as stack:
        others = held(url, 3, stack)
        for it in others:
            it.sendall(b"GET /subjects HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert it.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert httpx.get(f"{url}/subjects").status_code == 200
        assert received(others[0]) == b""


def test_large_bodies_at_once_are_bounded(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "BODIES_MAX_BYTES", 200_000)
    url = start_server(SETTINGS).url
    body = {"schema": '"int"' + " " * 150_000}
    with connected(url) as it:
        it.sendall(CHUNKED.replace(b"Transfer-Encoding: chunked", b"Content-Length: 150000"))
        time.sleep(0.2)
        assert httpx.post(f"{url}/subjects/s/versions", json=body).status_code == 503
        assert httpx.post(f"{url}/subjects/s/versions", json={"schema": '"int"'}).is_success
    time.sleep(0.2)
    assert httpx.post(f"{url}/subjects/s/versions", json=body).status_code == 200


def test_page_of_schemas_is_bounded(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LIMITS", replace(LIMITS, response_bytes=1_000))
    url = start_server(SETTINGS).url
    for number in range(3):
        body = {"schema": json.dumps({"type": "fixed", "name": f"F{number}" * 200, "size": 1})}
        assert httpx.post(f"{url}/subjects/s{number}/versions", json=body).is_success
    assert httpx.get(f"{url}/schemas?limit=2").status_code == 200
    answer = httpx.get(f"{url}/schemas")
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "The schemas of this page take more than 1000 bytes: ask for fewer with limit",
    )


class OneConnection:
    def __init__(self, is_idle: bool) -> None:
        self.is_idle = is_idle
        self.is_closed = False

    def hang_up(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize(
    ("addresses", "admitted"),
    [
        (["10.0.0.1", "10.0.0.1", "10.0.0.1"], [True, True, False]),
        (["10.0.0.1", "10.0.0.2", "10.0.0.1"], [True, True, True]),
        (["2001:db8::1", "2001:db8::ffff", "2001:db8::2"], [True, True, False]),
        (["2001:db8::1", "2001:db8:0:1::1", "2001:db8::2"], [True, True, True]),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"], [True, True, True, False]),
    ],
)
def test_connections_are_counted_by_network(addresses: list[str], admitted: list[bool]) -> None:
    connections = Connections(limit=3, per_network=2)
    assert [connections.admit(OneConnection(False), a) for a in addresses] == admitted


def test_released_connection_counts_no_more() -> None:
    connections = Connections(limit=2, per_network=1)
    first: OneConnection = OneConnection(False)
    connections.admit(first, "10.0.0.1")
    connections.release(first)
    connections.release(first)
    assert connections.admit(OneConnection(False), "10.0.0.1")
    assert len(connections) == 1
