"""Outcomes as Markdown, for a pull request's comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterable

from schemareg.diff import Change
from schemareg.findings import Finding, Severity
from schemareg.jobs.diff import DiffOutcome
from schemareg.report.outcome import Outcome
from schemareg.report.page import Page
from schemareg.report.text import as_text

_TEXT_WIDTH = 100


def as_markdown(outcome: Outcome, fail_on: Severity = Severity.ERROR) -> str:
    """A heading with the answer, and a table of what stands behind it, or else the text."""
    if isinstance(outcome, DiffOutcome):
        if outcome.impact is None:
            return f"### No change from `{outcome.old}` to `{outcome.new}`\n"
        head = f"### {outcome.impact} change from `{outcome.old}` to `{outcome.new}`"
        return _table(head, ("class", "change", "breaks"), map(_change, outcome.changes))
    findings = list(outcome.annotations())
    head = f"### schemareg {outcome.command}: {'yes' if outcome.exit_code(fail_on) == 0 else 'no'}"
    if not findings:
        return f"{head}\n\n{_fenced(as_text(outcome, Page(_TEXT_WIDTH)))}"
    return _table(head, ("place", "severity", "finding", "do"), map(_finding, findings))


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}{fence}\n"


def _change(change: Change) -> tuple[str, ...]:
    breaks = ", ".join(direction.value.lower() for direction in change.breaks)
    return change.impact, change.describe(), breaks


def _finding(finding: Finding) -> tuple[str, ...]:
    about = f"{finding.element}: " if finding.element else ""
    told = f"{about}{finding.message} ({finding.rule})"
    place = str(finding.location) if finding.location.path else ""
    return place, finding.severity, told, finding.advice or ""


def _table(head: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, "", _row(columns), "|" + "---|" * len(columns), *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    told = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(told)} |"
