"""A broker for tests: topics under a prefix of the test's own, removed when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from schemareg.brokers.broker import Broker, Setting
from schemareg.brokers.clients import client_config, reason
from schemareg.brokers.topics import TemporaryTopics
from schemareg.codec.messages import Payload
from schemareg.errors import BrokerError
from schemareg.pytest_plugin.names import Names
from schemareg.pytest_plugin.registry import TestRegistry

_ACKNOWLEDGED_S = 15.0


class TestKafka:
    """The broker as one test sees it, with topics and groups that no other test uses."""

    __test__ = False

    def __init__(self, broker: Broker, registry: TestRegistry, names: Names) -> None:
        self.broker = broker
        self._names = names
        self._name = registry.name
        self._registry = registry
        self._topics = TemporaryTopics(broker, registry.name)
        self._known: dict[str, str] = {}
        self._groups: set[str] = set()
        self._producer: Producer | None = None

    @property
    def bootstrap_servers(self) -> str:
        return self.broker.bootstrap_servers

    @property
    def client_settings(self) -> Mapping[str, Setting]:
        """Librdkafka settings for any client of this broker, including `bootstrap.servers`."""
        return client_config(self.broker)

    @property
    def topics(self) -> Mapping[str, str]:
        """The short names of the topics used so far, by their real names."""
        return self._known

    def topic(self, name: str) -> str:
        """The real name of this test's topic `name`; it exists afterwards.

        Raises: BrokerError when it cannot be created, UsageError when it is not configured.
        """
        self._names.check_topic(name)
        real = self._topics.name(name)
        if real not in self._known:
            self._topics.ensure([name])
            if self.broker.topics_on_use:
                self._use(real)
            self._known[real] = name
        return real

    def group(self, name: str) -> str:
        """A consumer group of this test's own; it is deleted when the test ends."""
        group = f"{self._name}-{name}"
        self._groups.add(group)
        return group

    def send(
        self,
        topic: str,
        type: str,
        event: object,
        *,
        key: str | bytes | None = None,
        headers: Iterable[tuple[str, bytes | str | None]] = (),
    ) -> None:
        """Put an event of the type called `type` on this test's topic `topic`, acknowledged.

        The schema is registered under the strategy of the configuration.

        Raises: BrokerError, EncodeError, RegistryError, UsageError.
        """
        payload = self.payload(topic, type, event, headers=headers)
        self.send_raw(topic, payload.data, key=key, headers=payload.headers)

    def payload(
        self,
        topic: str,
        type: str,
        event: object,
        *,
        headers: Iterable[tuple[str, bytes | str | None]] = (),
    ) -> Payload:
        """What `send` puts on the topic; the schema is registered, the topic exists.

        Raises: BrokerError, EncodeError, RegistryError, UsageError.
        """
        self._names.check_event_on(type, topic)
        return self._registry.payload(type, event, topic=self.topic(topic), headers=headers)

    def send_raw(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str | bytes | None = None,
        headers: Iterable[tuple[str, bytes | str | None]] = (),
    ) -> None:
        """Put exactly these bytes on this test's topic `topic`: poison, for example.

        Raises: BrokerError when they are not acknowledged.
        """
        producer = self._open_producer()
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, _message: Message) -> None:
            if error is not None:
                failures.append(error)

        real = self.topic(topic)
        try:
            producer.produce(
                real, value=value, key=key, headers=list(headers), on_delivery=delivered
            )
        except KafkaException as error:
            raise BrokerError(f"nothing can be sent to {real}: {reason(error)}") from error
        if producer.flush(_ACKNOWLEDGED_S) or failures:
            why = failures[0].str() if failures else f"no answer within {_ACKNOWLEDGED_S:g} s"
            raise BrokerError(f"a message to {real} was not acknowledged: {why}")

    def _open_producer(self) -> Producer:
        if self._producer is None:
            self._producer = Producer(client_config(self.broker, linger_ms=0))
        return self._producer

    def _use(self, real: str) -> None:
        """Create a topic by using it, before a consumer looks for its partitions."""
        try:
            self._open_producer().list_topics(real, timeout=_ACKNOWLEDGED_S)
        except KafkaException as error:
            raise BrokerError(f"topic {real} cannot be created: {reason(error)}") from error

    def __enter__(self) -> Self:
        self._topics.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._producer = None
        if self._groups and not self.broker.topics_on_use:
            self._delete_groups()
        self._topics.__exit__(kind, error, traceback)

    def _delete_groups(self) -> None:
        """Delete the groups that were used; one that still has members ends when they time out."""
        admin = AdminClient(client_config(self.broker))
        answers = admin.delete_consumer_groups(
            sorted(self._groups), request_timeout=_ACKNOWLEDGED_S
        )
        for answer in answers.values():
            with suppress(KafkaException):
                answer.result(_ACKNOWLEDGED_S)
