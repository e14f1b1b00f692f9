"""The shape of the file, as numbered steps: a file of an older number is migrated when opened.

A step is never edited once a release carried it; a new shape is a new step.
"""

from __future__ import annotations

APPLICATION_ID = 0x53524547
"""The `PRAGMA application_id` of a file that is ours ("SREG")."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE contexts (
        name    TEXT PRIMARY KEY,
        last_id INTEGER NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE contents (
        key        INTEGER PRIMARY KEY AUTOINCREMENT,
        context    TEXT NOT NULL,
        id         INTEGER NOT NULL,
        digest     BLOB NOT NULL,
        semantic   BLOB NOT NULL,
        text       TEXT NOT NULL,
        refs       TEXT,
        metadata   TEXT,
        rule_set   TEXT,
        UNIQUE (context, id)
    );
    CREATE INDEX contents_by_digest ON contents (digest, context);
    CREATE INDEX contents_by_semantic ON contents (semantic);

    CREATE TABLE versions (
        entry      INTEGER PRIMARY KEY,
        subject    TEXT NOT NULL,
        version    INTEGER NOT NULL,
        context    TEXT NOT NULL,
        name       TEXT NOT NULL,
        content    INTEGER NOT NULL REFERENCES contents (key),
        refers     INTEGER NOT NULL,
        deleted    INTEGER NOT NULL,
        written_ms INTEGER NOT NULL,
        UNIQUE (subject, version)
    );
    CREATE INDEX versions_by_content ON versions (content, subject, version);
    CREATE INDEX versions_that_refer ON versions (subject) WHERE refers;
    CREATE INDEX versions_listed ON versions (subject, version, deleted, context, name);

    CREATE TABLE uses (
        subject TEXT NOT NULL,
        version INTEGER NOT NULL,
        content INTEGER NOT NULL REFERENCES contents (key) ON DELETE CASCADE,
        PRIMARY KEY (subject, version, content)
    ) WITHOUT ROWID;
    CREATE INDEX uses_by_content ON uses (content);

    CREATE TABLE configs (
        subject TEXT PRIMARY KEY,
        config  TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE modes (
        subject TEXT PRIMARY KEY,
        mode    TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE associations (
        guid               TEXT PRIMARY KEY,
        resource_name      TEXT NOT NULL,
        resource_namespace TEXT NOT NULL,
        resource_id        TEXT NOT NULL,
        resource_type      TEXT NOT NULL,
        association_type   TEXT NOT NULL,
        subject            TEXT NOT NULL,
        lifecycle          TEXT NOT NULL,
        frozen             INTEGER NOT NULL,
        created_ms         INTEGER NOT NULL,
        updated_ms         INTEGER NOT NULL,
        UNIQUE (resource_name, resource_namespace, resource_type, association_type, subject)
    ) WITHOUT ROWID;
    CREATE INDEX associations_by_subject ON associations (subject);
    CREATE INDEX associations_by_resource ON associations (resource_id);
    """,
    """
    CREATE TABLE probes (
        key     INTEGER PRIMARY KEY,
        content BLOB NOT NULL
    );
    """,
    """
    CREATE TABLE checkpoints (key INTEGER PRIMARY KEY, content TEXT NOT NULL);
    ALTER TABLE contents ADD COLUMN schema_type TEXT NOT NULL DEFAULT 'AVRO';
    CREATE TABLE spellings (subject TEXT, version INTEGER, key BLOB,
        PRIMARY KEY (subject, version, key)) WITHOUT ROWID;
    """,
)
