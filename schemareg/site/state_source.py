"""Registered versions and what the files propose, as pages read them; no server is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field

from schemareg.avro import Schema
from schemareg.avro.canonical import to_text
from schemareg.compat.same_content import Contents
from schemareg.errors import ContentError, SchemaregError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.site.source import Held, ReferenceRow, Settings, User
from schemareg.state import Schemas
from schemareg.subjects import CompatibilityLevel, Subject
from schemareg.workspace import ProjectSubject

PROPOSED = "proposed"
Key = tuple[str, int]


@dataclass(slots=True)
class StateSource:
    """A state with the project's subjects on top; implements `Source`.

    A subject of the project that differs from its newest registered version has one version more,
    labelled `proposed`. `dates` are the milliseconds since 1970 at which versions appeared.
    """

    schemas: Schemas
    proposed: Sequence[ProjectSubject]
    dates: Mapping[Key, int]
    level: CompatibilityLevel
    names: tuple[str, ...] = ()
    _own: dict[str, ProjectSubject] = field(default_factory=dict)
    _held: dict[str, list[Held]] = field(default_factory=dict)
    _parsed: dict[Key, Schema] = field(default_factory=dict)
    _users: dict[Key, list[User]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._own = {str(subject.subject): subject for subject in self.proposed}
        for name in sorted({*map(str, self.schemas.state.subjects), *self._own}):
            self._held[name] = self._versions(name, self._own.get(name))
        self.names = tuple(
            name for name in self._held if any(not h.deleted for h in self._held[name])
        )
        for versions in self._held.values():
            for held in versions:
                for row in held.references:
                    user = User(held.subject, held.version, row.version)
                    self._users[row.subject, row.version].append(user)

    def _versions(self, name: str, own: ProjectSubject | None) -> list[Held]:
        """Oldest first."""
        state = self.schemas.state.subjects.get(Subject(name))
        versions = [
            Held(
                name,
                stored.version,
                stored.text,
                id=stored.id,
                guid=stored.guid,
                written_ms=self.dates.get((name, stored.version)),
                deleted=stored.deleted,
                references=tuple(
                    ReferenceRow(r.name, r.subject, r.version) for r in stored.references
                ),
                metadata=stored.metadata,
            )
            for stored in (state.versions if state else ())
        ]
        if own is not None and not self._is_registered(own):
            number = versions[-1].version + 1 if versions else 1
            held = Held(name, number, own.text, label=PROPOSED, references=self._references(own))
            self._parsed[name, number] = own.schema
            versions.append(held)
        return versions

    def _references(self, own: ProjectSubject) -> tuple[ReferenceRow, ...]:
        """To the newest registered version of each type's subject, or the first there will be."""
        rows = []
        for fullname, subject in own.references:
            live = self.schemas.state.versions(subject)
            rows.append(ReferenceRow(fullname, subject, live[-1].version if live else 1))
        return tuple(rows)

    def _is_registered(self, own: ProjectSubject) -> bool:
        if self.schemas.is_newest(own.subject, own.schema):
            return True
        newest = self.schemas.newest(own.subject)
        if newest is None:
            return False
        contents = Contents(to_text)
        return contents.number(newest.schema) == contents.number(own.schema)

    def latest(self, subject: str) -> Held:
        return next(held for held in reversed(self._held[subject]) if not held.deleted)

    def numbers(self, subject: str) -> list[tuple[int, bool]]:
        return [(held.version, held.deleted) for held in self._held[subject]]

    def live(self, subject: str) -> frozenset[int]:
        """The numbers of the versions that are not deleted."""
        return frozenset(held.version for held in self._held[subject] if not held.deleted)

    def versions(self, subject: str) -> list[Held]:
        if subject not in self._held:
            raise UsageError(f"there is no subject {subject!r}")
        return self._held[subject][::-1]

    def version(self, subject: str, version: int) -> Held:
        for held in self.versions(subject):
            if held.version == version:
                return held
        raise UsageError(f"subject {subject!r} has no version {version}")

    def schema(self, held: Held) -> Schema:
        key = (held.subject, held.version)
        if key not in self._parsed:
            subject = Subject(held.subject)
            stored = next(
                v
                for v in self.schemas.state.subjects[subject].versions
                if v.version == held.version
            )
            try:
                self._parsed[key] = self.schemas.schema(subject, stored)
            except SchemaregError as error:
                raise ContentError(error.message) from error
        return self._parsed[key]

    def referenced(self, reference: ReferenceRow) -> Held | None:
        versions = self._held.get(reference.subject, [])
        return next((held for held in versions if held.version == reference.version), None)

    def users(self, held: Held) -> list[User]:
        return self._users.get((held.subject, held.version), [])

    def settings(self, subject: str) -> Settings:
        own = self._own.get(subject)
        held = self.schemas.state.subjects.get(Subject(subject))
        level = (own.level if own else None) or (held.level if held else None)
        mode = held.mode if held and held.mode else None
        return Settings(level or self.level, level is not None, mode.value if mode else "READWRITE")

    def global_level(self) -> CompatibilityLevel:
        return self.level
