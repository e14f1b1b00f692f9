"""Rehearse the deployment of a change on a broker and a registry, and judge what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import ClassVar

from schemareg.brokers.channel import Channel
from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.state import RegistryState
from schemareg.rehearsal.checker import Judgement, judge
from schemareg.rehearsal.platform import Fact, Registered, Stage, rehearse
from schemareg.results import Counts, Result
from schemareg.services.changes import EventChange, changes_of
from schemareg.services.order import Order, Release, Wave, order_of
from schemareg.services.platform import Platform
from schemareg.state import Schemas
from schemareg.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class Meeting:
    """A consumer that met a version of an event, with its old or new reader."""

    consumer: str
    event: str
    version: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """The first record that a reader could not read: as JSON, in hex, and both schemas."""

    step: str
    consumer: str
    event: str
    version: int
    why: str
    value: object = field(metadata={"whole": True})
    hex: str = field(metadata={"whole": True})
    writer_schema: str = field(metadata={"whole": True})
    reader_schema: str = field(metadata={"whole": True})


@dataclass(frozen=True, slots=True)
class RehearseResult(Result):
    """What the rehearsal of `waves` showed; the same `seed` makes the same rehearsal.

    `is_given`: the waves were given, and are not the computed order. `blocked` are the events
    that the computed order calls not deployable in one step.
    """

    command: ClassVar[str] = "rehearse"

    seed: int
    broker: str
    waves: tuple[tuple[str, ...], ...]
    is_given: bool
    blocked: tuple[str, ...]
    events: tuple[str, ...]
    records: int
    reads: int
    restarts: int
    covered: tuple[Meeting, ...]
    unreadable: int
    lost: int
    first: Unread | None
    findings: tuple[Diagnostic, ...]

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a record was lost or unreadable, or a change is not deployable in one step."""
        return ExitCode.NO if self.findings else ExitCode.YES

    def counts(self) -> Counts:
        return Counts("event", len(self.events), len(self.events))

    def compared_with(self) -> str:
        return self.broker


def rehearse_change(
    platform: Platform,
    registered: RegistryState,
    open_channel: Callable[[str], Channel],
    *,
    broker: str,
    seed: int,
    given: Sequence[Sequence[str]] = (),
    keep: Callable[[Fact], None] = lambda fact: None,
) -> RehearseResult:
    """The rehearsal of what the project changes; `registered` is the registry with the change.

    `given` are waves of services to rehearse in place of the computed ones; each fact of the
    history is passed to `keep`.

    Raises:
        UsageError: a given service changes nothing, or one that changes is not given.
        BrokerError: the broker does not take or return a record.
    """
    changes = tuple(changes_of(platform))
    order = order_of(changes)
    stages = tuple(_stages(platform, changes, registered))
    waves = _given(order, given) if given else order.waves
    history: list[Fact] = []
    if stages:
        for fact in rehearse(stages, waves, open_channel, seed=seed):
            keep(fact)
            history.append(fact)
    consumers = {s.key: [name for name, _ in s.readers] for s in stages}
    judgement = judge(history, consumers)
    blocked = tuple(dict.fromkeys(change.event for change, _ in order.blocked))
    return RehearseResult(
        seed,
        broker,
        tuple(tuple(r.service for r in wave.releases) for wave in waves),
        bool(given),
        blocked,
        tuple(stage.key for stage in stages),
        judgement.records,
        judgement.reads,
        judgement.restarts,
        tuple(Meeting(*met) for met in judgement.covered),
        len(judgement.unreadable),
        len(judgement.lost),
        _first(judgement, stages),
        tuple(_findings(judgement, blocked)),
    )


def _stages(
    platform: Platform, changes: Sequence[EventChange], registered: RegistryState
) -> Iterator[Stage]:
    """Each changed event that was registered before; a new one has nobody to disturb."""
    schemas = Schemas(registered, avro_version=platform.project.avro_version)
    consumers = platform.manifest.consumers()
    for change in changes:
        held = [
            Registered(v.version, v.stored.id, v.schema)
            for v in schemas.history(change.subject)
            if v.stored.id is not None
        ]
        kept = [h for h in held[:-1] if h.version in change.retained]
        if not kept or change.is_new:
            continue
        readers = consumers.get((change.event, change.topic), ())
        if change.is_key:  # a consumer reads keys with the schema that it finds
            names = dict.fromkeys(reader.consumer for reader in change.readers)
            yield Stage(
                change.event, change.topic, (*kept, held[-1]), change.producers,
                tuple((name, None) for name in names), is_key=True,
            )  # fmt: skip
            continue
        yield Stage(
            change.event,
            change.topic,
            (*kept, held[-1]),
            change.producers,
            tuple((c.service, platform.reader(c)) for c in readers),
        )


def _given(order: Order, given: Sequence[Sequence[str]]) -> tuple[Wave, ...]:
    """Waves of whole services, without what the computed order knows about waiting."""
    events: dict[str, list[str]] = {}
    for wave in order.waves:
        for release in wave.releases:
            events.setdefault(release.service, []).extend(release.events)
    named = [name for wave in given for name in wave]
    for name in named:
        if name not in events:
            raise UsageError(
                f"{name!r} changes nothing here", advice=did_you_mean(name, events) or None
            )
    if missing := sorted(events.keys() - set(named)):
        raise UsageError(
            f"the waves leave out {', '.join(missing)}", advice="name every service that changes"
        )
    return tuple(
        Wave(tuple(Release(name, None, tuple(dict.fromkeys(events[name]))) for name in wave))
        for wave in given
    )


def _first(judgement: Judgement, stages: Sequence[Stage]) -> Unread | None:
    if not judgement.unreadable:
        return None
    fact = judgement.unreadable[0]
    stage = next(stage for stage in stages if stage.key == fact.event)
    writer = next(h for h in stage.versions if h.version == fact.version)
    own = dict(stage.readers)[fact.service]
    reader = own or stage.versions[-1 if fact.is_new else -2].schema
    return Unread(
        fact.step, fact.service, fact.event, fact.version, fact.why, fact.value, fact.hex,
        writer.schema.text, reader.text,
    )  # fmt: skip


def _findings(judgement: Judgement, blocked: Sequence[str]) -> Iterator[Diagnostic]:
    seen: dict[tuple[str, str, int, bool], Fact] = {}
    for fact in judgement.unreadable:
        seen.setdefault((fact.service, fact.event, fact.version, fact.is_new), fact)
    for fact in seen.values():
        age = "new" if fact.is_new else "old"
        yield Diagnostic(
            "rehearsal-unreadable",
            Severity.ERROR,
            f"{fact.step}: the {age} {fact.service} cannot read version {fact.version} of"
            f" {fact.event}: {fact.why}",
            Location(None),
            fact.event,
            "deploy in the order of `schemareg order`",
        )
    for run, event, partition, offset, consumer in judgement.lost[:20]:
        message = f"{run}: {consumer} never read the record at offset {offset} of"
        message += f" partition {partition} of {event}"
        yield Diagnostic("rehearsal-lost", Severity.ERROR, message, Location(None), event)
    for event in blocked:
        yield Diagnostic(
            "not-deployable-in-one-step",
            Severity.ERROR,
            f"no order of whole deployments makes the change of {event} safe",
            Location(None),
            event,
            "follow the plan of `schemareg order`, and rehearse each of its steps",
        )
