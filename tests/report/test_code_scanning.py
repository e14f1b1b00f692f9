"""Reports that CI hosts read: SARIF, Code Quality of GitLab, logging commands of Azure."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemareg.commands.check import check_project
from schemareg.commands.lint import LintResult
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.results import Result
from tests.commands.shop import FILES, MONEY_GROWN, shop, state_before

OASIS = json.loads(
    gzip.decompress((Path(__file__).parents[1] / "golden/sarif-schema-2.1.0.json.gz").read_bytes())
)
TOTAL = Diagnostic(
    rule="money-as-double",
    code="SR201",
    severity=Severity.ERROR,
    message="50% off; [a] rounds\n##vso[task.complete]",
    location=Location("schemas/Order 1.avsc", 12, 7),
    element="shop.Order.total",
    advice="use decimal",
)
ACCEPTED = replace(TOTAL, element="shop.Order.tax", suppressed="readers of 2019 need it")
NOTE = Diagnostic("subject-without-file", Severity.INFO, "carts is gone", Location(None))
LINT = LintResult((TOTAL, ACCEPTED, NOTE), 1)
CHECK = check_project(shop(MONEY_GROWN), state_before(FILES), with_proofs=True)
BELOW = Page(root="services/shop/")


def sarif(result: Result, page: Page = BELOW) -> Any:
    return json.loads(render(result, Format.SARIF, page))


@pytest.mark.parametrize("result", [LINT, CHECK, LintResult((), 0)], ids=["lint", "check", "none"])
def test_sarif_is_valid_by_the_schema_of_oasis(result: Result) -> None:
    jsonschema.Draft4Validator(OASIS).validate(sarif(result))


def test_sarif_with_an_unknown_member_is_not_valid() -> None:
    document = sarif(LINT)
    document["runs"][0]["results"][0]["place"] = "here"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(OASIS).validate(document)


def test_sarif_has_place_rule_and_reason() -> None:
    run = sarif(LINT)["runs"][0]
    first, note, accepted = run["results"]
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {
                    "uri": "services/shop/schemas/Order%201.avsc",
                    "uriBaseId": "%SRCROOT%",
                },
                "region": {"startLine": 12, "startColumn": 7},
            },
            "logicalLocations": [{"fullyQualifiedName": "shop.Order.total"}],
        }
    ]
    assert (first["ruleId"], first["level"], "suppressions" in first) == ("SR201", "error", False)
    assert (note["level"], "locations" in note) == ("note", False)
    assert accepted["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "readers of 2019 need it",
        }
    ]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["SR201"]["name"] == "money-as-double"
    assert "Bad:\n" in rules["SR201"]["help"]["text"]
    assert [run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] for r in run["results"]] == [
        r["ruleId"] for r in run["results"]
    ]


def fingerprints(*findings: Diagnostic) -> list[str]:
    results = sarif(LintResult(findings, 1))["runs"][0]["results"]
    return [result["partialFingerprints"]["schemareg/v1"] for result in results]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(
            replace(TOTAL, location=Location("schemas/Order 1.avsc", 40, 2)), True, id="line"
        ),
        pytest.param(replace(TOTAL, severity=Severity.WARNING), True, id="severity"),
        pytest.param(replace(TOTAL, element="shop.Order.tax"), False, id="element"),
        pytest.param(replace(TOTAL, location=Location("b.avsc", 12, 7)), False, id="file"),
        pytest.param(replace(TOTAL, message="rounds"), False, id="message"),
    ],
)
def test_fingerprint_survives_a_move_of_lines(other: Diagnostic, same: bool) -> None:
    assert (fingerprints(TOTAL) == fingerprints(other)) is same


def test_equal_findings_have_fingerprints_of_their_own() -> None:
    assert len({*fingerprints(TOTAL, TOTAL, TOTAL)}) == 3


def test_gitlab_has_what_a_merge_request_shows() -> None:
    first, note = json.loads(render(LINT, Format.GITLAB, BELOW))
    assert {**first, "fingerprint": ""} == {
        "description": "shop.Order.total: 50% off; [a] rounds\n##vso[task.complete]\nuse decimal",
        "check_name": "money-as-double",
        "fingerprint": "",
        "severity": "critical",
        "location": {"path": "services/shop/schemas/Order 1.avsc", "lines": {"begin": 12}},
    }
    assert note["location"] == {"path": "services/shop/schemareg.toml", "lines": {"begin": 1}}
    assert render(LintResult((), 0), Format.GITLAB, BELOW) == "[]\n"


def test_azure_commands_hold_no_command_of_the_input() -> None:
    assert render(LINT, Format.AZURE, BELOW).splitlines() == [
        "##vso[task.logissue type=error;sourcepath=services/shop/schemas/Order 1.avsc;"
        "linenumber=12;columnnumber=7;code=SR201]shop.Order.total: 50%AZP25 off; [a] rounds%0A"
        "#\\#vso[task.complete]%0Ause decimal",
        "note subject-without-file: carts is gone",
    ]
    hostile = replace(NOTE, message="##vso[task.complete]")
    assert render(LintResult((hostile,), 0), Format.AZURE, BELOW) == (
        "note subject-without-file: #\\#vso[task.complete]\n"
    )
    name = replace(TOTAL, location=Location("a];type=warning.avsc"))
    assert "sourcepath=services/shop/a%5D%3Btype=warning.avsc;" in render(
        LintResult((name,), 0), Format.AZURE, BELOW
    )
