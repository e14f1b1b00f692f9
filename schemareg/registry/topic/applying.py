"""A record of the topic into the tables: the one way in which a registry on Kafka changes.

Every order of records that compaction can leave is legal, so nothing that a request must fulfil
is checked here. Source: topics and states recorded from Confluent 8.3.1 and 7.9.9.
"""

from __future__ import annotations

from enum import StrEnum

from schemareg.registry.api.contexts import qualified, qualified_in
from schemareg.registry.store import Content, Tables
from schemareg.registry.store.identity import digest, semantic_digest_of
from schemareg.registry.topic.records import (
    AVRO,
    ClearSubjectKey,
    ConfigKey,
    ContextKey,
    DeleteSubjectKey,
    Key,
    ModeKey,
    NoopKey,
    SchemaKey,
    SchemaValue,
    UnknownKey,
    UnreadableRecordError,
    key_bytes,
    read_config,
    read_delete_subject,
    read_key,
    read_mode,
    read_schema,
)


class Effect(StrEnum):
    """What a record did; everything that is not in `TAKEN` is worth a line in the log."""

    APPLIED = "applied"
    IDLE = "idle"
    """It changes nothing, such as a NOOP or the tombstone of something that is gone."""
    UNREADABLE = "unreadable"
    FOREIGN_KEY = "foreign_key"
    FOREIGN_TYPE = "foreign_type"
    """A schema of another type than Avro is stored and served, and never read."""
    CLASH = "clash"
    """Another schema under an id that is in use."""


TAKEN = (Effect.APPLIED, Effect.IDLE, Effect.FOREIGN_TYPE)
"""The effects of records that are no trouble."""


def apply(
    tables: Tables, key: bytes | None, value: bytes | None, *, written_ms: int
) -> tuple[Effect, str]:
    """What the record did, and a reason where it did nothing."""
    try:
        return _apply(tables, read_key(key), key or b"", value, written_ms)
    except UnreadableRecordError as error:
        return Effect.UNREADABLE, str(error)


def _apply(
    tables: Tables, key: Key, data: bytes, value: bytes | None, written_ms: int
) -> tuple[Effect, str]:
    match key:
        case SchemaKey():
            return _apply_schema(tables, key, data, value, written_ms)
        case ConfigKey(subject):
            if value is None:
                tables.drop_config(subject)
            else:
                tables.put_config(subject, read_config(value))
        case ModeKey(subject):
            if value is None:
                tables.drop_mode(subject)
            else:
                tables.put_mode(subject, read_mode(value))
        case DeleteSubjectKey(subject):
            if value is None:
                return Effect.IDLE, ""
            _soft_delete_up_to(tables, subject, read_delete_subject(value), written_ms)
        case ClearSubjectKey(subject):
            if value is None:
                return Effect.IDLE, ""
            for number, deleted in tables.version_numbers(str(qualified(subject))):
                if deleted:
                    tables.erase(str(qualified(subject)), number)
        case ContextKey(context):
            if value is None:
                tables.drop_context(context)
            else:
                tables.raise_last_id(context, 0)
        case NoopKey():
            return Effect.IDLE, ""
        case UnknownKey(keytype):
            return Effect.FOREIGN_KEY, f"its keytype {keytype!r} is not known here"[:120]
    return Effect.APPLIED, ""


def _soft_delete_up_to(tables: Tables, subject: str, last: int, written_ms: int) -> None:
    key = str(qualified(subject))
    for number, deleted in tables.version_numbers(key):
        if number <= last and not deleted:
            tables.soft_delete(key, number, written_ms=written_ms)


def _apply_schema(
    tables: Tables, key: SchemaKey, spelled: bytes, data: bytes | None, written_ms: int
) -> tuple[Effect, str]:
    subject = qualified(key.subject)
    is_known = key.version <= tables.last_version(str(subject))
    if data is None:
        tables.erase(str(subject), key.version)
        tables.drop_spelling(str(subject), key.version, spelled)
        return Effect.APPLIED, ""
    value = read_schema(key, data)
    _note_spelling(tables, str(subject), key.version, spelled, is_known=is_known)
    try:
        wanted = _content_of(subject.context, value)
    except RecursionError as error:
        raise UnreadableRecordError("its schema nests too deeply") from error
    content = None
    if tables.has_id(subject.context, value.id):  # most are new: the cheaper question first
        content = tables.content(subject.context, value.id)
    if content is None:
        uses = [
            (str(qualified_in(subject.context, r.subject)), r.version) for r in value.references
        ]
        content = tables.add_content(wanted, uses)
    elif (content.schema_type, content.text, content.references, content.metadata) != (
        wanted.schema_type,
        wanted.text,
        wanted.references,
        wanted.metadata,
    ):
        return Effect.CLASH, f"id {value.id} is the id of another schema"
    if is_known:
        replaced = tables.version(str(subject), key.version, deleted=True)
        if replaced is not None and replaced.content.key != content.key:
            tables.erase(str(subject), key.version)
    tables.put_version(subject, key.version, content, written_ms=written_ms)
    if value.deleted:
        tables.soft_delete(str(subject), key.version, written_ms=written_ms)
    return (Effect.APPLIED if value.schema_type == AVRO else Effect.FOREIGN_TYPE), ""


def _note_spelling(
    tables: Tables, subject: str, version: int, spelled: bytes, *, is_known: bool
) -> None:
    """Keep the key's bytes where the version has others in the log than ours would be."""
    ours = key_bytes(SchemaKey(subject, version))
    before = tables.spellings(subject, version) if is_known or spelled != ours else []
    if spelled == ours and not before:
        return
    if not before and is_known and tables.version(subject, version, deleted=True) is not None:
        tables.add_spelling(subject, version, ours)
    tables.add_spelling(subject, version, spelled)


def _content_of(context: str, value: SchemaValue) -> Content:
    named = [(r.name, r.subject, r.version) for r in value.references]
    return Content(
        key=0,
        context=context,
        id=value.id,
        digest=digest(value.text, named, value.metadata, value.rule_set),
        semantic=semantic_digest_of(value.text, value.schema_type),
        text=value.text,
        references=value.references,
        metadata=value.metadata,
        rule_set=value.rule_set,
        schema_type=value.schema_type,
    )
