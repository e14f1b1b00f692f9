"""What is registered: by id, by GUID, by subject and version, in lists."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.registry.api.contexts import (
    ANY_CONTEXT,
    DEFAULT_CONTEXT,
    QualifiedSubject,
    qualified,
)
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.lookup import in_contexts
from schemareg.registry.service.rules import has_rule_of_type
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import target_of_alias
from schemareg.registry.store import Content, Holder, StoredVersion
from schemareg.registry.store.identity import is_same
from schemareg.registry.store.tables import EVERYTHING
from schemareg.subjects import VersionSelector

_MOST_ORDERED = 100
"""Of more holders, the one that is shown need not be Confluent's choice."""


@dataclass(frozen=True, slots=True)
class Found:
    """A content, and one of the versions that have it (none after an import wrote over it)."""

    content: Content
    version: Holder | StoredVersion | None


def by_id(session: Session, id: int, subject: str | None) -> Found | None:
    """The content of `id` in the context of `subject`, which has to have it where its context is
    named; a bare subject that has not, means a namesake in some context, or else nothing.
    """
    named = qualified(subject or "")
    for candidate in in_contexts(session, named) if named.name else ():
        content = session.tables.content(candidate.context, id)
        holder = session.tables.holder_of(content.key, str(candidate)) if content else None
        if content and holder:
            return Found(content, holder)
    if named.name and named.context != DEFAULT_CONTEXT:
        return None
    only = session.tables.only_version(named.context, id)
    if only:
        return Found(only.content, only)
    content = session.tables.content(named.context, id)
    return Found(content, _any_version(session, content)) if content else None


def _any_version(session: Session, content: Content) -> Holder | None:
    holders = session.tables.holders_of(content.key, limit=_MOST_ORDERED)
    if not holders:
        return None
    first = in_hash_order(holder.subject for holder in holders)[0]
    return next(holder for holder in reversed(holders) if holder.subject == first)


def versions_of_id(
    session: Session, id: int, subject: str | None, *, deleted: bool
) -> list[Holder]:
    """The newest version with that id of every subject that has one.

    Raises: `RegistryError` 40403.
    """
    found = by_id(session, id, subject)
    if found is None:
        raise ErrorCode.SCHEMA_NOT_FOUND.refusal()
    alike = session.tables.contents_with_digest(found.content.context, found.content.digest)
    content = next(each for each in alike if is_same(each, found.content))
    holders = session.tables.holders_of(content.key)
    newest = {holder.subject: holder for holder in holders}
    wanted = [
        newest[subject]
        for subject in in_hash_order(newest)
        if deleted or not newest[subject].deleted
    ]
    named = qualified(subject or "")
    if named.name and named.context != DEFAULT_CONTEXT:
        wanted = [version for version in wanted if version.subject == str(named)]
    return wanted


def in_hash_order(subjects: Iterable[str]) -> list[str]:
    """The subjects in the order of the Java hash map that Confluent lists them from.

    `subjects` come in the order of registration. Nobody may rely on the answer's order; but
    where one of many stands for all, the same one is shown.
    """
    names = list(dict.fromkeys(subjects))
    if len(names) < 2:
        return names
    slots = 16
    while len(names) > slots * 3 // 4:
        slots *= 2
    return sorted(names, key=lambda name: _spread_hash(name) & (slots - 1))


def _spread_hash(text: str) -> int:
    hashed = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(units), 2):
        hashed = (31 * hashed + (units[at] << 8) + units[at + 1]) & 0xFFFFFFFF
    return hashed ^ (hashed >> 16)


def by_guid(session: Session, guid: str) -> list[Content]:
    """Every content with that GUID (UUID text or 32 hex digits), by context and id."""
    try:
        digest = bytes.fromhex(guid.replace("-", ""))
    except ValueError:
        return []
    return session.tables.contents_of_digest(digest) if len(digest) == 16 else []


def version_of(
    session: Session,
    subject: QualifiedSubject,
    version: VersionSelector,
    *,
    deleted: bool = False,
) -> StoredVersion:
    """The version, of `subject` or for a bare subject of a namesake in another context.

    Raises: `RegistryError` 40401, 40402.
    """
    for candidate in in_contexts(session, subject):
        key = str(candidate)
        found = (
            session.tables.latest(key)
            if version == "latest"
            else session.tables.version(key, version, deleted=deleted)
        )
        if found:
            return found
    if not session.tables.has_versions(str(subject), deleted=deleted):
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
    raise ErrorCode.VERSION_NOT_FOUND.refusal(-1 if version == "latest" else version)


def version_numbers(
    session: Session,
    subject: QualifiedSubject,
    *,
    deleted: bool,
    deleted_only: bool,
    deleted_as_negative: bool,
) -> list[int]:
    """The version numbers ascending; soft-deleted ones on request, or negated.

    Raises: `RegistryError` 40401 when there is none to speak of.
    """
    key = str(subject)
    if not session.tables.has_versions(key, deleted=deleted or deleted_only):
        if is_known_context(session, subject):
            return []
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(key)
    rows = session.tables.version_numbers(key)
    if deleted_as_negative:
        return [-number if gone else number for number, gone in rows]
    if deleted_only:
        return [number for number, gone in rows if gone]
    return [number for number, gone in rows if deleted or not gone]


def subjects(
    session: Session,
    prefix: str | None,
    *,
    deleted: bool,
    deleted_only: bool,
    page: slice = EVERYTHING,
) -> list[str]:
    """Subjects by name: of the default context for a bare prefix, of all without a prefix."""
    context, name = _scope_of(":*:" if prefix is None else prefix)
    rows = session.tables.subjects(context, name)
    if deleted_only:
        wanted = (subject for subject, active in rows if not active)
    else:
        wanted = (subject for subject, active in rows if active or deleted)
    return list(itertools.islice(wanted, page.start, page.stop))


def schemas(
    session: Session,
    prefix: str,
    *,
    deleted: bool,
    latest_only: bool,
    rule_type: str | None,
    page: slice,
) -> list[StoredVersion]:
    """Versions by subject and number; those with a rule of `rule_type` only, on request."""
    context, name = _scope_of(prefix)
    within = session.tables.versions_within
    if not rule_type:
        return list(
            _bounded(within(context, name, deleted=deleted, latest_only=latest_only, page=page))
        )
    versions = within(context, name, deleted=deleted, latest_only=latest_only)
    ruled = (v for v in versions if has_rule_of_type(v.content.rule_set, rule_type))
    return list(_bounded(itertools.islice(ruled, page.start, page.stop)))


def aliased_schemas(
    session: Session, prefix: str, *, deleted: bool, latest_only: bool, page: slice
) -> list[tuple[StoredVersion, list[str]]]:
    """Like `schemas`, and what aliases with that prefix stand for, each with its aliases."""
    context, name = _scope_of(prefix)
    aliases: dict[str, list[str]] = {}
    for subject, config in session.tables.all_configs():
        alias = qualified(subject)
        is_named = context in (None, alias.context) and alias.name.startswith(name)
        target = target_of_alias(session, subject) if config.get("alias") else subject
        if is_named and target != subject and _is_listed(session, target):
            aliases.setdefault(target, []).append(subject)
    named = {subject for subject, _ in session.tables.subjects(context, name)}
    listed = sorted(named | set(aliases))
    versions = _versions_of(session, listed, deleted=deleted, latest_only=latest_only)
    listed_versions = _bounded(itertools.islice(versions, page.start, page.stop))
    return [(version, aliases.get(version.subject, [])) for version in listed_versions]


def schemas_of_associated(
    session: Session,
    prefix: str,
    is_wanted: Callable[[str], bool],
    *,
    deleted: bool,
    latest_only: bool,
    page: slice,
) -> list[StoredVersion]:
    """Like `schemas`, of those subjects only that are wanted."""
    context, name = _scope_of(prefix)
    listed = [s for s, _ in session.tables.subjects(context, name) if is_wanted(s)]
    versions = _versions_of(session, listed, deleted=deleted, latest_only=latest_only)
    return list(_bounded(itertools.islice(versions, page.start, page.stop)))


def _bounded(versions: Iterable[StoredVersion]) -> Iterator[StoredVersion]:
    """`versions`, as long as their texts fit into one answer.

    Raises: `RegistryError` 400.
    """
    size = 0
    for version in versions:
        size += len(version.content.text)
        if size > LIMITS.response_bytes:
            raise ErrorCode.BAD_REQUEST.refusal(
                f"The schemas of this page take more than {LIMITS.response_bytes} bytes: "
                "ask for fewer with limit"
            )
        yield version


def _versions_of(
    session: Session, subjects: Iterable[str], *, deleted: bool, latest_only: bool
) -> Iterator[StoredVersion]:
    for subject in subjects:
        newest_first = session.tables.newest_first(subject, deleted=deleted)
        if latest_only:
            yield from itertools.islice(newest_first, 1)
        else:
            yield from reversed(list(_bounded(newest_first)))


def _is_listed(session: Session, subject: str) -> bool:
    target = qualified(subject)
    rows = session.tables.subjects(target.context, target.name)
    return any(listed == subject for listed, _ in rows)


def is_known_context(session: Session, subject: QualifiedSubject) -> bool:
    """`subject` is a whole context, such as `:.sales:`, that something was registered in."""
    named = subject.is_context and subject.context != DEFAULT_CONTEXT
    return named and subject.context in session.tables.contexts()


def _scope_of(prefix: str) -> tuple[str | None, str]:
    if prefix == ":.":
        return None, ""
    named = qualified(prefix)
    return (None if named.context == ANY_CONTEXT else named.context), named.name


def referrers(
    session: Session, subject: QualifiedSubject, version: VersionSelector, *, deleted: bool
) -> list[int]:
    """The ids of the schemas that refer to the version, ascending.

    Raises: `RegistryError` 40401, 40402.
    """
    target = _version_even_deleted(session, subject, version)
    users = session.tables.users(target.subject, target.version, deleted=deleted)
    return sorted({user.content.id for user in users})


def _version_even_deleted(
    session: Session, subject: QualifiedSubject, version: VersionSelector
) -> StoredVersion:
    return version_of(session, subject, version, deleted=True)


def with_properties(
    session: Session,
    subject: QualifiedSubject,
    pairs: Sequence[tuple[str, str]],
    *,
    deleted: bool,
) -> StoredVersion:
    """The newest version that has metadata, with all those properties.

    Raises: `RegistryError` 40401, 40403.
    """
    key = str(subject)
    for version in session.tables.newest_first(key, deleted=deleted):
        metadata = version.content.metadata
        if metadata is None:
            continue
        properties = metadata.properties
        if all(properties.get(name) == value for name, value in pairs):
            return version
    if not session.tables.has_versions(key, deleted=deleted):
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(key)
    raise ErrorCode.SCHEMA_NOT_FOUND.refusal()
