"""A record of the topic into the tables: the one way in which a registry on Kafka changes.

Every order of records that compaction can leave is legal, so nothing that a request must fulfil
is checked here. Source: topics and states recorded from Confluent 8.3.1 and 7.9.9.
"""

from __future__ import annotations

from enum import StrEnum

from schemareg.registry.api.contexts import qualified, qualified_in
from schemareg.registry.store import Content, Tables
from schemareg.registry.store.identity import digest, semantic_digest
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
    read_config,
    read_delete_subject,
    read_key,
    read_mode,
    read_schema,
)


class Effect(StrEnum):
    """What a record did; everything but `APPLIED` and `IDLE` is worth a line in the log."""

    APPLIED = "applied"
    IDLE = "idle"
    """It changes nothing, such as a NOOP or the tombstone of something that is gone."""
    UNREADABLE = "unreadable"
    FOREIGN_KEY = "foreign_key"
    FOREIGN_TYPE = "foreign_type"
    """A schema of another type than Avro."""
    CLASH = "clash"
    """Another schema under an id that is in use."""


def apply(
    tables: Tables, key: bytes | None, value: bytes | None, *, written_ms: int
) -> tuple[Effect, str]:
    """What the record did, and a reason where it did nothing."""
    try:
        return _apply(tables, read_key(key), value, written_ms)
    except UnreadableRecordError as error:
        return Effect.UNREADABLE, str(error)


def _apply(tables: Tables, key: Key, value: bytes | None, written_ms: int) -> tuple[Effect, str]:
    match key:
        case SchemaKey():
            return _apply_schema(tables, key, value, written_ms)
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
    tables: Tables, key: SchemaKey, data: bytes | None, written_ms: int
) -> tuple[Effect, str]:
    subject = qualified(key.subject)
    if data is None:
        tables.erase(str(subject), key.version)
        return Effect.APPLIED, ""
    value = read_schema(key, data)
    if value.schema_type != AVRO:
        return Effect.FOREIGN_TYPE, f"its schema is of type {value.schema_type}"[:80]
    try:
        wanted = _content_of(subject.context, value)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecordError(f"its schema is no JSON: {error}"[:200]) from error
    content = None
    if tables.has_id(subject.context, value.id):  # most are new: the cheaper question first
        content = tables.content(subject.context, value.id)
    if content is None:
        uses = [
            (str(qualified_in(subject.context, r.subject)), r.version) for r in value.references
        ]
        content = tables.add_content(wanted, uses)
    elif (content.text, content.references, content.metadata) != (
        wanted.text,
        wanted.references,
        wanted.metadata,
    ):
        return Effect.CLASH, f"id {value.id} is the id of another schema"
    if key.version <= tables.last_version(str(subject)):
        replaced = tables.version(str(subject), key.version, deleted=True)
        if replaced is not None and replaced.content.key != content.key:
            tables.erase(str(subject), key.version)
    tables.put_version(subject, key.version, content, written_ms=written_ms)
    if value.deleted:
        tables.soft_delete(str(subject), key.version, written_ms=written_ms)
    return Effect.APPLIED, ""


def _content_of(context: str, value: SchemaValue) -> Content:
    named = [(r.name, r.subject, r.version) for r in value.references]
    return Content(
        key=0,
        context=context,
        id=value.id,
        digest=digest(value.text, named, value.metadata, value.rule_set),
        semantic=semantic_digest(value.text),
        text=value.text,
        references=value.references,
        metadata=value.metadata,
        rule_set=value.rule_set,
    )
