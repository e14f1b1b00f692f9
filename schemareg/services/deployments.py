"""Which version of each service runs where, and whether another may join them.

A version is recorded with the registered schema versions that it writes and reads; compatibility
is computed from those, so a pair that never ran together has an answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import cast

from schemareg.avro import Schema
from schemareg.compat import can_read
from schemareg.errors import ContentError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.services.platform import EventSchemas, Platform
from schemareg.subjects import Version
from schemareg.suggestions import did_you_mean


class RecordKind(StrEnum):
    """What was recorded about a version."""

    VERSION = "version"
    """It was built; `writes` and `reads` are its schema versions."""
    DEPLOYED = "deployed"
    """It replaced the version before it in an environment."""
    RELEASED = "released"
    """It is in use in an environment, beside others."""
    SUPPORT_ENDED = "support-ended"
    """A released version is not supported any more."""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the history, which is never rewritten. `at` is a time in UTC (ISO 8601)."""

    kind: RecordKind
    service: str
    version: str
    environment: str = ""
    by: str = ""
    at: str = ""
    writes: Mapping[str, int] = field(default_factory=dict)
    reads: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deployments:
    """All records, the oldest first."""

    records: tuple[Record, ...] = ()

    def version(self, service: str, version: str) -> Record | None:
        """The record of a built version, the newest where it was recorded again."""
        found = [r for r in self.records if r.kind is RecordKind.VERSION]
        own = [r for r in found if (r.service, r.version) == (service, version)]
        return own[-1] if own else None

    def versions_in(self, environment: str, service: str) -> tuple[str, ...]:
        """The versions of `service` that are deployed or supported in `environment`."""
        deployed = ""
        released: dict[str, None] = {}
        for record in self.records:
            if (record.environment, record.service) != (environment, service):
                continue
            match record.kind:
                case RecordKind.DEPLOYED:
                    deployed = record.version
                case RecordKind.RELEASED:
                    released[record.version] = None
                case RecordKind.SUPPORT_ENDED:
                    released.pop(record.version, None)
                case RecordKind.VERSION:
                    pass
        return tuple(dict.fromkeys([*([deployed] if deployed else []), *released]))

    def since(self, environment: str, service: str, version: str) -> str:
        """When `version` came to `environment` (UTC, ISO 8601); "" where that is not known."""
        wanted = (environment, service, version)
        kinds = (RecordKind.DEPLOYED, RecordKind.RELEASED)
        came = (
            r.at
            for r in reversed(self.records)
            if r.kind in kinds and (r.environment, r.service, r.version) == wanted
        )
        return next(came, "")

    def added(self, record: Record) -> Deployments:
        """With `record`; the same where it would change nothing.

        Raises:
            UsageError: a version that was never recorded, or was not released.
        """
        name = f"{record.service}@{record.version}"
        if record.kind is RecordKind.VERSION:
            known = self.version(record.service, record.version)
            if known is None:
                return Deployments((*self.records, record))
            if (known.writes, known.reads) == (record.writes, record.reads):
                return self
            raise UsageError(
                f"{name} is recorded with other schemas", advice="give the new build a new version"
            )
        if self.version(record.service, record.version) is None:
            raise UsageError(
                f"{name} is not a recorded version",
                advice=f"run `schemareg record-version {name}` where it is built",
            )
        held = self.versions_in(record.environment, record.service)
        if record.kind is RecordKind.SUPPORT_ENDED:
            if record.version not in held:
                raise UsageError(f"{name} is not in use in {record.environment}")
        elif record.version in held:
            same = [r for r in self.records if r.kind is record.kind]
            same = [r for r in same if r.service == record.service]
            same = [r for r in same if r.environment == record.environment]
            if same and same[-1].version == record.version:
                return self
        return Deployments((*self.records, record))


def read_deployments(text: str, shown: str) -> Deployments:
    """The records in the text of a file shown as `shown`.

    Raises:
        ContentError: it is no such file.
    """
    try:
        return records_of(json.loads(text)["records"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ContentError(
            f"it holds no records of deployments: {error!r}", location=Location(shown)
        ) from error


def records_of(entries: Iterable[Mapping[str, object]]) -> Deployments:
    """The records of parsed JSON.

    Raises:
        KeyError, TypeError, ValueError: one is no record.
    """
    return Deployments(tuple(_record(entry) for entry in entries))


def _record(entry: Mapping[str, object]) -> Record:
    texts = {k: entry.get(k, "") for k in ("service", "version", "environment", "by", "at")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise TypeError("a value that is no text")
    numbers = [entry.get("writes", {}), entry.get("reads", {})]
    for held in numbers:
        if not isinstance(held, dict) or not all(type(n) is int for n in held.values()):
            raise TypeError("schema versions that are no numbers")
    writes, reads = cast("list[dict[str, int]]", numbers)
    return Record(
        RecordKind(str(entry["kind"])), **cast("dict[str, str]", texts), writes=writes, reads=reads
    )


def deployments_text(deployments: Deployments) -> str:
    """The text of the file: one record a line, so that two branches merge by lines."""
    lines = [record_line(record) for record in deployments.records]
    return '{"records": [\n' + ",\n".join(lines) + "\n]}\n"


def record_line(record: Record) -> str:
    """`record` as JSON on one line, without what is empty."""
    return json.dumps({k: v for k, v in asdict(record).items() if v})


def built_version(platform: Platform, service: str, version: str, *, at: str, by: str) -> Record:
    """The record of a build of `service` with the latest registered version of each schema.

    Raises:
        UsageError: no such service, or an event without a registered version.
    """
    known = platform.manifest.services.get(service)
    if known is None:
        raise UsageError(
            f"there is no service {service!r}",
            advice=did_you_mean(service, platform.manifest.services),
        )
    writes = {f"{p.event}@{p.topic}": platform.event(p.event, p.topic) for p in known.produces}
    reads = {f"{c.event}@{c.topic}": platform.event(c.event, c.topic) for c in known.consumes}
    absent = next((key for key, e in {**writes, **reads}.items() if not e.history), None)
    if absent is not None:
        raise UsageError(
            f"{absent} has no registered version", advice="register it, and pull the snapshot"
        )
    return Record(
        RecordKind.VERSION, service, version, by=by, at=at,
        writes={key: int(e.history[-1].version) for key, e in writes.items()},
        reads={key: int(e.history[-1].version) for key, e in reads.items()},
    )  # fmt: skip


class Verdict(StrEnum):
    """The answer about one pair."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One consumer reading one producer, each at a version; `why` explains NO and UNKNOWN.

    `since` is when the other one of the two came to the environment (UTC, ISO 8601).
    """

    consumer: str
    producer: str
    event: str
    verdict: Verdict
    why: str = ""
    advice: str = ""
    since: str = ""


def rows_of(
    platform: Platform, deployments: Deployments, service: str, version: str, environment: str
) -> Iterator[Row]:
    """Every pair that matters for `service` at `version` in `environment`.

    A consumer needs its producers to be there; a producer only the consumers that are there.
    """
    name = f"{service}@{version}"
    own = deployments.version(service, version)
    if own is None:
        yield Row(
            name, "", "", Verdict.UNKNOWN, f"{name} is not a recorded version",
            f"schemareg record-version {name}",
        )  # fmt: skip
        return
    known = platform.manifest.services[service]
    producers, consumers = platform.manifest.producers(), platform.manifest.consumers()
    for consumes in known.consumes:
        key = (consumes.event, consumes.topic)
        for other in dict.fromkeys(p.service for p in producers.get(key, ())):
            held = (version,) if other == service else deployments.versions_in(environment, other)
            if not held:
                yield Row(
                    name, other, consumes.event, Verdict.UNKNOWN,
                    f"no version of {other} is recorded in {environment}",
                    f"schemareg record-deployment {other}@VERSION --to {environment}",
                )  # fmt: skip
            for there in held:
                writer = deployments.version(other, there)
                row = _row(platform, key, own, writer, f"{other}@{there}")
                yield replace(row, since=deployments.since(environment, other, there))
    for produces in known.produces:
        key = (produces.event, produces.topic)
        for other in dict.fromkeys(c.service for c in consumers.get(key, ())):
            if other == service:
                continue  # judged above, as a consumer of its own events
            for there in deployments.versions_in(environment, other):
                reader = deployments.version(other, there)
                if reader is not None:
                    row = _row(platform, key, reader, own, name)
                    yield replace(row, since=deployments.since(environment, other, there))


def _row(
    platform: Platform, key: tuple[str, str], reader: Record, writer: Record | None, producer: str
) -> Row:
    event = platform.event(*key)
    consumer = f"{reader.service}@{reader.version}"
    reads = reader.reads.get("@".join(key))
    writes = writer.writes.get("@".join(key)) if writer else None
    if reads is None or writes is None:
        who = consumer if reads is None else producer
        return Row(
            consumer, producer, key[0], Verdict.UNKNOWN,
            f"{who} was built before it declared {key[0]}",
            f"record a newer version of {who.partition('@')[0]}",
        )  # fmt: skip
    consumes = next(
        c for c in platform.manifest.services[reader.service].consumes if (c.event, c.topic) == key
    )
    schema = platform.reader(consumes) or _schema(event, reads)
    retained = [writes] if platform.retention(key[1]).wiped else _up_to(event, writes)
    for number in reversed(retained):
        written = _schema(event, number)
        if schema is None or written is None:
            absent = reads if schema is None else number
            return Row(
                consumer, producer, key[0], Verdict.UNKNOWN,
                f"version {absent} of {event.subject} is not in the snapshot", "schemareg pull",
            )  # fmt: skip
        reason = next(can_read(reader=schema, writer=written), None)
        if reason is not None:
            why = f"cannot read version {number}: {reason.path}: {reason.message}"
            return Row(consumer, producer, key[0], Verdict.NO, why, "schemareg order")
    return Row(consumer, producer, key[0], Verdict.YES)


def _up_to(event: EventSchemas, number: int) -> list[int]:
    """The versions that the topic can still hold while `number` is written, oldest first."""
    return [*(int(v.version) for v in event.history if v.version < number), number]


def _schema(event: EventSchemas, number: int) -> Schema | None:
    return next((v.schema for v in event.history if v.version == Version(number)), None)
