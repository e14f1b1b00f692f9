"""Backups that were edited and sealed again: what the API lets in is restored, nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from schemareg.errors import ContentError
from schemareg.registry.service.restoring import restore
from schemareg.registry.store import Store

INT = {"context": ".", "id": 1, "schema": '"int"'}
VERSION = {"subject": "a", "version": 1, "id": 1, "deleted": False, "written_ms": 7}
A = '{"type":"record","name":"A","fields":[]}'
B = '{"type":"record","name":"B","fields":[{"name":"a","type":"A"}]}'
ASSOCIATION = {
    "guid": "6f0e1d1c-3c55-4b3f-9d6a-0d1c5b0c9f11",
    "resource_name": "orders",
    "resource_namespace": "-",
    "resource_id": "id-1",
    "resource_type": "topic",
    "association_type": "value",
    "subject": "a",
    "lifecycle": "WEAK",
    "frozen": False,
    "created_ms": 1,
    "updated_ms": 2,
}
Lines = Sequence[tuple[str, dict[str, Any]]]


def sealed(lines: Lines) -> list[str]:
    written = [json.dumps({kind: what}) + "\n" for kind, what in [HEAD, *lines]]
    digest = hashlib.sha256("".join(written).encode()).hexdigest()
    return [*written, json.dumps({"end": {"lines": len(written), "sha256": digest}}) + "\n"]


HEAD: tuple[str, dict[str, Any]] = ("backup", {"format_version": 2})


def with_version(**changes: object) -> Lines:
    return [("schema", INT), ("version", {**VERSION, **changes})]


def with_schema(**changes: object) -> Lines:
    schema = {**INT, **changes}
    return [("schema", schema), ("version", {**VERSION, "id": schema["id"]})]


def one(kind: str, **members: object) -> Lines:
    return [(kind, members)]


NO_METADATA: list[Any] = [
    [],
    {"tags": []},
    {"tags": {"a": "b"}},
    {"properties": {"a": 1}},
    {"x": 1},
]
NO_RULES: list[Any] = [[], {"domainRules": {}}, {"domainRules": [1]}]

WRONG: list[tuple[Lines, str]] = [
    *((with_version(version=v), ":3:1: ") for v in ("FOO", 1.5, 0, -3, 2**31, 2**40, 2**63, True)),
    (with_version(id="1"), ":3:1: not a line of a backup: `id` is '1', which is not an integer"),
    (with_version(id=2), "id 2 has no `schema` line before"),
    (with_version(deleted="no"), "`deleted` is 'no', which is not a boolean"),
    *((with_version(written_ms=ms), "`written_ms` is") for ms in ("x", -1, 10**18, 1.5, None)),
    *(
        (with_version(subject=subject), "`subject` is")
        for subject in ("", "a\nb", ":.:a", "__EMPTY", "__GLOBAL", ":.__GLOBAL:a", ":*:a", 7)
    ),
    ([*with_version(), ("version", VERSION)], ":4:1: not a line of a backup: version 1 of a has"),
    *((with_schema(id=id), ":2:1: ") for id in ("1", 2**31, -(2**31) - 1, 1.0, None)),
    *((with_schema(context=c), "which is no context") for c in ("", "x", ".a:b", ":.x:")),
    ([("schema", INT), ("schema", INT)], "id 1 of context . has two `schema` lines"),
    *(
        (with_schema(schema=text), "a schema that no registry may hold")
        for text in ("{}", '{"type":"nope"}', '"nope"')
    ),
    (with_schema(schema="no JSON"), ":2:1: not a line of a backup"),
    (with_schema(schema='"\ud800"'), ":2:1: not a line of a backup"),
    (
        with_schema(references=[["A", "gone", 1]]),
        ":2:1: a schema that no registry may hold: it refers to A in gone version 1, which is",
    ),
    (with_schema(references=[["A", "a", 1]]), "references form a cycle through A"),
    (
        [
            ("schema", {**INT, "schema": A, "references": [["B", "b", 1]]}),
            ("schema", {**INT, "id": 2, "schema": B, "references": [["A", "a", 1]]}),
            ("version", VERSION),
            ("version", {**VERSION, "subject": "b", "id": 2}),
        ],
        "references form a cycle",
    ),
    (with_schema(references=[["A", "a", 0]]), "`version` is 0"),
    (with_schema(references=[["A", None, 1]]), "`subject` is None"),
    (with_schema(references={}), "`references` is {}"),
    *((with_schema(metadata=metadata), ":2:1: not a line of a backup") for metadata in NO_METADATA),
    *((with_schema(ruleSet=r), ":2:1: ") for r in NO_RULES),
    *((one("context", name=".", last_id=last), "`last_id`") for last in ("x", 2**31, None, 1.5)),
    (one("context", name="x", last_id=1), "which is no context"),
    (one("mode", subject="a", mode="FOO"), "'FOO' is not a valid Mode"),
    (one("mode", subject="a\0", mode="IMPORT"), "`subject` is"),
    (one("config", subject="a", config=[]), "`config` is []"),
    (one("config", subject="a", config={"compatibility": "FOO"}), "'FOO' is not a valid"),
    (one("config", subject="a", config={"normalize": "yes"}), "`normalize` is 'yes'"),
    (one("config", subject="a", config={"alias": 7}), "`alias` is 7"),
    (one("config", subject="a", config={"defaultMetadata": []}), "`defaultMetadata` is []"),
    (one("config", subject="a", config={"nope": 1}), "`nope` is no member of a configuration"),
    (one("association", **{**ASSOCIATION, "lifecycle": "FOO"}), "'FOO' is not a valid Lifecycle"),
    (one("association", **{**ASSOCIATION, "frozen": 0}), "`frozen` is 0"),
    (one("association", **{**ASSOCIATION, "guid": "x"}), ":2:1: "),
    (one("association", **{**ASSOCIATION, "subject": ""}), "`subject` is ''"),
    (one("association", **{**ASSOCIATION, "created_ms": "1"}), "`created_ms` is '1'"),
]


@pytest.mark.parametrize(("lines", "message"), WRONG)
def test_edited_backup_is_refused_whole(lines: Lines, message: str) -> None:
    good: Lines = [("context", {"name": ".kept", "last_id": 3})]
    with Store() as store:
        with pytest.raises(ContentError) as refused:
            restore(store, sealed([*lines, *good]), path="dump.jsonl")
        assert message in str(refused.value)
        with store.reading() as tables:
            assert tables.is_empty()


RIGHT: list[Lines] = [
    with_version(),
    with_version(subject="odd name:with/all"),
    [("schema", {**INT, "context": ".x"}), ("version", {**VERSION, "subject": ":.x:a"})],
    [("schema", {**INT, "id": -(2**31)}), ("version", {**VERSION, "id": -(2**31)})],
    [("schema", {**INT, "schema": A, "references": [["B", "gone", 1]]})],
    [
        ("schema", {**INT, "references": [["B", "gone", 1]]}),
        ("version", {**VERSION, "deleted": True}),
    ],
    [
        ("schema", {**INT, "id": 2, "schema": B, "references": [["A", "a", 1]]}),
        ("schema", {**INT, "schema": A}),
        ("version", VERSION),
        ("version", {**VERSION, "subject": "b", "id": 2}),
    ],
    one("config", subject="", config={"compatibility": "NONE"}),
    one("config", subject=":.__GLOBAL:", config={"normalize": True}),
    one("config", subject=":.x:", config={"defaultMetadata": {"tags": {"b": ["x"]}}}),
    one("mode", subject=":*:", mode="READONLY"),
    one("association", **ASSOCIATION),
]


@pytest.mark.parametrize("lines", RIGHT)
def test_backup_of_what_the_api_lets_in_is_restored(lines: Lines, tmp_path: Path) -> None:
    with Store(str(tmp_path / "new.db")) as store:
        assert restore(store, sealed(lines)) == len(lines) + 2
