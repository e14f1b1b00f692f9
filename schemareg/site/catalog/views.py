"""What the catalog's pages show beyond those of a registry: one frozen value per page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from schemareg.avro import Schema
from schemareg.avro.binary import encode
from schemareg.codec import lower
from schemareg.diff import Impact, impact_of
from schemareg.errors import SchemaregError
from schemareg.findings import Diagnostic
from schemareg.lazy_dataclass import dataclass
from schemareg.sampling.sample import sample
from schemareg.services.manifest import Consumes, Produces
from schemareg.site.catalog.model import Catalog
from schemareg.site.source import Held
from schemareg.site.views import (
    ClashRow,
    SubjectView,
    VersionView,
    changes_of,
    clashes,
    subject_view,
    version_view,
)

_SEED = 1
_CHANGES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Step:
    """What one version changed, in words; `impact` is None for the first, and for no change."""

    subject: str
    version: int
    label: str
    written_ms: int | None
    previous: int | None
    impact: Impact | None = None
    changes: tuple[str, ...] = ()
    more: int = 0
    backward: tuple[ClashRow, ...] = ()
    forward: tuple[ClashRow, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """An example event as JSON, times and decimals spelt out, and its bytes in lines of 16."""

    text: str
    hex: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """A subject with everything that the project knows about it."""

    view: SubjectView
    latest: VersionView
    steps: tuple[Step, ...]
    file: str | None
    topics: tuple[str, ...]
    owners: tuple[str, ...]
    producers: tuple[Produces, ...]
    consumers: tuple[Consumes, ...]
    uses: Mapping[tuple[str, str], tuple[str, ...]]
    sample: Sample | None
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class SubjectSummary:
    """What pages about many subjects show of one; `doc` is of the first type that has any."""

    subject: str
    doc: str


def summary_of(page: SubjectPage) -> SubjectSummary:
    """The summary of a subject's page."""
    doc = next((section.doc for section in page.latest.sections if section.doc), "")
    return SubjectSummary(page.view.subject, doc)


def subject_page(catalog: Catalog, subject: str) -> SubjectPage:
    """The page of one subject."""
    source = catalog.source
    view = subject_view(source, subject, lambda _: True)
    held = source.latest(subject)
    file = catalog.files.get(subject)
    producers = catalog.producers.get(subject, ())
    try:
        uses, shown = catalog.uses_of_fields(held), sample_of(source.schema(held))
    except SchemaregError:
        uses, shown = {}, None
    return SubjectPage(
        view=view,
        latest=version_view(source, subject, held.version, lambda _: True),
        steps=tuple(steps_of(catalog, subject)),
        file=file,
        topics=catalog.topics_of.get(subject, ()),
        owners=catalog.owners.get(subject, ()),
        producers=producers,
        consumers=catalog.consumers.get(subject, ()),
        uses=uses,
        sample=shown,
        findings=catalog.findings.get(file or "", ()),
    )


def steps_of(catalog: Catalog, subject: str) -> Iterator[Step]:
    """What each version changed, newest first."""
    versions = [held for held in catalog.source.versions(subject) if not held.deleted]
    for held, before in zip(versions, [*versions[1:], None], strict=True):
        yield _step(catalog, held, before)


def _step(catalog: Catalog, held: Held, before: Held | None) -> Step:
    step = (held.subject, held.version, held.label, held.written_ms)
    if before is None:
        return Step(*step, previous=None)
    try:
        old, new = catalog.source.schema(before), catalog.source.schema(held)
    except SchemaregError as error:
        return Step(*step, previous=before.version, problem=str(error))
    changes = changes_of(old=old, new=new)
    return Step(
        *step,
        previous=before.version,
        impact=impact_of(changes),
        changes=tuple(change.describe() for change in changes[:_CHANGES_SHOWN]),
        more=max(0, len(changes) - _CHANGES_SHOWN),
        backward=clashes(reader=new, writer=old),
        forward=clashes(reader=old, writer=new),
    )


def sample_of(schema: Schema) -> Sample | None:
    """An example event of `schema`; None where it has no finite value."""
    try:
        event = next(iter(sample(schema, seed=_SEED, count=1)))
        data = encode(lower(event, schema), schema)
        text = json.dumps(event, indent=2, ensure_ascii=False, default=_spelled)
    except SchemaregError:
        return None
    lines = tuple(data[i : i + 16].hex(" ") for i in range(0, min(len(data), 4_096), 16))
    return Sample(text, lines)


def _spelled(value: object) -> str:
    """Bytes in hexadecimal digits, everything else as Python writes it."""
    return value.hex() if isinstance(value, bytes) else str(value)


def recent_steps(steps: Iterable[Step], count: int) -> list[Step]:
    """What changed last over all subjects: proposed versions first, then the newest."""
    dated = [step for step in steps if step.label or step.written_ms is not None]
    dated.sort(key=lambda s: (not s.label, -(s.written_ms or 0), s.subject, -s.version))
    return dated[:count]
