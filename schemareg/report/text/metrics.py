"""Numbers per commit as a table."""

from __future__ import annotations

from schemareg.commands.metrics import MetricsResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import many

_HEADING = ("day", "commit", "subjects", "types", "fields", "documented", "owned", "lint")


def metrics(result: MetricsResult, page: Page) -> str:
    """A line for each commit, oldest first, and how many there are."""
    rows: list[tuple[str, ...]] = [_HEADING]
    for n in result.numbers:
        documented = f"{100 * n.documented_fields // n.fields} %" if n.fields else "-"
        counts = (n.subjects, n.types, n.fields)
        findings = sum(n.findings.values())
        rows.append(
            (line(n.at[:10]), line(n.commit[:8]), *map(str, counts), documented,
             str(n.owned_subjects), str(findings))
        )  # fmt: skip
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADING))]
    lines = [
        "  ".join(
            text.ljust(width) if i < 2 else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    shown, whole = len(result.numbers), result.commits
    summary = f"{many(shown, 'commit')} of {whole} that changed a schema or the settings"
    return (
        "\n".join(lines if shown else [])
        + ("\n" if shown else "")
        + page.wrap(summary, "", first="")
        + "\n"
    )
