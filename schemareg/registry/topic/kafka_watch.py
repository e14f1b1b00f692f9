"""Looks at the topic again while a node runs: its settings, its identity, and where it begins."""

from __future__ import annotations

import logging
import threading

from confluent_kafka import Consumer, KafkaException

from schemareg.errors import ExternalFailureError, UsageError
from schemareg.registry.topic.kafka_clients import TopicAddress
from schemareg.registry.topic.kafka_reader import bounds_of
from schemareg.registry.topic.kafka_topic import open_topic
from schemareg.registry.topic.log import Bounds, LogIdentity

LOOK_EVERY_S = 20.0
_TIMEOUT_S = 5.0
_LOG = logging.getLogger("schemareg.registry.topic")


class TopicWatch:
    """A thread that compares the topic with `identity`, which it had when the node started.

    `alarm` is what makes the topic no place to write to; None while there is no reason. A wrong
    setting that is corrected ends the alarm; a topic that is another one, or lost records, does
    not. `failure` is why the thread ended, `bounds` where the log began and
    ended when it last answered.
    """

    def __init__(self, address: TopicAddress, identity: LogIdentity) -> None:
        self._address = address
        self._identity = identity
        self._stop = threading.Event()
        self._comparing = threading.Lock()
        self._lost: str | None = None
        self._begin: int | None = None
        self.bounds: Bounds | None = None
        self.alarm: str | None = None
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="schemareg-topic-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        try:
            # the reader's settings: no group is joined, for nothing is subscribed to
            consumer = Consumer(self._address.reader())
            while not self._stop.wait(LOOK_EVERY_S):
                self._look(consumer)
            consumer.close()
        except BaseException as error:  # noqa: BLE001  # its end is reported by the health check
            self.failure = f"the watch over the topic ended: {error}"
            _LOG.exception("the watch over the topic ended")

    def _look(self, consumer: Consumer) -> None:
        self._lost = self._lost or self._cut_off(consumer)
        self.compare()

    def compare(self) -> None:
        """Look at the topic now; from any thread."""
        with self._comparing:
            self._compare()

    def _compare(self) -> None:
        alarm = self._lost
        if alarm is None:
            try:
                now = open_topic(self._address, may_create=False)
            except ExternalFailureError:
                return  # the broker is away: nothing new is known
            except UsageError as error:
                alarm = f"{error.message}; {error.advice}" if error.advice else error.message
            else:
                alarm = self._lost = replaced(self._address.topic, self._identity, now)
        if alarm != self.alarm:
            self.alarm = alarm
            if alarm is None:
                _LOG.warning("topic %s: in order again", self._address.topic)
            else:
                _LOG.error("%s", alarm)

    def _cut_off(self, consumer: Consumer) -> str | None:
        """Whether records went from the topic's beginning, which compaction never moves."""
        try:
            self.bounds = bounds_of(consumer, self._address.topic, _TIMEOUT_S)
        except KafkaException:
            return None
        begin = self.bounds.begin
        if self._begin is not None and begin > self._begin:
            return (
                f"topic {self._address.topic}: records below offset {begin} were deleted; "
                "export this node's state before it ends"
            )
        self._begin = begin
        return None


def replaced(topic: str, then: LogIdentity, now: LogIdentity) -> str | None:
    """What to say where `now` is not the log that `then` was."""
    if now.cluster != then.cluster:
        return f"topic {topic} is in another cluster now: {now.cluster}, it was {then.cluster}"
    if now.topic != then.topic:
        return f"topic {topic} was made anew; export this node's state before it ends"
    return None
