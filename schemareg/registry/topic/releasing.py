"""Gives a topic back: its last record becomes one that no transaction wrote."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from schemareg.errors import ExternalFailureError, UsageError
from schemareg.registry.topic.kafka_clients import TopicAddress, words
from schemareg.registry.topic.kafka_topic import open_topic
from schemareg.registry.topic.records import NoopKey, key_bytes

_TIMEOUT_S = 10.0


def release_topic(
    bootstrap_servers: str, topic: str, *, group: str, security: Mapping[str, str]
) -> int:
    """The offset of the NOOP appended outside every transaction.

    Karapace before 2026-08 waits for ever for a record that ends the topic, where the end is the
    marker of a transaction. Nothing else is ever written outside the leader's transactions.

    Raises:
        UsageError: nodes are still in the group, or this is no topic of a registry.
        ExternalFailureError: the broker does not answer, or a right is missing.
    """
    address = TopicAddress(bootstrap_servers, topic, group, security)
    open_topic(address, may_create=False)
    members = _members(address)
    if members:
        raise UsageError(
            f"nodes are still in the group {group}: {', '.join(members)}",
            advice="stop them first; the topic would not stay released",
        )
    offsets: list[int] = []
    failures: list[str] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failures.append(error.str())
        else:
            offsets.append(message.offset() or 0)

    producer = Producer(address.settings(acks="all", message_timeout_ms=int(_TIMEOUT_S * 1000)))
    producer.produce(topic, key=key_bytes(NoopKey()), partition=0, on_delivery=delivered)
    producer.flush(2 * _TIMEOUT_S)
    if not offsets:
        why = failures[0] if failures else "no acknowledgement"
        raise ExternalFailureError(
            f"topic {topic} at {bootstrap_servers}: {why}",
            advice="check the address and the right Write on the topic",
        )
    return offsets[0]


def _members(address: TopicAddress) -> list[str]:
    """The hosts in the group, of nodes of ours and of registries of other kinds."""
    admin = AdminClient({**address.settings()})
    try:
        with warnings.catch_warnings():
            # the call that takes its place leaves out groups of other protocol types
            warnings.simplefilter("ignore", DeprecationWarning)
            groups = admin.list_groups(address.group, timeout=_TIMEOUT_S)
    except KafkaException as error:
        raise ExternalFailureError(
            f"group {address.group} at {address.bootstrap_servers}: {words(error)}",
            advice="check the right Describe on the group",
        ) from error
    return sorted(str(member.client_host) for group in groups for member in group.members)
