"""What changed in the snapshot."""

from __future__ import annotations

from schemareg.jobs.pull import PullOutcome
from schemareg.report.page import Page
from schemareg.report.text.findings import many


def pull(outcome: PullOutcome, page: Page) -> str:
    """A line a changed file, then how many."""
    told = f"{many(len(outcome.changed), 'file')} changed in {outcome.snapshot}"
    return "\n".join([*outcome.changed, f"{told}, now as {outcome.base}"]) + "\n"
