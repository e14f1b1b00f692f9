"""What consumers rely on, what of it fails, and how much is covered."""

from __future__ import annotations

from schemareg.commands.contracts import ContractsResult, ServiceContracts
from schemareg.report.page import Page
from schemareg.report.text.findings import counts, finding, many


def contracts(result: ContractsResult, page: Page) -> str:
    """A row for each event, the unused fields on a verbose page, what fails, the coverage."""
    lines: list[str] = []
    table: list[tuple[str, ...]] = [
        ("event", "topic", "consumers", "contracts", "fields used", "branches used")
    ]
    table += [
        (
            usage.event.rpartition(".")[2],
            usage.topic,
            str(usage.consumers),
            str(usage.contracts),
            f"{usage.used} of {usage.fields}",
            f"{usage.branches_used} of {usage.branches}" if usage.branches else "",
        )
        for usage in result.events
    ]
    if not any(usage.branches for usage in result.events):
        table = [row[:-1] for row in table]
    lines.append(page.table(table, ""))
    if page.verbose:
        lines += [
            page.wrap(f"nobody uses of {u.event}: {', '.join(u.unused)}", "  ", first="")
            for u in result.events
            if u.unused
        ]
        lines += [
            page.wrap(
                f"nobody uses of {u.event} in unions: {', '.join(u.branches_unused)}",
                "  ",
                first="",
            )
            for u in result.events
            if u.branches_unused
        ]
    alone = [u.event.rpartition(".")[2] for u in result.events if not u.consumers]
    if alone:
        lines.append(page.wrap(f"nobody consumes {', '.join(alone)}", "  ", first=""))
    lines += [
        page.wrap(
            f"{s.service}: contracts for {s.contracts} of {s.consumes} events", "  ", first=""
        )
        for s in result.services
        if s.contracts < s.consumes
    ]
    if page.verbose:
        lines += [page.wrap(_uses(s), "  ", first="") for s in result.services]
    lines += [finding(f, page) for f in result.findings]
    broken = sum(bool(row.breaches) for row in result.rows)
    summary = f"{many(len(result.rows), 'contract')}, {broken} broken; {result.coverage:g} % of the"
    summary += f" consumers have one, which use {result.field_coverage:g} % of the fields"
    if any(usage.branches for usage in result.events):
        summary += f" and {result.branch_coverage:g} % of the branches of unions"
    found = counts(result.findings)
    lines.append(page.wrap(f"{f'{found}: ' if found else ''}{summary}", "  ", first=""))
    return "\n".join(lines) + "\n"


def _uses(each: ServiceContracts) -> str:
    branches = f" and {each.branches_used} of {each.branches} branches" if each.branches else ""
    return (
        f"{each.service} uses {each.fields_used} of {each.fields} fields{branches} of the events"
        " that it consumes"
    )
