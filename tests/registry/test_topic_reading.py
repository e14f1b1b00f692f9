"""A registry's topic on a real broker, read to its end into a new file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemareg.brokers.container import ContainerBroker
from schemareg.cli.registry import import_topic
from schemareg.errors import UsageError
from schemareg.registry.service.backup import backup_file

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]
TOPIC = Path(__file__).parents[1] / "golden/confluent-8.3.1-schemas-topic.jsonl.gz"


def test_import_from_a_broker_is_import_from_its_dump(tmp_path: Path) -> None:
    with gzip.open(TOPIC, "rt", encoding="utf-8") as lines:
        *texts, _ = lines
    # a broker takes no record of 1970 as one that has a time
    records = [{**json.loads(text), "timestamp": at} for at, text in enumerate(texts, start=1)]
    dump = "".join(f"{json.dumps(record)}\n" for record in records)
    (tmp_path / "dump.jsonl").write_text(dump, encoding="utf-8")
    import_topic(str(tmp_path / "dump.jsonl"), tmp_path / "dump.db")
    with ContainerBroker() as broker:
        servers = broker.bootstrap_servers
        settings: dict[str, str | int | float | bool] = {"bootstrap.servers": servers}
        topic = NewTopic("_schemas", 1, 1, config={"cleanup.policy": "compact"})
        admin = AdminClient(settings)
        admin.create_topics([topic])["_schemas"].result()
        producer = Producer(settings)
        for record in records:
            producer.produce(
                "_schemas", record["value"], record["key"], timestamp=record["timestamp"]
            )
        assert producer.flush(30) == 0
        del producer, admin
        with pytest.raises(UsageError):
            import_topic(f"kafka://{servers}/missing", tmp_path / "missing.db")
        import_topic(f"kafka://{servers}/_schemas", tmp_path / "broker.db")
    first, second = (list(backup_file(str(tmp_path / name))) for name in ("dump.db", "broker.db"))
    assert first == second
