"""Drift: each way in which a registry can differ from the files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemareg.commands.drift import drift_of_project
from schemareg.errors import ExitCode
from schemareg.findings import Severity
from schemareg.registry.api.state import PassedOver, RegistryState, StoredVersion, SubjectState
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.subjects import CompatibilityLevel, Subject, Version
from schemareg.workspace import build_project
from tests.commands.shop import CONFIG, record

MONEY = Subject("shop.Money")
TEXT = record("Money", amount="long")
GROWN = record("Money", amount="long", note=("string", ""))
LEVEL = CompatibilityLevel.FULL_TRANSITIVE


def held(*texts: str, level: CompatibilityLevel = LEVEL) -> RegistryState:
    versions = (StoredVersion(Version(n), text) for n, text in enumerate(texts, start=1))
    return RegistryState({MONEY: SubjectState(MONEY, tuple(versions), level)})


@pytest.mark.parametrize(
    ("actual", "snapshot", "unmanaged", "findings"),
    [
        pytest.param(held(TEXT), held(TEXT), (), [], id="none"),
        pytest.param(held(TEXT), None, (), [], id="without-snapshot"),
        pytest.param(
            held(TEXT, level=CompatibilityLevel.NONE),
            held(TEXT),
            (),
            [("drift-level", "error", "the level is NONE, and FULL_TRANSITIVE is configured")],
            id="level",
        ),
        pytest.param(
            held(GROWN),
            held(GROWN),
            (),
            [("drift-not-registered", "error", "the schema of this project is not registered")],
            id="not-registered",
        ),
        pytest.param(
            held(TEXT, GROWN),
            held(TEXT),
            (),
            [
                (
                    "drift-newer-version",
                    "error",
                    "the latest version is 2, and this project's schema is 1",
                ),
                ("drift-unknown-version", "error", "version 2 is not in the snapshot"),
            ],
            id="registered-by-others",
        ),
        pytest.param(
            held(TEXT),
            held(TEXT, GROWN),
            (),
            [
                (
                    "drift-missing-version",
                    "error",
                    "version 2 of the snapshot is not registered any more",
                )
            ],
            id="deleted",
        ),
        pytest.param(
            held(TEXT),
            held(TEXT),
            (Subject("other-value"),),
            [("drift-unmanaged", "warning", "no file of this project defines it")],
            id="unmanaged",
        ),
        pytest.param(
            replace(held(), subjects={}, passed_over=(PassedOver(MONEY, "PROTOBUF", 1),)),
            None,
            (),
            [
                (
                    "drift-other-schema-type",
                    "error",
                    "it is held as PROTOBUF, and this project's schema is Avro",
                )
            ],
            id="other-schema-type",
        ),
        pytest.param(
            replace(held(TEXT), passed_over=(PassedOver(MONEY, "JSON", 1),)),
            held(TEXT),
            (),
            [
                (
                    "drift-other-schema-type",
                    "error",
                    "it is held as JSON, and this project's schema is Avro",
                )
            ],
            id="version-of-another-schema-type",
        ),
        pytest.param(
            replace(held(TEXT), passed_over=(PassedOver(Subject("calls-value"), "JSON", 1),)),
            held(TEXT),
            (),
            [],
            id="other-schema-type-of-others",
        ),
    ],
)
def test_difference_is_a_finding(
    actual: RegistryState,
    snapshot: RegistryState | None,
    unmanaged: tuple[Subject, ...],
    findings: list[tuple[str, str, str]],
) -> None:
    project = build_project([("Money.avsc", TEXT.encode())], replace(CONFIG, topics=()))
    result = drift_of_project(project, actual, snapshot, registry="there", unmanaged=unmanaged)
    assert [(f.rule, f.severity, f.message) for f in result.findings] == findings
    errors = [severity for _, severity, _ in findings if severity == "error"]
    assert result.exit_code() is (ExitCode.NO if errors else ExitCode.YES)
    assert result.exit_code(Severity.WARNING) is (ExitCode.NO if findings else ExitCode.YES)
    summary = render(result, Format.TEXT, Page()).splitlines()[-1]
    assert summary.endswith(": 1 subject compared with there")
