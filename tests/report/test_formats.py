"""Findings told as text, JSON and annotations: literal expected output."""

from __future__ import annotations

import json

import pytest

from schemareg.commands.lint import LintResult
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location, Pointer
from schemareg.report import Format, render
from schemareg.report.page import Page

TOTAL = Diagnostic(
    rule="money-as-double",
    severity=Severity.ERROR,
    message="an amount as double rounds",
    location=Location("schemas/Order.avsc", 12, 7, Pointer("/fields/3/type")),
    element="shop.Order.total",
    advice="use decimal, or the shared type Money",
)
LIVED_WITH = Diagnostic(
    rule="money-as-double",
    severity=Severity.ERROR,
    message="an amount as double rounds",
    location=Location("schemas/Old.avsc", 3, 1),
    suppressed="readers of 2019 need it",
)
NOTE = Diagnostic(
    rule="doc-too-short",
    severity=Severity.INFO,
    message="100% of: a, b\nand c",
    location=Location("a:b,c.avsc", 1, 2),
)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param((), "clean: 2 schema files\n", id="nothing-found"),
        pytest.param(
            (LIVED_WITH,),
            "clean: 2 schema files (1 suppressed, with reasons)\n",
            id="only-suppressed",
        ),
        pytest.param(
            (TOTAL,),
            "schemas/Order.avsc:12:7: error money-as-double\n"
            "    shop.Order.total: an amount as double rounds\n"
            "    do: use decimal, or the shared type Money\n"
            "1 error in 2 schema files\n",
            id="one-error",
        ),
        pytest.param(
            (TOTAL, NOTE, LIVED_WITH),
            "schemas/Order.avsc:12:7: error money-as-double\n"
            "    shop.Order.total: an amount as double rounds\n"
            "    do: use decimal, or the shared type Money\n"
            "a:b,c.avsc:1:2: info doc-too-short\n"
            "    100% of: a, b and c\n"
            "1 error, 1 note in 2 schema files (1 suppressed, with reasons)\n",
            id="mixed",
        ),
    ],
)
def test_lint_as_text(findings: tuple[Diagnostic, ...], expected: str) -> None:
    assert render(LintResult(findings, 2), Format.TEXT, Page(80)) == expected


def priced(*names: str) -> tuple[Diagnostic, ...]:
    return tuple(
        Diagnostic(
            "money-as-double",
            Severity.WARNING,
            f"{name!r} rounds",
            Location("schemas/Order.avsc", line, 5),
            element=f"shop.Order.{name}",
            advice="use decimal",
        )
        for line, name in enumerate(names, 3)
    )


FOLDED = [
    (
        priced("a", "b", "c"),
        False,
        "".join(
            f"schemas/Order.avsc:{line}:5: warning money-as-double\n"
            f"    shop.Order.{name}: {name!r} rounds\n    do: use decimal\n"
            for line, name in ((3, "a"), (4, "b"), (5, "c"))
        )
        + "3 warnings in 1 schema file\n",
    ),
    (
        (*priced("a", "b", "c", "total_of_the_order_with_tax", "e"), NOTE),
        False,
        "schemas/Order.avsc:3:5: warning money-as-double (5 times)\n"
        "    shop.Order.a: 'a' rounds\n"
        "    also: b (line 4), c (line 5), total_of_the_order_with_tax (line 6), e (line\n"
        "        7)\n"
        "    do: use decimal\n"
        "a:b,c.avsc:1:2: info doc-too-short\n"
        "    100% of: a, b and c\n"
        "5 warnings, 1 note in 1 schema file\n"
        "(--verbose shows each with its advice)\n",
    ),
    (
        priced("a", "b", "c", "d"),
        True,
        "".join(
            f"schemas/Order.avsc:{line}:5: warning money-as-double\n"
            f"    shop.Order.{name}: {name!r} rounds\n    do: use decimal\n"
            for line, name in ((3, "a"), (4, "b"), (5, "c"), (6, "d"))
        )
        + "4 warnings in 1 schema file\n",
    ),
]


@pytest.mark.parametrize(("findings", "verbose", "expected"), FOLDED)
def test_many_diagnostics_of_one_rule_in_a_file_are_one_block(
    findings: tuple[Diagnostic, ...], verbose: bool, expected: str
) -> None:
    page = Page(80, verbose=verbose)
    assert render(LintResult(findings, 1), Format.TEXT, page) == expected


def test_text_has_colours_only_when_asked() -> None:
    plain = render(LintResult((TOTAL,), 1), Format.TEXT, Page(80))
    painted = render(LintResult((TOTAL,), 1), Format.TEXT, Page(80, colours=True))
    assert "\033[" not in plain
    assert "\033[31merror\033[0m" in painted


def test_text_wraps_to_the_page() -> None:
    wordy = Diagnostic("r", Severity.INFO, "word " * 40, Location("f.avsc", 1, 1))
    told = render(LintResult((wordy,), 1), Format.TEXT, Page(60))
    assert max(len(line) for line in told.splitlines()) == 58


def test_github_annotations_escape_what_the_runner_reads() -> None:
    told = render(LintResult((TOTAL, NOTE, LIVED_WITH), 2), Format.GITHUB, Page())
    assert told == (
        "::error file=schemas/Order.avsc,title=money-as-double,line=12,col=7::"
        "shop.Order.total: an amount as double rounds%0Ause decimal, or the shared type Money\n"
        "::notice file=a%3Ab%2Cc.avsc,title=doc-too-short,line=1,col=2::"
        "100%25 of: a, b%0Aand c\n"
    )


def test_json_names_its_version_and_command() -> None:
    told = json.loads(render(LintResult((TOTAL,), 1), Format.JSON, Page()))
    assert told == {
        "format_version": 1,
        "command": "lint",
        "exit_code": 1,
        "counts": {"unit": "schema file", "read": 1, "judged": 1, "passed_over": 0},
        "compared_with": None,
        "commit": None,
        "findings": [
            {
                "rule": "money-as-double",
                "severity": "error",
                "message": "an amount as double rounds",
                "location": {
                    "path": "schemas/Order.avsc",
                    "line": 12,
                    "column": 7,
                    "pointer": "/fields/3/type",
                },
                "element": "shop.Order.total",
                "advice": "use decimal, or the shared type Money",
                "suppressed": None,
                "fingerprint": "",
                "code": "",
                "end_line": 0,
                "end_column": 0,
                "detail": "",
                "fix": None,
            }
        ],
        "files": 1,
        "baseline_written": None,
        "fixed": [],
        "fixes_written": False,
        "refused": [],
    }


@pytest.mark.parametrize(
    ("findings", "fail_on", "expected"),
    [
        pytest.param((), Severity.INFO, ExitCode.YES, id="nothing"),
        pytest.param((TOTAL,), Severity.ERROR, ExitCode.NO, id="error-at-error"),
        pytest.param((NOTE,), Severity.ERROR, ExitCode.YES, id="info-below-error"),
        pytest.param((NOTE,), Severity.WARNING, ExitCode.YES, id="info-below-warning"),
        pytest.param((NOTE,), Severity.INFO, ExitCode.NO, id="info-at-info"),
        pytest.param((LIVED_WITH,), Severity.INFO, ExitCode.YES, id="suppressed-never-counts"),
    ],
)
def test_exit_code_of_lint(
    findings: tuple[Diagnostic, ...], fail_on: Severity, expected: ExitCode
) -> None:
    assert LintResult(findings, 1).exit_code(fail_on) is expected
