"""An import that is killed at any point, and run again, gives what one gives that was not."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from schemareg.brokers.container import ContainerBroker
from schemareg.registry.server.embedded import EmbeddedRegistry
from schemareg.registry.service.backup import backup_file
from schemareg.registry.topic.kafka_clients import TopicAddress
from schemareg.registry.topic.kafka_topic import open_topic

TOPIC = Path(__file__).parents[1] / "golden/confluent-8.3.1-schemas-topic.jsonl.gz"
IMPORT = """
import os, signal, sys
from pathlib import Path
from schemareg.cli.registry import import_topic
from schemareg.registry.topic import importing

source, db, left = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
apply = importing.apply

def counted(*arguments, **options):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return apply(*arguments, **options)

importing.apply = counted
import_topic(source, db)
if left < 1000:
    os.kill(os.getpid(), signal.SIGKILL)
"""
NEVER = 1_000_000


def run(source: str, db: Path, left: int) -> subprocess.CompletedProcess[str]:
    """The import, killed at its record `left`, or just after its end where it has fewer."""
    command = [sys.executable, "-c", IMPORT, source, str(db), str(left)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def records() -> list[dict[str, Any]]:
    with gzip.open(TOPIC, "rt", encoding="utf-8") as lines:
        *texts, _ = lines
    # a broker takes no record of 1970 as one that has a time
    return [{**json.loads(text), "timestamp": at} for at, text in enumerate(texts, start=1)]


@pytest.fixture(params=["dump", "URL", pytest.param("topic", marks=pytest.mark.docker)])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What the golden topic of a real registry is imported from."""
    dump = tmp_path / "dump.jsonl"
    dump.write_text("".join(f"{json.dumps(record)}\n" for record in records()), encoding="utf-8")
    with ExitStack() as stack:
        if request.param == "dump":
            yield str(dump)
        elif request.param == "URL":
            held = tmp_path / "held.db"
            assert run(str(dump), held, NEVER).returncode == 0
            yield stack.enter_context(EmbeddedRegistry(db=str(held))).url
        else:
            broker = stack.enter_context(ContainerBroker())
            address = TopicAddress(broker.bootstrap_servers)
            open_topic(address, may_create=True)
            producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
            for record in records():
                producer.produce(
                    address.topic, record["value"], record["key"], timestamp=record["timestamp"]
                )
            assert producer.flush(30) == 0
            yield f"kafka://{broker.bootstrap_servers}/{address.topic}"


def test_an_import_that_was_killed_is_whole_after_the_next(source: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    ended = run(source, whole, NEVER)
    assert (ended.returncode, "records into" in ended.stderr) == (0, True), ended.stderr
    expected = list(backup_file(str(whole)))
    for left, words in ((0, "records into"), (20, "records into"), (900, "holds all of")):
        db = tmp_path / f"{left}.db"
        assert run(source, db, left).returncode == -signal.SIGKILL
        ended = run(source, db, NEVER)
        assert (ended.returncode, words in ended.stderr) == (0, True), ended.stderr
        assert list(backup_file(str(db))) == expected
    ended = run(source, tmp_path / "20.db", NEVER)  # nothing is taken twice
    assert (ended.returncode, "holds all of" in ended.stderr) == (0, True), ended.stderr
    assert list(backup_file(str(tmp_path / "20.db"))) == expected
