"""Messages through a broker and back: one producer, one consumer, no group to settle."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import NoReturn, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka import Message as KafkaMessage

from schemareg.brokers.broker import Broker
from schemareg.brokers.clients import client_config, headers_of, reason
from schemareg.brokers.topics import TemporaryTopics
from schemareg.errors import BrokerError
from schemareg.lazy_dataclass import dataclass

_INDEX_HEADER = "schemareg-index"


@dataclass(frozen=True, slots=True)
class Message:
    """A message to produce, or as consumed; `topic` without the run's prefix."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int = 0

    @property
    def size_bytes(self) -> int:
        """Bytes of key, value and headers."""
        return (
            len(self.key or b"")
            + len(self.value or b"")
            + sum(len(name) + len(value) for name, value in self.headers)
        )


class Channel:
    """Sends through `broker` and back, over topics named with `prefix`; open while entered.

    `timeout_s` bounds the wait for each batch to be acknowledged, and for each next message. The
    producer is not idempotent, which would cost half a second to set up: a message that comes
    twice counts once.
    """

    def __init__(
        self, broker: Broker, *, prefix: str, timeout_s: float = 30.0, partitions: int = 1
    ) -> None:
        self._broker = broker
        self._timeout_s = timeout_s
        self._topics = TemporaryTopics(broker, prefix, timeout_s=timeout_s, partitions=partitions)
        self._assigned: set[str] = set()
        self._sent = 0
        self._errors: list[KafkaError] = []
        self._producer: Producer
        self._consumer: Consumer

    def exchange(self, batch: Sequence[Message]) -> list[Message]:
        """The messages of `batch` as they came back from the broker, in the same order.

        Each goes to its partition; the topics have `partitions` of them. A batch on the
        embedded broker should stay well under 5 MB per topic.

        Raises:
            BrokerError: a message was not acknowledged, or did not come back, in time.
        """
        self._topics.ensure(message.topic for message in batch)
        first = self._sent
        self._errors.clear()
        self._send(batch)
        self._assign({self._topics.name(message.topic) for message in batch})
        arrived = self._receive(first, len(batch))
        return [
            Message(sent.topic, got.value(), got.key(), _sent_headers(got), sent.partition)
            for sent, got in zip(batch, arrived, strict=True)
        ]

    def _send(self, batch: Sequence[Message]) -> None:
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, message: KafkaMessage) -> None:
            if error is not None:
                failures.append(error)

        for message in batch:
            index = str(self._sent).encode()
            self._sent += 1
            while True:
                try:
                    self._producer.produce(
                        self._topics.name(message.topic),
                        value=message.value,
                        key=message.key,
                        partition=message.partition,
                        headers=[(_INDEX_HEADER, index), *message.headers],
                        on_delivery=delivered,
                    )
                except BufferError:
                    self._producer.poll(0.1)
                except KafkaException as error:
                    raise BrokerError(
                        f"a message of {message.size_bytes} bytes for topic {message.topic!r} "
                        f"cannot be sent: {reason(error)}"
                    ) from error
                else:
                    break
        left = self._producer.flush(self._timeout_s)
        if failures or left:
            self._fail(
                f"{len(failures) + left} of {len(batch)} messages were not acknowledged", failures
            )

    def _assign(self, topics: set[str]) -> None:
        new = topics - self._assigned
        if new:
            # without a look at the metadata first, the first fetch waits for a one-second timer
            try:
                self._consumer.list_topics(timeout=self._timeout_s)
            except KafkaException as error:
                self._fail(f"the consumer got no metadata: {reason(error)}", [])
            self._consumer.incremental_assign(
                [
                    TopicPartition(topic, partition, OFFSET_BEGINNING)
                    for topic in sorted(new)
                    for partition in range(self._topics.partitions)
                ]
            )
            self._assigned |= new

    def _receive(self, first: int, count: int) -> list[KafkaMessage]:
        arrived: dict[int, KafkaMessage] = {}
        deadline = time.monotonic() + self._timeout_s
        failures: list[KafkaError] = []
        while len(arrived) < count:
            for message in self._consumer.consume(min(count, 10_000), timeout=0.05):
                error = message.error()
                if error is not None:
                    failures.append(error)
                    continue
                index = _index_of(message)
                # an earlier batch's message may come again after a broker's restart
                if index is not None and first <= index < first + count:
                    arrived[index - first] = message
                    deadline = time.monotonic() + self._timeout_s
            if time.monotonic() > deadline:
                self._fail(
                    f"{count - len(arrived)} of {count} messages did not come back "
                    f"within {self._timeout_s:g} s",
                    failures,
                )
        return [arrived[index] for index in range(count)]

    def _fail(self, what: str, failures: Sequence[KafkaError]) -> NoReturn:
        causes = [*failures, *self._errors]
        refusals = [error for error in causes if error.code() > 0]  # the broker's own codes
        why = f": {(refusals or causes)[0].str()}" if causes else ""
        raise BrokerError(
            f"broker {self._broker.name} at {self._broker.bootstrap_servers}: {what}{why}",
            advice=None if refusals else "check that the broker is up",
        )

    def __enter__(self) -> Self:
        self._topics.__enter__()
        timeout_ms = int(self._timeout_s * 1000)
        self._producer = Producer(
            {
                **client_config(
                    self._broker,
                    linger_ms=2,
                    message_timeout_ms=timeout_ms,
                    reconnect_backoff_max_ms=1000,
                ),
                "error_cb": self._errors.append,
            }
        )
        self._consumer = Consumer(
            {
                **client_config(
                    self._broker,
                    group_id="schemareg",  # required by librdkafka; no member joins it
                    enable_auto_commit=False,
                    # if a restarted broker rejects the position, read everything again rather than
                    # skip to the end
                    auto_offset_reset="earliest",
                    fetch_wait_max_ms=50,
                    topic_metadata_refresh_fast_interval_ms=50,
                    reconnect_backoff_max_ms=1000,
                ),
                "error_cb": self._errors.append,
            }
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._consumer.close()
        self._producer.purge()
        self._topics.__exit__(kind, error, traceback)


def _index_of(message: KafkaMessage) -> int | None:
    """The place of `message` in all that its channel sent; None for somebody else's message."""
    return next((int(value) for name, value in headers_of(message) if name == _INDEX_HEADER), None)


def _sent_headers(message: KafkaMessage) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value) for name, value in headers_of(message) if name != _INDEX_HEADER)
