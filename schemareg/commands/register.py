"""Register a project: references first, nothing unless everything may be registered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemareg.commands.progress import Progress, silent
from schemareg.errors import ExitCode, RegistryError, SchemaregError
from schemareg.findings import Finding, Severity
from schemareg.registry.api.types import Registry
from schemareg.subjects import Reference, SchemaId, Subject, Version
from schemareg.workspace import Project, ProjectSubject


@dataclass(frozen=True, slots=True)
class Registration:
    """What registering one subject's schema led to; `is_new` when it made a version."""

    subject: Subject
    version: Version
    id: SchemaId
    is_new: bool


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """What was registered, in the order in which it was."""

    command: ClassVar[str] = "register"

    registry: str
    registrations: tuple[Registration, ...]

    def annotations(self) -> Iterator[Finding]:
        return iter(())

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def register_project(
    project: Project, registry: Registry, *, name: str, progress: Progress = silent
) -> RegisterResult:
    """Register every subject's schema, those that others refer to first.

    References are pinned to the versions that this run registered or found, so a changed shared
    type gives its users a new version too. Whoever calls has checked compatibility before:
    `schemareg.commands.check.check_project` against the same registry.

    Raises:
        RegistryError: the registry refused; what went before it stays registered, and its advice
            says what that is.
        RegistryUnavailableError: the registry did not answer.
    """
    registrations: list[Registration] = []
    try:
        for step, subject in enumerate(project.subjects):
            progress("registering", step, len(project.subjects))
            registrations.append(_register(subject, registry, registrations))
    except SchemaregError as error:
        error.advice = "; ".join(filter(None, (error.advice, _kept(registrations))))
        raise
    progress("registering", len(project.subjects), len(project.subjects))
    return RegisterResult(name, tuple(registrations))


def known_versions(registry: Registry, subject: Subject) -> tuple[Version, ...]:
    """The live versions of `subject`, oldest first; none for a subject that is not there."""
    try:
        return registry.get_versions(subject)
    except RegistryError as error:
        if error.status == 404:
            return ()
        raise


def _register(
    subject: ProjectSubject, registry: Registry, done: Sequence[Registration]
) -> Registration:
    versions = {r.subject: r.version for r in done}
    references = [Reference(name, of, versions[of]) for name, of in subject.references]
    before = known_versions(registry, subject.subject)
    found = registry.register(subject.subject, subject.text, references=references)
    is_new = found.version not in before
    return Registration(subject.subject, found.version, found.id, is_new=is_new)


def _kept(registrations: Sequence[Registration]) -> str:
    """What a run that stopped half way has registered."""
    new = [f"{r.subject} version {r.version}" for r in registrations if r.is_new]
    return f"registered before that, and kept: {', '.join(new)}" if new else ""
