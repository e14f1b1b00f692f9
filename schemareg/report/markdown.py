"""Results as Markdown, for a pull request's comment or a job's summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from schemareg.commands.diff import DiffResult, SubjectDiff
from schemareg.diff import Change
from schemareg.findings import Diagnostic, Severity
from schemareg.report.counted import counted
from schemareg.report.escape import Safe, markdown, markdown_block, markdown_code, markdown_page
from schemareg.report.identity import repository_path
from schemareg.report.page import Page
from schemareg.report.text import as_text
from schemareg.report.text.findings import many
from schemareg.results import Result

_TEXT_WIDTH = 100
# A comment on GitHub holds 65,536 characters; the rest is for what a job adds around the report.
_LONGEST = 65_000
_REST = 200


def as_markdown(result: Result, page: Page, fail_on: Severity = Severity.ERROR) -> Safe:
    """A heading with the answer, and a table of the reasons, or else the text.

    What is longer than a comment may be is cut between findings or lines, with their number.
    """
    return markdown_page(f"{_document(result, page, fail_on)}\n{counted(result)}\n")


def _document(result: Result, page: Page, fail_on: Severity) -> str:
    if isinstance(result, DiffResult):
        change = f"change from {markdown_code(result.old)} to {markdown_code(result.new)}"
        if result.impact is None:
            return f"### No {change}\n"
        if result.subjects:
            columns = ("subject", "class", "change", "breaks")
            head = _head(f"### {result.impact} {change}", columns)
            rows = [row for subject in result.subjects for row in _subject_rows(subject)]
            return _within_limit(head, rows, "change")
        head = _head(f"### {result.impact} {change}", ("class", "change", "breaks"))
        return _within_limit(head, [_row(_change(change)) for change in result.changes], "change")
    findings = list(result.annotations())
    title = f"### schemareg {result.command}: {'yes' if result.exit_code(fail_on) == 0 else 'no'}"
    if not findings:
        return f"{title}\n\n{_block(as_text(result, Page(_TEXT_WIDTH)), _LONGEST - _REST)}"
    if result.lists_actions:
        block = _block(as_text(result, Page(_TEXT_WIDTH)), _LONGEST // 2)
        title += f"\n\n{block.rstrip()}"
    head = _head(title, ("place", "severity", "finding", "do"))
    table = _within_limit(head, [_row(_finding(f, page.root)) for f in findings], "finding")
    proofs = [_detail(finding) for finding in findings if finding.detail]
    return _within_limit(table, proofs, "proof") if proofs else table


def _subject_rows(subject: SubjectDiff) -> list[str]:
    """A row for each change of the subject, or one for a subject that is new or removed."""
    name = subject.subject
    if not subject.changes:
        return [_row((name, subject.impact.value, subject.status, ""))]
    return [_row((name, *_change(change))) for change in subject.changes]


def _within_limit(head: str, parts: Sequence[str], noun: str) -> str:
    """`head` and as many of `parts` as a comment has room for; then how many are left out."""
    size = len(head) + _REST
    kept: list[str] = []
    for part in parts:
        size += len(part)
        if size > _LONGEST:
            break
        kept.append(part)
    left_out = len(parts) - len(kept)
    more = f"\n… and {many(left_out, f'more {noun}')}\n" if left_out else ""
    return head + "".join(kept) + more


def _block(text: str, longest: int) -> str:
    """`text` as a block of code of at most about `longest` characters, cut between lines."""
    lines = text.splitlines(keepends=True)
    kept = list(lines)
    while sum(map(len, kept)) > longest:
        kept = kept[: len(kept) // 2]
    left_out = len(lines) - len(kept)
    more = f"… and {many(left_out, 'more line')}\n" if left_out else ""
    return markdown_block("".join(kept) + more)


def _detail(finding: Diagnostic) -> str:
    return f"\n{markdown_code(finding.element)}\n\n{markdown_block(finding.detail + chr(10))}"


def _change(change: Change) -> tuple[str, ...]:
    breaks = ", ".join(direction.value.lower() for direction in change.breaks)
    return change.impact, change.describe(), breaks


def _finding(finding: Diagnostic, root: str) -> tuple[str, ...]:
    about = f"{finding.element}: " if finding.element else ""
    message = f"{about}{finding.message} ({finding.rule})"
    location, place = finding.location, ""
    if location.path:
        place = str(replace(location, path=repository_path(location.path, root)))
    return place, finding.severity, message, finding.advice or ""


def _head(title: str, columns: tuple[str, ...]) -> str:
    return f"{title}\n\n{_row(columns)}|{'---|' * len(columns)}\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(markdown, cells))} |\n"
