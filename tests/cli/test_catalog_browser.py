"""The catalog from a disk in a real browser: every page, search, keyboard, accessibility.

Screenshots go to build/catalog/. Needs Debian's `chromium`; SCHEMAREG_REQUIRE_BROWSER=1 makes a
missing one a failure.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.registry.test_ui_browser import browser, page

if TYPE_CHECKING:
    from click import Group
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

__all__ = ["browser", "page"]
REPOSITORY = Path(__file__).parents[2]
SCREENSHOTS = REPOSITORY / "build" / "catalog"
PAGES = {
    "home": "index.html",
    "subjects": "subjects/index.html",
    "subject": "subjects/carts-value/index.html",
    "version": "subjects/carts-value/v2.html",
    "diff": "subjects/carts-value/v1-v3.html",
    "types": "types/index.html",
    "type": "types/com.company.shared.Money.html",
    "topic": "topics/carts.html",
    "services": "services/index.html",
    "service": "services/order.html",
    "changes": "changes.html",
    "rules": "rules.html",
    "trends": "trends.html",
    "order": "order.html",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, application: Group) -> Iterator[Path]:
    from click.testing import CliRunner

    folder = tmp_path_factory.mktemp("catalog") / "site"
    config = str(REPOSITORY / "schemareg.toml")
    answer = CliRunner().invoke(
        application, ["catalog", "build", "--out", str(folder), "-c", config]
    )
    assert answer.exit_code == 0, answer.output
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_readable_and_accessible(page: Page, site: Path, name: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 800})
    page.goto((site / PAGES[name]).as_uri())
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    if width == 390:
        return
    found = Axe().run(page, options={"preload": False})  # our policy forbids its requests
    assert found.violations_count == 0, found.generate_report()


def test_search_finds_a_nested_field_by_keyboard_alone(page: Page, site: Path) -> None:
    page.goto((site / "topics/carts.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("total amount")
    page.wait_for_selector("#found [role=option]")
    assert "total.amount" in page.inner_text("#found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/types/com.company.shared.Money.html#com.company.shared.Money.amount")
    assert page.locator("tr:target").count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("OrderCraeted", "OrderCreated"),
        ("carts", "carts-value"),
        ("Money", "com.company.shared.Money"),
        ("payment", "payment"),
    ],
)
def test_search_forgives_typing_errors(page: Page, site: Path, query: str, found: str) -> None:
    page.goto((site / "index.html").as_uri())
    page.fill("#q", query)
    page.wait_for_selector("#found [role=option]")
    assert found in page.inner_text("#found")
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()


def test_pages_work_without_script(browser: object, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.click("nav >> text=Subjects")
    page.click("text=carts-value")
    page.click("a[aria-label='version 1 with version 3']")
    assert "What changed" in page.inner_text("h1")
    context.close()


def test_every_page_opens_and_is_linked(page: Page, site: Path) -> None:
    # what the browser complains about fails the fixture
    waiting = [(site / "index.html").as_uri()]
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page.goto(address, wait_until="load")
        found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        waiting += [link.partition("#")[0] for link in found if ".html" in link]
    pages = {path.as_uri() for path in site.rglob("*.html")}
    assert len(pages) > 140
    assert pages - seen == set()


def test_filter_shows_a_service_and_its_neighbours(page: Page, site: Path) -> None:
    page.goto((site / "services/index.html").as_uri())
    page.fill("#only", "payment")
    rows = page.locator("ul.plain > li:visible")
    assert [text.split()[0] for text in rows.all_inner_texts()] == ["payment"]
    assert page.locator(".drawing a.out").count() > 0
    assert "out" not in (page.locator("[data-name=payment]").get_attribute("class") or "")


@pytest.mark.parametrize("name", ["home", "subject", "diff", "trends", "services"])
def test_dark_and_printed_pages(page: Page, site: Path, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((site / PAGES[name]).as_uri())
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.emulate_media(color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(20, 23, 27)"
    page.screenshot(path=SCREENSHOTS / f"{name}-dark.png", full_page=True)
    page.emulate_media(media="print", color_scheme="light")
    assert page.locator(".search").is_hidden()
    page.screenshot(path=SCREENSHOTS / f"{name}-print.png", full_page=True)
