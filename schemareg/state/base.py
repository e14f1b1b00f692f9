"""What a base answers: subjects, their versions with references resolved, their levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from schemareg.avro import Schema, parse
from schemareg.errors import ContentError, SchemaParseError
from schemareg.places import Location
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version


@dataclass(frozen=True, slots=True, eq=False)
class BaseVersion:
    """A version to compare with; `schema` knows the types of `references`.

    `location` is a file, a path inside a commit, or a registry's address.
    """

    version: Version
    schema: Schema
    text: str
    references: tuple[Reference, ...]
    location: Location


class Base(Protocol):
    """What changes are judged against."""

    def describe(self) -> str:
        """What this base is, for a sentence such as "compared with …"."""

    def subjects(self) -> tuple[Subject, ...]:
        """Every subject that the base holds, sorted."""

    def called(self, version: Version) -> str:
        """What people call a version, such as `v3`, in a sentence such as "breaks …"."""

    def claimed(self) -> tuple[Subject, ...]:
        """Those of them that belong to the project, sorted: others may use a registry, too."""

    def history(self, subject: Subject) -> tuple[BaseVersion, ...]:
        """The versions of `subject`, oldest first; empty for one that the base does not hold."""

    def level(self, subject: Subject) -> CompatibilityLevel | None:
        """The level that the base keeps for `subject`; None where it says nothing."""

    def failures(self) -> tuple[SchemaParseError, ...]:
        """Refusals of schema files of the base, which are missing from every history."""


@dataclass(frozen=True, slots=True)
class StoredText:
    """One stored version before it is parsed."""

    text: str
    references: tuple[Reference, ...]
    location: Location


class Resolver:
    """Stored versions parsed with the versions they refer to, each of them once."""

    def __init__(
        self, fetch: Callable[[Subject, Version], StoredText], *, avro_version: str
    ) -> None:
        self._fetch = fetch
        self._avro_version = avro_version
        self._done: dict[tuple[Subject, Version], BaseVersion] = {}
        self._under_way: list[tuple[Subject, Version]] = []

    def version(self, subject: Subject, version: Version) -> BaseVersion:
        """The version parsed, as leniently as a registry parses what it has already accepted.

        Raises:
            SchemaParseError: the stored text is no schema.
            ContentError: versions refer to each other in a ring.
        """
        key = (subject, version)
        if key in self._done:
            return self._done[key]
        if key in self._under_way:
            ring = " → ".join(f"{s} version {v}" for s, v in [*self._under_way, key])
            raise ContentError(f"stored versions refer to each other in a ring: {ring}")
        self._under_way.append(key)
        try:
            found = self._parse(version, self._fetch(subject, version))
        finally:
            self._under_way.pop()
        self._done[key] = found
        return found

    def _parse(self, version: Version, stored: StoredText) -> BaseVersion:
        known = [self.version(r.subject, r.version).schema for r in stored.references]
        try:
            schema = parse(
                stored.text,
                avro_version=self._avro_version,
                references=known,
                names="none",
                validate_defaults=False,
            )
        except SchemaParseError as error:
            raise error.at(str(stored.location.path)) from error
        return BaseVersion(version, schema, stored.text, stored.references, stored.location)
