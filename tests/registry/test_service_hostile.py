"""Requests that would harm a registry for others: cycles, borrowed identities, used-up numbers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store import Store
from tests.support.asgi import AsgiTransport


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as store:
        yield store


@pytest.fixture
def client(store: Store) -> httpx.Client:
    app = create_app(store, ServerSettings(keep_rule_sets=True))
    return httpx.Client(transport=AsgiTransport(app), base_url="http://registry")


def record(name: str, *types: object) -> str:
    fields = [{"name": f"f{index}", "type": type} for index, type in enumerate(types)]
    return json.dumps({"type": "record", "name": name, "fields": fields})


def refers(name: str, subject: str, version: int = 1) -> dict[str, object]:
    return {"name": name, "subject": subject, "version": version}


def register(client: httpx.Client, subject: str, text: str, **more: object) -> Any:
    return client.post(f"/subjects/{subject}/versions", json={"schema": text, **more}).json()


def importing(client: httpx.Client, subject: str) -> None:
    client.put(f"/mode/{subject}?force=true", json={"mode": "IMPORT"}).raise_for_status()


# references that form a cycle


@pytest.mark.parametrize(
    "path", [["a"], ["a", "b"], ["a", "b", "c"], [":.x:a", ":.x:b"]], ids=lambda path: len(path)
)
def test_reference_that_closes_a_cycle_is_refused(client: httpx.Client, path: list[str]) -> None:
    register(client, path[0], record("A"))
    for before, subject in itertools.pairwise(path):
        name = before[-1].upper()
        answer = register(
            client, subject, record(subject[-1].upper(), name), references=[refers(name, before)]
        )
        assert "id" in answer
    importing(client, path[0])
    last = path[-1][-1].upper()
    answer = register(
        client,
        path[0],
        json.dumps(["null", last]),
        references=[refers(last, path[-1])],
        version=1,
        id=77,
    )
    assert answer["error_code"] == 42201
    assert "form a cycle" in answer["message"]
    assert client.get(f"/subjects/{path[0]}/versions/1?format=resolved").status_code == 200


def test_stored_cycle_is_one_clear_error(store: Store, client: httpx.Client) -> None:
    register(client, "a", record("A"))
    register(client, "b", record("B", "A"), references=[refers("A", "a")])
    store.write(lambda tables: _point_at(tables, '[["B","b",1]]'))
    for path in ("/subjects/a/versions/1", "/subjects/b/versions/1", "/schemas/ids/1"):
        answer = client.get(f"{path}?format=resolved")
        assert (answer.status_code, answer.json()["error_code"]) == (422, 42201)
        assert "form a cycle" in answer.json()["message"]
        assert client.get(path).status_code == 200
    text = {"schema": record("C", "A"), "references": [refers("A", "a")]}
    for path in ("/subjects/c/versions", "/compatibility/subjects/b/versions/1", "/subjects/b"):
        assert "form a cycle" in client.post(path, json=text).json()["message"]


def _point_at(tables: Any, references: str) -> None:
    tables.connection.execute("UPDATE contents SET refs = ? WHERE id = 1", (references,))
    tables.connection.execute("INSERT INTO uses VALUES ('b', 1, 1)")


def test_long_chain_of_references_is_read_once_per_schema(client: httpx.Client) -> None:
    register(client, "s0", record("R0"))
    for number in range(1, 100):
        name = f"R{number - 1}"
        register(
            client,
            f"s{number}",
            record(f"R{number}", name, name),
            references=[refers(name, f"s{number - 1}")],
        )
    answer = client.get("/subjects/s99/versions/1?format=resolved")
    assert answer.json()["schema"].count('"record"') == 100
