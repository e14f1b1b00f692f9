"""What the catalog shows of services: whom a change breaks, contracts, deployments, drawings."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from schemareg.places import Location
from schemareg.services.graph import Edge, EdgeKind, ServiceGraph
from schemareg.site.catalog.drawing import figures
from schemareg.site.catalog.links import Addresses, FileLinks
from tests.cli.conftest import Schemareg

SERVICES = """\
[environments.production]
[services.shop]
owner = "sales"
paths = ["shop/**"]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.reports]
paths = ["reports/**"]
[[services.reports.consumes]]
event = "shop.Placed"
topic = "orders"
fields = ["id"]
"""
RECORDS = [
    {"kind": "version", "service": "shop", "version": "1a", "writes": {"orders-value": 1}},
    {
        "kind": "deployed", "service": "shop", "version": "1a", "environment": "production",
        "at": "2026-01-02T03:04:05Z",
    },
]  # fmt: skip


def text(kind: str) -> str:
    fields = [{"name": "id", "type": kind, "doc": "Which."}]
    return json.dumps({"type": "record", "name": "shop.Placed", "doc": "An.", "fields": fields})


@pytest.fixture
def site(schemareg: Schemareg, here: Path) -> Path:
    folder = here / "registered/orders-value"
    folder.mkdir(parents=True)
    (folder / "v1.avsc").write_text(text("string"))
    row = {"subject": "orders-value", "versions": [{"version": 1, "id": 1}]}
    (folder / "subject.json").write_text(json.dumps(row))
    (here / "schemas").mkdir()
    (here / "schemas/Placed.avsc").write_text(text("long"))
    (here / "schemareg.toml").write_text(
        'roots = ["schemas"]\nsnapshot = "registered"\n[topics.orders]\nevents = ["shop.Placed"]\n'
    )
    (here / "services.toml").write_text(SERVICES)
    (here / "deployments.json").write_text(json.dumps({"format_version": 1, "records": RECORDS}))
    answer = schemareg("catalog", "build")
    assert answer.code == 0, answer.err
    return here / "site"


def words(page: Path) -> str:
    return " ".join(re.sub(r"<wbr>|<[^>]*>", lambda m: "" if m[0] == "<wbr>" else " ",
                           page.read_text()).split())  # fmt: skip


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("subjects/orders-value/v1-v2.html", "Who breaks reports while it reads with version 1:"),
        ("subjects/orders-value/v1-v2.html", "An event of version 2 that is refused proved:"),
        ("subjects/orders-value/v1-v2.html", "bytes: 02 "),
        ("services/reports.html", "broken needs id; checked with v1, proposed"),
        ("services/shop.html", "production 1a 2026-01-02T03:04:05Z"),
        ("order.html", "Not deployable in one step shop.Placed and its reader reports"),
        ("index.html", "Subjects with a contract 100 % 1 of 1"),
    ],
)
def test_pages_show_who_is_concerned(site: Path, page: str, shown: str) -> None:
    assert shown in words(site / page)


def test_many_services_are_drawn_by_team() -> None:
    names = [f"s{number:02}" for number in range(40)]
    owners = {name: f"team {number % 4}" for number, name in enumerate(names)}
    edges = tuple(
        Edge(a, b, EdgeKind.CALL, "call", "", False, Location("services.toml"))
        for a, b in pairwise(names)
    )
    at = Addresses.of(subjects={}, types=[], topics=[], services=names)
    links = FileLinks("services/index.html", at)
    drawn = figures(ServiceGraph(tuple(names), edges), owners, links)
    assert [one.heading for one in drawn] == ["Teams", "team 0", "team 1", "team 2", "team 3"]
    assert drawn[0].svg.count("<rect") == 4
    assert 'href="#team-2"' in drawn[0].svg
    assert 'href="../services/s01.html"' in drawn[2].svg
    few = figures(ServiceGraph(tuple(names[:30]), ()), owners, links)
    assert [one.heading for one in few] == [""]


def test_services_that_all_need_each_other_are_wrapped_into_columns() -> None:
    names = [f"s{number:03}" for number in range(101)]
    ends = [*pairwise(names), (names[-1], names[0])]
    edges = tuple(
        Edge(a, b, EdgeKind.CALL, "call", "", False, Location("services.toml")) for a, b in ends
    )
    at = Addresses.of(subjects={}, types=[], topics=[], services=names)
    links = FileLinks("services/index.html", at)
    [drawn] = figures(ServiceGraph(tuple(names), edges), {}, links)
    boxes = [tuple(map(int, box)) for box in re.findall(r'<rect x="(\d+)" y="(\d+)"', drawn.svg)]
    columns = {x: [y for at, y in boxes if at == x] for x, _ in boxes}
    assert [len(columns[x]) for x in sorted(columns)] == [15, 15, 15, 15, 15, 15, 11]
    assert len(set(boxes)) == 101
    width = int(re.findall(r'width="(\d+)" height', drawn.svg)[0])
    curves = re.findall(r' d="M\d+ \d+C(\d+) \d+ (\d+) \d+ (\d+)', drawn.svg)
    assert len(curves) == 101
    assert max(int(x) for curve in curves for x in curve) <= width
