"""Bounds on size, time and rate, over sockets where the bound is the connection's."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from schemareg.registry.server import connection
from schemareg.registry.server.body_limit import TARGET_MAX_BYTES, BodyLimit, RateLimit
from schemareg.registry.server.buckets import TokenBuckets
from schemareg.registry.server.settings import ServerSettings
from tests.registry.conftest import StartServer

SMALL = ServerSettings(port=0, body_max_bytes=1000)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers the body it was given."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    body = b"".join(message["body"] for message in messages)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def limited() -> BodyLimit:
    return BodyLimit(echo, max_bytes=10, timeout_s=20)


def asked(
    app: BodyLimit | RateLimit, *contents: bytes | list[bytes], **headers: str
) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            return [
                await client.post(
                    "/",
                    content=content if isinstance(content, bytes) else stream(content),
                    headers=headers,
                )
                for content in contents
            ]

    async def stream(chunks: list[bytes]):  # type: ignore[no-untyped-def]  # an async generator
        for chunk in chunks:
            yield chunk

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("content", "status", "body"),
    [
        (b"", 200, b""),
        (b"0123456789", 200, b"0123456789"),
        (b"0123456789A", 413, None),
        ([b"01234", b"56789"], 200, b"0123456789"),
        ([b"01234", b"56789", b"A", b"B" * 10_000], 413, None),
        ([], 200, b""),
    ],
)
def test_body_is_handed_on_whole_or_not_at_all(
    content: bytes | list[bytes], status: int, body: bytes | None
) -> None:
    (answer,) = asked(limited(), content)
    assert answer.status_code == status
    if body is None:
        assert answer.json() == {
            "error_code": 413,
            "message": "The body is larger than 10 bytes",
        }
        assert answer.headers["connection"] == "close"
    else:
        assert answer.content == body


def test_body_that_does_not_come_is_given_up() -> None:
    async def never() -> dict[str, object]:
        await asyncio.sleep(60)
        raise AssertionError

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    app = BodyLimit(echo, max_bytes=10, timeout_s=0.05)
    scope = {
        "type": "http",
        "query_string": b"",
        "raw_path": b"/",
        "headers": [(b"content-length", b"5")],
    }
    asyncio.run(app(scope, never, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


def test_client_that_hangs_up_in_its_body_is_forgotten() -> None:
    messages: list[dict[str, object]] = [
        {"type": "http.request", "body": b"01", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    async def send(message: dict[str, object]) -> None:
        raise AssertionError(message)

    scope = {
        "type": "http",
        "query_string": b"",
        "raw_path": b"/",
        "headers": [(b"content-length", b"5")],
    }
    asyncio.run(limited()(scope, receive, send))  # type: ignore[arg-type]
    assert messages == []


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_bucket_refills_with_time_and_never_overflows() -> None:
    clock = Clock()
    buckets = TokenBuckets(per_s=2, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now_s = 0.25
    assert buckets.take("a") == 0.25
    clock.now_s = 0.5
    assert buckets.take("a") == 0
    clock.now_s = 1000
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    buckets.give_back("a")
    assert buckets.take("a") == 0


def test_bucket_of_many_askers_forgets_the_oldest() -> None:
    buckets = TokenBuckets(per_s=1, burst=1, clock=Clock())
    buckets.take("first")
    assert buckets.take("first") == 1
    for number in range(10_000):
        buckets.take(str(number))
    assert buckets.take("first") == 0


def test_rate_is_counted_by_principal_else_by_address() -> None:
    class Named:
        """Names the principal that the request's header tells."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            names = [value for name, value in scope["headers"] if name == b"x-user"]
            scope["state"] = {"principal": names[0].decode()} if names else {}
            await limit(scope, receive, send)

    limit = RateLimit(echo, requests_per_s=0.5, burst=2, clock=Clock())
    named: RateLimit = Named()  # type: ignore[assignment]  # an application too
    assert [a.status_code for a in asked(named, *[b""] * 3, **{"x-user": "anna"})] == [
        200,
        200,
        429,
    ]
    assert [a.status_code for a in asked(named, *[b""] * 2, **{"x-user": "ben"})] == [200, 200]
    anonymous = asked(named, *[b""] * 3)
    assert [a.status_code for a in anonymous] == [200, 200, 429]
    assert anonymous[2].headers["retry-after"] == "2"
    assert anonymous[2].json() == {
        "error_code": 429,
        "message": "More than 0.5 requests per second",
    }


# over a socket


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as it:
        yield it


def said(it: socket.socket) -> bytes:
    """Everything the server says until it hangs up."""
    parts = []
    while part := it.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_server_refuses_a_body_beyond_the_setting(start_server: StartServer) -> None:
    url = start_server(SMALL).url
    answer = httpx.post(f"{url}/subjects/s/versions", content=b"x" * 1001)
    assert (answer.status_code, answer.json()["error_code"]) == (413, 413)
    assert httpx.get(f"{url}/subjects").json() == []


def test_client_that_sends_far_too_much_still_reads_the_refusal(start_server: StartServer) -> None:
    url = start_server(SMALL).url
    answer = httpx.post(f"{url}/subjects/s/versions", content=b"x" * 20_000_000)
    assert (answer.status_code, answer.json()["error_code"]) == (413, 413)


def test_server_refuses_a_huge_declared_body_before_it_comes(start_server: StartServer) -> None:
    with connected(start_server(SMALL).url) as it:
        it.sendall(
            b"POST /subjects/s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n"
        )
        assert said(it).startswith(b"HTTP/1.1 413 ")


def test_server_refuses_an_endless_chunked_body(start_server: StartServer) -> None:
    with connected(start_server(SMALL).url) as it:
        it.sendall(
            b"POST /subjects/s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"3e8\r\n"
            + b"x" * 1000
            + b"\r\n1\r\nx\r\n"
        )
        assert said(it).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: " + b"a" * 300_000,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n"
        + b"".join(b"X-%d: a\r\n" % i for i in range(40_000)),
        b"GET /" + b"a" * 300_000,
    ],
)
def test_head_without_end_is_431(start_server: StartServer, head: bytes) -> None:
    with connected(start_server(SMALL).url) as it:
        it.sendall(head)
        assert said(it).startswith(b"HTTP/1.1 431 ")


def test_long_target_is_414(start_server: StartServer) -> None:
    url = start_server(SMALL).url
    longest = "/subjects/" + "a" * (TARGET_MAX_BYTES - len("/subjects/") - len("/versions"))
    assert httpx.get(f"{url}{longest}/versions").status_code == 404
    answer = httpx.get(f"{url}{longest}a/versions")
    assert (answer.status_code, answer.json()["error_code"]) == (414, 414)


def test_head_that_trickles_is_408(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 0.3)
    url = start_server(SMALL).url
    with connected(url) as silent, connected(url) as trickling, connected(url) as kept:
        kept.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert kept.recv(65536).startswith(b"HTTP/1.1 200 ")
        kept.sendall(b"GET /subj")
        trickling.sendall(b"GET / HT")
        for it in (silent, trickling, kept):
            assert said(it).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"\x00" * 100,
    ],
)
def test_what_is_no_http_is_refused_and_the_server_goes_on(
    start_server: StartServer, garbage: bytes
) -> None:
    url = start_server(SMALL).url
    with connected(url) as it:
        it.sendall(garbage)
        assert said(it).startswith(b"HTTP/1.1 4")
    assert httpx.get(f"{url}/subjects").status_code == 200


UPGRADE = b"Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAA\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (
            b"POST /subjects/s/versions HTTP/1.1\r\nUpgrade: h2c\r\n"
            + UPGRADE
            + b'Content-Length: 20\r\n\r\n{"schema":"\\"int\\""}',
            b"200",
        ),
        (
            b"POST /subjects/s/versions HTTP/1.1\r\nUpgrade: h2c\r\n"
            + UPGRADE
            + b'Transfer-Encoding: chunked\r\n\r\n14\r\n{"schema":"\\"int\\""}\r\n0\r\n\r\n',
            b"200",
        ),
        (b"GET /subjects HTTP/1.1\r\nUpgrade: h2c\r\n" + UPGRADE + b"\r\n", b"200"),
        (b"GET /subjects HTTP/1.1\r\nupgrade: websocket\r\n" + UPGRADE + b"\r\n", b"200"),
    ],
    ids=["length", "chunked", "get", "websocket"],
)
@pytest.mark.parametrize("pieces", [1, 7])
def test_offer_of_another_protocol_is_ignored_and_the_body_is_read(
    start_server: StartServer, request_bytes: bytes, status: bytes, pieces: int
) -> None:
    size = -(-len(request_bytes) // pieces)
    with connected(start_server(replace(SMALL, body_max_bytes=100)).url) as it:
        for at in range(0, len(request_bytes), size):
            it.sendall(request_bytes[at : at + size])
        assert it.recv(65536).startswith(b"HTTP/1.1 " + status)
        it.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert said(it).startswith(b"HTTP/1.1 404 ")


def test_many_pipelined_offers_of_another_protocol_are_answered(start_server: StartServer) -> None:
    one = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with connected(start_server(SMALL).url) as it:
        it.sendall(one * 800 + b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert said(it).count(b"HTTP/1.1 200 ") == 801


@pytest.mark.parametrize("segment", [b"%2E", b"%2e."])  # a dot as it is, the recorded one takes
def test_a_dot_that_is_escaped_is_refused(start_server: StartServer, segment: bytes) -> None:
    with connected(start_server(SMALL).url) as it:
        it.sendall(
            b"POST /subjects/" + segment + b"/versions HTTP/1.1\r\nHost: localhost\r\n"
            b'Connection: close\r\nContent-Length: 20\r\n\r\n{"schema":"\\"int\\""}'
        )
        assert said(it).startswith(b"HTTP/1.1 400 ")


def test_connect_is_refused(start_server: StartServer) -> None:
    with connected(start_server(SMALL).url) as it:
        it.sendall(b"CONNECT h:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n")
        assert said(it).startswith(b"HTTP/1.1 400 ")


def test_rate_limit_of_the_settings_holds_over_http(start_server: StartServer) -> None:
    url = start_server(replace(SMALL, requests_per_s=0.001, burst=3)).url
    with httpx.Client(base_url=url) as client:
        assert [client.get("/subjects").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert client.get("/health/ready").status_code == 200
