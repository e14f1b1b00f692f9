"""What the registry of a server holds, as pages read it."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro import Schema
from schemareg.registry.api.contexts import GLOBAL, qualified, qualified_in
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.reaching import schema_of
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import config_in_scope, level_of, mode_in_scope
from schemareg.registry.store import StoredVersion
from schemareg.site.source import Held, ReferenceRow, Settings, User
from schemareg.subjects import CompatibilityLevel


class RegistrySource:
    """One consistent state of the registry; implements `Source`. Refusals are Confluent's."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stored: dict[tuple[str, int], StoredVersion] = {}

    def latest(self, subject: str) -> Held:
        latest = self._session.tables.latest(subject)
        assert latest is not None
        return self._held(latest)

    def numbers(self, subject: str) -> list[tuple[int, bool]]:
        return list(self._session.tables.version_numbers(subject))

    def versions(self, subject: str) -> list[Held]:
        key = str(qualified(subject))
        found = list(self._session.tables.newest_first(key, deleted=True))
        if not found:
            raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
        return [self._held(version) for version in found]

    def version(self, subject: str, version: int) -> Held:
        key = str(qualified(subject))
        found = self._session.tables.version(key, version, deleted=True)
        if found is None:
            if not self._session.tables.has_versions(key, deleted=True):
                raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
            raise ErrorCode.VERSION_NOT_FOUND.refusal(version)
        return self._held(found)

    def schema(self, held: Held) -> Schema:
        return schema_of(self._session, self._stored[held.subject, held.version].content)

    def referenced(self, reference: ReferenceRow) -> Held | None:
        tables = self._session.tables
        target = tables.version(reference.subject, reference.version, deleted=True)
        return None if target is None else self._held(target)

    def users(self, held: Held) -> Iterator[User]:
        for user in self._session.tables.users(held.subject, held.version):
            yield User(user.subject, user.version, held.version)

    def settings(self, subject: str) -> Settings:
        key = qualified(subject)
        return Settings(
            level=level_of(config_in_scope(self._session, key)),
            has_own_level=self._session.tables.config(str(key)) is not None,
            mode=mode_in_scope(self._session, key).value,
        )

    def global_level(self) -> CompatibilityLevel:
        return level_of(config_in_scope(self._session, qualified(GLOBAL)))

    def _held(self, version: StoredVersion) -> Held:
        content = version.content
        references = tuple(
            ReferenceRow(r.name, str(qualified_in(content.context, r.subject)), r.version)
            for r in content.references
        )
        held = Held(
            version.subject,
            version.version,
            content.text,
            id=content.id,
            guid=content.guid,
            written_ms=version.written_ms,
            deleted=version.deleted,
            references=references,
            metadata=content.metadata,
        )
        self._stored[held.subject, held.version] = version
        return held
