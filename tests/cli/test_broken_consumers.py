"""`check` names the declared consumers that a change breaks, whatever the level promises."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

FIELD = '{"name": "%s", "type": "string"}'
PAID = '{"type": "record", "name": "Paid", "fields": [%s]}'
BOTH = PAID % f"{FIELD % 'id'}, {FIELD % 'note'}"
ID = PAID % (FIELD % "id")
CONFIG = """[topics.payments]
events = ["Paid"]

[consumers.billing.reads]
payments-value = "consumers/billing.avsc"
"""
MESSAGE = "billing cannot read it with consumers/billing.avsc: "


@pytest.mark.parametrize(
    ("before", "after", "reader", "code", "broken"),
    [
        pytest.param(BOTH, ID, BOTH, 1, ["payments-value"], id="a-field-that-it-needs-is-gone"),
        pytest.param(BOTH, ID, ID, 0, [], id="a-field-that-it-does-not-read-is-gone"),
        pytest.param(ID, ID, BOTH, 0, [], id="nothing-changed"),
    ],
)
def test_check_names_consumers_that_break(
    schemareg: Schemareg,
    here: Path,
    before: str,
    after: str,
    reader: str,
    code: int,
    broken: list[str],
) -> None:
    (here / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    for path, text in (
        ("old/Paid.avsc", before),
        ("schemas/Paid.avsc", after),
        ("consumers/billing.avsc", reader),
    ):
        (here / path).parent.mkdir()
        (here / path).write_text(text, encoding="utf-8")
    result = schemareg("check", "--against", "old", "--format", "json")
    found = [f for f in json.loads(result.out)["policy"] if f["rule"] == "consumer-breaks"]
    assert (result.code, [f["element"] for f in found]) == (code, broken)
    assert all(f["message"].startswith(MESSAGE) for f in found)


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        ("/dev/zero", "it leads out of the repository"),
        ("consumers/pipe.avsc", "it is a pipe"),
        ("../outside.avsc", "leads out of the repository"),
    ],
)
def test_a_reader_that_is_no_file_of_the_repository_is_refused(
    schemareg: Schemareg, here: Path, reader: str, message: str
) -> None:
    top = here / "repository"
    for folder in (".git", "old", "schemas", "consumers"):
        (top / folder).mkdir(parents=True)
    (here / "outside.avsc").write_text(BOTH, encoding="utf-8")
    os.mkfifo(top / "consumers/pipe.avsc")
    (top / "old/Paid.avsc").write_text(BOTH, encoding="utf-8")
    (top / "schemas/Paid.avsc").write_text(ID, encoding="utf-8")
    config = CONFIG.replace("consumers/billing.avsc", reader)
    (top / "schemareg.toml").write_text(config, encoding="utf-8")
    os.chdir(top)
    answer = schemareg("check", "--against", "old")
    assert answer.code == 2
    assert message in answer.err


MANIFEST = """
[services.shop]
produces = [{ event = "Paid", topic = "payments" }]
[services.billing]
consumes = [{ event = "Paid", topic = "payments"%s }]
"""


@pytest.mark.parametrize(
    ("consumes", "broken"),
    [
        (
            ', reader = "consumers/billing.avsc"',
            [
                "billing cannot read it with consumers/billing.avsc: readers have no"
                " default for note, which is not written"
            ],
        ),
        (', fields = ["id", "note"]', ["billing reads note, which Paid does not have"]),
        (', fields = ["id"]', []),
        ("", []),
    ],
    ids=["reader-schema", "fields", "other-fields", "nothing-declared"],
)
def test_check_names_consumers_of_the_manifest_that_break(
    schemareg: Schemareg, here: Path, consumes: str, broken: list[str]
) -> None:
    for path, text in (
        ("schemareg.toml", CONFIG.partition("[consumers")[0]),
        ("services.toml", MANIFEST % consumes),
        ("old/Paid.avsc", BOTH),
        ("schemas/Paid.avsc", ID),
        ("consumers/billing.avsc", BOTH),
    ):
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).write_text(text, encoding="utf-8")
    for command in ("check", "ci"):
        result = schemareg(command, "--against", "old", "--format", "json")
        report = json.loads(result.out)
        found = (report if command == "check" else report["check"])["policy"]
        assert [f["message"] for f in found if f["rule"] == "consumer-breaks"] == broken
        assert command == "ci" or (result.code == 1) == bool(broken)
