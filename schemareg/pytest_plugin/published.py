"""What arrived on a test's topics, and assertions that list it when they fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import TracebackType
from typing import Any, Self, TypeAlias, cast

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from schemareg.brokers.clients import client_config, reason
from schemareg.cloudevents import CloudEvent
from schemareg.codec import EventDeserializer
from schemareg.codec.messages import KafkaHeaders
from schemareg.errors import BrokerError, DecodeError, RegistryError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.pytest_plugin.events import get
from schemareg.pytest_plugin.kafka import TestKafka
from schemareg.pytest_plugin.names import Names
from schemareg.pytest_plugin.settings import Settings
from schemareg.registry import RegistryClient
from schemareg.serdes import event_deserializer
from schemareg.subjects import SchemaId
from schemareg.suggestions import did_you_mean

_WITHIN_S = 10.0
_POLL_S = 0.05
_METADATA_S = 10.0
_AGAIN_S = 0.1
_NO_LEADER = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
_DRAIN_S = 10.0

_Partition: TypeAlias = tuple[str, int]
"""A topic's real name and the number of a partition."""


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """A message on a topic.

    `topic` is the short name, `type` the full name of the event's type ("" for a tombstone),
    `schema_id` the id or GUID in its frame, `timestamp_ms` since 1970. `failure` is the reason
    why it could not be read (then `event` is None). `cloud_event` is what it has as a CloudEvent,
    in either mode.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    type: str
    event: Any
    schema_id: object
    timestamp_ms: int
    headers: tuple[tuple[str, bytes | str | None], ...]
    failure: str | None = None
    cloud_event: CloudEvent | None = None

    def is_a(self, type: str) -> bool:
        """`type` is its full name, or the short one."""
        return type in (self.type, self.type.rpartition(".")[2])

    def __str__(self) -> str:
        what = f"unreadable: {self.failure}" if self.failure else f"{self.type} {self.event!r}"
        key = "" if self.key is None else f" key {self.key.decode(errors='replace')!r}"
        return f"{self.topic}[{self.partition}]@{self.offset}{key} {what}"


class Published:
    """Reads the test's topics from their beginning, as far as an assertion needs.

    With `from_now`, what is on the topics already is passed over. In a test that shares its
    event loop with the service, use `expect_async`.
    """

    def __init__(
        self,
        kafka: TestKafka,
        registry: RegistryClient,
        settings: Settings,
        names: Names,
        *,
        from_now: bool = False,
    ) -> None:
        self._kafka = kafka
        self._settings = settings
        self._names = names
        self._deserialize: EventDeserializer = event_deserializer(registry)
        self._consumer = Consumer(
            client_config(
                kafka.broker,
                group_id=kafka.group("published"),  # required by librdkafka; no member joins it
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                # the end of a partition may lie behind offsets that no consumer sees: markers of
                # transactions, aborted, compacted and deleted messages
                enable_partition_eof=True,
                # a fetch that waits blocks the requests behind it
                fetch_wait_max_ms=20,
            )
        )
        self._assigned: set[str] = set()
        self._reached: dict[_Partition, int] = {}
        self._starts = self._ends(self._partitions_of(kafka.topics)) if from_now else {}
        self.seen: list[PublishedEvent] = []
        """What has been read so far."""

    def expect(
        self,
        type: str,
        *,
        count: int = 1,
        topic: str | None = None,
        key: str | bytes | None = None,
        schema_id: SchemaId | None = None,
        where: Mapping[str, object] | Callable[[Any], bool] | None = None,
        within_s: float = _WITHIN_S,
    ) -> list[PublishedEvent]:
        """The `count` events of `type`, as soon as they have arrived, in the order of their topics.

        `where` gives values by dotted path, or is a predicate of the event. More than `count`
        events by then are as wrong as fewer.

        Raises: AssertionError that lists what arrived instead; UsageError for an event, a path
            or a topic that does not exist, or a value that no such event can have.
        """
        if count < 1:
            raise UsageError(f"count={count} expects no event", advice="use expect_none")
        self.check_names([type], where, topic)

        def fits(event: PublishedEvent) -> bool:
            return (
                event.is_a(type)
                and topic in (None, event.topic)
                and (key is None or event.key == _as_bytes(key))
                and (schema_id is None or event.schema_id == schema_id)
                and _holds(event.event, where)
            )

        in_time = self.until(lambda: len([e for e in self.seen if fits(e)]) >= count, within_s)
        self.drain()
        events = [event for event in self.seen if fits(event)]
        if not in_time or len(events) != count:
            wanted = _wanted(type, topic=topic, key=key, schema_id=schema_id, where=where)
            in_all = f"{count} {wanted} wanted within {within_s:g} s, {len(events)} came"
            raise AssertionError(f"{in_all}\n{self.render()}")
        return events

    def expect_one(self, type: str, **wanted: Any) -> PublishedEvent:
        """The one event that `expect` returns with these arguments."""
        return self.expect(type, count=1, **wanted)[0]

    async def expect_async(self, type: str, **wanted: Any) -> list[PublishedEvent]:
        """`expect` in a thread, so that the service goes on in the test's event loop."""
        return await asyncio.to_thread(self.expect, type, **wanted)

    def expect_none(self, type: str, *, within_s: float = 1.0) -> None:
        """No event of `type` has arrived, nor arrives within `within_s`.

        Raises: AssertionError that lists what arrived, or reports that not everything could
            be read; UsageError for an event that does not exist.
        """
        self.check_names([type])

        def came() -> bool:
            return any(event.is_a(type) for event in self.seen)

        if not self.until(came, within_s):
            self.drain()
        if came():
            raise AssertionError(f"no {type} wanted, but one came\n{self.render()}")

    def in_order(
        self, key: str | bytes, types: Sequence[str], *, within_s: float = _WITHIN_S
    ) -> list[PublishedEvent]:
        """The events with `key`, which are of `types` in this order on each topic's partition.

        Raises: AssertionError that lists what arrived instead; UsageError for an event that does
            not exist.
        """
        self.check_names(types)
        wanted = _as_bytes(key)

        def of_key() -> list[PublishedEvent]:
            return [event for event in self.seen if event.key == wanted]

        self.until(lambda: len(of_key()) >= len(types), within_s)
        self.drain()
        events = of_key()
        if len(events) != len(types) or not all(
            event.is_a(type) for event, type in zip(events, types, strict=True)
        ):
            raise AssertionError(
                f"with key {wanted.decode(errors='replace')!r} wanted: {', '.join(types)}\n"
                f"{self.render()}"
            )
        return events

    def chain(self, *events: PublishedEvent) -> None:
        """Each of `events` was caused by the one before, and all share one correlation id.

        Raises: AssertionError that names the wrong link; UsageError for fewer than two events.
        """
        if len(events) < 2:
            raise UsageError(f"a chain of {len(events)} has no link", advice="give two or more")
        at = self._settings
        for cause, effect in pairwise(events):
            for path, wanted in (
                (at.correlation_id, get(cause.event, at.correlation_id)),
                (at.causation_id, get(cause.event, at.event_id)),
            ):
                got = get(effect.event, path)
                if got is None or got != wanted:
                    raise AssertionError(
                        f"{effect.type} follows {cause.type}, so its {path} should be {wanted!r}, "
                        f"but is {got!r}\n  {cause}\n  {effect}"
                    )

    def all(self) -> list[PublishedEvent]:
        """Every event that has arrived so far."""
        self.drain()
        return list(self.seen)

    def until(self, done: Callable[[], bool], within_s: float) -> bool:
        """Read on until `done`, at most for `within_s`; whether it was done."""
        deadline = time.monotonic() + within_s
        while not done():
            if time.monotonic() >= deadline:
                return False
            self._assign()
            self._poll(_POLL_S)
        return True

    def drain(self) -> None:
        """Read all that has been acknowledged by now.

        Raises:
            AssertionError: not everything could be read in time.
            BrokerError: the broker does not answer where the topics end.
        """
        self._assign()
        ends = self._ends([(p.topic, p.partition) for p in self._consumer.assignment()])
        deadline = time.monotonic() + _DRAIN_S
        while behind := {p: end for p, end in ends.items() if self._reached.get(p, 0) < end}:
            if time.monotonic() >= deadline:
                raise AssertionError(
                    f"the topics could not be read to their ends within {_DRAIN_S:g} s: "
                    + ", ".join(self._render_lag(p, end) for p, end in sorted(behind.items()))
                    + f"\n{self.render()}"
                )
            self._poll(_POLL_S)

    def check_names(
        self,
        types: Iterable[str],
        where: Mapping[str, object] | Callable[[Any], bool] | None = None,
        topic: str | None = None,
    ) -> None:
        """Every name exists: event types, the paths of `where` in them, the test's topic `topic`.

        There is a topic to read from.

        The values of `where` are ones that the fields at these paths can have.

        Raises: UsageError.
        """
        for type in types:
            self._names.check_event(type, where=where if isinstance(where, Mapping) else None)
            if topic is not None:
                self._names.check_event_on(type, topic)
        known = self._kafka.topics.values()
        if not known:
            raise UsageError(
                "no topic was used, so nothing can arrive",
                advice="create one with kafka.topic; module_published reads the topics of"
                " module_kafka, session_published those of session_kafka",
            )
        if topic is not None and topic not in known:
            raise UsageError(
                f"{topic!r} is no topic of this test",
                advice=f"{did_you_mean(topic, known)} (kafka.topic({topic!r}) creates it)",
            )

    def render(self) -> str:
        """What arrived, a line each."""
        if not self.seen:
            topics = ", ".join(sorted(self._kafka.topics.values())) or "no topic was used"
            return f"nothing came ({topics})"
        return "what came:\n" + "\n".join(f"  {event}" for event in self.seen)

    def _render_lag(self, partition: _Partition, end: int) -> str:
        name, number = partition
        return f"{self._kafka.topics[name]}[{number}] at {self._reached.get(partition, 0)} of {end}"

    def _partitions_of(self, topics: Iterable[str]) -> list[_Partition]:
        partitions: list[_Partition] = []
        for name in topics:
            # a topic that is created on use has no partitions before its first message
            known = self._consumer.list_topics(name, timeout=_METADATA_S).topics[name]
            partitions += [(name, number) for number in known.partitions]
        return partitions

    def _ends(self, partitions: Iterable[_Partition]) -> dict[_Partition, int]:
        """The offset behind the last readable message of each partition."""
        deadline = time.monotonic() + _METADATA_S
        return {partition: self._end(partition, deadline) for partition in partitions}

    def _end(self, partition: _Partition, deadline: float) -> int:
        """The end of one partition; while it has no leader, as after a fault, it is asked again."""
        while True:
            try:
                _, end = self._consumer.get_watermark_offsets(
                    TopicPartition(*partition), timeout=_METADATA_S, cached=False
                )
                return int(end)
            except KafkaException as error:
                if error.args[0].code() not in _NO_LEADER or time.monotonic() > deadline:
                    raise BrokerError(
                        f"the ends of the topics are unknown: {reason(error)}"
                    ) from error
                time.sleep(_AGAIN_S)

    def _assign(self) -> None:
        try:
            for name in sorted(self._kafka.topics.keys() - self._assigned):
                partitions = self._partitions_of([name])
                if partitions:
                    starts = [self._starts.get(p, OFFSET_BEGINNING) for p in partitions]
                    self._consumer.incremental_assign(
                        [TopicPartition(*p, s) for p, s in zip(partitions, starts, strict=True)]
                    )
                    self._assigned.add(name)
        except KafkaException as error:
            raise BrokerError(f"topics cannot be read: {reason(error)}") from error

    def _poll(self, wait_s: float) -> None:
        for message in self._consumer.consume(500, timeout=wait_s):
            error = message.error()
            if error is None:
                self.seen.append(self._read(message))
            if error is None or error.code() == KafkaError._PARTITION_EOF:
                partition = str(message.topic()), int(message.partition() or 0)
                next_offset = int(message.offset() or 0) + (1 if error is None else 0)
                self._reached[partition] = max(self._reached.get(partition, 0), next_offset)

    def _read(self, message: Message) -> PublishedEvent:
        headers = cast(KafkaHeaders, message.headers() or [])
        type, event, schema, failure, cloud_event = "", None, None, None, None
        try:
            received = self._deserialize.receive(message.value(), headers=headers)
            type, event, schema = received.type, received.event, received.schema
            cloud_event = received.cloud_event
        except (DecodeError, RegistryError) as error:
            failure = str(error)
        return PublishedEvent(
            topic=self._kafka.topics[str(message.topic())],
            partition=int(message.partition() or 0),
            offset=int(message.offset() or 0),
            key=message.key(),
            type=type,
            event=event,
            schema_id=schema,
            timestamp_ms=message.timestamp()[1],
            headers=tuple(headers),
            failure=failure,
            cloud_event=cloud_event,
        )

    def __iter__(self) -> Iterator[PublishedEvent]:
        return iter(self.all())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._consumer.close()


def _holds(event: Any, where: Mapping[str, object] | Callable[[Any], bool] | None) -> bool:
    if where is None:
        return True
    if callable(where):
        return where(event)
    return all(get(event, path) == value for path, value in where.items())


def _wanted(type: str, **wanted: object) -> str:
    words = [f"{name} {value!r}" for name, value in wanted.items() if value is not None]
    return f"{type} with {', '.join(words)}" if words else type


def _as_bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode("utf-8")
