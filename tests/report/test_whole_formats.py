"""What formats that other programs read must keep, whatever the words are."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from schemareg.commands.check_result import CheckResult
from schemareg.commands.fingerprint import FingerprintResult
from schemareg.commands.lint import LintResult
from schemareg.findings import Finding, Severity
from schemareg.places import Location
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.report.printable import printable
from schemareg.subjects import Subject

WARNING = Finding(
    "a-rule", Severity.WARNING, "odd \x1b[1m \ud800 <b>", Location("a/b.avsc", 3, 7), "x.Y", "do it"
)
LINT = LintResult((WARNING,), 1)


@pytest.mark.parametrize(
    ("fail_on", "exit_code", "failures", "title"),
    [
        pytest.param(Severity.ERROR, 0, 0, "schemareg lint: yes", id="passes"),
        pytest.param(Severity.WARNING, 1, 1, "schemareg lint: no", id="fails"),
    ],
)
def test_all_formats_go_by_the_same_severity(
    fail_on: Severity, exit_code: int, failures: int, title: str
) -> None:
    told = {f: render(LINT, f, Page(), fail_on=fail_on) for f in Format}
    assert json.loads(told[Format.JSON])["exit_code"] == exit_code
    suite = ElementTree.fromstring(told[Format.JUNIT])
    assert (suite.get("tests"), suite.get("failures")) == ("1", str(failures))
    assert len(suite.findall("testcase/failure")) == failures
    assert f"<title>{title}</title>" in told[Format.HTML]
    assert told[Format.MARKDOWN].startswith(f"### {title}\n")


def test_a_finding_that_passes_is_told_in_junit() -> None:
    suite = ElementTree.fromstring(render(LINT, Format.JUNIT, Page()))
    out = suite.findtext("testcase/system-out")
    assert out == "warning: x.Y: odd \\u001b[1m \\ud800 <b>\ndo it"


def test_junit_is_never_empty() -> None:
    suite = ElementTree.fromstring(render(LintResult((), 3), Format.JUNIT, Page()))
    assert [(c.get("classname"), c.get("name"), len(c)) for c in suite] == [
        ("schemareg", "lint", 0)
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("plain\n\ttext", "plain\n\ttext", id="kept"),
        pytest.param("\x00\x0b\x1f", "\\u0000\\u000b\\u001f", id="control"),
        pytest.param("\ud83d", "\\ud83d", id="surrogate"),
        pytest.param("\ufffe\uffff", "\\ufffe\\uffff", id="no-characters"),
        pytest.param("🙂é", "🙂é", id="beyond-ascii"),
    ],
)
def test_printable(text: str, told: str) -> None:
    assert printable(text) == told


def test_html_holds_no_markup_of_the_input() -> None:
    told = render(LINT, Format.HTML, Page())
    assert "<b>" not in told.replace("<b>warning a-rule</b>", "")
    assert '<li class="warning">' in told


def test_markdown_without_findings_is_the_text() -> None:
    assert render(LintResult((), 3), Format.MARKDOWN, Page()) == (
        "### schemareg lint: yes\n\n```\nclean: 3 schema files\n```\n"
    )
    assert render(FingerprintResult(()), Format.MARKDOWN, Page()).startswith(
        "### schemareg fingerprint: yes\n"
    )


@pytest.mark.parametrize(
    ("root", "file"),
    [
        pytest.param("", "a/b.avsc", id="top-of-the-repository"),
        pytest.param("services/shop/", "services/shop/a/b.avsc", id="below-it"),
    ],
)
def test_annotations_go_by_the_repository(root: str, file: str) -> None:
    told = render(LINT, Format.GITHUB, Page(root=root))
    assert told.startswith(f"::warning file={file},title=a-rule,line=3,col=7::")


def test_a_subject_that_lost_its_file_is_told_everywhere() -> None:
    result = CheckResult("the snapshot in s", (), missing=(Subject("carts-value"),))
    words = "carts-value is registered, but no file here defines it"
    for format in (Format.GITHUB, Format.MARKDOWN, Format.JUNIT, Format.HTML):
        assert words in render(result, format, Page())
    assert "missing carts-value" in render(result, Format.TEXT, Page())
    assert (result.exit_code(), result.exit_code(Severity.INFO)) == (0, 1)
