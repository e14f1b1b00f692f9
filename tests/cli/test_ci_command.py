"""`schemareg ci`: one report and one exit code for a pull request, in a real git repository."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

CONFIG = 'roots = ["schemas"]\nlevel = "FULL"\n[topics.orders]\nevents = ["shop.Placed"]\n'
PLACED = (
    '{"type":"record","name":"shop.Placed","doc":"An order.",'
    '"fields":[{"name":"id","type":"string","doc":"Which."}]}\n'
)
NOTE = '},{"name":"note","type":"string","default":"","doc":"Free."}]'
COUNT = '},{"name":"count","type":"int","doc":"How many."}]'
TARGETS = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
)


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, timeout=30)


JUDGED = "1 subject read, 1 judged, 0 passed over"


@pytest.fixture
def branch(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A branch of a repository whose main has one event."""
    for name in TARGETS:
        monkeypatch.delenv(name, raising=False)
    (here / "schemas").mkdir()
    (here / "schemas/Placed.avsc").write_text(PLACED, encoding="utf-8")
    (here / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "Add the order")
    git("switch", "-q", "-c", "change")
    return here


@pytest.mark.parametrize(
    ("text", "config", "code", "words"),
    [
        pytest.param(PLACED, CONFIG, 0, "1 subject against git:main... ", id="nothing"),
        pytest.param(
            PLACED.replace("}]", NOTE), CONFIG, 0, "  minor orders-value\n", id="compatible"
        ),
        pytest.param(
            PLACED.replace("}]", COUNT), CONFIG, 1, "INCOMPATIBLE orders-value", id="check"
        ),
        pytest.param(
            PLACED.replace('"string"', '{"type":"string","logicalType":"decimal"}'),
            CONFIG,
            1,
            "error logical-type-wrong-base",
            id="lint",
        ),
        pytest.param(
            PLACED, CONFIG + "[fmt]\nindent = 4\n", 1, "to lay out: schemas/Placed.avsc", id="fmt"
        ),
        pytest.param("{", CONFIG, 1, "schemas/Placed.avsc:1:2: error json-syntax", id="refused"),
    ],
)
def test_each_step_decides(
    schemareg: Schemareg, branch: Path, text: str, config: str, code: int, words: str
) -> None:
    (branch / "schemas/Placed.avsc").write_text(text, encoding="utf-8")
    (branch / "schemareg.toml").write_text(config, encoding="utf-8")
    answer = schemareg("ci")
    counted = "1 subject read, 0 judged, 1 passed over" if text == "{" else JUDGED
    assert (answer.code, answer.err) == (code, f"schemareg: {counted}\n")
    assert words in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


def test_a_finding_is_reported_once_in_every_format(schemareg: Schemareg, branch: Path) -> None:
    (branch / "schemas/Placed.avsc").write_text(PLACED.replace("}]", COUNT), encoding="utf-8")
    outputs = ("-o", "sarif=out.sarif", "-o", "gitlab=quality.json", "-o", "json=ci.json")
    answer = schemareg("ci", "--format", "github", *outputs)
    assert answer.out.count("::error file=schemas/Placed.avsc,") == 1
    [run] = json.loads((branch / "out.sarif").read_text(encoding="utf-8"))["runs"]
    entries = json.loads((branch / "quality.json").read_text(encoding="utf-8"))
    errors = [r for r in run["results"] if r["level"] == "error"]
    assert [r["ruleId"] for r in errors] == ["READER_FIELD_MISSING_DEFAULT_VALUE"]
    assert [e["severity"] for e in entries if e["severity"] == "critical"] == ["critical"]
    document = json.loads((branch / "ci.json").read_text(encoding="utf-8"))
    assert (document["command"], document["exit_code"], document["fmt"]) == ("ci", 1, None)


@pytest.mark.parametrize("name", TARGETS)
def test_base_is_the_branch_that_a_job_merges_into(
    schemareg: Schemareg, branch: Path, name: str
) -> None:
    git("update-ref", "refs/remotes/origin/release", "main")
    answer = schemareg("check", environment={name: "release"})
    assert "1 subject against git:origin/release... " in answer.out


def test_base_is_the_snapshot_where_there_is_one(schemareg: Schemareg, branch: Path) -> None:
    folder = branch / "schemas/registered/orders-value"
    folder.mkdir(parents=True)
    answer = schemareg("check")
    assert "1 subject against the snapshot in schemas/registered: " in answer.out


def test_without_a_repository_the_snapshot_is_named(schemareg: Schemareg, here: Path) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/Placed.avsc").write_text(PLACED, encoding="utf-8")
    answer = schemareg("check", environment={"GIT_CEILING_DIRECTORIES": str(here.parent)})
    assert answer.code == 2
    assert "snapshot" in answer.err


def test_diff_of_two_files_needs_no_project(schemareg: Schemareg, here: Path) -> None:
    (here / "old.json").write_text(PLACED, encoding="utf-8")
    (here / "new.json").write_text(PLACED.replace("}]", NOTE), encoding="utf-8")
    answer = schemareg("diff", "old.json", "new.json")
    assert (answer.code, answer.err) == (0, "schemareg: 2 schemas read, 2 judged, 0 passed over\n")
    assert answer.out.endswith("minor: 1 change from old.json to new.json\n")
