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
from schemareg.registry.store.identity import digest
from tests.support.asgi import AsgiTransport


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as store:
        yield store


@pytest.fixture
def client(store: Store) -> Iterator[httpx.Client]:
    app = create_app(store, ServerSettings(keep_rule_sets=True))
    with httpx.Client(transport=AsgiTransport(app), base_url="http://registry") as client:
        yield client


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
    text = tables.content(".", 1).text
    named = digest(text, json.loads(references))
    row = references, named
    tables.connection.execute("UPDATE contents SET refs = ?, digest = ? WHERE id = 1", row)
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


# identities


def typed(field: str) -> str:
    return json.dumps(
        {"type": "record", "name": "T", "fields": [{"name": field, "type": "string"}]}
    )


def test_equal_digest_is_not_an_equal_schema(client: httpx.Client) -> None:
    """A digest joins the name and the subject of a reference without a border."""
    text = record("M", "T")
    register(client, "orders", typed("evil"))
    register(client, "shared-orders", typed("amount"))
    theirs = register(client, "att-m", text, references=[refers("Tshared-", "orders")])
    ours = register(client, "invoices", text, references=[refers("T", "shared-orders")])
    assert theirs["guid"] == ours["guid"]
    assert theirs["id"] != ours["id"]
    resolved = client.get("/subjects/invoices/versions/1?format=resolved").json()["schema"]
    assert "amount" in resolved
    client.put("/config/att-m", json={"compatibility": "NONE"})
    again = register(client, "att-m", text, references=[refers("T", "shared-orders")])
    assert (again["id"], again["version"]) == (ours["id"], 2)
    for answer, subject in ((theirs, "orders"), (ours, "shared-orders")):
        (reference,) = client.get(f"/schemas/ids/{answer['id']}").json()["references"]
        assert reference["subject"] == subject
    users = client.get(f"/schemas/ids/{theirs['id']}/versions").json()
    assert users == [{"subject": "att-m", "version": 1}]


def test_import_under_an_id_of_equal_digest_is_refused(client: httpx.Client) -> None:
    register(client, "orders", typed("a"))
    register(client, "shared-orders", typed("a"))
    id = register(client, "a", record("N"), references=[refers("Tshared-", "orders")])["id"]
    importing(client, "b")
    answer = register(client, "b", record("N"), id=id, references=[refers("T", "shared-orders")])
    assert answer["error_code"] == 42205


# ids and versions


def test_ids_after_the_highest_integer_stay_integers_and_are_found(client: httpx.Client) -> None:
    importing(client, "mine")
    assert register(client, "mine", '"int"', id=2**31 - 1)["id"] == 2**31 - 1
    ids = [register(client, "other", record(f"R{n}"))["id"] for n in range(1)]
    ids += [register(client, f"more-{n}", record(f"R{n}"))["id"] for n in range(1, 4)]
    assert ids == [-(2**31), -(2**31) + 1, -(2**31) + 2, -(2**31) + 3]
    for id in ids:
        assert client.get(f"/schemas/ids/{id}").status_code == 200
    register(client, ":.x:a", '"int"')
    assert client.get("/schemas/ids/1?subject=:.x:a").status_code == 200


def test_version_after_the_highest_integer_is_refused(client: httpx.Client) -> None:
    importing(client, "mine")
    answer = register(client, "mine", '"int"', id=1, version=2**31 - 1)
    assert answer["version"] == 2**31 - 1
    client.delete("/mode/mine")
    assert register(client, "mine", '"int"')["version"] == 2**31 - 1
    answer = register(client, "mine", '"long"')
    assert (answer["error_code"], answer["message"]) == (
        42205,
        "Subject mine has no version number left: 2147483647 is the highest",
    )


# texts


@pytest.mark.parametrize(
    "rules",
    [
        '{"domainRules":[{"name":"r","mode":"WRITE","type":"CEL","doc":"\\ud800"}]}',
        '{"domainRules":[{"name":"r","type":"CEL","params":{"\\udfff":["\\ud800"]}}]}',
        '{"enableAt":"\\ud800"}',
    ],
)
def test_rule_set_with_half_a_character_is_kept_as_valid_text(
    client: httpx.Client, rules: str
) -> None:
    body = f'{{"schema":"\\"int\\"","ruleSet":{rules}}}'
    assert client.post("/subjects/rs/versions", content=body).status_code == 200
    config = f'{{"defaultRuleSet":{rules}}}'
    assert client.put("/config/rs", content=config).status_code == 200
    for path in ("/schemas", "/schemas/ids/1", "/subjects/rs/versions/1", "/config/rs"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "?" in answer.text
