"""A node on a real broker: its topic is changed while it runs, and given back when it ended."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from schemareg.brokers.container import ContainerBroker
from schemareg.errors import UsageError
from schemareg.registry.topic import kafka_watch
from schemareg.registry.topic.opening import open_topic_store, release_store
from schemareg.registry.topic.store import TopicStore

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]
POLICY_ALARM = "topic _schemas has cleanup.policy=delete: schemas would be lost"
GONE_ALARMS = (
    "topic _schemas was made anew; export this node's state before it ends",
    "there is no topic _schemas at ",
    "topic _schemas: ",
)


def until(holds: Callable[[], bool]) -> bool:
    """Whether it holds within a minute."""
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def node(store: str) -> TopicStore:
    return open_topic_store(
        store,
        advertised="http://127.0.0.1:1",
        path=None,
        group="schema-registry",
        read_only=False,
        names_avro=True,
        security={},
        session_timeout_ms=6000,
    )


def set_policy(admin: AdminClient, policy: str) -> None:
    entry = ConfigEntry("cleanup.policy", policy, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, "_schemas", incremental_configs=[entry])
    for result in admin.incremental_alter_configs([resource]).values():
        result.result(20)


def test_a_topic_is_watched_and_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_watch, "LOOK_EVERY_S", 0.3)
    with ContainerBroker() as broker:
        url = f"kafka://{broker.bootstrap_servers}/_schemas"
        admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
        store = node(url)
        try:
            assert until(lambda: store.can_write)
            assert until(lambda: store.figures.log.end == store.position)
            assert (store.figures.log.term, store.figures.log.take_overs) == (1, 1)
            with pytest.raises(UsageError, match="nodes are still in the group schema-registry"):
                release_store(url, group="schema-registry", security={})

            set_policy(admin, "delete")
            assert until(lambda: (store.alarm or "").startswith(POLICY_ALARM))
            assert not store.can_write
            set_policy(admin, "compact")
            assert until(lambda: store.can_write)
        finally:
            store.close()
        assert until(lambda: released(url))

        store = node(url)
        try:
            assert until(lambda: store.can_write)
            admin.delete_topics(["_schemas"])["_schemas"].result(20)
            topic = NewTopic("_schemas", 1, 1, config={"cleanup.policy": "compact"})
            assert until(lambda: made(admin, topic))
            assert until(lambda: (store.alarm or "").startswith(GONE_ALARMS))
            assert not store.can_write
            assert store.failure is None
        finally:
            store.close()


def released(url: str) -> bool:
    # a node that has left is a member for a moment more
    try:
        return release_store(url, group="schema-registry", security={}) > 0
    except UsageError:
        return False


def made(admin: AdminClient, topic: NewTopic) -> bool:
    # the broker deletes the old one a moment after it said so
    from confluent_kafka import KafkaException

    try:
        admin.create_topics([topic])[topic.topic].result(20)
    except KafkaException:
        return False
    return True
