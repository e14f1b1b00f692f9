"""Which node leads: the one to which the nodes' group gives the topic's only partition."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from schemareg.registry.topic.kafka_clients import SESSION_TIMEOUT_MS, TopicAddress, words

_POLL_S = 0.2
_LOG = logging.getLogger("schemareg.registry.topic")


class Elector:
    """A member of the group, polled by a thread of its own.

    `is_chosen` is set while the partition is this node's; `trouble` is why it cannot join, such as
    a registry of another kind in the group.
    """

    def __init__(
        self, address: TopicAddress, *, session_timeout_ms: int = SESSION_TIMEOUT_MS
    ) -> None:
        self._address = address
        self._session_s = session_timeout_ms / 1000
        self._consumer = Consumer(address.elector(session_timeout_ms=session_timeout_ms))
        self._stop = threading.Event()
        self.is_chosen = threading.Event()
        self.trouble: str | None = None
        self.failure: BaseException | None = None
        self._has_partition = False
        self._is_outdated = True
        self._membership: Any = None
        self._polled_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="schemareg-elector", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def is_fresh(self) -> bool:
        """The group was asked within a session: before that, a choice may be out of date."""
        return time.monotonic() - self._polled_at < self._session_s

    def membership(self) -> Any:
        """What proves to a transaction that this node is of the group's present generation."""
        return self._membership

    def _run(self) -> None:
        try:
            self._consumer.subscribe(
                [self._address.topic],
                on_assign=self._assigned,
                on_revoke=self._revoked,
                on_lost=self._revoked,
            )
            while not self._stop.is_set():
                message = self._consumer.poll(_POLL_S)
                self._polled_at = time.monotonic()
                if self._has_partition and self._is_outdated:
                    # asked by this thread and outside the callback: elsewhere the call can hang
                    self._membership = self._consumer.consumer_group_metadata()
                    self._is_outdated = False
                    self.is_chosen.set()
                error = message.error() if message is not None else None
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    self._note(error)
        except BaseException as error:  # noqa: BLE001  # its end is reported by the health check
            self.failure = error
            _LOG.exception("the election ended")
        finally:
            self.is_chosen.clear()
            self._consumer.close()

    def _note(self, error: KafkaError) -> None:
        text = self._address.words(error, "Read")
        if error.code() == KafkaError.INCONSISTENT_GROUP_PROTOCOL:
            text = "registries of another kind are in the group; stop them first"
        if text != self.trouble:
            self.trouble = text
            _LOG.warning("election: %s", text)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        self._is_outdated = True  # each assignment, an empty one too, is a new generation
        self.trouble = None  # a follower, which gets no partition, has joined too
        if partitions:
            consumer.pause(partitions)  # members of this group read nothing
            self._has_partition = True

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._has_partition = False
        self.is_chosen.clear()
        try:
            consumer.incremental_unassign(partitions)
        except KafkaException as error:
            _LOG.debug("election: %s", words(error))

    def close(self) -> None:
        """Leaves the group, so that another node is chosen at once."""
        self._stop.set()
        if self._thread.is_alive():
            # closing a consumer can hang in librdkafka: the process ends anyway
            self._thread.join(self._session_s)
