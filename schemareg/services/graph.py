"""The graph of services: who depends on whom, its cycles, and its waves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from schemareg.errors import ContentError
from schemareg.graphs import components
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.places import Location
from schemareg.services.manifest import Manifest

MOST_EXACT_SERVICES = 40
MOST_STEPS = 20_000


class EdgeKind(StrEnum):
    """Why the target of an edge depends on its source."""

    EVENT = "event"
    """The target consumes an event that the source produces."""
    CALL = "call"
    """The target sends requests to the source."""
    CONFIGURATION = "configuration"
    """The target reads configuration of the source."""


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` depends on `source`; `via` is the event (with `topic`), or what is configured."""

    source: str
    target: str
    kind: EdgeKind
    via: str
    topic: str
    critical: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Cycle:
    """Services that depend on each other.

    Without the edges `relax` none of them does; `is_fewest` when no smaller set is enough.
    """

    services: tuple[str, ...]
    relax: tuple[Edge, ...]
    is_fewest: bool


@dataclass(frozen=True, slots=True)
class ServiceGraph:
    """Services, their edges, and events with only one end (full name and topic)."""

    services: tuple[str, ...]
    edges: tuple[Edge, ...]
    produced_only: tuple[tuple[str, str, str], ...] = ()
    """Service, event and topic where nobody consumes."""

    def around(self, service: str) -> ServiceGraph:
        """`service` with everything that it depends on or that depends on it directly."""
        edges = tuple(e for e in self.edges if service in (e.source, e.target))
        near = {service, *(e.source for e in edges), *(e.target for e in edges)}
        kept = tuple(name for name in self.services if name in near)
        alone = tuple(p for p in self.produced_only if p[0] == service)
        return ServiceGraph(kept, edges, alone)

    def critical(self) -> ServiceGraph:
        """Only the critical edges, with the services at their ends."""
        edges = tuple(e for e in self.edges if e.critical)
        ends = {e.source for e in edges} | {e.target for e in edges}
        return ServiceGraph(tuple(n for n in self.services if n in ends), edges)


def graph_of(manifest: Manifest) -> ServiceGraph:
    """The graph of all services of `manifest`; edges to services that it lacks are left out."""
    known = manifest.services
    consumers = manifest.consumers()
    edges: list[Edge] = []
    alone: list[tuple[str, str, str]] = []
    for name, service in known.items():
        for produces in service.produces:
            readers = consumers.get((produces.event, produces.topic), ())
            edges += [
                Edge(name, c.service, EdgeKind.EVENT, c.event, c.topic, c.critical, c.location)
                for c in readers
            ]
            if not readers:
                alone.append((name, produces.event, produces.topic))
            if len(edges) > LIMITS.graph_edges:
                raise ContentError(
                    f"the graph of the services has more than {LIMITS.graph_edges:,} edges",
                    location=produces.location,
                    advice="an event has too many producers and consumers: give each its topic",
                )
        edges += [
            Edge(c.provider, name, EdgeKind.CALL, "", "", c.critical, c.location)
            for c in service.calls
            if c.provider in known
        ]
        edges += [
            Edge(c.owner, name, EdgeKind.CONFIGURATION, c.what, "", False, c.location)
            for c in service.configured_by
            if c.owner in known
        ]
    return ServiceGraph(tuple(known), tuple(edges), tuple(alone))


def waves_of(
    names: Iterable[str], pairs: Iterable[tuple[str, str]]
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    """The topological generations of `names`, and the strongly connected sets among them.

    A pair is (before, after). A strongly connected set is in one wave as a whole; sets of one
    name that depends on itself are not in the second part.
    """
    order = {name: name for name in names}
    followers: dict[str, dict[str, None]] = {name: {} for name in order}
    for before, after in pairs:
        followers[order[before]][order[after]] = None
    groups = list(components(order.values(), lambda name: followers[name]))
    groups.reverse()  # components come with the followers first
    group_of = {name: i for i, group in enumerate(groups) for name in group}
    depth = [0] * len(groups)
    for i, group in enumerate(groups):
        for name in group:
            for after in followers[name]:
                j = group_of[after]
                if j != i and depth[j] <= depth[i]:
                    depth[j] = depth[i] + 1
    found: list[list[str]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for name in order:
        found[depth[group_of[name]]].append(name)
    position = {name: i for i, name in enumerate(order)}
    cycles = tuple(
        tuple(sorted(group, key=position.__getitem__)) for group in groups if len(group) > 1
    )
    return tuple(map(tuple, found)), cycles


def waves_and_cycles(
    graph: ServiceGraph,
) -> tuple[tuple[tuple[str, ...], ...], tuple[Cycle, ...]]:
    """The services in waves, each after all that it depends on, and the cycles of `cycles`.

    A cycle is in one wave.
    """
    found, sets = waves_of(graph.services, ((e.source, e.target) for e in graph.edges))
    return found, tuple(_cycles(graph, sets)) if sets else ()


def waves(graph: ServiceGraph) -> tuple[tuple[str, ...], ...]:
    """The services in waves, as `waves_and_cycles` has them."""
    return waves_and_cycles(graph)[0]


def cycles(graph: ServiceGraph) -> tuple[Cycle, ...]:
    """Every set of services that depend on each other, with the edges that would part them."""
    return waves_and_cycles(graph)[1]


def _cycles(graph: ServiceGraph, sets: tuple[tuple[str, ...], ...]) -> Iterator[Cycle]:
    member = {name: i for i, group in enumerate(sets) for name in group}
    inside: list[dict[tuple[str, str], list[Edge]]] = [{} for _ in sets]
    for edge in graph.edges:
        at = member.get(edge.source)
        if at is not None and at == member.get(edge.target) and edge.source != edge.target:
            inside[at].setdefault((edge.source, edge.target), []).append(edge)
    for group, pairs in zip(sets, inside, strict=True):
        relaxed, is_fewest = _fewest({pair: len(edges) for pair, edges in pairs.items()}, group)
        yield Cycle(group, tuple(e for pair in relaxed for e in pairs[pair]), is_fewest)


Pair = tuple[str, str]


def _fewest(weights: Mapping[Pair, int], group: tuple[str, ...]) -> tuple[list[Pair], bool]:
    """Pairs of the least weight without which no cycle is left, and whether it is the least.

    Exact by iterative deepening: one pair of every cycle must go, so the pairs of a shortest
    cycle are tried. Large sets take the pairs that point backwards in an order of Eades, Lin and
    Smyth, "A fast and effective heuristic for the feedback arc set problem", 1993.
    """
    if len(group) <= MOST_EXACT_SERVICES:
        steps = [MOST_STEPS]
        for budget in range(1, sum(weights.values()) + 1):
            found = _relaxed(dict(weights), budget, steps)
            if found is not None:
                return found, True
            if steps[0] <= 0:
                break
    position = {name: i for i, name in enumerate(_ordered(weights, group))}
    return [p for p in weights if position[p[0]] > position[p[1]]], False


def _relaxed(weights: dict[Pair, int], budget: int, steps: list[int]) -> list[Pair] | None:
    cycle = _shortest_cycle(weights)
    if cycle is None:
        return []
    steps[0] -= 1
    for pair in cycle:
        weight = weights[pair]
        if weight > budget or steps[0] <= 0:
            continue
        rest = {p: w for p, w in weights.items() if p != pair}
        found = _relaxed(rest, budget - weight, steps)
        if found is not None:
            return [pair, *found]
    return None


def _shortest_cycle(pairs: Iterable[Pair]) -> list[Pair] | None:
    followers: dict[str, list[str]] = {}
    for before, after in pairs:
        followers.setdefault(before, []).append(after)
    best: list[Pair] | None = None
    for start in followers:
        came: dict[str, str] = {}
        waiting = deque([start])
        while waiting and start not in came:
            name = waiting.popleft()
            for after in followers.get(name, ()):
                if after not in came:
                    came[after] = name
                    waiting.append(after)
        if start in came:
            cycle = [(came[start], start)]
            while cycle[-1][0] != start:
                cycle.append((came[cycle[-1][0]], cycle[-1][0]))
            if best is None or len(cycle) < len(best):
                best = cycle
    return best


def _ordered(weights: Mapping[Pair, int], group: tuple[str, ...]) -> list[str]:
    """An order in which little weight points backwards."""
    surplus = dict.fromkeys(group, 0)
    after: dict[str, list[Pair]] = {name: [] for name in group}
    before: dict[str, list[Pair]] = {name: [] for name in group}
    for pair, weight in weights.items():
        surplus[pair[0]] += weight
        surplus[pair[1]] -= weight
        after[pair[0]].append(pair)
        before[pair[1]].append(pair)
    order: list[str] = []
    while surplus:
        name = max(surplus, key=surplus.__getitem__)
        del surplus[name]
        order.append(name)
        for pair in after[name]:
            if pair[1] in surplus:
                surplus[pair[1]] += weights[pair]
        for pair in before[name]:
            if pair[0] in surplus:
                surplus[pair[0]] -= weights[pair]
    return order
