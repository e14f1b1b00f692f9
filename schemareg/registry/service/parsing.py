"""Texts to schemas: references found in the tables, the canonical text, what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from schemareg.avro import Schema, parse
from schemareg.avro.canonical import to_text
from schemareg.avro.depth import with_room
from schemareg.errors import RegistryError, SchemaParseError
from schemareg.registry.api.contexts import QualifiedSubject, qualified_in
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.caches import ReadSchema
from schemareg.registry.service.identity import digest, guid_text, semantic_digest
from schemareg.registry.service.limits import check_references, check_unions
from schemareg.registry.service.normalization import normal_text
from schemareg.registry.service.requests import ReferenceRequest, SchemaRequest
from schemareg.registry.service.session import Session
from schemareg.registry.store import Content, StoredVersion
from schemareg.registry.store.rows import RuleSet
from schemareg.subjects import Reference, Subject


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request's schema, read and spelled as the registry would keep it.

    `key` identifies text and everything it was read with; `targets` are the versions that
    `references` stand for.
    """

    key: Hashable
    schema: Schema
    text: str
    semantic: bytes
    references: tuple[Reference, ...] = ()
    targets: tuple[StoredVersion, ...] = ()

    def digest(self, metadata: Metadata | None, rule_set: RuleSet | None) -> bytes:
        return digest(
            self.text,
            ((r.name, r.subject, r.version) for r in self.references),
            metadata,
            rule_set,
        )


def check_type(asked: SchemaRequest) -> None:
    """Raises: `RegistryError` 42201 for anything but Avro."""
    if asked.schema_type not in (None, "AVRO"):
        raise ErrorCode.INVALID_SCHEMA.refusal(f"Invalid schema type {asked.schema_type}")


def prepare(
    session: Session,
    subject: QualifiedSubject,
    asked: SchemaRequest,
    *,
    is_new: bool,
    normalize: bool = False,
) -> Prepared:
    """The asked schema as the registry reads it; a new one is held to more rules.

    Raises: `RegistryError` 42201 when it cannot be read.
    """
    check_type(asked)
    try:
        check_references(len(asked.references))
        targets = [
            _target(session, subject, reference, allow_deleted=not is_new)
            for reference in asked.references
        ]
        references = [
            Reference(reference.name or "", Subject(reference.subject or ""), target.version)
            for reference, target in zip(asked.references, targets, strict=True)
        ]
        if normalize:
            pairs = {
                (r.subject, r.version, r.name): (r, t)
                for r, t in zip(references, targets, strict=True)
            }
            references = [pairs[key][0] for key in sorted(pairs)]
            targets = [pairs[key][1] for key in sorted(pairs)]
        known = tuple(zip((r.name for r in references), targets, strict=True))
        strict = is_new and session.profile.validates_new
        key, read = _remembered(session, asked.text, known, strict=strict, normalize=normalize)
    except SchemaParseError as error:
        raise _invalid(session, subject, asked, error.problems[0].message) from error
    except _UnresolvedReferenceError as error:
        raise _invalid(session, subject, asked, str(error)) from error
    return Prepared(key, read.schema, read.text, read.semantic, tuple(references), tuple(targets))


Known = Sequence[tuple[str, StoredVersion]]
"""Names of references, and the versions that they refer to."""


def _remembered(
    session: Session, text: str, known: Known, *, strict: bool, normalize: bool
) -> tuple[Hashable, ReadSchema]:
    """The text as read, once; a text that passes the strict rules reads the same by any."""
    identities = tuple((name, identity_of(session, target.content)) for name, target in known)
    reached = sum(len(identity[1]) for _, identity in identities if isinstance(identity, tuple))
    check_references(len(known) + reached)
    fingerprint = hashlib.sha256(text.encode(errors="surrogatepass")).digest()

    def remembered(strictly: bool) -> tuple[Hashable, ReadSchema]:
        key = fingerprint, strictly, normalize, identities
        return key, session.caches.requests.get(
            key, lambda: _read(session, text, known, strictly, normalize)
        )

    if strict or not session.profile.validates_new:
        return remembered(strict)
    try:
        return remembered(True)
    except SchemaParseError:
        return remembered(False)


def schema_of(session: Session, content: Content) -> Schema:
    """The parsed schema of a stored content, its references resolved."""
    return session.caches.contents.get(
        identity_of(session, content), lambda: with_room(lambda: _stored(session, content))
    )


def identity_of(session: Session, content: Content) -> Hashable:
    """What the parsed schema of a stored content depends on: an import may write over a version
    that it refers to, however indirectly.
    """
    if not content.references:
        return content.key
    edges: list[tuple[int, str, int]] = []
    seen = {content.key}
    waiting = [content]
    while waiting:
        holder = waiting.pop()
        for name, target in _targets_of(session, holder):
            edges.append((holder.key, name, target.content.key))
            if target.content.key not in seen:
                seen.add(target.content.key)
                waiting.append(target.content)
    return content.key, tuple(edges)


def _targets_of(session: Session, content: Content) -> list[tuple[str, StoredVersion]]:
    found = []
    for reference in content.references:
        subject = str(qualified_in(content.context, reference.subject))
        target = session.tables.version(subject, reference.version, deleted=True)
        if target is not None:
            found.append((reference.name, target))
    return found


def _stored(session: Session, content: Content) -> Schema:
    return parse(
        content.text,
        avro_version=session.profile.avro_version,
        references=_schemas(session, _targets_of(session, content)),
        names="none",
        validate_defaults=False,
    )


def _schemas(session: Session, known: Known) -> list[Schema]:
    """The schemas to read with, one for each name of a reference: the first of them counts."""
    by_name: dict[str, StoredVersion] = {}
    for name, target in known:
        by_name.setdefault(name, target)
    return [schema_of(session, target.content) for target in by_name.values()]


def _read(session: Session, text: str, known: Known, strict: bool, normalize: bool) -> ReadSchema:
    references = _schemas(session, known)

    def read(text: str) -> Schema:
        return parse(
            text,
            avro_version=session.profile.avro_version,
            references=references,
            names="strict" if strict else "any-namespace",
            # a 7.x registry looks at defaults only to spell them in their normal form
            validate_defaults=strict or (normalize and not session.profile.validates_new),
        )

    schema = read(text)
    check_unions(schema)
    spelled = to_text(schema)
    if normalize:
        schema = read(normal_text(spelled))
        spelled = to_text(schema)
    spelled = spelled.encode(errors="replace").decode()
    return ReadSchema(schema, spelled, semantic_digest(spelled))


class _UnresolvedReferenceError(Exception):
    """A reference that leads nowhere; the text is Confluent's."""


def _target(
    session: Session,
    subject: QualifiedSubject,
    reference: ReferenceRequest,
    *,
    allow_deleted: bool,
) -> StoredVersion:
    if reference.name is None or reference.subject is None or reference.version is None:
        raise _UnresolvedReferenceError(f"Invalid reference: {reference}")
    if reference.version == 0 or reference.version < -1:
        raise _UnresolvedReferenceError(
            "io.confluent.kafka.schemaregistry.exceptions.InvalidVersionException: "
            f"{reference.version}"
        )
    wanted = str(qualified_in(subject.context, reference.subject))
    found = (
        session.tables.latest(wanted)
        if reference.version == -1
        else session.tables.version(wanted, reference.version, deleted=allow_deleted)
    )
    if found is None:
        raise _UnresolvedReferenceError(
            f'No schema reference found for subject "{reference.subject}" '
            f"and version {reference.version}"
        )
    return found


def _invalid(
    session: Session, subject: QualifiedSubject, asked: SchemaRequest, details: str
) -> RegistryError:
    references = ", ".join(map(str, asked.references))
    guid = guid_text(digest(asked.text, ((r.name, r.subject, r.version) for r in asked.references)))
    head, told_guid, told_when = "Invalid schema of type AVRO, details: ", f"guid={guid},", ""
    if session.profile.tells_everything:
        told_when = ",ts=null,deleted=null"
    else:
        head = told_guid = ""
    return ErrorCode.INVALID_SCHEMA.refusal(
        f"{head}Invalid schema {{subject={subject},version=null,id=null,{told_guid}"
        f"schemaType=AVRO,references=[{references}],metadata=null,ruleSet=null,"
        f"schema={asked.text},schemaTags=null{told_when}}} "
        f"with refs [{references}] of type AVRO, details: {details}"
    )
