"""Removing a version for good, and what was kept for its subject with the last of them."""

from __future__ import annotations

from schemareg.registry.service.session import Session


def erase_version(session: Session, subject: str, version: int) -> None:
    """Remove the version; its id with the last version that has it, and its subject's
    configuration and mode with the last version of the subject.
    """
    session.tables.erase(subject, version)
    if not session.tables.has_versions(subject, deleted=True):
        session.tables.drop_config(subject)
        session.tables.drop_mode(subject)
