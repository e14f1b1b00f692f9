"""The result of a check: a verdict on each subject, with every reason and every warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from typing import ClassVar

from schemareg.compat import Direction, Incompatibility
from schemareg.compat.proof.prove import Proof
from schemareg.compat.proof.words import proof_lines
from schemareg.compat.words import described, direction_clause
from schemareg.diff import Change, Impact
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Fix, Severity
from schemareg.fix.results import FixedFile, RefusedFix
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.results import Case, Counts, Result
from schemareg.subjects import CompatibilityLevel, Subject, Version
from schemareg.workspace.approvals import Approval

FILE_WITHOUT_SUBJECT = "file-without-subject"
"""The rule of a note on a file whose outermost type has no name."""


class Verdict(StrEnum):
    """The verdict on one subject, or on one version of it."""

    NEW = "new"
    NOT_COMPARED = "not-compared"
    """It existed before, and no version of it that counts can be read."""
    UNCHANGED = "unchanged"
    COMPATIBLE = "compatible"
    APPROVED = "approved"
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True)
class VersionVerdict:
    """The answer for one registered version; `promised` when the level in force counts it.

    `called` is what people call it: `v3`, or the commit that has it.
    """

    version: Version
    verdict: Verdict
    promised: bool
    called: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason why a subject's new schema may not follow its history.

    `versions` are the registered versions that clash in this same way, newest first; `location`
    is the place in the schema under check, `advice` what to do, `proof` an event that shows it.
    `reasons` is why a branch of a union does not fit; `cause` is the full name of the shared type
    of this check that has to be fixed, where that is not the file itself. `old_location` is the
    place in the newest of the versions. `fix` is what would remove it, where a machine can.
    `fingerprint` is what an approval names it by, `approval` the one that accepts it.
    """

    versions: tuple[Version, ...]
    direction: Direction
    incompatibility: Incompatibility
    location: Location
    advice: str
    proof: Proof | None = None
    reasons: tuple[Incompatibility, ...] = ()
    cause: str | None = None
    old_location: Location | None = None
    fix: Fix | None = None
    fingerprint: str = ""
    approval: Approval | None = None

    @property
    def innermost(self) -> Incompatibility:
        """What to report: the reason inside a branch of a union, where there is one."""
        return self.reasons[-1] if self.reasons else self.incompatibility


@dataclass(frozen=True, slots=True)
class SubjectCheck:
    """The answer for one subject: `versions` oldest first, `violations` in the schema's order.

    `upgrade_order` is one sentence on who is upgraded first; "" where nothing changed.
    `changed_references` are the types it refers to that are not as in its latest version.
    `changes` are those since the latest version, `impact` the heaviest class of them.
    `warnings` leave out what is reported at a shared type of the same check.
    """

    subject: Subject
    level: CompatibilityLevel
    verdict: Verdict
    location: Location
    versions: tuple[VersionVerdict, ...] = ()
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    upgrade_order: str = ""
    changed_references: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    impact: Impact | None = None

    @property
    def causes(self) -> tuple[str, ...]:
        """The shared types that have to be fixed, where that is all; () where more is reported."""
        if self.warnings:
            return ()
        causes = [violation.cause for violation in self.violations]
        named = [cause for cause in causes if cause is not None]
        return tuple(dict.fromkeys(named)) if len(named) == len(causes) else ()

    def key_of(self, violation: Violation) -> tuple[str, ...]:
        """Equal for a violation at a shared type and for those of its users that follow from it."""
        innermost = violation.innermost
        cause = violation.cause or self.subject
        return (cause, violation.direction, innermost.kind, innermost.message)

    def called(self, versions: Iterable[Version]) -> str:
        """The versions as people call them, oldest first: `v1, v2`, or `v1 to v40` in a row."""
        wanted = set(versions)
        names = [v.called for v in self.versions if v.version in wanted]
        numbers = sorted(wanted)
        if len(numbers) > 3 and numbers == list(range(numbers[0], numbers[-1] + 1)):
            return f"{names[0]} to {names[-1]}"
        return ", ".join(names)


@dataclass(frozen=True, slots=True)
class CheckResult(Result):
    """The answers for all subjects of a project.

    `missing` are the project's subjects that only the state compared with has, `failures` the
    files that could not be judged at all. `notes` do not count: what was wrong before the change,
    and what could not be compared. `refused_files` is how many files the problems in both are of.
    `fixed` are the files that `--fix` changed (`fixes_written`) or would change, `refused` the
    fixes that it did not apply; the answers are those after the fixes.
    `policy` is what is reported of the configuration: approvals, and what a change relaxes.
    """

    command: ClassVar[str] = "check"

    base: str
    subjects: tuple[SubjectCheck, ...]
    missing: tuple[Subject, ...] = ()
    failures: tuple[Diagnostic, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    fixed: tuple[FixedFile, ...] = ()
    refused: tuple[RefusedFix, ...] = ()
    fixes_written: bool = False
    policy: tuple[Diagnostic, ...] = ()
    passed_over: int = field(default=0, metadata={"json": False})
    refused_files: int = field(default=0, metadata={"json": False})
    sources: Mapping[str, bytes] = field(
        default_factory=dict, metadata={"json": False}, compare=False, repr=False
    )

    def texts(self) -> Mapping[str, bytes]:
        return self.sources

    def annotations(self) -> Iterator[Diagnostic]:
        """Every violation and warning as a finding at its place in the files.

        What a shared type does to its users is one finding, at the type, that names them.
        """
        yield from self._counted()
        yield from self.notes

    def _counted(self) -> Iterator[Diagnostic]:
        """The findings that decide the exit code."""
        yield from self.failures
        users: dict[tuple[str, ...], list[Subject]] = {}
        for subject in self.subjects:
            for violation in subject.violations:
                if violation.cause is not None:
                    affected = users.setdefault(subject.key_of(violation), [])
                    if subject.subject not in affected:
                        affected.append(subject.subject)
        for subject in self.subjects:
            for violation in subject.violations:
                if violation.cause is None and violation.approval is None:
                    affected = users.get(subject.key_of(violation), [])
                    yield _as_finding(subject, violation, affected)
            yield from (found for found in subject.warnings if found.suppressed is None)
        yield from self.policy
        yield from map(_as_notice, self.missing)

    def suppressed(self) -> Iterator[Diagnostic]:
        for subject in self.subjects:
            for violation in subject.violations:
                if violation.cause is None and violation.approval is not None:
                    found = _as_finding(subject, violation, ())
                    yield replace(found, suppressed=violation.approval.describe())
            yield from (found for found in subject.warnings if found.suppressed is not None)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a subject is incompatible, a file is refused, or a warning weighs `fail_on`.

        And when a fix is not written.
        """
        if self.fixed and not self.fixes_written:
            return ExitCode.NO
        heavy = any(finding.severity.rank <= fail_on.rank for finding in self._counted())
        return ExitCode.NO if heavy else ExitCode.YES

    def counts(self) -> Counts:
        judged = len(self.subjects)
        passed_over = len(self.missing) + self.refused_files + self.passed_over
        passed_over += len(self.without_subject())
        return Counts("subject", judged + passed_over, judged, passed_over)

    def without_subject(self) -> tuple[Diagnostic, ...]:
        """The notes on files that no subject holds, of which nothing was judged."""
        return tuple(note for note in self.notes if note.rule == FILE_WITHOUT_SUBJECT)

    def cases(self) -> Iterator[Case]:
        for failure in self.failures:
            yield Case(failure.location.path or failure.rule, (failure,))
        for subject in self.subjects:
            own = [_as_finding(subject, v, ()) for v in subject.violations if v.approval is None]
            counting = [found for found in subject.warnings if found.suppressed is None]
            yield Case(subject.subject, (*own, *counting))
        for found in self.policy:
            yield Case(found.location.path or found.rule, (found,))
        for missing in self.missing:
            yield Case(missing, (_as_notice(missing),))

    def compared_with(self) -> str:
        return self.base

    def users(self) -> Mapping[str, Sequence[Subject]]:
        """By shared type: the subjects all of whose violations come from it, or from its."""
        users: dict[str, list[Subject]] = {}
        for subject in self.subjects:
            if causes := subject.causes:
                users.setdefault(causes[0], []).append(subject.subject)
        return users


def _as_notice(subject: Subject) -> Diagnostic:
    return Diagnostic(
        rule="subject-without-file",
        severity=Severity.INFO,
        message=f"{subject} is registered, but no file here defines it",
        location=Location(None),
        advice="keep its file while anybody reads its events; else delete the subject in the "
        "registry and run `schemareg pull`",
    )


def _as_finding(
    subject: SubjectCheck, violation: Violation, users: Sequence[Subject]
) -> Diagnostic:
    """The violation at its place; `users` are the subjects that break by it, too."""
    innermost = violation.innermost
    versions = subject.called(violation.versions)
    broken = f"{versions} ({direction_clause(violation.direction)})"
    message = f"{subject.subject} would break {broken}: {described(innermost)}"
    if users:
        message += f"; so would its users {', '.join(users)}"
    return Diagnostic(
        rule=innermost.kind,
        severity=Severity.ERROR,
        message=message,
        location=violation.location,
        element=innermost.path,
        advice=violation.advice,
        detail="" if violation.proof is None else "\n".join(proof_lines(violation.proof)),
        fix=violation.fix,
        fingerprint=violation.fingerprint,
    )
