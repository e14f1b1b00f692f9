"""A registry's state, read through its API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from schemareg.errors import RegistryError
from schemareg.places import Location
from schemareg.registry.api.contexts import qualified
from schemareg.registry.api.error_codes import is_absent
from schemareg.registry.api.state import (
    AVRO,
    Origin,
    PassedOver,
    RegistryState,
    StoredVersion,
    SubjectState,
)
from schemareg.registry.api.types import Config, Mode, RegisteredSchema, Registry
from schemareg.registry.client.resolving import in_context_of
from schemareg.registry.client.session import REQUESTS_AT_ONCE
from schemareg.state import pages
from schemareg.subjects import CompatibilityLevel, Subject, Version

_MANY = 20
"""From so many subjects on whole pages of them may cost fewer requests."""


def read_registry(
    registry: Registry,
    name: str,
    wanted: Iterable[Subject] | None = None,
    *,
    with_modes: bool = False,
    settings_of: Iterable[Subject] = (),
) -> RegistryState:
    """What `registry` (which people call `name`) holds of `wanted`, and all that it refers to.

    Without `wanted` that is every subject. Versions of other schema types than Avro are counted
    and passed over; a soft-deleted version is held where another refers to it. Modes are read only
    on request, because each takes one more. Of `settings_of` no versions are read: those of an
    alias are another subject's. Several requests run at once, so `registry` is used by several
    threads.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    looked_for = registry.get_subjects() if wanted is None else tuple(dict.fromkeys(wanted))
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        reader = _Reader(registry, name, pool)
        if len(looked_for) >= _MANY:
            reader.add(pages.read_pages(registry, looked_for, is_all=wanted is None))
        reader.read(looked_for)
        held = reader.subjects([*looked_for, *settings_of])
        if with_modes:
            modes = pool.map(reader.mode, held)
            held = {
                subject: replace(state, mode=mode)
                for (subject, state), mode in zip(held.items(), modes, strict=True)
            }
    description = f"the registry at {name}" if "://" in name else f"the {name} registry"
    return RegistryState(
        {subject: state for subject, state in held.items() if state.versions},
        Origin(description),
        tuple(
            PassedOver(subject, schema_type, count)
            for (subject, schema_type), count in sorted(reader.passed_over.items())
        ),
        others={subject: state for subject, state in held.items() if not state.versions},
    )


class _Reader:
    """Gathers the versions of subjects, and follows their references, wave by wave."""

    def __init__(self, registry: Registry, name: str, pool: ThreadPoolExecutor) -> None:
        self._registry = registry
        self._name = name
        self._pool = pool
        self._found: dict[Subject, dict[Version, StoredVersion]] = {}
        self._live: dict[Subject, frozenset[Version]] = {}
        self._seen: set[tuple[Subject, Version]] = set()
        self._used: dict[tuple[Subject, Version], None] = {}
        self.passed_over: Counter[tuple[Subject, str]] = Counter()

    def subjects(self, looked_for: Iterable[Subject]) -> dict[Subject, SubjectState]:
        """What was gathered, and settings of all that was `looked_for`, sorted."""
        names = sorted({*self._found, *looked_for})
        configs = dict(zip(names, self._pool.map(self._config, names), strict=True))
        levels = self._levels(configs)
        return {
            subject: SubjectState(
                subject,
                tuple(version for _, version in sorted(self._found.get(subject, {}).items())),
                levels[subject],
                config=configs[subject],
            )
            for subject in names
        }

    def _config(self, subject: Subject) -> Config:
        """The configuration of the subject itself; empty where it has none."""
        try:
            return self._registry.get_config(subject)
        except RegistryError as error:
            if is_absent(error):
                return Config()
            raise

    def _levels(
        self, configs: Mapping[Subject, Config]
    ) -> dict[Subject, CompatibilityLevel | None]:
        """The levels in force; subjects of one context that have none of their own share one."""
        inheriting = {
            qualified(subject).context: subject
            for subject, config in configs.items()
            if config.level is None
        }
        found = self._pool.map(self._inherited, inheriting.values())
        inherited = dict(zip(inheriting, found, strict=True))
        return {
            subject: config.level or inherited[qualified(subject).context]
            for subject, config in configs.items()
        }

    def _inherited(self, subject: Subject) -> CompatibilityLevel:
        """The level in force; Apicurio has one only of subjects that exist, and of all."""
        try:
            return self._registry.get_level(subject)
        except RegistryError as error:
            if is_absent(error):
                return self._registry.get_level()
            raise

    def mode(self, subject: Subject) -> Mode | None:
        """The subject's own mode."""
        try:
            return self._registry.get_mode(subject)
        except RegistryError as error:
            if is_absent(error):
                return None
            raise

    def add(self, schemas: Mapping[Subject, Sequence[RegisteredSchema]]) -> None:
        """All live versions of some subjects, which are then not read again."""
        for subject, versions in schemas.items():
            self._live[subject] = frozenset(found.version for found in versions)
            for found in versions:
                self._seen.add((subject, found.version))
                self._used |= self._gather(subject, found.version, found)

    def read(self, subjects: Iterable[Subject]) -> None:
        """Every live version of `subjects`, and of all that they refer to."""
        seen = self._seen
        used = self._used
        waiting = dict.fromkeys(
            subject for subject in (*subjects, *(of for of, _ in used)) if subject not in self._live
        )
        wave = dict.fromkeys(key for key in used if key not in seen and key[0] in self._live)
        while waiting or wave:
            for subject, live in zip(waiting, self._pool.map(self._versions, waiting), strict=True):
                self._live[subject] = frozenset(live)
                wave |= dict.fromkeys((subject, version) for version in live)
            seen |= wave.keys()
            used = self._read_wave(list(wave))
            waiting = dict.fromkeys(subject for subject, _ in used if subject not in self._live)
            wave = dict.fromkeys(key for key in used if key not in seen)

    def _versions(self, subject: Subject) -> tuple[Version, ...]:
        try:
            return self._registry.get_versions(subject)
        except RegistryError as error:
            if is_absent(error):
                return ()
            raise

    def _read_wave(
        self, wave: list[tuple[Subject, Version]]
    ) -> dict[tuple[Subject, Version], None]:
        """The versions in `wave` are gathered; those that they refer to are returned."""
        used: dict[tuple[Subject, Version], None] = {}
        for (subject, version), found in zip(wave, self._pool.map(self._get, wave), strict=True):
            if found is not None:
                used |= self._gather(subject, version, found)
        return used

    def _gather(
        self, subject: Subject, version: Version, found: RegisteredSchema
    ) -> dict[tuple[Subject, Version], None]:
        """The version is held, or counted; those that it refers to are returned."""
        if found.schema_type != AVRO:
            self.passed_over[subject, found.schema_type] += 1
            return {}
        deleted = version not in self._live[subject]
        held = self._found.setdefault(subject, {})
        held[version] = self._stored(subject, found, deleted=deleted)
        return {
            (in_context_of(subject, used.subject), used.version): None for used in found.references
        }

    def _get(self, key: tuple[Subject, Version]) -> RegisteredSchema | None:
        """The version; None where a reference names one that was deleted permanently."""
        subject, version = key
        deleted = version not in self._live[subject]
        try:
            return self._registry.get_version(subject, version, deleted=deleted)
        except RegistryError as error:
            if deleted and is_absent(error):
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
