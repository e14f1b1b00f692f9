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
_TROUBLE_AFTER_S = 3.0
"""How long nothing can be read before that is trouble: a connection may break at any time."""
_ASSIGN_AGAIN_S, _MOST_ASSIGN_AGAIN_S = 1.0, 8.0
"""From one assignment to the next while nothing can be read, doubled each time: a broker that is
only slow must get the time to answer one."""
_LOG = logging.getLogger("schemareg.registry.topic")
_MOVED = (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET)


class KafkaReader:
    """`poll` gives what was committed, in order; `leader` is who last wrote as the leader and
    `end` the offset behind the last record as the broker last gave it.

    `trouble` is why nothing can be read; None while it can.

    Raises (poll): `LogMovedError` where the topic no longer has the offset that comes next.
    """

    def __init__(self, address: TopicAddress) -> None:
        self._address = address
        # without this a broker that is away, or refuses the credentials, goes unnoticed
        self._consumer = Consumer({**address.reader(), "error_cb": self._note_error})
        self._position = self._assigned_from = 0
        self._leader_epoch = -1
        self._is_assigned = False
        self._assigned_at = 0.0
        self._assign_again_s = _ASSIGN_AGAIN_S
        self._has_logged = False
        self._why = ""
        self._failing_since: float | None = None
        self.leader: Origin | None = None
        self.end: int | None = None

    def seek(self, position: int, leader_epoch: int = -1, leader: Origin | None = None) -> None:
        self.leader = leader
        self._position = self._assigned_from = position
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
        again = self._is_assigned and self._has_to_ask_again()
        if again:
            self._assign_again_s = min(2 * self._assign_again_s, _MOST_ASSIGN_AGAIN_S)
        if again or not self._is_assigned:
            self._assigned_at = time.monotonic()
            partition = TopicPartition(
                self._address.topic, 0, self._assigned_from, leader_epoch=self._leader_epoch
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
                self._note_error(error)
        if entries:
            # not behind a marker: the epoch of the record before it may have ended below
            self._assigned_from = entries[-1].offset + 1
            self._leader_epoch = entries[-1].leader_epoch
        self._note_reading(reads=bool(entries) or at_end)
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

    @property
    def trouble(self) -> str | None:
        since = self._failing_since
        is_trouble = since is not None and time.monotonic() - since >= _TROUBLE_AFTER_S
        return self._why if is_trouble else None

    def _has_to_ask_again(self) -> bool:
        """An end that was reached before comes once: only a new assignment shows that the topic
        can be read again.
        """
        is_failing = self._failing_since is not None
        return is_failing and time.monotonic() - self._assigned_at >= self._assign_again_s

    def _note_error(self, error: KafkaError) -> None:
        # its group is a name that the client needs, and is never joined
        if error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
            return
        # why they are down was given before
        if self._failing_since is None or error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._note(self._address.words(error, "Read"))

    def _note(self, why: str) -> None:
        self._why = why
        if self._failing_since is None:
            self._failing_since = time.monotonic()

    def _note_reading(self, *, reads: bool) -> None:
        """Log once that the topic cannot be read, and once that it can."""
        if reads:
            self._failing_since = None
            self._assign_again_s = _ASSIGN_AGAIN_S
        trouble = self.trouble
        if (trouble is None) == self._has_logged:
            self._has_logged = trouble is not None
            level = logging.WARNING if trouble else logging.INFO
            _LOG.log(level, "topic %s: %s", self._address.topic, trouble or "is read again")

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
