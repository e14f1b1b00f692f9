"""No path, header or schema makes the server fail or stand still: known ones, then chance."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

import httpx
import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store import Store
from tests.registry.conftest import StartServer

PATIENCE_S = 30.0
"""Far above what any request takes; a request that takes longer stands still."""
SEED = 20261120


@pytest.fixture(scope="module")
def url(start_server_for_session: StartServer) -> str:
    return start_server_for_session(ServerSettings(port=0)).url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        yield client


def arrays(depth: int) -> str:
    return '{"type":"array","items":' * depth + '"string"' + "}" * depth


def records(depth: int) -> str:
    schema = '"string"'
    for number in range(depth):
        field = f'{{"name":"f","type":{schema}}}'
        schema = f'{{"type":"record","name":"R{number}","fields":[{field}]}}'
    return schema


def record(**field: object) -> str:
    return json.dumps({"type": "record", "name": "R", "fields": [{"name": "a", **field}]})


def cycle(length: int) -> str:
    fields = [
        {
            "name": f"f{n}",
            "type": {
                "type": "record",
                "name": f"R{n + 1}",
                "fields": [{"name": "x", "type": f"R{n}"}],
            },
        }
        for n in range(length)
    ]
    return json.dumps({"type": "record", "name": "R0", "fields": fields})


SCHEMAS = {
    "arrays-as-deep-as-allowed": arrays(990),
    "arrays-too-deep": arrays(1010),
    "arrays-far-too-deep": arrays(20_000),
    "records-as-deep-as-allowed": records(330),
    "records-too-deep": records(3_000),
    "unions-in-unions": "[" * 50_000 + '"null"' + "]" * 50_000,
    "brackets-without-end": "[" * 500_000,
    "braces-without-end": '{"a":' * 150_000,
    "property-as-deep-as-allowed": '{"type":"string","x":' + "[" * 990 + "]" * 990 + "}",
    "property-of-many-lines-down-deep": (
        '{"type":"string","x":' + "[" * 900 + "1,2" + ",3" * 100_000 + "]" * 900 + "}"
    ),
    "default-too-deep": record(type="int").replace(
        '"int"', '"int","default":' + "[" * 50_000 + "]" * 50_000
    ),
    "size-of-many-digits": '{"type":"fixed","name":"F","size":' + "9" * 5_000 + "}",
    "property-of-many-digits": '{"type":"string","x":' + "9" * 100_000 + "}",
    "default-of-many-digits": record(type="int").replace('"int"', '"int","default":' + "9" * 4_400),
    "default-beyond-double": record(type="double").replace('"double"', '"double","default":1e999'),
    "default-not-a-number": record(type="double").replace('"double"', '"double","default":NaN'),
    "precision-of-many-digits": (
        '{"type":"bytes","logicalType":"decimal","precision":' + "9" * 4_000 + "}"
    ),
    "logical-type-of-wrong-types": (
        '{"type":"bytes","logicalType":"decimal","precision":"x","scale":[]}'
    ),
    "many-fields": json.dumps(
        {
            "type": "record",
            "name": "R",
            "fields": [{"name": f"f{n}", "type": "string"} for n in range(4_000)],
        }
    ),
    "many-symbols": json.dumps(
        {"type": "enum", "name": "E", "symbols": [f"s{n}" for n in range(20_000)]}
    ),
    "many-branches": json.dumps(
        [{"type": "fixed", "name": f"F{n}", "size": 1} for n in range(4_000)]
    ),
    "as-many-branches-as-allowed": json.dumps(
        [{"type": "fixed", "name": f"F{n}", "size": 1} for n in range(400)]
    ),
    "one-branch-many-times": json.dumps(["string"] * 5_000),
    "many-types-in-a-circle": cycle(1_000),
    "many-properties": '{"type":"string",' + ",".join(f'"a{n}":1' for n in range(10_000)) + "}",
    "one-key-many-times": '{"type":"string",' + ",".join('"a":1' for _ in range(5_000)) + "}",
    "long-name": json.dumps({"type": "record", "name": "N" * 500_000, "fields": []}),
    "lone-surrogate-in-a-doc": '{"type":"record","name":"R","doc":"\\ud800","fields":[]}',
    "lone-surrogate-in-a-key": '{"type":"string","\\ud800":1}',
    "lone-surrogate-in-a-name": '{"type":"record","name":"\\ud800","fields":[]}',
    "nul-in-a-property": '{"type":"string","x":"\\u0000"}',
    "nul-in-the-text": '"str\x00ing"',
    "type-is-a-number": '{"type":5}',
    "name-is-a-number": '{"type":"record","name":5,"fields":5}',
    "aliases-of-wrong-types": record(type="int", aliases=[{}, None, 5]),
    "order-is-a-number": record(type="int", order=5),
    "doc-is-an-object": '{"type":"record","name":"R","doc":{"a":1},"fields":[]}',
    "namespace-is-an-object": '{"type":"record","name":"R","namespace":{"a":1},"fields":[]}',
    "empty": "",
    "blank": " \n",
    "null": "null",
    "number": "5",
    "empty-union": "[]",
    "unknown-name": '"x.y"',
    "no-json": "string",
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_answered_by_every_endpoint_that_reads_it(
    client: httpx.Client, name: str
) -> None:
    body = {"schema": SCHEMAS[name]}
    for method, path in (
        ("POST", f"/subjects/{name}/versions"),
        ("POST", f"/subjects/{name}/versions?normalize=true"),
        ("POST", f"/subjects/{name}"),
        ("POST", f"/compatibility/subjects/{name}/versions/latest?verbose=true"),
        ("POST", f"/compatibility/subjects/{name}/versions?normalize=true"),
        ("GET", f"/subjects/{name}/versions/1?format=resolved&findTags=*"),
        ("GET", f"/ui/subjects/{name}"),
        ("GET", f"/ui/subjects/{name}/versions/1"),
        ("GET", f"/ui/subjects/{name}/diff?old=1&new=1"),
        ("GET", "/ui"),
    ):
        answer = client.request(method, path, json=body if method == "POST" else None)
        assert answer.status_code < 500, (path, answer.text[:200])
        assert len(answer.content) < 8_000_000, path


BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'"text"',
    b'{"schema":' + b"[" * 100_000,
    b'{"schema":{"a":1}}',
    b'{"schema":"\\"string\\"","references":' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"schema":"\\"string\\"","references":[{"name":5,"subject":{},"version":"x"}]}',
    b'{"schema":"\\"string\\"","references":[{"name":"\\ud800","subject":"\\u0000","version":1}]}',
    b'{"schema":"\\"string\\"","id":' + b"9" * 5_000 + b"}",
    b'{"schema":"\\"string\\"","id":1e400,"version":-1e400}',
    b'{"schema":"\\"string\\"","id":NaN}',
    b'{"schema":"\\"string\\"","version":99999999999999999999}',
    b'{"schema":"\\"string\\"","metadata":{"properties":{"a":{}},"tags":[1]}}',
    b'{"schema":"\\"string\\"","metadata":{"tags":{"\\ud800":["\\udfff"]}}}',
    b'{"schema":"\\"string\\"","schemaType":"\\u0000"}',
    b'{"schema":"\\"string\\"","ruleSet":{"domainRules":[null]}}',
    b'{"compatibility":"\\ud800"}',
    b'{"compatibility":["FULL"]}',
    b'{"alias":"\\u0000","normalize":"maybe"}',
    b'{"mode":"\\ud800"}',
    b'{"mode":{}}',
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/subjects/s/versions"),
        ("POST", "/subjects/s"),
        ("POST", "/subjects/s/versions/1/tags"),
        ("POST", "/compatibility/subjects/s/versions/latest"),
        ("POST", "/compatibility/subjects/s/versions?verbose=true"),
        ("PUT", "/config/s"),
        ("PUT", "/config/another"),
        ("PUT", "/mode/s"),
        ("POST", "/"),
    ],
)
def test_body_of_any_shape_is_answered(client: httpx.Client, method: str, path: str) -> None:
    for body in BODIES:
        answer = client.request(
            method, path, content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code < 500, (body[:100], answer.text[:200])


SEGMENTS = (
    "subjects", "schemas", "ids", "guids", "versions", "config", "mode", "contexts",
    "compatibility", "metadata", "v1", "ui", "diff", "referencedby", "tags", "s", "1", "latest",
    "-1", "0", "99999999999", ".", "..", "%2e%2e", "%2F", "%00", "%FF", "%ED%A0%80", "%", "%zz", "",
    "*", ":.:", ":.ctx:", ":*:", ":.", ":", ":.ctx:s", ".ctx", "__GLOBAL", ":.__GLOBAL:", "%0d%0a",
    "é", "%C3%A9", "٣", "a" * 3_000, "{subject}", "${7*7}", "'--", "%25%32%66", "\\", "%5C", "+",
)  # fmt: skip
QUERIES = (
    "subject", "subjectPrefix", "deleted", "deletedOnly", "offset", "limit", "format", "findTags",
    "normalize", "verbose", "key", "value", "q", "page", "old", "new", "fetchMaxId", "recursive",
)  # fmt: skip
VALUES = (
    "true",
    "-1",
    "0",
    "1",
    "99999999999999999999",
    "%00",
    "%FF",
    ":.ctx:",
    ":*:",
    "",
    "x" * 500,
)
METHODS = ("GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")
HEADERS = (
    ("Accept", "application/json"), ("Accept", "*/*;q=x"), ("Accept", ",;,;=,"), ("Accept", "\xff"),
    ("Content-Type", "application/json; charset=\xff"), ("Content-Type", ""),
    ("Content-Type", "text/html"), ("X-Request-ID", "\xff" * 1_000), ("X-Request-ID", " "),
    ("Authorization", "Basic %%%"), ("X-Forward", "true"), ("Expect", "100-continue"),
    ("Upgrade", "websocket"), ("Connection", "upgrade"), ("Range", "bytes=0-0"), ("Host", "\xff"),
    ("If-None-Match", "*"), ("Accept-Encoding", "gzip;q=nan"), ("Cookie", "=" * 5_000),
)  # fmt: skip


def some_request(chance: random.Random) -> bytes:
    """A request put together by chance out of parts that are each allowed, odd or broken."""
    target = "/" + "/".join(chance.choices(SEGMENTS, k=chance.randint(0, 6)))
    if chance.random() < 0.5:
        pairs = (f"{chance.choice(QUERIES)}={chance.choice(VALUES)}" for _ in range(3))
        target += "?" + "&".join(pairs)
    if not target.isascii():
        target = quote(target, safe="/?=&%:*{}$'+\\") if chance.random() < 0.9 else target
    body = chance.choice(BODIES) if chance.random() < 0.3 else b""
    headers = [("Host", "h"), *chance.choices(HEADERS, k=chance.randint(0, 3))]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    method = chance.choice(METHODS)
    return (
        f"{method} {target} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode("utf-8", "surrogatepass") + body


def test_requests_made_by_chance_are_all_answered_and_none_fails(url: str) -> None:
    chance = random.Random(SEED)
    parts = urlsplit(url)
    address = parts.hostname or "", parts.port or 0
    for number in range(1_500):
        request = some_request(chance)
        status = answered(address, request)
        assert 200 <= status < 500, (number, status, request[:300])
    assert httpx.get(f"{url}/health/ready").status_code == 200


def answered(address: tuple[str, int], request: bytes) -> int:
    """The status of the final answer to `request`, on a connection of its own."""
    with socket.create_connection(address, timeout=PATIENCE_S) as it:
        it.sendall(request)
        parts = []
        while part := it.recv(65536):
            parts.append(part)
    text = b"".join(parts).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert text.startswith(b"HTTP/1.1 "), text[:100]
    return int(text[9:12])


@pytest.mark.parametrize(
    "change",
    [
        lambda chance, request: request[: chance.randrange(len(request))],
        lambda chance, request: request.replace(b"\r\n", b"\n"),
        lambda chance, request: bytes(
            chance.randrange(256) if chance.random() < 0.05 else byte for byte in request
        ),
        lambda chance, request: request * 3,
    ],
    ids=["cut", "bare-newlines", "flipped-bytes", "pipelined"],
)
def test_requests_broken_by_chance_do_not_break_the_server(
    url: str, change: Callable[[random.Random, bytes], bytes]
) -> None:
    chance = random.Random(SEED)
    parts = urlsplit(url)
    address = parts.hostname or "", parts.port or 0
    for _ in range(100):
        request = change(chance, some_request(chance))
        with socket.create_connection(address, timeout=PATIENCE_S) as it:
            it.sendall(request)
            with contextlib.suppress(OSError):  # it may have hung up already
                it.shutdown(socket.SHUT_WR)
            parts_said = []
            with contextlib.suppress(ConnectionResetError):
                while part := it.recv(65536):
                    parts_said.append(part)
        assert b"HTTP/1.1 5" not in b"".join(parts_said), request[:300]
    assert httpx.get(f"{url}/health/ready").status_code == 200


def test_long_chain_of_references_is_read_by_a_server_that_remembers_nothing() -> None:
    length = 170
    store = Store()

    def reference(number: int) -> list[dict[str, object]]:
        return [{"name": f"R{number}", "subject": f"s{number}", "version": 1}]

    async def ask() -> None:
        body: dict[str, object] = {}
        async with asgi_client(store) as client:
            for number in range(length):
                fields = [{"name": "f", "type": f"R{number - 1}"}] if number else []
                text = json.dumps({"type": "record", "name": f"R{number}", "fields": fields})
                body = {"schema": text, "references": reference(number - 1) if number else []}
                answer = await client.post(f"/subjects/s{number}/versions", json=body)
                assert answer.status_code == 200, answer.text
        last = f"/subjects/s{length - 1}"
        for method, path in (
            ("GET", f"{last}/versions/1?format=resolved"),
            ("POST", f"/compatibility{last}/versions/latest"),
            ("POST", f"{last}?normalize=true"),
        ):
            async with asgi_client(store) as client:
                answer = await client.request(method, path, json=body or None)
                assert answer.status_code == 200, (path, answer.text[:200])

    asyncio.run(ask())
    store.close()


def test_schema_that_reaches_too_many_others_is_refused(client: httpx.Client) -> None:
    client.post("/subjects/small/versions", json={"schema": '"string"'})
    references = [{"name": f"N{n}", "subject": "small", "version": 1} for n in range(901)]
    answer = client.post(
        "/subjects/wide/versions", json={"schema": '"string"', "references": references}
    )
    assert (answer.status_code, answer.json()["error_code"]) == (422, 42201)
    assert "the schema refers to more than 900 others" in answer.json()["message"]


def asgi_client(store: Store) -> httpx.AsyncClient:
    """A client of a server over `store` that has just been started."""
    transport = httpx.ASGITransport(create_app(store))
    return httpx.AsyncClient(transport=transport, base_url="http://registry", timeout=PATIENCE_S)
