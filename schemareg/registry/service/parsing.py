"""Texts to schemas: references found in the tables, the canonical text, what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence

from schemareg.avro import Schema, parse
from schemareg.avro.canonical import to_text
from schemareg.errors import RegistryError, SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import QualifiedSubject, qualified_in
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.caches import ReadSchema
from schemareg.registry.service.normalization import normal_text
from schemareg.registry.service.reaching import reach, read
from schemareg.registry.service.requests import ReferenceRequest, SchemaRequest
from schemareg.registry.service.schema_work import check_references, check_unions
from schemareg.registry.service.session import Session
from schemareg.registry.store import Content, StoredVersion
from schemareg.registry.store.identity import digest, guid_text, semantic_digest
from schemareg.registry.store.rows import RuleSet
from schemareg.subjects import Reference, SchemaId, Subject

NO_ID = SchemaId(-1)
"""The id of a content that gets the next one."""
_STEPS_OF_A_REFERENCE = 10


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

    def content(
        self,
        context: str,
        metadata: Metadata | None,
        rule_set: RuleSet | None,
        *,
        id: SchemaId = NO_ID,
    ) -> Content:
        """The content that the registry would store."""
        references = ((r.name, r.subject, r.version) for r in self.references)
        return Content(
            key=0,
            context=context,
            id=id,
            digest=digest(self.text, references, metadata, rule_set),
            semantic=self.semantic,
            text=self.text,
            references=self.references,
            metadata=metadata,
            rule_set=rule_set,
        )


def check_type(request: SchemaRequest) -> None:
    """Raises: `RegistryError` 42201 for anything but Avro."""
    if request.schema_type not in (None, "AVRO"):
        raise ErrorCode.INVALID_SCHEMA.refusal(f"Invalid schema type {request.schema_type}")


def prepare(
    session: Session,
    subject: QualifiedSubject,
    request: SchemaRequest,
    *,
    is_new: bool,
    normalize: bool = False,
) -> Prepared:
    """The requested schema as the registry reads it; a new one is held to more rules.

    Raises: `RegistryError` 42201 when it cannot be read.
    """
    check_type(request)
    try:
        check_references(len(request.references))
        targets = [
            _target(session, subject, reference, allow_deleted=not is_new)
            for reference in request.references
        ]
        references = [
            Reference(reference.name or "", Subject(reference.subject or ""), target.version)
            for reference, target in zip(request.references, targets, strict=True)
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
        key, read = _remembered(session, request.text, known, strict=strict, normalize=normalize)
    except SchemaParseError as error:
        raise _invalid(session, subject, request, error.problems[0].message) from error
    except _UnresolvedReferenceError as error:
        raise _invalid(session, subject, request, str(error)) from error
    return Prepared(key, read.schema, read.text, read.semantic, tuple(references), tuple(targets))


Known = Sequence[tuple[str, StoredVersion]]
"""Names of references, and the versions that they refer to."""


def _remembered(
    session: Session, text: str, known: Known, *, strict: bool, normalize: bool
) -> tuple[Hashable, ReadSchema]:
    """The text as read, once; a text that passes the strict rules reads the same by any."""
    session.budget.spend_text(text)
    keys = tuple((name, target.content.key) for name, target in known)

    def remembered(strictly: bool) -> tuple[Hashable, ReadSchema]:
        return session.once(
            ("read", text, keys, strictly, normalize),
            lambda: _looked_up(session, text, known, strict=strictly, normalize=normalize),
        )

    if strict or not session.profile.validates_new:
        return remembered(strict)
    try:
        return remembered(True)
    except SchemaParseError:
        return remembered(False)


def _looked_up(
    session: Session, text: str, known: Known, *, strict: bool, normalize: bool
) -> tuple[Hashable, ReadSchema]:
    reached = reach(session, (target.content for _, target in known), held=len(known))
    identities = tuple((name, reached.identities[target.content.key]) for name, target in known)
    fingerprint = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    key = fingerprint, strict, normalize, identities

    def references() -> list[Schema]:
        schemas = read(session, reached)
        by_name: dict[str, Schema] = {}
        for name, target in known:  # of references with one name the first counts
            by_name.setdefault(name, schemas[target.content.key])
        return [*by_name.values()]

    return key, session.caches.requests.get(
        key, lambda: _read(session, text, references(), strict, normalize)
    )


def _read(
    session: Session, text: str, references: Sequence[Schema], strict: bool, normalize: bool
) -> ReadSchema:
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
    session.budget.spend(_STEPS_OF_A_REFERENCE)
    wanted = str(qualified_in(subject.context, reference.subject))
    found = None
    if session.may_read(wanted):
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
    session: Session, subject: QualifiedSubject, request: SchemaRequest, details: str
) -> RegistryError:
    references = ", ".join(map(str, request.references))
    guid = guid_text(
        digest(request.text, ((r.name, r.subject, r.version) for r in request.references))
    )
    head = identity = when = ""
    if session.profile.tells_everything:
        head, identity = "Invalid schema of type AVRO, details: ", f"guid={guid},"
        when = ",ts=null,deleted=null"
    return ErrorCode.INVALID_SCHEMA.refusal(
        f"{head}Invalid schema {{subject={subject},version=null,id=null,{identity}"
        f"schemaType=AVRO,references=[{references}],metadata=null,ruleSet=null,"
        f"schema={request.text},schemaTags=null{when}}} "
        f"with refs [{references}] of type AVRO, details: {details}"
    )
