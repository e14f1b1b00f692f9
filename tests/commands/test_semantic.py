"""Changes that Avro calls compatible and that change what values mean: how much each weighs."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.commands.check import check_project
from schemareg.errors import ExitCode
from schemareg.findings import Severity
from schemareg.registry.api.state import Origin
from schemareg.state import state_of_project
from schemareg.workspace import Project, build_project
from schemareg.workspace.config_file import parse_config

MONEY = '{"type": "record", "name": "Money", "fields": [{"name": "sum", "type": %s}]}'
PAID = '{"type": "record", "name": "Paid", "fields": [{"name": "money", "type": "Money"}]}'
SENT = '{"type": "record", "name": "Sent", "fields": [{"name": "at", "type": %s}]}'

LONG = '"long"'
MILLIS = '{"type": "long", "logicalType": "timestamp-millis"}'
MICROS = '{"type": "long", "logicalType": "timestamp-micros"}'
LOCAL = '{"type": "long", "logicalType": "local-timestamp-millis"}'
CENTS = '{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}'
MILLS = '{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}'

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

CASES = [
    # configuration, before, after, rule and severity
    ("", MILLIS, MICROS, "time-unit", WARNING),
    ('level = "FULL"', MILLIS, MICROS, "time-unit", ERROR),
    ('level = "FORWARD"', MILLIS, MICROS, "time-unit", WARNING),
    ('level = "FULL"', MILLIS, LOCAL, "logical-type", ERROR),
    ('level = "FULL"', MILLIS, LONG, "logical-type", ERROR),
    ('level = "FULL"', LONG, MILLIS, "logical-type", WARNING),
    ('level = "FULL"', CENTS, MILLS, "decimal-scale", ERROR),
    ('[subjects."*"]\nsemantic = "error"', MILLIS, MICROS, "time-unit", ERROR),
    ('[subjects."*"]\nsemantic = "error"', LONG, MILLIS, "logical-type", ERROR),
    ('[subjects."*"]\nsemantic = "info"', MILLIS, MICROS, "time-unit", INFO),
    (
        'level = "FULL"\n[subjects.Sent]\nsemantic = "warning"',
        MILLIS,
        LONG,
        "logical-type",
        WARNING,
    ),
    ('[topics.t]\nevents = ["Sent"]\nsemantic = "error"', MILLIS, MICROS, "time-unit", ERROR),
    (
        '[topics.t]\nevents = ["Sent", "Paid"]\nsemantic = "error"',
        MILLIS,
        MICROS,
        "time-unit",
        ERROR,
    ),
]


def project(configuration: str, **files: str) -> Project:
    config = parse_config(configuration.encode(), Path("/p/schemareg.toml"), Path("/p"))
    texts = [(f"{name}.avsc", text.encode()) for name, text in files.items()]
    return build_project(texts, config)


@pytest.mark.parametrize(("configuration", "before", "after", "rule", "severity"), CASES)
def test_how_much_a_change_of_meaning_weighs(
    configuration: str, before: str, after: str, rule: str, severity: Severity
) -> None:
    files = {"Money": MONEY % LONG, "Paid": PAID}
    old = project(configuration, Sent=SENT % before, **files)
    new = project(configuration, Sent=SENT % after, **files)
    result = check_project(new, state_of_project(old, Origin("before")))
    found = [(d.rule, d.severity) for d in result.annotations()]
    assert found == [(rule, severity)]
    assert result.exit_code() is (ExitCode.NO if severity is ERROR else ExitCode.YES)


SHARED = [
    ('[subjects.Paid]\nsemantic = "error"', ERROR),
    ('[subjects.Paid]\nlevel = "FULL"', ERROR),
    ('[subjects.Paid]\nsemantic = "error"\n[subjects.Money]\nsemantic = "warning"', WARNING),
    ('[subjects.Sent]\nsemantic = "error"', WARNING),
]


@pytest.mark.parametrize(("configuration", "severity"), SHARED)
def test_a_shared_type_weighs_as_for_its_users(configuration: str, severity: Severity) -> None:
    files = {"Paid": PAID, "Sent": SENT % LONG}
    old = project(configuration, Money=MONEY % CENTS, **files)
    new = project(configuration, Money=MONEY % MILLS, **files)
    result = check_project(new, state_of_project(old, Origin("before")))
    found = [(d.location.path, d.severity) for d in result.annotations()]
    assert found == [("Money.avsc", severity)]
