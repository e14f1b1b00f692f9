"""What a leader decides, it decides over all that it wrote: no id is given twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from schemareg.registry.topic import kafka_writer
from schemareg.registry.topic import store as topic_store
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.kafka_clients import TopicAddress
from schemareg.registry.topic.node import Origin
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_topic_alarm import request
from tests.support.memory_log import MemoryLog

UNKNOWN = (500, 50002)
NOTHING_WRITTEN = (500, 50001)
NO_LEADER = (500, 50004)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def store(log: MemoryLog) -> Iterator[TopicStore]:
    store = TopicStore(log)
    assert store.is_caught_up.wait(10)
    yield store
    log.is_held = False
    store.close()


def register(store: TopicStore, subject: str, text: str) -> tuple[int, int]:
    """Status, and the id or the error's code."""
    status, body = request(store, "POST", f"/subjects/{subject}/versions", {"schema": text})
    return status, body["id"] if status == 200 else body["error_code"]


def test_an_id_whose_record_has_not_come_back_is_not_given_again(
    log: MemoryLog, store: TopicStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.is_held = True
    with monkeypatch.context() as patch:
        patch.setattr(topic_store, "READ_BACK_TIMEOUT_S", 0.05)
        patch.setattr(topic_store, "_OWN_WRITES_TIMEOUT_S", 0.05)
        assert register(store, "a", '"string"') == UNKNOWN
        assert register(store, "b", '"bytes"') == NOTHING_WRITTEN
    log.is_held = False
    assert store.wait_for(log.count() - 1, 10)
    assert register(store, "b", '"bytes"') == (200, 2)
    assert register(store, "a", '"string"') == (200, 1)


def test_a_record_that_another_writer_was_before_is_not_called_written(
    log: MemoryLog, store: TopicStore
) -> None:
    assert register(store, "a", '"string"') == (200, 1)
    key = b'{"keytype":"SCHEMA","subject":"c","version":1,"magic":1}'
    value = {"subject": "c", "version": 1, "id": 2, "schema": '"int"', "deleted": False}
    log.before_append = [Record(key, json.dumps(value).encode())]
    assert register(store, "b", '"bytes"') == UNKNOWN
    assert request(store, "GET", "/schemas/ids/2")[1]["schema"] == '"int"'


def test_what_was_decided_in_one_term_is_not_written_in_another(
    log: MemoryLog, store: TopicStore
) -> None:
    assert register(store, "a", '"string"') == (200, 1)
    appended = log.append

    def append_later(records: list[Record], term: int) -> int:
        log.led += 1  # this node lost its term and won the next one while it decided
        return appended(records, term)

    log.append = append_later  # type: ignore[method-assign,assignment]
    assert register(store, "b", '"bytes"') == NO_LEADER
    log.append = appended  # type: ignore[method-assign]
    assert register(store, "b", '"bytes"') == (200, 2)


def test_an_offset_that_was_read_before_is_of_another_log(
    log: MemoryLog, store: TopicStore
) -> None:
    assert register(store, "a", '"string"') == (200, 1)
    log.append = lambda records, term: 0  # type: ignore[method-assign,assignment,misc]
    assert register(store, "b", '"bytes"') == UNKNOWN
    assert request(store, "GET", "/subjects")[1] == ["a"]


class OffsetsFrom:
    """A producer whose records get the offsets from `begin` on; notes what ended them."""

    def __init__(self, begin: int) -> None:
        self.offset = begin
        self.ended: list[str] = []
        self._reports: list[Any] = []

    def init_transactions(self, timeout_s: float) -> None: ...
    def begin_transaction(self) -> None: ...

    def produce(self, topic: str, *, on_delivery: Any, **record: Any) -> None:
        self._reports.append(on_delivery)

    def flush(self, timeout_s: float) -> None:
        for report in self._reports:
            report(None, SimpleNamespace(offset=lambda: self.offset))
        self._reports.clear()

    def commit_transaction(self, timeout_s: float) -> None:
        self.ended.append("commit")

    def abort_transaction(self, timeout_s: float) -> None:
        self.ended.append("abort")


def test_a_writer_commits_nothing_below_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A topic that is made anew between a record and its acknowledgement takes the record."""
    producer = OffsetsFrom(7)
    monkeypatch.setattr(kafka_writer, "Producer", lambda settings, logger: producer)
    writer = kafka_writer.KafkaWriter(TopicAddress("127.0.0.1:1"))
    writer.begins_at = 7
    noop, origin = Record(b"{}", None), Origin("n", "http://n", 1)
    assert writer.write([noop], origin) == 7
    producer.offset = 2
    with pytest.raises(kafka_writer.LeadershipLostError, match="offset 2 again: it was made anew"):
        writer.write([noop], origin)
    assert producer.ended == ["commit", "abort"]
