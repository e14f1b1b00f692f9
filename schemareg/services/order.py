"""The order of deployments that a change of schemas needs, its way back, and why.

Each changed event gives constraints between its producers and its consumers. A service is one
release unless that makes a cycle; then it is released in parts, its readers apart from its
writers, and where that is not enough event by event. Parts of one event never form a cycle: all
its consumers that must be first precede its producers, and those precede the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from schemareg.lazy_dataclass import dataclass
from schemareg.services.changes import Direction, EventChange, ReaderChange
from schemareg.services.graph import waves_of
from schemareg.subjects import Version

Role = Literal["reader", "writer"]


@dataclass(frozen=True, slots=True)
class Release:
    """A deployment of `service`: as a whole (`part` is None), or only a part of its change.

    `events` are the events whose readers or writers the part brings up to date, as event@topic.
    """

    service: str
    part: Role | None = None
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """`first` is deployed before `then`, since of `event` only one direction can be read.

    `wait_for` are the versions whose records `then` cannot read: they must be consumed and expired
    before it is deployed. `retention_s` is how long that takes after `first`.
    """

    first: Release
    then: Release
    event: str
    topic: str
    direction: Direction
    producer: str
    consumer: str
    wait_for: tuple[Version, ...] = ()
    retention_s: int | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """Releases that may happen at the same time, and why each is not in the wave before.

    The wave ends when no old instance is left. `no_return` are the consumers that cannot be rolled
    back any more once this wave has written its first record of the event, with the event.
    """

    releases: tuple[Release, ...]
    because: tuple[Before, ...] = ()
    no_return: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """Waves in order; `blocked` are the pairs that no order makes safe, with their event."""

    register: tuple[EventChange, ...]
    waves: tuple[Wave, ...]
    blocked: tuple[tuple[EventChange, ReaderChange], ...] = ()
    split: tuple[str, ...] = ()
    """Services that are released in parts, since their change as a whole is part of a cycle."""

    def rollback(self) -> tuple[Wave, ...]:
        """The waves the other way round."""
        return tuple(reversed(self.waves))


class _Part(NamedTuple):
    """The smallest thing that may be released by itself."""

    service: str
    role: Role
    event: str


class _Edge(NamedTuple):
    first: _Part
    then: _Part
    change: EventChange
    reader: ReaderChange
    producer: str


def order_of(changes: Sequence[EventChange]) -> Order:
    """The order in which what `changes` concern is deployed."""
    parts, edges = _parts_and_edges(changes)
    blocked = tuple(
        (change, reader)
        for change in changes
        for reader in change.readers
        if reader.direction is Direction.NONE
        or (reader.unreadable and change.retention.for_ever)
        or not reader.new_reads_new
    )
    depth = dict.fromkeys((part.service for part in parts), 0)
    split = _split(parts, edges, depth)
    names = {part: _key(part, depth[part.service]) for part in parts}
    releases = _releases(parts, names)
    pairs = [(names[e.first], names[e.then]) for e in edges]
    generations, _ = waves_of(dict.fromkeys(names.values()), pairs)
    wave_of = {name: i for i, wave in enumerate(generations) for name in wave}
    waves = tuple(
        Wave(
            tuple(releases[name] for name in wave),
            tuple(_befores(edges, names, releases, wave, wave_of)),
            tuple(
                dict.fromkeys(
                    (e.reader.consumer, e.change.event)
                    for e in edges
                    if names[e.then] in wave and e.then.role == "writer"
                )
            ),
        )
        for wave in generations
    )
    return Order(tuple(changes), waves, blocked, split)


def _parts_and_edges(changes: Sequence[EventChange]) -> tuple[list[_Part], list[_Edge]]:
    parts: dict[_Part, None] = {}
    edges: list[_Edge] = []
    for change in changes:
        event = f"{change.event}@{change.topic}"
        writers = {name: _Part(name, "writer", event) for name in change.producers}
        parts |= dict.fromkeys(writers.values())
        for reader in change.readers:
            if reader.is_pinned:
                continue
            own = _Part(reader.consumer, "reader", event)
            parts[own] = None
            for producer, writer in writers.items():
                if reader.direction is Direction.CONSUMERS_FIRST:
                    edges.append(_Edge(own, writer, change, reader, producer))
                elif reader.direction is Direction.PRODUCERS_FIRST:
                    edges.append(_Edge(writer, own, change, reader, producer))
    return list(parts), edges


def _key(part: _Part, depth: int) -> str:
    return "\0".join((part.service, part.role, part.event)[: depth + 1])


def _split(
    parts: Sequence[_Part], edges: Sequence[_Edge], depth: dict[str, int]
) -> tuple[str, ...]:
    """Divides services until no cycle is left; `depth` is how far each one is divided."""
    while stuck := _stuck(parts, edges, depth):
        for service in stuck:
            # one service in parts is often enough
            tried = {**depth, service: depth[service] + 1}
            if depth[service] < 2 and len(_stuck(parts, edges, tried)) < len(stuck):
                depth.update(tried)
                break
        else:
            for service in stuck:
                depth[service] = min(depth[service] + 1, 2)
    return tuple(service for service, parts_ in depth.items() if parts_)


def _stuck(
    parts: Sequence[_Part], edges: Sequence[_Edge], depth: Mapping[str, int]
) -> dict[str, None]:
    """The services in cycles."""
    names = {part: _key(part, depth[part.service]) for part in parts}
    pairs = [(names[e.first], names[e.then]) for e in edges]
    _, cycles = waves_of(dict.fromkeys(names.values()), pairs)
    inside = {name for group in cycles for name in group}
    inside |= {first for first, then in pairs if first == then}
    return dict.fromkeys(part.service for part in parts if names[part] in inside)


def _releases(parts: Sequence[_Part], names: Mapping[_Part, str]) -> dict[str, Release]:
    held: dict[str, list[_Part]] = {}
    for part in parts:
        held.setdefault(names[part], []).append(part)
    found = {}
    for name, group in held.items():
        events = tuple(dict.fromkeys(part.event for part in group))
        is_whole = "\0" not in name
        found[name] = Release(group[0].service, None if is_whole else group[0].role, events)
    return found


def _befores(
    edges: Sequence[_Edge],
    names: Mapping[_Part, str],
    releases: Mapping[str, Release],
    wave: Sequence[str],
    wave_of: Mapping[str, int],
) -> Iterator[Before]:
    for edge in edges:
        first, then = names[edge.first], names[edge.then]
        if then in wave and wave_of[first] < wave_of[then]:
            waits = edge.reader.direction is Direction.PRODUCERS_FIRST
            yield Before(
                releases[first],
                releases[then],
                edge.change.event,
                edge.change.topic,
                edge.reader.direction,
                edge.producer,
                edge.reader.consumer,
                edge.reader.unreadable if waits else (),
                edge.change.retention.seconds if waits else None,
            )
