"""A large topic, and what a node takes until it has read it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from confluent_kafka import Producer

from schemareg.registry.topic.kafka_clients import TopicAddress
from schemareg.registry.topic.kafka_topic import open_topic
from schemareg.registry.topic.records import SchemaKey, SchemaValue, key_bytes, schema_value
from schemareg.subjects import SchemaId, Version
from scripts.http_load import cpu_s, memory_mb

VERSIONS = 10
START_S = 600.0


def write_topic(servers: str, topic: str, records: int) -> None:
    """A new topic of that many versions of nine fields, ten of each subject, no two the same."""
    open_topic(TopicAddress(servers, topic), may_create=True)
    producer = Producer(
        {"bootstrap.servers": servers, "linger.ms": 50, "queue.buffering.max.messages": records + 1}
    )
    for number in range(records):
        subject, version = f"event{number // VERSIONS}", Version(number % VERSIONS + 1)
        text = _schema(f"Event{number // VERSIONS}", number)
        value = SchemaValue(subject, version, SchemaId(number + 1), "AVRO", text, deleted=False)
        key = key_bytes(SchemaKey(subject, version))
        producer.produce(topic, schema_value(value, names_avro=True), key, partition=0)
    left = producer.flush(120)
    assert left == 0, f"{left} records were not written"


def _schema(name: str, number: int) -> str:
    fields = [{"name": f"field{n}", "type": ["null", "string"], "default": None} for n in range(8)]
    added = {"name": f"added{number}", "type": "long", "default": 0}
    return json.dumps({"type": "record", "name": name, "fields": [*fields, added]})


def measure_starts(servers: str, records: int) -> None:
    """Prints what a node takes until it is ready, with no file and with the file it left."""
    topic = f"_start_{records}"
    write_topic(servers, topic, records)
    print(
        f"{'start, ' + format(records, ',') + ' records':24}" + f"{'s':>10}{'cpu s':>10}{'MB':>10}"
    )
    with TemporaryDirectory() as folder:
        for name in ("from nothing", "from a checkpoint"):
            began = time.monotonic()
            with _node(f"kafka://{servers}/{topic}", Path(folder, "state.db")) as pid:
                ready_s = time.monotonic() - began
                line = f"{ready_s:>10.1f}{cpu_s(pid):>10.1f}{memory_mb(pid):>10.0f}"
                print(f"{name:>24}{line}", flush=True)


@contextmanager
def _node(store: str, db: Path) -> Iterator[int]:
    """The process of a node that is ready; it is stopped afterwards, and leaves a checkpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "schemareg", "serve", "--store", store, "--read-only"]
    command += ["--db", str(db), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/health/ready", process)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_S
    with httpx.Client(trust_env=False, timeout=10) as client:
        while time.monotonic() < ends:
            assert process.poll() is None, f"the node ended with {process.returncode}"
            try:
                if client.get(url).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
    raise AssertionError(f"not ready within {START_S:.0f} s")
