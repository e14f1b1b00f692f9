"""Which services a change affects, each with its chains."""

from __future__ import annotations

from schemareg.commands.impact import ImpactResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import counts, finding, many
from schemareg.services.impact import Affected, Chain, Link


def impact(result: ImpactResult, page: Page) -> str:
    """Every affected service with a chain (all of them with `explain`), then what is not."""
    lines: list[str] = []
    for affected in result.impact.affected:
        lines.append(page.paint(affected.service, "bold") + _how(affected))
        shown = affected.chains if result.explain else affected.chains[:1]
        lines += [page.wrap(_chain(chain), "      ", first="  ") for chain in shown]
        if len(affected.chains) > len(shown):
            more = many(len(affected.chains) - len(shown), "more chain")
            lines.append(f"  and {more}: add --explain")
    for service, event in result.impact.spared:
        text = f"{service} is not affected: it uses nothing of {_short(event)} that changed"
        lines.append(page.wrap(text, "  ", first=""))
    for path in result.impact.unowned:
        lines.append(page.wrap(f"no service owns {path}", "  ", first=""))
    lines += [finding(f, page) for f in result.findings]
    report = result.impact
    summary = f"{many(len(report.affected), 'service')} affected by"
    summary += (
        f" {many(report.files, 'changed file')} and {many(len(report.events), 'changed event')}"
    )
    summary += f", compared with {line(result.base)}"
    found = counts(result.findings)
    lines.append(page.wrap(f"{summary}{f'; {found}' if found else ''}", "  ", first=""))
    return "\n".join(lines) + "\n"


def _how(affected: Affected) -> str:
    return "" if affected.is_direct else " (through requests)"


def _chain(chain: Chain) -> str:
    return " -> ".join(map(_link, chain))


def _link(link: Link) -> str:
    match link.kind:
        case "file":
            return link.name
        case "shared-file":
            return f"{link.name}, which every service is built from"
        case "event":
            return f"{_short(link.name)}: {link.what}"
        case "field":
            return f"uses {link.name}: {link.what}"
        case "produces":
            return "produces it"
        case "consumes":
            return f"consumes it{f' ({link.what})' if link.what else ''}"
        case "reader":
            return link.what
        case "call":
            return f"{link.name}, which it calls"
        case "removed":
            return f"{link.name} {link.what}"


def _short(event: str) -> str:
    return event.partition("@")[0].rpartition(".")[2]
