"""A node whose topic is in danger refuses writes and goes on reading; one that is broken ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from schemareg.errors import ExternalFailureError
from schemareg.registry.server import create_app, serving
from schemareg.registry.server.serving import RegistryServer
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.kafka_watch import replaced
from schemareg.registry.topic.log import LogIdentity, LogMovedError
from schemareg.registry.topic.node import Origin
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_transcripts import ask
from tests.support.memory_log import MemoryLog

NOOP = Record(b'{"keytype":"NOOP","magic":0}', None)
CONFIG = Record(b'{"keytype":"CONFIG","subject":"z","magic":0}', b'{"compatibilityLevel":"NONE"}')
CO_WRITING = (
    "the record at offset 4 was written by a registry of another kind; "
    "stop that one, then start the nodes of this one again"
)
DAY = 86_400_000


def request(store: TopicStore, method: str, path: str, body: object = None) -> tuple[int, Any]:
    app = create_app(store, ServerSettings())
    asked = {"method": method, "path": path, "body": body}
    status, _, answer = asyncio.run(ask(app, asked))
    return status, json.loads(answer)


def opened(log: MemoryLog) -> TopicStore:
    store = TopicStore(log)
    assert store.is_caught_up.wait(10)
    assert request(store, "POST", "/subjects/a/versions", {"schema": '"string"'})[0] == 200
    return store


def test_an_alarm_of_the_log_refuses_writes_with_its_reason_until_it_ends() -> None:
    log = MemoryLog()
    store = opened(log)
    try:
        log.alarm = "topic _schemas has cleanup.policy=delete: schemas would be lost"
        wanted = {"error_code": 50001, "message": log.alarm}
        status, body = request(store, "POST", "/subjects/a/versions", {"schema": '"bytes"'})
        assert (status, body["error_code"]) == (500, 50001)
        assert wanted["message"] in body["message"]
        assert request(store, "GET", "/subjects")[1] == ["a"]
        status, ready = request(store, "GET", "/health/ready")
        assert (status, log.alarm in ready["reason"]) == (503, True)
        assert request(store, "GET", "/health/live") == (200, {"status": "live"})
        log.alarm = None
        assert request(store, "PUT", "/config/a", {"compatibility": "NONE"})[0] == 200
    finally:
        store.close()


@pytest.mark.parametrize(
    ("record", "alarm"),
    [(CONFIG, CO_WRITING), (NOOP, None)],
    ids=["a setting", "the NOOP of a registry that starts"],
)
def test_another_writer_while_the_node_runs(record: Record, alarm: str | None) -> None:
    log = MemoryLog()
    store = opened(log)
    try:
        assert store.wait_for(log.append([NOOP]), 10)
        assert store.wait_for(log.append([record], is_foreign=True), 10)
        assert store.alarm == alarm
        assert store.foreign_records == 1
        status, _ = request(store, "PUT", "/config/a", {"compatibility": "NONE"})
        assert status == (200 if alarm is None else 500)
    finally:
        store.close()


def test_records_of_others_from_before_the_node_started_are_no_alarm() -> None:
    log = MemoryLog()
    log.append([CONFIG], is_foreign=True)
    store = TopicStore(log)
    try:
        assert store.is_caught_up.wait(10)
        assert (store.alarm, store.foreign_records) == (None, 1)
    finally:
        store.close()


def test_a_log_that_moved_leaves_the_state_readable_and_the_process_alive() -> None:
    log = MemoryLog()
    store = opened(log)
    try:
        log.breaks = LogMovedError("topic _schemas: offset out of range")
        log.close()
        store._follower.join(10)
        assert store.failure is None
        assert request(store, "GET", "/health/live")[0] == 200
        assert request(store, "GET", "/health/ready")[0] == 503
        assert request(store, "GET", "/subjects")[1] == ["a"]
        status, body = request(store, "PUT", "/config/a", {"compatibility": "NONE"})
        assert (status, body["error_code"]) == (500, 50001)
        assert "export this node's state before it ends" in body["message"]
    finally:
        store.close()


def test_a_reader_that_died_is_not_live_and_ends_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = MemoryLog()
    store = opened(log)
    monkeypatch.setattr(serving, "open_store", lambda settings, url: store)
    with RegistryServer(ServerSettings(port=0)) as server:
        log.breaks = RuntimeError("the reader met a bug")
        log.close()
        with pytest.raises(ExternalFailureError) as ended:
            server.run()
        assert ended.value.message == "the server ended: the reader met a bug"
        assert request(store, "GET", "/health/live") == (
            503,
            {"status": "not live", "reason": "the reader met a bug"},
        )


@pytest.mark.parametrize(
    ("now", "alarm"),
    [
        (LogIdentity("C", "T", DAY), None),
        (LogIdentity("C", "T", 1), None),
        (
            LogIdentity("C", "U", DAY),
            "topic _schemas was made anew; export this node's state before it ends",
        ),
        (LogIdentity("D", "T", DAY), "topic _schemas is in another cluster now: D, it was C"),
    ],
)
def test_a_topic_is_the_one_it_was(now: LogIdentity, alarm: str | None) -> None:
    assert replaced("_schemas", LogIdentity("C", "T", DAY), now) == alarm


def test_a_node_counts_what_dashboards_show() -> None:
    log = MemoryLog()
    log.leader = Origin("n", "http://127.0.0.1:1", 3)
    store = opened(log)
    try:
        app = create_app(store, ServerSettings())
        asked = {"method": "GET", "path": "/metrics", "body": None}
        _, _, text = asyncio.run(ask(app, asked))
        lines = text.decode() if isinstance(text, bytes) else text
        for line in (
            "schemareg_topic_offset 2.0",
            "schemareg_topic_lag 0.0",
            "schemareg_leader 1.0",
            "schemareg_take_over_milliseconds 120.0",
            "cp_kafka_schema_registry_leader_initialization_latency 120.0",
            "schemareg_term 3.0",
            "schemareg_topic_alarm 0.0",
            "schemareg_forwarded_writes_total 0.0",
            "schemareg_foreign_records_total 0.0",
            'schemareg_topic_records_total{effect="applied"} 1.0',
            "cp_kafka_schema_registry_master_slave_role 1.0",
            "cp_kafka_schema_registry_registered_count 1.0",
        ):
            assert line in lines.splitlines()
    finally:
        store.close()
