"""Topics and consumer groups of a cluster, as its administration describes them."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from schemareg.brokers.broker import Broker
from schemareg.brokers.clients import client_config, reason
from schemareg.errors import BrokerError
from schemareg.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ConsumerGroup:
    """A group: the topics it has committed offsets of or has assigned, and its members' names."""

    name: str
    topics: tuple[str, ...]
    clients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """Names of the topics but for internal ones, and the groups.

    `refused` is why the groups, or some of them, are not known; "" where all are.
    """

    topics: tuple[str, ...]
    groups: tuple[ConsumerGroup, ...]
    refused: str = ""


def describe_cluster(broker: Broker, *, timeout_s: float = 10.0) -> Described:
    """The topics and the groups of `broker`.

    Raises:
        BrokerError: it does not answer.
    """
    admin = AdminClient(client_config(broker))
    try:
        topics = admin.list_topics(timeout=timeout_s).topics
    except KafkaException as error:
        raise BrokerError(f"{broker.name} does not list its topics: {reason(error)}") from error
    names = tuple(sorted(name for name in topics if not name.startswith("__")))
    try:
        found = admin.list_consumer_groups(request_timeout=timeout_s).result(timeout_s + 1)
        refused = "; ".join(dict.fromkeys(_text(error) for error in found.errors))
        groups = tuple(
            _group(admin, name, timeout_s) for name in sorted(g.group_id for g in found.valid)
        )
    except (KafkaException, TimeoutError) as error:
        return Described(names, (), reason(error))
    return Described(names, groups, refused)


def _group(admin: AdminClient, name: str, timeout_s: float) -> ConsumerGroup:
    described = _result(
        admin.describe_consumer_groups([name], request_timeout=timeout_s), timeout_s
    )
    asked = [ConsumerGroupTopicPartitions(name)]
    held = _result(admin.list_consumer_group_offsets(asked, request_timeout=timeout_s), timeout_s)
    topics = {place.topic: None for place in held.topic_partitions or ()}
    for member in described.members:
        topics |= {place.topic: None for place in member.assignment.topic_partitions}
    clients = dict.fromkeys(sorted(member.client_id for member in described.members))
    return ConsumerGroup(name, tuple(sorted(topics)), tuple(clients))


def _result(futures: dict[str, Future[Any]], timeout_s: float) -> Any:
    (future,) = futures.values()
    return future.result(timeout_s + 1)


def _text(error: KafkaException | KafkaError) -> str:
    return reason(error) if isinstance(error, KafkaException) else error.str()
