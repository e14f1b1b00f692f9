"""Keeping a schema that was judged fit: its content under an id, its version under a number."""

from __future__ import annotations

from dataclasses import replace

from schemareg.registry.api.contexts import QualifiedSubject, qualified_in
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.session import Session
from schemareg.registry.store import Content, StoredVersion
from schemareg.registry.store.identity import is_same
from schemareg.subjects import SchemaId


def keep(
    session: Session, subject: QualifiedSubject, version: int, wanted: Content
) -> StoredVersion:
    """The version as stored, in the place of one with the same number.

    Raises: `RegistryError` 42205 when the content's id stands for something else.
    """
    content = _content_for(session, subject, wanted)
    stored = session.tables.put_version(
        subject, version, content, written_ms=session.policy.now_ms()
    )
    _forget_deleted_twins(session, subject, content)
    return stored


def _content_for(session: Session, subject: QualifiedSubject, wanted: Content) -> Content:
    """The stored content: one that is there already, or `wanted` under its id or the next.

    Raises: `RegistryError` 42205 when the id stands for something else.
    """
    tables = session.tables
    if wanted.id < 0:
        for existing in tables.contents_with_digest(subject.context, wanted.digest):
            if is_same(existing, wanted):
                return existing
        wanted = replace(wanted, id=SchemaId(tables.next_id(subject.context)))
    else:
        holder = tables.content(subject.context, wanted.id)
        if holder and is_same(holder, wanted):
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
    for version in session.tables.deleted_with_content(key, content.key):
        if not session.tables.users(key, version, deleted=True):
            session.tables.erase(key, version)
