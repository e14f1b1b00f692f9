"""What schemareg asks of a registry: the answers' shapes and the protocol every backend meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from schemareg.subjects import (
    CompatibilityLevel,
    Reference,
    SchemaId,
    Subject,
    Version,
    VersionSelector,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is registered beside a schema: tags by path, properties, names of sensitive ones."""

    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """One version of a subject. `text` is the registry's own spelling of the schema.

    `guid` is None where a registry tells none (7.x, third parties).
    """

    subject: Subject
    version: Version
    id: SchemaId
    text: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    guid: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class SchemaContent:
    """What lies behind a schema id or guid: text and references, of no subject in particular."""

    text: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    guid: str | None = None


@dataclass(frozen=True, slots=True)
class CompatibilityAnswer:
    """A registry's own verdict; `messages` in its words, empty where it says nothing more."""

    is_compatible: bool
    messages: tuple[str, ...] = ()


class Registry(Protocol):
    """The part of the Confluent API that checking, registering and decoding need.

    Every method raises `RegistryError` when the registry refuses (with its code) and
    `RegistryUnavailableError` when it does not answer.
    """

    def get_subjects(self, *, prefix: str = "", deleted: bool = False) -> tuple[Subject, ...]: ...

    def get_versions(self, subject: Subject, *, deleted: bool = False) -> tuple[Version, ...]: ...

    def get_version(self, subject: Subject, version: VersionSelector) -> RegisteredSchema: ...

    def get_schema(self, id: SchemaId, *, subject: Subject | None = None) -> SchemaContent: ...

    def register(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        normalize: bool = False,
    ) -> RegisteredSchema: ...

    def lookup(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        normalize: bool = False,
        deleted: bool = False,
    ) -> RegisteredSchema: ...

    def check_compatibility(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        version: VersionSelector | None = None,
    ) -> CompatibilityAnswer:
        """The registry's verdict against `version`, or (None) against all under its level."""

    def get_level(
        self, subject: Subject | None = None, *, default_to_global: bool = True
    ) -> CompatibilityLevel: ...

    def set_level(self, level: CompatibilityLevel, subject: Subject | None = None) -> None: ...

    def delete_subject(
        self, subject: Subject, *, permanent: bool = False
    ) -> tuple[Version, ...]: ...

    def delete_version(
        self, subject: Subject, version: VersionSelector, *, permanent: bool = False
    ) -> Version: ...
