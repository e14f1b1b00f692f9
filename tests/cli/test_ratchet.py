"""`lint.ratchet`: what a change adds or touches is reported, what was there before is not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Dev", "-c", "user.email=dev@example.com")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, timeout=30)


OLD = """{"type": "record", "name": "Paid", "namespace": "n", "fields": [
  {"name": "id", "type": "int"},
  {"name": "how", "type": {"type": "enum", "name": "How", "symbols": ["CARD"]}}]}
"""
RATCHET = """[lint]
preset = "minimal"
ratchet = ["field-doc-required", "SR203", "plain-json"]
[lint.rules]
field-doc-required = "error"
enum-doc-required = "error"
plain-json = "error"
"""

CHANGES = [
    # how the new text differs from the old, and what is reported
    (OLD, []),
    (OLD.replace('"int"}', '"int"} '), []),  # its layout is no content
    (OLD.replace('"int"}', '"long"}'), ["field-doc-required n.Paid.id"]),
    (
        OLD.replace('"int"},', '"int"}, {"name": "note", "type": "string"},'),
        ["field-doc-required n.Paid.note"],
    ),
    (OLD.replace('["CARD"]', '["CARD", "CASH"]'), ["enum-doc-required n.How"]),
    (
        OLD.replace('"Paid"', '"Payed"'),
        ["field-doc-required n.Payed.id", "field-doc-required n.Payed.how"],
    ),
    (OLD.replace('"int"},', '"int"}, // why'), ["plain-json n.Paid"]),
    ("{", ["json-syntax"]),
]


def project(here: Path, new: str, configuration: str = RATCHET) -> None:
    for folder, text in (("old", OLD), ("schemas", new)):
        (here / folder).mkdir()
        (here / folder / "Paid.avsc").write_text(text, encoding="utf-8")
    (here / "schemareg.toml").write_text(configuration, encoding="utf-8")


def reported(text: str) -> list[str]:
    """Rule and element of each diagnostic that counts in the JSON report."""
    findings = json.loads(text)["findings"]
    return [f"{d['rule']} {d['element']}".strip() for d in findings if d["suppressed"] is None]


@pytest.mark.parametrize(("new", "expected"), CHANGES)
@pytest.mark.parametrize("cache", [(), ("--no-cache",)])
def test_what_is_reported(
    schemareg: Schemareg, here: Path, new: str, expected: list[str], cache: tuple[str, ...]
) -> None:
    project(here, new)
    answer = schemareg("lint", "--against", "old", "--format", "json", *cache)
    assert reported(answer.out) == expected
    assert answer.code == (1 if expected else 0)


def test_the_base_is_the_snapshot_or_where_the_branch_began(
    schemareg: Schemareg, here: Path
) -> None:
    project(here, OLD)
    answer = schemareg("lint")
    assert answer.code == 1
    assert "no snapshot and no branch to compare with: lint.ratchet accepts nothing" in answer.err
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "Add the event")
    git("switch", "-q", "-c", "change")
    assert schemareg("lint").code == 0
    path = here / "schemas/Paid.avsc"
    path.write_text(OLD.replace('"int"', '"long"'), encoding="utf-8")
    answer = schemareg("lint")
    assert answer.out.splitlines()[-1] == ("1 error in 1 schema file (2 as before the change)")
    report = schemareg("ci", "--format", "json").out
    lint = json.loads(report)["lint"]["findings"]
    assert [d["element"] for d in lint if d["suppressed"] is None] == ["n.Paid.id"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("field-doc-requird", "did you mean 'field-doc-required'?"),
        ("json-syntax", "is about what is no Avro schema"),
    ],
)
def test_what_a_ratchet_cannot_be_for(
    schemareg: Schemareg, here: Path, word: str, message: str
) -> None:
    project(here, OLD, f'[lint]\nratchet = ["{word}"]\n')
    answer = schemareg("lint")
    assert answer.code == 2
    assert message in " ".join(answer.err.split())


def test_the_ratchet_of_every_rule(schemareg: Schemareg, here: Path) -> None:
    project(here, OLD, '[lint]\npreset = "all"\nratchet = ["*"]\n')
    assert reported(schemareg("lint", "--format", "json", "--against", "old").out) == []
    assert reported(schemareg("lint", "--format", "json").out) != []
