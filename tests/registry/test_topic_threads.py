"""A node one of whose threads ended is not live, and its process ends: another node takes over."""

from __future__ import annotations

import time
from typing import Any

import pytest

from schemareg.errors import ExternalFailureError
from schemareg.registry.server import serving
from schemareg.registry.server.serving import RegistryServer
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.topic import elector, kafka_log, kafka_reader, kafka_watch
from schemareg.registry.topic.kafka_clients import TopicAddress
from schemareg.registry.topic.log import LogIdentity
from schemareg.registry.topic.store import TopicStore

IDENTITY = LogIdentity("C", "T", 86_400_000)


class QuietConsumer:
    """A client of Kafka for whom nothing ever comes."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    def subscribe(self, topics: list[str], **callbacks: Any) -> None: ...
    def assign(self, partitions: list[Any]) -> None: ...
    def close(self) -> None: ...

    def get_watermark_offsets(self, *place: Any, **options: Any) -> tuple[int, int]:
        return 0, 0

    def consume(self, count: int, timeout_s: float) -> list[Any]:
        return []

    def poll(self, timeout_s: float) -> None:
        time.sleep(0.01)


def fails(*arguments: Any, **options: Any) -> None:
    raise RuntimeError("it met a bug")


@pytest.mark.parametrize(
    ("owner", "name", "failure"),
    [
        (QuietConsumer, "subscribe", "the election ended: it met a bug"),
        (kafka_log.KafkaLog, "_lead_while_chosen", "the leadership's thread ended: it met a bug"),
        (kafka_watch.TopicWatch, "_look", "the watch over the topic ended: it met a bug"),
        (TopicStore, "_take", "it met a bug"),
    ],
    ids=["election", "leadership", "watch", "follower"],
)
def test_a_thread_that_ends_takes_the_process_with_it(
    owner: type, name: str, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (elector, kafka_log, kafka_reader, kafka_watch):
        monkeypatch.setattr(module, "Consumer", QuietConsumer)
    monkeypatch.setattr(kafka_watch, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(kafka_watch, "open_topic", lambda *_, **__: IDENTITY)
    monkeypatch.setattr(owner, name, fails)
    log = kafka_log.KafkaLog(TopicAddress("127.0.0.1:1"), IDENTITY, name="n", url="http://n")
    store = TopicStore(log)
    monkeypatch.setattr(serving, "open_store", lambda settings, url: store)
    with (
        RegistryServer(ServerSettings(port=0)) as server,
        pytest.raises(ExternalFailureError) as ended,
    ):
        server.run()
    assert ended.value.message == f"the server ended: {failure}"
