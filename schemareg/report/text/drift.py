"""The differences between a registry and the files."""

from __future__ import annotations

from schemareg.commands.drift import DriftResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import counts, finding, many


def drift(result: DriftResult, page: Page) -> str:
    """Every difference, then how many there are."""
    lines = [finding(difference, page) for difference in result.annotations()]
    found = counts(result.findings) or page.paint("no drift", "green")
    lines.append(
        f"{found}: {many(len(result.subjects), 'subject')} compared with {line(result.registry)}"
    )
    return "\n".join(lines) + "\n"
