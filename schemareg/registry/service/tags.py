"""Tags on records and fields, kept in the schema itself as `confluent:tags`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from schemareg.avro.depth import with_room
from schemareg.avro.schema import JsonValue
from schemareg.registry.api.contexts import QualifiedSubject
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.parsing import prepare
from schemareg.registry.service.requests import SchemaRequest, TagChange
from schemareg.registry.service.session import Session
from schemareg.registry.store import AVRO, StoredVersion

_TAGS = "confluent:tags"


def tagged(
    session: Session,
    subject: QualifiedSubject,
    request: SchemaRequest,
    latest: StoredVersion | None,
) -> SchemaRequest:
    """`request` with its tag changes worked into the text; `latest` is where tags go on from.

    Raises: `RegistryError` 42201 when the schema cannot be read.
    """
    if not request.changes_tags:
        return request
    text = prepare(session, subject, request, is_new=False).text
    before = _text_of(latest) if latest and request.propagate_tags else None
    changed = with_room(lambda: _changed(text, request, before))
    return replace(request, text=changed, tags_to_add=(), tags_to_remove=(), propagate_tags=False)


def _text_of(version: StoredVersion) -> str | None:
    return version.content.text if version.content.schema_type == AVRO else None


def _changed(text: str, request: SchemaRequest, before: str | None) -> str:
    value = json.loads(text)
    elements = {path: (kind, element) for path, kind, element in _elements(value, "")}
    for change in _tags_in(before) if before else ():
        kind, element = elements.get(change.path, ("", {}))
        if kind == change.kind:
            _change(element, change, adding=True)
    for change in request.tags_to_add:
        _change(_element(elements, change), change, adding=True)
    for change in request.tags_to_remove:
        _change(_element(elements, change), change, adding=False)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _tags_in(text: str) -> Iterator[TagChange]:
    for path, kind, element in _elements(_value_of(text), ""):
        tags = element.get(_TAGS)
        if isinstance(tags, list):
            yield TagChange(path, kind, tuple(map(str, tags)))


def find_tags(text: str, wanted: list[str]) -> list[JsonValue]:
    """Where the canonical text carries one of the tags (`*`: any), as the API tells it."""
    return with_room(lambda: _found(text, wanted))


def _found(text: str, wanted: list[str]) -> list[JsonValue]:
    found: list[JsonValue] = []
    for path, kind, element in _elements(_value_of(text), ""):
        tags = element.get(_TAGS)
        if not isinstance(tags, list):
            continue
        if "*" not in wanted and not set(map(str, tags)) & set(wanted):
            continue
        entity: JsonValue = {"entityPath": path, "entityType": kind}
        found.append({"schemaEntity": entity, "tags": tags})
    return found


def _value_of(text: str) -> JsonValue:
    """A stored text; nothing for one that others wrote and that is no JSON."""
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return None
    return value


def _element(
    elements: dict[str, tuple[str, dict[str, JsonValue]]], change: TagChange
) -> dict[str, JsonValue]:
    """The record or field that the change names, a record by its full or its simple name.

    Raises: `RegistryError` 42201 when the schema has none.
    """
    for path, (kind, element) in elements.items():
        names = path.split(".")
        parts = 1 if kind == "sr_record" else 2
        if kind == change.kind and change.path in (path, ".".join(names[-parts:])):
            return element
    raise ErrorCode.INVALID_SCHEMA.refusal(
        f"No {change.kind} at the path '{change.path}' of the schema"
    )


def _change(element: dict[str, JsonValue], change: TagChange, *, adding: bool) -> None:
    present = element.get(_TAGS)
    tags = [str(tag) for tag in present] if isinstance(present, list) else []
    if adding:
        tags += [tag for tag in change.tags if tag not in tags]
    else:
        tags = [tag for tag in tags if tag not in change.tags]
    if tags:
        element[_TAGS] = list(tags)
    else:
        element.pop(_TAGS, None)


def _elements(value: JsonValue, namespace: str) -> Iterator[tuple[str, str, dict[str, JsonValue]]]:
    """Every record and field below `value`: its dotted path, its kind, its JSON object."""
    if isinstance(value, list):
        for branch in value:
            yield from _elements(branch, namespace)
        return
    if not isinstance(value, dict):
        return
    kind = value.get("type")
    if kind in ("array", "map"):
        yield from _elements(value.get("items", value.get("values")), namespace)
    elif kind in ("record", "error"):
        own = value.get("namespace", namespace)
        space = own if isinstance(own, str) else ""
        name = f"{space}.{value.get('name')}" if space else str(value.get("name"))
        yield name, "sr_record", value
        fields = value.get("fields")
        for field in fields if isinstance(fields, list) else ():
            if isinstance(field, dict):
                yield f"{name}.{field.get('name')}", "sr_field", field
                yield from _elements(field.get("type"), space)
