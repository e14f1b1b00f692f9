"""The pages for people, as HTML: what they tell, and that nothing registered can break out."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest

from schemareg.registry.server.settings import ServerSettings
from tests.registry.conftest import StartServer
from tests.registry.shop import HOSTILE_SUBJECT, HOSTILE_TEXT, LONG_NAME, fill


@pytest.fixture(scope="module")
def client(start_server_for_session: StartServer) -> Iterator[httpx.Client]:
    """Asks a server that holds the shop."""
    server = start_server_for_session(ServerSettings(port=0))
    fill(server.url)
    with httpx.Client(base_url=server.url) as client:
        yield client


class Page(HTMLParser):
    """The page as a reader has it: text, links, tags and attributes by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value for name, value in attrs if name == "href" and value and tag == "a"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(client: httpx.Client, path: str, status: int = 200) -> Page:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text.replace("<wbr>", ""))


def test_subjects_are_listed_with_type_versions_id_and_level(client: httpx.Client) -> None:
    shown = page(client, "/ui")
    assert "6 subjects. Level where a subject has none of its own: BACKWARD" in shown.text
    assert "orders-value com.example.events.OrderCreated 3 7 NONE" in shown.text
    assert "orders-key string 1 4 BACKWARD" in shown.text
    assert ":.eu:orders-value map 1 1 BACKWARD" in shown.text


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ("orders", "3 of 6 subjects contain", "com.example.shared.Money"),
        ("ORDERS-K", "1 of 6 subjects contain", "orders-value"),
        ("nothing like it", "0 of 6 subjects contain", "orders-value"),
        ("<i>", "1 of 6 subjects contain “<i>”", "orders-value"),
    ],
)
def test_search_shows_the_subjects_that_contain_the_words(
    client: httpx.Client, query: str, found: str, missing: str
) -> None:
    shown = page(client, f"/ui?q={quote(query)}")
    assert found in shown.text
    assert missing not in shown.text.replace(f"“{query}”", "")


def test_subject_shows_versions_level_mode_and_who_references_it(client: httpx.Client) -> None:
    orders = page(client, "/ui/subjects/orders-value")
    assert "Compatibility level NONE its own" in orders.text
    assert "Mode READWRITE" in orders.text
    assert "No registered schema references this subject." in orders.text
    assert "/ui/subjects/orders-value/versions/3" in orders.links
    assert "/ui/subjects/orders-value/diff?old=2&new=3" in orders.links
    money = page(client, "/ui/subjects/com.example.shared.Money")
    assert "Compatibility level BACKWARD inherited" in money.text
    for version in (1, 2, 3):
        assert f"orders-value version {version} uses version 1" in money.text


def test_version_shows_fields_with_types_defaults_and_docs(client: httpx.Client) -> None:
    shown = page(client, "/ui/subjects/orders-value/versions/2")
    assert "record com.example.events.OrderCreated A customer has ordered." in shown.text
    for row in (
        "id string uuid required Of the order.",
        "total com.example.shared.Money required",
        "status com.example.events.Status required",
        'lines array of com.example.events.OrderLine [] pii: "none"',
        "createdAt long timestamp-micros 0 When the order was accepted.",
        "sku was articleNumber string required",
        "price null or com.example.shared.Money required",
        "parts map of com.example.events.OrderLine required",
        "OPEN default PAID CANCELLED",
        "References com.example.shared.Money from com.example.shared.Money version 1",
        "owner shop team",
    ):
        assert row in shown.text, row
    assert "#type-2" in shown.links
    assert "/ui/subjects/com.example.shared.Money/versions/1" in shown.links
    assert "/ui/subjects/orders-value/versions/1" in shown.links
    assert "/ui/subjects/orders-value/versions/3" in shown.links


def test_version_shows_the_schema_as_indented_json(client: httpx.Client) -> None:
    html = client.get("/ui/subjects/com.example.shared.Money/versions/1").text
    assert "&#34;logicalType&#34;: &#34;decimal&#34;" in html
    assert "decimal(18, 4)" in html.replace("<wbr>", "")


def test_diff_shows_verdicts_and_lines(client: httpx.Client) -> None:
    shown = page(client, "/ui/subjects/orders-value/diff?old=1&new=2")
    assert "Readers with version 2, events of version 1 compatible" in shown.text
    assert "Readers with version 1, events of version 2 compatible" in shown.text
    assert '+ "name": "createdAt",' in shown.text
    dropped = page(client, "/ui/subjects/orders-value/diff?old=2&new=3")
    assert "Readers with version 2, events of version 3 not compatible" in dropped.text
    assert (
        "OrderCreated.id : readers need id, which is not written, and have no default for it"
        in dropped.text
    )
    assert "major OrderCreated.id: field removed: uuid" in dropped.text
    assert '- "logicalType": "uuid"' in dropped.text
    same = page(client, "/ui/subjects/orders-value/diff?old=2&new=2")
    assert "The texts are equal." in same.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ui/nowhere", 404),
        ("/ui/subjects/missing", 404),
        ("/ui/subjects/orders-value/versions/9", 404),
        ("/ui/subjects/orders-value/versions/0", 404),
        ("/ui/subjects/orders-value/versions/latest", 404),
        ("/ui/subjects/orders-value/versions/99999999999999999999", 404),
        ("/ui/subjects/orders-value/diff", 404),
        ("/ui/subjects/orders-value/diff?old=1&new=x", 404),
        ("/ui/subjects/%00/versions/1", 404),
        ("/ui/subjects/%FF%FE", 404),
        ("/ui?page=0", 200),
        ("/ui?page=999999999999", 200),
        ("/ui?page=%D9%A1", 200),
        ("/ui?q=%00%FF" + "q" * 5000, 200),
        ("/ui/", 200),
    ],
)
def test_odd_addresses_are_answered_with_a_page(
    client: httpx.Client, path: str, status: int
) -> None:
    page(client, path, status)


def test_texts_from_outside_cannot_become_markup(client: httpx.Client) -> None:
    subject = quote(HOSTILE_SUBJECT, safe="")
    for path in (
        "/ui",
        f"/ui?q={quote(HOSTILE_TEXT)}",
        f"/ui/subjects/{subject}",
        f"/ui/subjects/{subject}/versions/1",
        f"/ui/subjects/{subject}/diff?old=1&new=1",
        f"/ui/subjects/{quote(HOSTILE_TEXT, safe='')}",
    ):
        shown = page(client, path, 404 if "script" in path and "q=" not in path else 200)
        assert {"script", "i", "b"}.isdisjoint(shown.tags), path
        assert not any(name.startswith("on") for name in shown.attributes), path
    version = page(client, f"/ui/subjects/{subject}/versions/1")
    assert HOSTILE_TEXT in version.text


def test_pages_carry_a_policy_that_allows_no_script(client: httpx.Client) -> None:
    for path in ("/ui", "/ui/style.css", "/ui/icon.svg", "/ui/nowhere"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        assert headers["x-content-type-options"] == "nosniff"
    html = client.get("/ui/subjects/orders-value/versions/2").text
    assert "<script" not in html
    assert "style=" not in html


def test_pages_are_only_read(client: httpx.Client) -> None:
    assert client.post("/ui").status_code == 405
    assert client.delete("/ui/subjects/orders-value").status_code == 405


def test_every_link_of_every_page_leads_to_a_page(client: httpx.Client) -> None:
    waiting, seen = ["/ui"], {"/ui"}
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        assert answer.status_code == 200, path
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for link in Page(answer.text).links:
            target = str(httpx.URL(path).join(link).copy_with(fragment=None))
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    assert len(seen) > 20


def test_long_names_are_shown_in_full(client: httpx.Client) -> None:
    subject = "long-" * 30 + "value"
    assert LONG_NAME in page(client, f"/ui/subjects/{subject}/versions/1").text


def test_list_of_many_subjects_is_shown_in_pages(start_server: StartServer) -> None:
    server = start_server(ServerSettings(port=0))
    with httpx.Client(base_url=server.url) as client:
        for number in range(205):
            client.post(f"/subjects/s-{number:03}/versions", json={"schema": '"string"'})
        assert "Page 1 of 3" in page(client, "/ui").text
        last = page(client, "/ui?page=3")
        assert "s-200" in last.text
        assert "s-199" not in last.text
        assert [link for link in last.links if "page=2" in link] == ["/ui?q=&page=2"]
        assert "5 of 205 subjects contain" in page(client, "/ui?q=s-20").text


def test_empty_registry_says_so(start_server: StartServer) -> None:
    server = start_server(ServerSettings(port=0))
    with httpx.Client(base_url=server.url) as client:
        assert "Nothing is registered yet." in page(client, "/ui").text
