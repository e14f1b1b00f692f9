"""Whether a version may be deployed, as a table of pairs."""

from __future__ import annotations

from schemareg.commands.can_i_deploy import CanIDeployResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import many
from schemareg.services.deployments import Row, Verdict

_WORDS = {Verdict.YES: "yes", Verdict.NO: "no", Verdict.UNKNOWN: "unknown"}


def can_i_deploy(result: CanIDeployResult, page: Page) -> str:
    """The pairs, what is wrong or missing in each, and the answer."""
    shown = [*result.rows, *result.ignored]
    table: list[tuple[str, ...]] = [("consumer", "producer", "event", "there since", "reads")]
    table += [
        (
            row.consumer,
            row.producer,
            row.event.rpartition(".")[2],
            row.since[:10],
            _verdict(row, result),
        )
        for row in shown
    ]
    lines = [page.table(table, "")] if shown else []
    for row in result.rows:
        if row.why:
            lines.append(page.wrap(row.why, "    ", first="  - "))
            lines.append(page.wrap(f"do: {row.advice}", "    "))
    name = line(f"{result.service}@{result.version}")
    counted = many(len(result.rows), "pair") if result.rows else "nothing there uses it or is used"
    answer = {
        Verdict.YES: f"yes: {name} can be deployed to {line(result.environment)}",
        Verdict.NO: f"no: {name} cannot be deployed to {line(result.environment)}",
        Verdict.UNKNOWN: f"unknown whether {name} can be deployed to {line(result.environment)}",
    }[result.deployable]
    ignored = f", {len(result.ignored)} ignored" if result.ignored else ""
    lines.append(page.wrap(f"{answer}: {counted}{ignored}", "  ", first=""))
    return "\n".join(lines) + "\n"


def _verdict(row: Row, result: CanIDeployResult) -> str:
    return _WORDS[row.verdict] + (" (ignored)" if row in result.ignored else "")
