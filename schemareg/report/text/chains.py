"""What traces show of the platform, beside what the manifest declares."""

from __future__ import annotations

from schemareg.commands.chains import ChainsResult
from schemareg.report.page import Page
from schemareg.report.text.findings import counts, finding, many
from schemareg.services.flows import UnseenEdge


def chains(result: ChainsResult, page: Page) -> str:
    """A row for each edge, the findings, and how many runs of chains there were."""
    table: list[tuple[str, ...]] = [("edge", "topic", "traces", "declared", "joined by")]
    table += [
        (f"{e.source} → {e.target}", e.topic, str(e.count), _yes(e.is_declared), ", ".join(e.joins))
        for e in result.seen
    ]
    table += [
        (f"{e.source} → {e.target}", e.topic, "none", "yes", _traffic(e)) for e in result.unseen
    ]
    lines = [page.table(table, "")]
    lines += [finding(each, page) for each in result.findings]
    is_open = sum(flow.is_open for flow in result.flows)
    faulty = sum(bool(flow.faults) for flow in result.flows)
    found = counts(result.findings)
    text = f"{f'{found}: ' if found else ''}{many(result.messages, 'message')}, of"
    text += f" {result.unjoined} the sender is not in the traces;"
    text += f" {many(len(result.flows), 'run')} of chains, {is_open} open, {faulty} faulty"
    return "\n".join([*lines, page.wrap(text, "  ", first="")]) + "\n"


def _traffic(edge: UnseenEdge) -> str:
    kept = "sampling not recorded" if edge.sampled is None else f"{edge.sampled:.3g} of traces kept"
    return f"{edge.sent} sent by {edge.source}, {kept}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
