"""Bodies of the requests about associations."""

from __future__ import annotations

from typing import cast

from schemareg.avro.schema import JsonObject
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Lifecycle
from schemareg.registry.server.bodies import (
    flag_of,
    json_object,
    list_of,
    object_of,
    schema_request,
    text_of,
    texts_of,
    wrong,
)
from schemareg.registry.service.association_requests import (
    TOPIC,
    AssociationRequest,
    Kind,
    ResourceRequest,
    invalid,
)

_KINDS = ("CREATE", "UPSERT", "DELETE")


def resource_body(body: bytes, operation: str, *, kind: Kind) -> ResourceRequest:
    """The body of a request about one resource, whose associations are all to be treated alike.

    Raises: `RegistryError` 400, 422.
    """
    return _resource(json_object(body, operation), kind)


def batch_body(body: bytes, operation: str) -> list[ResourceRequest]:
    """The body of a batch, whose associations have a kind each.

    Raises: `RegistryError` 400, 422, 42212.
    """
    return [_resource(value, None) for value in requests_of(body, operation)]


def requests_of(body: bytes, operation: str) -> list[JsonObject]:
    """The objects of a batch.

    Raises: `RegistryError` 400, 422, 42212.
    """
    requests = _objects(json_object(body, operation), "requests")
    if not requests:
        raise invalid("requests", "cannot be null or empty")
    return requests


def lifecycle_of(holder: JsonObject, member: str) -> Lifecycle | None:
    """Raises: `RegistryError` 400."""
    word = text_of(holder, member)
    if not word:
        return None
    try:
        return Lifecycle(word)
    except ValueError as error:
        raise ErrorCode.BAD_REQUEST.refusal(
            f"`{member}` must be STRONG or WEAK, not {word!r}"
        ) from error


def association_types_of(holder: JsonObject) -> list[str]:
    return texts_of(holder, "associationTypes")


def _objects(holder: JsonObject, member: str) -> list[JsonObject]:
    objects: list[JsonObject] = []
    for value in list_of(holder, member):
        if not isinstance(value, dict):
            raise wrong(member, "an array of objects", value)
        objects.append(value)
    return objects


def _resource(value: JsonObject, kind: Kind | None) -> ResourceRequest:
    return ResourceRequest(
        name=text_of(value, "resourceName"),
        namespace=text_of(value, "resourceNamespace"),
        id=text_of(value, "resourceId"),
        type=text_of(value, "resourceType") or TOPIC,
        associations=tuple(
            _association(each, kind or _kind(each)) for each in _objects(value, "associations")
        ),
    )


def _kind(value: JsonObject) -> Kind:
    word = text_of(value, "opType")
    if word not in _KINDS:
        raise ErrorCode.BAD_REQUEST.refusal(f"`opType` must be one of {', '.join(_KINDS)}")
    return cast("Kind", word)


def _association(value: JsonObject, kind: Kind) -> AssociationRequest:
    schema = object_of(value, "schema")
    return AssociationRequest(
        association_type=text_of(value, "associationType") or "value",
        subject=text_of(value, "subject"),
        lifecycle=lifecycle_of(value, "lifecycle"),
        frozen=flag_of(value, "frozen"),
        schema=None if schema is None else schema_request(schema),
        normalize=flag_of(value, "normalize") is True,
        kind=kind,
        cascade=flag_of(value, "cascadeLifecycle") is True,
    )
