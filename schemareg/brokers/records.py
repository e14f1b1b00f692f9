"""Records of a topic of somebody else's, read without a consumer group: nothing is committed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage

from schemareg.brokers.broker import Broker
from schemareg.brokers.clients import client_config, headers_of, reason
from schemareg.errors import BrokerError
from schemareg.lazy_dataclass import dataclass

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the broker holds it; `timestamp_s` is None where it has none."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_s: float | None = None


class TopicReader:
    """Reads `topic` from where it ends when this is entered, or with `last` from before that.

    `last` is how many of the newest records of each partition are read; None reads what arrives.
    `timeout_s` bounds each request, and the wait for the next record that the topic holds.

    Raises, when entered:
        BrokerError: the topic does not exist, or the broker does not answer.
    """

    def __init__(
        self, broker: Broker, topic: str, *, last: int | None = None, timeout_s: float = 10.0
    ) -> None:
        self._broker = broker
        self._topic = topic
        self._last = last
        self._timeout_s = timeout_s
        self._ends: dict[int, int] = {}
        self._next: dict[int, int] = {}
        self._consumer: Consumer

    def __enter__(self) -> Self:
        self._consumer = Consumer(
            client_config(
                self._broker,
                group_id="schemareg",  # required by librdkafka; no member joins it
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                enable_partition_eof=True,
            )
        )
        try:
            self._start()
        except KafkaException as error:
            self._consumer.close()
            raise self._failed(reason(error)) from error
        except BrokerError:
            self._consumer.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._consumer.close()

    def _start(self) -> None:
        known = self._consumer.list_topics(self._topic, timeout=self._timeout_s)
        topic = known.topics[self._topic]
        if topic.error is not None or not topic.partitions:
            raise BrokerError(f"{self._broker.name} has no topic {self._topic!r}")
        for number in sorted(topic.partitions):
            low, high = self._consumer.get_watermark_offsets(
                TopicPartition(self._topic, number), timeout=self._timeout_s
            )
            self._ends[number] = high
            self._next[number] = high if self._last is None else max(low, high - self._last)
        self._consumer.assign(
            [TopicPartition(self._topic, number, at) for number, at in self._next.items()]
        )

    def count_before(self, seconds: float) -> int:
        """How many records the topic got in the `seconds` before this was entered; 0 if unknown.

        Compaction and transactions make it an estimate.
        """
        at_ms = int((time.time() - seconds) * 1000)
        wanted = [TopicPartition(self._topic, number, at_ms) for number in self._ends]
        try:
            found = self._consumer.offsets_for_times(wanted, timeout=self._timeout_s)
        except KafkaException:
            return 0
        if any(place.error is not None for place in found):
            return 0
        return sum(
            self._ends[place.partition] - place.offset for place in found if place.offset >= 0
        )

    def held(self) -> Iterator[Record]:
        """The newest records up to the end that the topic had when this was entered.

        Raises:
            BrokerError: the broker refuses, or the next record does not come in time.
        """
        deadline = time.monotonic() + self._timeout_s
        while any(at < self._ends[number] for number, at in self._next.items()):
            if time.monotonic() > deadline:
                raise self._failed(f"no record came within {self._timeout_s:g} s")
            for record in self._poll(0.1):
                deadline = time.monotonic() + self._timeout_s
                if record.offset < self._ends[record.partition]:
                    yield record

    def arriving(self, seconds: float) -> Iterator[Record]:
        """What arrives within `seconds`.

        Raises:
            BrokerError: the broker refuses.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            yield from self._poll(min(left, 0.5))

    def _poll(self, timeout_s: float) -> Iterator[Record]:
        for message in self._consumer.consume(_BATCH, timeout=timeout_s):
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                # transactions and compaction leave offsets without a record
                self._next[message.partition() or 0] = message.offset() or 0
            elif error is not None:
                if error.code() > 0 or error.fatal():
                    raise self._failed(error.str())
            else:
                record = _record(message)
                self._next[record.partition] = record.offset + 1
                yield record

    def _failed(self, why: str) -> BrokerError:
        return BrokerError(f"the topic {self._topic!r} of {self._broker.name}: {why}")


def _record(message: KafkaMessage) -> Record:
    kind, at_ms = message.timestamp()
    return Record(
        message.partition() or 0, message.offset() or 0, _bytes(message.key()),
        _bytes(message.value()), headers_of(message), at_ms / 1000 if kind else None,
    )  # fmt: skip


def _bytes(given: str | bytes | None) -> bytes | None:
    return given.encode() if isinstance(given, str) else given
