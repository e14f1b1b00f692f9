"""The records of a registry's topic: keys and values as the exact JSON that Confluent writes.

Source: topics recorded from Confluent Schema Registry 8.3.1 and 7.9.9 (tests/golden).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import GLOBAL
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.metadata import metadata_from, metadata_to
from schemareg.registry.service.settings import MEMBERS
from schemareg.subjects import Reference, SchemaId, Subject, Version

TENANT = "default"
AVRO = "AVRO"
MAGIC_OF_SCHEMA = 1
_LEVEL_IN_TOPIC = "compatibilityLevel"
"""How the topic spells the member `compatibility` of a request."""


class UnreadableRecordError(ValueError):
    """A record that means nothing to a registry; its text gives the reason. It is passed over."""


# keys


@dataclass(frozen=True, slots=True)
class SchemaKey:
    """A version of a subject."""

    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """The configuration of a subject or context; `subject` empty: the global one."""

    subject: str


@dataclass(frozen=True, slots=True)
class ModeKey:
    """The mode of a subject or context; `subject` empty: the global one."""

    subject: str


@dataclass(frozen=True, slots=True)
class DeleteSubjectKey:
    """Every version of a subject up to the value's number is soft-deleted."""

    subject: str


@dataclass(frozen=True, slots=True)
class ClearSubjectKey:
    """Every soft-deleted version of a subject is removed for good."""

    subject: str


@dataclass(frozen=True, slots=True)
class ContextKey:
    """A context that something was registered in."""

    context: str


@dataclass(frozen=True, slots=True)
class NoopKey:
    """Written by a process at its start and when it becomes the leader."""


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key type that this release does not know, such as ASSOC."""

    keytype: str


Key: TypeAlias = (
    SchemaKey
    | ConfigKey
    | ModeKey
    | DeleteSubjectKey
    | ClearSubjectKey
    | ContextKey
    | NoopKey
    | UnknownKey
)


def key_bytes(key: Key) -> bytes:
    """The key as Confluent writes it: no blanks, `keytype` first and `magic` last."""
    match key:
        case SchemaKey(subject, version):
            return _text(
                {
                    "keytype": "SCHEMA",
                    "subject": subject,
                    "version": version,
                    "magic": MAGIC_OF_SCHEMA,
                }
            )
        case ConfigKey(subject):
            return _subject_key("CONFIG", subject)
        case ModeKey(subject):
            return _subject_key("MODE", subject)
        case DeleteSubjectKey(subject):
            return _subject_key("DELETE_SUBJECT", subject)
        case ClearSubjectKey(subject):
            return _subject_key("CLEAR_SUBJECT", subject)
        case ContextKey(context):
            return _text({"keytype": "CONTEXT", "tenant": TENANT, "context": context, "magic": 0})
        case NoopKey():
            return _text({"keytype": "NOOP", "magic": 0})
        case UnknownKey(keytype):
            raise ValueError(f"a key of type {keytype} is never written")


def _subject_key(keytype: str, subject: str) -> bytes:
    named = {} if subject == GLOBAL else {"subject": subject}
    return _text({"keytype": keytype, **named, "magic": 0})


def read_key(data: bytes | None) -> Key:
    """The key that the bytes spell, whatever the order of its members.

    Raises: `UnreadableRecordError`.
    """
    members = _object(data, "key")
    keytype = members.get("keytype")
    magic = members.get("magic")
    if keytype == "SCHEMA":
        if magic not in (0, MAGIC_OF_SCHEMA):
            raise UnreadableRecordError(f"its magic {magic!r} is of another format")
        return SchemaKey(_named(members, "subject"), _number(members, "version"))
    if keytype == "NOOP":
        return NoopKey()
    if keytype == "CONTEXT":
        return ContextKey(_named(members, "context"))
    if keytype in ("CONFIG", "MODE"):
        subject = GLOBAL if members.get("subject") is None else _named(members, "subject")
        return ConfigKey(subject) if keytype == "CONFIG" else ModeKey(subject)
    if keytype == "DELETE_SUBJECT":
        return DeleteSubjectKey(_named(members, "subject"))
    if keytype == "CLEAR_SUBJECT":
        return ClearSubjectKey(_named(members, "subject"))
    if isinstance(keytype, str):
        return UnknownKey(keytype)
    raise UnreadableRecordError("its key has no keytype")


# values


@dataclass(frozen=True, slots=True)
class SchemaValue:
    """The value of a version: everything but when it was written."""

    subject: str
    version: Version
    id: SchemaId
    schema_type: str
    text: str
    deleted: bool
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    rule_set: Mapping[str, JsonValue] | None = None


def schema_value(value: SchemaValue, *, names_avro: bool) -> bytes:
    """The version's value; `names_avro`: the schema type is there for Avro too, as in 8.x."""
    members: dict[str, JsonValue] = {
        "subject": value.subject,
        "version": value.version,
        "id": value.id,
    }
    if names_avro or value.schema_type != AVRO:
        members["schemaType"] = value.schema_type
    if value.references:
        members["references"] = [
            {"name": r.name, "subject": r.subject, "version": r.version} for r in value.references
        ]
    if value.metadata is not None:
        members["metadata"] = metadata_to(value.metadata)
    if value.rule_set is not None:
        members["ruleSet"] = dict(value.rule_set)
    members["schema"] = value.text
    members["deleted"] = value.deleted
    return _text(members)


def read_schema(key: SchemaKey, data: bytes) -> SchemaValue:
    """The value of the version `key`.

    Raises: `UnreadableRecordError`: no JSON object, no id, another subject or version than the
    key's.
    """
    members = _object(data, "value")
    subject, version = _named(members, "subject"), _number(members, "version")
    if (subject, version) != (key.subject, key.version):
        raise UnreadableRecordError(f"its value is of {subject} version {version}")
    rule_set = members.get("ruleSet")
    text = members.get("schema")
    if not isinstance(text, str):
        raise UnreadableRecordError("its value has no schema")
    return SchemaValue(
        subject=subject,
        version=Version(version),
        id=SchemaId(_number(members, "id")),
        schema_type=str(members.get("schemaType") or AVRO),
        text=text,
        deleted=members.get("deleted") is True,
        references=_references(members.get("references")),
        metadata=metadata_from(members.get("metadata")),
        rule_set=rule_set if isinstance(rule_set, dict) else None,
    )


def _references(value: JsonValue) -> tuple[Reference, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise UnreadableRecordError("its references are no list")
    return tuple(
        Reference(
            _named(item, "name"),
            Subject(_named(item, "subject")),
            Version(_number(item, "version")),
        )
        for item in map(_member_object, value)
    )


def config_value(subject: str, config: Mapping[str, JsonValue]) -> bytes:
    """The whole configuration of `subject` (empty: the global one)."""
    named: dict[str, JsonValue] = {} if subject == GLOBAL else {"subject": subject}
    for member in MEMBERS:
        if member in config:
            named[_LEVEL_IN_TOPIC if member == "compatibility" else member] = config[member]
    return _text(named)


def read_config(data: bytes) -> dict[str, JsonValue]:
    """The configuration by the names that requests use. Raises: `UnreadableRecordError`."""
    members = _object(data, "value")
    named = {**members, "compatibility": members.get(_LEVEL_IN_TOPIC)}
    return {name: named[name] for name in MEMBERS if named.get(name) is not None}


def mode_value(subject: str, mode: str) -> bytes:
    """The mode of `subject` (empty: the global one)."""
    named: dict[str, JsonValue] = {} if subject == GLOBAL else {"subject": subject}
    return _text({**named, "mode": mode})


def read_mode(data: bytes) -> str:
    """Raises: `UnreadableRecordError`."""
    return _named(_object(data, "value"), "mode")


def delete_subject_value(subject: str, version: int) -> bytes:
    """Soft deletion of every version of `subject` up to `version`."""
    return _text({"subject": subject, "version": version})


def read_delete_subject(data: bytes) -> int:
    """The greatest version that is deleted. Raises: `UnreadableRecordError`."""
    return _number(_object(data, "value"), "version")


def context_value(context: str) -> bytes:
    """The value that goes with a context's key."""
    return _text({"tenant": TENANT, "context": context})


# JSON


def _text(members: Mapping[str, JsonValue]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )


def _object(data: bytes | None, what: str) -> dict[str, JsonValue]:
    if data is None:
        raise UnreadableRecordError(f"it has no {what}")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecordError(f"its {what} is no JSON") from error
    if not isinstance(value, dict):
        raise UnreadableRecordError(f"its {what} is no JSON object")
    return value


def _member_object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise UnreadableRecordError("a reference is no JSON object")
    return value


def _named(members: Mapping[str, JsonValue], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise UnreadableRecordError(f"its {name} is no text: {value!r}"[:100])
    return value


def _number(members: Mapping[str, JsonValue], name: str) -> int:
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
        raise UnreadableRecordError(f"its {name} is no 32-bit number: {value!r}"[:100])
    return value
