"""Check a project's schemas against what a base holds, told as one outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from schemareg.avro.canonical import to_text
from schemareg.avro.schema import Schema
from schemareg.avro.source import locate
from schemareg.bases import Base, BaseVersion
from schemareg.compat import Clash, Direction, Incompatibility, check
from schemareg.compat.advice import advice, upgrade_order
from schemareg.compat.hazard import Hazard
from schemareg.compat.proof import Proof, prove
from schemareg.compat.unsafe import hazards
from schemareg.errors import ExitCode, SchemaParseError
from schemareg.findings import Finding, Severity
from schemareg.jobs.progress import Progress, silent
from schemareg.places import Location, Pointer
from schemareg.project import Project, ProjectSubject
from schemareg.subjects import CompatibilityLevel, Subject, Version


class Verdict(StrEnum):
    """What a check says of one subject, or of one version of it."""

    NEW = "new"
    UNCHANGED = "unchanged"
    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True)
class VersionVerdict:
    """The answer for one registered version; `promised` when the level in force counts it."""

    version: Version
    verdict: Verdict
    promised: bool


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason why a subject's new schema may not follow its history.

    `versions` are the registered versions that clash in this same way, newest first; `location`
    is the place in the schema under check, `advice` what to do, `proof` an event that shows it.
    """

    versions: tuple[Version, ...]
    direction: Direction
    incompatibility: Incompatibility
    location: Location
    advice: str
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class SubjectCheck:
    """The answer for one subject: `versions` oldest first, `violations` in the schema's order.

    `upgrade_order` says in one sentence who is upgraded first; "" where nothing changed.
    """

    subject: Subject
    level: CompatibilityLevel
    verdict: Verdict
    location: Location
    versions: tuple[VersionVerdict, ...] = ()
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Finding, ...] = ()
    upgrade_order: str = ""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The answers for all subjects of a project.

    `missing` are the subjects that only the base has, `failures` the files that could not be
    judged at all.
    """

    command: ClassVar[str] = "check"

    base: str
    subjects: tuple[SubjectCheck, ...]
    missing: tuple[Subject, ...] = ()
    failures: tuple[Finding, ...] = ()

    def annotations(self) -> Iterator[Finding]:
        """Every violation and warning as a finding at its place in the files."""
        yield from self.failures
        for subject in self.subjects:
            yield from (_as_finding(subject, violation) for violation in subject.violations)
            yield from subject.warnings

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a subject is incompatible, a file is refused, or a warning weighs `fail_on`."""
        heavy = any(finding.severity.rank <= fail_on.rank for finding in self.annotations())
        return ExitCode.NO if heavy else ExitCode.YES


@dataclass(slots=True)
class _Reason:
    """A violation while its versions are gathered."""

    direction: Direction
    incompatibility: Incompatibility
    old: Schema
    versions: list[Version] = field(default_factory=list)


def check_project(
    project: Project,
    base: Base,
    *,
    level: CompatibilityLevel | None = None,
    with_proofs: bool = False,
    progress: Progress = silent,
) -> CheckOutcome:
    """Compare every selected subject of `project` with its history in `base`.

    The level is `level` where given, else the subject's in the configuration, else the base's,
    else BACKWARD, which is a registry's default.
    """
    subjects = [s for s in project.subjects if _is_selected(s, project)]
    answers = []
    for done, subject in enumerate(subjects):
        progress("checking", done, len(subjects))
        answers.append(_check_subject(subject, base, level, with_proofs=with_proofs))
    progress("checking", len(subjects), len(subjects))
    known = {subject.subject for subject in project.subjects}
    whole = project.selected is None and not project.failures
    return CheckOutcome(
        base=base.describe(),
        subjects=tuple(answers),
        missing=tuple(s for s in base.subjects() if s not in known) if whole else (),
        failures=(
            *(finding for error in project.failures for finding in _as_findings(error)),
            *(_unreadable(base, error) for error in base.failures()),
        ),
    )


def _is_selected(subject: ProjectSubject, project: Project) -> bool:
    if subject.file is None:
        return project.selected is None
    return project.is_selected(subject.file.path)


def _check_subject(
    subject: ProjectSubject,
    base: Base,
    forced: CompatibilityLevel | None,
    *,
    with_proofs: bool,
) -> SubjectCheck:
    history = base.history(subject.subject)
    level = forced or subject.level or base.level(subject.subject) or CompatibilityLevel.BACKWARD
    location = Location(subject.file.path if subject.file else None)
    if not history:
        return SubjectCheck(subject.subject, level, Verdict.NEW, location)
    clashes = tuple(
        check(subject.schema, [(v.version, v.schema) for v in history], _every_version(level))
    )
    promised = {v.version for v in (history if level.transitive else history[-1:])}
    if level is CompatibilityLevel.NONE:
        promised = set()
    violations = tuple(
        _violation(subject, reason, level, with_proofs=with_proofs)
        for reason in _reasons(clashes, history, promised)
    )
    unchanged = _content(history[-1].schema) == _content(subject.schema)
    versions = tuple(_version_verdict(v, clashes, promised) for v in history)
    if violations:
        verdict = Verdict.INCOMPATIBLE
    else:
        verdict = Verdict.UNCHANGED if unchanged else Verdict.COMPATIBLE
    cautions = () if unchanged else tuple(_warnings(subject, history, promised, level))
    order = "" if unchanged else upgrade_order(level)
    return SubjectCheck(
        subject.subject, level, verdict, location, versions, violations, cautions, order
    )


def _every_version(level: CompatibilityLevel) -> CompatibilityLevel:
    """The level that compares with every version, to tell of those not promised too."""
    if level is CompatibilityLevel.NONE:
        return CompatibilityLevel.BACKWARD_TRANSITIVE
    return CompatibilityLevel(level.value.removesuffix("_TRANSITIVE") + "_TRANSITIVE")


def _version_verdict(
    version: BaseVersion, clashes: Sequence[Clash], promised: set[Version]
) -> VersionVerdict:
    clashing = any(clash.version == version.version for clash in clashes)
    verdict = Verdict.INCOMPATIBLE if clashing else Verdict.COMPATIBLE
    return VersionVerdict(version.version, verdict, version.version in promised)


def _reasons(
    clashes: Sequence[Clash], history: Sequence[BaseVersion], promised: set[Version]
) -> list[_Reason]:
    """Each different reason once, with all promised versions it stands against."""
    schemas = {v.version: v.schema for v in history}
    found: dict[tuple[Direction, str, str, str], _Reason] = {}
    for clash in clashes:
        if clash.version not in promised:
            continue
        for reason in clash.incompatibilities:
            key = (clash.direction, reason.kind, reason.path, reason.message)
            first = found.setdefault(key, _Reason(clash.direction, reason, schemas[clash.version]))
            if clash.version not in first.versions:
                first.versions.append(clash.version)
    return list(found.values())


def _violation(
    subject: ProjectSubject, reason: _Reason, level: CompatibilityLevel, *, with_proofs: bool
) -> Violation:
    backward = reason.direction is Direction.BACKWARD
    found = reason.incompatibility
    reader, writer = (subject.schema, reason.old) if backward else (reason.old, subject.schema)
    return Violation(
        versions=tuple(reason.versions),
        direction=reason.direction,
        incompatibility=found,
        location=_place(subject, found.reader_pointer if backward else found.writer_pointer),
        advice=advice(found, direction=reason.direction, level=level).fix,
        proof=prove(found, reader=reader, writer=writer) if with_proofs else None,
    )


def _warnings(
    subject: ProjectSubject,
    history: Sequence[BaseVersion],
    promised: set[Version],
    level: CompatibilityLevel,
) -> Iterator[Finding]:
    """What the level allows and can still go wrong, against the newest version only."""
    for old in history[-1:]:
        if old.version not in promised:
            continue
        if level.backward:
            for hazard in hazards(reader=subject.schema, writer=old.schema):
                yield _caution(subject, old.version, hazard.reader_pointer, hazard)
        if level.forward:
            for hazard in hazards(reader=old.schema, writer=subject.schema):
                yield _caution(subject, old.version, hazard.writer_pointer, hazard)


def _caution(
    subject: ProjectSubject, version: Version, pointer: Pointer, hazard: Hazard
) -> Finding:
    return Finding(
        rule=hazard.kind,
        severity=Severity.WARNING,
        message=f"compatible with v{version}, but: {hazard.message}",
        location=_place(subject, pointer),
        element=hazard.path,
        advice=hazard.advice,
    )


def _place(subject: ProjectSubject, pointer: Pointer) -> Location:
    path = subject.file.path if subject.file else None
    return Location(path, *locate(subject.text, pointer), pointer)


def _content(schema: Schema) -> object:
    """What makes a version: the registry's spelling, and that of everything referred to."""
    return to_text(schema), tuple(_content(reference) for reference in schema.references)


def _as_finding(subject: SubjectCheck, violation: Violation) -> Finding:
    found = violation.incompatibility
    versions = ", ".join(f"v{version}" for version in violation.versions)
    return Finding(
        rule=found.kind,
        severity=Severity.ERROR,
        message=f"{subject.subject} would break {versions} ({said(violation.direction)}): "
        f"{found.message}",
        location=violation.location,
        element=found.path,
        advice=violation.advice,
    )


def said(direction: Direction) -> str:
    """The direction as a clause: who cannot read whom."""
    if direction is Direction.BACKWARD:
        return "new readers cannot read events written before"
    return "deployed readers cannot read new events"


def _unreadable(base: Base, error: SchemaParseError) -> Finding:
    """A file of the base that cannot be compared with: without it a change would pass as new."""
    return Finding(
        rule="base-unreadable",
        severity=Severity.ERROR,
        message=f"{base.describe()} holds a schema that cannot be read: {error.message}",
        location=error.location or Location(None),
        advice=error.advice or "compare with a base that is whole",
    )


def _as_findings(error: SchemaParseError) -> Iterator[Finding]:
    path = error.location.path if error.location else None
    for problem in error.problems:
        yield Finding(
            rule=problem.code,
            severity=Severity.ERROR,
            message=problem.message,
            location=Location(path, problem.line, problem.column, problem.pointer),
            advice=problem.advice,
        )
