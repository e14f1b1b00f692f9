"""The columns that the queries of the tables select, and what a row of them holds."""

from __future__ import annotations

import json
import sqlite3
from typing import TypeAlias

from schemareg.registry.store.identity import digest_of
from schemareg.registry.store.rows import (
    Content,
    Holder,
    StoredVersion,
    metadata_of,
    references_of,
)
from schemareg.subjects import SchemaId, Version

CONTENT = (
    "c.key, c.context, c.id, c.digest, c.semantic, c.text, c.refs, c.metadata, c.rule_set,"
    " c.schema_type"
)
VERSION = f"v.subject, v.version, v.deleted, v.written_ms, {CONTENT}"
JOINED = f"SELECT {VERSION} FROM versions v JOIN contents c ON c.key = v.content"
# a CROSS JOIN keeps SQLite from going through every version of the subject
BY_CONTENT = f"SELECT {VERSION} FROM contents c CROSS JOIN versions v ON v.content = c.key"


class DamagedContentError(sqlite3.DatabaseError):
    """A stored content is not the one that was written."""


_ContentRow: TypeAlias = tuple[
    int, str, int, bytes, bytes, str, str | None, str | None, str | None, str
]
_HolderRow: TypeAlias = tuple[str, int, int, int]
_VersionRow: TypeAlias = tuple[
    str, int, int, int, int, str, int, bytes, bytes, str, str | None, str | None, str | None, str
]


def content_of(row: _ContentRow) -> Content:
    key, context, id, stored_digest, semantic, text, refs, metadata, rule_set, kind = row
    content = Content(
        key=key,
        context=context,
        id=SchemaId(id),
        digest=stored_digest,
        semantic=semantic,
        text=text,
        references=references_of(refs),
        metadata=metadata_of(metadata),
        rule_set=None if rule_set is None else json.loads(rule_set),
        schema_type=kind,
    )
    if digest_of(content) != stored_digest:
        raise DamagedContentError(f"the schema with id {id} does not match its digest: malformed")
    return content


def version_of(row: _VersionRow) -> StoredVersion:
    (subject, version, deleted, written_ms), content = row[:4], row[4:]
    return StoredVersion(subject, Version(version), bool(deleted), written_ms, content_of(content))


def holder_of(row: _HolderRow) -> Holder:
    subject, version, deleted, written_ms = row
    return Holder(subject, Version(version), bool(deleted), written_ms)
