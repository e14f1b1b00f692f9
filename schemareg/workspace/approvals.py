"""Approvals in schemareg.toml: one intended break each, by whom, why, and until when."""

from __future__ import annotations

from datetime import date

from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.settings.toml_table import Table
from schemareg.subjects import Subject


@dataclass(frozen=True, slots=True)
class Approval:
    """The break of `subject` with `fingerprint` is accepted, to the end of the day `until`.

    `by` is who approved it; `location` is where it is in the configuration.
    """

    subject: Subject
    fingerprint: str
    by: str
    reason: str
    until: date
    location: Location

    def describe(self) -> str:
        return f"approved by {self.by} until {self.until.isoformat()}: {self.reason}"


def read_approval(table: Table) -> Approval:
    """The approval in `table`.

    Raises:
        UsageError: something is missing or of the wrong kind; an unknown key.
    """
    until = table.day("until")
    if until is None:
        table.fail("until", "an approval without an end", "give the last day: until = 2030-12-31")
    approval = Approval(
        Subject(_given(table, "subject", "name the subject whose break is approved")),
        _given(table, "fingerprint", "copy it from `schemareg check --verbose`"),
        _given(table, "by", "name who approves the break"),
        _given(table, "reason", "write why the break is intended"),
        until,
        table.location("fingerprint"),
    )
    table.finish()
    return approval


def _given(table: Table, key: str, advice: str) -> str:
    text = table.text(key)
    if text is None or not text.strip():
        table.fail(key, "an approval without it", advice)
    return text
