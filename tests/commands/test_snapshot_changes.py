"""What a change does to the snapshot that judges it is reported, in every format."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from schemareg.report import Format
from tests.cli.conftest import Schemareg, application, here, schemareg

__all__ = ["application", "here", "schemareg"]

OLD = '{"type": "record", "name": "a.b.E", "fields": [{"name": "x", "type": "int"}]}'
NEW = OLD.replace('"int"', '"string"')
FOLDER = "schemas/registered/a.b.E"
SUBJECT = '{"subject": "a.b.E", "level": "BACKWARD", "versions": [{"version": 1}, {"version": 2}]}'


@pytest.fixture
def project(here: Path) -> Path:
    """One schema and two versions of it in the snapshot, committed on main; a branch on it."""
    (here / FOLDER).mkdir(parents=True)
    (here / "schemas/E.avsc").write_text(OLD, encoding="utf-8")
    for version in (1, 2):
        (here / FOLDER / f"v{version}.avsc").write_text(OLD, encoding="utf-8")
    (here / FOLDER / "subject.json").write_text(SUBJECT, encoding="utf-8")
    (here / "schemareg.toml").write_text('roots = ["schemas"]\n', encoding="utf-8")
    commit(here, "init", "-q", "-b", "main")
    commit(here, "add", "-A")
    commit(here, "commit", "-qm", "state")
    commit(here, "checkout", "-qb", "change")
    return here


def commit(here: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=here, check=True, timeout=30)


def edit(name: str, text: str) -> Callable[[Path], object]:
    return lambda here: (here / FOLDER / name).write_text(text, encoding="utf-8")


def remove_last(here: Path) -> None:
    (here / FOLDER / "v2.avsc").unlink()
    edit("subject.json", SUBJECT.replace(', {"version": 2}', ""))(here)


# What the change does, the place and message that is reported, and the exit code of `check`.
ROWS: list[tuple[Callable[[Path], object], str, str, int]] = [
    (edit("v2.avsc", NEW), "v2.avsc", "error: edits a version that is registered", 1),
    (edit("v1.avsc", NEW), "v1.avsc", "error: edits a version that is registered", 1),
    (remove_last, "v2.avsc", "warning: removes this version", 0),
    (remove_last, "subject.json", "warning: removes v2 from the subject", 0),
    (
        edit("subject.json", SUBJECT.replace("BACKWARD", "NONE")),
        "subject.json",
        "warning: lowers the level from BACKWARD to NONE",
        0,
    ),
    (
        edit("subject.json", SUBJECT.replace('"level": "BACKWARD", ', "")),
        "subject.json",
        "warning: lowers the level from BACKWARD to none of its own",
        0,
    ),
]


@pytest.mark.parametrize(("change", "place", "message", "code"), ROWS)
@pytest.mark.parametrize("command", ["check", "ci"])
def test_an_edited_snapshot_is_reported(
    project: Path,
    schemareg: Schemareg,
    change: Callable[[Path], object],
    place: str,
    message: str,
    code: int,
    command: str,
) -> None:
    change(project)
    severity, _, what = message.partition(": ")
    outputs = [f"--output={format}=out.{format}" for format in Format]
    answer = schemareg(command, *outputs)
    if command == "check":
        assert answer.code == code, answer.out
    reported = f"{FOLDER}/{place}: {severity} snapshot-edited the change {what} do: "
    assert reported in " ".join(answer.out.split())
    for format in Format:
        text = (project / f"out.{format}").read_text(encoding="utf-8")
        assert what in text, format


def test_a_snapshot_that_only_grows_is_a_note(project: Path, schemareg: Schemareg) -> None:
    edit("v3.avsc", OLD)(project)
    edit("subject.json", SUBJECT.replace("]}", ', {"version": 3}]}'))(project)
    answer = schemareg("check", "--fail-on", "warning")
    assert answer.code == 0
    assert "v3.avsc: info snapshot-edited\n    the change adds this version" in answer.out


def test_a_snapshot_as_on_main_is_not_mentioned(project: Path, schemareg: Schemareg) -> None:
    answer = schemareg("check")
    assert (answer.code, "snapshot-edited" in answer.out) == (0, False)


def test_a_job_without_the_target_branch_is_noted(project: Path, schemareg: Schemareg) -> None:
    answer = schemareg("check", environment={"GITHUB_BASE_REF": "gone"})
    assert answer.code == 0
    assert "info snapshot-not-compared" in answer.out
