"""How much a command read, judged and passed over: the sentence with which every format ends."""

from __future__ import annotations

from schemareg.report.text.findings import many
from schemareg.results import Result


def counted(result: Result) -> str:
    """`21 schema files read, 20 judged, 1 passed over`."""
    counts = result.counts()
    return (
        f"{many(counts.read, counts.unit)} read, {counts.judged} judged,"
        f" {counts.passed_over} passed over"
    )
