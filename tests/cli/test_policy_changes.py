"""What a pull request relaxes of the policy that judges it is reported in the same run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

PAID = '{"type": "record", "name": "%s", "fields": []}'
BEFORE = """[topics.paid]
events = ["Paid", "Sent"]
key = "string"
semantic = "error"
[consumers.billing]
reads = { "paid-value" = "billing.avsc" }
[lint]
preset = "recommended"
[lint.rules]
complex-union = "error"
"""
NEW_APPROVAL = """
[[approvals]]
subject = "Paid"
fingerprint = "0000000000000000"
by = "the author"
reason = "in a hurry"
until = 2999-12-31
"""
IGNORE = '[[lint.ignore]]\nrule = "complex-union"\npath = "*"\nreason = "later"\n'
OVERRIDE = '[[lint.overrides]]\npaths = ["*"]\npreset = "minimal"\n'

CHANGES = [
    # what is replaced in the configuration, and what is reported
    ("preset", "preset", []),
    ('"Paid", "Sent"', '"Paid"', ["the topic paid carries Sent no longer"]),
    ('key = "string"\n', "", ["the topic paid has a key no longer"]),
    ('semantic = "error"\n', "", ["topics.paid.semantic is not set, and was error"]),
    (
        'semantic = "error"',
        'semantic = "info"',
        ["topics.paid.semantic is info, and was error"],
    ),
    ('"recommended"', '"minimal"', ["lint.preset is minimal, and was recommended"]),
    (
        'complex-union = "error"',
        'complex-union = "off"',
        ["the rule complex-union is off, and reported with severity error"],
    ),
    (
        'complex-union = "error"',
        'complex-union = "info"',
        ["the rule complex-union is info, and was error"],
    ),
    (
        "[lint]\n",
        '[lint]\nratchet = ["complex-union"]\n',
        ["the rule complex-union reports only what a change touches"],
    ),
    (
        "[consumers.billing]\nreads",
        "[consumers.report]\nreads",
        ["the consumer billing is dropped: whom a change breaks is less known"],
    ),
    (
        'complex-union = "error"\n',
        f'complex-union = "error"\n{IGNORE}',
        ["the rule complex-union is ignored at *: later"],
    ),
    (
        'complex-union = "error"\n',
        f'complex-union = "error"\n{OVERRIDE}',
        ["other rules are in force for *: lint.overrides"],
    ),
    (
        'complex-union = "error"\n',
        f'complex-union = "error"\n{NEW_APPROVAL}',
        [
            "this change itself has a break approved by the author until 2999-12-31: in a hurry",
        ],
    ),
]


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, timeout=30)


@pytest.fixture
def branch(here: Path) -> Path:
    """A branch of a repository whose main has two events."""
    (here / "schemas").mkdir()
    for name in ("Paid", "Sent"):
        (here / f"schemas/{name}.avsc").write_text(PAID % name, encoding="utf-8")
    (here / "billing.avsc").write_text(PAID % "Paid", encoding="utf-8")
    (here / "schemareg.toml").write_text(BEFORE, encoding="utf-8")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "Add the events")
    git("switch", "-q", "-c", "change")
    return here


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_what_is_relaxed(
    schemareg: Schemareg, branch: Path, old: str, new: str, expected: list[str]
) -> None:
    assert old in BEFORE
    (branch / "schemareg.toml").write_text(BEFORE.replace(old, new), encoding="utf-8")
    report = json.loads(schemareg("check", "--format", "json").out)
    found = [p["message"] for p in report["policy"] if p["rule"] == "policy-relaxed"]
    assert found == expected


def test_in_ci_and_against_another_state(schemareg: Schemareg, branch: Path) -> None:
    (branch / "old").mkdir()
    (branch / "old/Paid.avsc").write_text(PAID % "Paid", encoding="utf-8")
    relaxed = BEFORE.replace('complex-union = "error"', 'complex-union = "off"')
    (branch / "schemareg.toml").write_text(relaxed, encoding="utf-8")
    for arguments in (("ci",), ("check", "--against", "git:main"), ("check", "-a", "old")):
        answer = schemareg(*arguments)
        assert "schemareg.toml: warning policy-relaxed" in answer.out, arguments
        assert "the rule complex-union is off" in answer.out


def test_a_configuration_that_could_not_be_read_is_no_silence(
    schemareg: Schemareg, branch: Path
) -> None:
    (branch / "schemareg.toml").write_text("x = ", encoding="utf-8")
    git("commit", "-qam", "Break the configuration")
    (branch / "schemareg.toml").write_text(BEFORE, encoding="utf-8")
    report = json.loads(schemareg("check", "-a", "git:HEAD", "--format", "json").out)
    assert [p["rule"] for p in report["policy"]] == ["policy-not-compared"]
