"""The catalog of the example platform: every link leads somewhere, and the build is repeatable."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Schemareg

REPOSITORY = Path(__file__).parents[2]


class _Links(HTMLParser):
    """Addresses and anchors of one page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.addresses.append(value)
            if name == "id" and value is not None:
                self.ids.append(value)


@pytest.fixture
def site(schemareg: Schemareg, here: Path) -> Path:
    shutil.copytree(REPOSITORY / "schemas", here / "schemas")
    shutil.copy(REPOSITORY / "schemareg.toml", here)
    answer = schemareg("catalog", "build", "--out", "site")
    assert (answer.code, answer.err) == (
        0,
        "schemareg: 30 subjects read, 30 judged, 0 passed over\n",
    )
    return here / "site"


def test_every_link_leads_to_a_file_and_an_anchor(site: Path) -> None:
    pages = {path.relative_to(site): _Links(path.read_text()) for path in site.rglob("*.html")}
    assert len(pages) > 140
    for page, links in pages.items():
        assert len(links.ids) == len(set(links.ids)), page
        for address in links.addresses:
            parts = urlsplit(address)
            assert not parts.scheme, (page, address)
            target = (site / page).parent / unquote(parts.path) if parts.path else site / page
            assert target.is_file(), (page, address)
            if parts.fragment:
                there = pages[target.resolve().relative_to(site.resolve())]
                assert unquote(parts.fragment) in there.ids, (page, address)


def test_search_index_leads_to_anchors(site: Path) -> None:
    text = (site / "search-index.js").read_text()
    entries = json.loads(text.removeprefix("window.schemaregIndex=").removesuffix(";\n"))
    assert {kind for kind, *_ in entries} == {"subject", "type", "topic", "service", "field"}
    pages: dict[str, _Links] = {}
    for kind, name, address, _ in entries:
        path, _, anchor = address.partition("#")
        if path not in pages:
            pages[path] = _Links((site / path).read_text())
        assert not anchor or anchor in pages[path].ids, (kind, name, address)
    assert ["field", "total.amount"] in [entry[:2] for entry in entries]


def test_the_same_input_gives_the_same_bytes(schemareg: Schemareg, site: Path) -> None:
    again = schemareg("catalog", "build", "--out", "again", "--format", "json")
    first, second = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for root in (site, site.parent / "again")
    )
    assert first == second
    assert json.loads(again.out)["written"] == len(second) - 1
    unchanged = json.loads(schemareg("catalog", "build", "--out", "site", "--format", "json").out)
    assert (unchanged["written"], unchanged["removed"]) == (0, 0)


def test_what_is_gone_is_removed(schemareg: Schemareg, site: Path) -> None:
    schema = site.parent / "schemas/events/search/SearchPerformed.avsc"
    before = schema.read_text()
    schema.write_text(before.replace('"name": "durationMillis",', '"name": "tookMillis",'))
    number = len(list((site / "subjects/searches-value").glob("v?.html"))) + 1
    page = site / f"subjects/searches-value/v{number}.html"
    assert schemareg("catalog", "build").code == 0
    assert "<dd>proposed</dd>" in page.read_text()
    schema.write_text(before)
    restored = json.loads(schemareg("catalog", "build", "--format", "json").out)
    assert restored["removed"] > 0
    assert not page.exists()


def test_what_an_earlier_build_left_reaches_nothing_outside(
    schemareg: Schemareg, site: Path
) -> None:
    outside = site.parent / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept", encoding="utf-8")
    (site / "x").symlink_to("../outside")
    with (site / "catalog-files.txt").open("a", encoding="utf-8") as listing:
        listing.write("x/kept\n")
    answer = schemareg("catalog", "build")
    assert answer.code == 2
    assert "site/x/kept cannot be used: it leads out of the repository" in answer.err
    assert (outside / "kept").read_text(encoding="utf-8") == "kept"


def test_a_folder_with_something_else_is_refused(schemareg: Schemareg, here: Path) -> None:
    shutil.copytree(REPOSITORY / "schemas", here / "schemas")
    shutil.copy(REPOSITORY / "schemareg.toml", here)
    answer = schemareg("catalog", "build", "--out", "schemas")
    assert (answer.code, answer.err) == (
        2,
        "schemareg: error: schemas holds something else than a catalog; name a new or an empty"
        " folder\n",
    )


def test_feed_site_map_and_plain_text(schemareg: Schemareg, site: Path) -> None:
    answer = schemareg("catalog", "build", "--out", "site", "--base-url", "https://events.shop/.")
    assert answer.code == 0
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "a": "http://www.w3.org/2005/Atom"}
    places = ElementTree.parse(site / "sitemap.xml").findall("s:url/s:loc", names)
    assert "https://events.shop/index.html" in [place.text for place in places]
    assert ElementTree.parse(site / "changes.xml").findtext("a:title", "", names) == "Event catalog"
    text = (site / "subjects/carts-value/index.txt").read_text()
    assert text.startswith("# carts-value\n\nLevel: BACKWARD_TRANSITIVE\nTopics: carts\n")
    assert "- cartId: string" in text
    assert "(subjects/carts-value/index.txt)" in (site / "llms.txt").read_text()


def test_names_and_docs_of_strangers_are_escaped(schemareg: Schemareg, here: Path) -> None:
    (here / "schemas").mkdir()
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    schema = {
        "type": "record", "name": "shop.Placed", "doc": hostile,
        "fields": [{"name": "total", "type": "long", "doc": hostile, "x": hostile}],
    }  # fmt: skip
    (here / "schemas/Placed.avsc").write_text(json.dumps(schema))
    (here / "schemareg.toml").write_text(
        'roots = ["schemas"]\n[topics."<b>orders</b>"]\nevents = ["shop.Placed"]\n'
    )
    assert schemareg("catalog", "build").code == 0
    for path in (here / "site").rglob("*"):
        if path.suffix in (".html", ".js", ".xml") and path.name != "minisearch.js":
            text = path.read_text()
            assert "<script>alert" not in text, path
            assert "<img src=x" not in text, path
            assert "<b>orders" not in text, path


def test_a_file_that_cannot_be_read_is_counted(schemareg: Schemareg, here: Path) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/Good.avsc").write_text(
        '{"type": "enum", "name": "Good", "symbols": ["A"]}', encoding="utf-8"
    )
    (here / "schemas/Broken.avsc").write_text("{", encoding="utf-8")
    answer = schemareg("catalog", "build", "--out", "site")
    assert answer.code == 0
    assert "1 schema file cannot be read: run `schemareg lint`" in " ".join(answer.out.split())
    assert answer.err == "schemareg: 2 subjects read, 1 judged, 1 passed over\n"


def test_processes_build_the_same_files(
    schemareg: Schemareg, here: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schemareg.commands.catalog._SUBJECTS_PER_PROCESS", 10)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert schemareg("catalog", "build", "--out", "other").code == 0
    one, many = (
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (site, here / "other")
    )
    assert len(one) > 200
    assert one == many


def test_teams_have_feeds_and_the_readme_badges(site: Path) -> None:
    ids = [ElementTree.parse(path).getroot()[1].text for path in (site / "feeds").glob("*.xml")]
    assert "urn:schemareg:feeds/checkout.xml" in ids
    badges = {path.stem: path.read_text() for path in (site / "badges").glob("*.svg")}
    assert 'aria-label="documented fields: 100 %"' in badges["documented-fields"]
    assert 'aria-label="event subjects: 30"' in badges["subjects"]
    assert 'aria-label="schema lint: 0 errors"' in badges["lint"]


def test_type_page_has_each_definition_of_its_name(schemareg: Schemareg, here: Path) -> None:
    record = '{"type": "record", "name": "Address", "fields": [{"name": "%s", "type": "string"}]}'
    for module, field in (("billing", "street"), ("orders", "box"), ("sales", "street")):
        (here / module).mkdir()
        (here / module / "Address.avsc").write_text(record % field, encoding="utf-8")
    modules = (f'[modules.{name}]\nroots = ["{name}"]\n' for name in ("billing", "orders", "sales"))
    (here / "schemareg.toml").write_text("".join(modules), encoding="utf-8")
    assert schemareg("catalog", "build", "--out", "site").code == 0
    page = (here / "site/types/Address.html").read_text(encoding="utf-8")
    assert "2 different types have this name" in page
    first, second = page.split('<h2 id="definition-2">Definition 2 of 2</h2>')
    subjects = [re.findall(r"subjects/(\w+)\.Address/", part) for part in (first, second)]
    assert subjects == [["billing", "sales", "billing", "sales"], ["orders", "orders"]]
    assert re.findall(r'<tr id="([^"]+)"', first) == ["Address.street"]
    assert re.findall(r'<tr id="([^"]+)"', second) == ["2:Address.box"]
