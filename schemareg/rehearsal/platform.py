"""Simulated services: two instances of each, which encode, produce, consume and decode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from functools import cache
from itertools import islice
from random import Random
from typing import Literal

from schemareg.avro import Schema
from schemareg.brokers.channel import Channel, Message
from schemareg.codec import compile_decoder, compile_encoder
from schemareg.codec.readable import readable
from schemareg.errors import DecodeError
from schemareg.lazy_dataclass import dataclass
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.sample import sample
from schemareg.services.order import Wave
from schemareg.subjects import SchemaId, Version
from schemareg.wire import frame, unframe

INSTANCES = 2
PARTITIONS = 2
_MOST_EDGES = 500
"""Edge cases written of one version each time."""
_REPLAYED = 3
"""Records that a restarted instance reads again: a crash loses its last commit."""

Kind = Literal["started", "killed", "written", "read", "unreadable", "expired"]
Role = Literal["reader", "writer"]


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """A version as the registry holds it."""

    version: Version
    id: SchemaId
    schema: Schema


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A changed event on its topic: its versions, the last of which is new, and who uses it.

    `readers` are the consumers, each with the schema of its own that it reads with, or None.
    `is_key`: the versions are those of the topic's keys, and the records have no value.
    """

    event: str
    topic: str
    versions: tuple[Registered, ...]
    writers: tuple[str, ...]
    readers: tuple[tuple[str, Schema | None], ...]
    is_key: bool = False

    @property
    def key(self) -> str:
        return f"{self.event}@{self.topic}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the history; partition, offset and version are those of the record."""

    at: int
    step: str
    kind: Kind
    service: str = ""
    instance: int = 0
    event: str = ""
    partition: int = 0
    offset: int = -1
    version: int = 0
    is_new: bool = False
    """Whether the service acts with its new schema."""
    why: str = ""
    hex: str = ""
    value: object = None


_Place = tuple[str, int]
"""The key of a stage, and a partition of its topic."""


@dataclass(slots=True)
class _Record:
    writer: Registered
    data: bytes
    value: object
    partition: int
    offset: int = -1
    expired: bool = False


@dataclass(slots=True)
class _Instance:
    service: str
    number: int
    new: set[tuple[Role, str]] = field(default_factory=set)
    offsets: dict[_Place, int] = field(default_factory=dict)


class Codecs:
    """The compiled encoders and decoders of schemas, which every run of a rehearsal shares."""

    def __init__(self) -> None:
        self.encoder = cache(compile_encoder)
        self.decoder = cache(compile_decoder)


class Platform:
    """All services of the stages with old schemas; everything that happens goes to `history`."""

    def __init__(
        self, stages: Sequence[Stage], channel: Channel, codecs: Codecs, *, seed: int, run: str
    ) -> None:
        self._stages = {stage.key: stage for stage in stages}
        self._channel = channel
        self._codecs = codecs
        self._random = Random(seed)
        self._run = run
        self._logs: dict[_Place, list[_Record]] = {
            (key, number): [] for key in self._stages for number in range(PARTITIONS)
        }
        names = dict.fromkeys(
            name for s in stages for name in (*s.writers, *(reader for reader, _ in s.readers))
        )
        self._instances = [_Instance(name, n) for name in names for n in range(INSTANCES)]
        self._step = ""
        self._edge_events: dict[SchemaId, list[object]] = {}
        self.history: list[Fact] = []

    def start(self) -> None:
        """Every retained version is in the topics, and everybody runs with the old schemas."""
        self._step = f"{self._run}: start"
        for stage in self._stages.values():
            for held in stage.versions[:-1]:
                events = [self._sample(held), *self._edges(held)]
                self._produce([(None, stage, held, event) for event in events])
        self.everybody()

    def deploy(self, number: int, wave: Wave) -> None:
        """One instance after the other gets the new schemas; the wave's waiting comes first."""
        self._step = f"{self._run}: wave {number}"
        for before in wave.because:
            self._expire(f"{before.event}@{before.topic}", before.wait_for)
        self._turn(wave, to_new=True)

    def roll_back(self, number: int, waves: Sequence[Wave]) -> None:
        """Wave `number` goes back, of `waves` that were deployed.

        Where the point of no return was passed the new records expire before.
        """
        self._step = f"{self._run}: wave {number} back"
        held = {release.service for release in waves[number - 1].releases}
        for wave in waves[number:]:
            for service, event in wave.no_return:
                if service in held:
                    for stage in self._stages.values():
                        if stage.event == event:
                            self._expire(stage.key, [stage.versions[-1].version])
        self._turn(waves[number - 1], to_new=False)

    def replay(self) -> None:
        """Every reader reads its topics again from the first record that they still hold."""
        self._step = f"{self._run}: replay"
        for instance in self._instances:
            instance.offsets.clear()
        self.everybody()

    def everybody(self, *, edges: bool = False) -> None:
        """Everybody writes an event, and then reads what is new.

        With `edges` the first instances write every symbol, branch and extreme of their schema.
        """
        writings: list[tuple[_Instance | None, Stage, Registered, object]] = []
        for stage in self._stages.values():
            for instance in self._instances:
                if instance.service in stage.writers:
                    held = self._writes_with(instance, stage)
                    edges_too = edges and instance.number == 0
                    events = self._edges(held) if edges_too else [self._sample(held)]
                    writings += [(instance, stage, held, event) for event in events]
        self._random.shuffle(writings)
        self._produce(writings)
        for instance in self._instances:
            for stage in self._stages.values():
                for service, own in stage.readers:
                    if service == instance.service:
                        self._consume(instance, stage, own)

    def _turn(self, wave: Wave, *, to_new: bool) -> None:
        for number in range(INSTANCES):
            order = list(wave.releases)
            self._random.shuffle(order)
            for release in order:
                for instance in self._instances:
                    if (instance.service, instance.number) == (release.service, number):
                        parts = self._parts(release.events, release.part)
                        self._restart(instance, parts, to_new=to_new)
                self.everybody()
            if number == 0 and to_new:
                self.everybody(edges=True)

    def _parts(self, events: Iterable[str], part: Role | None) -> set[tuple[Role, str]]:
        roles: tuple[Role, ...] = ("reader", "writer") if part is None else (part,)
        return {(role, event) for event in events for role in roles}

    def _restart(self, instance: _Instance, parts: set[tuple[Role, str]], *, to_new: bool) -> None:
        self._note("killed", instance)
        instance.new = instance.new | parts if to_new else instance.new - parts
        for place, offset in instance.offsets.items():
            instance.offsets[place] = max(0, offset - _REPLAYED)
        self._note("started", instance)

    def _writes_with(self, instance: _Instance, stage: Stage) -> Registered:
        return stage.versions[-1 if ("writer", stage.key) in instance.new else -2]

    def _sample(self, held: Registered) -> object:
        (event,) = sample(held.schema, seed=self._random.randrange(2**32), count=1)
        return event

    def _edges(self, held: Registered) -> list[object]:
        if held.id not in self._edge_events:
            cases = islice(edge_cases(held.schema), _MOST_EDGES)
            self._edge_events[held.id] = [case.event for case in cases]
        return self._edge_events[held.id]

    def _produce(
        self, writings: Sequence[tuple[_Instance | None, Stage, Registered, object]]
    ) -> None:
        records: list[tuple[_Instance | None, Stage, _Record]] = []
        for instance, stage, held, event in writings:
            data = frame(held.id, self._codecs.encoder(held.schema)(event))
            partition = self._random.randrange(PARTITIONS)
            records.append((instance, stage, _Record(held, data, readable(event), partition)))
        topics = [_message(stage, record) for _, stage, record in records]
        arrived = self._channel.exchange(topics) if topics else []
        for (instance, stage, record), message in zip(records, arrived, strict=True):
            record.data = (message.key if stage.is_key else message.value) or b""
            log = self._logs[stage.key, record.partition]
            record.offset = len(log)
            log.append(record)
            self._note("written", instance, stage, record)

    def _consume(self, instance: _Instance, stage: Stage, own: Schema | None) -> None:
        """Read what is new, the partitions in any order: Kafka keeps none between them.

        Each instance reads all of them, as it does when the other one is down.
        """
        is_new = ("reader", stage.key) in instance.new
        reader = own or stage.versions[-1 if is_new else -2].schema
        by_id = {held.id: held.schema for held in stage.versions}
        for record in self._unread(instance, stage):
            id, body = unframe(record.data)
            try:
                self._codecs.decoder(writer=by_id[id], reader=reader)(body)
            except DecodeError as error:
                self._note("unreadable", instance, stage, record, str(error))
            else:
                self._note("read", instance, stage, record)

    def _unread(self, instance: _Instance, stage: Stage) -> Iterator[_Record]:
        for partition in self._random.sample(range(PARTITIONS), PARTITIONS):
            place = (stage.key, partition)
            log = self._logs[place]
            first = instance.offsets.get(place, 0)
            instance.offsets[place] = len(log)
            yield from (record for record in log[first:] if not record.expired)

    def _expire(self, key: str, versions: Iterable[Version]) -> None:
        gone = set(versions)
        held = (r for number in range(PARTITIONS) for r in self._logs[key, number])
        for record in held:
            if record.writer.version in gone and not record.expired:
                record.expired = True
                self._note("expired", None, self._stages[key], record)

    def _note(
        self,
        kind: Kind,
        instance: _Instance | None,
        stage: Stage | None = None,
        record: _Record | None = None,
        why: str = "",
    ) -> None:
        key = stage.key if stage else ""
        role: Role = "writer" if kind == "written" else "reader"
        self.history.append(
            Fact(
                len(self.history),
                self._step,
                kind,
                instance.service if instance else "",
                instance.number if instance else 0,
                key,
                record.partition if record else 0,
                record.offset if record else -1,
                record.writer.version if record else 0,
                instance is not None and (role, key) in instance.new,
                why,
                record.data.hex(" ") if record and kind == "unreadable" else "",
                record.value if record and kind == "unreadable" else None,
            )
        )


def _message(stage: Stage, record: _Record) -> Message:
    if stage.is_key:
        return Message(stage.topic, None, record.data, partition=record.partition)
    return Message(stage.topic, record.data, partition=record.partition)


def rehearse(
    stages: Sequence[Stage],
    waves: Sequence[Wave],
    open_channel: Callable[[str], Channel],
    *,
    seed: int,
) -> Iterator[Fact]:
    """The history of deploying `waves`, and of each rollback, every one on topics of its own."""
    codecs = Codecs()
    for back in range(len(waves) + 1):
        run = "deployment" if back == 0 else f"rollback from wave {back}"
        with open_channel(f"run{back}") as channel:
            platform = Platform(stages, channel, codecs, seed=seed + back, run=run)
            platform.start()
            reached = len(waves) if back == 0 else back
            for number in range(1, reached + 1):
                platform.deploy(number, waves[number - 1])
            if back:
                for number in range(back, 0, -1):
                    platform.roll_back(number, waves[:back])
            else:
                platform.replay()
        yield from platform.history
