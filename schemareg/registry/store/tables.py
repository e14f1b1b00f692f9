"""The queries of the tables and their changes, over one connection."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from schemareg.registry.api.contexts import QualifiedSubject
from schemareg.registry.store.columns import (
    BY_CONTENT,
    CONTENT,
    JOINED,
    VERSION,
    content_of,
    holder_of,
    version_of,
)
from schemareg.registry.store.reference_table import ReferenceTable
from schemareg.registry.store.rows import (
    Content,
    Holder,
    StoredVersion,
    metadata_json,
    references_json,
)
from schemareg.registry.store.setting_tables import above
from schemareg.subjects import Version

EVERYTHING = slice(0, None)
"""Every page of a list."""


class Tables(ReferenceTable):
    """One consistent view; its changing methods work inside the writer's transaction only.

    Subjects are given as their shortest spelling. With `deleted`, soft-deleted versions count.
    """

    __slots__ = ()

    @property
    def connection(self) -> sqlite3.Connection:
        """What the tables are read through, for a view of a part of them."""
        return self._db

    # contents and ids

    def content(self, context: str, id: int) -> Content | None:
        row = self._db.execute(
            f"SELECT {CONTENT} FROM contents c WHERE context = ? AND id = ?", (context, id)
        ).fetchone()
        return content_of(row) if row else None

    def only_version(self, context: str, id: int) -> StoredVersion | None:
        """The version that has the content of an id, if exactly one has."""
        query = f"{BY_CONTENT} WHERE c.context = ? AND c.id = ? LIMIT 2"
        rows = self._db.execute(query, (context, id)).fetchall()
        return version_of(rows[0]) if len(rows) == 1 else None

    def contents_with_digest(self, context: str, digest: bytes) -> list[Content]:
        """The contents of `context` with that digest, newest first; they may differ."""
        rows = self._db.execute(
            f"SELECT {CONTENT} FROM contents c WHERE digest = ? AND context = ? ORDER BY key DESC",
            (digest, context),
        )
        return [content_of(row) for row in rows]

    def contents_of_digest(self, digest: bytes) -> list[Content]:
        """Every content with that digest, by context and id."""
        rows = self._db.execute(
            f"SELECT {CONTENT} FROM contents c WHERE digest = ? ORDER BY context, id", (digest,)
        )
        return [content_of(row) for row in rows]

    def content_of_key(self, key: int) -> Content:
        """A content by its key, which exists."""
        row = self._db.execute(f"SELECT {CONTENT} FROM contents c WHERE key = ?", (key,)).fetchone()
        return content_of(row)

    def add_content(self, content: Content, uses: Iterable[tuple[str, int]]) -> Content:
        """`content` as stored, under a key of its own; `uses` are the versions it refers to."""
        cursor = self._db.execute(
            "INSERT INTO contents (context, id, digest, semantic, text, refs, metadata, rule_set,"
            " schema_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                content.context,
                content.id,
                content.digest,
                content.semantic,
                content.text,
                references_json(content.references),
                metadata_json(content.metadata),
                None if content.rule_set is None else json.dumps(content.rule_set),
                content.schema_type,
            ),
        )
        key = cursor.lastrowid
        assert key is not None
        if rows := [(key, subject, version) for subject, version in uses]:
            self._db.executemany(
                "INSERT OR IGNORE INTO uses (content, subject, version) VALUES (?, ?, ?)", rows
            )
        self.raise_last_id(content.context, content.id)
        if content.references or content.metadata is not None or content.rule_set is not None:
            return self.content_of_key(key)  # JSON is read in its stored form
        c = content  # `replace` takes longer than the insertion
        return Content(
            key, c.context, c.id, c.digest, c.semantic, c.text, schema_type=c.schema_type
        )

    # versions

    def version(self, subject: str, version: int, *, deleted: bool = False) -> StoredVersion | None:
        row = self._db.execute(
            f"{JOINED} WHERE v.subject = ? AND v.version = ? AND v.deleted <= ?",
            (subject, version, deleted),
        ).fetchone()
        return version_of(row) if row else None

    def newest(self, subject: str) -> StoredVersion | None:
        """The version with the highest number, soft-deleted or not."""
        row = self._db.execute(
            f"{JOINED} WHERE v.subject = ? ORDER BY v.version DESC LIMIT 1", (subject,)
        ).fetchone()
        return version_of(row) if row else None

    def latest(self, subject: str) -> StoredVersion | None:
        """The newest version that is not soft-deleted."""
        row = self._db.execute(
            f"{JOINED} WHERE v.subject = ? AND v.deleted = 0 ORDER BY v.version DESC LIMIT 1",
            (subject,),
        ).fetchone()
        return version_of(row) if row else None

    def newest_first(self, subject: str, *, deleted: bool = False) -> Iterator[StoredVersion]:
        rows = self._db.execute(
            f"{JOINED} WHERE v.subject = ? AND v.deleted <= ? ORDER BY v.version DESC",
            (subject, deleted),
        )
        return map(version_of, rows)

    def versions_alike(
        self, subject: str, semantic: bytes, *, with_references: bool, deleted: bool
    ) -> list[StoredVersion]:
        """Versions whose content has that semantic digest, newest first.

        `with_references` adds those that refer to others, whatever their digest.
        """
        query = f"{BY_CONTENT} WHERE c.semantic = ? AND v.subject = ? AND v.deleted <= ?"
        values: tuple[bytes | str | bool, ...] = (semantic, subject, deleted)
        if with_references:
            query += f" UNION ALL {JOINED} WHERE v.refers AND v.subject = ? AND v.deleted <= ?"
            values += (subject, deleted)
        rows = {row[1]: row for row in self._db.execute(query, values)}
        return [version_of(rows[number]) for number in sorted(rows, reverse=True)]

    def last_version(self, subject: str) -> int:
        """The highest number of a version, soft-deleted or not; 0 where there is none."""
        row = self._db.execute(
            "SELECT max(version) FROM versions WHERE subject = ?", (subject,)
        ).fetchone()
        return row[0] or 0

    def version_numbers(self, subject: str) -> list[tuple[int, bool]]:
        """Number and whether soft-deleted of every version, ascending."""
        rows = self._db.execute(
            "SELECT version, deleted FROM versions WHERE subject = ? ORDER BY version", (subject,)
        )
        return [(version, bool(deleted)) for version, deleted in rows]

    def has_versions(self, subject: str, *, deleted: bool = False) -> bool:
        return (
            self._db.execute(
                "SELECT 1 FROM versions WHERE subject = ? AND deleted <= ? LIMIT 1",
                (subject, deleted),
            ).fetchone()
            is not None
        )

    def deleted_with_content(self, subject: str, key: int) -> list[int]:
        """Numbers of the soft-deleted versions of `subject` that have that content."""
        rows = self._db.execute(
            "SELECT version FROM versions WHERE content = ? AND subject = ? AND deleted = 1",
            (key, subject),
        )
        return [version for (version,) in rows]

    def holder_of(self, key: int, subject: str) -> Holder | None:
        """The newest version of `subject` that has that content."""
        row = self._db.execute(
            "SELECT subject, version, deleted, written_ms FROM versions"
            " WHERE subject = ? AND content = ? ORDER BY version DESC LIMIT 1",
            (subject, key),
        ).fetchone()
        return holder_of(row) if row else None

    def holders_of(self, key: int, *, limit: int = -1) -> list[Holder]:
        """Who has that content, in the order of registration; the first `limit` by name."""
        rows = self._db.execute(
            "SELECT subject, version, deleted, written_ms, entry FROM versions WHERE content = ?"
            " ORDER BY subject, version LIMIT ?",
            (key, limit),
        ).fetchall()
        rows.sort(key=lambda row: row[4])
        return [holder_of(row[:4]) for row in rows]

    def put_version(
        self, subject: QualifiedSubject, version: int, content: Content, *, written_ms: int
    ) -> StoredVersion:
        """The version as stored, in the place of one with the same number."""
        self._db.execute(
            "INSERT OR REPLACE INTO versions"
            " (subject, version, context, name, content, refers, deleted, written_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
            (
                str(subject),
                version,
                subject.context,
                subject.name,
                content.key,
                bool(content.references),
                written_ms,
            ),
        )
        return StoredVersion(str(subject), Version(version), False, written_ms, content)

    def soft_delete(self, subject: str, version: int, *, written_ms: int) -> None:
        self._db.execute(
            "UPDATE versions SET deleted = 1, written_ms = ? WHERE subject = ? AND version = ?",
            (written_ms, subject, version),
        )

    def erase(self, subject: str, version: int) -> None:
        """Remove the version, and its content when nothing else has it."""
        row = self._db.execute(
            "DELETE FROM versions WHERE subject = ? AND version = ? RETURNING content",
            (subject, version),
        ).fetchone()
        if row:
            self._db.execute(
                "DELETE FROM contents WHERE key = ?"
                " AND NOT EXISTS (SELECT 1 FROM versions WHERE content = contents.key)",
                (row[0],),
            )

    # who uses a version

    def users(self, subject: str, version: int, *, deleted: bool = False) -> list[StoredVersion]:
        """Versions whose content refers to that version."""
        rows = self._db.execute(
            f"{JOINED} JOIN uses u ON u.content = c.key"
            " WHERE u.subject = ? AND u.version = ? AND v.deleted <= ?"
            " ORDER BY c.id, v.subject, v.version",
            (subject, version, deleted),
        )
        return [version_of(row) for row in rows]

    # lists

    def subjects(self, context: str | None, prefix: str) -> Iterator[tuple[str, bool]]:
        """Subject, and whether it has versions that are not soft-deleted, by name.

        `context` None means every one; `prefix` is of the name inside its context.
        """
        conditions, values = _within(context, prefix)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self._db.execute(
            f"SELECT v.subject, min(v.deleted) FROM versions v INDEXED BY versions_listed {where}"
            " GROUP BY v.subject ORDER BY v.subject",
            values,
        )
        return ((subject, not deleted) for subject, deleted in rows)

    def versions_within(
        self,
        context: str | None,
        prefix: str,
        *,
        deleted: bool,
        latest_only: bool = False,
        page: slice = EVERYTHING,
    ) -> Iterator[StoredVersion]:
        """Versions of the subjects so named, by subject and version; of each the newest only,
        when asked.
        """
        conditions, values = _within(context, prefix)
        conditions.append("v.deleted <= ?")
        values.append(deleted)
        if latest_only:
            conditions.append(
                "v.version = (SELECT max(w.version) FROM versions w"
                " WHERE w.subject = v.subject AND w.deleted <= ?)"
            )
            values.append(deleted)
        limit = -1 if page.stop is None else page.stop - page.start
        # the page is found in the index alone, before any row is read
        rows = self._db.execute(
            "SELECT " + VERSION + " FROM"
            " (SELECT v.entry FROM versions v INDEXED BY versions_listed"
            f" WHERE {' AND '.join(conditions)} ORDER BY v.subject, v.version LIMIT ? OFFSET ?) p"
            " JOIN versions v ON v.entry = p.entry JOIN contents c ON c.key = v.content"
            " ORDER BY v.subject, v.version",
            (*values, limit, page.start),
        )
        return map(version_of, rows)

    def touch(self) -> None:
        """Write what is there already, so that a disk that takes no writes says so."""
        (shape,) = self._db.execute("PRAGMA user_version").fetchone()
        self._db.execute(f"PRAGMA user_version = {shape}")

    def fill_probe(self, size_bytes: int) -> None:
        """Write so many bytes that nobody reads, each time others."""
        self._db.execute(
            "INSERT OR REPLACE INTO probes (key, content) VALUES (1, randomblob(?))", (size_bytes,)
        )

    def counts(self) -> Mapping[str, int]:
        """How much there is: subjects, versions, those soft-deleted of them, schemas (contents)."""
        subjects, versions, deleted = self._db.execute(
            "SELECT count(DISTINCT subject), count(*), count(*) FILTER (WHERE deleted)"
            " FROM versions"
        ).fetchone()
        (schemas,) = self._db.execute("SELECT count(*) FROM contents").fetchone()
        return {
            "subjects": subjects,
            "versions": versions,
            "deleted": deleted,
            "schemas": schemas,
        }

    # everything, for a backup

    def all_contents(self) -> Iterator[Content]:
        """By context and id."""
        rows = self._db.execute(f"SELECT {CONTENT} FROM contents c ORDER BY context, id")
        return map(content_of, rows)

    def is_empty(self) -> bool:
        """Nothing was ever kept."""
        return not any(
            self._db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
            for table in ("contexts", "configs", "modes", "associations")
        )


def _within(context: str | None, prefix: str) -> tuple[list[str], list[str | bool]]:
    """Conditions on `v`, and what stands for their question marks."""
    if context is None:
        return (["v.name >= ? AND v.name < ?"], [prefix, above(prefix)]) if prefix else ([], [])
    conditions, values = ["v.context = ?"], [context]
    start = str(QualifiedSubject(context, prefix))
    if start:
        conditions.append("v.subject >= ? AND v.subject < ?")
        values += [start, above(start)]
    return conditions, [*values]
