"""Which files are schemas, whichever directory a command runs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.workspace import Config, load_config, load_project
from schemareg.workspace.schema_paths import (
    MESSAGES,
    PassedOver,
    find_schemas,
    is_schema_path,
    passed_over_note,
)

SCHEMA = '{"type": "fixed", "name": "F", "size": 1}'


def put(top: Path, *paths: str, text: str = SCHEMA) -> None:
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "read", "passed_over"),
    [
        (["a.avsc", "b/c.AVSC"], ["a.avsc", "b/c.AVSC"], []),
        (["a.avsc", "b.json", "c.avdl", "d.AVPR"], ["a.avsc", "c.avdl", "d.AVPR"], ["b.json"]),
        (["a.avsc", ".a.avsc", ".x/b.avsc"], ["a.avsc"], [".a.avsc", ".x/b.avsc"]),
        (["a.avsc", "b.md", ".git/d.avsc"], ["a.avsc"], []),
        (
            ["a.avro", "b.avsc.txt", "c.AVSC.bak", "d.avsc~"],
            [],
            ["a.avro", "b.avsc.txt", "c.AVSC.bak", "d.avsc~"],
        ),
        (
            ["a.avsc", "registered/s/subject.json", "registered/s/v1.avsc"],
            ["a.avsc"],
            [],
        ),
    ],
)
def test_files_of_a_root(
    tmp_path: Path, files: list[str], read: list[str], passed_over: list[str]
) -> None:
    put(tmp_path, *files)
    config = Config(cwd=tmp_path, roots=(tmp_path,), snapshot=tmp_path / "registered")
    found = find_schemas(config, config.roots, given=False)
    assert [config.shown(path) for path in found.paths] == read
    assert sorted(config.shown(path) for path, _ in found.passed_over) == sorted(passed_over)


def test_file_that_holds_no_schema_is_nobodys_business(tmp_path: Path) -> None:
    put(tmp_path, "event.json", text='{"id": 1, "type": "paid"}')
    put(tmp_path, "data.avro", text='Obj\x01avro.schema {"type": "record"}')
    put(tmp_path, "a.avsc.license", text='The "type" is "record".')
    config = Config(cwd=tmp_path, roots=(tmp_path,))
    assert find_schemas(config, config.roots, given=False).passed_over == ()


def test_a_file_that_is_named_is_read_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, ".a.avsc", "b.json")
    config = Config(cwd=tmp_path)
    found = find_schemas(config, [Path(".a.avsc"), Path("b.json")], given=True)
    assert [path.name for path in found.paths] == [".a.avsc", "b.json"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.avsc", True), ("x/a.Avsc", True), (".a.avsc", False), ("x/.y/a.avsc", False),
     ("a.json", False), ("avsc", False)],
)  # fmt: skip
def test_is_schema_path(path: str, expected: bool) -> None:
    assert is_schema_path(path) is expected


def test_note_names_the_first_files() -> None:
    hidden = [PassedOver(f".{name}.avsc", "hidden") for name in "abcdefg"]
    note = passed_over_note([*hidden, PassedOver("p.avpr (2)", MESSAGES)])
    assert note == (
        "passed over 7 files, hidden: .a.avsc, .b.avsc, .c.avsc, .d.avsc, .e.avsc and 2 more;"
        " passed over the messages of 1 protocol: p.avpr (2)"
    )


@pytest.mark.parametrize("run_in", ["elsewhere", "nowhere", "project/deep"])
def test_a_file_belongs_to_the_project_that_it_is_in(tmp_path: Path, run_in: str) -> None:
    put(tmp_path, "project/events/A.avsc", "project/deep/x.txt", "nowhere/x.txt")
    put(tmp_path, "project/schemareg.toml", text='roots = ["events"]\nlevel = "FULL"\n')
    put(tmp_path, "elsewhere/schemareg.toml", text='roots = ["own"]\n')
    given = tmp_path / "project/events/A.avsc"
    config = load_config(None, tmp_path / run_in, [given])
    assert config.source == tmp_path / "project/schemareg.toml"
    assert config.cwd == tmp_path / run_in
    project = load_project(config, [given])
    assert project.selected == frozenset({config.shown(given)})


def test_a_path_in_a_root_of_the_nearest_configuration_belongs_to_it(tmp_path: Path) -> None:
    put(tmp_path, "shared/A.avsc")
    put(tmp_path, "shared/schemareg.toml", text='roots = ["."]\n')
    put(tmp_path, "own/schemareg.toml", text='roots = ["../shared"]\n')
    config = load_config(None, tmp_path / "own", [tmp_path / "shared/A.avsc"])
    assert config.source == tmp_path / "own/schemareg.toml"
