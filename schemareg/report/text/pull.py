"""What changed in the snapshot."""

from __future__ import annotations

from collections import Counter

from schemareg.commands.pull import PullResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def pull(result: PullResult, page: Page) -> str:
    """A line a changed file, what stayed or was passed over, then how many."""
    lines = [*map(line, result.changed), *(finding(kept, page) for kept in result.annotations())]
    others = Counter(passed.schema_type for passed in result.passed_over)
    for schema_type, count in sorted(others.items()):
        lines.append(f"passed over: {many(count, 'subject')} of schema type {line(schema_type)}")
    changed = f"{many(len(result.changed), 'file')} changed in {line(result.snapshot)}"
    held = many(result.subjects, "subject")
    return "\n".join([*lines, f"{changed}, now {held} as in {line(result.base)}"]) + "\n"
