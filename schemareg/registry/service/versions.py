"""Versions: stored under a number with their content under an id, deleted softly or for good."""

from __future__ import annotations

from dataclasses import replace

from schemareg.registry.api.contexts import QualifiedSubject, qualified_in
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.reading import is_known_context
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import check_not_read_only, erase_version
from schemareg.registry.store import Content, StoredVersion
from schemareg.registry.store.identity import is_same
from schemareg.subjects import SchemaId, Version, VersionSelector


def store_version(
    session: Session, subject: QualifiedSubject, version: int, wanted: Content
) -> StoredVersion:
    """The version as stored, in the place of one with the same number.

    Raises: `RegistryError` 42205 when the content's id stands for something else.
    """
    content, is_new = _content_for(session, subject, wanted)
    stored = session.tables.put_version(
        subject, version, content, written_ms=session.policy.now_ms()
    )
    if not is_new:
        _forget_deleted_twins(session, subject, content)
    return stored


def _content_for(
    session: Session, subject: QualifiedSubject, wanted: Content
) -> tuple[Content, bool]:
    """The stored content, and whether it is new: one that is there, or `wanted` under its id or
    the next.

    Raises: `RegistryError` 42205 when the id stands for something else.
    """
    tables = session.tables
    if wanted.id < 0:
        for existing in tables.contents_with_digest(subject.context, wanted.digest):
            if is_same(existing, wanted):
                return existing, False
        wanted = replace(wanted, id=SchemaId(tables.next_id(subject.context)))
    else:
        holder = tables.content(subject.context, wanted.id)
        if holder and is_same(holder, wanted):
            return holder, False
        if holder:
            raise ErrorCode.NOT_PERMITTED.refusal(
                f"Overwrite new schema with id {wanted.id} in context "
                f"{subject.context_prefix} is not permitted."
            )
    uses = [(str(qualified_in(subject.context, r.subject)), r.version) for r in wanted.references]
    return tables.add_content(wanted, uses), True


def _forget_deleted_twins(session: Session, subject: QualifiedSubject, content: Content) -> None:
    """Soft-deleted versions with this content give way, unless something refers to them."""
    key = str(subject)
    for version in session.tables.deleted_with_content(key, content.key):
        if not session.tables.users(key, version, deleted=True):
            session.tables.erase(key, version)


# deleting


def delete_version(
    session: Session, subject: QualifiedSubject, version: VersionSelector, *, permanent: bool
) -> Version:
    """The number of the version that is now hidden, or gone.

    Raises: `RegistryError` 40401, 40402, 40406, 40407, 40904, 40907, 42205, 42206.
    """
    key = str(subject)
    tables = session.tables
    if version == "latest":
        row = tables.latest(key)
        shown: object = -1
    else:
        row = tables.version(key, version, deleted=True)
        shown = version
    if row is None:
        if not tables.has_versions(key, deleted=True):
            raise ErrorCode.SUBJECT_NOT_FOUND.refusal(key)
        raise ErrorCode.VERSION_NOT_FOUND.refusal(shown)
    if row.deleted and not permanent:
        raise ErrorCode.VERSION_SOFT_DELETED.refusal(key, shown)
    check_not_read_only(session, subject, key)
    _check_associations(session, key, row.version, permanent=permanent)
    deleted_users_count = permanent and session.profile.deleted_users_count
    if tables.users(key, row.version, deleted=deleted_users_count):
        raise ErrorCode.REFERENCE_EXISTS.refusal(key, row.version)
    if not permanent:
        tables.soft_delete(key, row.version, written_ms=session.policy.now_ms())
        return row.version
    if not row.deleted:
        raise ErrorCode.VERSION_NOT_SOFT_DELETED.refusal(key, row.version)
    erase_version(session, key, row.version)
    return row.version


def delete_subject(session: Session, subject: QualifiedSubject, *, permanent: bool) -> list[int]:
    """The numbers of the versions that are now hidden, or gone, ascending.

    Raises: `RegistryError` 40401, 40404, 40405, 40904, 42205, 42206.
    """
    key = str(subject)
    tables = session.tables
    if not tables.has_versions(key, deleted=True):
        if is_known_context(session, subject):
            return []
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(key)
    if not permanent and not tables.has_versions(key):
        raise ErrorCode.SUBJECT_SOFT_DELETED.refusal(key)
    check_not_read_only(session, subject, key)
    if tables.associations_of_subject(key):
        raise ErrorCode.SUBJECT_ASSOCIATED.refusal(key)
    numbers = [
        (number, deleted)
        for number, deleted in tables.version_numbers(key)
        if permanent or not deleted
    ]
    for number, deleted in numbers:
        users = tables.users(key, number, deleted=permanent)
        if any(user.subject != key for user in users):
            raise ErrorCode.REFERENCE_EXISTS.refusal(key, number)
        if permanent and not deleted:
            raise ErrorCode.SUBJECT_NOT_SOFT_DELETED.refusal(key)
    for number, _ in reversed(numbers):
        if permanent:
            erase_version(session, key, number)
        else:
            tables.soft_delete(key, number, written_ms=session.policy.now_ms())
    return [number for number, _ in numbers]


def _check_associations(session: Session, key: str, version: int, *, permanent: bool) -> None:
    """An associated subject keeps an active version, and every deleted one.

    Raises: `RegistryError` 40904, 40907.
    """
    if not session.tables.associations_of_subject(key):
        return
    if permanent:
        raise ErrorCode.SUBJECT_ASSOCIATED.refusal(key)
    numbers = session.tables.version_numbers(key)
    if not any(number != version and not deleted for number, deleted in numbers):
        raise ErrorCode.NO_ACTIVE_VERSION.refusal(key)


def delete_context(session: Session, context: str) -> None:
    """Forget a context that has no subject left, not even a soft-deleted one.

    Raises: `RegistryError` 42211.
    """
    if any(session.tables.subjects(context, "")):
        raise ErrorCode.CONTEXT_NOT_EMPTY.refusal(f":{context}:")
    session.tables.drop_context(context)
