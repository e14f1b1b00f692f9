"""Approvals of intended breaks: what they accept, what is over, what nothing needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

PAID = '{"type": "record", "name": "Paid", "fields": [{"name": "money", "type": "Money"}]}'
MONEY = '{"type": "record", "name": "Money", "fields": [{"name": "sum", "type": %s}]}'
MILLIS = '{"type": "long", "logicalType": "timestamp-millis"}'
MICROS = '{"type": "long", "logicalType": "timestamp-micros"}'

APPROVAL = """[[approvals]]
subject = "{subject}"
fingerprint = "{fingerprint}"
by = "the payments team"
reason = "Nobody reads it yet."
until = {until}
"""


def project(here: Path, before: str, after: str, configuration: str = "") -> None:
    for folder, type_ in (("old", before), ("schemas", after)):
        (here / folder).mkdir(exist_ok=True)
        (here / folder / "Money.avsc").write_text(MONEY % type_, encoding="utf-8")
        (here / folder / "Paid.avsc").write_text(PAID, encoding="utf-8")
    (here / "schemareg.toml").write_text(configuration, encoding="utf-8")


def approve(here: Path, until: str, fingerprint: str, subject: str = "Money") -> None:
    path = here / "schemareg.toml"
    approval = APPROVAL.format(subject=subject, fingerprint=fingerprint, until=until)
    path.write_text(path.read_text(encoding="utf-8") + approval, encoding="utf-8")


def fingerprint_of(schemareg: Schemareg) -> str:
    """The fingerprint of the one violation of Money."""
    report = json.loads(schemareg("check", "--against", "old", "--format", "json").out)
    money = next(s for s in report["subjects"] if s["subject"] == "Money")
    broken = [*money["violations"], *money["warnings"]][0]
    text = schemareg("check", "--against", "old", "--verbose").out
    assert f"fingerprint: {broken['fingerprint']}" in text
    return str(broken["fingerprint"])


def test_an_approved_break_does_not_count(schemareg: Schemareg, here: Path) -> None:
    project(here, '"long"', '"string"')
    approve(here, "2999-12-31", fingerprint_of(schemareg))
    answer = schemareg("check", "--against", "old")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "approved Money (BACKWARD): breaks old"
    assert lines[lines.index("    before: old/Money.avsc:1:72") + 1 : -1] == [
        "    TYPE_MISMATCH: reader type: STRING not compatible with writer type: LONG",
        "    approved by the payments team until 2999-12-31: Nobody reads it yet.",
        "  1 user of it breaks with it: Paid (--verbose shows each)",
        "Under BACKWARD consumers are upgraded before producers.",
    ]
    assert answer.out.splitlines()[-1] == "2 subjects against old: 2 approved"
    report = json.loads(schemareg("check", "--against", "old", "--format", "json").out)
    assert [s["verdict"] for s in report["subjects"]] == ["approved", "approved"]
    sarif = json.loads(schemareg("check", "--against", "old", "--format", "sarif").out)
    (result,) = sarif["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == (
        "approved by the payments team until 2999-12-31: Nobody reads it yet."
    )


def test_a_change_of_meaning_can_be_approved(schemareg: Schemareg, here: Path) -> None:
    project(here, MILLIS, MICROS, '[subjects."*"]\nsemantic = "error"\n')
    assert schemareg("check", "--against", "old").code == 1
    approve(here, "2999-12-31", fingerprint_of(schemareg))
    answer = schemareg("check", "--against", "old")
    assert answer.code == 0
    assert "approved by the payments team until 2999-12-31: Nobody reads it yet." in answer.out


NOT_ACCEPTED = [
    # how the approval differs, the exit code, and what is reported of it
    (
        {"until": "2001-02-03"},
        1,
        "schemareg.toml:3:1: warning expired-approval\n"
        "    Money: the approval by the payments team ended on 2001-02-03: the break\n"
        "    counts again\n",
    ),
    (
        {"fingerprint": "0000000000000000"},
        1,
        "schemareg.toml:3:1: warning unused-approval\n"
        "    Money: no break of this subject has the fingerprint '0000000000000000'\n",
    ),
    ({"subject": "Paid"}, 1, "schemareg.toml:3:1: warning unused-approval\n"),
]


@pytest.mark.parametrize(("change", "code", "reported"), NOT_ACCEPTED)
def test_what_an_approval_does_not_accept(
    schemareg: Schemareg, here: Path, change: dict[str, str], code: int, reported: str
) -> None:
    project(here, '"long"', '"string"')
    approval = {"until": "2999-12-31", "fingerprint": fingerprint_of(schemareg), **change}
    approve(here, **approval)
    answer = schemareg("check", "--against", "old")
    assert answer.code == code
    assert "INCOMPATIBLE Money (BACKWARD) with old" in answer.out
    assert reported in answer.out


def test_another_break_of_the_same_subject_still_counts(schemareg: Schemareg, here: Path) -> None:
    project(here, '"long"', '"string"')
    approve(here, "2999-12-31", fingerprint_of(schemareg))
    other = MONEY % '"string"}, {"name": "currency", "type": "string"'
    (here / "schemas/Money.avsc").write_text(other, encoding="utf-8")
    answer = schemareg("check", "--against", "old")
    assert answer.code == 1
    assert "READER_FIELD_MISSING_DEFAULT_VALUE: currency" in answer.out
    assert "approved by the payments team" in answer.out


def test_an_unused_approval_is_not_reported_of_a_part(schemareg: Schemareg, here: Path) -> None:
    project(here, '"long"', '"long"')
    approve(here, "2999-12-31", "0000000000000000")
    assert "unused-approval" in schemareg("check", "--against", "old").out
    assert "unused-approval" not in schemareg("check", "--against", "old", "schemas/Money.avsc").out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("until = 2999-12-31\n", "", "approvals[0].until: an approval without an end"),
        ("2999-12-31", '"soon"', "approvals[0].until: 'soon' is not a day like 2030-12-31"),
        ('by = "the payments team"', 'by = " "', "approvals[0].by: an approval without it"),
        ("reason =", "reson =", "approvals[0].reason: an approval without it"),
    ],
)
def test_an_incomplete_approval_is_refused(
    schemareg: Schemareg, here: Path, old: str, new: str, message: str
) -> None:
    project(here, '"long"', '"long"')
    approve(here, "2999-12-31", "0000000000000000")
    path = here / "schemareg.toml"
    text = path.read_text(encoding="utf-8").replace(old, new)
    path.write_text(text, encoding="utf-8")
    answer = schemareg("check", "--against", "old")
    assert answer.code == 2
    assert message in answer.err
