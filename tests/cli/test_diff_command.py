"""`schemareg diff` of files, subjects and whole projects."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg
from tests.support.other_types import registry_with_protobuf

PLACED = (
    '{"type": "record", "name": "Placed", "namespace": "shop", "fields": '
    '[{"name": "id", "type": "string"}]}'
)
NOTE = PLACED.replace("}]}", '}, {"name": "note", "type": ["null", "string"], "default": null}]}')
GONE = PLACED.replace("Placed", "Gone")
PAID = PLACED.replace("Placed", "Paid")


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, timeout=30)


@pytest.fixture
def change(here: Path) -> Path:
    """A branch that changes one schema, adds one and removes one."""
    schemas = here / "schemas"
    schemas.mkdir()
    (schemas / "Placed.avsc").write_text(PLACED, encoding="utf-8")
    (schemas / "Gone.avsc").write_text(GONE, encoding="utf-8")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("tag", "v1")
    (schemas / "Placed.avsc").write_text(NOTE, encoding="utf-8")
    (schemas / "Gone.avsc").unlink()
    (schemas / "Paid.avsc").write_text(PAID, encoding="utf-8")
    return here


def test_diff_of_a_commit_and_the_files_here(schemareg: Schemareg, change: Path) -> None:
    result = schemareg("diff", "git:v1")
    assert result.code == 0
    lines = result.out.splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [
        "removed shop.Gone",
        "new shop.Paid",
        "minor shop.Placed",
        "major: 3 subjects changed from git:v1 to the files here",
    ]
    assert "note" in result.out


@pytest.mark.parametrize("new", [".", "schemas", "./schemas/"])
def test_diff_with_the_directory_of_the_files_here(
    schemareg: Schemareg, change: Path, new: str
) -> None:
    assert schemareg("diff", "git:v1", new).out == schemareg("diff", "git:v1").out


def test_diff_of_two_commits(schemareg: Schemareg, change: Path) -> None:
    git("add", "-A")
    git("commit", "-q", "-m", "two")
    result = schemareg("diff", "git:v1", "git:main")
    assert result.out.splitlines()[-1] == "major: 3 subjects changed from git:v1 to git:main"
    same = schemareg("diff", "git:main", "git:main")
    assert same.out == "nothing changed from git:main to git:main\n"


def test_diff_of_two_commits_where_the_files_here_are_gone(
    schemareg: Schemareg, change: Path
) -> None:
    for path in (change / "schemas").iterdir():
        path.unlink()
    result = schemareg("diff", "git:v1", "git:v1")
    assert (result.code, result.out) == (0, "nothing changed from git:v1 to git:v1\n")


@pytest.mark.parametrize(
    ("topic", "out", "note"),
    [
        (
            "calls",
            "nothing changed from {url} to the files here\n",
            "calls-value: not compared: the registry at {url} holds it as PROTOBUF",
        ),
        (
            "orders",
            "new orders-value\nminor: 1 subject changed from {url} to the files here\n",
            "not compared, for they are no Avro schemas: 1 other subjects",
        ),
    ],
)
def test_diff_with_a_registry_passes_over_other_schema_types(
    schemareg: Schemareg, here: Path, topic: str, out: str, note: str
) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/Placed.avsc").write_text(PLACED, encoding="utf-8")
    (here / "schemareg.toml").write_text(
        f'roots = ["schemas"]\n[topics.{topic}]\nevents = ["shop.Placed"]\n', encoding="utf-8"
    )
    with registry_with_protobuf([]) as url:
        result = schemareg("diff", url, ".")
    assert result.out == out.format(url=url)
    read = 1 if topic == "calls" else 2
    assert result.err.splitlines() == [
        f"schemareg: {note.format(url=url)}",
        f"schemareg: {read} subjects read, {read - 1} judged, 1 passed over".replace(
            "1 subjects", "1 subject"
        ),
    ]


def test_diff_of_two_folders_as_markdown(schemareg: Schemareg, here: Path) -> None:
    for folder, text in (("a", PLACED), ("b", NOTE)):
        (here / folder).mkdir()
        (here / folder / "Placed.avsc").write_text(text, encoding="utf-8")
    result = schemareg("diff", "a", "b", "--format", "markdown")
    assert result.code == 0
    assert result.out.splitlines()[0] == "### minor change from `a` to `b`"
    assert result.out.splitlines()[-3].startswith("| shop.Placed | minor | ")


def test_diff_of_two_files_needs_no_project(schemareg: Schemareg, here: Path) -> None:
    (here / "old.avsc").write_text(PLACED, encoding="utf-8")
    (here / "new.avsc").write_text(NOTE, encoding="utf-8")
    result = schemareg("diff", "old.avsc", "new.avsc")
    assert result.code == 0
    assert result.out.splitlines()[-1] == "minor: 1 change from old.avsc to new.avsc"
    (here / "schemareg.toml").write_text('roots = ["none"]\n', encoding="utf-8")
    assert schemareg("diff", "old.avsc", "new.avsc").code == 0


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(
            ["old.avsc", "nope.avsc"],
            "nope.avsc: no such file; name a schema file, or a subject",
            id="missing-file",
        ),
        pytest.param(
            ["old.avsc"],
            "'old.avsc' is one schema, and a second one to compare it with is not named; name two"
            " schemas, or one state of the project, such as git:main",
            id="one-schema",
        ),
        pytest.param(
            ["old.avsc", "git:main"],
            "one of the two is a schema, and the other a whole project; name two schemas, or two"
            " projects",
            id="a-schema-and-a-project",
        ),
    ],
)
def test_diff_refuses(schemareg: Schemareg, here: Path, arguments: list[str], error: str) -> None:
    (here / "old.avsc").write_text(PLACED, encoding="utf-8")
    result = schemareg("diff", *arguments)
    assert (result.code, result.err) == (2, f"schemareg: error: {error}\n")


def test_files_of_another_project_are_read_beside_its_types(
    schemareg: Schemareg, here: Path
) -> None:
    schemas = here / "services" / "a" / "events"
    schemas.mkdir(parents=True)
    (schemas.parent / "schemareg.toml").write_text('roots = ["events"]', encoding="utf-8")
    (schemas / "Kind.avsc").write_text('{"type": "enum", "name": "K", "symbols": ["X"]}')
    for name, default in (("A", ""), ("B", ', "default": "X"')):
        field = f'{{"name": "kind", "type": "K"{default}}}'
        record = f'{{"type": "record", "name": "{name}", "fields": [{field}]}}'
        (schemas / f"{name}.avsc").write_text(record, encoding="utf-8")
    result = schemareg("diff", "services/a/events/A.avsc", "services/a/events/B.avsc")
    assert (result.code, result.out.splitlines()[-1]) == (
        0,
        "major: 2 changes from services/a/events/A.avsc to services/a/events/B.avsc",
    )
