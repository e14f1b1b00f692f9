"""A topic that was just made: the brokers know it some time after they answered its creation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from schemareg.errors import ExternalFailureError
from schemareg.registry.topic import kafka_topic
from schemareg.registry.topic.kafka_clients import TopicAddress


def described(**more: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"error": None, "partitions": {0: object()}, **more})


READY, NO_LEADER, NO_PARTITION = (
    described(),
    described(error="LEADER_NOT_AVAILABLE"),
    described(partitions={}),
)


class Brokers:
    """Answers with each of `topics` in turn, then with the last for ever; None: not known."""

    def __init__(self, *topics: SimpleNamespace | None) -> None:
        self.topics = list(topics)
        self.asked = 0

    def list_topics(self, timeout: float) -> SimpleNamespace:
        self.asked += 1
        now = self.topics.pop(0) if len(self.topics) > 1 else self.topics[0]
        return SimpleNamespace(topics={} if now is None else {"_schemas": now})


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        pytest.param([READY], 1, id="at-once"),
        pytest.param([None, None, READY], 3, id="not-known-at-first"),
        pytest.param([None, NO_LEADER, READY], 3, id="without-a-leader-at-first"),
        pytest.param([NO_PARTITION, READY], 2, id="without-a-partition-at-first"),
    ],
)
def test_new_topic_is_waited_for(answers: list[SimpleNamespace | None], asked: int) -> None:
    brokers = Brokers(*answers)
    metadata = kafka_topic._seen(brokers, TopicAddress("b:9092"))  # type: ignore[arg-type]
    assert metadata.topics["_schemas"] is READY  # type: ignore[comparison-overlap]
    assert brokers.asked == asked


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(None, "the brokers do not know it", id="never-known"),
        pytest.param(NO_LEADER, "LEADER_NOT_AVAILABLE", id="never-a-leader"),
        pytest.param(NO_PARTITION, "no partition", id="never-a-partition"),
    ],
)
def test_topic_that_never_comes_is_one_error(
    monkeypatch: pytest.MonkeyPatch, answer: SimpleNamespace | None, why: str
) -> None:
    monkeypatch.setattr(kafka_topic, "_TIMEOUT_S", 0.3)
    with pytest.raises(ExternalFailureError) as refused:
        kafka_topic._seen(Brokers(answer), TopicAddress("b:9092"))  # type: ignore[arg-type]
    assert str(refused.value).startswith(f"topic _schemas at b:9092: {why} after 0 s")
