"""Files that cannot be used: a clear answer, and nothing lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from schemareg.errors import ExternalFailureError, RegistryError
from schemareg.registry.store import Store, reading_file
from schemareg.registry.store.migrations import MIGRATIONS
from tests.registry.filling import adding


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A database with one version in it, and no server on it."""
    path = str(tmp_path / "registry.db")
    with Store(path) as store:
        store.write(adding("a"))
    return path


def test_second_server_on_the_same_file_is_told_so(path: str) -> None:
    with Store(path), pytest.raises(ExternalFailureError) as refused:
        Store(path)
    assert str(refused.value) == (
        f"{path}: another schemareg server has this database open; "
        "stop that server, or give this one another --db"
    )


def test_second_server_in_another_process_is_told_so(path: str) -> None:
    program = "import sys; from schemareg.registry.store import Store; Store(sys.argv[1])"
    with Store(path):
        done = subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, text=True, check=False
        )
    assert "another schemareg server has this database open" in done.stderr


def test_file_is_free_again_after_its_server_was_killed(path: str) -> None:
    program = (
        "import os, sys; from schemareg.registry.store import Store; "
        "Store(sys.argv[1]); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, path], check=False)
    with Store(path) as store:
        assert store.write(adding("b", '"int"')) == 2


def test_another_process_may_read_while_a_server_writes(path: str) -> None:
    with Store(path) as store, reading_file(path) as tables:
        store.write(adding("b", '"int"'))
        assert [subject for subject, _ in tables.subjects(None, "")] == ["a"]


def overwrite(path: str, start: int, length: int) -> None:
    with Path(path).open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(b"certainly not SQLite" * 100)
    with pytest.raises(ExternalFailureError, match="not a database; the file is damaged: move it"):
        Store(str(path))


def test_damaged_header_is_refused(path: str) -> None:
    overwrite(path, 0, 200)
    with pytest.raises(ExternalFailureError, match="the file is damaged: move it away and restore"):
        Store(path)


def test_damaged_page_is_refused_at_the_start(path: str) -> None:
    size_bytes = Path(path).stat().st_size
    overwrite(path, 4096, size_bytes - 4096)
    with pytest.raises(ExternalFailureError, match="the file is damaged: move it away and restore"):
        Store(path)


def test_damage_found_while_serving_ends_the_writing(path: str) -> None:
    overwrite(path, 4096, Path(path).stat().st_size - 4096)
    with Store(path, soon_checked_bytes=0) as store:
        assert store.check
        store.check.wait()
        with pytest.raises(RegistryError, match="malformed") as refused:
            store.write(adding("b", '"int"'))
        assert (refused.value.code, refused.value.status) == (50001, 500)


def test_sound_file_is_checked_beside_the_first_writes(path: str) -> None:
    with Store(path, soon_checked_bytes=0) as store:
        assert store.check
        assert store.write(adding("b", '"int"')) == 2
        store.check.wait()
        assert store.check.damage is None


def test_truncated_file_is_refused(path: str) -> None:
    os.truncate(path, Path(path).stat().st_size // 2)
    with pytest.raises(ExternalFailureError, match="the file is damaged: move it away and restore"):
        Store(path)


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "theirs.db")
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE bookmarks (url TEXT)")
    db.close()
    with pytest.raises(ExternalFailureError, match="belongs to another program; give --db a file"):
        Store(path)


def test_database_of_a_newer_release_is_refused(path: str) -> None:
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(ExternalFailureError, match="written by a newer schemareg"):
        Store(path)


def test_missing_directory_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "no" / "such" / "registry.db")
    with pytest.raises(ExternalFailureError, match="check that the path exists and may be written"):
        Store(path)


def test_reading_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ExternalFailureError, match="there is no database here"),
        reading_file(str(tmp_path / "none.db")),
    ):
        pass


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs a user who may not write: POSIX")
def test_file_that_may_not_be_written_is_refused(path: str) -> None:
    for name in (path, f"{path}-owner", str(Path(path).parent)):
        Path(name).chmod(0o555)
    program = (
        "import os, sys; from schemareg.registry.store import Store\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "Store(sys.argv[1])"
    )
    for directory in Path(path).parents:
        if directory.name.startswith(("pytest-", "popen-")):
            directory.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", program, path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    Path(path).parent.chmod(0o755)
    assert "make the file and its directory writable" in done.stderr


def limit_pages(store: Store, pages: int) -> None:
    """As much disk as that; SQLite answers the same SQLITE_FULL as for a full one."""
    store._writing.execute(f"PRAGMA max_page_count = {pages}")


def test_full_disk_is_told_and_nothing_acknowledged_is_lost(path: str) -> None:
    with Store(path) as store:
        (pages,) = store._writing.execute("PRAGMA page_count").fetchone()
        limit_pages(store, pages)
        with pytest.raises(RegistryError) as refused:
            store.write(adding("big", f'"{"x" * 100_000}"'))
        assert (refused.value.code, refused.value.status) == (50001, 500)
        assert "database or disk is full" in refused.value.message
        with store.reading() as tables:
            assert [subject for subject, _ in tables.subjects(None, "")] == ["a"]
        limit_pages(store, 1_000_000)
        assert store.write(adding("b", '"int"')) == 2


def test_lock_held_by_a_stranger_is_told(path: str) -> None:
    with Store(path) as store:
        store._writing.execute("PRAGMA busy_timeout = 50")
        stranger = sqlite3.connect(path, isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(RegistryError, match="database is locked"):
            store.write(adding("b", '"int"'))
        stranger.close()
        store.write(adding("b", '"int"'))


@pytest.mark.parametrize("shape", range(1, len(MIGRATIONS) + 1))
def test_file_of_every_shape_is_brought_up_to_date(tmp_path: Path, shape: int) -> None:
    """tests/golden/store holds a dump of a filled registry in each shape there ever was."""
    dump = Path(__file__).parents[1] / "golden" / "store" / f"shape-{shape}.sql"
    path = str(tmp_path / "old.db")
    db = sqlite3.connect(path)
    db.executescript(dump.read_text(encoding="utf-8"))
    db.close()
    with Store(path) as store, store.reading() as tables:
        latest = tables.latest("orders-value")
        assert latest is not None
        assert (latest.version, latest.content.id) == (2, 3)
        assert latest.content.references[0].subject == "shop.Money"
        assert [(u.subject, u.version) for u in tables.users("shop.Money", 1)] == [
            ("orders-value", 2)
        ]
        assert tables.version_numbers("gone") == [(1, True)]
        assert tables.config("orders-value") == {"compatibility": "FULL"}
        assert tables.mode("frozen") == "READONLY"
        assert tables.contexts() == [".", ".sales"]
        assert tables.last_id(".") == 4
        assert [a.subject for a in tables.all_associations()] == ["orders-value"] * (shape > 1)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    db.close()
