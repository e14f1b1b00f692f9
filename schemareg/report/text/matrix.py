"""Round trips: what went through the broker, and what did not come back as it should."""

from __future__ import annotations

from itertools import groupby

from schemareg.jobs.roundtrip import Pairing, RoundTripOutcome
from schemareg.kafka.roundtrip import Outcome
from schemareg.report.page import Page
from schemareg.report.text.findings import many
from schemareg.subjects import Subject

_SIGN = {
    Outcome.EQUAL: "=",
    Outcome.EVOLVED: "~",
    Outcome.REFUSED: "refused",
    Outcome.DIFFERENT: "DIFFERENT",
}


def roundtrip(outcome: RoundTripOutcome, page: Page) -> str:
    """A line a subject, the trouble below it, and one line that sums up."""
    lines = []
    for subject, group in groupby(outcome.pairings, key=lambda p: p.cell.subject):
        lines += subject_lines(subject, list(group), page)
    return "\n".join([*lines, summary(outcome, page)]) + "\n"


def subject_lines(subject: Subject, pairings: list[Pairing], page: Page) -> list[str]:
    """`subject: 9 pairs, 90 events equal`, and a block for each pair that is not well."""
    lines = [f"{subject}: {totals(pairings)}"]
    for pairing in pairings:
        if pairing.cell.trouble:
            lines += _trouble(pairing, page)
    return lines


def totals(pairings: list[Pairing]) -> str:
    """How many pairs of versions, and how many of their events came back how."""
    told = [many(len(pairings), "pair")]
    for outcome in Outcome:
        events = sum(getattr(p.cell, outcome.value) for p in pairings)
        if events:
            told.append(f"{many(events, 'event')} {outcome}")
    return ", ".join(told)


def summary(outcome: RoundTripOutcome, page: Page) -> str:
    """One line: events, pairs, broker, and how many pairs broke a promise."""
    events = sum(p.cell.events for p in outcome.pairings)
    failed = sum(p.failed for p in outcome.pairings)
    verdict = page.paint(f"{many(failed, 'pair')} failed", "red") if failed else "all as promised"
    return (
        f"{many(events, 'event')} in {many(len(outcome.pairings), 'pair')} of versions "
        f"through the {outcome.broker} broker: {verdict}"
    )


def _trouble(pairing: Pairing, page: Page) -> list[str]:
    cell, trouble = pairing.cell, pairing.cell.trouble
    assert trouble is not None
    if pairing.failed:
        sign = page.paint(_SIGN[cell.outcome], "red")
    else:
        sign = f"{_SIGN[cell.outcome]} (not promised by the level)"
    return [
        page.wrap(f"v{cell.version} read by {cell.reader}: {sign}", "    ", first="  "),
        page.wrap(f"{trouble.event_name}: {trouble.message}", "    "),
        page.wrap(f"bytes {trouble.body.hex() or '(none)'}", "    "),
    ]
