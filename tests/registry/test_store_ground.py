"""The ground moves under a store: files go, are replaced, are linked, fill up, change."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemareg.errors import ExternalFailureError, RegistryError, UsageError
from schemareg.registry.server.application import readiness
from schemareg.registry.store import Store
from tests.registry.filling import adding

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="an open file cannot be moved there, so the ground stays"
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A database with one version in it, and no server on it."""
    path = str(tmp_path / "registry.db")
    with Store(path) as store:
        store.write(adding("a"))
    return path


@pytest.fixture
def store(path: str) -> Iterator[Store]:
    with Store(path) as store:
        store.write(adding("b", '"int"'))
        yield store


def subjects_of(path: str) -> list[str]:
    with Store(path) as store, store.reading() as tables:
        return [subject for subject, _ in tables.subjects(None, "")]


def kill_after_write(path: str, subject: str, text: str) -> None:
    """A server that wrote and was killed: what it wrote is in the log."""
    program = (
        "import os, sys\n"
        "from schemareg.registry.store import Store\n"
        "from tests.registry.filling import adding\n"
        "Store(sys.argv[1]).write(adding(sys.argv[2], sys.argv[3]))\n"
        "os.kill(os.getpid(), 9)"
    )
    arguments = [sys.executable, "-c", program, path, subject, text]
    subprocess.run(arguments, check=False, cwd=Path(__file__).parents[2])
    assert Path(f"{path}-wal").stat().st_size > 0


# files that go while a server is on them


def remove(path: str) -> None:
    Path(path).unlink()


def remove_all(path: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).unlink()


def remove_log(path: str) -> None:
    Path(f"{path}-wal").unlink()


def remove_index(path: str) -> None:
    Path(f"{path}-shm").unlink()


def move(path: str) -> None:
    Path(path).rename(f"{path}.moved")


def replace(path: str) -> None:
    shutil.copy(path, f"{path}.copy")
    Path(f"{path}.copy").replace(path)


@pytest.mark.parametrize("change", [remove, remove_all, remove_log, remove_index, move, replace])
def test_write_after_the_files_changed_is_refused(
    store: Store, path: str, change: Callable[[str], None]
) -> None:
    assert readiness(store).ready
    change(path)
    for _ in range(2):
        with pytest.raises(RegistryError, match="was moved, deleted or replaced") as refused:
            store.write(adding("lost", '"long"'))
        assert (refused.value.code, refused.value.status) == (50001, 500)
    ready = readiness(store)
    assert not ready.ready
    assert str(Path(path).parent) not in ready.reason
    assert "put the right file there and start it again" in ready.reason


@pytest.mark.parametrize("change", [remove_all, move])
def test_reader_makes_no_file_where_the_database_was(
    store: Store, path: str, change: Callable[[str], None]
) -> None:
    change(path)
    with pytest.raises(RegistryError, match="was moved, deleted"), store.reading():
        pass
    assert not Path(path).exists()


# other names of the file


def test_second_server_by_a_symbolic_link_is_refused(store: Store, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(store.path)
    with pytest.raises(ExternalFailureError, match="another schemareg server has this database"):
        Store(str(link))


def test_second_server_by_a_hard_link_is_refused(store: Store, tmp_path: Path) -> None:
    link = tmp_path / "hard.db"
    os.link(store.path, link)
    with pytest.raises(ExternalFailureError) as refused:
        Store(str(link))
    assert str(refused.value) == (
        f"{link}: this file has another name too (a hard link), under which another server may "
        "use it; remove the other name, or serve a copy of the file"
    )


# logs that belong to another file


def test_file_put_in_place_beside_the_log_of_another_is_refused(path: str, tmp_path: Path) -> None:
    new = str(tmp_path / "new.db")
    with Store(new) as store:
        store.write(adding("restored", '"double"'))
    kill_after_write(path, "old", '"bytes"')
    Path(new).replace(path)
    with pytest.raises(ExternalFailureError) as refused:
        Store(path)
    assert str(refused.value) == (
        f"{path}: the database was replaced, and the log of the one before is still here: "
        f"{path}-wal; move {path}-wal and {path}-shm away to serve the new database, or put the "
        "old one back"
    )
    for suffix in ("-wal", "-shm"):
        Path(path + suffix).unlink()
    assert subjects_of(path) == ["restored"]


def test_log_without_its_database_is_refused(path: str) -> None:
    kill_after_write(path, "old", '"bytes"')
    Path(path).rename(f"{path}.moved")
    with pytest.raises(ExternalFailureError, match="put the database back to its log"):
        Store(path)
    Path(f"{path}.moved").rename(path)
    assert subjects_of(path) == ["a", "old"]


def test_copy_of_a_killed_servers_files_is_served(path: str, tmp_path: Path) -> None:
    kill_after_write(path, "old", '"bytes"')
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in tmp_path.glob("registry.db*"):
        shutil.copy(file, copy / file.name)
    assert subjects_of(str(copy / "registry.db")) == ["a", "old"]


# disks that are full


def limit_pages(store: Store, pages: int) -> None:
    """As much disk as that; SQLite answers the same SQLITE_FULL as for a full one."""
    store._writing.execute(f"PRAGMA max_page_count = {pages}")


def test_store_is_not_ready_from_a_failed_write_until_a_large_one_succeeds(store: Store) -> None:
    (pages,) = store._writing.execute("PRAGMA page_count").fetchone()
    limit_pages(store, pages + 4)
    assert readiness(store).ready
    with pytest.raises(RegistryError, match="full"):
        store.write(adding("big", f'"{"x" * 100_000}"'))
    for _ in range(2):
        assert readiness(store).reason.endswith("database or disk is full")
    store.write(adding("small", '"long"'))
    assert not readiness(store).ready
    limit_pages(store, 1_000_000)
    assert readiness(store).ready
    assert readiness(store).ready


# bytes that change


def change_text(path: str) -> None:
    content = Path(path).read_bytes()
    assert content.count(b'"string"') == 1
    Path(path).write_bytes(content.replace(b'"string"', b'"strinG"'))


def test_text_that_changed_under_its_digest_is_not_served(path: str) -> None:
    change_text(path)
    with Store(path) as store:
        assert readiness(store).ready
        with pytest.raises(RegistryError) as refused, store.reading() as tables:
            tables.latest("a")
        assert (refused.value.code, refused.value.message) == (
            50001,
            "Error in the backend data store: the schema with id 1 does not match its digest: "
            "malformed",
        )
        ready = readiness(store)
        assert (ready.ready, ready.reason) == (False, refused.value.message)
        with pytest.raises(RegistryError, match="does not match its digest"):
            store.write(adding("b", '"int"'))


def test_damage_met_while_writing_does_not_fail_the_writes_beside_it(path: str) -> None:
    change_text(path)
    with Store(path) as store:
        with pytest.raises(RegistryError, match="does not match its digest"):
            store.write(lambda tables: tables.latest("a"))
        assert not readiness(store).ready


# rights and names


def mode_of(path: str | Path) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_files_of_a_new_store_are_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    before = os.umask(0o022)
    try:
        with Store(str(path)) as store:
            store.write(adding("a"))
            modes = {file.name: mode_of(file) for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {
        "registry.db": 0o600,
        "registry.db-owner": 0o600,
        "registry.db-owner-journal": 0o600,
        "registry.db-shm": 0o600,
        "registry.db-wal": 0o600,
    }


def test_rights_that_somebody_gave_to_a_database_stay(path: str) -> None:
    Path(path).chmod(0o640)
    with Store(path):
        assert mode_of(path) == 0o640


def test_store_without_a_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="the database has no name; give --db a file"):
        Store("")
    assert list(tmp_path.iterdir()) == []


def test_database_without_the_number_of_its_shape_is_refused(path: str) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 0")
    db.close()
    with pytest.raises(ExternalFailureError, match="is damaged: move it away and restore") as why:
        Store(path)
    assert "not the number of their shape (user_version is 0)" in str(why.value)


def test_file_without_its_shape_is_reported_as_damaged(path: str) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 0")
    db.close()
    with pytest.raises(ExternalFailureError) as refused:
        Store(path)
    assert refused.value.message == (
        "this database has tables, but not the number of their shape (user_version is 0)"
    )
    assert refused.value.advice == "the file is damaged: move it away and restore a backup"
