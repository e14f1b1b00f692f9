"""A node that starts on the file of an earlier run has the state of one that read the whole log."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from schemareg.brokers.container import ContainerBroker
from schemareg.errors import UsageError
from schemareg.registry.service.backup import backup
from schemareg.registry.store import Store
from schemareg.registry.store.checkpoints import Checkpoint, is_state_of_a_log, read_checkpoint
from schemareg.registry.store.sqlite_file import connect
from schemareg.registry.topic.applying import Effect
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.kafka_clients import TopicAddress
from schemareg.registry.topic.kafka_reader import KafkaReader
from schemareg.registry.topic.kafka_topic import open_topic
from schemareg.registry.topic.log import Bounds, Chunk, Entry, LogIdentity, LogMovedError
from schemareg.registry.topic.node import Origin
from schemareg.registry.topic.opening import open_topic_store
from schemareg.registry.topic.resuming import digest_of, why_not_resumed
from schemareg.registry.topic.store import TopicStore
from tests.support.memory_log import MemoryLog

GOLDEN = Path(__file__).parents[1] / "golden"
DAY = 86_400_000
NOW = 1_800_000_000_000
LAST = Entry(8, b"k", b"v", 0)
IDENTITY = LogIdentity("C", "T", DAY)
CHECKPOINT = Checkpoint("C", "T", 10, 8, 3, digest_of(LAST), NOW - 1000)


def records_of(line: str) -> list[Record]:
    name = f"confluent-{line}-schemas-topic.jsonl.gz"
    with gzip.open(GOLDEN / name, "rt", encoding="utf-8") as lines:
        *records, _ = map(json.loads, lines)
    return [
        Record(r["key"].encode(), None if r["value"] is None else r["value"].encode())
        for r in records
    ]


def state_of(store: TopicStore) -> list[str]:
    assert store.is_caught_up.wait(10)
    with store.reading() as tables:
        return list(backup(tables))


@pytest.mark.parametrize("line", ["8.3.1", "7.9.9"])
def test_the_state_from_a_checkpoint_is_that_from_nothing(tmp_path: Path, line: str) -> None:
    records = records_of(line)
    whole = MemoryLog()
    whole.append(records)
    store = TopicStore(whole)
    expected = state_of(store)
    store.close()
    log = MemoryLog()
    path = str(tmp_path / "state.db")
    for cut in range(0, len(records), 9):
        log.append(records[cut : cut + 9])
        store = TopicStore(log, path)
        state = state_of(store)
        # only what came since was read
        assert sum(store.effects.values()) == len(records[cut : cut + 9])
        store.close()
    assert state == expected


@pytest.mark.parametrize(
    ("checkpoint", "bounds", "last", "why"),
    [
        (CHECKPOINT, Bounds(0, 10, NOW), LAST, None),
        (CHECKPOINT, Bounds(0, 20, NOW), None, None),
        (
            replace(CHECKPOINT, cluster="D"),
            Bounds(0, 10, NOW),
            LAST,
            "it is of cluster D, this one is C",
        ),
        (
            replace(CHECKPOINT, topic="U"),
            Bounds(0, 10, NOW),
            LAST,
            "the topic was made anew since",
        ),
        (CHECKPOINT, Bounds(0, 9, NOW), LAST, "it is at offset 10, the log ends at 9"),
        (
            replace(CHECKPOINT, at_end_ms=0),
            Bounds(0, 10, NOW),
            LAST,
            "it never held the whole log",
        ),
        (
            replace(CHECKPOINT, at_end_ms=NOW - DAY),
            Bounds(0, 10, NOW),
            LAST,
            "it was last at the log's end 86400 s ago, and the topic's delete.retention.ms is "
            "86400000: deletions may be missing",
        ),
        (
            replace(CHECKPOINT, at_end_ms=NOW + 5000),
            Bounds(0, 10, NOW),
            LAST,
            "it was last at the log's end -5 s ago, and the topic's delete.retention.ms is "
            "86400000: deletions may be missing",
        ),
        (
            CHECKPOINT,
            Bounds(0, 10, NOW),
            replace(LAST, value=None),
            "the record at offset 8 is another one than it was",
        ),
    ],
)
def test_a_checkpoint_is_used_for_the_log_that_it_is_of_and_while_deletions_are_there(
    checkpoint: Checkpoint, bounds: Bounds, last: Entry | None, why: str | None
) -> None:
    found = why_not_resumed(checkpoint, identity=IDENTITY, bounds=bounds, last=last, now_ms=NOW)
    assert found == why


def replaced_topic(log: MemoryLog) -> None:
    log.identity = LogIdentity("cluster", "another", DAY)


def short_retention(log: MemoryLog) -> None:
    log.identity = LogIdentity("cluster", "topic", 0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (replaced_topic, "the topic was made anew since"),
        (short_retention, "delete.retention.ms is 0: deletions may be missing"),
    ],
)
def test_a_checkpoint_that_does_not_hold_is_removed_with_its_state(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[MemoryLog], None],
    why: str,
) -> None:
    path = str(tmp_path / "state.db")
    log = MemoryLog()
    log.append(records_of("8.3.1"))
    store = TopicStore(log, path)
    assert store.is_caught_up.wait(10)
    store.close()
    other = MemoryLog()
    other.append(
        [Record(b'{"keytype":"CONFIG","magic":0}', b'{"compatibilityLevel":"FULL"}')],
    )
    change(other)
    with caplog.at_level(logging.WARNING, "schemareg.registry.topic"):
        store = TopicStore(other, path)
    state = state_of(store)
    store.close()
    assert dict(store.effects) == {Effect.APPLIED: 1}
    fresh = TopicStore(other)
    other.seek(0)
    assert state == state_of(fresh)
    fresh.close()
    [line] = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert line.startswith("the log is read from its beginning, the file's state is not used: ")
    assert why in line


def test_a_node_that_resumes_knows_who_leads_and_in_which_term(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    log = MemoryLog()
    log.leader = Origin("node", "http://127.0.0.1:1", 7)
    log.append(records_of("8.3.1"))
    store = TopicStore(log, path)
    assert store.is_caught_up.wait(10)
    store.close()
    log.leader = None
    store = TopicStore(log, path)
    store.close()
    assert log.leader == Origin("node", "http://127.0.0.1:1", 7)


@pytest.mark.docker
def test_a_node_resumes_behind_a_marker_of_another_epoch_than_its_record() -> None:
    """The partition's leader changes between a record and the end of its transaction."""
    with ContainerBroker() as broker:
        address = TopicAddress(broker.bootstrap_servers)
        open_topic(address, may_create=True)
        writer = Producer(address.writer())
        writer.init_transactions(20)
        writer.begin_transaction()
        writer.produce(address.topic, b"v", b"k")
        assert writer.flush(20) == 0
        broker.kill()
        broker.start_again()
        writer.commit_transaction(20)
        with closing(KafkaReader(address)) as reader:
            [entry], position = read_to_end(reader)
            assert position == entry.offset + 2
        with closing(KafkaReader(address)) as reader:
            reader.seek(entry.offset + 1, entry.leader_epoch)
            assert read_to_end(reader) == ([], position)
        # of what a node's file holds, this is where its epoch ends
        with closing(KafkaReader(address)) as reader:
            reader.seek(position, entry.leader_epoch)
            with pytest.raises(LogMovedError):
                read_to_end(reader)


def read_to_end(reader: KafkaReader) -> tuple[list[Entry], int]:
    entries: list[Entry] = []
    for _ in range(150):
        chunk = reader.poll(0.2)
        entries += chunk.entries
        if chunk.at_end:
            return entries, chunk.position
    raise AssertionError("the end was not reached")


def test_a_checkpoint_is_resumed_behind_its_last_record(tmp_path: Path) -> None:
    """An epoch that is asked for behind its last record is one that the log has no more."""
    path = str(tmp_path / "state.db")
    log = MemoryLog()
    last = log.append(records_of("7.9.9"))
    for _ in range(2):
        store = TopicStore(log, path)
        assert store.wait_for(last, 10)
        store.close()
    assert log.sought == [0, last + 1]


def test_a_file_that_was_written_as_a_registry_of_its_own_is_no_state_of_a_topic(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "state.db")
    TopicStore(MemoryLog(), path).close()
    assert is_state_of_a_log(path)
    Store(path).close()
    assert not is_state_of_a_log(path)
    with pytest.raises(UsageError, match="holds no state of a topic"):
        open_topic_store(
            "kafka://127.0.0.1:1/_schemas",
            advertised="http://127.0.0.1:1",
            path=path,
            group="schema-registry",
            read_only=False,
            names_avro=True,
            security={},
            session_timeout_ms=10_000,
        )


class SleepingLog(MemoryLog):
    """A log of which nothing comes while it is `asleep`."""

    asleep = False

    def poll(self, timeout_s: float) -> Chunk:
        if self.asleep:
            threading.Event().wait(0.01)
            return Chunk([], self._position, at_end=False)
        return super().poll(timeout_s)


def test_a_node_that_slept_past_the_retention_of_deletions_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "state.db")
    log = SleepingLog()
    store = TopicStore(log, path)
    assert store.is_caught_up.wait(10)
    log.asleep = True
    monkeypatch.setattr("schemareg.registry.topic.store._now_ms", lambda: NOW * 2)
    last = log.append([Record(b'{"keytype":"NOOP","magic":0}', None)])
    log.asleep = False
    assert not store.wait_for(last, 10)
    assert store.failure is not None
    assert "longer than the topic keeps deletions" in store.failure
    store.close()


def test_the_checkpoint_is_written_with_the_records_that_it_counts(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    log = MemoryLog()
    last = log.append(records_of("7.9.9"))
    store = TopicStore(log, path)
    assert store.wait_for(last, 10)
    db = connect(path, reading=True)
    found = read_checkpoint(db)
    db.close()
    store.close()
    assert found is not None
    assert (found.position, found.last_offset) == (last + 2, last)
    entry = log.entry_at(last, -1)
    assert entry is not None
    assert found.digest == digest_of(entry)
