"""The topic itself: made with the right settings, refused with the command that corrects it.

Source: Apache Kafka, "Topic configs"; what Confluent 8.3.1 requires of an existing topic.
"""

from __future__ import annotations

import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._metadata import ClusterMetadata
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from schemareg.errors import ExternalFailureError, UsageError
from schemareg.registry.topic.kafka_clients import TopicAddress, words
from schemareg.registry.topic.log import LogIdentity

_TIMEOUT_S = 15.0
_LOOK_AGAIN_S = 0.1
_REPLICATION = 3


def open_topic(address: TopicAddress, *, may_create: bool) -> LogIdentity:
    """The topic as it is now, made first where it is missing and `may_create`.

    Raises:
        ExternalFailureError: the broker does not answer, or a right is missing.
        UsageError: the topic is missing, or not one that a registry can be kept in.
    """
    admin = AdminClient({**address.settings()})
    try:
        metadata = admin.list_topics(timeout=_TIMEOUT_S)
        if address.topic not in metadata.topics:
            if not may_create:
                raise UsageError(
                    f"there is no topic {address.topic} at {address.bootstrap_servers}",
                    advice="check the name and the right Describe on it, or start a node that may "
                    "write: it makes the topic",
                )
            _create(admin, address, replication=min(_REPLICATION, len(metadata.brokers)))
        metadata = _seen(admin, address)
        partitions = len(metadata.topics[address.topic].partitions)
        settings = _settings(admin, address)
        identity = _identity(admin, address)
    except KafkaException as error:
        raise ExternalFailureError(
            f"topic {address.topic} at {address.bootstrap_servers}: {words(error)}",
            advice="check the address, the security settings, and the rights Describe and "
            "DescribeConfigs on the topic",
        ) from error
    _check(address, partitions, settings)
    return LogIdentity(
        str(metadata.cluster_id), identity, int(settings.get("delete.retention.ms", "86400000"))
    )


def _seen(admin: AdminClient, address: TopicAddress) -> ClusterMetadata:
    """What the brokers hold, the topic included: they know a new one some time after its creation.

    Raises: `ExternalFailureError`, `KafkaException`.
    """
    ends = time.monotonic() + _TIMEOUT_S
    while True:
        metadata = admin.list_topics(timeout=_TIMEOUT_S)
        topic = metadata.topics.get(address.topic)
        if topic is not None and topic.error is None and topic.partitions:
            return metadata
        if time.monotonic() >= ends:
            why = (
                "the brokers do not know it"
                if topic is None
                else str(topic.error or "no partition")
            )
            raise ExternalFailureError(
                f"topic {address.topic} at {address.bootstrap_servers}: {why} after"
                f" {_TIMEOUT_S:.0f} s",
                advice="check that the topic's partition has a leader, and start the node again",
            )
        time.sleep(_LOOK_AGAIN_S)


def _create(admin: AdminClient, address: TopicAddress, *, replication: int) -> None:
    new = NewTopic(
        address.topic,
        num_partitions=1,
        replication_factor=replication,
        config={"cleanup.policy": "compact"},
    )
    try:
        admin.create_topics([new], operation_timeout=_TIMEOUT_S)[address.topic].result(_TIMEOUT_S)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # another node was faster
            raise


def _settings(admin: AdminClient, address: TopicAddress) -> dict[str, str]:
    resource = ConfigResource(ResourceType.TOPIC, address.topic)
    entries = admin.describe_configs([resource], request_timeout=_TIMEOUT_S)[resource].result(
        _TIMEOUT_S
    )
    return {name: str(entry.value) for name, entry in entries.items()}


def _identity(admin: AdminClient, address: TopicAddress) -> str:
    from confluent_kafka import TopicCollection

    described = admin.describe_topics(TopicCollection([address.topic]), request_timeout=_TIMEOUT_S)
    return str(described[address.topic].result(_TIMEOUT_S).topic_id)


def _check(address: TopicAddress, partitions: int, settings: dict[str, str]) -> None:
    policy = settings.get("cleanup.policy", "compact")
    if policy != "compact":
        raise UsageError(
            f"topic {address.topic} has cleanup.policy={policy}: schemas would be lost",
            advice=f"run: kafka-configs --bootstrap-server {address.bootstrap_servers} --alter "
            f"--entity-type topics --entity-name {address.topic} "
            "--add-config cleanup.policy=compact",
        )
    if partitions != 1:
        raise UsageError(
            f"topic {address.topic} has {partitions} partitions; a registry is kept in one",
            advice="give another --store, whose topic does not exist yet",
        )
