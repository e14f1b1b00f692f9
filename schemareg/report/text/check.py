"""Verdicts on a project's subjects, for the author of a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schemareg.commands.check_result import CheckResult, SubjectCheck, Verdict, Violation
from schemareg.compat.words import direction_clause
from schemareg.errors import ExitCode
from schemareg.findings import Severity
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.excerpt import excerpt
from schemareg.report.text.findings import finding, fixes, many
from schemareg.report.text.proof import shown_proof
from schemareg.subjects import Subject


def check(result: CheckResult, page: Page) -> str:
    """What is wrong, subject by subject, then what changed, then one line that sums up."""
    lines = [*fixes(result, page), *(finding(failure, page) for failure in result.failures)]
    users = result.users()
    for subject in result.subjects:
        if page.verbose or not subject.causes:
            lines += _subject(subject, page)
            lines += _users(users.get(subject.subject, ()), page)
    lines += [
        f"{page.paint('missing', 'yellow')} {line(subject)}: registered, but no file here"
        " defines it"
        for subject in result.missing
    ]
    lines += [finding(note, page) for note in (*result.policy, *result.notes)]
    lines += [page.wrap(order, "  ", first="") for order in _rollout(result)]
    lines.append(_summary(result, page))
    proposed = sum(1 for found in result.annotations() if found.fix is not None)
    if proposed and not result.refused:
        lines.append(f"({many(proposed, 'fix')} proposed: --diff shows them)")
    return "\n".join(lines) + "\n"


def _rollout(result: CheckResult) -> list[str]:
    """Who is upgraded first, each answer once; while something clashes, for when it is fixed."""
    fixed = "" if result.exit_code() is ExitCode.YES else "once that is fixed: "
    return sorted({fixed + s.upgrade_order for s in result.subjects if s.upgrade_order})


def _subject(subject: SubjectCheck, page: Page) -> list[str]:
    match subject.verdict:
        case Verdict.UNCHANGED:
            if not subject.warnings:
                return []
            lines = [f"unchanged {line(subject.subject)} ({subject.level})"]
        case Verdict.NEW:
            lines = [f"{page.paint('new', 'green')} {line(subject.subject)}"]
        case Verdict.NOT_COMPARED:
            lines = [f"{page.paint('not compared', 'yellow')} {line(subject.subject)}"]
        case Verdict.COMPATIBLE:
            versions = subject.called(v.version for v in subject.versions if v.promised)
            against = (
                f"compatible with {versions}" if versions else "changed; the level promises nothing"
            )
            verdict = page.paint("ok", "green")
            if any(f.severity is Severity.ERROR and not f.suppressed for f in subject.warnings):
                verdict = page.paint("ERROR", "red")
            lines = [f"{verdict} {line(subject.subject)} ({subject.level}): {line(against)}"]
            if subject.changed_references:
                changed = f"uses {' and '.join(subject.changed_references)}, which changed"
                lines.append(page.wrap(changed, "    ", first="  "))
        case Verdict.APPROVED:
            clashing = {v for violation in subject.violations for v in violation.versions}
            lines = [
                f"{page.paint('approved', 'yellow')} {line(subject.subject)} ({subject.level}):"
                f" breaks {line(subject.called(clashing))}"
            ]
        case Verdict.INCOMPATIBLE:
            clashing = {v for violation in subject.violations for v in violation.versions}
            lines = [
                f"{page.paint('INCOMPATIBLE', 'red')} {page.paint(subject.subject, 'bold')} "
                f"({subject.level}) with {line(subject.called(clashing))}"
            ]
    for violation in subject.violations:
        lines += _violation(violation, subject.called(violation.versions), page)
    for caution in subject.warnings:
        lines.append(_indented(finding(caution, page)))
        if caution.suppressed is not None:
            lines.append(page.wrap(caution.suppressed, "          ", first="      "))
        elif page.verbose:
            lines.append(f"      fingerprint: {line(caution.fingerprint)}")
    if page.verbose and subject.impact is not None:
        lines.append(f"  {subject.impact} change:")
        lines += [page.wrap(c.describe(), "      ", first="    - ") for c in subject.changes]
    return lines


def _users(users: Sequence[Subject], page: Page) -> list[str]:
    """The subjects that break by the one above, as one paragraph instead of a block each."""
    if not users or page.verbose:
        return []
    text = f"{many(len(users), 'user')} of it {'breaks' if len(users) == 1 else 'break'} with it"
    return [page.wrap(f"{text}: {', '.join(users)} (--verbose shows each)", "    ", first="  ")]


def _violation(violation: Violation, against: str, page: Page) -> list[str]:
    innermost = violation.innermost
    refused = f"{direction_clause(violation.direction)} ({against})"
    place = page.paint(innermost.path or "the whole schema", "bold")
    lines = [f"  {line(str(violation.location))}: {place}"]
    if violation.approval is None or page.verbose:
        lines += excerpt(violation.location, page, "red", indent="    ")
    old = violation.old_location
    if old is not None and old.path and old.line:
        lines.append(f"    before: {line(str(old))}")
    if violation.approval is not None and not page.verbose:
        lines.append(page.wrap(f"{innermost.kind}: {innermost.message}", "    "))
        lines.append(page.wrap(violation.approval.describe(), "        ", first="    "))
        return lines
    if violation.cause:
        lines.append(page.wrap(f"{refused}, because of {violation.cause}", "    "))
    else:
        lines.append(page.wrap(f"{refused}:", "    "))
        lines.append(page.wrap(f"{innermost.kind}: {innermost.message}", "      "))
        lines.append(page.wrap(violation.advice, "        ", first="    do: "))
        if page.verbose:
            lines.append(f"    fingerprint: {line(violation.fingerprint)}")
    if violation.approval is not None:
        lines.append(page.wrap(violation.approval.describe(), "        ", first="    "))
    if violation.proof:
        lines += shown_proof(violation.proof, page)
    return lines


def _indented(text: str) -> str:
    return "\n".join("  " + each for each in text.split("\n"))


def _summary(result: CheckResult, page: Page) -> str:
    count = Counter(subject.verdict for subject in result.subjects)
    counted = [
        f"{count[verdict]} {verdict.replace('-', ' ')}"
        for verdict in reversed(Verdict)
        if count[verdict]
    ]
    if result.failures:
        counted.insert(0, many(len(result.failures), "error"))
    if result.notes:
        counted.append(f"{many(len(result.notes), 'note')} (not counted)")
    subjects = many(len(result.subjects), "subject")
    answer = f"{subjects} against {result.base}: {', '.join(counted) or 'nothing to compare'}"
    return page.wrap(answer, "  ", first="")
