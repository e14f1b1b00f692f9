"""Where records of deployments are stored: a file for git, or an SQLite database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from schemareg.errors import ContentError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.services.deployments import (
    Deployments,
    deployments_text,
    read_deployments,
    record_line,
    records_of,
)
from schemareg.workspace.files import exists, read_bytes, write_file

DEPLOYMENTS = "deployments.json"
"""The file of the records, beside the manifest."""
_DATABASES = (".db", ".sqlite", ".sqlite3")
_TABLE = """
create table if not exists deployments (
  number integer primary key,
  record text not null
) strict
"""
_WAIT_S = 10.0
Change = Callable[[Deployments], Deployments]


class DeploymentStore(Protocol):
    """Holds records, the oldest first; none is ever rewritten. `shown` is its name in messages."""

    @property
    def shown(self) -> str: ...

    def read(self) -> Deployments:
        """All records; none where nothing was stored yet.

        Raises:
            UsageError, ContentError: it cannot be read, or holds something else.
        """

    def add(self, change: Change) -> int:
        """Store what `change` adds to the records, all or nothing; how many those are.

        Raises:
            UsageError, ContentError: as `read`, it cannot be written, or `change` refuses.
        """


def store_at(path: Path, shown: str) -> DeploymentStore:
    """The store at `path`: SQLite where its name ends in .db, .sqlite or .sqlite3."""
    return _Database(path, shown) if path.suffix in _DATABASES else _File(path, shown)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    shown: str

    def read(self) -> Deployments:
        if not exists(self.path, self.shown):
            return Deployments()
        try:
            text = read_bytes(self.path, self.shown).decode("utf-8")
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.shown} cannot be read: {error}") from error
        return read_deployments(text, self.shown)

    def add(self, change: Change) -> int:
        held = self.read()
        result = change(held)
        added = len(result.records) - len(held.records)
        if added:
            write_file(self.path, deployments_text(result), self.shown)
        return added


@dataclass(frozen=True, slots=True)
class _Database:
    path: Path
    shown: str

    def read(self) -> Deployments:
        if not exists(self.path, self.shown):
            return Deployments()
        try:
            with closing(self._opened()) as database:
                return self._held(database)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def add(self, change: Change) -> int:
        try:
            with closing(self._opened()) as database:
                database.execute("begin immediate")  # nobody else adds between reading and writing
                database.execute(_TABLE)
                held = self._held(database)
                new = change(held).records[len(held.records) :]
                database.executemany(
                    "insert into deployments (record) values (?)",
                    [(record_line(record),) for record in new],
                )
                database.execute("commit")
        except sqlite3.Error as error:
            raise self._failed(error) from error
        return len(new)

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)

    def _held(self, database: sqlite3.Connection) -> Deployments:
        known = "select 1 from sqlite_schema where type = 'table' and name = 'deployments'"
        if database.execute(known).fetchone() is None:
            return Deployments()
        rows = database.execute("select record from deployments order by number")
        try:
            return records_of(json.loads(text) for (text,) in rows)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ContentError(
                f"it holds no records of deployments: {error!r}", location=Location(self.shown)
            ) from error

    def _failed(self, error: sqlite3.Error) -> UsageError:
        return UsageError(
            f"{self.shown} cannot be used as an SQLite database: {error}",
            advice="name another file with --deployments, or make it accessible",
        )
