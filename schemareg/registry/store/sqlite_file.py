"""Opening the file: whose it is, what shape it has, and what to say when it cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from schemareg.errors import ExternalFailureError, SchemaregError
from schemareg.places import Location
from schemareg.registry.store.ground import (
    OWNER,
    Ground,
    check_log,
    check_names,
    create_private,
    remember,
)
from schemareg.registry.store.migrations import APPLICATION_ID, MIGRATIONS

MEMORY = ":memory:"


class Ownership:
    """Held as long as this process serves from the file at `path`; ends with the process.

    A lock that SQLite takes on a small file beside it, so that it works wherever SQLite does,
    and other processes may still read the database itself (a backup of a running registry).
    """

    def __init__(self, path: str) -> None:
        check_names(path)
        create_private(path + OWNER)
        try:
            self._lock = sqlite3.connect(
                path + OWNER, timeout=0, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise unusable(path, error) from error
        try:
            self._lock.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._lock.execute("BEGIN EXCLUSIVE")
            check_log(path, self._lock)
            self._lock.execute("COMMIT")  # the lock stays, in this mode
        except sqlite3.OperationalError as error:
            self._lock.close()
            if "locked" not in str(error):
                raise unusable(path, error) from error
            raise ExternalFailureError(
                "another schemareg server has this database open",
                location=Location(path),
                advice="stop that server, or give this one another --db",
            ) from error
        except SchemaregError:
            self._lock.close()
            raise
        create_private(path)

    def remember(self, ground: Ground) -> None:
        """Note which files belong together, for the next start."""
        with self._lock:
            self._lock.execute("BEGIN")
            remember(ground, self._lock)

    def release(self) -> None:
        """Release the lock; its file stays, since removing it could race with the next owner."""
        self._lock.close()


def connect(path: str, *, reading: bool = False, timeout_s: float = 10.0) -> sqlite3.Connection:
    """A connection that commits only on request.

    Raises: `ExternalFailureError`.
    """
    is_file = path != MEMORY
    try:
        db = sqlite3.connect(
            # a file that went away is never made anew
            f"{Path(path).absolute().as_uri()}?mode=rw" if is_file else path,
            timeout=timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
            uri=is_file,
        )
        if reading:
            db.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    return db


def prepare(db: sqlite3.Connection, path: str, *, soon_checked_bytes: int) -> bool:
    """Check that the file is ours and bring it to the newest shape.

    True when its pages were checked too, which is done for files of up to `soon_checked_bytes`
    and before a change of shape.

    Raises: `ExternalFailureError`.
    """
    try:
        _check_kind(db, path)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = db.execute("PRAGMA page_size").fetchone()
        (shape,) = db.execute("PRAGMA user_version").fetchone()
        is_checked = bool(pages * page_bytes <= soon_checked_bytes or shape != len(MIGRATIONS))
        if is_checked:
            check_pages(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db, path)
        db.execute(
            "SELECT 1 FROM sqlite_master LIMIT 1"
        ).fetchone()  # from here on its log is there
    except sqlite3.Error as error:
        db.close()
        raise unusable(path, error) from error
    except SchemaregError:
        db.close()
        raise
    return is_checked


def check_readable(db: sqlite3.Connection, path: str) -> None:
    """Check that the file is ours and of the shape that this release reads.

    Raises: `ExternalFailureError`.
    """
    _check_kind(db, path)
    (shape,) = db.execute("PRAGMA user_version").fetchone()
    if shape != len(MIGRATIONS):
        raise ExternalFailureError(
            f"this database has shape {shape}, this release reads {len(MIGRATIONS)}",
            location=Location(path),
            advice="open it once with the server of this release",
        )


def _check_kind(db: sqlite3.Connection, path: str) -> None:
    (application_id,) = db.execute("PRAGMA application_id").fetchone()
    if application_id == APPLICATION_ID:
        return
    if db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise ExternalFailureError(
            "this SQLite file belongs to another program",
            location=Location(path),
            advice="give --db a file of its own",
        )


def check_pages(db: sqlite3.Connection, path: str) -> None:
    """Every page is read once: a server on a damaged file would fail later, and half-way.

    Raises: `ExternalFailureError`.
    """
    (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise unusable(path, sqlite3.DatabaseError(f"malformed: {said}"))


def migrate(db: sqlite3.Connection, path: str) -> None:
    """Run the steps that the file has not seen, each in one transaction."""
    (shape,) = db.execute("PRAGMA user_version").fetchone()
    if shape > len(MIGRATIONS):
        raise ExternalFailureError(
            f"this database was written by a newer schemareg (shape {shape}, "
            f"known up to {len(MIGRATIONS)})",
            location=Location(path),
            advice="upgrade schemareg",
        )
    if shape == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise ExternalFailureError(
            "this database has tables, but not the number of their shape (user_version is 0)",
            location=Location(path),
            advice="the file is damaged: move it away and restore a backup",
        )
    for number, step in enumerate(MIGRATIONS[shape:], start=shape + 1):
        db.execute("BEGIN IMMEDIATE")
        for statement in step.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {number}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("COMMIT")


def unusable(path: str, error: sqlite3.Error) -> ExternalFailureError:
    """What to tell a person about a file that SQLite cannot use."""
    said = str(error)
    if "readonly" in said:
        advice = "make the file and its directory writable, or give --db another place"
    elif "not a database" in said or "malformed" in said:
        advice = "the file is damaged: move it away and restore a backup"
    elif "full" in said:
        advice = "free space on the disk"
    else:
        advice = "check that the path exists and may be written"
    return ExternalFailureError(
        f"cannot use the database: {said}", location=Location(path), advice=advice
    )
