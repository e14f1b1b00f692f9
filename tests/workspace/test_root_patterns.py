"""Roots with patterns, and files that git ignores: what is read, and what is passed over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.workspace import load_config, load_project

A = '{"type": "record", "name": "%s", "fields": []}'
FILES = ("a/src/main/avro/A.avsc", "b/src/main/avro/deep/B.avsc", "b/src/test/avro/C.avsc",
         "src/main/avro/D.avsc", "events/E.avsc", "events/F.avpr")  # fmt: skip


def put(top: Path) -> None:
    for path in FILES:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        name = Path(path).stem
        protocol = f'{{"protocol": "P", "types": [{A % name}]}}'
        text = protocol if path.endswith(".avpr") else A % name
        (top / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("roots", "names"),
    [
        ('["*/src/main/avro"]', "AB"),
        ('["**/src/main/avro/"]', "ABD"),
        ('["*/src/*/avro"]', "ABC"),
        ('["?/src/main/avro", "events"]', "ABEF"),
        ('["events/*.avpr"]', "F"),
        ('["events", "events/*.avpr"]', "EF"),
        ('["b/*/*/avro"]', "BC"),
        ('["."]', "ABCDEF"),
    ],
)
def test_patterns_of_roots(tmp_path: Path, roots: str, names: str) -> None:
    put(tmp_path)
    (tmp_path / "schemareg.toml").write_text(f"roots = {roots}\n", encoding="utf-8")
    project = load_project(load_config(None, tmp_path))
    assert sorted(subject.subject for subject in project.subjects) == list(names)
    assert project.passed_over == ()


def test_a_pattern_that_fits_no_file_is_an_error(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "schemareg.toml").write_text('roots = ["events", "*/src/avro"]\n')
    with pytest.raises(UsageError, match=r"roots: no schema file fits '\*/src/avro'"):
        load_project(load_config(None, tmp_path))


@pytest.mark.parametrize(
    ("rules", "tracked", "names", "ignored"),
    [
        ({}, (), "ABCDEF", []),
        ({".gitignore": "test\n"}, (), "ABDEF", ["b/src/test/avro/C.avsc"]),
        ({".gitignore": "*.avsc\n!A.avsc\n"}, (), "AF",
         ["b/src/main/avro/deep/B.avsc", "b/src/test/avro/C.avsc", "events/E.avsc",
          "src/main/avro/D.avsc"]),
        ({".gitignore": "test\n"}, ("b/src/test/avro/C.avsc",), "ABCDEF", []),
        ({"events/.gitignore": "/E.*\n"}, (), "ABCDF", ["events/E.avsc"]),
    ],
)  # fmt: skip
def test_files_that_git_ignores(
    tmp_path: Path, rules: dict[str, str], tracked: tuple[str, ...], names: str, ignored: list[str]
) -> None:
    put(tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "schemareg.toml").write_text('roots = ["."]\n', encoding="utf-8")
    for path in tracked:
        subprocess.run(["git", "-C", str(tmp_path), "add", path], check=True)
    for path, text in rules.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    project = load_project(load_config(None, tmp_path))
    assert sorted(subject.subject for subject in project.subjects) == list(names)
    assert [p.shown for p in project.passed_over] == ignored
    assert {p.reason for p in project.passed_over} <= {"ignored by git"}


def test_a_folder_that_git_ignores_is_read_where_it_is_named(tmp_path: Path) -> None:
    put(tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("events\n", encoding="utf-8")
    (tmp_path / "schemareg.toml").write_text('roots = ["src"]\n', encoding="utf-8")
    project = load_project(load_config(None, tmp_path), [tmp_path / "events"])
    assert sorted(subject.subject for subject in project.subjects) == ["E", "F"]
