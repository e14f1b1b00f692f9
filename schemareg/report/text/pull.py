"""What changed in the snapshot."""

from __future__ import annotations

from schemareg.commands.pull import PullResult
from schemareg.report.page import Page
from schemareg.report.text.findings import many


def pull(result: PullResult, page: Page) -> str:
    """A line a changed file, then how many."""
    told = f"{many(len(result.changed), 'file')} changed in {result.snapshot}"
    return "\n".join([*result.changed, f"{told}, now as {result.base}"]) + "\n"
