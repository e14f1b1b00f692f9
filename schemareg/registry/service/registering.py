"""Registering a schema: the same content again is found, a new one is judged and kept.

Source: Confluent, "Schema Registry API Reference", and answers recorded from 8.3.1 and 7.9.9.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemareg.registry.codes import ErrorCode
from schemareg.registry.contexts import QualifiedSubject, qualified_in
from schemareg.registry.protocol import Metadata
from schemareg.registry.service.compatibility import objections
from schemareg.registry.service.lookup import (
    Match,
    find,
    find_prepared,
    latest_matches,
    wants_merging,
)
from schemareg.registry.service.metadata import merged, with_property
from schemareg.registry.service.parsing import Prepared, check_type, prepare
from schemareg.registry.service.requests import AskedReference, AskedSchema
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import (
    Config,
    Mode,
    check_not_read_only,
    check_subject,
    config_in_scope,
    mode_in_scope,
)
from schemareg.registry.service.tags import tagged
from schemareg.registry.store import Content, StoredVersion
from schemareg.subjects import SchemaId

_NEXT = 0
_LATEST = -1


@dataclass(frozen=True, slots=True)
class Registered:
    """What register answers; `altered`: there is more to tell of than what was sent."""

    match: Match
    altered: bool = False


def find_registered(
    session: Session, subject: QualifiedSubject, asked: AskedSchema, *, normalize: bool
) -> Registered | None:
    """The version that makes registering needless, whatever mode the subject is in.

    Raises: `RegistryError` 42201, 42208.
    """
    check_subject(subject, str(subject))
    check_type(asked)
    config = config_in_scope(session, subject)
    if asked.is_empty or asked.tags_to_add or asked.tags_to_remove or wants_merging(config):
        return None
    found = find(session, subject, asked, normalize=normalize, deleted=False)
    if found is None:
        return None
    if asked.version == _LATEST and not latest_matches(session, subject, found):
        return None
    has_id = asked.id >= 0
    same_id = asked.id == found.version.content.id
    if asked.version in (_NEXT, _LATEST) and (not has_id or same_id):
        return Registered(found, altered=found.version.content.metadata != asked.metadata)
    if has_id and same_id and asked.version == found.version.version:
        return Registered(found, altered=True)
    return None


def register(
    session: Session, subject: QualifiedSubject, asked: AskedSchema, *, normalize: bool
) -> Registered:
    """The version that stands for the asked schema, new or found.

    Raises: `RegistryError` 409 (incompatible), 42201, 42205, 42208.
    """
    found = find_registered(session, subject, asked, normalize=normalize)
    if found:
        return found
    mode = _check_mode(session, subject, asked)
    config = config_in_scope(session, subject)
    importing = mode is not Mode.READWRITE
    versions = [] if importing else list(session.tables.newest_first(str(subject)))
    number = 1 + max((v for v, _ in session.tables.version_numbers(str(subject))), default=0)
    metadata = asked.metadata
    sent = asked
    if not importing:
        asked = _filled(asked, versions)
        asked = tagged(session, subject, asked)
        metadata = merged(config, asked.metadata, versions[0] if versions else None)
        if asked.version != _NEXT or _names_version(metadata):
            metadata = with_property(metadata, "confluent:version", str(number))
    if asked.is_empty:
        raise ErrorCode.INVALID_SCHEMA.refusal("Empty schema")
    prepared = prepare(
        session,
        subject,
        asked,
        is_new=asked.id < 0,
        normalize=(normalize or config.get("normalize") is True) and not importing,
    )
    rule_set = asked.rule_set if session.policy.keep_rule_sets else None
    if asked.version == _NEXT and not importing:
        again = find_prepared(session, subject, prepared, metadata, rule_set, deleted=False)
        if again:
            return Registered(again, altered=_differs(sent, metadata))
    if not importing:
        _check_compatible(session, subject, prepared, metadata, versions, config)
    version = _number_of(asked, number, importing)
    candidate = Content(
        key=0,
        context=subject.context,
        id=SchemaId(asked.id),
        digest=prepared.digest(metadata, rule_set),
        semantic=prepared.semantic,
        text=prepared.text,
        references=prepared.references,
        metadata=metadata,
        rule_set=rule_set,
    )
    content = _content_for(session, subject, candidate, prepared)
    stored = session.tables.put_version(
        subject, version, content, written_ms=session.policy.now_ms()
    )
    _forget_deleted_twins(session, subject, content)
    return Registered(Match(stored), altered=metadata is not None or _differs(sent, metadata))


def _differs(sent: AskedSchema, metadata: Metadata | None) -> bool:
    return sent.is_empty or sent.metadata != metadata or bool(sent.tags_to_add)


def _check_mode(session: Session, subject: QualifiedSubject, asked: AskedSchema) -> Mode:
    check_not_read_only(session, subject, str(subject))
    mode = mode_in_scope(session, subject)
    has_id = asked.id >= 0
    if has_id == mode.takes_ids:
        return mode
    where = f" in context {subject.context_prefix}"
    if not has_id:
        told = f"{where} is not in read-write mode"
    elif session.profile.line == 8:
        told = f"{where} is not in import mode"
    else:
        told = " is not in import or forward mode"
    raise ErrorCode.NOT_PERMITTED.refusal(f"Subject {subject}{told}")


def _filled(asked: AskedSchema, versions: list[StoredVersion]) -> AskedSchema:
    """An empty request asks for the latest version's schema.

    Raises: `RegistryError` 42201 when there is none.
    """
    if not asked.is_empty:
        return asked
    if not versions:
        raise ErrorCode.INVALID_SCHEMA.refusal("Empty schema")
    latest = versions[0].content
    return replace(
        asked,
        text=latest.text,
        references=tuple(AskedReference(r.name, r.subject, r.version) for r in latest.references),
    )


def _names_version(metadata: Metadata | None) -> bool:
    return metadata is not None and "confluent:version" in metadata.properties


def _check_compatible(
    session: Session,
    subject: QualifiedSubject,
    prepared: Prepared,
    metadata: Metadata | None,
    versions: list[StoredVersion],
    config: Config,
) -> None:
    found = objections(session, prepared, metadata, versions, config)
    if found:
        raise ErrorCode.INCOMPATIBLE.refusal(subject, ", ".join(found))


def _number_of(asked: AskedSchema, following: int, importing: bool) -> int:
    if asked.version in (_NEXT, _LATEST):
        return following
    if not importing and asked.version != following:
        raise ErrorCode.INVALID_SCHEMA.refusal("Version is not one more than previous version")
    return asked.version


def _content_for(
    session: Session, subject: QualifiedSubject, wanted: Content, prepared: Prepared
) -> Content:
    """The stored content: one that is there already, or `wanted` under its id or the next.

    Raises: `RegistryError` 42205 when the id stands for something else.
    """
    tables = session.tables
    if wanted.id < 0:
        existing = tables.content_of_digest(subject.context, wanted.digest)
        if existing:
            return existing
        wanted = replace(wanted, id=SchemaId(tables.last_id(subject.context) + 1))
    else:
        holder = tables.content(subject.context, wanted.id)
        if holder and holder.digest == wanted.digest:
            return holder
        if holder:
            raise ErrorCode.NOT_PERMITTED.refusal(
                f"Overwrite new schema with id {wanted.id} in context "
                f"{subject.context_prefix} is not permitted."
            )
    uses = [(str(qualified_in(subject.context, r.subject)), r.version) for r in wanted.references]
    return tables.add_content(wanted, uses)


def _forget_deleted_twins(session: Session, subject: QualifiedSubject, content: Content) -> None:
    """Soft-deleted versions with this content give way, unless something refers to them."""
    key = str(subject)
    for twin in session.tables.versions_of_content(content.key, deleted=True):
        if twin.subject != key or not twin.deleted:
            continue
        if not session.tables.users(key, twin.version, deleted=True):
            session.tables.erase(key, twin.version)
