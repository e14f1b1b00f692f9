"""Results as Markdown, for a pull request's comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterable

from schemareg.commands.diff import DiffResult
from schemareg.diff import Change
from schemareg.findings import Finding, Severity
from schemareg.report.escape import markdown, markdown_block, markdown_code
from schemareg.report.page import Page
from schemareg.report.text import as_text
from schemareg.results import Result

_TEXT_WIDTH = 100


def as_markdown(result: Result, fail_on: Severity = Severity.ERROR) -> str:
    """A heading with the answer, and a table of the reasons, or else the text."""
    if isinstance(result, DiffResult):
        change = f"change from {markdown_code(result.old)} to {markdown_code(result.new)}"
        if result.impact is None:
            return f"### No {change}\n"
        head = f"### {result.impact} {change}"
        return _table(head, ("class", "change", "breaks"), map(_change, result.changes))
    findings = list(result.annotations())
    head = f"### schemareg {result.command}: {'yes' if result.exit_code(fail_on) == 0 else 'no'}"
    if not findings:
        return f"{head}\n\n{markdown_block(as_text(result, Page(_TEXT_WIDTH)))}"
    if result.lists_actions:
        head += f"\n\n{markdown_block(as_text(result, Page(_TEXT_WIDTH))).rstrip()}"
    table = _table(head, ("place", "severity", "finding", "do"), map(_finding, findings))
    return table + "".join(_detail(finding) for finding in findings if finding.detail)


def _detail(finding: Finding) -> str:
    return f"\n{markdown_code(finding.element)}\n\n{markdown_block(finding.detail + chr(10))}"


def _change(change: Change) -> tuple[str, ...]:
    breaks = ", ".join(direction.value.lower() for direction in change.breaks)
    return change.impact, change.describe(), breaks


def _finding(finding: Finding) -> tuple[str, ...]:
    about = f"{finding.element}: " if finding.element else ""
    message = f"{about}{finding.message} ({finding.rule})"
    place = str(finding.location) if finding.location.path else ""
    return place, finding.severity, message, finding.advice or ""


def _table(head: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, "", _row(columns), "|" + "---|" * len(columns), *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(markdown, cells))} |"
