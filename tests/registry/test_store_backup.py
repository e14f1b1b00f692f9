"""A registry to JSON lines and back: nothing is lost, and the lines diff well."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from schemareg.cli.registry import backup as write_backup
from schemareg.errors import ContentError, ExternalFailureError, UsageError
from schemareg.registry.service.backup import backup, backup_file
from schemareg.registry.service.restoring import restore
from schemareg.registry.store import Store
from tests.registry.filling import adding, golden_store


def lines_of(store: Store) -> list[str]:
    with store.reading() as tables:
        return list(backup(tables))


def test_backup_is_one_line_for_each_thing(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store:
        lines = lines_of(store)
    assert [next(iter(json.loads(line))) for line in lines] == [
        *["backup", "context", "context", "config", "mode"],
        *["schema"] * 5,
        *["version"] * 5,
        "end",
    ]
    assert lines[0] == '{"backup": {"format_version": 2}}\n'
    digest = hashlib.sha256("".join(lines[:-1]).encode()).hexdigest()
    assert json.loads(lines[-1]) == {"end": {"lines": 15, "sha256": digest}}
    assert json.loads(lines[7])["schema"]["references"] == [["shop.Money", "shop.Money", 1]]


def test_restored_registry_is_the_same(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store, Store(str(tmp_path / "new.db")) as new:
        lines = lines_of(store)
        assert restore(new, lines) == len(lines)
        assert lines_of(new) == lines
        with store.reading() as theirs, new.reading() as ours:
            for number in (1, 2):
                old, again = (t.version("orders-value", number) for t in (theirs, ours))
                assert old is not None
                assert again is not None
                assert again.content.guid == old.content.guid
                assert again.content.semantic == old.content.semantic
            assert [u.subject for u in ours.users("shop.Money", 1)] == ["orders-value"]


def test_ids_given_before_are_not_given_again_after_a_restore(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store, Store() as new:
        store.write(lambda tables: tables.erase("gone", 1))
        restore(new, lines_of(store))
        assert new.write(adding("next", '"long"')) == 5


def test_backup_of_a_running_registry_is_one_state(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store:
        before = lines_of(store)
        running = backup_file(store.path)
        first = next(running)
        store.write(adding("late", '"long"'))
        assert [first, *running] == before


def test_restore_into_a_registry_with_content_is_refused(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store, Store() as new:
        new.write(adding("a"))
        with pytest.raises(UsageError, match="not empty; give a new --db"):
            restore(new, lines_of(store))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "dump.jsonl: an empty file is not a backup"),
        (["not JSON\n"], "dump.jsonl:1:1: not a line of a backup: Expecting value"),
        (
            ['{"context": {}}\n'],
            "dump.jsonl:1:1: not a line of a backup: a backup begins with its `backup` line",
        ),
        (['{"backup": {"format_version": 99}}\n'], "format_version 99 is not 2"),
        (
            ['{"backup": {"format_version": 2}}\n', '{"version": {"subject": "a"}}\n'],
            "dump.jsonl:2:1: not a line of a backup: `version` is missing",
        ),
        (
            ['{"backup": {"format_version": 2}}\n', '{"wrong": {}}\n'],
            "dump.jsonl:2:1: not a line of a backup: unknown kind 'wrong'",
        ),
    ],
)
def test_file_that_is_no_backup_leaves_the_registry_empty(lines: list[str], message: str) -> None:
    with Store() as store:
        with pytest.raises(ContentError) as refused:
            restore(store, lines, path="dump.jsonl")
        assert message in str(refused.value)
        with store.reading() as tables:
            assert tables.is_empty()


CUT = "; copy the backup again from where it was made, or make a new one"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            lambda lines: lines[:-1],
            "dump.jsonl:15:1: the backup is cut off after 15 lines: its `end` line is missing",
        ),
        (
            lambda lines: lines[:1],
            "dump.jsonl:1:1: the backup is cut off after 1 lines: its `end` line is missing",
        ),
        (
            lambda lines: [*lines[:-2], lines[-1]],
            "dump.jsonl:15:1: the backup had 15 lines before this one, and has 14",
        ),
        (
            lambda lines: [line.replace("cents", "euros") for line in lines],
            "dump.jsonl:16:1: the lines are not the ones that were written: their digest differs",
        ),
    ],
)
def test_backup_that_is_not_whole_leaves_the_registry_empty(
    tmp_path: Path, changed: Callable[[list[str]], list[str]], message: str
) -> None:
    with golden_store(tmp_path) as filled, Store() as store:
        lines = lines_of(filled)
        assert changed(lines) != lines
        with pytest.raises(ContentError) as refused:
            restore(store, changed(lines), path="dump.jsonl")
        assert str(refused.value) == message + CUT
        with store.reading() as tables:
            assert tables.is_empty()
        with pytest.raises(ContentError, match="it follows the `end` line"):
            restore(store, [*lines, lines[-1]])


def test_backup_of_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExternalFailureError, match="there is no database here"):
        list(backup_file(str(tmp_path / "none.db")))


def test_backup_is_for_its_owner_alone_and_leaves_no_parts(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store:
        expected = lines_of(store)
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "kept.jsonl"
    for _ in range(2):
        write_backup(str(file), Path(store.path))
        assert file.read_text(encoding="utf-8") == "".join(expected)
        assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
        assert list(folder.iterdir()) == [file]
