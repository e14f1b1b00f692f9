"""The files under a store: that they are the ones it opened, and no other server's."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from schemareg.errors import ExternalFailureError
from schemareg.places import Location

WAL, SHM, OWNER = "-wal", "-shm", "-owner"
_PRIVATE = 0o600
_FileId: TypeAlias = "tuple[int, int] | None"
"""Device and inode; None where there is no file."""


def _file_id(path: str) -> _FileId:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Ground:
    """The database at `path` with its log and index, as they are when this is made."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.files = {suffix: _file_id(path + suffix) for suffix in ("", WAL, SHM)}

    def trouble(self) -> str | None:
        """Why the files are not those that were opened; None while they are."""
        for suffix, file in self.files.items():
            if _file_id(self._path + suffix) != file:
                name = Path(self._path).name + suffix  # clients see it: no folders of the server
                return (
                    f"{name} was moved, deleted or replaced under the server, which takes no "
                    "writes any more: put the right file there and start it again"
                )
        return None


def create_private(path: str) -> None:
    """Make the file at `path`, which only its owner may read, unless it exists.

    Files that SQLite makes beside a database have the rights of the database.
    """
    with suppress(OSError):  # a file that cannot be made, SQLite reports
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE))


def check_names(path: str) -> None:
    """Nothing, if no other name of the file can lead another server to it.

    Raises: `ExternalFailureError`.
    """
    try:
        names = os.stat(path).st_nlink
    except OSError:
        names = 0
    if names > 1:
        raise ExternalFailureError(
            "this file has another name too (a hard link), under which another server may use it",
            location=Location(path),
            advice="remove the other name, or serve a copy of the file",
        )
    if names == 0 and _size_bytes(path + WAL):
        raise ExternalFailureError(
            f"there is no database here, but the log of one: {path}{WAL}",
            location=Location(path),
            advice="put the database back to its log, or move the log away",
        )


def check_log(path: str, owner: sqlite3.Connection) -> None:
    """Nothing, if the log beside the database is its own, as far as `owner` knows.

    Raises: `ExternalFailureError` when the database was replaced and the old one's log was not.
    """
    owner.execute("CREATE TABLE IF NOT EXISTS files (suffix TEXT PRIMARY KEY, device, inode)")
    known = {suffix: (device, inode) for suffix, device, inode in owner.execute(_SELECT)}
    is_old_log = _size_bytes(path + WAL) > 0 and known.get(WAL) == _file_id(path + WAL)
    if is_old_log and known.get("") not in (None, _file_id(path)):
        raise ExternalFailureError(
            f"the database was replaced, and the log of the one before is still here: {path}{WAL}",
            location=Location(path),
            advice=f"move {path}{WAL} and {path}{SHM} away to serve the new database, "
            "or put the old one back",
        )


_SELECT = "SELECT suffix, device, inode FROM files"


def remember(ground: Ground, owner: sqlite3.Connection) -> None:
    """Note in `owner` which database and log belong together."""
    owner.execute("DELETE FROM files")
    owner.executemany(
        "INSERT INTO files VALUES (?, ?, ?)",
        [(suffix, *file) for suffix, file in ground.files.items() if file is not None],
    )


def _size_bytes(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
