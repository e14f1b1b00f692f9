"""Text that others wrote, in every kind of output: literal expected values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import schemareg
from schemareg.commands.lint import LintResult
from schemareg.commands.sample import Example, SampleResult
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.report import Format, escape, render
from schemareg.report.page import Page


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        (escape.line, "plain é 🙂", "plain é 🙂"),
        (escape.line, "a\nb\tc\rd", "a\\nb\\tc\\rd"),
        (escape.line, "\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        (escape.line, "\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        (escape.line, "\x9b31m\x7f", "\\u009b31m\\u007f"),
        (escape.line, "\u202eabc\u2066\u2028\u200f", "\\u202eabc\\u2066\\u2028\\u200f"),
        (escape.line, "\ud800\ufeff\U000e0041", "\\ud800\\ufeff\\U000e0041"),
        (escape.terminal, "a\n\tb", "a\n\tb"),
        (escape.terminal, "\x1b[31mred", "\\u001b[31mred"),
        (escape.terminal, "a\n  ::error::b", "a\n  :\\:error::b"),
        (escape.terminal, "x ##[error] ##vso[task]", "x #\\#[error] #\\#vso[task]"),
        (escape.terminal, "A::b ## c", "A::b ## c"),
        (escape.workflow_data, "50% a\r\nb: c,", "50%25 a%0D%0Ab: c,"),
        (escape.workflow_data, "\x1b[1m", "\\u001b[1m"),
        (escape.workflow_property, "a:b,c%\n", "a%3Ab%2Cc%25%0A"),
        (escape.markdown, "a|b <i> [x](y) `c` @t", "a\\|b &lt;i&gt; \\[x\\]\\(y\\) \\`c\\` \\@t"),
        (escape.markdown, "a\nb & c", "a b &amp; c"),
        (escape.markdown, "com.x.A: a_b", "com.x.A: a\\_b"),
        (escape.markdown_code, "a|b", "`a\\|b`"),
        (escape.markdown_code, "`a``b", "``` `a``b ```"),
        (escape.markdown_block, "a ``` b\n", "````\na ``` b\n````\n"),
        (escape.terminal, "x ##VSO[task]", "x #\\#VSO[task]"),
        (escape.workflow_data, "a ##vso[b]", "a #\\#vso[b]"),
        (escape.azure_data, "a ##vso[b] 5%", "a #\\#vso[b] 5%AZP25"),
        (escape.line, "see http://user:pw@host/x", "see http://host/x"),
        (escape.markdown, "http://user:pw@host", "http:\u200b//host"),
        (escape.azure_data, "http://user:pw@host", "http://host"),
        (escape.line, "x" * 5000, "x" * 4000 + "… (1,000 more characters)"),
        (escape.json_text, "##vso[a", '"#\\u0023vso[a"'),
        (escape.xml, "\x00\x0b\x1f\n\t", "\\u0000\\u000b\\u001f\n\t"),
        (escape.xml, "\ufffe\uffff\ud83d", "\\ufffe\\uffff\\ud83d"),
    ],
)  # fmt: skip
def test_escaped(function: Callable[[str], str], text: str, expected: str) -> None:
    assert function(text) == expected


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (0x00, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x2029),
        (0x202A, 0x202E), (0x2066, 0x2069), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFDD0, 0xFDEF),
        (0xFFFE, 0xFFFF), (0xE0000, 0xE007F),
    ],
)  # fmt: skip
def test_each_control_character_is_spelled_out(first: int, last: int) -> None:
    shown = [escape.line(chr(code)) for code in range(first, last + 1)]
    assert [text for text in shown if len(text) == 1] == []


@pytest.mark.parametrize(
    ("value", "expected", "in_ascii"),
    [
        ("é\u2028\x7f\x9b\U000e0041", '"é\\u2028\\u007f\\u009b\\udb40\\udc41"', None),
        ("é", '"é"', '"\\u00e9"'),
        ("\ud800", '"\\ud800"', '"\\ud800"'),
        ([float("nan"), float("inf"), -float("inf")], '["NaN", "Infinity", "-Infinity"]', None),
    ],
)
def test_json_text(value: object, expected: str, in_ascii: str | None) -> None:
    assert escape.json_text(value) == expected
    assert escape.json_text(value, ascii=True) == (in_ascii or escape.json_text(value, ascii=True))
    assert json.loads(escape.json_text(value)) == json.loads(escape.json_text(value, ascii=True))


HOSTILE = "\x1b]0;x\x07\u202e\n::error::gotcha\n##[error]x|`<script>"
RESULT = LintResult(
    (Diagnostic(HOSTILE, Severity.ERROR, HOSTILE, Location(HOSTILE, 1, 1), HOSTILE, HOSTILE),), 1
)


@pytest.mark.parametrize("format", Format)
def test_no_format_lets_hostile_text_through(format: Format) -> None:
    text = render(RESULT, format, Page(colours=True))
    for raw in ("\x1b]", "\x07", "\u202e", "\n::error::gotcha", "\n##[", "<script>"):
        if raw == "<script>" and format not in (Format.MARKDOWN, Format.JUNIT, Format.HTML):
            continue  # no markup there
        assert raw not in text


def test_sample_under_an_ascii_locale() -> None:
    result = SampleResult((Example("A", "sample 1", {"name": "é🙂", "rate": float("nan")}),))
    text = render(result, Format.TEXT, Page(ascii=True))
    assert text == '{"name": "\\u00e9\\ud83d\\ude42", "rate": "NaN"}\n'


PACKAGE = Path(schemareg.__file__).parent
# The only places that print: the edge of commands, the access log, and what sets streams up.
PRINTING = {
    "cli/__init__.py",
    "cli/commands.py",
    "cli/failures.py",
    "cli/output.py",
    "cli/registry.py",
    "registry/server/access_log.py",
}


def test_one_place_prints_and_one_makes_safe_text() -> None:
    printing, making = set(), set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(PACKAGE).as_posix()
        if re.search(r"\bprint\(|sys\.stdout|sys\.stderr|(typer|click)\.s?echo|\bexact\(", text):
            printing.add(name)
        if re.search(r"\bSafe\(", text):
            making.add(name)
    filters = {"report/escape.py", "cli/fmt.py", "cli/password.py"}
    assert printing - PRINTING == filters
    assert making == {"report/escape.py"}
