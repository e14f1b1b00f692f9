"""Judge a canary on a topic: shadow readers of every contract, and two groups of producers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar
from uuid import UUID

from schemareg.avro import Schema
from schemareg.avro.schema import resolve
from schemareg.codec import compile_decoder
from schemareg.errors import DecodeError, ExitCode, RegistryError, UsageError, WireFormatError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.results import Counts, Result
from schemareg.services.canary import (
    Baseline,
    CanaryVerdict,
    Group,
    Judgement,
    Limits,
    Read,
    Tally,
    judge,
)
from schemareg.services.canary_tests import Comparison
from schemareg.services.platform import Platform
from schemareg.subjects import SchemaId
from schemareg.suggestions import did_you_mean
from schemareg.wire import open_frame

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as the broker returned it."""

    partition: int
    offset: int
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    latency_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Shadow:
    """A consumer of `event` with the reader that is deployed, and the one that would be."""

    consumer: str
    event: str
    old: Schema
    new: Schema


@dataclass(frozen=True, slots=True)
class CanaryResult(Result):
    """The verdict, with the comparisons it goes by.

    `passed_over` are records without a value, or of events that no shadow reads.
    """

    command: ClassVar[str] = "canary"

    topic: str
    verdict: CanaryVerdict
    why: tuple[str, ...]
    shadows: tuple[str, ...]
    records: int
    passed_over: int
    failed: int
    comparisons: tuple[Comparison, ...]
    looks: int

    def annotations(self) -> Iterator[Diagnostic]:
        severity = Severity.ERROR if self.verdict is CanaryVerdict.FAIL else Severity.WARNING
        for reason in self.why:
            yield Diagnostic(f"canary-{self.verdict}", severity, reason, Location(None), self.topic)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """YES for a pass, NO for a fail, EXTERNAL_FAILURE while it is inconclusive."""
        return {
            CanaryVerdict.PASS: ExitCode.YES,
            CanaryVerdict.FAIL: ExitCode.NO,
            CanaryVerdict.INCONCLUSIVE: ExitCode.EXTERNAL_FAILURE,
        }[self.verdict]

    def counts(self) -> Counts:
        read = self.records + self.passed_over
        return Counts("record", read, self.records, self.passed_over)


def shadows_of(platform: Platform, topic: str) -> tuple[Shadow, ...]:
    """Every consumer of the topic, with its old and new reader.

    Raises:
        UsageError: the manifest has no consumer of it.
    """
    found: list[Shadow] = []
    for (event, on), consumers in platform.manifest.consumers().items():
        if on != topic:
            continue
        schemas = platform.event(event, on)
        for consumes in consumers:
            own = platform.reader(consumes)
            held = schemas.history[-1].schema if schemas.history else schemas.proposed
            old, new = own or held, own or schemas.newest()
            if old is not None and new is not None:
                found.append(Shadow(consumes.service, event, old, new))
    if not found:
        topics = {on for _, on in platform.manifest.consumers()}
        raise UsageError(
            f"the manifest has no consumer of the topic {topic!r} with a schema",
            advice=did_you_mean(topic, topics) or "declare its consumers in services.toml",
        )
    return tuple(found)


def canary_topic(
    topic: str,
    shadows: Sequence[Shadow],
    batches: Iterable[Sequence[Incoming]],
    fetch: Callable[[SchemaId | UUID], Schema],
    *,
    limits: Limits,
    is_canary: Callable[[Incoming], bool] = lambda record: False,
    report: Callable[[Judgement], None] = lambda judgement: None,
    baseline: Baseline | None = None,
    seconds: float = 0.0,
) -> CanaryResult:
    """The verdict on the records of `topic`, which come in one batch for each look.

    `seconds` are those of one batch, 0 where the records were there before. It ends at the first
    look with a fail.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused for another reason than an
            unknown schema, or did not answer.
    """
    shadowing = _Shadowing(shadows, fetch, is_canary)
    tally = Tally(baseline=baseline)
    looks = 0
    judgement = judge(tally, limits, is_last=True)
    for batch in batches:
        looks += 1
        tally.seconds = looks * seconds
        tally.add(read for record in batch if (read := shadowing.read(record)) is not None)
        tally.passed_over = shadowing.passed_over
        judgement = judge(tally, limits, is_last=looks >= limits.looks)
        report(judgement)
        if judgement.verdict is CanaryVerdict.FAIL or looks >= limits.looks:
            break
    return CanaryResult(
        topic,
        judgement.verdict,
        judgement.why or (() if judgement.verdict is CanaryVerdict.PASS else ("it ended early",)),
        tuple(f"{shadow.consumer} reads {shadow.event}" for shadow in shadows),
        judgement.records,
        shadowing.passed_over,
        judgement.failed,
        judgement.comparisons,
        looks,
    )


class _Shadowing:
    """Reads records with both readers of every consumer of their event."""

    def __init__(
        self,
        shadows: Sequence[Shadow],
        fetch: Callable[[SchemaId | UUID], Schema],
        is_canary: Callable[[Incoming], bool],
    ) -> None:
        self._shadows = shadows
        self._fetch = fetch
        self._is_canary = is_canary
        self._known: dict[SchemaId | UUID, Schema | None] = {}
        self.passed_over = 0

    def read(self, record: Incoming) -> Read | None:
        """What became of it; None for a record that no shadow is about."""
        group: Group = "canary" if self._is_canary(record) else "stable"
        place = (record.partition, record.offset)
        if record.value is None:
            self.passed_over += 1
            return None
        try:
            framed = open_frame(record.value, record.headers)
        except WireFormatError:
            return Read(group, *place, False, unreadable=("nobody",), latency_s=record.latency_s)
        writer = self._writer(framed.schema)
        if writer is None:
            return Read(group, *place, False, unreadable=("nobody",), latency_s=record.latency_s)
        name = getattr(resolve(writer.root), "fullname", "")
        own = [s for s in self._shadows if s.event == name]
        if not own and len({s.event for s in self._shadows}) == 1:
            own = list(self._shadows)  # one event a topic, perhaps under a former name
        if not own:
            self.passed_over += 1
            return None
        failed, unreadable = [], []
        for shadow in own:
            if _reason(writer, shadow.old, framed.body):
                unreadable.append(shadow.consumer)
            elif why := _reason(writer, shadow.new, framed.body):
                failed.append((shadow.consumer, why))
        return Read(
            group, *place, True, tuple(failed), tuple(unreadable), latency_s=record.latency_s
        )

    def _writer(self, id: SchemaId | UUID) -> Schema | None:
        if id not in self._known:
            try:
                self._known[id] = self._fetch(id)
            except DecodeError:
                self._known[id] = None
            except RegistryError as error:
                if error.status != _NOT_FOUND:
                    raise
                self._known[id] = None
        return self._known[id]


def _reason(writer: Schema, reader: Schema, body: bytes) -> str:
    try:
        compile_decoder(writer=writer, reader=reader)(body)
    except DecodeError as error:
        return error.message
    return ""
