"""Associations between subjects and topics: written, found, deleted.

A STRONG association makes its subject the topic's own: no other association has it, and it is
deleted with the topic (`cascade`). A frozen one cannot change, nor be deleted without that.

Source: Confluent, "Explicit Topic-Subject Associations", and the community release 8.3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from schemareg.errors import IncompatibleSchemaError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import QualifiedSubject, qualified, qualified_in
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Lifecycle
from schemareg.registry.service import compatibility
from schemareg.registry.service.association_requests import (
    AssociationRequest,
    ResourceRequest,
    invalid,
    with_defaults,
)
from schemareg.registry.service.lookup import find
from schemareg.registry.service.registering import register
from schemareg.registry.service.requests import SchemaRequest
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import (
    Mode,
    check_not_read_only,
    mode_in_scope,
    target_of_alias,
)
from schemareg.registry.service.versions import delete_subject
from schemareg.registry.store import StoredAssociation, StoredVersion


@dataclass(frozen=True, slots=True)
class Written:
    """The associations that a request wrote, and the schemas that it registered, by type."""

    associations: tuple[StoredAssociation, ...] = ()
    schemas: Mapping[str, StoredVersion] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A completed request beside the stored association of its type; `is_done`: they agree."""

    wanted: AssociationRequest
    subject: QualifiedSubject
    lifecycle: Lifecycle
    stored: StoredAssociation | None
    is_done: bool = False

    @property
    def named(self) -> str:
        return str(self.subject)


def write(
    session: Session, request: ResourceRequest, *, context: str, create: bool, dry_run: bool
) -> Written:
    """Creates the associations of `request`, or (not `create`) creates or updates them.

    Raises: `RegistryError` 409, 40901, 40903, 40904, 40905, 40907, 40908, 42201, 42205, 42212.
    """
    wanted = [_in_context(session, each, context) for each in request.associations]
    types = [each.association_type for each in wanted]
    for type in types:
        if types.count(type) > 1:
            raise invalid("associationType", f"Duplicate association type: {type}")
    stored = _stored(session, request, by_name=create and dry_run)
    plans = [
        _planned(session, request, each, stored.get(each.association_type), create=create)
        for each in wanted
    ]
    for plan in plans:
        _check_subject(session, plan)
    for plan in plans:
        _check_compatible(session, plan)
    if dry_run:
        return Written()
    schemas: dict[str, StoredVersion] = {}
    for plan in plans:
        schema = plan.wanted.schema
        if schema is not None and mode_in_scope(session, plan.subject) is not Mode.IMPORT:
            done = register(session, plan.subject, schema, normalize=plan.wanted.normalize)
            schemas[plan.wanted.association_type] = done.match.version
    written = [_association(session, request, plan) for plan in plans if not plan.is_done]
    for association in written:
        session.tables.put_association(association)
    return Written(tuple(written), schemas)


def _in_context(session: Session, wanted: AssociationRequest, context: str) -> AssociationRequest:
    if wanted.subject is None:
        return wanted
    named = str(qualified_in(context, wanted.subject))
    subject = qualified(target_of_alias(session, named))
    check_not_read_only(session, subject, subject.name)
    return replace(wanted, subject=str(subject))


def _stored(
    session: Session, request: ResourceRequest, *, by_name: bool
) -> dict[str, StoredAssociation]:
    """The resource's associations by type; without its id, those last written under its name."""
    tables = session.tables
    if request.id is not None:
        found = tables.associations_of_resource(request.id, request.type)
    elif by_name:
        found = tables.associations_of_name(request.name or "", request.namespace, request.type)
        found.sort(key=lambda each: each.updated_ms)
    else:
        found = []
    return {each.association_type: each for each in found}


def _planned(
    session: Session,
    request: ResourceRequest,
    wanted: AssociationRequest,
    stored: StoredAssociation | None,
    *,
    create: bool,
) -> _Plan:
    if stored is None and not create:
        wanted = with_defaults(wanted)
    default = request.default_subject(wanted.association_type)
    lifecycle = wanted.lifecycle or (stored.lifecycle if stored else Lifecycle.WEAK)
    subject = wanted.subject
    if subject is None and stored is not None:
        subject = stored.subject
    if subject is None:
        if lifecycle is not Lifecycle.STRONG:
            raise invalid("subject", "must be provided for WEAK associations")
        subject = default
    if lifecycle is Lifecycle.WEAK:
        if wanted.schema is not None:
            raise invalid("lifecycle", "cannot be WEAK when schema is provided")
        if subject == default:
            raise invalid("subject", f"WEAK associations cannot use subject '{default}'")
    is_frozen = stored.frozen if stored else wanted.frozen is True
    if is_frozen and subject != default:
        raise invalid("subject", f"frozen associations must use subject '{default}'")
    plan = _Plan(replace(wanted, subject=subject), qualified(subject), lifecycle, stored)
    if stored is None:
        _check_new(session, plan, create=create)
    elif _agrees(wanted, stored, subject):
        if create and wanted.schema is not None and not _holds(session, plan, wanted.schema):
            raise ErrorCode.RESOURCE_ASSOCIATED.refusal(
                stored.association_type, stored.resource_name
            )
        return replace(plan, is_done=True)
    elif create:
        raise ErrorCode.RESOURCE_ASSOCIATED.refusal(stored.association_type, stored.resource_name)
    else:
        _check_change(wanted, stored, subject, default)
    return plan


def _agrees(wanted: AssociationRequest, stored: StoredAssociation, subject: str) -> bool:
    return (
        stored.subject == subject
        and wanted.lifecycle in (None, stored.lifecycle)
        and wanted.frozen in (None, stored.frozen)
    )


def _check_new(session: Session, plan: _Plan, *, create: bool) -> None:
    """A frozen association needs its schema, as the first and only one of its subject."""
    if not plan.wanted.frozen or mode_in_scope(session, plan.subject) is Mode.IMPORT:
        return
    schema = plan.wanted.schema
    if create and schema is None:
        raise invalid("schema", "schema must be provided when creating a frozen association")
    latest = session.tables.latest(str(plan.subject))
    if latest is not None and (
        schema is None or latest.version != 1 or not _holds(session, plan, schema)
    ):
        raise invalid(
            "frozen",
            "cannot create a frozen association when schemas already exist in the subject",
        )


def _holds(session: Session, plan: _Plan, schema: SchemaRequest) -> bool:
    found = find(session, plan.subject, schema, normalize=plan.wanted.normalize, deleted=False)
    return found is not None


def _check_change(
    wanted: AssociationRequest, stored: StoredAssociation, subject: str, default: str
) -> None:
    if wanted.lifecycle is None and wanted.schema is None:
        raise invalid("lifecycle", "at least lifecycle or schema must be provided for update")
    if stored.subject != subject:
        raise invalid(
            "subject",
            f"subject of association cannot be changed from '{stored.subject}' to '{subject}'",
        )
    if (stored.lifecycle, wanted.lifecycle) == (Lifecycle.STRONG, Lifecycle.WEAK) and (
        stored.subject == default
    ):
        raise invalid(
            "lifecycle",
            f"cannot change to WEAK when subject matches default format '{default}'",
        )
    if wanted.frozen not in (None, stored.frozen):
        raise invalid("frozen", "frozen attribute of association cannot be changed")
    if stored.frozen:
        raise ErrorCode.ASSOCIATION_FROZEN.refusal(stored.association_type, stored.subject)


def _check_subject(session: Session, plan: _Plan) -> None:
    """A subject has a version, and as many associations as its lifecycle allows."""
    tables, subject = session.tables, str(plan.subject)
    if plan.subject.is_ambiguous:
        raise ErrorCode.INVALID_SUBJECT.refusal(plan.named)
    if plan.wanted.schema is None and tables.latest(subject) is None:
        raise ErrorCode.NO_ACTIVE_VERSION.refusal(plan.named)
    others = [
        other
        for other in tables.associations_of_subject(subject)
        if plan.stored is None
        or (other.resource_id, other.resource_type, other.association_type)
        != (plan.stored.resource_id, plan.stored.resource_type, plan.stored.association_type)
    ]
    if plan.lifecycle is Lifecycle.STRONG and others:
        raise ErrorCode.SUBJECT_ASSOCIATED.refusal(plan.named)
    if plan.lifecycle is Lifecycle.WEAK and plan.wanted.frozen:
        raise invalid("frozen", "association with lifecycle of WEAK cannot be frozen")
    if any(other.lifecycle is Lifecycle.STRONG for other in others):
        raise ErrorCode.STRONGLY_ASSOCIATED.refusal(plan.named)


def _check_compatible(session: Session, plan: _Plan) -> None:
    if plan.wanted.schema is None:
        return
    clashes = compatibility.check(
        session,
        plan.subject,
        plan.wanted.schema,
        version=None,
        normalize=plan.wanted.normalize,
        verbose=False,
    )
    if clashes:
        code = ErrorCode.INCOMPATIBLE
        if not session.may_read(str(plan.subject)):
            clashes = ["the reasons are shown to those who may read the subject"]
        raise IncompatibleSchemaError(
            f"[{', '.join(clashes)}]", code=code.number, status=code.status
        )


def _association(session: Session, request: ResourceRequest, plan: _Plan) -> StoredAssociation:
    now_ms = session.policy.now_ms()
    stored, wanted = plan.stored, plan.wanted
    if stored is not None:
        return replace(
            stored,
            lifecycle=plan.lifecycle,
            frozen=stored.frozen if wanted.frozen is None else wanted.frozen,
            updated_ms=now_ms,
        )
    return StoredAssociation(
        guid=session.policy.new_guid(),
        resource_name=request.name or "",
        resource_namespace=request.namespace or "",
        resource_id=request.id or "",
        resource_type=request.type,
        association_type=wanted.association_type,
        subject=str(plan.subject),
        lifecycle=plan.lifecycle,
        frozen=wanted.frozen is True,
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def selected(
    associations: Iterable[StoredAssociation],
    *,
    types: Iterable[str] = (),
    lifecycle: Lifecycle | None = None,
) -> list[StoredAssociation]:
    """Those of one of `types` (none: of any) and of `lifecycle` (None: of any)."""
    wanted = set(types)
    return [
        each
        for each in associations
        if (not wanted or each.association_type in wanted) and lifecycle in (None, each.lifecycle)
    ]


def delete(
    session: Session,
    found: Iterable[StoredAssociation],
    *,
    cascade: bool,
    dry_run: bool,
) -> None:
    """Deletes the associations `found`; `cascade`: also frozen ones, and subjects of STRONG ones.

    Raises: `RegistryError` 40908, 42205, 42206.
    """
    associations = list(found)
    for each in associations:
        subject = qualified(each.subject)
        check_not_read_only(session, subject, subject.name)
        if each.frozen and not cascade:
            raise ErrorCode.ASSOCIATION_FROZEN.refusal(each.association_type, each.subject)
    if dry_run:
        return
    for each in associations:
        session.tables.drop_association(each.guid)
        subject = qualified(each.subject)
        if (
            cascade
            and each.lifecycle is Lifecycle.STRONG
            and mode_in_scope(session, subject) is not Mode.IMPORT
        ):
            delete_subject(session, subject, permanent=False)
            delete_subject(session, subject, permanent=True)
