"""Another state of the same files as a base: a directory, or what a commit holds."""

from __future__ import annotations

from collections.abc import Sequence

from schemareg.errors import SchemaParseError
from schemareg.places import Location
from schemareg.state.base import BaseVersion
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
from schemareg.workspace import Config, ProjectSubject, build_project

_ONLY = Version(1)


class FilesBase:
    """Files of another time, kept under the subjects that today's configuration gives them.

    Each subject has one version. A file that is refused is missing, and in `failures`.
    """

    def __init__(
        self,
        description: str,
        texts: Sequence[tuple[str, bytes]],
        config: Config,
        *,
        called: str | None = None,
    ) -> None:
        self._description = description
        self._called = called or description
        project = build_project(texts, config, complete=False)
        self._failures = project.failures
        self._subjects = {subject.subject: subject for subject in project.subjects}

    def describe(self) -> str:
        return self._description

    def subjects(self) -> tuple[Subject, ...]:
        return tuple(sorted(self._subjects))

    def called(self, version: Version) -> str:
        return self._called

    def claimed(self) -> tuple[Subject, ...]:
        return self.subjects()

    def history(self, subject: Subject) -> tuple[BaseVersion, ...]:
        found = self._subjects.get(subject)
        return (_version_of(found),) if found else ()

    def level(self, subject: Subject) -> CompatibilityLevel | None:
        return None

    def failures(self) -> tuple[SchemaParseError, ...]:
        return self._failures


def _version_of(subject: ProjectSubject) -> BaseVersion:
    return BaseVersion(
        version=_ONLY,
        schema=subject.schema,
        text=subject.text,
        references=tuple(Reference(name, of, _ONLY) for name, of in subject.references),
        location=Location(subject.file.path if subject.file else None),
    )
