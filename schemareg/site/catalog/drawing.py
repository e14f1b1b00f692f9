"""Who depends on whom, as a drawing: columns of services, a curve for each dependency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from schemareg.lazy_dataclass import dataclass
from schemareg.services.graph import ServiceGraph, waves

if TYPE_CHECKING:
    from markupsafe import Markup

    from schemareg.site.catalog.links import FileLinks

_WIDTH, _HEIGHT, _ACROSS, _DOWN, _EDGE = 150, 34, 230, 52, 20
ONE_DRAWING_MAX = 30
"""Services that one drawing shows; more are drawn by team."""
_ROWS_MAX = 16
"""Boxes below each other; services that all need each other would be one column."""
_PASSES = 4
_BOW = 40
_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>'
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with its heading and the address on its page; both "" where it is the only one."""

    heading: str
    anchor: str
    svg: Markup


def figures(graph: ServiceGraph, owners: Mapping[str, str], links: FileLinks) -> list[Figure]:
    """The graph in one drawing; of many services one of the teams, and one of each team.

    `owners` has the team of each service. A team's drawing has its services and their neighbours.
    """
    teams = sorted({owners.get(name) or name for name in graph.services})
    if len(graph.services) <= ONE_DRAWING_MAX or not 1 < len(teams) < len(graph.services):
        return [Figure("", "", drawing(graph, links.service))]
    anchors = {team: f"team-{number}" for number, team in enumerate(teams, start=1)}
    of = {name: owners.get(name) or name for name in graph.services}
    between = {
        (of[e.source], of[e.target]): replace(e, source=of[e.source], target=of[e.target])
        for e in graph.edges
        if of[e.source] != of[e.target]
    }
    whole = ServiceGraph(tuple(teams), tuple(between[pair] for pair in sorted(between)))
    found = [Figure("Teams", "teams", drawing(whole, lambda team: f"#{anchors[team]}"))]
    for team in teams:
        edges = tuple(e for e in graph.edges if team in (of[e.source], of[e.target]))
        ends = {name for e in edges for name in (e.source, e.target)}
        near = tuple(name for name in graph.services if of[name] == team or name in ends)
        found.append(Figure(team, anchors[team], drawing(ServiceGraph(near, edges), links.service)))
    return found


def drawing(graph: ServiceGraph, address: Callable[[str], str]) -> Markup:
    """The graph as SVG, whose boxes are links; providers are to the left of who needs them."""
    from markupsafe import Markup, escape

    columns = _columns(graph)
    places = {
        name: (_EDGE + x * _ACROSS, _EDGE + y * _DOWN)
        for x, column in enumerate(columns)
        for y, name in enumerate(column)
    }
    rise = (max(map(len, columns), default=1) - 1) * _DOWN
    width = 2 * _EDGE + (len(columns) - 1) * _ACROSS + _WIDTH + _BOW + rise // 8
    height = 2 * _EDGE + rise + _HEIGHT
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="group" aria-label="Dependencies between services">{_ARROW}'
    ]
    pairs: dict[tuple[str, str], list[str]] = {}
    for edge in graph.edges:
        pairs.setdefault((edge.source, edge.target), []).append(edge.via)
    for (source, target), via in sorted(pairs.items()):
        if source != target:
            title = escape(f"{source} to {target}: {', '.join(dict.fromkeys(via))}")
            curve = _curve(places[source], places[target])
            shapes.append(
                f'<path class="edge" data-source="{escape(source)}" data-target="{escape(target)}"'
                f' marker-end="url(#arrow)" d="{curve}">'
                f"<title>{title}</title></path>"
            )
    for name, (x, y) in places.items():
        shapes.append(
            f'<a href="{escape(address(name))}" data-name="{escape(name)}">'
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
            f'<text x="{x + _WIDTH / 2:g}" y="{y + 22}">'
            f"{escape(_short(name))}</text></a>"
        )
    return Markup("".join(shapes) + "</svg>")


def _columns(graph: ServiceGraph) -> list[list[str]]:
    """The waves of the graph, each sorted so that curves cross seldom."""
    columns = [list(wave) for wave in waves(graph)]
    near: dict[str, list[str]] = {name: [] for name in graph.services}
    for edge in graph.edges:
        near[edge.source].append(edge.target)
        near[edge.target].append(edge.source)
    for step in range(_PASSES):
        rows = {name: y for column in columns for y, name in enumerate(column)}
        for column in columns if step % 2 else reversed(columns):
            column.sort(key=lambda name: (_mean(near[name], rows, rows[name]), name))
            rows.update((name, y) for y, name in enumerate(column))
    return [part for column in columns for part in _wrapped(column)]


def _wrapped(column: list[str]) -> list[list[str]]:
    """`column` in as few columns of about equal height as hold it, none higher than a screen."""
    count = -(-len(column) // _ROWS_MAX)
    height = -(-len(column) // count) if count else 1
    return [column[start : start + height] for start in range(0, len(column), height)]


def _mean(names: Sequence[str], rows: Mapping[str, int], otherwise: float) -> float:
    return sum(rows[name] for name in names) / len(names) if names else otherwise


def _curve(source: tuple[int, int], target: tuple[int, int]) -> str:
    """From the right side of a box to the left side of another; in a bow where it is not behind."""
    x1, y1 = source[0] + _WIDTH, source[1] + _HEIGHT // 2
    x2, y2 = target[0], target[1] + _HEIGHT // 2
    if x2 > x1:
        middle = (x1 + x2) // 2
        return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
    x2 += _WIDTH
    bow = max(x1, x2) + _BOW + abs(y2 - y1) // 8
    return f"M{x1} {y1 + 5}C{bow} {y1 + 5} {bow} {y2 - 5} {x2} {y2 - 5}"


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"
