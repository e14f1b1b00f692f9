"""A registry as a base."""

from __future__ import annotations

from schemareg.errors import RegistryError, SchemaParseError
from schemareg.places import Location
from schemareg.registry.api.types import Registry
from schemareg.state.base import BaseVersion, Resolver, StoredText
from schemareg.state.snapshot import open_snapshot
from schemareg.subjects import CompatibilityLevel, Subject, Version
from schemareg.workspace import Config

_NOT_FOUND = 404


class RegistryBase:
    """What `registry` holds now; `name` is what people call it."""

    def __init__(self, registry: Registry, name: str, config: Config) -> None:
        self._registry = registry
        self._name = name
        self._config = config
        self._resolver = Resolver(self._stored, avro_version=config.avro_version)

    def describe(self) -> str:
        if "://" not in self._name:
            return f"the {self._name} registry"
        return f"the registry at {self._name}"

    def subjects(self) -> tuple[Subject, ...]:
        return tuple(sorted(self._registry.get_subjects()))

    def called(self, version: Version) -> str:
        return f"v{version}"

    def claimed(self) -> tuple[Subject, ...]:
        """Those that the snapshot has: they were this project's when it was taken."""
        if not self._config.snapshot.is_dir():
            return ()
        known = open_snapshot(self._config.snapshot, self._config).subjects()
        return tuple(sorted(set(known) & set(self.subjects())))

    def history(self, subject: Subject) -> tuple[BaseVersion, ...]:
        try:
            versions = self._registry.get_versions(subject)
        except RegistryError as error:
            if error.status == _NOT_FOUND:
                return ()
            raise
        return tuple(self._resolver.version(subject, version) for version in sorted(versions))

    def level(self, subject: Subject) -> CompatibilityLevel | None:
        try:
            return self._registry.get_level(subject)
        except RegistryError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def failures(self) -> tuple[SchemaParseError, ...]:
        return ()

    def _stored(self, subject: Subject, version: Version) -> StoredText:
        found = self._registry.get_version(subject, version)
        place = Location(f"{self._name}/subjects/{subject}/versions/{version}")
        return StoredText(found.text, found.references, place)
