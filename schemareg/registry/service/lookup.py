"""Is this schema registered under the subject already?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from schemareg.errors import RegistryError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, QualifiedSubject
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.inlining import resolved_text
from schemareg.registry.service.metadata import merged
from schemareg.registry.service.parsing import Prepared, prepare
from schemareg.registry.service.reaching import identity_of, schema_of
from schemareg.registry.service.requests import LATEST, SchemaRequest
from schemareg.registry.service.rules import merged_rules
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import Config, config_in_scope
from schemareg.registry.store import AVRO, Content, StoredVersion
from schemareg.registry.store.identity import is_same, semantic_digest
from schemareg.registry.store.rows import RuleSet


@dataclass(frozen=True, slots=True)
class Match:
    """A version that the requested schema is; `by_row`: found by comparing, not by its digest.

    Confluent tells when a version was written only for what it found by comparing.
    """

    version: StoredVersion
    by_row: bool = False


def look_up(
    session: Session,
    subject: QualifiedSubject,
    request: SchemaRequest,
    *,
    normalize: bool,
    deleted: bool,
) -> Match:
    """The version of `subject` that the schema is, in any context for a bare subject.

    Raises: `RegistryError` 40401, 40403, 42201.
    """
    for candidate in in_contexts(session, subject):
        if not session.tables.has_versions(str(candidate), deleted=True):
            continue  # the schema need not even be readable
        try:
            match = find(session, candidate, request, normalize=normalize, deleted=deleted)
        except RegistryError:
            if candidate == subject:
                raise
            match = None  # its references mean nothing in the other context
        if match:
            return match
    if not session.tables.has_versions(str(subject), deleted=deleted):
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
    raise ErrorCode.SCHEMA_NOT_FOUND.refusal()


def in_contexts(session: Session, subject: QualifiedSubject) -> Iterator[QualifiedSubject]:
    """`subject`, then for one of the default context its namesakes in the others."""
    yield subject
    if subject.context == DEFAULT_CONTEXT and subject.name:
        for context in session.tables.contexts()[1:]:
            namesake = QualifiedSubject(context, subject.name)
            if session.may_read(str(namesake)):
                yield namesake


def find(
    session: Session,
    subject: QualifiedSubject,
    request: SchemaRequest,
    *,
    normalize: bool,
    deleted: bool,
    merge: bool = True,
) -> Match | None:
    """The version of exactly that subject, or None; with `merge` also one that differs by what the
    configuration and the latest version would add to the request.

    Raises: `RegistryError` 42201 when the schema cannot be read.
    """
    if request.is_empty:
        return None
    config = config_in_scope(session, subject)
    prepared = prepare(
        session,
        subject,
        request,
        is_new=False,
        normalize=normalize or config.get("normalize") is True,
    )
    rule_set = request.rule_set if session.policy.keep_rule_sets else None
    is_latest = request.version == LATEST
    search = partial(find_prepared, session, subject, prepared, deleted=deleted, latest=is_latest)
    found = search(request.metadata, rule_set)
    if found or not merge:
        return found
    latest = session.latest(str(subject))
    metadata = merged(config, request.metadata, latest)
    rules = merged_rules(session, config, request.rule_set, latest)
    if (metadata, rules) == (request.metadata, rule_set):
        return None
    return search(metadata, rules)


def find_prepared(
    session: Session,
    subject: QualifiedSubject,
    prepared: Prepared,
    metadata: Metadata | None,
    rule_set: RuleSet | None,
    *,
    deleted: bool,
    latest: bool = False,
) -> Match | None:
    """The newest version with the same content, or else one that means the same.

    With `latest` the latest version alone, whatever number its metadata names.
    """
    wanted = prepared.content(subject.context, metadata, rule_set)
    alike = session.tables.versions_alike(  # of the same content, too: it has the same text
        str(subject),
        prepared.semantic,
        with_references=not prepared.references,
        deleted=deleted,
    )
    with_digest = (each for each in alike if each.content.digest == wanted.digest)
    exact = next((each for each in with_digest if is_same(each.content, wanted)), None)
    newest = session.latest(str(subject)) if latest else None
    if exact and (not latest or exact == newest):
        return Match(exact)
    for version in alike:
        content = version.content
        if content.schema_type != AVRO:
            continue
        session.budget.spend_text(content.text)
        if latest:
            is_equal = version == newest and without_version(content.metadata) == without_version(
                metadata
            )
        else:
            is_equal = _same_metadata(content.metadata, metadata, version.version)
        if not is_equal:
            continue
        if content.rule_set == rule_set and means_same(session, prepared, content):
            return Match(version, by_row=True)
    return None


def means_same(session: Session, prepared: Prepared, content: Content) -> bool:
    """Equal but for the order of properties; or, given without references, equal inlined."""
    if prepared.semantic == content.semantic:
        return prepared.references == content.references
    if prepared.references or not content.references:
        return False

    def inlined_digest() -> bytes:
        text = resolved_text(schema_of(session, content))
        session.budget.spend_text(text)
        return semantic_digest(text)

    inlined = session.caches.resolved.get(identity_of(session, content), inlined_digest)
    return bool(prepared.semantic == inlined)


def _same_metadata(stored: Metadata | None, request: Metadata | None, version: int) -> bool:
    if stored == request:
        return True
    stored_version = stored.properties.get("confluent:version") if stored else None
    asked_version = request.properties.get("confluent:version") if request else None
    if asked_version is not None and (stored_version is not None or asked_version != str(version)):
        return False
    return without_version(stored) == without_version(request)


def without_version(metadata: Metadata | None) -> Metadata | None:
    if metadata is None:
        return None
    properties = {k: v for k, v in metadata.properties.items() if k != "confluent:version"}
    if properties == metadata.properties:
        return metadata
    if not properties and not metadata.tags and not metadata.sensitive:
        return None
    return Metadata(metadata.tags, properties, metadata.sensitive)


_MERGED = ("defaultMetadata", "overrideMetadata", "defaultRuleSet", "overrideRuleSet")


def wants_merging(config: Config) -> bool:
    """The configuration adds metadata or rules to what is registered."""
    return any(member in config for member in _MERGED)
