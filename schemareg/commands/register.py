"""Register a project: levels first, then references, nothing unless everything may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import ClassVar

from schemareg.commands.progress import Progress, silent
from schemareg.commands.state_notes import files_without_subject
from schemareg.errors import SchemaregError
from schemareg.findings import Diagnostic
from schemareg.lazy_dataclass import dataclass
from schemareg.plan import Applied, Difference, RegisterVersion, SetLevel, diff_states, perform
from schemareg.plan.diff import PlanOptions
from schemareg.plan.words import described
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.registry.api.types import PlanRegistry
from schemareg.results import Case, Counts, Result
from schemareg.state import state_of_project
from schemareg.state.registry import read_registry
from schemareg.subjects import SchemaId, Subject, Version
from schemareg.workspace import Project


@dataclass(frozen=True, slots=True)
class Registration:
    """The version that holds a subject's schema; `is_new` when registering made it."""

    subject: Subject
    version: Version
    id: SchemaId
    is_new: bool


@dataclass(frozen=True, slots=True)
class RegisterResult(Result):
    """What was registered and which levels were set, in the order in which it was done.

    `notes` name the files that belong to no subject; `warnings` are those of the check before.
    """

    command: ClassVar[str] = "register"

    registry: str
    registrations: tuple[Registration, ...]
    levels: tuple[SetLevel, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    def annotations(self) -> Iterator[Diagnostic]:
        return chain(self.warnings, self.notes)

    def counts(self) -> Counts:
        judged, passed_over = len(self.registrations), len(self.notes)
        return Counts("subject", judged + passed_over, judged, passed_over)

    def cases(self) -> Iterator[Case]:
        yield from (Case(done.subject) for done in self.registrations)
        yield from (Case(note.location.path or note.rule, (note,)) for note in self.notes)

    def compared_with(self) -> str:
        return self.registry


def register_project(
    project: Project,
    registry: PlanRegistry,
    *,
    name: str,
    state: RegistryState | None = None,
    options: PlanOptions | None = None,
    with_levels: bool = True,
    at_once: int = 1,
    progress: Progress = silent,
) -> RegisterResult:
    """Register every subject's schema, those that others refer to first.

    Levels that the configuration has are set before, so that a subject never exists without its
    own. References are pinned to the versions that this run registered or found, so a changed
    shared type makes a new version of its users, too. `state` is what the registry holds, where
    it was read already; compatibility with it is checked before, by
    `schemareg.commands.check.check_project`. With `at_once` 1 ids are given in project order.

    Raises:
        RegistryError: the registry refused; what went before it stays registered, and its advice
            names that.
        RegistryUnavailableError: the registry did not answer.
    """
    names = [subject.subject for subject in project.subjects]
    now = state or read_registry(registry, name, names)
    desired = state_of_project(project, Origin("this project"), now)
    if not with_levels:
        subjects = {s: replace(held, level=None) for s, held in desired.subjects.items()}
        desired = replace(desired, subjects=subjects)
    difference = diff_states(desired, now, avro_version=project.avro_version, options=options)
    applied: list[Applied] = []
    try:
        for done in perform(
            difference.actions,
            now,
            registry,
            avro_version=project.avro_version,
            at_once=at_once,
        ):
            applied.append(done)
            progress("registering", len(applied), len(difference.actions))
    except SchemaregError as error:
        error.advice = "; ".join(filter(None, (error.advice, done_before(applied))))
        raise
    return RegisterResult(
        name,
        tuple(_registrations(desired, now, difference, applied)),
        tuple(a.action for a in applied if isinstance(a.action, SetLevel)),
        tuple(files_without_subject(project)),
    )


def _registrations(
    desired: RegistryState, now: RegistryState, difference: Difference, applied: Iterable[Applied]
) -> Iterator[Registration]:
    """Those of each subject of `desired`, in its order: its new versions, else the one there is."""
    new: dict[Subject, list[Registration]] = {}
    for done in applied:
        subject = done.action.subject
        if isinstance(done.action, RegisterVersion) and done.version and done.id:
            made = Registration(subject, done.version, done.id, done.is_new)
            new.setdefault(subject, []).append(made)
    for subject in desired.subjects:
        if subject in new:
            yield from new[subject]
            continue
        if subject not in difference.unchanged:
            continue  # a type of others, which a pinned reference needs
        version = difference.unchanged[subject]
        held = now.version(subject, version)
        id = held.id if held is not None and held.id is not None else SchemaId(0)
        yield Registration(subject, version, id, is_new=False)


def done_before(applied: Iterable[Applied]) -> str:
    """What a run that stopped half way has changed."""
    done = [f"{a.action.subject}: {described(a.action)}" for a in applied if a.is_new]
    return f"done before that, and not undone: {', '.join(done)}" if done else ""
