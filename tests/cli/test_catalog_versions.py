"""Subjects of many versions in the catalog: which pairs have pages, and what shows the others."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schemareg.site.catalog.links import Addresses
from schemareg.site.catalog.side_by_side import compared
from tests.cli.conftest import Schemareg


@pytest.mark.parametrize(
    ("versions", "pairs"),
    [
        ([], ()),
        ([1], ()),
        ([1, 3], ((1, 3),)),
        ([1, 2, 4], ((1, 2), (1, 4), (2, 4))),
        (
            [1, 2, 3, 4, 5, 6, 8],
            (
                (1, 2),
                (2, 3),
                (3, 4),
                (4, 5),
                (5, 6),
                (1, 8),
                (2, 8),
                (3, 8),
                (4, 8),
                (5, 8),
                (6, 8),
            ),
        ),
    ],
)
def test_pairs_that_have_a_page(versions: list[int], pairs: tuple[tuple[int, int], ...]) -> None:
    assert compared(versions) == pairs


def test_all_versions_are_beside_each_other(schemareg: Schemareg, here: Path) -> None:
    folder = here / "registered" / "orders-value"
    folder.mkdir(parents=True)
    for number in range(1, 8):
        fields = [{"name": "id", "type": "string" if number > 1 else "int"}]
        fields += [{"name": "note", "type": "string", "default": "-"}] if number > 2 else []
        schema = {"type": "record", "name": "shop.Placed", "fields": fields}
        (folder / f"v{number}.avsc").write_text(json.dumps(schema))
    rows = [{"version": number} for number in range(1, 8)]
    (folder / "subject.json").write_text(json.dumps({"subject": "orders-value", "versions": rows}))
    (here / "schemas").mkdir()
    (here / "schemas/Placed.avsc").write_text((folder / "v7.avsc").read_text())
    (here / "schemareg.toml").write_text(
        'roots = ["schemas"]\nsnapshot = "registered"\n[topics.orders]\nevents = ["shop.Placed"]\n'
    )
    assert schemareg("catalog", "build").code == 0
    page = (here / "site/subjects/orders-value/versions.html").read_text()
    shown, reads = page.split("Which version reads which")
    note = next(row for row in shown.split("<tr>") if "note" in row)
    assert re.findall(r"<td[^>]*>(.*?)</td>", note) == [
        *['<span class="unseen">none</span>'] * 2,
        *["string = &#34;-&#34;"] * 5,
    ]
    assert note.count("changed") == 1
    table = [re.findall(r">(yes|no)<", row) for row in reads.split("<tr>")[2:]]
    assert table == [["yes", *["no"] * 6], *[["no", *["yes"] * 6]] * 6]
    subject = (here / "site/subjects/orders-value/index.html").read_text()
    assert 'href="../../subjects/orders-value/versions.html"' in subject
    assert (here / "site/subjects/orders-value/v3-v7.html").is_file()
    assert not (here / "site/subjects/orders-value/v2-v5.html").exists()


def test_names_that_differ_by_case_have_pages_of_their_own() -> None:
    at = Addresses.of(
        subjects={"orders": [1], "Orders": [1], "index.html": [1], "con": [1]},
        types=["shop.Order", "shop.order", "index", "Index"],
        topics=["index"],
        services=["Cart", "cart", "cArt"],
    )
    files = [
        *map(at.subject_folder, at.subjects),
        *map(at.type_page, at.types),
        *map(at.topic_page, at.topics),
        *map(at.service_page, at.services),
    ]
    lists = ["subjects/index.html", "types/index.html", "topics/index.html", "services/index.html"]
    assert len({file.casefold() for file in [*files, *lists]}) == len(files) + len(lists)
    assert at.subject_page("Orders") == "subjects/Orders/index.html"
    assert at.subject_page("orders") == "subjects/orders~1c168adb00d208e4/index.html"
    assert at.subject_page("con") == "subjects/%63on/index.html"
