"""Bodies of requests as the registry's JSON binding reads them: lenient in types, not in shapes."""

from __future__ import annotations

import json
import re

from schemareg.avro.depth import with_room
from schemareg.avro.schema import JsonObject, JsonValue
from schemareg.integers import INT_MAX, INT_MIN
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.metadata import in_order, metadata_to
from schemareg.registry.service.requests import ReferenceRequest, SchemaRequest, TagChange
from schemareg.syntax import fast_json

_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_RULE_FAMILIES = ("migrationRules", "domainRules", "encodingRules")
_RULE_ENUMS = {
    "kind": ("TRANSFORM", "CONDITION"),
    "mode": ("UPGRADE", "DOWNGRADE", "UPDOWN", "WRITE", "READ", "WRITEREAD"),
}


def json_object(body: bytes, operation: str) -> JsonObject:
    """The object that the body holds.

    Raises: `RegistryError` 400 for anything else, 422 for nothing at all.
    """
    if not body.strip():
        raise ErrorCode.MISSING_BODY.refusal(operation)
    if (texts := _texts_only(body)) is not None:
        return texts
    try:
        # Java's reader takes NaN and Infinity as numbers; as texts they fit where those would
        value = json.loads(body, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise ErrorCode.BAD_REQUEST.refusal(f"Not JSON: {error}") from error
    if value is None:
        raise ErrorCode.MISSING_BODY.refusal(operation)
    if not isinstance(value, dict):
        raise ErrorCode.BAD_REQUEST.refusal(f"Expected a JSON object, got {_kind(value)}")
    return value


def _texts_only(body: bytes) -> JsonObject | None:
    """The object of a body whose members are all texts, which every reader reads alike.

    None: the body is anything else.
    """
    try:
        value = fast_json.loads(body)
    except (ValueError, RecursionError):
        return None
    if type(value) is not dict or not all(type(member) is str for member in value.values()):
        return None
    return value


def _kind(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def wrong(member: str, wanted: str, value: JsonValue) -> Exception:
    return ErrorCode.BAD_REQUEST.refusal(f"`{member}` must be {wanted}, not {_kind(value)}")


def _unpaired_replaced(text: str) -> str:
    """`text` as UTF-8 can carry it: lone surrogates become question marks, as in Java."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def _with_valid_texts(value: JsonObject) -> JsonObject:
    """`value` with every text in it as UTF-8 can carry it."""
    text = with_room(lambda: json.dumps(value, ensure_ascii=False))
    if text.isascii():
        return value
    valid = _unpaired_replaced(text)
    copied: dict[str, JsonValue] = with_room(lambda: json.loads(valid))
    return copied


def text_of(holder: JsonObject, member: str) -> str | None:
    """A text; numbers and booleans are taken as they are written.

    Raises: `RegistryError` 400.
    """
    match holder.get(member):
        case None:
            return None
        case str() as text:
            return _unpaired_replaced(text)
        case bool() as flag:
            return "true" if flag else "false"
        case int() | float() as number:
            return json.dumps(number)
        case other:
            raise wrong(member, "a string", other)


def integer_of(holder: JsonObject, member: str) -> int | None:
    """A 32-bit integer, also one written as a string; fractions are cut off.

    Raises: `RegistryError` 400.
    """
    value = holder.get(member)
    number: int
    match value:
        case None | "":
            return None
        case bool():
            raise wrong(member, "an integer", value)
        case int():
            number = value
        case float() if abs(value) < 2**32:
            number = int(value)
        case str() if _INTEGER.fullmatch(value):
            number = int(value)
        case _:
            raise wrong(member, "an integer", value)
    if not INT_MIN <= number <= INT_MAX:
        raise ErrorCode.BAD_REQUEST.refusal(f"`{member}` is out of range: {number}")
    return number


def flag_of(holder: JsonObject, member: str) -> bool | None:
    """Raises: `RegistryError` 400."""
    match holder.get(member):
        case None | "":
            return None
        case bool() as flag:
            return flag
        case "true" | "True" | "TRUE":
            return True
        case "false" | "False" | "FALSE":
            return False
        case int() as number:
            return number != 0
        case other:
            raise wrong(member, "a boolean", other)


def object_of(holder: JsonObject, member: str) -> JsonObject | None:
    match holder.get(member):
        case None:
            return None
        case dict() as value:
            return value
        case other:
            raise wrong(member, "an object", other)


def list_of(holder: JsonObject, member: str) -> list[JsonValue]:
    match holder.get(member):
        case None:
            return []
        case list() as value:
            return value
        case other:
            raise wrong(member, "an array", other)


def texts_of(holder: JsonObject, member: str) -> list[str]:
    values = list_of(holder, member)
    wrapped = [{"item": value} for value in values]
    texts = [text_of(item, "item") for item in wrapped]
    return [text for text in texts if text is not None]


def _reference(value: JsonValue) -> ReferenceRequest:
    if not isinstance(value, dict):
        raise wrong("references", "an array of objects", value)
    return ReferenceRequest(
        text_of(value, "name"), text_of(value, "subject"), integer_of(value, "version")
    )


def metadata_of(holder: JsonObject, member: str) -> Metadata | None:
    """Raises: `RegistryError` 400."""
    value = object_of(holder, member)
    if value is None:
        return None
    tags = object_of(value, "tags") or {}
    properties = object_of(value, "properties") or {}
    for holder, name in ((value, "sensitive"), *((tags, key) for key in tags)):
        if (name != "sensitive" and holder[name] is None) or None in list_of(holder, name):
            raise wrong(name, "an array of strings", None)
    return in_order(
        Metadata(
            tags={_unpaired_replaced(key): tuple(texts_of(tags, key)) for key in tags},
            properties={
                _unpaired_replaced(key): text
                for key in properties
                if (text := text_of(properties, key)) is not None
            },
            sensitive=tuple(texts_of(value, "sensitive")),
        )
    )


def rule_set_of(holder: JsonObject, member: str) -> JsonObject | None:
    """A rule set with every rule of a known kind and mode.

    Raises: `RegistryError` 400.
    """
    value = object_of(holder, member)
    if value is None:
        return None
    value = _with_valid_texts(value)
    for family in _RULE_FAMILIES:
        for rule in list_of(value, family):
            if not isinstance(rule, dict):
                raise wrong(family, "an array of objects", rule)
            for name, allowed in _RULE_ENUMS.items():
                word = text_of(rule, name)
                if word is not None and word not in allowed:
                    raise ErrorCode.BAD_REQUEST.refusal(
                        f"`{name}` of a rule must be one of {', '.join(allowed)}, not {word!r}"
                    )
    return value


def _tag_changes(holder: JsonObject, member: str) -> tuple[TagChange, ...]:
    changes: list[TagChange] = []
    for value in list_of(holder, member):
        if not isinstance(value, dict):
            raise wrong(member, "an array of objects", value)
        entity = object_of(value, "schemaEntity") or {}
        path, kind = text_of(entity, "entityPath"), text_of(entity, "entityType")
        if path is None or kind not in ("sr_record", "sr_field"):
            raise ErrorCode.BAD_REQUEST.refusal(
                "`schemaEntity` needs an `entityPath` and an `entityType` of sr_record or sr_field"
            )
        changes.append(TagChange(path=path, kind=kind, tags=tuple(texts_of(value, "tags"))))
    return tuple(changes)


def schema_body(body: bytes, operation: str) -> SchemaRequest:
    """The body of register, look up and check.

    Raises: `RegistryError` 400, 422.
    """
    return schema_request(json_object(body, operation))


def schema_request(value: JsonObject) -> SchemaRequest:
    """A schema as an object of a body.

    Raises: `RegistryError` 400.
    """
    version, id = integer_of(value, "version"), integer_of(value, "id")
    to_add = _tag_changes(value, "schemaTagsToAdd")
    to_remove = _tag_changes(value, "schemaTagsToRemove")
    if not version and (to_add or to_remove):
        version = -1  # the new version names its number
    return SchemaRequest(
        text=text_of(value, "schema") or "",
        schema_type=text_of(value, "schemaType"),
        references=tuple(map(_reference, list_of(value, "references"))),
        metadata=metadata_of(value, "metadata"),
        rule_set=rule_set_of(value, "ruleSet"),
        version=0 if version is None else version,
        id=-1 if id is None else id,
        tags_to_add=to_add,
        tags_to_remove=to_remove,
        propagate_tags=flag_of(value, "propagateSchemaTags") is True,
    )


def tags_body(body: bytes, operation: str) -> SchemaRequest:
    """The body of a change of tags; its `version` is the number the new version must get.

    Raises: `RegistryError` 400, 422.
    """
    value = json_object(body, operation)
    return SchemaRequest(
        metadata=metadata_of(value, "metadata"),
        rule_set=rule_set_of(value, "ruleSet"),
        rules_to_merge=rule_set_of(value, "rulesToMerge"),
        rules_to_remove=tuple(texts_of(value, "rulesToRemove")),
        version=max(integer_of(value, "newVersion") or 0, 0),
        tags_to_add=_tag_changes(value, "tagsToAdd"),
        tags_to_remove=_tag_changes(value, "tagsToRemove"),
    )


_FLAGS = (
    "normalize",
    "validateFields",
    "validateNewSchemas",
    "validateRules",
)
_TEXTS = ("alias", "aliasForDeks", "compatibility", "compatibilityPolicy", "compatibilityGroup")


def config_body(body: bytes, operation: str) -> JsonObject:
    """The members of a configuration that were sent, null for those to clear.

    Raises: `RegistryError` 400, 422.
    """
    value = json_object(body, operation)
    config: dict[str, JsonValue] = {}
    for member in _TEXTS:
        if member in value:
            config[member] = text_of(value, member)
    for member in _FLAGS:
        if member in value:
            config[member] = flag_of(value, member)
    for member in ("defaultMetadata", "overrideMetadata"):
        if member in value:
            metadata = metadata_of(value, member)
            config[member] = None if metadata is None else metadata_to(metadata)
    for member in ("defaultRuleSet", "overrideRuleSet"):
        if member in value:
            rules = rule_set_of(value, member)
            config[member] = None if rules is None else dict(rules)
    return config


def mode_body(body: bytes, operation: str) -> str | None:
    """The mode that was sent; None to clear it.

    Raises: `RegistryError` 400, 422; 42204 when there is no word of a mode.
    """
    value = json_object(body, operation)
    if "mode" not in value:
        raise ErrorCode.INVALID_MODE.refusal()
    return text_of(value, "mode")
