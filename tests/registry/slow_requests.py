"""Requests that once held up a server, and how long another client waits while each runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx

VERSIONS = "/subjects/{}/versions"
CHECK = "/compatibility/subjects/{}/versions"


def record(name: str, *fields: object) -> dict[str, object]:
    return {"type": "record", "name": name, "fields": [*fields]}


def of_type(name: str, type_: object) -> dict[str, object]:
    return {"name": name, "type": type_}


def unions(prefix: str, count: int, branches: int) -> str:
    """Unions of records in which record i of union u reaches union (3u + i) mod `count`."""
    kinds = [
        [
            record(f"{prefix}{u}x{i}", of_type("f", f"W{(3 * u + i) % count}"))
            for i in range(branches)
        ]
        for u in range(count)
    ]
    first = record("W0", of_type("u0", kinds[0]))
    for u in range(1, count):
        kinds[0][u]["fields"] = [of_type("f", record(f"W{u}", of_type("u", kinds[u])))]
    return json.dumps(first)


@dataclass(frozen=True)
class Slow:
    """A request, what has to be registered for it, and which statuses are right answers."""

    path: str
    body: Mapping[str, object] | None
    prepare: Callable[[httpx.Client], None] = lambda client: None
    statuses: tuple[int, ...] = (200,)
    at_once: int = 1
    method: str = field(default="")

    def send(self, client: httpx.Client) -> httpx.Response:
        method = self.method or ("GET" if self.body is None else "POST")
        return client.request(method, self.path, json=self.body)


def register(client: httpx.Client, subject: str, schema: str, **more: object) -> None:
    answer = client.post(VERSIONS.format(subject), json={"schema": schema, **more})
    assert answer.status_code == 200, answer.text[:300]


def level(client: httpx.Client, subject: str, value: str) -> None:
    client.put(f"/config/{subject}", json={"compatibility": value}).raise_for_status()


def reference(name: str, subject: str, version: int = 1) -> dict[str, object]:
    return {"name": name, "subject": subject, "version": version}


def _unions_that_meet(client: httpx.Client) -> None:
    register(client, "meet-a", unions("A", 16, 100))
    register(client, "meet-b", unions("B", 16, 100))


def _wide(name: str, branches: int) -> str:
    kinds = [record(f"{name}b{i}", of_type("f", "int")) for i in range(branches)]
    return json.dumps(record(name, of_type("u", kinds)))


def _union_records(client: httpx.Client) -> None:
    for k in range(12):
        register(client, f"wide-a{k}", _wide(f"T{k}", 390))
        register(client, f"wide-b{k}", _wide(f"T{k}", 390).replace(f"T{k}b", f"S{k}b"))
    names = [f"T{k}" for k in range(12)]
    fields = [of_type(f"f{k}", name) for k, name in enumerate(names)]
    references = [reference(name, f"wide-a{k}") for k, name in enumerate(names)]
    register(client, "wide", json.dumps(record("R", *fields)), references=references)


_WIDE_BODY = {
    "schema": json.dumps(record("R", *[of_type(f"f{k}", f"T{k}") for k in range(12)])),
    "references": [reference(f"T{k}", f"wide-b{k}") for k in range(12)],
}


def _many_references(client: httpx.Client) -> None:
    big = json.dumps({**record("Big", of_type("f", "int")), "doc": "x" * 900_000})
    register(client, "big", big)
    level(client, "many", "NONE")
    references = [reference(f"n{i}", "big") for i in range(890)]
    register(client, "many", '"int"', references=references)


def _chain(client: httpx.Client) -> None:
    register(client, "chain0", json.dumps(record("C0", of_type("f", "int"))))
    for k in range(1, 400):
        register(
            client,
            f"chain{k}",
            json.dumps(record(f"C{k}", of_type("f", f"C{k - 1}"))),
            references=[reference(f"C{k - 1}", f"chain{k - 1}")],
        )


def _alike(client: httpx.Client) -> None:
    big = json.dumps({**record("Large", of_type("f", "int")), "doc": "x" * 800_000})
    register(client, "large", big)
    level(client, "alike", "NONE")
    for k in range(100):
        schema = json.dumps(record(f"V{k}", of_type("f", "Large")))
        register(client, "alike", schema, references=[reference("Large", "large")])


def _transitive(client: httpx.Client) -> None:
    level(client, "trans", "NONE")
    for k in range(30):
        fields = [of_type(f"f{i}", ["null", "int", "string"]) for i in range(3_000 + k)]
        register(client, "trans", json.dumps(record("T", *fields)))
    level(client, "trans", "FULL_TRANSITIVE")


def _aliases(client: httpx.Client) -> None:
    level(client, "aliases", "NONE")
    for k in range(2):
        names = [f"a{k}x{i}" for i in range(60_000)]
        register(client, "aliases", json.dumps({**record("A"), "aliases": names}))


def _union_check(branches: int) -> dict[str, object]:
    kinds = [record(f"New{i}", of_type("f", "long")) for i in range(branches)]
    return {"schema": json.dumps(record("U", of_type("u", kinds)))}


def _wide_union(client: httpx.Client) -> None:
    kinds = [record(f"Old{i}", of_type("f", "int")) for i in range(390)]
    register(client, "union", json.dumps(record("U", of_type("u", kinds))))


ANY_REFUSAL = (200, 422, 503)
ROWS: Mapping[str, Slow] = {
    "unions-that-meet": Slow(
        CHECK.format("meet-a"),
        {"schema": '"W0"', "references": [reference("W0", "meet-b")]},
        _unions_that_meet,
        ANY_REFUSAL,
    ),
    "unions-behind-references": Slow(CHECK.format("wide"), _WIDE_BODY, _union_records, ANY_REFUSAL),
    "references-to-many-references": Slow(
        CHECK.format("many"),
        {"schema": '"int"', "references": [reference(f"m{i}", "many") for i in range(20)]},
        _many_references,
        (422,),
    ),
    "one-reference-to-many": Slow(
        CHECK.format("many"),
        {"schema": '"int"', "references": [reference("m", "many")]},
        _many_references,
        ANY_REFUSAL,
    ),
    "chain": Slow(VERSIONS.format("chain399") + "/1?format=resolved", None, _chain),
    "alike-versions": Slow("/subjects/alike", {"schema": '"int"'}, _alike, (404, 422)),
    "transitive-check": Slow(CHECK.format("trans"), {"schema": '"int"'}, _transitive),
    "aliases-page": Slow("/ui/subjects/aliases/diff?old=1&new=2", None, _aliases),
    "eight-checks": Slow(
        CHECK.format("union"), _union_check(390), _wide_union, ANY_REFUSAL, at_once=8
    ),
    "unknown-names": Slow(
        CHECK.format("none"),
        {"schema": json.dumps([f"n{i}" for i in range(50_000)])},
        statuses=(422,),
    ),
    "unknown-names-in-a-small-body": Slow(
        CHECK.format("none"),
        {"schema": json.dumps([f"n{i}" for i in range(1_500)])},
        statuses=(422,),
    ),
}


@contextmanager
def longest_wait(url: str) -> Iterator[Callable[[], float]]:
    """Sends short requests on fresh connections; how long the longest took so far, in seconds."""
    waits = [0.0]
    parts = urlsplit(url)
    stopping = threading.Event()

    def ask() -> None:
        while not stopping.is_set():
            for path in ("/health/live", "/schemas/types"):
                started = time.monotonic()
                client = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
                client.request("GET", path)
                client.getresponse().read()
                client.close()
                waits.append(time.monotonic() - started)
            stopping.wait(0.01)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield lambda: max(waits)
    finally:
        stopping.set()
        thread.join()


def send_all(url: str, slow: Slow, timeout_s: float) -> list[int]:
    """The statuses of the request, sent `at_once` times in parallel."""
    statuses: list[int] = []

    def send() -> None:
        with httpx.Client(base_url=url, timeout=timeout_s) as client:
            statuses.append(slow.send(client).status_code)

    threads = [threading.Thread(target=send) for _ in range(slow.at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
