"""Changes of layout as lines a person reads."""

from __future__ import annotations

from schemareg.commands.fmt import FmtResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import diff_lines, finding, many


def fmt(result: FmtResult, page: Page) -> str:
    """The changes (in full where wanted), the files that are not JSON, and one line of sums."""
    lines = [finding(failure, page) for failure in result.failures]
    for change in result.changes:
        if result.shows_diff:
            lines.append(diff_lines(change.diff, page))
        else:
            lines.append(f"{'laid out' if result.written else 'to lay out'}: {line(change.path)}")
    changed, rest = len(result.changes), result.files - len(result.changes) - len(result.failures)
    verb = "laid out" if result.written else "to lay out"
    parts = [f"{many(changed, 'file')} {verb}"] if changed else []
    parts += [f"{many(rest, 'file')} unchanged"] if rest else []
    parts += [f"{many(len(result.failures), 'problem')}"] if result.failures else []
    return "\n".join([*lines, ", ".join(parts) or "nothing to lay out"]) + "\n"
