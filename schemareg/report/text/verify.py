"""The whole pass, event by event."""

from __future__ import annotations

from schemareg.commands.check_result import SubjectCheck, Verdict
from schemareg.commands.register import Registration
from schemareg.commands.roundtrip import Pairing
from schemareg.commands.verify import VerifyResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.check import check
from schemareg.report.text.findings import counts, finding, many
from schemareg.report.text.matrix import summary, troubles
from schemareg.report.text.register import level_lines


def verify(result: VerifyResult, page: Page) -> str:
    """A block a subject; what is wrong in full; one line that sums up."""
    lines = []
    quiet = 0
    for subject in result.check.subjects:
        if page.verbose or not _is_as_before(result, subject):
            lines += _block(result, subject, page)
        else:
            quiet += 1
    if result.register:
        lines += level_lines(result.register)
    if quiet:
        lines.append(f"{many(quiet, 'subject')} unchanged (--verbose lists them)")
    wrong = [finding(f, page) for f in (*result.lint.counting(), *result.check.notes)]
    if any(s.violations or s.warnings for s in result.check.subjects):
        wrong.append(check(result.check, page).rstrip())
    if result.roundtrip:
        failed = [p for p in result.roundtrip.pairings if p.failed]
        for pairing in failed:
            wrong += [page.paint(pairing.cell.subject, "bold"), *troubles([pairing], page)]
    if wrong:
        lines += ["", *wrong]
    return "\n".join([*lines, "", *_summary(result, page)]) + "\n"


def _is_as_before(result: VerifyResult, subject: SubjectCheck) -> bool:
    """Whether the subject is unchanged and its events came back; findings are listed apart."""
    if subject.verdict is not Verdict.UNCHANGED:
        return False
    pairings = result.roundtrip.pairings if result.roundtrip else ()
    return not any(p.failed and p.cell.subject == subject.subject for p in pairings)


def _block(result: VerifyResult, subject: SubjectCheck, page: Page) -> list[str]:
    lines = [f"{page.paint(subject.subject, 'bold')}  {subject.level}"]
    before = [_lint(result, subject, page), _versions(subject, page)]
    lines.append("    " + "; ".join(part for part in before if part))
    if result.register:
        given = [r for r in result.register.registrations if r.subject == subject.subject]
        lines += ["    " + _registration(r) for r in given]
    if result.roundtrip:
        pairings = [p for p in result.roundtrip.pairings if p.cell.subject == subject.subject]
        if pairings:
            lines.append(page.wrap(_round_trip(pairings, page), "      ", first="    "))
    return lines


def _lint(result: VerifyResult, subject: SubjectCheck, page: Page) -> str:
    path = subject.location.path
    if path is None:
        return "no file"
    own = [f for f in result.lint.findings if f.location.path == path]
    counting = [f for f in own if f.suppressed is None]
    aside = f" ({len(own) - len(counting)} suppressed)" if len(own) > len(counting) else ""
    if not counting:
        return f"lint {page.paint('ok', 'green')}{aside}"
    return f"lint {page.paint(counts(counting), 'red')}{aside}"


def _versions(subject: SubjectCheck, page: Page) -> str:
    """`v1 ok, v2 ok`; versions that the level does not count are marked."""
    if not subject.versions:
        return "nothing registered before"
    versions = []
    for version in subject.versions:
        good = version.verdict is not Verdict.INCOMPATIBLE
        word = page.paint("ok", "green") if good else page.paint("INCOMPATIBLE", "red")
        aside = "" if version.promised else " (not promised)"
        versions.append(f"{line(version.called)} {word}{aside}")
    return "against " + ", ".join(versions)


def _registration(given: Registration) -> str:
    word = "registered as" if given.is_new else "already registered as"
    return f"{word} version {given.version}, id {given.id}"


def _round_trip(pairings: list[Pairing], page: Page) -> str:
    back = sum(p.cell.equal + p.cell.evolved for p in pairings)
    events = sum(p.cell.events for p in pairings)
    evolved = sum(p.cell.evolved for p in pairings)
    refused = sum(p.cell.refused for p in pairings if not p.failed)
    failed = any(p.failed for p in pairings)
    equal = page.paint(f"{back} of {events}", "red" if failed else "green")
    line = f"{equal} events came back right in {many(len(pairings), 'pair')} of versions"
    if evolved:
        line += f" ({evolved} evolved)"
    if refused:
        line += f"; {refused} refused, not promised"
    return line


def _summary(result: VerifyResult, page: Page) -> list[str]:
    lines = []
    if result.roundtrip:
        lines.append(summary(result.roundtrip, page))
    else:
        lines.append("nothing was registered or sent: first fix what is listed above")
    yes = result.exit_code() == 0
    verdict = page.paint("verified", "green") if yes else page.paint("NOT verified", "red")
    files = many(result.lint.files, "schema file")
    subjects = many(len(result.check.subjects), "subject")
    registry = f", registry {line(result.register.registry)}" if result.register else ""
    lines.append(f"{verdict}: {files}, {subjects}{registry}, {result.seconds:.1f} s")
    return lines
