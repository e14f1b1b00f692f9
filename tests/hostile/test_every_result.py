"""Every result of every command, filled with hostile texts, in every format."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from schemareg.report import Format, render
from schemareg.report.json_schema import RESULTS
from schemareg.report.page import Page
from tests.hostile.built import Builder
from tests.hostile.texts import EVIL, HUGE, IN_URL, violations

# as many as the longest enumeration that a report tells apart has members
VARIANTS = range(8)
PAGES = (Page(verbose=True), Page(ascii=True, root="a/b/", commit="c" * 40))


def shown(
    command: str,
    text: str,
    variant: int,
    format: Format,
    page: Page,
    content: str | None = None,
) -> str:
    module, name = RESULTS[command]
    result = Builder(text, variant, content).one(
        getattr(import_module(f"schemareg.{module}"), name)
    )
    return render(result, format, page)


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("command", RESULTS)
def test_a_hostile_text_in_every_field(command: str, format: Format) -> None:
    found = {
        (variant, page.verbose, violation)
        for variant in (VARIANTS if format is Format.TEXT else (0, 1))
        for page in PAGES
        for violation in violations(shown(command, EVIL, variant, format, page), format)
    }
    assert found == set()


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("command", RESULTS)
def test_a_long_text_with_a_password_in_every_field(command: str, format: Format) -> None:
    text = shown(command, HUGE[:40_000], 0, format, Page(verbose=True), content="content")
    assert list(violations(text, format)) == []


def test_a_name_never_breaks_a_row_in_two() -> None:
    """A report with line breaks in its names has as many lines as one without."""
    for command in RESULTS:
        if command == "rules":
            continue
        for variant in VARIANTS:
            plain = shown(command, "xnx", variant, Format.TEXT, Page(width=10_000, verbose=True))
            broken = shown(command, "x\nx", variant, Format.TEXT, Page(width=10_000, verbose=True))
            assert len(broken.splitlines()) == len(plain.splitlines()), (command, variant)


def test_content_in_json_is_whole() -> None:
    """What programs take on, a schema or a diff, is neither cut nor changed."""
    content = f"{IN_URL} {'x' * 100_000}"
    texts = {
        command: json.loads(shown(command, content, 0, Format.JSON, Page()))
        for command in ("sample", "fingerprint")
    }
    assert texts["sample"]["examples"][0]["event"] == content
    assert texts["sample"]["examples"][0]["of"].startswith("http://127.0.0.1 xxx")
    assert texts["fingerprint"]["identities"][0]["text"] == content
