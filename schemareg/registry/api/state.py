"""What a registry holds, as a value: subjects with their level, mode and versions.

Everything that is compared, pulled, registered or planned is such a value, wherever it was read
from: a directory, a git commit, the snapshot, a registry, a bundle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from schemareg.avro.schema import Schema
from schemareg.errors import SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.types import Config, Metadata, Mode, RuleSet
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version

AVRO = "AVRO"


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of a subject.

    `deleted` marks a soft-deleted version, which is here because others refer to it. `id` and
    `guid` belong to one registry, and `location` (a file, a path inside a commit, a registry's
    address) to one source: versions are compared without them.
    """

    version: Version
    text: str = field(metadata={"whole": True})
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    deleted: bool = False
    id: SchemaId | None = field(default=None, compare=False)
    guid: str | None = field(default=None, compare=False)
    location: Location = field(default=Location(None), compare=False)


@dataclass(frozen=True, slots=True)
class SubjectState:
    """A subject: `versions` oldest first.

    `level` is the one in force, None where none is known; `mode` the subject's own, None where it
    has none or it was not read. `config` is the subject's own configuration, empty where it has
    none, and None where it was not read.
    """

    subject: Subject
    versions: tuple[StoredVersion, ...]
    level: CompatibilityLevel | None = None
    mode: Mode | None = None
    config: Config | None = field(default=None, compare=False)

    @property
    def live(self) -> tuple[StoredVersion, ...]:
        """The versions that are not deleted."""
        return tuple(version for version in self.versions if not version.deleted)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Versions that are no Avro schemas, and so are in no state; `schema_type` is their type."""

    subject: Subject
    schema_type: str
    versions: int


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A schema file of the source that the rules for new schemas refuse.

    `path` is the path of the same file in the project of today, `raw` its bytes. `is_held` when it
    can be read as a registry reads what it has accepted once: then its subject is in the state.
    """

    path: str
    error: SchemaParseError
    is_held: bool
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a state was read: `description` completes "compared with …".

    `version_name` is what the only version of each subject is called ("git:main"); "" where
    versions are called v1, v2.
    """

    description: str
    version_name: str = ""
    notes: tuple[str, ...] = ()

    def name_of(self, version: Version) -> str:
        """What people call a version, in a sentence such as "breaks …"."""
        return self.version_name or f"v{version}"


@dataclass(frozen=True, slots=True)
class RegistryState:
    """Subjects by name, and what the source holds beside them; compared without the latter.

    `others` are the settings of subjects that were looked for and have no version. `parsed` has
    schemas by Avro version and text: of texts without references that were parsed on the way.
    """

    subjects: Mapping[Subject, SubjectState]
    origin: Origin = field(default=Origin("a registry"), compare=False)
    passed_over: tuple[PassedOver, ...] = field(default=(), compare=False)
    refused: tuple[RefusedFile, ...] = field(default=(), compare=False)
    others: Mapping[Subject, SubjectState] = field(default_factory=dict, compare=False)
    parsed: Mapping[tuple[str, str], Schema] = field(
        default_factory=dict, compare=False, repr=False
    )

    def versions(self, subject: Subject) -> tuple[StoredVersion, ...]:
        """The live versions of `subject`, oldest first; empty for one that is not held."""
        held = self.subjects.get(subject)
        return held.live if held else ()

    def version(self, subject: Subject, version: Version) -> StoredVersion | None:
        """One version, deleted or not; None for one that is not held."""
        held = self.subjects.get(subject)
        return next((v for v in held.versions if v.version == version), None) if held else None

    def level(self, subject: Subject) -> CompatibilityLevel | None:
        """The level in force for `subject`, None where none is known."""
        held = self.settings(subject)
        return held.level if held else None

    def settings(self, subject: Subject) -> SubjectState | None:
        """The subject with its level, mode and configuration; None where it was not read."""
        return self.subjects.get(subject) or self.others.get(subject)


def in_order(state: RegistryState) -> Iterator[tuple[Subject, StoredVersion]]:
    """Every version, each after its predecessor and what it refers to, else in the order given.

    References that form a cycle are followed once: a registry refuses them.
    """
    next_at = dict.fromkeys(state.subjects, 0)

    def up_to(subject: Subject, last: int) -> Iterator[tuple[Subject, StoredVersion]]:
        versions = state.subjects[subject].versions
        while next_at[subject] <= last:
            version = versions[next_at[subject]]
            next_at[subject] += 1
            for reference in version.references:
                if reference.subject in state.subjects:
                    numbers = [v.version for v in state.subjects[reference.subject].versions]
                    if reference.version in numbers:
                        yield from up_to(reference.subject, numbers.index(reference.version))
            yield subject, version

    for subject, held in state.subjects.items():
        yield from up_to(subject, len(held.versions) - 1)
