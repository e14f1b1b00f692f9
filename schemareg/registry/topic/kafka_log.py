"""The log on Kafka: one reader, and a writer for as long as this node leads.

Taking over: initialise the transactional id (which settles and fences whatever an old leader had
begun), read to the log's end, commit a NOOP with the group's generation in the same transaction,
and lead once that NOOP was applied here. Every record of ours carries node, URL and term.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaException

from schemareg.errors import ExternalFailureError
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.topic.elector import Elector
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.kafka_clients import SESSION_TIMEOUT_MS, TopicAddress, words
from schemareg.registry.topic.kafka_reader import KafkaReader, bounds_of
from schemareg.registry.topic.kafka_watch import TopicWatch
from schemareg.registry.topic.kafka_writer import KafkaWriter, LeadershipLostError
from schemareg.registry.topic.log import Bounds, Chunk, Entry, LogFigures, LogIdentity
from schemareg.registry.topic.node import Origin
from schemareg.registry.topic.records import NoopKey, key_bytes

_NOOP = Record(key_bytes(NoopKey()), None)
_WATCH_S = 0.1
_TAKE_OVER_S = 20.0
_LOOK_UP_S = 5.0
_LOG = logging.getLogger("schemareg.registry.topic")


class KafkaLog:
    """`Log` on the topic at `address`, which was `identity` when the node started; `name` and
    `url` are how other nodes know this one.

    With `read_only` it joins no group and never writes.
    """

    def __init__(
        self,
        address: TopicAddress,
        identity: LogIdentity,
        *,
        name: str,
        url: str,
        read_only: bool = False,
        session_timeout_ms: int = SESSION_TIMEOUT_MS,
    ) -> None:
        self._address = address
        self._identity = identity
        self._name = name
        self._url = url
        self._reader = KafkaReader(address)
        self._applied = threading.Condition()
        self._position = 0
        self._is_at_end = self._is_loaded = False
        self._writing = threading.Lock()
        self._writer: KafkaWriter | None = None
        self._origin: Origin | None = None
        self._stop = threading.Event()
        self._elector: Elector | None = None
        self._watcher: threading.Thread | None = None
        self._failure: str | None = None
        self._take_overs = self._lost_leaderships = 0
        self._take_over_ms: int | None = None
        self._take_over_trouble: str | None = None
        self._looking = threading.Lock()
        self._looker: Consumer | None = None
        self._looked_at, self._looked_end = 0.0, 0
        self._topic_watch = TopicWatch(address, identity)
        self._topic_watch.start()
        if not read_only:
            self._elector = Elector(address, session_timeout_ms=session_timeout_ms)
            self._elector.start()
            self._watcher = threading.Thread(
                target=self._watch, name="schemareg-leadership", daemon=True
            )
            self._watcher.start()

    @property
    def can_write(self) -> bool:
        """Whether this node leads and the group confirmed it within the last session."""
        elector = self._elector
        return (
            self._writer is not None
            and elector is not None
            and elector.is_chosen.is_set()
            and elector.is_fresh
            # what it decided would not come back
            and self._reader.trouble is None
        )

    @property
    def term(self) -> int | None:
        """The term in which this node leads; None where it may not write."""
        origin = self._origin
        return origin.term if origin is not None and self.can_write else None

    @property
    def leader(self) -> Origin | None:
        """Who last wrote as the leader; None where no node of ours ever did."""
        return self._reader.leader

    @property
    def trouble(self) -> str | None:
        """Why this node cannot read, be elected, or take over."""
        elector = self._elector
        elected = None if elector is None else elector.trouble or self._take_over_trouble
        return self._reader.trouble or elected

    @property
    def alarm(self) -> str | None:
        """What the topic's settings or its replacement forbid."""
        return self._topic_watch.alarm

    @property
    def failure(self) -> str | None:
        """Which thread ended before its time."""
        elector = self._elector
        if elector is not None and not elector.is_alive and not self._stop.is_set():
            return f"the election ended: {elector.failure}"
        return self._failure or self._topic_watch.failure

    @property
    def figures(self) -> LogFigures:
        """Offsets and changes of leadership."""
        leader = self.leader
        return LogFigures(
            end=self._reader.end,
            term=0 if leader is None else leader.term,
            take_overs=self._take_overs,
            lost_leaderships=self._lost_leaderships,
            take_over_ms=self._take_over_ms,
        )

    # reading

    @property
    def identity(self) -> LogIdentity:
        """The topic as it was when the node started."""
        return self._identity

    @property
    def bounds(self) -> Bounds | None:
        """As the watch over the topic last saw them."""
        return self._topic_watch.bounds

    def look_up_bounds(self) -> Bounds:
        """As they are now. Raises: `ExternalFailureError`."""
        try:
            return self._reader.bounds()
        except KafkaException as error:
            raise ExternalFailureError(
                f"topic {self._address.topic} at {self._address.bootstrap_servers}: {words(error)}",
                advice="check the broker, and the right Read on the topic",
            ) from error

    def end_now(self, timeout_s: float) -> int | None:
        asked_at = time.monotonic()
        with self._looking:
            if self._looked_at < asked_at:  # else somebody looked while this thread waited
                began_at = time.monotonic()
                if self._looker is None:  # the reader's own is another thread's
                    self._looker = Consumer(self._address.reader())
                try:
                    self._looked_end = bounds_of(self._looker, self._address.topic, timeout_s).end
                except KafkaException as error:
                    _LOG.debug("the end of the topic: %s", words(error))
                    return None
                self._looked_at = began_at
            return self._looked_end

    def entry_at(self, offset: int, leader_epoch: int) -> Entry | None:
        """The record at `offset`; None where compaction removed it."""
        return self._reader.entry_at(offset, leader_epoch)

    def seek(self, position: int, leader_epoch: int = -1, leader: Origin | None = None) -> None:
        self._reader.seek(position, leader_epoch, leader)
        self._position = position

    def poll(self, timeout_s: float) -> Chunk:
        chunk = self._reader.poll(timeout_s)
        self._is_at_end = chunk.at_end
        return chunk

    def applied(self, position: int) -> None:
        """The tables hold everything below `position`."""
        with self._applied:
            self._position = position
            self._is_loaded |= self._is_at_end
            self._applied.notify_all()

    def _wait_applied(self, offset: int, deadline: float) -> bool:
        with self._applied:
            while self._position <= offset:
                left = deadline - time.monotonic()
                if left <= 0 or self._stop.is_set():
                    return False
                self._applied.wait(min(left, 0.5))
        return True

    # writing

    def append(self, records: Sequence[Record], term: int) -> int:
        with self._writing:
            writer, origin = self._writer, self._origin
            if writer is None or origin is None or self.term != term:
                raise ErrorCode.NO_LEADER.refusal()
            try:
                return writer.write(records, origin)
            except LeadershipLostError as error:
                self._drop_writer(str(error))
                raise error.refusal from error

    def _drop_writer(self, why: str) -> None:
        writer, self._writer, self._origin = self._writer, None, None
        if writer is not None:
            self._lost_leaderships += 1
            _LOG.warning("leads no more: %s", why)
            writer.close()

    # leadership

    def _watch(self) -> None:
        try:
            self._lead_while_chosen()
        except BaseException as error:  # noqa: BLE001  # its end is reported by the health check
            self._failure = f"the leadership's thread ended: {error}"
            _LOG.exception("the leadership's thread ended")

    def _lead_while_chosen(self) -> None:
        assert self._elector is not None
        while not self._stop.wait(_WATCH_S):
            chosen = self._elector.is_chosen.is_set()
            if not chosen:
                self._take_over_trouble = None
            if self._writer is not None and not chosen:
                with self._writing:
                    self._drop_writer("the group chose another node")
            elif self._writer is None and chosen and self._is_loaded and self.alarm is None:
                try:
                    self._take_over(self._elector)
                    self._take_over_trouble = None
                except LeadershipLostError as error:
                    why = f"could not take over: {error}"
                    if self._take_over_trouble is None:
                        _LOG.warning("%s", why)
                    self._take_over_trouble = why
                    # two nodes that fence each other in turn must not do so for ever
                    self._stop.wait(random.uniform(0.5, 2.0))  # no secret

    def _take_over(self, elector: Elector) -> None:
        """Leads afterwards. Raises: `LeadershipLostError`."""
        began = time.monotonic()
        self._topic_watch.compare()  # its next look may be late for a topic that was made anew
        if self.alarm is not None:
            return
        writer = KafkaWriter(self._address)
        deadline = time.monotonic() + _TAKE_OVER_S
        try:
            # nobody else can write from now on: the last term is known once this end was read
            end = self.end_now(_LOOK_UP_S)
            if end is None:
                raise LeadershipLostError("the end of the topic is not known")
            writer.begins_at = max(end, self._position)
            is_read = self._wait_applied(writer.begins_at - 1, deadline)
            while is_read and elector.is_chosen.is_set() and not self._stop.is_set():
                known = self.leader
                term = 1 if known is None else known.term + 1
                origin = Origin(self._name, self._url, term)
                offset = writer.write([_NOOP], origin, membership=elector.membership())
                if not self._wait_applied(offset, deadline):
                    break
                if self.leader == origin:
                    with self._writing:
                        self._origin, self._writer = origin, writer
                        self._take_overs += 1
                        self._take_over_ms = round((time.monotonic() - began) * 1000)
                    _LOG.info("leads in term %d", term)
                    return
        except LeadershipLostError:
            writer.close()
            raise
        writer.close()

    def close(self) -> None:
        self._stop.set()
        self._topic_watch.close()
        if self._watcher is not None:
            self._watcher.join(_TAKE_OVER_S)
        with self._writing:
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        if self._elector is not None:
            self._elector.close()
        with self._looking:
            looker, self._looker = self._looker, None
        if looker is not None:
            looker.close()

    def close_reader(self) -> None:
        """After the last poll, by the thread that polled."""
        self._reader.close()
