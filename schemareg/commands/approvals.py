"""Approvals applied to a check: what is intended does not count, until its day is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from schemareg.commands.check_result import CheckResult, SubjectCheck, Verdict, Violation
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import Subject
from schemareg.workspace import Project
from schemareg.workspace.approvals import Approval


@dataclass(frozen=True, slots=True)
class _Matches:
    """The approvals in force by subject and fingerprint, and which of all matched something."""

    in_force: Mapping[tuple[Subject, str], Approval]
    expired: Mapping[tuple[Subject, str], Approval]
    used: set[Approval]

    def find(self, subject: Subject, fingerprint: str) -> Approval | None:
        key = (subject, fingerprint)
        approval = self.in_force.get(key)
        if known := approval or self.expired.get(key):
            self.used.add(known)
        return approval


def with_approvals(
    result: CheckResult, approvals: Sequence[Approval], project: Project, today: date
) -> CheckResult:
    """`result` with what `approvals` accept marked, and the approvals that are over or unused.

    Unused ones are reported only where all of `project` was checked. A violation that comes from
    a shared type is approved with that of the type.
    """
    if not approvals:
        return result
    current = [a for a in approvals if a.until >= today]
    over = [a for a in approvals if a.until < today]
    matches = _Matches(_by_key(current), _by_key(over), set())
    subjects = [_own(subject, matches) for subject in result.subjects]
    causes = {
        subject.key_of(violation): violation.approval
        for subject in subjects
        for violation in subject.violations
        if violation.cause is None and violation.approval is not None
    }
    subjects = [_settled(_inherited(subject, causes)) for subject in subjects]
    is_whole = project.is_whole and project.selected is None and not project.failures
    about = (*result.policy, *_about(approvals, matches, today, is_whole=is_whole))
    return replace(result, subjects=tuple(subjects), policy=about)


def _by_key(approvals: Iterable[Approval]) -> Mapping[tuple[Subject, str], Approval]:
    return {(a.subject, a.fingerprint): a for a in approvals}


def _own(subject: SubjectCheck, matches: _Matches) -> SubjectCheck:
    violations = tuple(
        replace(v, approval=matches.find(subject.subject, v.fingerprint)) if not v.cause else v
        for v in subject.violations
    )
    warnings = tuple(
        replace(found, suppressed=approval.describe())
        if (approval := matches.find(subject.subject, found.fingerprint))
        else found
        for found in subject.warnings
    )
    return replace(subject, violations=violations, warnings=warnings)


def _inherited(
    subject: SubjectCheck, causes: Mapping[tuple[str, ...], Approval | None]
) -> SubjectCheck:
    def approved(violation: Violation) -> Violation:
        if violation.cause is None:
            return violation
        return replace(violation, approval=causes.get(subject.key_of(violation)))

    return replace(subject, violations=tuple(map(approved, subject.violations)))


def _settled(subject: SubjectCheck) -> SubjectCheck:
    """Its verdict where every violation is approved."""
    approved = subject.violations and all(v.approval for v in subject.violations)
    return replace(subject, verdict=Verdict.APPROVED) if approved else subject


def _about(
    approvals: Iterable[Approval], matches: _Matches, today: date, *, is_whole: bool
) -> Iterator[Diagnostic]:
    for approval in approvals:
        is_used = approval in matches.used
        if is_used and approval.until < today:
            yield Diagnostic(
                "expired-approval",
                Severity.WARNING,
                f"the approval by {approval.by} ended on {approval.until.isoformat()}: the break"
                " counts again",
                approval.location,
                approval.subject,
                "undo the break, or let the approval be renewed",
            )
        elif not is_used and is_whole:
            yield Diagnostic(
                "unused-approval",
                Severity.WARNING,
                f"no break of this subject has the fingerprint {approval.fingerprint!r}",
                approval.location,
                approval.subject,
                "remove the approval",
            )
