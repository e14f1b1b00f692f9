"""A registry as the records of a topic: what Confluent's registry, or ours, starts on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from schemareg.errors import ContentError
from schemareg.registry.api.contexts import DEFAULT_CONTEXT
from schemareg.registry.store import Tables, reading_file
from schemareg.registry.topic.journal import Record, version_record
from schemareg.registry.topic.records import (
    ConfigKey,
    ContextKey,
    ModeKey,
    config_value,
    context_value,
    key_bytes,
    mode_value,
)


def export_file(db: str, *, names_avro: bool) -> Iterator[str]:
    """A JSON line with `key`, `value` and `timestamp` for each record that gives what `db` holds.

    A server may be running on the file. `names_avro` is as in `schema_value`.

    Raises:
        ExternalFailureError: the file cannot be read.
        ContentError: it holds associations, which have no record that others read.
    """
    with reading_file(db) as tables:
        if next(iter(tables.all_associations()), None) is not None:
            raise ContentError(
                "associations have no record in the topic that other registries can read",
                advice="back up with `schemareg registry backup`, or delete them first",
            )
        for record, written_ms in records_of(tables, names_avro=names_avro):
            yield _line(record, written_ms)


def records_of(tables: Tables, *, names_avro: bool) -> Iterator[tuple[Record, int]]:
    """Every record with its time in ms since 1970: contexts and settings, then versions by age."""
    for context in tables.contexts():
        if context != DEFAULT_CONTEXT:
            yield Record(key_bytes(ContextKey(context)), context_value(context)), 0
    for subject, config in tables.all_configs():
        yield Record(key_bytes(ConfigKey(subject)), config_value(subject, config)), 0
    for subject, mode in tables.all_modes():
        yield Record(key_bytes(ModeKey(subject)), mode_value(subject, mode)), 0
    versions = tables.versions_within(None, "", deleted=True)
    # a version never refers to one with a higher id of its context
    for stored in sorted(versions, key=lambda v: (v.written_ms, v.content.id, v.version)):
        yield version_record(stored, names_avro=names_avro), stored.written_ms


def _line(record: Record, written_ms: int) -> str:
    texts = {
        "key": record.key.decode(),
        "value": None if record.value is None else record.value.decode(),
        "timestamp": written_ms,
    }
    return json.dumps(texts, ensure_ascii=False) + "\n"
