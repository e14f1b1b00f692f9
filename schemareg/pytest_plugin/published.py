"""What came to a test's topics, and assertions that say what came instead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Any, Self, cast

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from schemareg.brokers.clients import client_config, reason
from schemareg.codec import EventDeserializer
from schemareg.codec.messages import KafkaHeaders
from schemareg.errors import BrokerError, DecodeError, RegistryError
from schemareg.pytest_plugin.events import get
from schemareg.pytest_plugin.kafka import TestKafka
from schemareg.pytest_plugin.settings import Settings
from schemareg.registry import RegistryClient
from schemareg.serdes import event_deserializer
from schemareg.subjects import SchemaId

_WITHIN_S = 10.0
_POLL_S = 0.05
_METADATA_S = 10.0


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """A message as it lay on a topic.

    `topic` is the short name, `type` the full name of the event's type ("" for a tombstone),
    `schema_id` the id or GUID it was framed with, `timestamp_ms` since 1970. `failure` says why
    it could not be read (then `event` is None).
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

    def is_a(self, type: str) -> bool:
        """`type` is its full name, or the short one."""
        return type in (self.type, self.type.rpartition(".")[2])

    def __str__(self) -> str:
        what = f"unreadable: {self.failure}" if self.failure else f"{self.type} {self.event!r}"
        key = "" if self.key is None else f" key {self.key.decode(errors='replace')!r}"
        return f"{self.topic}[{self.partition}]@{self.offset}{key} {what}"


class Published:
    """Reads the test's topics from their beginning, as far as an assertion needs.

    In a test that shares its event loop with the service, use `expect_async`.
    """

    def __init__(self, kafka: TestKafka, registry: RegistryClient, settings: Settings) -> None:
        self._kafka = kafka
        self._settings = settings
        self._deserialize: EventDeserializer = event_deserializer(registry)
        self._consumer = Consumer(
            client_config(
                kafka.broker,
                group_id=kafka.group("published"),
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                # a fetch that waits keeps the questions behind it waiting, too
                fetch_wait_max_ms=20,
            )
        )
        self._assigned: set[str] = set()
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
        """The `count` events of `type`, as soon as they are there, in the order of their topics.

        `where` gives values by dotted path, or judges the event. More than `count` that are
        there by then are as wrong as fewer.

        Raises: AssertionError telling what came instead.
        """

        def fits(event: PublishedEvent) -> bool:
            return (
                event.is_a(type)
                and topic in (None, event.topic)
                and (key is None or event.key == _as_bytes(key))
                and (schema_id is None or event.schema_id == schema_id)
                and _holds(event.event, where)
            )

        found = self.until(lambda: len([e for e in self.seen if fits(e)]) >= count, within_s)
        self.drain()
        events = [event for event in self.seen if fits(event)]
        if not found or len(events) != count:
            wanted = _wanted(type, topic=topic, key=key, schema_id=schema_id, where=where)
            raise AssertionError(
                f"{count} {wanted} wanted within {within_s:g} s, {len(events)} came\n{self.told()}"
            )
        return events

    def expect_one(self, type: str, **wanted: Any) -> PublishedEvent:
        """The one event that `expect` finds with these words."""
        return self.expect(type, count=1, **wanted)[0]

    async def expect_async(self, type: str, **wanted: Any) -> list[PublishedEvent]:
        """`expect` in a thread, so that the test's event loop goes on serving the service."""
        return await asyncio.to_thread(self.expect, type, **wanted)

    def expect_none(self, type: str, *, within_s: float = 1.0) -> None:
        """No event of `type` came, nor comes within `within_s`.

        Raises: AssertionError telling what came.
        """
        if self.until(lambda: any(e.is_a(type) for e in self.seen), within_s):
            raise AssertionError(f"no {type} wanted, but one came\n{self.told()}")

    def in_order(
        self, key: str | bytes, types: Sequence[str], *, within_s: float = _WITHIN_S
    ) -> list[PublishedEvent]:
        """The events with `key`, which are of `types` in this order on each topic's partition.

        Raises: AssertionError telling what came instead.
        """
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
                f"{self.told()}"
            )
        return events

    def chain(self, *events: PublishedEvent) -> None:
        """Each of `events` was caused by the one before, and all share one correlation id.

        Raises: AssertionError naming the link that is wrong.
        """
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
        """Every event that has come so far."""
        self.drain()
        return list(self.seen)

    def until(self, done: Callable[[], bool], within_s: float) -> bool:
        """Reads on until `done`, at most for `within_s`; whether it was done."""
        deadline = time.monotonic() + within_s
        while not done():
            if time.monotonic() >= deadline:
                return False
            self._assign()
            self._poll(_POLL_S)
        return True

    def drain(self) -> None:
        """Reads all that has been acknowledged by now.

        Raises: BrokerError when the broker does not tell how much that is.
        """
        self._assign()
        try:
            waiting = {
                partition.topic + str(partition.partition): self._consumer.get_watermark_offsets(
                    partition, timeout=_METADATA_S, cached=False
                )[1]
                for partition in self._consumer.assignment()
            }
        except KafkaException as error:
            raise BrokerError(f"the ends of the topics are unknown: {reason(error)}") from error
        deadline = time.monotonic() + _METADATA_S
        while self._behind(waiting) and time.monotonic() < deadline:
            self._poll(_POLL_S)

    def told(self) -> str:
        """What came, a line each."""
        if not self.seen:
            topics = ", ".join(sorted(self._kafka.topics.values())) or "no topic was asked for"
            return f"nothing came ({topics})"
        return "what came:\n" + "\n".join(f"  {event}" for event in self.seen)

    def _behind(self, ends: Mapping[str, int]) -> bool:
        reached: dict[str, int] = {}
        for event in self.seen:
            name = self._kafka.topic(event.topic) + str(event.partition)
            reached[name] = max(reached.get(name, 0), event.offset + 1)
        return any(reached.get(name, 0) < end for name, end in ends.items())

    def _assign(self) -> None:
        try:
            for name in sorted(self._kafka.topics.keys() - self._assigned):
                # a topic that comes up on use has no partitions before its first message
                known = self._consumer.list_topics(name, timeout=_METADATA_S).topics[name]
                if known.partitions:
                    self._consumer.incremental_assign(
                        [
                            TopicPartition(name, number, OFFSET_BEGINNING)
                            for number in known.partitions
                        ]
                    )
                    self._assigned.add(name)
        except KafkaException as error:
            raise BrokerError(f"topics cannot be read: {reason(error)}") from error

    def _poll(self, wait_s: float) -> None:
        for message in self._consumer.consume(500, timeout=wait_s):
            if message.error() is None:
                self.seen.append(self._read(message))

    def _read(self, message: Message) -> PublishedEvent:
        headers = cast(KafkaHeaders, message.headers() or [])
        type, event, schema, failure = "", None, None, None
        try:
            received = self._deserialize.receive(message.value(), headers=headers)
            type, event, schema = received.type, received.event, received.schema
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


def _wanted(type: str, **said: object) -> str:
    words = [f"{name} {value!r}" for name, value in said.items() if value is not None]
    return f"{type} with {', '.join(words)}" if words else type


def _as_bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode("utf-8")
