"""Register a project: levels first, then references, nothing unless everything may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from schemareg.commands.progress import Progress, silent
from schemareg.commands.state_notes import files_without_subject
from schemareg.errors import ExitCode, RegistryError, SchemaregError
from schemareg.findings import Finding, Severity
from schemareg.registry.api.registering import register_state
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.registry.api.types import Registry
from schemareg.state import state_of_project
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version
from schemareg.workspace import Project


@dataclass(frozen=True, slots=True)
class Registration:
    """The version that holds a subject's schema; `is_new` when registering made it."""

    subject: Subject
    version: Version
    id: SchemaId
    is_new: bool


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A level that was set, because the configuration has another than was in force."""

    subject: Subject
    before: CompatibilityLevel
    after: CompatibilityLevel


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """What was registered and which levels were set, in the order in which it was done.

    `notes` name the files that belong to no subject.
    """

    command: ClassVar[str] = "register"

    registry: str
    registrations: tuple[Registration, ...]
    levels: tuple[LevelChange, ...] = ()
    notes: tuple[Finding, ...] = ()

    def annotations(self) -> Iterator[Finding]:
        return iter(self.notes)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def register_project(
    project: Project,
    registry: Registry,
    *,
    name: str,
    with_levels: bool = True,
    progress: Progress = silent,
) -> RegisterResult:
    """Register every subject's schema, those that others refer to first.

    Levels that the configuration has are set before, so that a subject never exists without its
    own. References are pinned to the versions that this run registered or found, so a changed
    shared type makes a new version of its users, too. Compatibility is checked before, by
    `schemareg.commands.check.check_project` against the same registry.

    Raises:
        RegistryError: the registry refused; what went before it stays registered, and its advice
            names that.
        RegistryUnavailableError: the registry did not answer.
    """
    wanted = state_of_project(project, Origin("this project"))
    registrations: list[Registration] = []
    levels: list[LevelChange] = []
    total = len(wanted.subjects)
    try:
        known = {subject: known_versions(registry, subject) for subject in wanted.subjects}
        if with_levels:
            for change in _set_levels(wanted, registry):
                levels.append(change)
        progress("registering", 0, total)
        for _, found in register_state(wanted, registry.register):
            is_new = found.version not in known[found.subject]
            registrations.append(Registration(found.subject, found.version, found.id, is_new))
            progress("registering", len(registrations), total)
    except SchemaregError as error:
        error.advice = "; ".join(filter(None, (error.advice, _done(registrations, levels))))
        raise
    notes = tuple(files_without_subject(project))
    return RegisterResult(name, tuple(registrations), tuple(levels), notes)


def known_versions(registry: Registry, subject: Subject) -> tuple[Version, ...]:
    """The live versions of `subject`, oldest first; none for a subject that is not held."""
    try:
        return registry.get_versions(subject)
    except RegistryError as error:
        if error.status == 404:
            return ()
        raise


def _set_levels(wanted: RegistryState, registry: Registry) -> Iterator[LevelChange]:
    """Set each level that `wanted` has and that is not in force."""
    for subject, held in wanted.subjects.items():
        if held.level is None:
            continue
        before = registry.get_level(subject)
        if before is not held.level:
            registry.set_level(held.level, subject)
            yield LevelChange(subject, before, held.level)


def _done(registrations: list[Registration], levels: list[LevelChange]) -> str:
    """What a run that stopped half way has changed."""
    done = [f"{r.subject} version {r.version}" for r in registrations if r.is_new]
    done += [f"the level {level.after} of {level.subject}" for level in levels]
    return f"done before that, and not undone: {', '.join(done)}" if done else ""
