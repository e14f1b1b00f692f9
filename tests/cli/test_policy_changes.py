"""What a pull request relaxes of the policy that judges it is reported in the same run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

PAID = '{"type": "record", "name": "%s", "fields": []}'
BEFORE = """roots = ["schemas", "more/*"]
topics_by_file = true
versions = ["files"]
[topics.paid]
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
    (', "more/*"', "", ["the root more/* is dropped: its schemas are not read any more"]),
    ('"schemas", ', "", ["the root schemas is dropped: its schemas are not read any more"]),
    (
        "topics_by_file = true\n",
        "",
        ["topics_by_file is off: files are not of the topic that they are named for any more"],
    ),
    (
        'versions = ["files"]',
        'exclude = ["schemas/old"]',
        [
            "schemas/old is excluded: its schemas are not read any more",
            "versions lacks files: earlier versions there are not compared any more",
        ],
    ),
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
    (here / "more/a").mkdir(parents=True)
    for name in ("Paid", "Sent"):
        (here / f"more/a/{name}.avsc").write_text(PAID % name, encoding="utf-8")
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


def test_a_baseline_that_grows(schemareg: Schemareg, branch: Path) -> None:
    def write(**accepted: int) -> None:
        content = {"format_version": 1, "accepted": {"SR101": accepted}}
        (branch / "schemareg-baseline.json").write_text(json.dumps(content), encoding="utf-8")

    def reported() -> list[str]:
        report = json.loads(schemareg("check", "--format", "json").out)
        return [p["message"] for p in report["policy"] if p["rule"] == "policy-relaxed"]

    git("switch", "-q", "main")
    write(Paid=2)
    git("add", ".")
    git("commit", "-qm", "Accept what there is")
    git("switch", "-qC", "change")
    assert reported() == []
    write(Paid=1)
    assert reported() == []
    write(Paid=3, Sent=1)
    assert reported() == ["the baseline accepts 2 more findings, first SR101 at Paid"]


def test_a_file_of_a_topic_that_is_dropped(schemareg: Schemareg, branch: Path) -> None:
    git("switch", "-q", "main")
    (branch / "schemas/sent-value.avsc").write_text(PAID % "Posted", encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "Post")
    git("switch", "-qC", "change")
    (branch / "schemas/sent-value.avsc").rename(branch / "schemas/Posted.avsc")
    report = json.loads(schemareg("check", "-a", "git:main", "--format", "json").out)
    found = [p for p in report["policy"] if p["rule"] == "policy-relaxed"]
    assert [(p["message"], p["element"]) for p in found] == [
        ("no file is named for sent-value any more: it is not checked", "sent-value")
    ]


def test_a_pattern_of_topics_and_a_module_that_are_dropped(
    schemareg: Schemareg, branch: Path
) -> None:
    more = '[topics."pa*"]\nremoval = "error"\n[modules.more]\nroots = ["more/a"]\n'
    git("switch", "-q", "main")
    (branch / "schemareg.toml").write_text(BEFORE + more, encoding="utf-8")
    git("commit", "-qam", "Add a pattern and a module")
    git("switch", "-qC", "change")
    (branch / "schemareg.toml").write_text(
        BEFORE + '[modules.more]\nroots = ["more/a"]\nprefix = ""\n', encoding="utf-8"
    )
    report = json.loads(schemareg("check", "--format", "json").out)
    assert [p["message"] for p in report["policy"] if p["rule"] == "policy-relaxed"] == [
        "the topics pa* are dropped: those that fit have other settings",
        "modules.more.prefix is '', and was 'more.'",
        "topics.pa*.removal is not set, and was error",
        "topics.paid.removal is not set, and was error",
    ]
