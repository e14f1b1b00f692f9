"""What is wrong with golden events, or which were written."""

from __future__ import annotations

from schemareg.fixtures import FixturesOutcome
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def fixtures(outcome: FixturesOutcome, page: Page) -> str:
    """Every finding with its way out, or a line for every file that changed; then a sum."""
    lines = [finding(told, page) for told in outcome.findings]
    lines += [f"wrote   {path}" for path in outcome.written]
    lines += [f"removed {path}" for path in outcome.removed]
    wrong = f", {len(outcome.findings)} of them wrong" if outcome.findings else ""
    lines.append(f"golden events in {many(outcome.checked, 'file')}{wrong}")
    return "\n".join(lines) + "\n"
