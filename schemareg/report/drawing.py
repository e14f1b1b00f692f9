"""A graph of services as a drawing: Mermaid for Markdown pages, DOT, SVG from it.

Source: mermaid.js.org, "Flowcharts"; graphviz.org, "DOT Language".
"""

from __future__ import annotations

import html
from collections.abc import Callable
from enum import StrEnum

from schemareg.report.escape import Safe, plain_line, terminal
from schemareg.services.graph import EdgeKind, ServiceGraph


class Drawing(StrEnum):
    """A language for drawings."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


def draw(graph: ServiceGraph, drawing: Drawing, *, svg_of_dot: Callable[[str], str]) -> Safe:
    """`graph` in the language `drawing`: services as boxes, events as rounded nodes."""
    match drawing:
        case Drawing.MERMAID:
            return terminal(_mermaid(graph))
        case Drawing.DOT:
            return terminal(_dot(graph))
        case Drawing.SVG:
            return terminal(svg_of_dot(_dot(graph)))


Ends = list[tuple[str, str, str, bool]]


def _parts(graph: ServiceGraph) -> tuple[dict[str, str], dict[tuple[str, str], str], Ends]:
    """Ids of services and of (event, topic), and edges between ids with text and weight."""
    services = {name: f"s{i}" for i, name in enumerate(graph.services)}
    carried = [(e.via, e.topic) for e in graph.edges if e.kind is EdgeKind.EVENT]
    carried += [(event, topic) for _, event, topic in graph.produced_only]
    events = {key: f"e{i}" for i, key in enumerate(dict.fromkeys(carried))}
    edges: dict[tuple[str, str, str], bool] = {}
    for edge in graph.edges:
        if edge.kind is EdgeKind.EVENT:
            node = events[edge.via, edge.topic]
            edges.setdefault((services[edge.source], node, ""), False)
            reads = (node, services[edge.target], "")
            edges[reads] = edges.get(reads, False) or edge.critical
        else:
            text = "calls" if edge.kind is EdgeKind.CALL else "reads configuration of"
            edges[services[edge.target], services[edge.source], text] = edge.critical
    for name, event, topic in graph.produced_only:
        edges.setdefault((services[name], events[event, topic], ""), False)
    return services, events, [(*ends, heavy) for ends, heavy in edges.items()]


def _mermaid(graph: ServiceGraph) -> str:
    services, events, edges = _parts(graph)
    lines = ["flowchart LR"]
    lines += [f'  {id}["{_entity(name)}"]' for name, id in services.items()]
    lines += [
        f'  {id}(["{_entity(event.rpartition(".")[2])}<br/>{_entity(topic)}"])'
        for (event, topic), id in events.items()
    ]
    for start, end, text, heavy in edges:
        arrow = "==>" if heavy else "-.->" if text else "-->"
        label = f"|{text}|" if text else ""
        lines.append(f"  {start} {arrow}{label} {end}")
    return "\n".join(lines) + "\n"


def _entity(text: str) -> str:
    """Text inside quotes; Mermaid reads HTML's entities, and nothing else is markup there."""
    escaped = html.escape(plain_line(text)).replace("#", "&#35;").replace("`", "&#96;")
    return escaped.replace("&", "#")  # Mermaid's own spelling of an entity


def _dot(graph: ServiceGraph) -> str:
    services, events, edges = _parts(graph)
    lines = ["digraph services {", "  ranksep=0.35; nodesep=0.2;", "  node [shape=box];"]
    lines += [f"  {id} [label={_quoted(name)}];" for name, id in services.items()]
    lines += [
        f"  {id} [shape=oval label={_quoted(event.rpartition('.')[2], topic)}];"
        for (event, topic), id in events.items()
    ]
    for start, end, text, heavy in edges:
        marks = [f"label={_quoted(text)} style=dashed"] if text else []
        marks += ["penwidth=2"] if heavy else []
        shown = f" [{' '.join(marks)}]" if marks else ""
        lines.append(f"  {start} -> {end}{shown};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(*lines: str) -> str:
    parts = [plain_line(t).replace("\\", "\\\\").replace('"', '\\"') for t in lines]
    return '"' + "\\n".join(parts) + '"'
