"""Readers of a registry's answers: JSON into types, refusing what is not the protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar, cast

from schemareg.avro.schema import JsonObject, JsonValue
from schemareg.integers import INT_MAX, INT_MIN
from schemareg.limits import LIMITS
from schemareg.registry.api.types import (
    Association,
    CompatibilityAnswer,
    Config,
    ContextId,
    ElementTags,
    Metadata,
    Mode,
    RegisteredSchema,
    ResourceResult,
    SchemaContent,
    SubjectVersion,
)
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version

T = TypeVar("T")


class UnreadableAnswerError(ValueError):
    """An answer that is not the registry protocol; the message names what was expected."""


def from_json(body: bytes) -> JsonValue:
    """The JSON value of an answer.

    Raises:
        UnreadableAnswerError: it is not JSON.
    """
    if _values_in(body) > LIMITS.registry_answer_values:
        raise UnreadableAnswerError(f"at most {LIMITS.registry_answer_values} values")
    try:
        value = cast("JsonValue", json.loads(body))
        if _SURROGATE.search(body):  # half a pair is no text that could be written to a file
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswerError("JSON") from error
    return value


def _values_in(body: bytes) -> int:
    """How many values a JSON text has, at most."""
    if len(body) <= LIMITS.registry_answer_values:
        return len(body)
    bare = _STRING.sub(b"", body)
    return 1 + sum(map(bare.count, (b",", b"[", b"{")))


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def json_answer(read: Callable[[JsonValue], T]) -> Callable[[bytes], T]:
    """A reader of answers that are JSON, `read` being the reader of the value."""
    return lambda body: read(from_json(body))


def fitting(
    read: Callable[[bytes], T], expected: Callable[[T], str | None]
) -> Callable[[bytes], T]:
    """`read`, refusing a value for which `expected` names what it should have been."""

    def checked(body: bytes) -> T:
        value = read(body)
        if (missing := expected(value)) is not None:
            raise UnreadableAnswerError(missing)
        return value

    return checked


def raw_text(body: bytes) -> str:
    """An answer that is text as it is, such as a bare schema."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableAnswerError("UTF-8 text") from error


def nothing(_body: bytes) -> None:
    """Any answer: only its status matters."""


def as_object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise UnreadableAnswerError("a JSON object")
    return value


def as_list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise UnreadableAnswerError("a JSON array")
    return value


def as_int(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnreadableAnswerError("an integer")
    return value


def as_text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise UnreadableAnswerError("a string")
    return value


def text_at(value: JsonObject, key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str):
        raise UnreadableAnswerError(f"a string {key!r}")
    return found


def int_at(value: JsonObject, key: str) -> int:
    found = value.get(key)
    if not isinstance(found, int) or isinstance(found, bool):
        raise UnreadableAnswerError(f"an integer {key!r}")
    return found


def optional_text(value: JsonObject, key: str) -> str | None:
    return None if value.get(key) is None else text_at(value, key)


def text_or_empty(value: JsonObject, key: str) -> str:
    """The text under `key`; Confluent's registries leave members out that are empty."""
    return optional_text(value, key) or ""


def optional_bool(value: JsonObject, key: str) -> bool | None:
    found = value.get(key)
    if found is not None and not isinstance(found, bool):
        raise UnreadableAnswerError(f"a boolean {key!r}")
    return found


def optional_object(value: JsonObject, key: str) -> JsonObject | None:
    found = value.get(key)
    return None if found is None else as_object(found)


def many(read: Callable[[JsonValue], T]) -> Callable[[JsonValue], tuple[T, ...]]:
    """A reader of arrays whose every element `read` reads."""
    return lambda value: tuple(read(element) for element in as_list(value))


def subject_name(value: JsonValue) -> Subject:
    return Subject(as_text(value))


def version_number(value: JsonValue) -> Version:
    return _version(as_int(value))


def _version(number: int) -> Version:
    if not 1 <= number <= INT_MAX:
        raise UnreadableAnswerError("a version from 1 on")
    return Version(number)


def schema_id(value: JsonValue) -> SchemaId:
    return _id(as_int(value))


def _id(number: int) -> SchemaId:
    if not INT_MIN <= number <= INT_MAX:
        raise UnreadableAnswerError("an id of 32 bits")
    return SchemaId(number)


def id_of(value: JsonValue) -> SchemaId:
    return _id(int_at(as_object(value), "id"))


def reference(value: JsonValue) -> Reference:
    found = as_object(value)
    return Reference(
        text_or_empty(found, "name"),
        Subject(text_or_empty(found, "subject")),
        _version(int_at(found, "version")),
    )


def references_at(value: JsonObject) -> tuple[Reference, ...]:
    found = value.get("references")
    return () if found is None else many(reference)(found)


def metadata(value: JsonValue) -> Metadata:
    found = as_object(value)
    tags = as_object(found.get("tags") or {})
    properties = as_object(found.get("properties") or {})
    return Metadata(
        tags={path: many(as_text)(names) for path, names in tags.items()},
        properties={name: as_text(text) for name, text in properties.items()},
        sensitive=many(as_text)(found.get("sensitive") or []),
    )


def metadata_at(value: JsonObject, key: str = "metadata") -> Metadata | None:
    found = value.get(key)
    return None if found is None else metadata(found)


def registered_schema(value: JsonValue) -> RegisteredSchema:
    found = as_object(value)
    return RegisteredSchema(
        subject=Subject(text_or_empty(found, "subject")),
        version=_version(int_at(found, "version")),
        id=_id(int_at(found, "id")),
        text=text_at(found, "schema"),
        references=references_at(found),
        metadata=metadata_at(found),
        guid=optional_text(found, "guid"),
        deleted=optional_bool(found, "deleted") or False,
        rule_set=optional_object(found, "ruleSet"),
        tags=many(element_tags)(found.get("schemaTags") or []),
        schema_type=text_or_empty(found, "schemaType") or "AVRO",
    )


def element_tags(value: JsonValue) -> ElementTags:
    found = as_object(value)
    entity = as_object(found.get("schemaEntity"))
    match text_at(entity, "entityType"):
        case "sr_record":
            element: Literal["record", "field"] = "record"
        case "sr_field":
            element = "field"
        case _:
            raise UnreadableAnswerError("a record's or a field's tags")
    tags = many(as_text)(found.get("tags") or [])
    return ElementTags(text_at(entity, "entityPath"), element, tags)


def association(value: JsonValue) -> Association:
    found = as_object(value)
    subject = optional_text(found, "subject")
    return Association(
        subject=None if subject is None else Subject(subject),
        association_type=optional_text(found, "associationType"),
        resource_name=optional_text(found, "resourceName"),
        resource_namespace=optional_text(found, "resourceNamespace"),
        resource_id=optional_text(found, "resourceId"),
        resource_type=optional_text(found, "resourceType"),
        lifecycle=optional_text(found, "lifecycle"),
        frozen=optional_bool(found, "frozen") or False,
        guid=optional_text(found, "guid"),
    )


def written_associations(value: JsonValue) -> tuple[Association, ...]:
    """The associations that a write answers, each with the resource that it answers once."""
    found = as_object(value)
    resource = {name: found[name] for name in found if name.startswith("resource")}
    infos = as_list(found.get("associations") or [])
    return tuple(association({**as_object(info), **resource}) for info in infos)


def batch_results(value: JsonValue) -> tuple[ResourceResult, ...]:
    """The results of a batch of requests about associations, in the order of the requests."""
    return many(_batch_result)(as_object(value).get("results"))


def _batch_result(value: JsonValue) -> ResourceResult:
    found = as_object(value)
    error = optional_object(found, "error")
    if error is None:
        return ResourceResult(written_associations(found.get("result")))
    return ResourceResult((), int_at(error, "error_code"), text_or_empty(error, "message"))


def registration(value: JsonValue) -> RegisteredSchema | SchemaId:
    """The answer to a register request: 8.x returns the version, 7.x and third parties the id."""
    found = as_object(value)
    if "version" not in found or "schema" not in found:
        return _id(int_at(found, "id"))
    return registered_schema(value)


def schema_content(value: JsonValue) -> SchemaContent:
    found = as_object(value)
    return SchemaContent(
        text=text_at(found, "schema"),
        references=references_at(found),
        metadata=metadata_at(found),
        guid=optional_text(found, "guid"),
        rule_set=optional_object(found, "ruleSet"),
        schema_type=text_or_empty(found, "schemaType") or "AVRO",
    )


def max_id(value: JsonValue) -> SchemaId:
    return SchemaId(int_at(as_object(value), "maxId"))


def subject_version(value: JsonValue) -> SubjectVersion:
    found = as_object(value)
    return SubjectVersion(
        Subject(text_or_empty(found, "subject")), _version(int_at(found, "version"))
    )


def context_id(value: JsonValue) -> ContextId:
    found = as_object(value)
    return ContextId(text_at(found, "context"), _id(int_at(found, "id")))


def compatibility(value: JsonValue) -> CompatibilityAnswer:
    found = as_object(value)
    verdict = found.get("is_compatible")
    if not isinstance(verdict, bool):
        raise UnreadableAnswerError("a boolean 'is_compatible'")
    return CompatibilityAnswer(verdict, many(as_text)(found.get("messages") or []))


def level_named(text: str) -> CompatibilityLevel:
    try:
        return CompatibilityLevel(text.upper())
    except ValueError as error:
        raise UnreadableAnswerError("a compatibility level") from error


def config(value: JsonValue) -> Config:
    """A configuration: PUT returns the level as `compatibility`, GET as `compatibilityLevel`."""
    found = as_object(value)
    level = optional_text(found, "compatibilityLevel") or optional_text(found, "compatibility")
    return Config(
        level=level_named(level) if level else None,
        normalize=optional_bool(found, "normalize"),
        alias=optional_text(found, "alias"),
        compatibility_group=optional_text(found, "compatibilityGroup"),
        compatibility_policy=optional_text(found, "compatibilityPolicy"),
        validate_fields=optional_bool(found, "validateFields"),
        validate_rules=optional_bool(found, "validateRules"),
        validate_new_schemas=optional_bool(found, "validateNewSchemas"),
        default_metadata=metadata_at(found, "defaultMetadata"),
        override_metadata=metadata_at(found, "overrideMetadata"),
        default_rule_set=optional_object(found, "defaultRuleSet"),
        override_rule_set=optional_object(found, "overrideRuleSet"),
    )


def deleted_mode(value: JsonValue) -> Mode | None:
    """The mode that was deleted; None after a recursive deletion that names none."""
    return mode(value) if as_object(value).get("mode") is not None else None


def mode(value: JsonValue) -> Mode:
    try:
        return Mode(text_at(as_object(value), "mode").upper())
    except ValueError as error:
        raise UnreadableAnswerError("a mode") from error


def cluster_ids(value: JsonValue) -> Mapping[str, str]:
    """The names of the clusters behind the registry, by kind."""
    scope = as_object(as_object(value).get("scope") or {})
    clusters = as_object(scope.get("clusters") or {})
    return {kind: as_text(name) for kind, name in clusters.items()}


def texts_by_name(value: JsonValue) -> Mapping[str, str]:
    return {name: text for name, text in as_object(value).items() if isinstance(text, str)}


def deployment(value: JsonValue) -> tuple[str, ...]:
    return many(as_text)(as_object(value).get("attributes") or [])
