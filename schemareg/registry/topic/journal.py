"""Tables that note each change as the record that makes it, for the topic to carry."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemareg.avro.schema import JsonValue
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, QualifiedSubject, qualified
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.store import Content, StoredAssociation, StoredVersion, Tables
from schemareg.registry.topic.records import (
    AVRO,
    ConfigKey,
    ContextKey,
    ModeKey,
    SchemaKey,
    SchemaValue,
    config_value,
    context_value,
    key_bytes,
    mode_value,
    schema_value,
)


@dataclass(frozen=True, slots=True)
class Record:
    """Key and value as bytes; `value` None is a tombstone."""

    key: bytes
    value: bytes | None


class JournaledTables(Tables):
    """The tables of one change; `records` are what it wrote, in order.

    `names_avro`: values spell the schema type for Avro too, as Confluent 8.x does.
    """

    __slots__ = ("_names_avro", "records")

    def __init__(self, db: sqlite3.Connection, *, names_avro: bool) -> None:
        super().__init__(db)
        self._names_avro = names_avro
        self.records: list[Record] = []

    def _note(self, key: bytes, value: bytes | None) -> None:
        self.records.append(Record(key, value))

    def add_content(self, content: Content, uses: Iterable[tuple[str, int]]) -> Content:
        is_first = content.context not in self.contexts()
        stored = super().add_content(content, uses)
        if is_first and content.context != DEFAULT_CONTEXT:
            self._note(key_bytes(ContextKey(content.context)), context_value(content.context))
        return stored

    def put_version(
        self, subject: QualifiedSubject, version: int, content: Content, *, written_ms: int
    ) -> StoredVersion:
        stored = super().put_version(subject, version, content, written_ms=written_ms)
        self._note_version(stored)
        return stored

    def soft_delete(self, subject: str, version: int, *, written_ms: int) -> None:
        super().soft_delete(subject, version, written_ms=written_ms)
        stored = self.version(subject, version, deleted=True)
        if stored is not None:
            self._note_version(stored)

    def _note_version(self, stored: StoredVersion) -> None:
        self.records.append(version_record(stored, names_avro=self._names_avro))

    def erase(self, subject: str, version: int) -> None:
        super().erase(subject, version)
        self._note(key_bytes(SchemaKey(subject, version)), None)

    def put_config(self, subject: str, config: Mapping[str, JsonValue]) -> None:
        super().put_config(subject, config)
        self._note(key_bytes(ConfigKey(subject)), config_value(subject, config))

    def drop_config(self, subject: str) -> None:
        if self.config(subject) is not None:
            super().drop_config(subject)
            self._note(key_bytes(ConfigKey(subject)), None)

    def put_mode(self, subject: str, mode: str) -> None:
        super().put_mode(subject, mode)
        self._note(key_bytes(ModeKey(subject)), mode_value(subject, mode))

    def drop_mode(self, subject: str) -> None:
        if self.mode(subject) is not None:
            super().drop_mode(subject)
            self._note(key_bytes(ModeKey(subject)), None)

    def drop_modes_within(self, context: str | None) -> None:
        for subject, _ in self.all_modes():
            if subject and (context is None or qualified(subject).context == context):
                self.drop_mode(subject)

    def drop_context(self, context: str) -> None:
        super().drop_context(context)
        self._note(key_bytes(ContextKey(context)), None)

    def put_association(self, association: StoredAssociation) -> None:
        raise ErrorCode.STORE_FAILED.refusal(
            "associations have no record in the topic that other registries can read"
        )


def version_record(stored: StoredVersion, *, names_avro: bool) -> Record:
    """The record of one version, deleted or not; `names_avro` is as in `JournaledTables`."""
    content = stored.content
    value = SchemaValue(
        subject=stored.subject,
        version=stored.version,
        id=content.id,
        schema_type=AVRO,
        text=content.text,
        deleted=stored.deleted,
        references=content.references,
        metadata=content.metadata,
        rule_set=content.rule_set,
    )
    key = key_bytes(SchemaKey(stored.subject, stored.version))
    return Record(key, schema_value(value, names_avro=names_avro))
