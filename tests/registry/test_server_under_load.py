"""Bodies of every kind, large requests, many writers, and answers after a write."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemareg.registry.server import EmbeddedRegistry, create_app
from schemareg.registry.store import Store
from tests.registry.registering import record, register
from tests.support.asgi import AsgiTransport


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with (
        Store() as store,
        httpx.Client(
            transport=AsgiTransport(create_app(store)), base_url="http://registry"
        ) as client,
    ):
        yield client


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"schema":' * 50_000,
        b'{"schema": "' + b"[" * 100_000 + b'"}',
        b'{"schema": "' + b'{\\"type\\":\\"array\\",\\"items\\":' * 20_000 + b'"}',
        b'{"schema": "\\ud800"}',
        b'{"schema": "{\\"type\\":\\"string\\",\\"p\\":\\"\\\\ud800\\"}"}',
        b'{"schema": "\\"int\\"", "id": 1e999}',
        b'{"schema": "\\"int\\"", "id": ' + b"9" * 5000 + b"}",
        b'{"schema": "\\"int\\"", "version": 1e20}',
        b'{"schema": "\\"int\\"", "version": NaN}',
        b'{"schema": "1", "references": [{"name": "\\ud800", "subject": "", "version": 1}]}',
        b'{"schema": "\\"int\\"", "metadata": {"properties": {"\\udfff": "\\ud800"}}}',
        b'{"schema": "\\"int\\"", "metadata": {"tags": []}}',
        b'\xff\xfe{"schema": 1}',
        b"",
    ],
    ids=range(15),
)
def test_no_body_is_an_internal_error(client: httpx.Client, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    for path in (
        "/subjects/a/versions",
        "/subjects/a",
        "/compatibility/subjects/a/versions?verbose=true",
        "/subjects/a/versions?normalize=true",
    ):
        answer = client.post(path, content=body, headers=headers)
        assert answer.status_code in (200, 400, 404, 422), answer.text
        answer.json()
    for path in ("/config", "/mode"):
        assert client.put(path, content=body, headers=headers).status_code in (200, 400, 422)


def test_large_request_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """300 unlike branches on both sides: ninety thousand pairs to compare."""

    def union(letter: str) -> str:
        return json.dumps(
            [
                {"type": "record", "name": f"{letter}{n}", "fields": [{"name": "a", "type": "int"}]}
                for n in range(300)
            ]
        )

    with (
        EmbeddedRegistry(db=str(tmp_path / "registry.db")) as registry,
        httpx.Client(base_url=registry.url, timeout=60) as slow,
        httpx.Client(base_url=registry.url, timeout=60) as quick,
    ):
        register(quick, "wide", union("A"))
        answers: list[Any] = []
        path = "/compatibility/subjects/wide/versions/latest"
        asking = threading.Thread(
            target=lambda: answers.append(slow.post(path, json={"schema": union("B")}).json())
        )
        asking.start()
        overtaken = 0
        while asking.is_alive():
            assert quick.get("/schemas/types").json() == ["AVRO"]
            overtaken += asking.is_alive()
        asking.join()
        assert answers == [{"is_compatible": False}]
        assert overtaken > 0


def test_concurrent_registrations_number_every_version_once() -> None:
    with EmbeddedRegistry() as registry, httpx.Client(base_url=registry.url) as client:
        client.put("/config", json={"compatibility": "NONE"})
        answers: list[dict[str, Any]] = []

        def work(worker: int) -> None:
            with httpx.Client(base_url=registry.url, timeout=60) as own:
                for number in range(10):
                    text = record(f"R{worker}_{number}")
                    answers.append(register(own, "shared", text))

        workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(answer["version"] for answer in answers) == list(range(1, 81))
        assert sorted(answer["id"] for answer in answers) == list(range(1, 81))
        assert client.get("/subjects/shared/versions").json() == list(range(1, 81))


def test_answer_after_a_write_is_never_the_remembered_one(client: httpx.Client) -> None:
    register(client, "a", '"int"')
    for version in range(2, 6):
        latest = client.get("/subjects/a/versions/latest").json()
        assert latest["version"] == version - 1
        fields = [{"name": f"f{n}", "type": "int", "default": 0} for n in range(version)]
        client.put("/config/a", json={"compatibility": "NONE"})
        register(client, "a", record("A", *fields))
        assert client.get("/subjects/a/versions/latest").json()["version"] == version


def test_embedded_registry_on_a_file_keeps_what_it_had(tmp_path: Path) -> None:
    db = str(tmp_path / "registry.db")
    with EmbeddedRegistry(db=db) as registry, httpx.Client(base_url=registry.url) as client:
        register(client, "a", '"int"')
    with EmbeddedRegistry(db=db) as registry, httpx.Client(base_url=registry.url) as client:
        assert client.get("/schemas/ids/1/schema").text == '"int"'
        assert register(client, "a", '"int"')["version"] == 1
