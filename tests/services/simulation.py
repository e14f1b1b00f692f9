"""A platform that deploys in waves, with old and new instances alive at the same time.

Every record is encoded and decoded by fastavro: the engine that made the order has no part in it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle, islice

import fastavro

from schemareg.services.order import Order, Wave

Schema = dict[str, object]
Event = str
"""event@topic"""


def examples(schema: Schema) -> Iterator[dict[str, object]]:
    """Events that have every symbol and both branches once."""
    values = {f["name"]: list(_values(f["type"])) for f in schema["fields"]}  # type: ignore[attr-defined]
    count = max(map(len, values.values()), default=1)
    columns = {name: list(islice(cycle(column), count)) for name, column in values.items()}
    for i in range(count):
        yield {name: column[i] for name, column in columns.items()}


def _values(type_: object) -> Iterable[object]:
    match type_:
        case {"type": "enum", "symbols": list(symbols)}:
            return symbols
        case list():
            return [value for branch in type_ for value in _values(branch)]
        case "null":
            return [None]
        case "string":
            return ["", "a"]
        case "boolean":
            return [True, False]
        case "double":
            return [0.5]
        case _:
            return [0, 2**31 - 1]


@dataclass
class Topic:
    """The schemas of an event, and the records that are still in its topic."""

    history: list[Schema]
    new: Schema
    records: list[tuple[int, Schema, bytes]] = field(default_factory=list)
    """Version (0 is the new one), writer schema, bytes."""

    def write(self, version: int) -> None:
        schema = self.new if version == 0 else self.history[version - 1]
        for event in examples(schema):
            out = io.BytesIO()
            fastavro.schemaless_writer(out, schema, event)
            self.records.append((version, schema, out.getvalue()))

    def drop(self, versions: Iterable[int]) -> None:
        gone = set(versions)
        self.records = [record for record in self.records if record[0] not in gone]


@dataclass
class Simulation:
    """Topics by event; `writers` and `readers` are the services of each."""

    topics: Mapping[Event, Topic]
    writers: Mapping[Event, list[str]]
    readers: Mapping[Event, list[str]]
    alive: dict[tuple[str, str, Event], set[bool]] = field(default_factory=dict)
    """Whether new and old instances of (service, role, event) run."""
    unreadable: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for event, topic in self.topics.items():
            for service in self.writers[event]:
                self.alive[service, "writer", event] = {False}
            for service in self.readers[event]:
                self.alive[service, "reader", event] = {False}
            for version in range(1, len(topic.history) + 1):
                topic.write(version)
        self.run("start")

    def run(self, when: str) -> None:
        """Everybody alive writes, and then reads its topic from the start."""
        for (_, role, event), new in self.alive.items():
            topic = self.topics[event]
            if role == "writer":
                for is_new in new:
                    topic.write(0 if is_new else len(topic.history))
        for (service, role, event), new in self.alive.items():
            topic = self.topics[event]
            for is_new in new if role == "reader" else ():
                reader = topic.new if is_new else topic.history[-1]
                for version, writer, data in topic.records:
                    try:
                        fastavro.schemaless_reader(io.BytesIO(data), writer, reader)
                    except Exception as error:  # noqa: BLE001  # whatever it raises, it cannot read
                        age = "new" if is_new else "old"
                        text = f"{when}: {age} {service} cannot read v{version} of {event}"
                        self.unreadable.append(f"{text}: {error!r}")
                        return

    def turn(self, wave: Wave, *, to_new: bool, when: str) -> None:
        """Rolls the releases of `wave`: both versions run, then only the other."""
        moved = [
            (release.service, role, event)
            for release in wave.releases
            for event in release.events
            for role in ("reader", "writer")
            if release.part in (None, role)
        ]
        for key in moved:
            if key in self.alive:
                self.alive[key] = {True, False}
        self.run(f"{when}, both alive")
        for key in moved:
            if key in self.alive:
                self.alive[key] = {to_new}
        self.run(when)

    def deploy(self, waves: Iterable[Wave]) -> None:
        for number, wave in enumerate(waves, 1):
            for before in wave.because:
                topic = self.topics[f"{before.event}@{before.topic}"]
                topic.drop(map(int, before.wait_for))
            self.turn(wave, to_new=True, when=f"wave {number}")

    def roll_back(self, order: Order, waves: int) -> None:
        """Back from `waves` waves, the newest first; new records expire at no way back."""
        for number in range(waves, 0, -1):
            later = {key for wave in order.waves[number:waves] for key in wave.no_return}
            for service, event in later:
                held = {r.service for r in order.waves[number - 1].releases}
                if service in held:
                    for name, topic in self.topics.items():
                        if name.partition("@")[0] == event:
                            topic.drop([0])
            self.turn(order.waves[number - 1], to_new=False, when=f"wave {number} back")


def parsed(text: str) -> Schema:
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
