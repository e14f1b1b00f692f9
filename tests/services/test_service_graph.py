"""The graph of services: waves, cycles with the fewest edges, drawings."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from pathlib import Path

import pytest

from schemareg.cli.graphviz import svg_of_dot
from schemareg.errors import ContentError, ExternalFailureError
from schemareg.places import Location
from schemareg.report.drawing import Drawing, draw
from schemareg.services.graph import Edge, EdgeKind, ServiceGraph, cycles, graph_of, waves
from schemareg.services.manifest_file import parse_manifest
from schemareg.workspace import Config


def graph(*pairs: str) -> ServiceGraph:
    """A graph of one-letter services: `ab` is an edge from a to b."""
    names = sorted({name for pair in pairs for name in pair})
    edges = [Edge(p[0], p[1], EdgeKind.CALL, "", "", False, Location(None)) for p in pairs]
    return ServiceGraph(tuple(names), tuple(edges))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (["ab", "bc"], ["a", "b", "c"]),
        (["ab", "ac", "bd", "cd"], ["a", "bc", "d"]),
        (["ab", "ba", "bc"], ["ab", "c"]),
        (["aa", "ab"], ["a", "b"]),
        (["ac", "bc", "cd", "ad"], ["ab", "c", "d"]),
    ],
)
def test_waves(pairs: list[str], expected: list[str]) -> None:
    assert ["".join(wave) for wave in waves(graph(*pairs))] == expected


@pytest.mark.parametrize(
    ("pairs", "services", "relaxed"),
    [
        (["ab", "ba"], "ab", 1),
        (["ab", "ab", "ba"], "ab", 1),  # the pair of one edge goes, not that of two
        (["ab", "bc", "ca", "ac"], "abc", 1),
        (["ab", "ba", "bc", "cb", "ca", "ac"], "abc", 3),
    ],
)
def test_fewest_edges_to_relax(pairs: list[str], services: str, relaxed: int) -> None:
    (cycle,) = cycles(graph(*pairs))
    assert ("".join(cycle.services), len(cycle.relax), cycle.is_fewest) == (services, relaxed, True)


def is_acyclic(pairs: Iterable[str]) -> bool:
    """Whether the standard library finds an order."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for pair in pairs:
        sorter.add(pair[1], pair[0])
    try:
        sorter.prepare()
    except CycleError:
        return False
    return True


def reached(pairs: Sequence[str], start: str) -> set[str]:
    found = {start}
    while more := {p[1] for p in pairs if p[0] in found} - found:
        found |= more
    return found


@pytest.mark.parametrize("seed", range(30))
def test_cycles_and_waves_are_those_of_the_standard_library(seed: int) -> None:
    chosen = random.Random(seed)
    pairs = sorted({"".join(chosen.sample("abcdef", 2)) for _ in range(9)})
    made = graph(*pairs)
    reach = {name: reached(pairs, name) for name in made.services}
    group = {
        a: min(b for b in made.services if b in reach[a] and a in reach[b]) for a in made.services
    }
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(group.values(), ()))
    for pair in pairs:
        if group[pair[0]] != group[pair[1]]:
            sorter.add(group[pair[1]], group[pair[0]])
    sorter.prepare()
    generations = []
    while ready := sorter.get_ready():
        generations.append(tuple(name for name in made.services if group[name] in ready))
        sorter.done(*ready)
    assert list(waves(made)) == generations
    relaxed = {(e.source, e.target) for cycle in cycles(made) for e in cycle.relax}
    assert is_acyclic(p for p in pairs if (p[0], p[1]) not in relaxed)
    assert len(relaxed) == next(
        count
        for count in range(len(pairs) + 1)
        if any(
            is_acyclic(p for p in pairs if p not in without)
            for without in combinations(pairs, count)
        )
    )


SHOP = """
[services.shop]
produces = [{ event = "shop.Placed", topic = "orders" }, { event = "shop.Lost", topic = "x" }]
[services.'a"b|c']
consumes = [{ event = "shop.Placed", topic = "orders", critical = true }]
calls = [{ service = "shop" }]
"""


def shop() -> ServiceGraph:
    read = parse_manifest(SHOP.encode(), Path("/p/services.toml"), Config(cwd=Path("/p")))
    return graph_of(read.manifest)


def test_graph_of_a_manifest() -> None:
    made = shop()
    assert [(e.source, e.target, e.kind, e.critical) for e in made.edges] == [
        ("shop", 'a"b|c', EdgeKind.EVENT, True),
        ("shop", 'a"b|c', EdgeKind.CALL, False),
    ]
    assert made.produced_only == (("shop", "shop.Lost", "x"),)
    assert [e.kind for e in made.critical().edges] == [EdgeKind.EVENT]


def drawn(drawing: Drawing) -> str:
    return draw(shop(), drawing, svg_of_dot=svg_of_dot)


def test_drawings_escape_names() -> None:
    assert drawn(Drawing.MERMAID).splitlines() == [
        "flowchart LR",
        '  s0["shop"]',
        '  s1["a#quot;b|c"]',
        '  e0(["Placed<br/>orders"])',
        '  e1(["Lost<br/>x"])',
        "  s0 --> e0",
        "  e0 ==> s1",
        "  s1 -.->|calls| s0",
        "  s0 --> e1",
    ]
    assert '  s1 [label="a\\"b|c"];' in drawn(Drawing.DOT).splitlines()


def program(folder: Path, text: str) -> None:
    """An executable dot in `folder`."""
    (folder / "dot").write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    (folder / "dot").chmod(0o755)


def test_svg_is_what_graphviz_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    program(tmp_path, 'echo "<svg $1>"; cat')
    assert drawn(Drawing.SVG) == f"<svg -Tsvg>\n{drawn(Drawing.DOT)}"
    program(tmp_path, 'echo "no memory" >&2; exit 1')
    with pytest.raises(ExternalFailureError, match="dot cannot draw the graph: no memory"):
        drawn(Drawing.SVG)


def test_svg_without_graphviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExternalFailureError, match="dot is not installed; install the package"):
        drawn(Drawing.SVG)


def test_edges_that_multiply_are_refused() -> None:
    produces = '[services.p{}]\nproduces = [{{ event = "a.E", topic = "t" }}]\n'
    consumes = '[[services.c{}.consumes]]\nevent = "a.E"\ntopic = "t"\n'
    text = "".join(p.format(i) for p in (produces, consumes) for i in range(800))
    manifest = parse_manifest(text.encode(), Path("services.toml"), Config(cwd=Path()))
    with pytest.raises(ContentError, match="more than 500,000 edges"):
        graph_of(manifest.manifest)
