"""Tables that note each change as the record that makes it, for the topic to carry."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, QualifiedSubject, qualified
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.store import Content, StoredAssociation, StoredVersion, Tables
from schemareg.registry.topic.records import (
    ConfigKey,
    ContextKey,
    ModeKey,
    SchemaKey,
    SchemaValue,
    config_value,
    context_value,
    key_bytes,
    mode_value,
    read_key,
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
        for key in self._keys(stored.subject, stored.version):
            self.records.append(version_record(stored, names_avro=self._names_avro, key=key))

    def erase(self, subject: str, version: int) -> None:
        super().erase(subject, version)
        for key in self._keys(subject, version):
            self._note(key, None)

    def _keys(self, subject: str, version: int) -> list[bytes]:
        return self.spellings(subject, version) or [key_bytes(SchemaKey(subject, version))]

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


def version_record(stored: StoredVersion, *, names_avro: bool, key: bytes | None = None) -> Record:
    """The record of one version, deleted or not; `names_avro` is as in `JournaledTables`.

    `key` is how the log spells its key already; the value names the subject as the key does.
    """
    content = stored.content
    if key is None:
        key = key_bytes(SchemaKey(stored.subject, stored.version))
    named = read_key(key)
    assert isinstance(named, SchemaKey)
    value = SchemaValue(
        subject=named.subject,
        version=stored.version,
        id=content.id,
        schema_type=content.schema_type,
        text=content.text,
        deleted=stored.deleted,
        references=content.references,
        metadata=content.metadata,
        rule_set=content.rule_set,
    )
    return Record(key, schema_value(value, names_avro=names_avro))
