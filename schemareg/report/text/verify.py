"""The whole pass, event by event."""

from __future__ import annotations

from schemareg.jobs.check_outcome import SubjectCheck, Verdict
from schemareg.jobs.register import Registration
from schemareg.jobs.roundtrip import Pairing
from schemareg.jobs.verify import VerifyOutcome
from schemareg.report.page import Page
from schemareg.report.text.check import check
from schemareg.report.text.findings import counts, finding, many
from schemareg.report.text.matrix import summary, troubles


def verify(outcome: VerifyOutcome, page: Page) -> str:
    """A block a subject; what is wrong in full; one line that sums up."""
    lines = []
    for subject in outcome.check.subjects:
        lines += _block(outcome, subject, page)
    wrong = [finding(f, page) for f in outcome.lint.counting()]
    if any(s.violations or s.warnings for s in outcome.check.subjects):
        wrong.append(check(outcome.check, page).rstrip())
    if outcome.roundtrip:
        failed = [p for p in outcome.roundtrip.pairings if p.failed]
        for pairing in failed:
            wrong += [page.paint(pairing.cell.subject, "bold"), *troubles([pairing], page)]
    if wrong:
        lines += ["", *wrong]
    return "\n".join([*lines, "", *_summary(outcome, page)]) + "\n"


def _block(outcome: VerifyOutcome, subject: SubjectCheck, page: Page) -> list[str]:
    lines = [f"{page.paint(subject.subject, 'bold')}  {subject.level}"]
    told = [_lint(outcome, subject, page), _versions(subject, page)]
    lines.append("    " + "; ".join(part for part in told if part))
    if outcome.register:
        given = [r for r in outcome.register.registrations if r.subject == subject.subject]
        lines += ["    " + _registration(r) for r in given]
    if outcome.roundtrip:
        pairings = [p for p in outcome.roundtrip.pairings if p.cell.subject == subject.subject]
        if pairings:
            lines.append(page.wrap(_round_trip(pairings, page), "      ", first="    "))
    return lines


def _lint(outcome: VerifyOutcome, subject: SubjectCheck, page: Page) -> str:
    path = subject.location.path
    if path is None:
        return "primitive"
    own = [f for f in outcome.lint.findings if f.location.path == path]
    counting = [f for f in own if f.suppressed is None]
    aside = f" ({len(own) - len(counting)} suppressed)" if len(own) > len(counting) else ""
    if not counting:
        return f"lint {page.paint('ok', 'green')}{aside}"
    return f"lint {page.paint(counts(counting), 'red')}{aside}"


def _versions(subject: SubjectCheck, page: Page) -> str:
    """`v1 ok, v2 ok`; versions that the level does not count are told apart."""
    if not subject.versions:
        return "nothing registered before"
    told = []
    for version in subject.versions:
        good = version.verdict is not Verdict.INCOMPATIBLE
        word = page.paint("ok", "green") if good else page.paint("INCOMPATIBLE", "red")
        aside = "" if version.promised else " (not promised)"
        told.append(f"{version.called} {word}{aside}")
    return "against " + ", ".join(told)


def _registration(given: Registration) -> str:
    word = "registered as" if given.is_new else "already registered as"
    return f"{word} version {given.version}, id {given.id}"


def _round_trip(pairings: list[Pairing], page: Page) -> str:
    back = sum(p.cell.equal + p.cell.evolved for p in pairings)
    events = sum(p.cell.events for p in pairings)
    evolved = sum(p.cell.evolved for p in pairings)
    refused = sum(p.cell.refused for p in pairings if not p.failed)
    failed = any(p.failed for p in pairings)
    told = page.paint(f"{back} of {events}", "red" if failed else "green")
    line = f"{told} events came back right in {many(len(pairings), 'pair')} of versions"
    if evolved:
        line += f" ({evolved} evolved)"
    if refused:
        line += f"; {refused} refused, not promised"
    return line


def _summary(outcome: VerifyOutcome, page: Page) -> list[str]:
    lines = []
    if outcome.roundtrip:
        lines.append(summary(outcome.roundtrip, page))
    else:
        lines.append("nothing was registered or sent: first mend what is wrong above")
    yes = outcome.exit_code() == 0
    verdict = page.paint("verified", "green") if yes else page.paint("NOT verified", "red")
    files = many(outcome.lint.files, "schema file")
    subjects = many(len(outcome.check.subjects), "subject")
    registry = f", registry {outcome.register.registry}" if outcome.register else ""
    lines.append(f"{verdict}: {files}, {subjects}{registry}, {outcome.seconds:.1f} s")
    return lines
