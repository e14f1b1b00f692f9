"""The topic's only partition, read from an offset on by one consumer that joins no group."""

from __future__ import annotations

import logging
import time
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemareg.errors import ExternalFailureError
from schemareg.registry.topic.kafka_clients import TopicAddress, words
from schemareg.registry.topic.log import Bounds, Chunk, Entry, LogMovedError
from schemareg.registry.topic.node import Headers, Origin, origin_of

_AT_MOST = 500
_LOOK_UP_S = 15.0
_QUIET_S = 30.0
"""An error that repeats is logged once in this time."""
_LOG = logging.getLogger("schemareg.registry.topic")
_MOVED = (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET)


class KafkaReader:
    """`poll` gives what was committed, in order; `leader` is who last wrote as the leader and
    `end` the offset behind the last record as the broker last gave it.

    Raises (poll): `LogMovedError` where the topic no longer has the offset that comes next.
    """

    def __init__(self, address: TopicAddress) -> None:
        self._address = address
        self._consumer = Consumer(address.reader())
        self._position = 0
        self._leader_epoch = -1
        self._is_assigned = False
        self._logged_at = -_QUIET_S
        self.leader: Origin | None = None
        self.end: int | None = None

    def seek(self, position: int, leader_epoch: int = -1, leader: Origin | None = None) -> None:
        self.leader = leader
        self._position = position
        self._leader_epoch = leader_epoch
        self._is_assigned = False

    def bounds(self, timeout_s: float = _LOOK_UP_S) -> Bounds:
        """Where the log begins and ends now, for readers of committed records.

        Raises: `KafkaException`.
        """
        return bounds_of(self._consumer, self._address.topic, timeout_s)

    def entry_at(self, offset: int, leader_epoch: int) -> Entry | None:
        """The record at `offset`; None where compaction removed it. Before the first poll.

        Raises: `ExternalFailureError`.
        """
        self.seek(offset, leader_epoch)
        deadline = time.monotonic() + _LOOK_UP_S
        while time.monotonic() < deadline:
            chunk = self.poll(0.2)
            if chunk.entries:
                first = chunk.entries[0]
                return first if first.offset == offset else None
            if chunk.at_end:
                return None
        raise ExternalFailureError(
            f"topic {self._address.topic}: nothing came within {_LOOK_UP_S:.0f} s",
            advice="check the broker, and the right Read on the topic",
        )

    def poll(self, timeout_s: float) -> Chunk:
        if not self._is_assigned:
            partition = TopicPartition(
                self._address.topic, 0, self._position, leader_epoch=self._leader_epoch
            )
            self._consumer.assign([partition])
            self._is_assigned = True
        entries: list[Entry] = []
        at_end = False
        try:
            # consume alone would wait for as many as it may return
            first = self._consumer.poll(timeout_s)
            messages = [] if first is None else [first, *self._consumer.consume(_AT_MOST, 0)]
        except KafkaException as failure:
            self._note(words(failure))
            messages = []
        for message in messages:
            error = message.error()
            if error is None:
                entries.append(self._entry(message))
                self._position = entries[-1].offset + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                # markers of transactions are passed without a message
                self._position = max(self._position, message.offset() or 0)
                at_end = True
            elif error.code() in _MOVED:
                raise LogMovedError(f"topic {self._address.topic}: {error.str()}")
            else:
                self._note(error.str())
        if messages:
            self._note_end(at_end=at_end)
        return Chunk(entries, self._position, at_end)

    def _entry(self, message: Message) -> Entry:
        origin = origin_of(cast("Headers", message.headers()))
        if origin is not None and (self.leader is None or origin.term >= self.leader.term):
            self.leader = origin
        kind, written_ms = message.timestamp()
        return Entry(
            offset=message.offset() or 0,
            key=_bytes(message.key()),
            value=_bytes(message.value()),
            written_ms=written_ms if kind else 0,
            is_foreign=origin is None and self.leader is not None,
            leader_epoch=_epoch(message),
        )

    def _note(self, text: str) -> None:
        now = time.monotonic()
        if now - self._logged_at >= _QUIET_S:
            self._logged_at = now
            _LOG.warning("topic %s: %s", self._address.topic, text)

    def _note_end(self, *, at_end: bool) -> None:
        # by the thread that polls: from another one the call can wait for ever
        if at_end:
            self.end = self._position
            return
        partition = TopicPartition(self._address.topic, 0)
        _, end = self._consumer.get_watermark_offsets(partition, cached=True)
        if end >= 0:
            self.end = end

    def close(self) -> None:
        self._consumer.close()


def bounds_of(consumer: Consumer, topic: str, timeout_s: float) -> Bounds:
    """Where the log begins and ends now. Raises: `KafkaException`."""
    at_ms = time.time_ns() // 1_000_000  # before the question: what holds later is not known
    begin, end = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=timeout_s)
    return Bounds(begin, end, at_ms)


def _epoch(message: Message) -> int:
    epoch = message.leader_epoch()
    return -1 if epoch is None else epoch


def _bytes(value: bytes | str | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
