"""What a comparison cannot judge: files refused already before the change, versions unreadable.

Each is a note on what it concerns, and makes nothing else fail. Files that a change leaves alone
are one note, however many they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemareg.avro.binary.values import article
from schemareg.commands.check_result import FILE_WITHOUT_SUBJECT
from schemareg.errors import Problem, SchemaParseError
from schemareg.findings import Diagnostic, Severity, parse_diagnostics
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.state import RefusedFile, RegistryState
from schemareg.state import Schemas
from schemareg.state.pins import pins_of
from schemareg.workspace import Project, ProjectSubject

_NAMED = 3
"""How many files a note names before it counts the others."""


@dataclass(frozen=True, slots=True)
class Failures:
    """The refused files of a project: what the change made wrong, and what was so before.

    `files` is how many there are of which nothing is judged.
    """

    new: tuple[Diagnostic, ...]
    earlier: tuple[Diagnostic, ...]
    files: int


def failures_of(project: Project, state: RegistryState) -> Failures:
    """Every problem of the refused files of `project`; those that `state` has too are earlier."""
    new: list[Diagnostic] = []
    earlier: list[Diagnostic] = []
    untouched: dict[str, list[Diagnostic]] = {}
    before = {refused.path: refused for refused in state.refused}
    moved = {r.raw: r for r in state.refused if r.path not in project.texts}
    judged = {subject.file.path for subject in project.subjects if subject.file}
    for error in project.failures:
        path = error.location.path if error.location else None
        raw = project.texts.get(path or "", b"")
        refused = before.get(path or "") or moved.get(raw)
        known = refused.error.problems if refused else ()
        old = [problem for problem in error.problems if _is_one_of(problem, known)]
        fresh = [problem for problem in error.problems if problem not in old]
        if fresh:
            new += parse_diagnostics(SchemaParseError(fresh, path=path))
        if refused and path and old:
            is_same = _lines(raw) == _lines(refused.raw)
            notes = [
                _as_before(diagnostic, state, is_judged=is_same or path in judged)
                for diagnostic in parse_diagnostics(SchemaParseError(old, path=path))
            ]
            if is_same:
                untouched.setdefault(path, []).extend(notes)
            else:
                earlier += notes
    if len(untouched) > _NAMED:
        earlier.append(_untouched(list(untouched), state))
    else:
        earlier += (note for notes in untouched.values() for note in notes)
    files = {e.location.path if e.location else None for e in project.failures}
    return Failures(tuple(new), tuple(earlier), len(files - judged))


def _lines(raw: bytes) -> bytes:
    """`raw` as git stores it where the work tree has other ends of lines."""
    return raw.replace(b"\r\n", b"\n")


def _as_before(diagnostic: Diagnostic, state: RegistryState, *, is_judged: bool) -> Diagnostic:
    where = f"as in {state.origin.description}"
    if not is_judged:
        where += ": while this is so, no change of the file is judged"
    message = f"{diagnostic.message} ({where})"
    return replace(diagnostic, severity=Severity.INFO, message=message)


def _untouched(paths: list[str], state: RegistryState) -> Diagnostic:
    named = f"{', '.join(paths[:_NAMED])} and {len(paths) - _NAMED} more"
    return Diagnostic(
        "refused-before",
        Severity.INFO,
        f"{len(paths)} files are refused, are so in {state.origin.description}, too, and did not"
        f" change: {named}",
        Location(None),
        advice="`schemareg lint` lists what is wrong with each",
    )


def _is_one_of(problem: Problem, before: Sequence[Problem]) -> bool:
    """Whether the problem existed before, at the same place or with the same message."""
    return any(
        problem.code == old.code
        and (problem.message == old.message or problem.pointer == old.pointer)
        for old in before
    )


def files_without_subject(project: Project) -> Iterator[Diagnostic]:
    """A note on each selected file that belongs to no subject, and so is not judged."""
    for file in project.without_subject():
        yield Diagnostic(
            rule=FILE_WITHOUT_SUBJECT,
            severity=Severity.INFO,
            message="no subject holds this file: its outermost type is"
            f" {article(file.schema.root.kind)}, which has no name",
            location=Location(file.path),
            advice="define each event as a record in a file of its own, or list the events"
            " of the union under its topic in the configuration",
        )


def state_notes(project: Project, state: RegistryState) -> Iterator[Diagnostic]:
    """What `state` itself has to note, beside its subjects."""
    yield from files_without_subject(project)
    if state.origin.version_name:
        for pinned in pins_of(project.subjects):
            yield Diagnostic(
                "reference-not-pinned",
                Severity.INFO,
                f"its references are judged as in this project: {state.origin.description} has no"
                " numbers of versions to pin them to",
                Location(None),
                element=pinned,
                advice="check against a registry or the snapshot, too",
            )
    for note in state.origin.notes:
        yield Diagnostic("state-note", Severity.INFO, note, Location(None))
    failing = {e.location.path for e in project.failures if e.location and e.location.path}
    today = {subject.file.path for subject in project.subjects if subject.file} | failing
    moved = {project.texts.get(path) for path in failing}
    for refused in state.refused:
        if not refused.is_held and refused.path not in today and refused.raw not in moved:
            yield _unreadable(state, refused.error, refused.error.location or Location(None))


def has_unreadable_past(subject: ProjectSubject, schemas: Schemas) -> bool:
    """The state holds `subject`, or its file, in a form that cannot be read."""
    return bool(schemas.refusals(subject.subject)) or any(_refused_files(subject, schemas))


def _refused_files(subject: ProjectSubject, schemas: Schemas) -> Iterator[RefusedFile]:
    """The file of `subject` as the state has it, where it is refused and holds no version."""
    if subject.file is not None and not schemas.state.versions(subject.subject):
        for refused in schemas.state.refused:
            if refused.path == subject.file.path and not refused.is_held:
                yield refused


def subject_notes(
    subject: ProjectSubject, schemas: Schemas, location: Location
) -> Iterator[Diagnostic]:
    """What could not be compared of one subject."""
    state = schemas.state
    for stored, error in schemas.refusals(subject.subject):
        name = state.origin.name_of(stored.version)
        yield Diagnostic(
            rule="state-unreadable",
            severity=Severity.WARNING,
            message=f"{name} cannot be read, and was not compared: {error.message}",
            location=location,
            element=subject.subject,
        )
    for refused in _refused_files(subject, schemas):
        yield _unreadable(state, refused.error, location, subject.subject)
    for passed in state.passed_over:
        if passed.subject == subject.subject:
            yield Diagnostic(
                rule="other-schema-type",
                severity=Severity.ERROR,
                message=f"{state.origin.description} holds it as {passed.schema_type}",
                location=location,
                element=subject.subject,
                advice="register the Avro schema under another subject",
            )


def _unreadable(
    state: RegistryState, error: SchemaParseError, location: Location, element: str = ""
) -> Diagnostic:
    return Diagnostic(
        rule="state-unreadable",
        severity=Severity.INFO,
        message=f"the file in {state.origin.description} cannot be read, so there is nothing to"
        f" compare with: {error.message}",
        location=location,
        element=element,
    )
