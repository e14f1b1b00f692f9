"""Answers of the routes about associations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from schemareg.avro.schema import JsonValue
from schemareg.errors import RegistryError
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, qualified
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Lifecycle
from schemareg.registry.server import association_bodies as bodies
from schemareg.registry.server.answer import Answer, MultiStatus, NoContent
from schemareg.registry.server.bodies import text_of
from schemareg.registry.server.call import Call
from schemareg.registry.server.shapes import version_object
from schemareg.registry.service import associations, reading
from schemareg.registry.service.association_requests import (
    TOPIC,
    ResourceRequest,
    invalid,
    validated,
)
from schemareg.registry.store import StoredAssociation, StoredVersion

_NO_LIFECYCLE = "NONE"
_LONGEST_PAGE = 1000
_IN_BATCH = frozenset(
    {
        ErrorCode.INVALID_ASSOCIATION.number,
        ErrorCode.RESOURCE_ASSOCIATED.number,
        ErrorCode.SUBJECT_ASSOCIATED.number,
        ErrorCode.STRONGLY_ASSOCIATED.number,
        ErrorCode.NO_ACTIVE_VERSION.number,
        ErrorCode.ASSOCIATION_FROZEN.number,
        ErrorCode.INCOMPATIBLE.number,
    }
)
"""The errors that a batch reports under their own numbers."""
_ANY_NAMESPACE = "-"

# reading


def of_subject(call: Call) -> Answer:
    found = call.session.tables.associations_of_subject(str(call.subject))
    return _listed(call, [each for each in found if each.resource_type == _resource_type(call)])


def of_resource_name(call: Call) -> Answer:
    namespace = call.path["namespace"]
    found = call.session.tables.associations_of_name(
        call.path["name"],
        None if namespace == _ANY_NAMESPACE else namespace,
        _resource_type(call),
    )
    return _listed(call, found)


def of_resource(call: Call) -> Answer:
    return _listed(
        call,
        call.session.tables.associations_of_resource(call.path["resource"], _resource_type(call)),
    )


def _resource_type(call: Call) -> str:
    return call.word("resourceType") or TOPIC


def _listed(call: Call, found: Iterable[StoredAssociation]) -> Answer:
    chosen = _chosen(call, found)
    return [_whole(each) for each in chosen[call.page(longest=_LONGEST_PAGE)]]


def _chosen(call: Call, found: Iterable[StoredAssociation]) -> list[StoredAssociation]:
    word = call.word("lifecycle")
    if word is not None and word not in tuple(Lifecycle):
        raise ErrorCode.NOT_FOUND.refusal()
    return associations.selected(
        found,
        types=call.words("associationType"),
        lifecycle=None if word is None else Lifecycle(word),
    )


def associated_schemas(call: Call, prefix: str, page: slice) -> list[JsonValue]:
    """Versions of the subjects with associations of the wanted kind, each version with them.

    Of several values of `lifecycle` one has to fit; `NONE` is that of a subject without any.
    """
    lifecycles = set(call.words("lifecycle"))
    if not lifecycles <= {*Lifecycle, _NO_LIFECYCLE}:
        raise ErrorCode.NOT_FOUND.refusal()
    kind = call.word("resourceType")
    every = call.session.tables.all_associations()
    by_subject: dict[str, list[StoredAssociation]] = {}
    of_kind = [each for each in every if kind in (None, each.resource_type)]
    for each in associations.selected(of_kind, types=call.words("associationType")):
        by_subject.setdefault(each.subject, []).append(each)

    def shown(subject: str) -> list[StoredAssociation] | None:
        """The associations to show with `subject`; None where it is left out."""
        found = by_subject.get(subject, [])
        if not found:
            return [] if _NO_LIFECYCLE in lifecycles else None
        return [a for a in found if not lifecycles or a.lifecycle in lifecycles] or None

    versions = reading.schemas_of_associated(
        call.session,
        prefix,
        lambda subject: shown(subject) is not None,
        deleted=call.flag("deleted"),
        latest_only=call.flag("latestOnly"),
        page=page,
    )
    profile = call.session.profile
    answer: list[JsonValue] = []
    for version in versions:
        rows: list[JsonValue] = [_whole(each) for each in shown(version.subject) or ()]
        members = {"associations": rows} if rows else {}
        answer.append({**version_object(version, profile), **members})
    return answer


def batch_get(call: Call) -> Answer:
    results: list[JsonValue] = []
    for wanted in bodies.requests_of(call.body, call.operation):
        try:
            results.append({"result": _batch_found(call, wanted)})
        except RegistryError as error:
            results.append(_failure(500, f"Error while getting associations: {error.message}"))
    return MultiStatus({"results": results})


def _batch_found(call: Call, wanted: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    id, name = text_of(wanted, "resourceId"), text_of(wanted, "resourceName")
    namespace = text_of(wanted, "resourceNamespace")
    type = text_of(wanted, "resourceType") or TOPIC
    if not id and not name:
        raise invalid("resourceId", "either resourceId or resourceName must be specified")
    if name and not namespace:
        raise invalid(
            "resourceNamespace", "resourceNamespace is required when resourceName is specified"
        )
    tables = call.session.tables
    if id:
        found = tables.associations_of_resource(id, type)
    else:
        any_namespace = namespace == _ANY_NAMESPACE
        found = tables.associations_of_name(name or "", None if any_namespace else namespace, type)
    chosen = associations.selected(
        found,
        types=bodies.association_types_of(wanted),
        lifecycle=bodies.lifecycle_of(wanted, "lifecycle"),
    )
    resource = ResourceRequest(name, namespace, id, type)
    if chosen:
        first = chosen[0]
        resource = ResourceRequest(
            name or first.resource_name,
            namespace or first.resource_namespace,
            id or first.resource_id,
            type,
        )
    schemas: dict[str, StoredVersion] = {}
    if call.flag("includeSchemas"):
        for each in chosen:
            if (latest := tables.latest(each.subject)) is not None:
                schemas[each.association_type] = latest
    return _written(call, resource, associations.Written(tuple(chosen), schemas))


# writing


def create(call: Call) -> Answer:
    return _write(call, bodies.resource_body(call.body, call.operation, kind="CREATE"))


def create_or_update(call: Call) -> Answer:
    request = bodies.resource_body(call.body, call.operation, kind="UPSERT")
    resource = call.path["resource"]
    if request.id not in (None, resource):
        raise invalid(
            "resourceId",
            "Resource ID in the path parameter does not match the resource ID in the request body",
        )
    return _write(call, replace(request, id=resource))


def _write(call: Call, request: ResourceRequest) -> Answer:
    dry_run = call.flag("dryRun")
    request = validated(request, dry_run=dry_run)
    written = associations.write(
        call.session,
        request,
        context=_context(call),
        create=request.associations[0].kind == "CREATE",
        dry_run=dry_run,
    )
    return _written(call, request, written)


def delete(call: Call) -> Answer:
    resource = call.path["resource"]
    found = associations.selected(
        call.session.tables.associations_of_resource(resource, _resource_type(call)),
        types=call.words("associationType"),
    )
    if not found:
        raise ErrorCode.ASSOCIATION_NOT_FOUND.refusal(resource)
    associations.delete(
        call.session, found, cascade=call.flag("cascadeLifecycle"), dry_run=call.flag("dryRun")
    )
    return NoContent()


def batch_mutate(call: Call) -> Answer:
    results: list[JsonValue] = []
    for request in bodies.batch_body(call.body, call.operation):
        try:
            results.append({"result": _mutated(call, request)})
        except RegistryError as error:
            results.append(_batch_failure(error))
    return MultiStatus({"results": results})


def _mutated(call: Call, request: ResourceRequest) -> dict[str, JsonValue]:
    dry_run = call.flag("dryRun")
    request = validated(request, dry_run=dry_run)
    schemas: dict[str, StoredVersion] = {}
    tables = call.session.tables
    for wanted in request.associations:
        if wanted.kind == "DELETE":
            found = tables.associations_of_resource(request.id or "", request.type)
            associations.delete(
                call.session,
                associations.selected(found, types=[wanted.association_type]),
                cascade=wanted.cascade,
                dry_run=dry_run,
            )
            continue
        one = replace(request, associations=(wanted,))
        written = associations.write(
            call.session,
            one,
            context=_context(call),
            create=wanted.kind == "CREATE",
            dry_run=dry_run,
        )
        schemas |= written.schemas
    now = () if dry_run else tables.associations_of_resource(request.id or "", request.type)
    return _written(call, request, associations.Written(tuple(now), schemas))


def _context(call: Call) -> str:
    word = call.word("context")
    return DEFAULT_CONTEXT if not word else qualified(word).context


# shapes


def _batch_failure(error: RegistryError) -> dict[str, JsonValue]:
    if error.code in _IN_BATCH:
        return _failure(error.code, error.message)
    if error.code == ErrorCode.INVALID_SCHEMA.number:
        return _failure(ErrorCode.INVALID_ASSOCIATION.number, error.message)
    return _failure(500, f"Error while creating association: {error.message}")


def _failure(number: int, message: str) -> dict[str, JsonValue]:
    return {"error": {"error_code": number, "message": message}}


def _whole(association: StoredAssociation) -> dict[str, JsonValue]:
    return {
        "subject": association.subject,
        "guid": association.guid,
        "resourceName": association.resource_name,
        "resourceNamespace": association.resource_namespace,
        "resourceId": association.resource_id,
        "resourceType": association.resource_type,
        "associationType": association.association_type,
        "lifecycle": str(association.lifecycle),
        "frozen": association.frozen,
        "createTs": association.created_ms,
        "updateTs": association.updated_ms,
    }


def _written(
    call: Call, resource: ResourceRequest, written: associations.Written
) -> dict[str, JsonValue]:
    infos: list[JsonValue] = []
    for each in written.associations:
        info: dict[str, JsonValue] = {
            "subject": each.subject,
            "associationType": each.association_type,
            "lifecycle": str(each.lifecycle),
            "frozen": each.frozen,
        }
        schema = written.schemas.get(each.association_type)
        if schema is not None and call.session.may_read(each.subject):
            info["schema"] = version_object(schema, call.session.profile)
        infos.append(info)
    answer: dict[str, JsonValue] = {
        "resourceName": resource.name,
        "resourceNamespace": resource.namespace,
        "resourceId": resource.id,
        "resourceType": resource.type,
        "associations": infos,
    }
    return {member: value for member, value in answer.items() if value not in (None, "", [])}
