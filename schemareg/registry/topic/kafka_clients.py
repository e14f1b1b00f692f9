"""The settings of the three Kafka clients of a node, and errors in words.

Source: librdkafka, CONFIGURATION.md; Kafka, KIP-98 and KIP-447 for fencing by transactions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from confluent_kafka import KafkaError, KafkaException

from schemareg.lazy_dataclass import dataclass

TRANSACTION_TIMEOUT_MS = 10_000
SESSION_TIMEOUT_MS = 10_000
LARGEST_RECORD_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TopicAddress:
    """Where a registry's topic is: brokers, its name, the group of its nodes.

    `security` are librdkafka settings for the connection, such as `sasl.password`. `client` is how
    brokers name this process in their logs, metrics and quotas.
    """

    bootstrap_servers: str
    topic: str = "_schemas"
    group: str = "schema-registry"
    security: Mapping[str, str] = field(default_factory=dict, repr=False)
    client: str = "schemareg"

    @property
    def transactional_id(self) -> str:
        """Of the topic, not of a group or node: whoever initialises it fences the one before."""
        return f"schemareg.{self.topic}"

    def settings(self, **settings: str | int | bool) -> dict[str, str | int | bool]:
        """The settings of one client, their dots written as underscores."""
        named = {name.replace("_", "."): value for name, value in settings.items()}
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": self.client,
            "log_level": 0,
            "socket.timeout.ms": 10_000,
            "reconnect.backoff.ms": 100,
            "reconnect.backoff.max.ms": 1000,
            **self.security,
            **named,
        }

    def reader(self) -> dict[str, str | int | bool]:
        """Assigned, never subscribed; sees committed records only."""
        return self.settings(
            group_id=f"{self.group}-reader",
            isolation_level="read_committed",
            auto_offset_reset="error",
            enable_partition_eof=True,
            check_crcs=True,
            enable_auto_commit=False,
            enable_auto_offset_store=False,
            fetch_wait_max_ms=100,
            fetch_error_backoff_ms=100,
            fetch_message_max_bytes=LARGEST_RECORD_BYTES,
        )

    def writer(self) -> dict[str, str | int | bool]:
        """Each record in a transaction of the one transactional id."""
        return self.settings(
            transactional_id=self.transactional_id,
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            message_timeout_ms=TRANSACTION_TIMEOUT_MS,
            linger_ms=0,
            # a topic that was deleted must not come back with a broker's default settings
            allow_auto_create_topics=False,
            message_max_bytes=LARGEST_RECORD_BYTES,
        )

    def elector(self, *, session_timeout_ms: int) -> dict[str, str | int | bool]:
        """A member of the group that Confluent's registries use too, by another protocol type: the
        group's coordinator keeps the two kinds apart.
        """
        return self.settings(
            group_id=self.group,
            group_protocol="classic",
            partition_assignment_strategy="cooperative-sticky",
            session_timeout_ms=session_timeout_ms,
            heartbeat_interval_ms=max(session_timeout_ms // 4, 100),
            # else a node whose threads hang would lead for five minutes
            max_poll_interval_ms=max(session_timeout_ms + 2000, 10_000),
            enable_auto_commit=False,
            auto_offset_reset="latest",
        )

    def missing_right(self, code: int, right: str) -> str | None:
        """Which right an error of that code is about, where `right` is the one that was used on
        the topic; None for other errors.
        """
        return {
            KafkaError.TOPIC_AUTHORIZATION_FAILED: f"{right} on topic {self.topic}",
            KafkaError.GROUP_AUTHORIZATION_FAILED: f"Read on group {self.group}",
            KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: (
                f"Write on transactional id {self.transactional_id}"
            ),
        }.get(code)

    def words(self, error: KafkaError, right: str) -> str:
        """What the error says, and the right that is missing, as in `missing_right`."""
        missing = self.missing_right(error.code(), right)
        return error.str() if missing is None else f"{error.str()}; the right {missing} is missing"


def words(error: BaseException) -> str:
    """What a Kafka client's error says, without its object's notation."""
    if isinstance(error, KafkaException) and error.args:
        inner = error.args[0]
        return inner.str() if isinstance(inner, KafkaError) else str(inner)
    return str(error)
