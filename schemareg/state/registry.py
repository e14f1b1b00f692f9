"""A registry's state, read through its API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from schemareg.errors import RegistryError
from schemareg.places import Location
from schemareg.registry.api.state import (
    AVRO,
    Origin,
    PassedOver,
    RegistryState,
    StoredVersion,
    SubjectState,
)
from schemareg.registry.api.types import RegisteredSchema, Registry
from schemareg.registry.client.resolving import in_context_of
from schemareg.subjects import Subject, Version

_NOT_FOUND = 404


def read_registry(
    registry: Registry, name: str, wanted: Iterable[Subject] | None = None
) -> RegistryState:
    """What `registry` (which people call `name`) holds of `wanted`, and all that it refers to.

    Without `wanted` that is every subject. Versions of other schema types than Avro are counted
    and passed over; a soft-deleted version is there where another refers to it.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    reader = _Reader(registry, name)
    looked_for = registry.get_subjects() if wanted is None else tuple(dict.fromkeys(wanted))
    for subject in looked_for:
        reader.add_live(subject)
    subjects = reader.subjects()
    description = f"the registry at {name}" if "://" in name else f"the {name} registry"
    return RegistryState(
        subjects,
        Origin(description),
        tuple(
            PassedOver(subject, schema_type, count)
            for (subject, schema_type), count in sorted(reader.passed_over.items())
        ),
        other_levels={s: registry.get_level(s) for s in looked_for if s not in subjects},
    )


class _Reader:
    """Gathers the versions of subjects, and follows their references."""

    def __init__(self, registry: Registry, name: str) -> None:
        self._registry = registry
        self._name = name
        self._found: dict[Subject, dict[Version, StoredVersion]] = {}
        self._live: dict[Subject, frozenset[Version]] = {}
        self._seen: set[tuple[Subject, Version]] = set()
        self.passed_over: Counter[tuple[Subject, str]] = Counter()

    def subjects(self) -> dict[Subject, SubjectState]:
        return {
            subject: SubjectState(
                subject,
                tuple(versions[number] for number in sorted(versions)),
                self._registry.get_level(subject),
            )
            for subject, versions in sorted(self._found.items())
            if versions
        }

    def add_live(self, subject: Subject) -> None:
        """Every live version of `subject`, with what it refers to."""
        for version in self._live_versions(subject):
            self._add(subject, version)

    def _live_versions(self, subject: Subject) -> tuple[Version, ...]:
        if subject not in self._live:
            try:
                self._live[subject] = frozenset(self._registry.get_versions(subject))
            except RegistryError as error:
                if error.status != _NOT_FOUND:
                    raise
                self._live[subject] = frozenset()
        return tuple(sorted(self._live[subject]))

    def _add(self, subject: Subject, version: Version) -> None:
        """One version, and (with the whole history of their subjects) those it refers to."""
        waiting = [(subject, version)]
        while waiting:
            subject, version = waiting.pop()
            if (subject, version) in self._seen:
                continue
            self._seen.add((subject, version))
            is_live = version in self._live_versions(subject)
            found = self._get(subject, version, deleted=not is_live)
            if found is None:
                continue
            if found.schema_type != AVRO:
                self.passed_over[subject, found.schema_type] += 1
                continue
            held = self._found.setdefault(subject, {})
            held[version] = self._stored(subject, found, deleted=not is_live)
            for used in found.references:
                target = in_context_of(subject, used.subject)
                waiting += [(target, number) for number in self._live_versions(target)]
                waiting.append((target, used.version))

    def _get(self, subject: Subject, version: Version, *, deleted: bool) -> RegisteredSchema | None:
        """The version; None where a reference names one that is gone for good."""
        try:
            return self._registry.get_version(subject, version, deleted=deleted)
        except RegistryError as error:
            if deleted and error.status == _NOT_FOUND:
                return None
            raise

    def _stored(self, subject: Subject, found: RegisteredSchema, *, deleted: bool) -> StoredVersion:
        return StoredVersion(
            found.version,
            found.text,
            found.references,
            found.metadata,
            found.rule_set,
            deleted,
            found.id,
            found.guid,
            Location(f"{self._name}/subjects/{subject}/versions/{found.version}"),
        )
