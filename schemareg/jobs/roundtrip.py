"""Write with every live version, read with every live version, through a broker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar
from uuid import UUID

from schemareg.avro.sample import edge_cases, sample
from schemareg.avro.schema import Schema
from schemareg.errors import ExitCode
from schemareg.findings import Finding, Severity
from schemareg.jobs.progress import Progress, silent
from schemareg.jobs.register import known_versions
from schemareg.kafka.broker import Broker
from schemareg.kafka.roundtrip import Cell, Outcome, Reader, Writing, round_trip
from schemareg.places import Location
from schemareg.project import ProjectSubject
from schemareg.registry import RegistryClient, fetch_schema
from schemareg.registry.protocol import RegisteredSchema
from schemareg.subjects import CompatibilityLevel


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A version that the registry holds, parsed with its references."""

    registered: RegisteredSchema
    schema: Schema


@dataclass(frozen=True, slots=True)
class Pairing:
    """A cell of the matrix, and whether the level in force promises that it works."""

    cell: Cell
    promised: bool

    @property
    def failed(self) -> bool:
        """A fault of ours, or a promise that real bytes break."""
        outcome = self.cell.outcome
        return outcome is Outcome.DIFFERENT or (outcome is Outcome.REFUSED and self.promised)


@dataclass(frozen=True, slots=True)
class RoundTripOutcome:
    """Every pair of live versions of every subject, and how its events came back."""

    command: ClassVar[str] = "roundtrip"

    broker: str
    registry: str
    pairings: tuple[Pairing, ...]

    def annotations(self) -> Iterator[Finding]:
        for pairing in self.pairings:
            if pairing.failed:
                yield _as_finding(pairing.cell)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when an event came back wrong, or a promised direction was refused."""
        return ExitCode.NO if any(p.failed for p in self.pairings) else ExitCode.YES


def round_trip_project(
    subjects: Sequence[ProjectSubject],
    registry: RegistryClient,
    broker: Broker,
    *,
    run: str,
    registry_name: str,
    events: int = 10,
    seed: int = 0,
    progress: Progress = silent,
) -> RoundTripOutcome:
    """For every subject, each live version writes and each live version reads.

    A version writes `events` sampled events (the same for the same `seed`) and every edge case
    of its schema. `run` is a word of its own in the names of the topics used. `broker` is
    entered already.

    Raises:
        RegistryError, RegistryUnavailableError: the registry failed.
        BrokerError: the broker is down, or does not hand back in time.
    """
    promises: list[bool] = []
    total = len(subjects)
    writings: list[Writing] = []
    for done, subject in enumerate(subjects):
        progress("reading versions", done, total)
        live = live_versions(registry, subject)
        level = subject.level or registry.get_level(subject.subject)
        for writer in live:
            writings.append(_writing(subject, writer, live, events, seed))
            promises += [_promised(level, writer, reader, live) for reader in live]
    progress("reading versions", total, total)
    through = 0
    expected = sum(len(w.events) for w in writings)

    def tell(more: int) -> None:
        nonlocal through
        through += more
        progress("events through the broker", through, expected)

    cells = round_trip(broker, writings, run=run, progress=tell)
    pairings = tuple(Pairing(c, p) for c, p in zip(cells, promises, strict=True))
    return RoundTripOutcome(broker.name, registry_name, pairings)


def live_versions(registry: RegistryClient, subject: ProjectSubject) -> tuple[LiveVersion, ...]:
    """The versions of `subject` that the registry holds, oldest first, parsed."""
    return tuple(
        LiveVersion(
            registry.get_version(subject.subject, version),
            fetch_schema(registry, subject.subject, version),
        )
        for version in known_versions(registry, subject.subject)
    )


def _writing(
    subject: ProjectSubject,
    writer: LiveVersion,
    readers: Sequence[LiveVersion],
    events: int,
    seed: int,
) -> Writing:
    sampled = enumerate(sample(writer.schema, seed=seed, count=events), start=1)
    named = [(f"sample {number}", event) for number, event in sampled]
    named += [(edge.name, edge.event) for edge in islice(edge_cases(writer.schema), 200)]
    guid = writer.registered.guid
    return Writing(
        subject=subject.subject,
        topic=subject.topic or "shared-types",
        version=writer.registered.version,
        schema_id=writer.registered.id,
        schema=writer.schema,
        events=tuple(named),
        readers=tuple(Reader(f"v{r.registered.version}", r.schema) for r in readers),
        is_key=subject.role == "key",
        guid=UUID(guid) if guid else None,
    )


def _promised(
    level: CompatibilityLevel,
    writer: LiveVersion,
    reader: LiveVersion,
    live: Sequence[LiveVersion],
) -> bool:
    """Whether `level` promises that `reader` reads `writer`."""
    at = live.index(reader) - live.index(writer)
    if at == 0:
        return True
    if not level.transitive and abs(at) > 1:
        return False
    return level.backward if at > 0 else level.forward


def _as_finding(cell: Cell) -> Finding:
    trouble = cell.trouble
    told = f"{trouble.event_name}: {trouble.message}" if trouble else cell.outcome.value
    return Finding(
        rule=f"round-trip-{cell.outcome}",
        severity=Severity.ERROR,
        message=f"{cell.subject} written by v{cell.version}, read by {cell.reader}: {told}",
        location=Location(None),
    )
