"""Schemas of other types than Avro are kept and served; keys that others spell stay as they are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.backup import backup
from schemareg.registry.service.restoring import restore
from schemareg.registry.store import Store
from schemareg.registry.topic.applying import Effect
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_transcripts import ask
from tests.support.memory_log import MemoryLog

PROTO = 'syntax = "proto3";\nmessage A {\n  string a = 1;\n}\n'
SHAPE = '{"type":"object","properties":{"a":{"type":"string"}}}'


def version(subject: str, number: int, id: int, text: str, **more: object) -> Record:
    key = {"keytype": "SCHEMA", "subject": subject, "version": number, "magic": 1}
    value = {"subject": subject, "version": number, "id": id, **more, "schema": text}
    return Record(
        json.dumps(key, separators=(",", ":")).encode(),
        json.dumps({**value, "deleted": False}, separators=(",", ":")).encode(),
    )


RECORDS = [
    version("p", 1, 1, PROTO, schemaType="PROTOBUF"),
    version("j", 1, 2, SHAPE, schemaType="JSON"),
    version("a", 1, 3, '"string"', schemaType="AVRO"),
    # the same text, once as Avro and once as JSON Schema, is two schemas
    version("k", 1, 4, '"string"', schemaType="JSON"),
    version("broken", 1, 5, "no JSON at all"),
]


class Node:
    """A store over a log in memory, and its answers."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.log.append(RECORDS)
        self.store = TopicStore(self.log)
        assert self.store.is_caught_up.wait(10)
        self._app = create_app(self.store, ServerSettings())

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        request = {"method": method, "path": path, "body": body}
        status, _, answer = asyncio.run(ask(self._app, request))
        return status, json.loads(answer)


@pytest.fixture
def node() -> Iterator[Node]:
    node = Node()
    yield node
    node.store.close()


@pytest.mark.parametrize(
    ("path", "members"),
    [
        ("/schemas/ids/1", {"schemaType": "PROTOBUF", "schema": PROTO}),
        ("/schemas/ids/2", {"schemaType": "JSON", "schema": SHAPE}),
        ("/schemas/ids/3", {"schemaType": "AVRO", "schema": '"string"'}),
        ("/schemas/ids/5", {"schemaType": "AVRO", "schema": "no JSON at all"}),
        ("/subjects/p/versions/1", {"id": 1, "schemaType": "PROTOBUF", "schema": PROTO}),
        ("/subjects/j/versions/latest", {"id": 2, "schemaType": "JSON", "schema": SHAPE}),
        ("/subjects/j/versions/latest?findTags=*", {"id": 2}),
        ("/subjects/broken/versions/1?findTags=*", {"id": 5, "schema": "no JSON at all"}),
    ],
)
def test_schemas_of_every_type_are_served(node: Node, path: str, members: object) -> None:
    status, answer = node.ask("GET", path)
    assert status == 200
    assert isinstance(members, dict)
    assert {name: answer.get(name) for name in members} == members


def test_subjects_of_every_type_are_listed(node: Node) -> None:
    assert node.ask("GET", "/subjects") == (200, ["a", "broken", "j", "k", "p"])
    status, rows = node.ask("GET", "/schemas")
    assert (status, [(row["subject"], row["schemaType"]) for row in rows]) == (
        200,
        [("a", "AVRO"), ("broken", "AVRO"), ("j", "JSON"), ("k", "JSON"), ("p", "PROTOBUF")],
    )
    assert dict(node.store.effects) == {Effect.APPLIED: 2, Effect.FOREIGN_TYPE: 3}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        (
            "POST",
            "/compatibility/subjects/p/versions/latest",
            {"schema": '"string"'},
            422,
            "its type is PROTOBUF: this registry serves its text, and compares Avro alone",
        ),
        (
            "POST",
            "/subjects/p/versions",
            {"schema": '"string"'},
            422,
            "its type is PROTOBUF: this registry serves its text, and compares Avro alone",
        ),
        (
            "POST",
            "/subjects/p/versions",
            {"schema": PROTO, "schemaType": "PROTOBUF"},
            422,
            "Invalid schema type PROTOBUF",
        ),
        (
            "POST",
            "/subjects/new/versions",
            {
                "schema": '{"type":"record","name":"R","fields":[]}',
                "references": [{"name": "a.proto", "subject": "p", "version": 1}],
            },
            422,
            "its type is PROTOBUF: this registry serves its text, and compares Avro alone",
        ),
        ("POST", "/subjects/broken/versions", {"schema": '"string"'}, 422, "Invalid schema"),
        ("POST", "/subjects/k", {"schema": '"string"'}, 404, "Schema not found"),
    ],
)
def test_what_would_need_to_read_another_type_is_refused_clearly(
    node: Node, method: str, path: str, body: object, status: int, words: str
) -> None:
    found, answer = node.ask(method, path, body)
    assert (found, words in answer["message"]) == (status, True), answer


def test_a_subject_of_another_type_can_be_deleted_and_keeps_its_type(node: Node) -> None:
    assert node.ask("DELETE", "/subjects/p/versions/1") == (200, 1)
    value = node.log.last_value()
    assert json.loads(value or b"")["schemaType"] == "PROTOBUF"
    status, answer = node.ask("GET", "/subjects/p/versions/1?deleted=true")
    assert (status, answer["schema"], answer["deleted"]) == (200, PROTO, True)
    assert node.ask("DELETE", "/subjects/p/versions/1?permanent=true") == (200, 1)
    assert node.ask("GET", "/schemas/ids/1")[0] == 404
    # an Avro schema is registered elsewhere as ever
    assert node.ask("POST", "/subjects/new/versions", {"schema": '"string"'})[1]["id"] == 3


def test_a_backup_keeps_the_type(node: Node) -> None:
    node.ask("DELETE", "/subjects/broken")
    node.ask("DELETE", "/subjects/broken?permanent=true")
    with node.store.reading() as tables:
        lines = list(backup(tables))
    with Store() as store:
        restore(store, lines)
        with store.reading() as tables:
            assert list(backup(tables)) == lines
            content = tables.content(".", 1)
    assert content is not None
    assert (content.schema_type, content.text) == ("PROTOBUF", PROTO)


OURS = b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}'
OTHER_ORDER = b'{"magic":1,"version":1,"subject":"s","keytype":"SCHEMA"}'
OLD_MAGIC = b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":0}'
LONG_NAME = b'{"keytype":"SCHEMA","subject":":.:s","version":1,"magic":1}'


@pytest.mark.parametrize(
    ("spelled", "named"),
    [
        ([OURS], {OURS: "s"}),
        ([OTHER_ORDER], {OTHER_ORDER: "s"}),
        ([OLD_MAGIC], {OLD_MAGIC: "s"}),
        ([LONG_NAME], {LONG_NAME: ":.:s"}),
        ([OURS, OLD_MAGIC], {OLD_MAGIC: "s", OURS: "s"}),
        ([OLD_MAGIC, OURS], {OLD_MAGIC: "s", OURS: "s"}),
        ([OTHER_ORDER, LONG_NAME, OURS], {OURS: "s", LONG_NAME: ":.:s", OTHER_ORDER: "s"}),
    ],
)
def test_a_version_is_deleted_under_every_key_that_it_has_in_the_log(
    node: Node, spelled: list[bytes], named: dict[bytes, str]
) -> None:
    for key in spelled:
        value = {"subject": json.loads(key)["subject"], "version": 1, "id": 9, "schema": '"int"'}
        last = node.log.append([Record(key, json.dumps(value).encode())])
    assert node.store.wait_for(last, 10)
    before = node.log.count()
    assert node.ask("DELETE", "/subjects/s/versions/1") == (200, 1)
    written = node.log.since(before)
    assert {key: json.loads(value or b"")["subject"] for key, value in written} == named
    before = node.log.count()
    assert node.ask("DELETE", "/subjects/s/versions/1?permanent=true") == (200, 1)
    assert dict(node.log.since(before)) == dict.fromkeys(named)
    # nothing of it is left: a new version of that number is spelled as ours
    before = node.log.count()
    assert node.ask("POST", "/subjects/s/versions", {"schema": '"long"'})[0] == 200
    assert [key for key, _ in node.log.since(before)] == [OURS]
