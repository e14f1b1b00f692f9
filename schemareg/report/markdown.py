"""Results as Markdown, for a pull request's comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterable

from schemareg.commands.diff import DiffResult
from schemareg.diff import Change
from schemareg.findings import Finding, Severity
from schemareg.report.page import Page
from schemareg.report.result import Result
from schemareg.report.text import as_text

_TEXT_WIDTH = 100


def as_markdown(result: Result, fail_on: Severity = Severity.ERROR) -> str:
    """A heading with the answer, and a table of what stands behind it, or else the text."""
    if isinstance(result, DiffResult):
        if result.impact is None:
            return f"### No change from `{result.old}` to `{result.new}`\n"
        head = f"### {result.impact} change from `{result.old}` to `{result.new}`"
        return _table(head, ("class", "change", "breaks"), map(_change, result.changes))
    findings = list(result.annotations())
    head = f"### schemareg {result.command}: {'yes' if result.exit_code(fail_on) == 0 else 'no'}"
    if not findings:
        return f"{head}\n\n{_fenced(as_text(result, Page(_TEXT_WIDTH)))}"
    table = _table(head, ("place", "severity", "finding", "do"), map(_finding, findings))
    return table + "".join(_detail(finding) for finding in findings if finding.detail)


def _detail(finding: Finding) -> str:
    return f"\n{_code(finding.element)}\n\n{_fenced(finding.detail + chr(10))}"


def _code(text: str) -> str:
    fence = "`"
    while fence in text:
        fence += "`"
    return f"{fence}{text}{fence}"


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
