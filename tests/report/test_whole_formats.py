"""What formats that other programs read must keep, whatever the words are."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from schemareg.commands.check_result import CheckResult, SubjectCheck, Verdict
from schemareg.commands.fingerprint import FingerprintResult
from schemareg.commands.lint import LintResult
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.subjects import CompatibilityLevel, Subject

WARNING = Diagnostic(
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


def test_junit_has_a_finding_that_passes_as_output() -> None:
    suite = ElementTree.fromstring(render(LINT, Format.JUNIT, Page()))
    out = suite.findtext("testcase/system-out")
    assert out == ("a/b.avsc:3:7: warning a-rule: x.Y: odd \\u001b[1m \\ud800 <b>\ndo: do it")


def test_junit_is_never_empty() -> None:
    suite = ElementTree.fromstring(render(LintResult((), 3), Format.JUNIT, Page()))
    assert [(c.get("classname"), c.get("name"), len(c)) for c in suite.iter("testcase")] == [
        ("schemareg", "lint", 0)
    ]


def test_html_holds_no_markup_of_the_input() -> None:
    told = render(LINT, Format.HTML, Page())
    assert "<b>" not in told.replace("<b>warning a-rule</b>", "")
    assert '<li class="warning">' in told


def test_markdown_without_findings_is_the_text() -> None:
    assert render(LintResult((), 3), Format.MARKDOWN, Page()) == (
        "### schemareg lint: yes\n\n```\nclean: 3 schema files\n```\n"
        "\n3 schema files read, 3 judged, 0 passed over\n"
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


def test_a_subject_that_lost_its_file_is_in_every_format() -> None:
    result = CheckResult("the snapshot in s", (), missing=(Subject("carts-value"),))
    words = "carts-value is registered, but no file here defines it"
    for format in (Format.GITHUB, Format.MARKDOWN, Format.JUNIT, Format.HTML):
        assert words in render(result, format, Page())
    assert "missing carts-value" in render(result, Format.TEXT, Page())
    assert (result.exit_code(), result.exit_code(Severity.INFO)) == (0, 1)


def test_junit_has_a_case_for_each_file() -> None:
    result = LintResult((WARNING, WARNING), 2, ("a/b.avsc", "a/clean.avsc"))
    suite = ElementTree.fromstring(render(result, Format.JUNIT, Page(), fail_on=Severity.WARNING))
    assert [(c.get("classname"), c.get("name"), len(c)) for c in suite.iter("testcase")] == [
        ("schemareg.lint", "a/b.avsc", 1),
        ("schemareg.lint", "a/clean.avsc", 0),
    ]
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert (failure.get("type"), (failure.text or "").count("do: do it")) == ("a-rule", 2)


def test_junit_has_a_case_for_each_subject() -> None:
    unchanged = SubjectCheck(
        Subject("a-value"), CompatibilityLevel.FULL, Verdict.UNCHANGED, Location("a.avsc", 1, 1)
    )
    result = CheckResult("the snapshot in s", (unchanged,), (Subject("b-value"),), (WARNING,))
    suite = ElementTree.fromstring(render(result, Format.JUNIT, Page(), fail_on=Severity.WARNING))
    assert [(c.get("name"), [part.tag for part in c]) for c in suite.iter("testcase")] == [
        ("a/b.avsc", ["failure"]),
        ("a-value", []),
        ("b-value", ["system-out"]),
    ]


def test_html_has_counts_base_and_commit() -> None:
    result = CheckResult("the snapshot in s", (), missing=(Subject("carts-value"),))
    text = render(result, Format.HTML, Page(commit="0a1b2c"))
    for name, value in [
        ("counted", "1 subject read, 0 judged, 1 passed over"),
        ("compared with", "the snapshot in s"),
        ("commit checked out", "0a1b2c"),
        ("findings", "1 note"),
    ]:
        assert f"<dt>{name}</dt><dd>{value}</dd>" in text
    assert text.count("carts-value is registered") == 1


def test_json_without_a_line() -> None:
    nowhere = replace(WARNING, message="odd", location=Location("a/b.avsc"))
    document = json.loads(render(LintResult((nowhere,), 1), Format.JSON, Page()))
    assert document["findings"][0]["location"] == {
        "path": "a/b.avsc", "line": None, "column": None, "pointer": ""
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "left_out"),
    [
        pytest.param(10, "", id="all"),
        pytest.param(5000, "… and 4495 more findings\n", id="cut"),
    ],
)
def test_markdown_fits_a_comment(number: int, left_out: str) -> None:
    one = replace(WARNING, message="m" * 60)
    text = render(LintResult((one,) * number, 1), Format.MARKDOWN, Page(root="services/shop/"))
    assert len(text) <= 65_000
    assert text.count("| services/shop/a/b.avsc:3:7 |") == number - int(left_out[6:10] or 0)
    assert text.endswith(
        f"{left_out or ' |' + chr(10)}\n1 schema file read, 1 judged, 0 passed over\n"
    )
    assert json.loads(render(LintResult((one,) * number, 1), Format.JSON, Page()))["findings"]


def test_markdown_of_long_proofs_and_texts_fits_a_comment() -> None:
    proof = "x" * 90 + "\n"
    proven = replace(WARNING, detail=proof * 300)
    text = render(LintResult((proven,) * 9, 1), Format.MARKDOWN, Page())
    assert (len(text) <= 65_000, text.count("```\n") % 2) == (True, 0)
    assert text.endswith("\n… and 7 more proofs\n\n1 schema file read, 1 judged, 0 passed over\n")
