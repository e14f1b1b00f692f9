"""Deprecated fields: removed without notice or too early, and still read by a consumer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

PAID = '{"type": "record", "name": "Paid", "fields": [{"name": "id", "type": "int"}%s]}'
TOTAL = ', {"name": "total", "type": "int", "default": 0%s}'
RENAMED = ', {"name": "sum", "type": "int", "default": 0, "aliases": ["total"]}'

REMOVALS = [
    # how the old field is marked, what the new version has instead, rule, message
    (
        "",
        "",
        "removed-without-deprecation",
        "it is removed, and its last version does not call it deprecated",
    ),
    (
        ', "deprecated": false',
        "",
        "removed-without-deprecation",
        "it is removed, and its last version does not call it deprecated",
    ),
    (', "deprecated": true', "", None, None),
    (', "deprecated": "use sum"', "", None, None),
    (', "deprecated": {"removal": "2001-02-03"}', "", None, None),
    (
        ', "deprecated": {"removal": "2999-12-31", "replacement": "sum"}',
        "",
        "removed-before-its-day",
        "it is removed before the day that was named: removal on 2999-12-31, replaced by sum",
    ),
    ("", RENAMED, None, None),
    ("", TOTAL % "", None, None),
]


def project(here: Path, before: str, after: str, configuration: str = "") -> None:
    for folder, more in (("old", before), ("schemas", after)):
        (here / folder).mkdir()
        (here / folder / "Paid.avsc").write_text(PAID % more, encoding="utf-8")
    (here / "schemareg.toml").write_text(configuration, encoding="utf-8")


@pytest.mark.parametrize(("mark", "after", "rule", "message"), REMOVALS)
@pytest.mark.parametrize("severity", [None, "error"])
def test_a_removal_without_notice(
    schemareg: Schemareg,
    here: Path,
    mark: str,
    after: str,
    rule: str | None,
    message: str | None,
    severity: str | None,
) -> None:
    configuration = f'[subjects."*"]\nremoval = "{severity}"\n' if severity else ""
    project(here, TOTAL % mark, after, configuration)
    answer = schemareg("check", "--against", "old", "--format", "json")
    found = [
        (w["rule"], w["severity"], w["element"], w["message"], w["location"]["pointer"])
        for subject in json.loads(answer.out)["subjects"]
        for w in subject["warnings"]
    ]
    expected = [(rule, severity or "info", "Paid.total", message, "/fields")] if rule else []
    assert found == expected
    assert answer.code == (1 if rule and severity else 0)


OLD = TOTAL % ', "deprecated": {"removal": "%s", "replacement": "sum"}'
TOML = """
[topics.paid]
events = ["Paid"]
[consumers.billing]
reads = { "paid-value" = "billing.avsc" }
"""
SERVICES = """
[services.shop]
produces = [{ event = "Paid", topic = "paid" }]
[services.report]
consumes = [{ event = "Paid", topic = "paid", fields = ["%s"] }]
"""


@pytest.mark.parametrize(
    ("removal", "severity"), [("2001-02-03", "warning"), ("2999-12-31", "info")]
)
def test_a_consumer_that_reads_it_is_named(
    schemareg: Schemareg, here: Path, removal: str, severity: str
) -> None:
    project(here, OLD % removal, OLD % removal, TOML)
    (here / "billing.avsc").write_text(PAID % (TOTAL % ""), encoding="utf-8")
    (here / "services.toml").write_text(SERVICES % "total", encoding="utf-8")
    answer = schemareg("check", "--against", "old", "--format", "json")
    found = [
        (p["rule"], p["severity"], p["element"], p["message"], p["location"]["path"], p["advice"])
        for p in json.loads(answer.out)["policy"]
    ]
    described = f"removal on {removal}, replaced by sum"
    assert found == [
        (
            "deprecated-field-read",
            severity,
            "paid-value.total",
            f"billing reads it, and it is deprecated: {described}",
            "billing.avsc",
            "let billing read sum instead",
        ),
        (
            "deprecated-field-read",
            severity,
            "Paid.total",
            f"report reads it, and it is deprecated: {described}",
            "services.toml",
            "let report read sum instead",
        ),
    ]
    assert answer.code == 0
    assert schemareg("check", "--against", "old", "--fail-on", severity).code == 1


def test_a_consumer_that_does_without_it_is_not_named(schemareg: Schemareg, here: Path) -> None:
    project(here, OLD % "2001-02-03", OLD % "2001-02-03", TOML)
    (here / "billing.avsc").write_text(PAID % "", encoding="utf-8")
    (here / "services.toml").write_text(SERVICES % "id", encoding="utf-8")
    report = json.loads(schemareg("check", "--against", "old", "--format", "json").out)
    assert report["policy"] == []
