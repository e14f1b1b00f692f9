"""The graph of services, wave by wave."""

from __future__ import annotations

from schemareg.commands.graph import GraphResult
from schemareg.report.page import Page
from schemareg.report.text.findings import counts, finding, many
from schemareg.services.graph import Cycle, Edge, EdgeKind


def graph(result: GraphResult, page: Page) -> str:
    """Each service with what it depends on, then the cycles and the findings."""
    lines: list[str] = []
    into: dict[str, list[Edge]] = {}
    for edge in result.graph.edges:
        into.setdefault(edge.target, []).append(edge)
    for number, wave in enumerate(result.waves):
        lines.append(page.paint(f"wave {number}", "bold"))
        for service in wave:
            lines.append(f"  {page.paint(service, 'bold')}")
            lines += [_edge(e, page) for e in into.get(service, ())]
    lines += [line for cycle in result.cycles for line in _cycle(cycle, page)]
    for service, event, topic in result.graph.produced_only:
        lines.append(page.wrap(f"nobody consumes {_short(event)} on {topic} ({service})", "  "))
    lines += [finding(f, page) for f in result.findings]
    summary = f"{many(len(result.graph.services), 'service')}, "
    summary += f"{many(len(result.graph.edges), 'edge')}, {many(len(result.cycles), 'cycle')}"
    found = counts(result.findings)
    lines.append(f"{found}: {summary}" if found else summary)
    return "\n".join(lines) + "\n"


def _short(event: str) -> str:
    return event.rpartition(".")[2]


def _edge(edge: Edge, page: Page) -> str:
    mark = ", critical" if edge.critical else ""
    return page.wrap(f"{_words(edge)}{mark}", "        ", first="    <- ")


def _words(edge: Edge) -> str:
    match edge.kind:
        case EdgeKind.EVENT:
            return f"{edge.source}: {_short(edge.via)} on {edge.topic}"
        case EdgeKind.CALL:
            return f"{edge.source}: requests"
        case EdgeKind.CONFIGURATION:
            return f"{edge.source}: configuration{f' ({edge.via})' if edge.via else ''}"


def _cycle(cycle: Cycle, page: Page) -> list[str]:
    least = "the fewest edges to relax" if cycle.is_fewest else "edges to relax, perhaps not fewest"
    lines = [page.wrap(f"cycle: {', '.join(cycle.services)}; {least}:", "  ", first="")]
    lines += [
        page.wrap(f"{e.target} depends on {_words(e)}", "      ", first="  - ") for e in cycle.relax
    ]
    return lines
