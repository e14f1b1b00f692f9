# ruff: noqa: E501  # a row is a line
"""What went wrong for others who moved a registry, and what here keeps it from happening again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest

from schemareg.errors import ContentError
from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store import Store
from schemareg.registry.topic.importing import import_lines
from tests.registry.test_topic_importing import record
from tests.support.asgi import AsgiTransport

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/migrate-from-confluent.md"

# What happened -> the tests (file below tests/, function) or the words of the migration page that are about it.
FAULTS: dict[str, tuple[str, ...]] = {
    "two kinds of registry wrote to one topic": (
        "registry/test_topic_alarm.py::test_another_writer_while_the_node_runs",
        "Never let two kinds of registry write to one topic",
    ),
    "an import of another text under a taken id answered 200 and stored nothing": (
        "registry/test_migration_faults.py::test_import_of_another_text_under_a_taken_id_is_refused",
        "registry/test_topic_importing.py::test_dump_that_is_not_taken_whole_leaves_nothing",
        "Compare texts, not statuses",
    ),
    "the same import twice was refused, so that it could not go on where it ended": (
        "registry/test_migration_faults.py::test_import_of_the_same_version_twice_gives_the_same_answer",
        "registry/test_topic_importing.py::test_dump_that_is_not_taken_whole_leaves_nothing",
    ),
    "producers that register by themselves failed during the import": (
        "registry/test_migration_faults.py::test_a_producer_of_a_subject_in_import_mode_gets_known_ids_and_a_reason",
        "stop the producers that register by themselves",
        "refuses registrations without an id",
    ),
    "ids changed, so that old messages could not be read": (
        "registry/test_topic_importing.py::test_dump_gives_the_state_that_its_server_had",
        "registry/test_topic_golden.py::test_the_topic_gives_the_state_that_its_server_had",
    ),
    "a permanently deleted version came back with its id": (
        "registry/test_topic_other_types.py::test_a_version_is_deleted_under_every_key_that_it_has_in_the_log",
        "registry/test_topic_resuming.py::test_a_node_that_slept_past_the_retention_of_deletions_ends",
    ),
    "versions moved where an import had gaps": (
        "registry/test_migration_faults.py::test_versions_with_gaps_keep_their_numbers",
    ),
    "soft-deleted versions were not compared, and were lost": (
        "registry/test_topic_importing.py::test_export_gives_the_registry_back",
        "deleted=true",
    ),
    "a schema came before the one that it refers to": (
        "registry/test_migration_faults.py::test_a_reference_may_come_after_what_refers_to_it",
    ),
    "data topics were copied before their schemas": (
        "registry/test_client_caching.py::test_ids_are_asked_once_and_not_found_again_each_time",
        "Copy the registry before the data",
    ),
    "a console copy made tombstones the text null": (
        "registry/test_topic_store.py::test_records_of_others_are_passed_over_by_kind_and_counted",
        "registry/test_migration_faults.py::test_a_tombstone_copied_as_text_is_named_with_its_line",
        "not as the text `null`",
    ),
    "a copy of aborted records made them real": (
        "registry/test_migration_faults.py::test_an_aborted_record_in_a_copy_is_named_with_its_line",
        "copy with `isolation.level=read_committed`",
    ),
    "a copied topic had other offsets or another name": (
        "registry/test_topic_resuming.py::test_a_checkpoint_is_used_for_the_log_that_it_is_of_and_while_deletions_are_there",
        "the name that it has there",
    ),
    "newer clients' metadata and rule sets were refused": (
        "plan/test_settings.py::test_metadata_is_a_new_version_once",
        "registry/test_topic_importing.py::test_dump_gives_the_state_that_its_server_had",
    ),
    "the health check was green while nothing could be written": (
        "registry/test_topic_alarm.py::test_an_alarm_of_the_log_refuses_writes_with_its_reason_until_it_ends",
        "`/health/ready` and the metrics say who leads",
    ),
    "the old registry waited for ever on a topic that ends with a transaction": (
        "registry/test_topic_watch.py::test_a_topic_is_watched_and_released",
        "schemareg registry release",
    ),
}


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_migration_has_tests_or_a_warning(fault: str) -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    for target in FAULTS[fault]:
        path, is_test, name = target.partition("::")
        assert name in functions(path) if is_test else target in page, target


def test_there_are_sixteen() -> None:
    assert len(FAULTS) == 16


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with Store() as store:
        app = create_app(store, ServerSettings())
        with httpx.Client(transport=AsgiTransport(app), base_url="http://registry") as client:
            assert client.put("/mode/a", json={"mode": "IMPORT"}).status_code == 200
            yield client


def imported(client: httpx.Client, id: int, version: int, text: str) -> tuple[int, int]:
    """Status, and the id or the error's code."""
    answer = client.post(
        "/subjects/a/versions", json={"schema": text, "id": id, "version": version}
    )
    body = answer.json()
    return answer.status_code, body.get("id", body.get("error_code"))


def test_import_of_another_text_under_a_taken_id_is_refused(client: httpx.Client) -> None:
    assert imported(client, 7, 1, '"string"') == (200, 7)
    assert imported(client, 7, 2, '"bytes"') == (422, 42205)
    assert client.get("/schemas/ids/7").json()["schema"] == '"string"'
    assert client.get("/subjects/a/versions").json() == [1]


def test_import_of_the_same_version_twice_gives_the_same_answer(client: httpx.Client) -> None:
    for _ in range(2):
        assert imported(client, 7, 1, '"string"') == (200, 7)
        assert imported(client, 9, 4, '"bytes"') == (200, 9)
    assert client.get("/subjects/a/versions").json() == [1, 4]


def test_a_producer_of_a_subject_in_import_mode_gets_known_ids_and_a_reason(
    client: httpx.Client,
) -> None:
    assert imported(client, 7, 1, '"string"') == (200, 7)
    known, new = (
        client.post("/subjects/a/versions", json={"schema": text})
        for text in ('"string"', '"bytes"')
    )
    assert (known.status_code, known.json()["id"]) == (200, 7)
    assert (new.status_code, new.json()) == (
        422,
        {"error_code": 42205, "message": "Subject a in context  is not in read-write mode"},
    )


def test_versions_with_gaps_keep_their_numbers(client: httpx.Client) -> None:
    assert imported(client, 7, 3, '"string"') == (200, 7)
    assert imported(client, 9, 10, '"bytes"') == (200, 9)
    assert client.get("/subjects/a/versions/3").json()["id"] == 7
    assert client.get("/subjects/a/versions/latest").json()["version"] == 10


def schema(subject: str, id: int, text: str, references: str = "[]") -> str:
    key = f'{{"keytype":"SCHEMA","subject":"{subject}","version":1,"magic":1}}'
    value = (
        f'{{"subject":"{subject}","version":1,"id":{id},"references":{references},'
        f'"schema":{text},"deleted":false}}'
    )
    return record(key, value)


def test_a_reference_may_come_after_what_refers_to_it() -> None:
    refers = schema("order", 2, '"\\"Money\\""', '[{"name":"Money","subject":"money","version":1}]')
    money = schema("money", 1, '"{\\"type\\":\\"fixed\\",\\"name\\":\\"Money\\",\\"size\\":8}"')
    with Store() as store:
        import_lines(store, [refers, money], pass_over=False)
        app = create_app(store, ServerSettings())
        with httpx.Client(transport=AsgiTransport(app), base_url="http://registry") as client:
            assert client.get("/subjects/money/versions/1/referencedby").json() == [2]
            body = {
                "schema": '"Money"',
                "references": [{"name": "Money", "subject": "money", "version": 1}],
            }
            assert client.post("/subjects/order", json=body).json()["id"] == 2


def test_a_tombstone_copied_as_text_is_named_with_its_line() -> None:
    text = record('{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}', "null")
    with Store() as store, pytest.raises(ContentError, match=r"t\.jsonl:1:1: 1 of 1 records"):
        import_lines(store, [text], pass_over=False, path="t.jsonl")


def test_an_aborted_record_in_a_copy_is_named_with_its_line() -> None:
    """The id of a write that was undone is given again, so that the copy has it twice."""
    aborted, committed = schema("a", 5, '"\\"int\\""'), schema("b", 5, '"\\"long\\""')
    with Store() as store, pytest.raises(ContentError, match="id 5 is the id of another schema"):
        import_lines(store, [aborted, committed], pass_over=False, path="t.jsonl")
