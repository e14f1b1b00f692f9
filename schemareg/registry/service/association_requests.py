"""Requests about associations, checked and completed before anything is looked up.

Source: the requests' validation in Confluent Schema Registry 8.3.1 (community).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, TypeAlias

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Lifecycle
from schemareg.registry.service.requests import SchemaRequest

TOPIC = "topic"
_TYPES = ("key", "value")
_MAX_NAME_CHARS = 256
Kind: TypeAlias = Literal["CREATE", "UPSERT", "DELETE"]


@dataclass(frozen=True, slots=True)
class AssociationRequest:
    """One association as sent; None where a member is missing."""

    association_type: str = "value"
    subject: str | None = None
    lifecycle: Lifecycle | None = None
    frozen: bool | None = None
    schema: SchemaRequest | None = None
    normalize: bool = False
    kind: Kind = "CREATE"
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """A resource with what is to be done to its associations."""

    name: str | None
    namespace: str | None
    id: str | None
    type: str = TOPIC
    associations: tuple[AssociationRequest, ...] = ()

    def default_subject(self, association_type: str) -> str:
        """The subject of a STRONG association."""
        return f":.{self.namespace}:{self.name}-{association_type}"


def invalid(member: str, detail: str) -> Exception:
    return ErrorCode.INVALID_ASSOCIATION.refusal(member, detail)


def validated(request: ResourceRequest, *, dry_run: bool) -> ResourceRequest:
    """`request` with the defaults of what is to be created.

    Raises: `RegistryError` 42212.
    """
    for member, text in (("resourceName", request.name), ("resourceNamespace", request.namespace)):
        _check_name(member, text)
    if not dry_run and not request.id:
        raise invalid("resourceId", "cannot be null or empty")
    if request.type != TOPIC:
        raise invalid("resourceType", f"must be '{TOPIC}'")
    if not request.associations:
        raise invalid("associations", "cannot be null or empty")
    return replace(request, associations=tuple(_validated(request)))


def _check_name(member: str, text: str | None) -> None:
    if not text:
        raise invalid(member, "cannot be null or empty")
    if len(text) > _MAX_NAME_CHARS:
        raise invalid(member, f"exceeds max length of {_MAX_NAME_CHARS}")
    for char in text:
        if not (char.isalnum() or char in "_-"):
            raise invalid(member, f"illegal character '{char}'")


def _validated(request: ResourceRequest) -> Iterator[AssociationRequest]:
    for wanted in request.associations:
        if wanted.kind != "DELETE" and wanted.subject is not None:
            _check_subject(wanted.subject)
        if wanted.kind == "CREATE":
            wanted = with_defaults(wanted)
        if wanted.association_type not in _TYPES:
            raise invalid("associationType", "must be either 'key' or 'value'")
        if wanted.kind != "DELETE":
            _check_weak(wanted)
        yield _with_subject(request, wanted) if wanted.kind == "CREATE" else wanted


def _check_subject(subject: str) -> None:
    if not subject or any(ord(char) < 32 or 127 <= ord(char) < 160 for char in subject):
        raise invalid("subject", "must not be empty")


def with_defaults(wanted: AssociationRequest) -> AssociationRequest:
    """`wanted` as a new association: STRONG and frozen with a schema, otherwise WEAK.

    Raises: `RegistryError` 42212.
    """
    create = wanted.kind == "CREATE"
    lifecycle, frozen = wanted.lifecycle, wanted.frozen
    if wanted.schema is not None:
        if lifecycle is Lifecycle.WEAK:
            raise invalid("lifecycle", "cannot be WEAK when schema is provided")
        if frozen is not None and frozen != create:
            raise invalid(
                "frozen",
                "cannot be false when schema is provided for create"
                if create
                else "cannot be true when creating via upsert; use create instead",
            )
        lifecycle, frozen = Lifecycle.STRONG, create
    lifecycle = lifecycle or Lifecycle.WEAK
    if lifecycle is Lifecycle.WEAK and frozen:
        raise invalid("frozen", "association with lifecycle of WEAK cannot be frozen")
    return replace(wanted, lifecycle=lifecycle, frozen=bool(frozen))


def _check_weak(wanted: AssociationRequest) -> None:
    if wanted.lifecycle is not Lifecycle.WEAK:
        return
    if wanted.schema is not None:
        raise invalid("lifecycle", "cannot be WEAK when schema is provided")
    if wanted.frozen:
        raise invalid("frozen", "association with lifecycle of WEAK cannot be frozen")
    if wanted.kind == "CREATE" and wanted.subject is None:
        raise invalid("subject", "must be provided for WEAK associations")


def _with_subject(request: ResourceRequest, wanted: AssociationRequest) -> AssociationRequest:
    default = request.default_subject(wanted.association_type)
    subject = default if wanted.subject is None else wanted.subject
    if wanted.frozen and subject != default:
        raise invalid("subject", f"frozen associations must use subject '{default}'")
    if wanted.lifecycle is Lifecycle.WEAK and subject == default:
        raise invalid("subject", f"WEAK associations cannot use subject '{default}'")
    return replace(wanted, subject=subject)
