"""What is wrong with golden events, or which were written."""

from __future__ import annotations

from schemareg.golden import FixturesResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def fixtures(result: FixturesResult, page: Page) -> str:
    """Every finding with its advice, or a line for every file that changed; then a sum."""
    lines = [finding(found, page) for found in result.findings]
    lines += [f"wrote   {line(path)}" for path in result.written]
    lines += [f"removed {line(path)}" for path in result.removed]
    wrong = f", {len(result.findings)} of them wrong" if result.findings else ""
    lines.append(f"golden events in {many(result.checked, 'file')}{wrong}")
    return "\n".join(lines) + "\n"
