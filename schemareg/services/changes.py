"""What each changed event means for each pair of producer and consumer: who can read whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from enum import StrEnum

from schemareg.avro import Schema
from schemareg.compat import can_read, check
from schemareg.compat.causes import registered_contents
from schemareg.compat.incompatibility import Incompatibility
from schemareg.compat.same_content import Contents
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.services.manifest import Consumes, Retention
from schemareg.services.platform import EventSchemas, Platform
from schemareg.subjects import CompatibilityLevel, Subject, Version


class Direction(StrEnum):
    """Which order two facts leave: old readers read new events, new readers read old events."""

    TOGETHER = "together"
    """Both hold: any order."""
    CONSUMERS_FIRST = "consumers-first"
    """Only new readers read old events."""
    PRODUCERS_FIRST = "producers-first"
    """Only old readers read new events; old events must be gone before the consumer follows."""
    NONE = "none"
    """Neither holds: not deployable in one step."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a reader cannot read what a writer wrote; `version` is the writer's, None for new."""

    kind: str
    path: str
    message: str
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class ReaderChange:
    """One consumer of a changed event, and what its old and new reader can read.

    `is_pinned`: it reads with a schema of its own, which does not change. `unreadable` are the
    retained versions that the new reader cannot read although the old one can; `unreadable_before`
    those that neither can. `reasons` explain what does not hold.
    """

    consumer: str
    group: str
    direction: Direction
    is_pinned: bool
    old_reads_new: bool
    new_reads_old: bool
    new_reads_new: bool
    reasons: tuple[Reason, ...] = ()
    unreadable: tuple[Version, ...] = ()
    unreadable_before: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class EventChange:
    """An event whose schema differs from the latest registered version, or is new.

    `retained` are the writer versions that the topic can still deliver, the oldest first.
    `level` is the one in force; `is_refused`: a registry refuses the new schema under it.
    """

    event: str
    topic: str
    subject: Subject
    producers: tuple[str, ...]
    readers: tuple[ReaderChange, ...]
    retained: tuple[Version, ...]
    retention: Retention
    level: CompatibilityLevel
    is_refused: bool
    is_new: bool
    is_key: bool = False
    location: Location = field(default=Location(None))


def changes_of(platform: Platform) -> Iterator[EventChange]:
    """Every changed event of `platform` on each topic, then the changed keys of topics."""
    contents = registered_contents()
    producers, consumers = platform.manifest.producers(), platform.manifest.consumers()
    for event in platform.events_to_compare():
        key = (event.event, event.topic)
        if event.proposed is not None and _is_changed(event, contents):
            writers = dict.fromkeys(p.service for p in producers.get(key, ()))
            yield _change(platform, event, writers, consumers.get(key, ()))
    topics = dict.fromkeys(topic for _, topic in (*producers, *consumers))
    for topic in topics:
        keys = platform.key(topic)
        if keys.proposed is not None and keys.history and _is_changed(keys, contents):
            writers = dict.fromkeys(
                p.service for (_, t), found in producers.items() if t == topic for p in found
            )
            readers = {
                c.service: c for (_, t), found in consumers.items() if t == topic for c in found
            }
            yield _change(platform, keys, writers, readers.values(), is_key=True)


def history_findings(platform: Platform) -> Iterator[Diagnostic]:
    """A warning where the state has one version of each subject, and topics may hold more."""
    name = platform.schemas.state.origin.version_name
    if name:
        yield Diagnostic(
            "one-version-only",
            Severity.WARNING,
            f"{name} has one version of each schema, and topics may still hold older ones",
            Location(None),
            advice="compare with the snapshot or a registry for the order of deployments",
        )


def _is_changed(event: EventSchemas, contents: Contents) -> bool:
    if not event.history or event.proposed is None:
        return True
    if event.is_same_text():
        return False
    return contents.number(event.proposed) != contents.number(event.history[-1].schema)


def _change(
    platform: Platform,
    event: EventSchemas,
    producers: Iterable[str],
    consumers: Iterable[Consumes],
    *,
    is_key: bool = False,
) -> EventChange:
    new = event.proposed
    assert new is not None  # only changed events come here
    retention = platform.retention(event.topic)
    versions = [(v.version, v.schema) for v in event.history]
    retained = versions[-1:] if retention.wiped else versions
    own = event.project_subject
    level = (own and own.level) or platform.schemas.state.level(event.subject)
    level = level or CompatibilityLevel.BACKWARD
    readers = tuple(
        _reader_change(consumes, new, retained, None if is_key else platform.reader(consumes))
        for consumes in consumers
    )
    return EventChange(
        event.event,
        event.topic,
        event.subject,
        tuple(producers),
        readers,
        tuple(version for version, _ in retained),
        retention,
        level,
        is_refused=any(True for _ in check(new, versions, level)),
        is_new=not versions,
        is_key=is_key,
        location=Location(own.file.path if own and own.file else None),
    )


Versions = list[tuple[Version, Schema]]


def _reader_change(
    consumes: Consumes, new: Schema, retained: Versions, pinned: Schema | None
) -> ReaderChange:
    new_reader = pinned or new
    old_reader = pinned or (retained[-1][1] if retained else None)
    reasons = list(_reasons(old_reader, new, None)) if old_reader else []
    old_reads_new = not reasons
    own = list(_reasons(new_reader, new, None)) if pinned is None else reasons
    before = {
        version
        for version, schema in retained
        if old_reader and any(True for _ in can_read(reader=old_reader, writer=schema))
    }
    unreadable: list[Version] = []
    for version, schema in retained:
        if version in before and pinned is None:
            continue
        found = list(_reasons(new_reader, schema, version)) if pinned is None else []
        if found:
            unreadable.append(version)
            reasons += found
    new_reads_old = not unreadable
    return ReaderChange(
        consumes.service,
        consumes.group,
        _direction(old_reads_new=old_reads_new, new_reads_old=new_reads_old, pinned=bool(pinned)),
        pinned is not None,
        old_reads_new,
        new_reads_old,
        not own,
        tuple(dict.fromkeys(reasons)),
        tuple(unreadable),
        tuple(sorted(before)),
    )


def _direction(*, old_reads_new: bool, new_reads_old: bool, pinned: bool) -> Direction:
    if old_reads_new:
        return Direction.TOGETHER if new_reads_old else Direction.PRODUCERS_FIRST
    # a reader that stays as it is never reads the new events
    return Direction.CONSUMERS_FIRST if new_reads_old and not pinned else Direction.NONE


def _reasons(reader: Schema, writer: Schema, version: Version | None) -> Iterator[Reason]:
    for incompatibility in can_read(reader=reader, writer=writer):
        for inner in incompatibility.reasons():
            yield _reason(inner, version)


def _reason(inner: Incompatibility, version: Version | None) -> Reason:
    return Reason(inner.kind.value, inner.path, inner.message, version)
