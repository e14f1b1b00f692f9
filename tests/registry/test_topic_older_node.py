"""What an older version of ours left, a newer one reads: records, their headers, checkpoints."""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store.checkpoints import Checkpoint, read_checkpoint
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.node import Origin, origin_of
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_transcripts import ask
from tests.support.memory_log import MemoryLog

GOLDEN = Path(__file__).parents[1] / "golden"
FORMS = (1,)
MEMBERS: dict[str, Any] = {
    "cluster": "C",
    "topic": "T",
    "position": 10,
    "last_offset": 8,
    "leader_epoch": 3,
    "digest": "00ff",
    "at_end_ms": 1_800_000_000_000,
    "leader": None,
}
CHECKPOINT = Checkpoint("C", "T", 10, 8, 3, b"\x00\xff", 1_800_000_000_000)
NEVER = Checkpoint("C", "T", 10, 8, 3, b"", 0)


@pytest.mark.parametrize("form", FORMS)
def test_records_of_an_older_node_give_the_state_that_it_had(form: int) -> None:
    with gzip.open(GOLDEN / f"node-topic-{form}.jsonl.gz", "rt", encoding="utf-8") as lines:
        *records, last = map(json.loads, lines)
    log = MemoryLog()
    for record in records:
        headers = [("other", b"x"), ("schemareg", record["header"].encode())]
        assert origin_of(headers) == Origin("schemareg-host-7", "http://10.0.0.7:8081", 3)
        value = record["value"]
        log.append([Record(record["key"].encode(), None if value is None else value.encode())])
    store = TopicStore(log)
    try:
        assert store.is_caught_up.wait(10)
        app = create_app(store, ServerSettings())
        for path, (status, body) in last["state"].items():
            asked = {"method": "GET", "path": path, "body": None}
            got, _, answer = asyncio.run(ask(app, asked))
            assert (path, got, json.loads(answer)) == (path, status, body)
        assert set(map(str, store.effects)) <= {"applied", "idle"}
    finally:
        store.close()


@pytest.mark.parametrize(
    ("members", "checkpoint"),
    [
        (MEMBERS, CHECKPOINT),
        ({**MEMBERS, "members_of_a_later_version": [1]}, CHECKPOINT),
        ({k: v for k, v in MEMBERS.items() if k != "leader"}, CHECKPOINT),
        ({k: v for k, v in MEMBERS.items() if k not in ("digest", "at_end_ms")}, NEVER),
    ],
    ids=["ours", "a member more", "without the leader", "without what it is compared by"],
)
def test_a_checkpoint_of_another_version_is_read(
    members: dict[str, Any], checkpoint: Checkpoint
) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE checkpoints (key INTEGER PRIMARY KEY, content TEXT NOT NULL)")
    db.execute("INSERT INTO checkpoints VALUES (1, ?)", (json.dumps(members),))
    assert read_checkpoint(db) == checkpoint
    db.close()
