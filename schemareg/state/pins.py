"""References that the configuration pins to a registered version, instead of the project's type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from schemareg.errors import ContentError
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.state.schemas import Schemas
from schemareg.subjects import Subject, Version
from schemareg.workspace import Project, ProjectSubject

Pins = Mapping[Subject, Mapping[Subject, Version]]


def pins_of(subjects: Iterable[ProjectSubject]) -> Pins:
    """For each subject that pins references: the subjects referred to, each with its version."""
    found: dict[Subject, dict[Subject, Version]] = {}
    for subject in subjects:
        pinned = subject.settings.references or {}
        for name, used in subject.references:
            if name in pinned:
                found.setdefault(subject.subject, {})[used] = pinned[name]
    return found


def pin(desired: RegistryState, held: RegistryState, pins: Pins) -> RegistryState:
    """`desired`, where each pinned reference is to the version that `held` has.

    Those versions, and what they refer to, are versions of `desired`, too: the very objects of
    `held`. The project's own schema of such a subject comes after all that `held` has.

    Raises:
        ContentError: `held` has no such version.
    """
    pinned = dict(_closure(desired, held, pins))
    last = {
        subject: max(v.version for v in held.subjects[subject].versions) for subject, _ in pinned
    }

    def renumbered(subject: Subject, version: Version) -> Version:
        return Version(last[subject] + version) if subject in last else version

    subjects: dict[Subject, SubjectState] = {}
    for subject, wanted in desired.subjects.items():
        chosen = pins.get(subject, {})
        own = tuple(
            replace(
                version,
                version=renumbered(subject, version.version),
                references=tuple(
                    replace(r, version=chosen.get(r.subject) or renumbered(r.subject, r.version))
                    for r in version.references
                ),
            )
            for version in wanted.versions
        )
        earlier = sorted(number for of, number in pinned if of == subject)
        subjects[subject] = replace(
            wanted, versions=(*(pinned[subject, number] for number in earlier), *own)
        )
    for subject in last.keys() - subjects.keys():
        earlier = sorted(number for of, number in pinned if of == subject)
        subjects[subject] = SubjectState(subject, tuple(pinned[subject, n] for n in earlier))
    return replace(desired, subjects=subjects)


def _closure(
    desired: RegistryState, held: RegistryState, pins: Pins
) -> Iterator[tuple[tuple[Subject, Version], StoredVersion]]:
    """Every version that is pinned, and those that it refers to."""
    seen: set[tuple[Subject, Version]] = set()
    for subject, chosen in pins.items():
        waiting = list(chosen.items())
        while waiting:
            wanted = waiting.pop()
            if wanted in seen:
                continue
            seen.add(wanted)
            found = held.version(*wanted)
            if found is None:
                raise _missing(desired, held, subject, *wanted)
            yield wanted, found
            waiting += [(r.subject, r.version) for r in found.references]


def _missing(
    desired: RegistryState, held: RegistryState, user: Subject, subject: Subject, version: Version
) -> ContentError:
    versions = ", ".join(str(v.version) for v in held.versions(subject))
    return ContentError(
        f"subjects.{user}.references: {held.origin.description} has no version {version} of"
        f" {subject!r}",
        location=desired.subjects[user].versions[-1].location,
        advice=f"pin one of {versions}" if versions else "register that version first",
    )


def pinned_project(project: Project, desired: RegistryState, held: RegistryState) -> Project:
    """`project` with the schemas that its subjects have under their pins, and those of users.

    Where `held` has no numbers of versions (files, a commit) nothing can be pinned to it.

    Raises:
        ContentError: `held` has no such version.
        SchemaParseError: the schema does not fit the pinned version.
    """
    pins = pins_of(project.subjects)
    if not pins or held.origin.version_name:
        return project
    state = pin(desired, held, pins)
    schemas = Schemas(state, avro_version=project.avro_version, files=project.files)
    touched: set[Subject] = set()
    subjects = []
    for subject in project.subjects:
        if subject.subject in pins or any(used in touched for _, used in subject.references):
            touched.add(subject.subject)
            stored = state.subjects[subject.subject].versions[-1]
            subject = replace(subject, schema=schemas.schema(subject.subject, stored))
        subjects.append(subject)
    return replace(project, subjects=tuple(subjects))
