"""The pages in a real browser: reachable by keyboard alone, readable at phone width.

Screenshots go to build/ui/. Needs Debian's `chromium`; SCHEMAREG_REQUIRE_BROWSER=1 makes a
missing one a failure.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from schemareg.registry.server.settings import ServerSettings
from tests.registry.conftest import StartServer
from tests.registry.shop import HOSTILE_SUBJECT, fill

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parents[2] / "build" / "ui"
FLAGS = (
    "--headless",
    "--no-sandbox",  # Chromium refuses root otherwise, and CI containers are root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (375, 1280)
LONG_SUBJECT = "long-" * 30 + "value"
PAGES = {
    "subjects": "/ui",
    "search": "/ui?q=orders",
    "subject": "/ui/subjects/orders-value",
    "version": "/ui/subjects/orders-value/versions/2",
    "version-shared": "/ui/subjects/com.example.shared.Money/versions/1",
    "diff": "/ui/subjects/orders-value/diff?old=2&new=3",
    "diff-compatible": "/ui/subjects/orders-value/diff?old=1&new=2",
    "long": f"/ui/subjects/{LONG_SUBJECT}/versions/1",
    "hostile": f"/ui/subjects/{quote(HOSTILE_SUBJECT, safe='')}/versions/1",
    "not-found": "/ui/subjects/missing",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url(start_server_for_session: StartServer) -> str:
    """A server that holds the shop."""
    server = start_server_for_session(ServerSettings(port=0))
    fill(server.url)
    return server.url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window; everything the browser complains about fails the test."""
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "requestfailed",
        lambda request: complaints.append(f"{request.failure} {request.url}"),
    )
    yield page
    page.close()
    # Chromium logs every answer of 4xx to the console; a page that is not found is meant to be one
    # and an icon still on its way when the test goes on to the next page is given up
    assert [c for c in complaints if "404" not in c and "ERR_ABORTED" not in c] == []


def sideways_px(page: Page) -> int:
    """How far the page, or any box on it, can be scrolled sideways."""
    return int(
        page.evaluate(
            """() => Math.max(
               ...[document.scrollingElement, ...document.querySelectorAll('main, main *')]
                 .filter(box => !['INPUT', 'SELECT', 'OPTION'].includes(box.tagName))
                 .filter(box => !box.classList.contains('unseen') && !box.closest('thead'))
                 .filter(box => getComputedStyle(box).display !== 'inline')
                 .map(box => box.scrollWidth - box.clientWidth))"""
        )
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways(page: Page, url: str, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url + PAGES[name])
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
    assert page.evaluate("innerWidth") == width
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert sideways_px(page) <= 0


def test_dark_colours_are_used_where_the_reader_prefers_them(page: Page, url: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(url + PAGES["version"])
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "version-dark.png", full_page=True)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("subjects", 375),
        ("subject", 375),
        ("version", 375),
        ("diff", 375),
        ("not-found", 375),
        ("subject", 1280),
        ("version", 1280),
    ],
)
def test_tab_reaches_every_link_and_control_in_order(
    page: Page, url: str, name: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url + PAGES[name])
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], input, select, button')]
              .map((control, number) => { control.dataset.number = number; return number; })"""
    )
    reached: list[int] = []
    for _ in wanted:
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => { const it = document.activeElement, box = it.getBoundingClientRect(),
                 style = getComputedStyle(it);
               return {number: +it.dataset.number, outlined: style.outlineStyle !== 'none'
                 && parseFloat(style.outlineWidth) >= 2, visible: box.width > 0 && box.height > 0
                 && box.top < innerHeight && box.bottom > 0 && box.left >= 0
                 && box.right <= innerWidth}; }"""
        )
        assert focused["outlined"], focused
        assert focused["visible"], focused
        reached.append(focused["number"])
    assert reached == wanted


def test_skip_link_leads_past_the_header(page: Page, url: str) -> None:
    page.goto(url + PAGES["subjects"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_version_is_found_without_a_mouse(page: Page, url: str) -> None:
    page.goto(url + PAGES["subjects"])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("money")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui?q=money")
    page.get_by_role("link", name="com.example.shared.Money").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Version 1", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/1")
    assert page.get_by_role("heading", level=1).inner_text() == "com.example.shared.Money version 1"


def test_two_versions_are_compared_through_the_form(page: Page, url: str) -> None:
    page.goto(url + PAGES["subject"])
    page.get_by_label("Old").select_option("1")
    page.get_by_label("New").select_option("2")
    page.get_by_role("button", name="Compare").press("Enter")
    page.wait_for_url("**/diff?old=1&new=2")
    assert page.get_by_text("compatible", exact=True).count() == 2


def test_pages_have_one_heading_landmarks_and_named_controls(page: Page, url: str) -> None:
    for path in PAGES.values():
        page.goto(url + path)
        assert page.get_by_role("heading", level=1).count() == 1, path
        for landmark in ("main", "banner", "contentinfo", "search"):
            assert page.locator(f"role={landmark}").count() == 1, (path, landmark)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll('a[href], button')]
                 .filter(it => !it.innerText.trim() && !it.ariaLabel).map(it => it.outerHTML)"""
        )
        assert unnamed == [], path
        assert page.get_by_role("searchbox", name="Search subjects").count() == 1


def test_text_is_told_from_its_ground(page: Page, url: str) -> None:
    """Every text has a contrast of 4.5 to 1 or more. Source: WCAG 2.2, 1.4.3."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name in ("subjects", "subject", "version", "diff"):
            page.goto(url + PAGES[name])
            poor = page.evaluate(CONTRAST)
            assert poor == [], (scheme, name)


CONTRAST = """() => {
  const channel = v => {
    v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = box => { for (let it = box; it; it = it.parentElement) {
      const colour = numbers(getComputedStyle(it).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll('body *')]
    .filter(box => [...box.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(box => { const a = light(numbers(getComputedStyle(box).color)), b = light(ground(box));
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), box.outerHTML.slice(0, 80)]; })
    .filter(([ratio]) => ratio < 4.5);
}"""
