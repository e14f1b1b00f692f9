"""The line of a finding, with carets below what it is about."""

from __future__ import annotations

import pytest

from schemareg.places import Location
from schemareg.report.page import Page
from schemareg.report.text.excerpt import excerpt
from schemareg.syntax import Tree, parse_text

WIDE = '{"a": "日本", "b": 1}'
LONG = '{"first": "' + "x" * 90 + '", "type": "nix", "more": "' + "y" * 90 + '"}'


@pytest.mark.parametrize(
    ("text", "line", "column", "width", "expected"),
    [
        pytest.param(
            '{\n  "type": "nix"\n}', 2, 11, 80,
            ['  2 |   "type": "nix"', "    |           ^^^^^"], id="a-value",
        ),
        pytest.param(
            '{\r\n  "type": "nix"\r\n}', 2, 3, 80,
            ['  2 |   "type": "nix"', "    |   ^^^^^^"], id="a-key-of-a-text-from-windows",
        ),
        pytest.param(
            '{\n  "type": 1\n}', 1, 1, 80, ["  1 | {", "    | ^"], id="an-object-of-many-lines",
        ),
        pytest.param(
            '["a", {"b": 1}]', 1, 7, 80,
            ['  1 | ["a", {"b": 1}]', "    |       ^^^^^^^^"], id="an-object-of-one-line",
        ),
        pytest.param(
            WIDE, 1, 18, 80,
            ['  1 | {"a": "日本", "b": 1}', "    |                    ^"], id="wide-characters",
        ),
        pytest.param(
            '\t\t"a"', 1, 3, 80, ['  1 |   "a"', "    |   ^^^"], id="tabs",
        ),
        pytest.param(
            '["\x1b[31mred"]', 1, 2, 80,
            ['  1 | ["?[31mred"]', "    |  ^^^^^^^^^^"], id="a-colour-of-a-stranger",
        ),
        pytest.param(
            LONG, 1, LONG.index('"nix"') + 1, 60,
            ['  1 | ... "type": "nix", "more": "yyyyyyyyyyyyyyyyyyyyyyy...',
             "    |             ^^^^^"], id="a-long-line",
        ),
        pytest.param("[]", 1, 3, 80, ["  1 | []", "    |   ^"], id="behind-the-end"),
        pytest.param("[]", 2, 1, 80, [], id="no-such-line"),
        pytest.param("[]\n\n", 2, 1, 80, [], id="an-empty-line"),
        pytest.param("[]", 0, 0, 80, [], id="no-place"),
    ],
)  # fmt: skip
def test_excerpt(text: str, line: int, column: int, width: int, expected: list[str]) -> None:
    page = Page(width=width, texts={"a.avsc": text.encode()})
    lines = list(excerpt(Location("a.avsc", line, column), page, "red"))
    assert lines == expected


def test_excerpt_of_a_file_that_is_not_known() -> None:
    assert list(excerpt(Location("b.avsc", 1, 1), Page(), "red")) == []


def test_only_the_carets_have_a_colour() -> None:
    page = Page(colours=True, texts={"a.avsc": b"[1]"})
    lines = list(excerpt(Location("a.avsc", 1, 2), page, "red"))
    assert lines == ["  1 | [1]", "    |  \x1b[31m^\x1b[0m"]


def test_many_findings_in_one_long_line_read_no_more_than_they_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []

    def counted(text: str) -> Tree:
        read.append(len(text))
        return parse_text(text)

    monkeypatch.setattr("schemareg.report.text.excerpt.parse_text", counted)
    line = "[" + ", ".join('"a"' for _ in range(10_000)) + "]"
    page = Page(texts={"f": line.encode()})
    shown = list(excerpt(Location("f", 1, 25_002), page, "red"))
    assert shown[1].strip("| ") == "^^^"
    assert max(read) <= page.width
