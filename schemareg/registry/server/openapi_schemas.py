"""The shapes of bodies and answers as JSON Schema, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from schemareg.avro.schema import JsonDict, JsonValue
from schemareg.registry.api.types import Mode
from schemareg.subjects import CompatibilityLevel

if TYPE_CHECKING:
    from schemareg.registry.server.route import AnswerShape, BodyShape


def _ref(name: str) -> JsonDict:
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(element: JsonDict) -> JsonDict:
    return {"type": "array", "items": element}


def _object(members: Mapping[str, JsonValue], *required: str) -> JsonDict:
    return {"type": "object", "properties": dict(members), "required": list(required)}


def _optional(schema: JsonDict) -> JsonDict:
    return {"anyOf": [schema, {"type": "null"}]}


ERROR: Final = _ref("Error")


def answer_schema(gives: AnswerShape, *, operation: str) -> JsonDict:
    """The schema of what a route answers; some lists are known by their operation only."""
    match gives:
        case "schema-version":
            return _ref("Version")
        case "schema-content":
            return _ref("Content")
        case "raw-schema":
            return {}
        case "registered":
            return _ref("Registered")
        case "compatibility":
            return _ref("Verdict")
        case "config":
            return _ref("Config")
        case "updated-config":
            return _ref("UpdatedConfig")
        case "mode":
            return _ref("Mode")
        case "texts":
            return _list_of({"type": "string"})
        case "integers":
            return _list_of({"type": "integer"})
        case "integer":
            return {"type": "integer"}
        case "objects":
            return _list_of(_element(operation))
        case "object" | "none":
            return {"type": "object"}


def _element(operation: str) -> JsonDict:
    match operation:
        case "getSchemas":
            return _ref("Version")
        case "getVersions":
            return _ref("SubjectVersion")
        case "getContextIds":
            return _ref("ContextId")
        case _:
            return {"type": "object"}


def body_schema(body: BodyShape) -> JsonDict:
    """The schema of what a route is sent."""
    match body:
        case "schema":
            return _ref("SchemaRequest")
        case "config":
            return _ref("ConfigRequest")
        case "mode":
            return _ref("ModeRequest")
        case "tags":
            return _ref("TagsRequest")
        case "any":
            return {"type": "object"}


def component_schemas() -> JsonDict:
    """The schemas that answers and bodies refer to, by name."""
    return {**_answers(), **_requests(), **_parts()}


def _content_members() -> JsonDict:
    return {
        "guid": {"type": "string", "format": "uuid"},
        "schemaType": {"const": "AVRO"},
        "references": _list_of(_ref("StoredReference")),
        "metadata": _ref("Metadata"),
        "ruleSet": _ref("RuleSet"),
        "schema": {"type": "string"},
        "schemaTags": _list_of(_ref("EntityTags")),
        "ts": {"type": "integer"},
        "deleted": {"type": "boolean"},
    }


def _answers() -> JsonDict:
    subject: JsonDict = {"type": "string"}
    number: JsonDict = {"type": "integer", "minimum": 1}
    content = _content_members()
    level: JsonDict = {"enum": [level.value for level in CompatibilityLevel]}
    config = _config_members()
    return {
        "Error": _object(
            {"error_code": {"type": "integer"}, "message": {"type": "string"}},
            "error_code",
            "message",
        ),
        "Version": _object(
            {"subject": subject, "version": number, "id": {"type": "integer"}, **content},
            "version",
            "id",
            "schema",
        ),
        "Content": _object(
            {"subject": subject, "version": number, "maxId": {"type": "integer"}, **content},
            "schema",
        ),
        "Registered": _object({"id": {"type": "integer"}, "version": number, **content}, "id"),
        "Verdict": _object(
            {"is_compatible": {"type": "boolean"}, "messages": _list_of({"type": "string"})},
            "is_compatible",
        ),
        "Config": _object({**config, "compatibilityLevel": level}, "compatibilityLevel"),
        "UpdatedConfig": _object({**config, "compatibility": level}),
        "Mode": _object({"mode": _optional({"type": "string"})}),
        "SubjectVersion": _object({"subject": subject, "version": number}, "subject", "version"),
        "ContextId": _object(
            {"context": {"type": "string"}, "id": {"type": "integer"}}, "context", "id"
        ),
    }


def _config_members() -> JsonDict:
    flag: JsonDict = {"type": "boolean"}
    text: JsonDict = {"type": "string"}
    return {
        "alias": text,
        "normalize": flag,
        "validateFields": flag,
        "validateNewSchemas": flag,
        "validateRules": flag,
        "compatibilityGroup": text,
        "compatibilityPolicy": text,
        "defaultMetadata": _ref("Metadata"),
        "overrideMetadata": _ref("Metadata"),
        "defaultRuleSet": _ref("RuleSet"),
        "overrideRuleSet": _ref("RuleSet"),
    }


def _requests() -> JsonDict:
    clearable: JsonDict = {
        name: _optional(schema) if isinstance(schema, dict) else schema
        for name, schema in _config_members().items()
    }
    level: JsonDict = {"enum": [*(level.value for level in CompatibilityLevel), None]}
    return {
        "SchemaRequest": _object(
            {
                "schema": {"type": "string", "description": "the text of an Avro schema"},
                "schemaType": {"const": "AVRO"},
                "references": _list_of(_ref("Reference")),
                "metadata": _ref("Metadata"),
                "ruleSet": _ref("RuleSet"),
                "version": {"type": "integer"},
                "id": {"type": "integer"},
                "schemaTagsToAdd": _list_of(_ref("EntityTags")),
                "schemaTagsToRemove": _list_of(_ref("EntityTags")),
                "propagateSchemaTags": {"type": "boolean"},
            },
            "schema",
        ),
        "ConfigRequest": _object({**clearable, "compatibility": level}),
        "ModeRequest": _object({"mode": {"enum": [*(mode.value for mode in Mode), None]}}, "mode"),
        "TagsRequest": _object(
            {
                "newVersion": {"type": "integer"},
                "tagsToAdd": _list_of(_ref("EntityTags")),
                "tagsToRemove": _list_of(_ref("EntityTags")),
                "metadata": _ref("Metadata"),
                "ruleSet": _ref("RuleSet"),
                "rulesToMerge": _ref("RuleSet"),
                "rulesToRemove": _list_of({"type": "string"}),
            }
        ),
    }


def _parts() -> JsonDict:
    text: JsonDict = {"type": "string"}
    texts = _list_of(text)
    reference: JsonDict = {"name": text, "subject": text, "version": {"type": "integer"}}
    rules = _list_of(_object({"name": text, "kind": text, "mode": text, "type": text}))
    return {
        "Reference": _object(reference, "name", "subject", "version"),
        # answers leave out what is empty, and a name or a subject may be
        "StoredReference": _object(reference, "version"),
        "Metadata": _object(
            {
                "tags": {"type": "object", "additionalProperties": texts},
                "properties": {"type": "object", "additionalProperties": text},
                "sensitive": texts,
            }
        ),
        "RuleSet": _object({"migrationRules": rules, "domainRules": rules, "encodingRules": rules}),
        "EntityTags": _object(
            {
                "schemaEntity": _object(
                    {"entityPath": text, "entityType": {"enum": ["sr_record", "sr_field"]}},
                    "entityPath",
                    "entityType",
                ),
                "tags": texts,
            },
            "schemaEntity",
            "tags",
        ),
    }
