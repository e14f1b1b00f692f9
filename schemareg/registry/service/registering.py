"""Registering a schema: the same content again is found, a new one is judged and kept.

Source: Confluent, "Schema Registry API Reference", and answers recorded from 8.3.1 and 7.9.9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from schemareg.avro import Schema
from schemareg.integers import INT_MAX
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import QualifiedSubject
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.compatibility import objections
from schemareg.registry.service.lookup import (
    Match,
    find,
    find_prepared,
    wants_merging,
)
from schemareg.registry.service.metadata import merged, with_property
from schemareg.registry.service.parsing import check_type, prepare
from schemareg.registry.service.reaching import check_no_cycle, remember
from schemareg.registry.service.requests import LATEST, NEXT, ReferenceRequest, SchemaRequest
from schemareg.registry.service.rules import check_rules, merged_rules
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import (
    Mode,
    check_not_read_only,
    check_subject,
    config_in_scope,
    mode_in_scope,
)
from schemareg.registry.service.tags import tagged
from schemareg.registry.service.versions import store_version
from schemareg.registry.store import Content, StoredVersion
from schemareg.subjects import SchemaId


@dataclass(frozen=True, slots=True)
class Registered:
    """What register answers; `altered`: there is more to tell of than what was sent."""

    match: Match
    altered: bool = False


def find_registered(
    session: Session, subject: QualifiedSubject, request: SchemaRequest, *, normalize: bool
) -> Registered | None:
    """The version that makes registering needless, whatever mode the subject is in.

    Raises: `RegistryError` 42201, 42208, 42210.
    """
    check_subject(subject, str(subject))
    check_type(request)
    check_rules(session, request.rule_set)
    config = config_in_scope(session, subject)
    if request.is_empty or request.changes_tags or wants_merging(config):
        return None
    merge = mode_in_scope(session, subject) is Mode.READWRITE
    found = find(session, subject, request, normalize=normalize, deleted=False, merge=merge)
    if found is None:
        return None
    has_id = request.id >= 0
    same_id = request.id == found.version.content.id
    if request.version in (NEXT, LATEST) and (not has_id or same_id):
        return Registered(found, altered=found.version.content.metadata != request.metadata)
    if has_id and same_id and request.version == found.version.version:
        return Registered(found, altered=True)
    return None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A schema that may be kept: under which number, and under `content.id` (-1: the next)."""

    subject: QualifiedSubject
    version: int
    content: Content
    schema: Schema
    altered: bool
    importing: bool

    @property
    def depends_on_subject_only(self) -> bool:
        """It is right until its subject or a setting changes, whatever else is registered."""
        return not self.importing and not self.content.references


def judge(
    session: Session, subject: QualifiedSubject, request: SchemaRequest, *, normalize: bool
) -> Registered | Admitted:
    """The version that the schema is already, or how to keep it. Changes nothing.

    Raises: `RegistryError` 409 (incompatible), 42201, 42205, 42208.
    """
    found = find_registered(session, subject, request, normalize=normalize)
    if found:
        return found
    mode = _check_mode(session, subject, request)
    importing = mode is not Mode.READWRITE
    config = config_in_scope(session, subject)
    latest = None if importing else session.latest(str(subject))
    newest = session.newest(str(subject))
    number = 1 + newest.version if newest else 1
    sent, metadata = request, request.metadata
    plain = metadata
    if not importing:
        request = tagged(session, subject, _filled(request, latest), latest)
        plain = metadata = merged(config, request.metadata, latest)
        if request.version != NEXT or _names_version(metadata):
            metadata = with_property(metadata, "confluent:version", str(number))
    if request.is_empty:
        raise ErrorCode.INVALID_SCHEMA.refusal("Empty schema")
    prepared = prepare(
        session,
        subject,
        request,
        is_new=request.id < 0 and config.get("validateNewSchemas") is not False,
        normalize=(normalize or config.get("normalize") is True) and not importing,
    )
    rule_set = merged_rules(session, {} if importing else config, request.rule_set, latest)
    altered = (
        sent.is_empty
        or sent.metadata != metadata
        or sent.changes_tags
        or (rule_set is not None and rule_set != sent.rule_set)
    )
    is_searched = not (sent.is_empty or sent.changes_tags or wants_merging(config))
    if request.version == NEXT and not importing and not (is_searched and metadata == plain):
        again = find_prepared(session, subject, prepared, metadata, rule_set, deleted=False)
        if again:
            return Registered(again, altered)
    if not importing:
        clashes = objections(session, prepared, metadata, _newest_first(session, latest), config)
        if clashes:
            raise ErrorCode.INCOMPATIBLE.refusal(subject, ", ".join(clashes))
    content = prepared.content(subject.context, metadata, rule_set, id=SchemaId(request.id))
    version = _number_of(subject, request, number, importing)
    check_no_cycle(session, subject, version, prepared.targets)
    return Admitted(
        subject, version, content, prepared.schema, altered or metadata is not None, importing
    )


def _newest_first(session: Session, latest: StoredVersion | None) -> Iterator[StoredVersion]:
    """The versions of a subject from `latest` down; only that is asked for where it is enough."""
    if latest is not None:
        yield latest
        yield from islice(session.tables.newest_first(latest.subject), 1, None)


def register(
    session: Session, subject: QualifiedSubject, request: SchemaRequest, *, normalize: bool
) -> Registered:
    """The version that stands for the requested schema, new or found.

    Raises: `RegistryError` 409 (incompatible), 42201, 42205, 42208.
    """
    judged = judge(session, subject, request, normalize=normalize)
    if isinstance(judged, Registered):
        return judged
    return store(session, judged)


def store(session: Session, admitted: Admitted) -> Registered:
    """The version as stored, on the state that it was admitted on.

    Raises: `RegistryError` 42205 when the content's id stands for something else.
    """
    stored = store_version(session, admitted.subject, admitted.version, admitted.content)
    remember(session, stored.content, admitted.schema)
    return Registered(Match(stored), admitted.altered)


def _check_mode(session: Session, subject: QualifiedSubject, request: SchemaRequest) -> Mode:
    check_not_read_only(session, subject, str(subject))
    mode = mode_in_scope(session, subject)
    has_id = request.id >= 0
    if has_id == mode.takes_ids:
        return mode
    where = f" in context {subject.context_prefix}"
    if not has_id:
        reason = f"{where} is not in read-write mode"
    elif session.profile.line == 8:
        reason = f"{where} is not in import mode"
    else:
        reason = " is not in import or forward mode"
    raise ErrorCode.NOT_PERMITTED.refusal(f"Subject {subject}{reason}")


def _filled(request: SchemaRequest, latest: StoredVersion | None) -> SchemaRequest:
    """An empty request asks for the latest version's schema.

    Raises: `RegistryError` 42201 when there is none, and for tag changes, which need a text.
    """
    if not request.is_empty:
        return request
    if latest is None or request.tags_to_add or request.tags_to_remove:
        raise ErrorCode.INVALID_SCHEMA.refusal("Empty schema")
    content = latest.content
    return replace(
        request,
        text=content.text,
        references=tuple(
            ReferenceRequest(r.name, r.subject, r.version) for r in content.references
        ),
    )


def _names_version(metadata: Metadata | None) -> bool:
    return metadata is not None and "confluent:version" in metadata.properties


def _number_of(
    subject: QualifiedSubject, request: SchemaRequest, following: int, importing: bool
) -> int:
    if request.version in (NEXT, LATEST):
        if following > INT_MAX:
            raise ErrorCode.NOT_PERMITTED.refusal(
                f"Subject {subject} has no version number left: {INT_MAX} is the highest"
            )
        return following
    if not importing and request.version != following:
        raise ErrorCode.INVALID_SCHEMA.refusal("Version is not one more than previous version")
    return request.version
