"""What Avro IDL imports: read inside the repository, named where that is not possible."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from schemareg.state import open_state
from schemareg.workspace import Project, load_config, load_project
from schemareg.workspace.imports import MISSING, NO_SCHEMA, OUTSIDE

MONEY = '{"type": "record", "name": "Money", "namespace": "shop", "fields": []}'
ID = '{"type": "fixed", "name": "Id", "size": 4}'
PROTOCOL = f'{{"protocol": "P", "namespace": "shop", "types": [{ID}]}}'
PAID = '@namespace("shop") protocol Paid { IMPORTS record Paid { TYPE a; } }'


def project_of(tmp_path: Path, files: dict[str, str]) -> Project:
    top = tmp_path / "repository"
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, encoding="utf-8")
    (top / ".git").mkdir(exist_ok=True)
    (top / "schemareg.toml").write_text('roots = ["schemas", "more"]\n', encoding="utf-8")
    (top / "more").mkdir(exist_ok=True)
    (top / "more/Other.avsc").write_text('"string"', encoding="utf-8")
    return load_project(load_config(None, top))


@pytest.mark.parametrize(
    ("kind", "target", "text", "type_"),
    [
        ("schema", "../common/Money.avsc", MONEY, "Money"),
        ("protocol", "../common/p.avpr", PROTOCOL, "Id"),
        ("idl", "../common/money.avdl", "namespace shop; record Money {}", "Money"),
    ],
)
def test_an_import_outside_of_the_roots_is_read(
    tmp_path: Path, kind: str, target: str, text: str, type_: str
) -> None:
    paid = PAID.replace("IMPORTS", f'import {kind} "{target}";').replace("TYPE", type_)
    files = {"schemas/paid.avdl": paid, target.removeprefix("../"): text}
    project = project_of(tmp_path, files)
    assert (project.failures, project.passed_over) == ((), ())
    assert {s.subject for s in project.subjects} == {"shop.Paid", f"shop.{type_}"}


def test_imports_of_imports_are_read_once_and_may_be_a_cycle(tmp_path: Path) -> None:
    paid = PAID.replace("IMPORTS", 'import idl "../a/one.avdl";').replace("TYPE", "One")
    files = {
        "schemas/paid.avdl": paid,
        "a/one.avdl": 'namespace shop; import idl "b/two.avdl"; record One { Two t; }',
        "a/b/two.avdl": 'namespace shop; import idl "../one.avdl"; record Two {}',
    }
    project = project_of(tmp_path, files)
    assert project.failures == ()
    assert [f.path for f in project.files if f.path.startswith("a/")] == [
        "a/b/two.avdl",
        "a/one.avdl",
    ]


def test_an_import_may_be_relative_to_a_root(tmp_path: Path) -> None:
    paid = PAID.replace("IMPORTS", 'import schema "deep/Money.avsc";').replace("TYPE", "Money")
    files = {"schemas/x/paid.avdl": paid, "schemas/deep/Money.avsc": MONEY}
    project = project_of(tmp_path, files)
    assert (project.failures, project.passed_over) == ((), ())


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("gone.avsc", MISSING),
        ("../../outside.avsc", OUTSIDE),
        ("../link.avsc", MISSING),
        ("../notes.txt", NO_SCHEMA),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, target: str, reason: str) -> None:
    (tmp_path / "outside.avsc").write_text(MONEY, encoding="utf-8")
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository/link.avsc").symlink_to(tmp_path / "outside.avsc")
    paid = PAID.replace("IMPORTS", f'import schema "{target}";').replace("TYPE", "Money")
    project = project_of(tmp_path, {"schemas/paid.avdl": paid, "notes.txt": ""})
    assert [p.code for f in project.failures for p in f.problems] == ["unknown-type"]
    assert [(p.shown, p.reason) for p in project.passed_over] == [
        (f"{target} (of schemas/paid.avdl)", reason)
    ]


def test_imports_of_a_commit_are_those_of_the_commit(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        own = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", str(tmp_path), *own, *arguments], check=True, timeout=60)

    git("init", "-q")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "common").mkdir()
    (tmp_path / "common/Money.avsc").write_text(MONEY, encoding="utf-8")
    paid = PAID.replace("IMPORTS", 'import schema "../common/Money.avsc";')
    (tmp_path / "schemas/paid.avdl").write_text(paid.replace("TYPE", "Money"), encoding="utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (tmp_path / "common/Money.avsc").unlink()
    config = load_config(None, tmp_path)
    state = open_state("git:HEAD", config=config, project=load_project(config))
    places = {str(s): held.versions[0].location.path for s, held in state.subjects.items()}
    assert places == {"shop.Money": "HEAD:common/Money.avsc", "shop.Paid": "HEAD:schemas/paid.avdl"}
