"""Write with every live version, read with every live version, through a broker."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar
from uuid import UUID

from schemareg.avro.schema import Schema
from schemareg.brokers.broker import Broker
from schemareg.commands.progress import Progress, silent
from schemareg.compat import can_read
from schemareg.compat.hazard import AGREED
from schemareg.compat.hazards.pairs import hazards
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.state import RegistryState
from schemareg.results import Counts, Result
from schemareg.roundtrip.runner import Cell, CellVerdict, Reader, Writing, round_trip
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.sample import sample
from schemareg.state import Schemas, SchemaVersion
from schemareg.subjects import CompatibilityLevel, SchemaId
from schemareg.wire import Framing
from schemareg.workspace import Project, ProjectSubject
from schemareg.workspace.consumers import ConsumerReader

_MOST_EDGE_CASES = 200  # of one version: deep schemas have thousands that show nothing new


@dataclass(frozen=True, slots=True)
class Pairing:
    """A cell of the matrix, and what was expected of it before any byte was sent.

    `promised`: the level in force promises that this reader reads this writer (a consumer's own
    schema is always promised to read). `check_says_yes`: `can_read` finds nothing, and nothing
    unsafe either.
    """

    cell: Cell
    level: CompatibilityLevel
    promised: bool
    check_says_yes: bool

    @property
    def contradicts_check(self) -> bool:
        """Bytes were refused that check calls readable: a fault of this tool."""
        return self.check_says_yes and self.cell.verdict is CellVerdict.REFUSED

    @property
    def failed(self) -> bool:
        """A fault of ours, or a promise that real bytes break."""
        result = self.cell.verdict
        broken = result is CellVerdict.REFUSED and self.promised
        return result is CellVerdict.DIFFERENT or broken or self.contradicts_check


@dataclass(frozen=True, slots=True)
class RoundTripResult(Result):
    """Every writer with every reader of every subject, and how its events came back."""

    command: ClassVar[str] = "roundtrip"

    broker: str
    registry: str
    pairings: tuple[Pairing, ...]

    def annotations(self) -> Iterator[Diagnostic]:
        return (_as_finding(pairing) for pairing in self.pairings if pairing.failed)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when an event came back wrong, or a promised direction was refused."""
        return ExitCode.NO if any(p.failed for p in self.pairings) else ExitCode.YES

    def counts(self) -> Counts:
        return Counts("pair of versions", len(self.pairings), len(self.pairings))

    def compared_with(self) -> str:
        return f"{self.registry}, events through the {self.broker} broker"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is sent: `events` sampled of each version (by `seed`), its edge cases, `framings`.

    `consumers` read too, each its subject.
    """

    events: int = 10
    seed: int = 0
    framings: tuple[Framing, ...] = (Framing.ID,)
    consumers: tuple[ConsumerReader, ...] = ()


@dataclass(frozen=True, slots=True)
class _Expectation:
    level: CompatibilityLevel
    promised: bool
    check_says_yes: bool


def round_trip_project(
    project: Project,
    state: RegistryState,
    broker: Broker,
    *,
    run: str,
    registry_name: str,
    extent: Extent,
    progress: Progress = silent,
) -> RoundTripResult:
    """For every subject of `project`, each live version of `state` writes and reads, and each
    consumer reads.

    `run` is a word of its own in the names of the topics used. `broker` is entered already.
    Events are made when they are sent, so memory holds about one batch of them.

    Raises:
        SchemaParseError: a version in `state` is no schema.
        BrokerError: the broker is down, or does not answer in time.
    """
    expectations: list[_Expectation] = []
    schemas = Schemas(state, avro_version=project.avro_version, files=project.files)
    subjects = project.subjects

    def writings() -> Iterator[Writing]:
        for done, subject in enumerate(subjects):
            progress("sending events", done, len(subjects))
            yield from _writings(subject, schemas, extent, expectations)

    cells = list(round_trip(broker, writings(), run=run))
    progress("sending events", len(subjects), len(subjects))
    pairings = tuple(
        Pairing(cell, e.level, e.promised, e.check_says_yes)
        for cell, e in zip(cells, expectations, strict=True)
    )
    return RoundTripResult(broker.name, registry_name, pairings)


def _writings(
    subject: ProjectSubject,
    schemas: Schemas,
    extent: Extent,
    expectations: list[_Expectation],
) -> Iterator[Writing]:
    """What each live version of `subject` sends; what to expect of each reader is appended."""
    for _, refusal in schemas.refusals(subject.subject):
        raise refusal
    live = schemas.history(subject.subject)
    known = subject.level or schemas.state.level(subject.subject)
    level = known or CompatibilityLevel.BACKWARD
    consumers = [c for c in extent.consumers if c.subject == subject.subject]
    readers = (
        *(Reader(f"v{version.version}", version.schema) for version in live),
        *(Reader(consumer.consumer, consumer.schema) for consumer in consumers),
    )
    for at, writer in enumerate(live):
        promises = [_promised(level, at, to, len(live)) for to in range(len(readers))]
        expected = [
            _Expectation(level, promise, _check_says_yes(reader.schema, writer.schema))
            for reader, promise in zip(readers, promises, strict=True)
        ]
        writing = _writing(subject, writer, readers, extent)
        expectations += expected * len(writing.framings)
        yield writing


def _events(schema: Schema, extent: Extent) -> tuple[tuple[str, object], ...]:
    sampled = enumerate(sample(schema, seed=extent.seed, count=extent.events), start=1)
    edges = islice(edge_cases(schema), _MOST_EDGE_CASES)
    return (
        *((f"sample {number}", event) for number, event in sampled),
        *((edge.name, edge.event) for edge in edges),
    )


def _writing(
    subject: ProjectSubject,
    writer: SchemaVersion,
    readers: tuple[Reader, ...],
    extent: Extent,
) -> Writing:
    guid = writer.stored.guid
    framings = extent.framings if guid else (Framing.ID,)  # the 7.x line knows no GUIDs
    return Writing(
        subject=subject.subject,
        topic=subject.topic or "shared-types",
        version=writer.version,
        schema_id=writer.stored.id or SchemaId(0),
        schema=writer.schema,
        events=_events(writer.schema, extent),
        readers=readers,
        is_key=subject.role == "key",
        framings=framings,
        guid=UUID(guid) if guid else None,
    )


def _promised(level: CompatibilityLevel, writer: int, reader: int, versions: int) -> bool:
    """Whether the version at `reader` must read what the one at `writer` wrote, oldest first.

    Readers from `versions` on are consumers' own schemas, which must read everything.
    """
    if reader >= versions or reader == writer:
        return True
    if not level.transitive and abs(reader - writer) > 1:
        return False
    return level.backward if reader > writer else level.forward


def _check_says_yes(reader: Schema, writer: Schema) -> bool:
    return not any(can_read(reader=reader, writer=writer)) and all(
        hazard.kind in AGREED for hazard in hazards(reader=reader, writer=writer)
    )


def _as_finding(pairing: Pairing) -> Diagnostic:
    cell = pairing.cell
    trouble = cell.trouble
    text = f"{trouble.event_name}: {trouble.message}" if trouble else cell.verdict.value
    bug = "; check calls this pair compatible, so please report it" * pairing.contradicts_check
    return Diagnostic(
        rule=f"round-trip-{cell.verdict}",
        severity=Severity.ERROR,
        message=f"{cell.subject} written by v{cell.version}, read by {cell.reader}: {text}{bug}",
        location=Location(None),
    )
