"""What changed between two schemas, or between two whole projects, wherever each is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import ClassVar, Literal

from schemareg.avro import Schema
from schemareg.commands.state_notes import files_without_subject
from schemareg.diff import Change, Impact, diff, impact_of
from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Counts, Result
from schemareg.state import RegistryState, Schemas, open_state, read_snapshot
from schemareg.state.sources import Asked, is_by_name
from schemareg.subjects import Subject
from schemareg.suggestions import did_you_mean
from schemareg.syntax import parse_text
from schemareg.workspace import SUFFIX, Config, Project
from schemareg.workspace.consumers import read_beside
from schemareg.workspace.files import is_folder, is_regular, read_bytes


@dataclass(frozen=True, slots=True)
class SubjectDiff:
    """What became of `subject`: `status` is new, removed or changed."""

    subject: Subject
    status: Literal["new", "removed", "changed"]
    impact: Impact
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffResult(Result):
    """Every change from `old` to `new`; `impact` is None when nothing changed.

    Of whole projects `subjects` are those that are not the same, and `changes` is empty; `notes`
    name what could not be compared.
    """

    command: ClassVar[str] = "diff"

    old: str
    new: str
    impact: Impact | None
    changes: tuple[Change, ...]
    subjects: tuple[SubjectDiff, ...] = ()
    notes: tuple[str, ...] = ()
    compared: int = field(default=2, metadata={"json": False})
    unit: str = field(default="schema", metadata={"json": False})
    passed_over: int = field(default=0, metadata={"json": False})

    def counts(self) -> Counts:
        read = self.compared + self.passed_over
        return Counts(self.unit, read, self.compared, self.passed_over)


def names_a_project(spec: str, config: Config) -> bool:
    """Whether `spec` is a whole project: a directory, a bundle, or named as a source is."""
    asked = Asked(spec, config)
    if is_by_name(asked):
        return True
    shown = config.shown(asked.place)
    return is_folder(asked.place, shown) or (
        asked.place.suffix == ".json" and _is_bundle(asked.place, config)
    )


def is_here(spec: str, config: Config) -> bool:
    """Whether `spec` is a directory that holds all schemas of the project here."""
    asked = Asked(spec, config)
    if is_by_name(asked):
        return False
    place = asked.place
    return is_folder(place, spec) and all(r.resolve().is_relative_to(place) for r in config.roots)


def _is_bundle(path: Path, config: Config) -> bool:
    """Whether the JSON file at `path` holds subjects, and is no schema."""
    shown = config.shown(path)
    if not is_regular(path, shown):
        return False
    root = parse_text(read_bytes(path, shown).decode("utf-8", "replace")).root
    members = root.members if root is not None else None
    return members is not None and "subjects" in members and "type" not in members


def looks_like_a_file(spec: str, config: Config) -> bool:
    """Whether `spec` is a file, or named like one."""
    return "/" in spec or spec.endswith(SUFFIX) or is_regular(config.cwd / Path(spec), spec)


def diff_projects(old: str, new: str | None, project: Project, config: Config) -> DiffResult:
    """The subjects that differ between the projects `old` and `new` (None: `project` as it is).

    Raises:
        UsageError: there is no such thing.
        SchemaParseError: a file of `project` is refused.
    """
    notes: list[str] = []
    old_state = open_state(old, config=config, project=project)
    before = dict(_latest(old_state, config, notes))
    other_types = dict(_other_types(old_state))
    if new is None:
        if project.failures:
            raise project.failures[0]
        after = {subject.subject: subject.schema for subject in project.subjects}
        notes += (f"{n.location.path}: {n.message}" for n in files_without_subject(project))
    else:
        new_state = open_state(new, config=config, project=project)
        after = dict(_latest(new_state, config, notes))
        other_types |= _other_types(new_state)
    subjects = tuple(s for s in _subjects(before, after) if s.subject not in other_types)
    impact = next((i for i in Impact if any(s.impact is i for s in subjects)), None)
    ours = other_types.keys() & {*before, *after}
    notes += (f"{subject}: not compared: {other_types[subject]}" for subject in sorted(ours))
    if others := len(other_types) - len(ours):
        notes.append(f"not compared, for they are no Avro schemas: {others} other subjects")
    return DiffResult(
        old,
        new or "the files here",
        impact,
        (),
        subjects,
        tuple(notes),
        compared=len({*before, *after} - ours),
        passed_over=len(notes) + max(others - 1, 0),
        unit="subject",
    )


def _latest(
    state: RegistryState, config: Config, notes: list[str]
) -> Iterator[tuple[Subject, Schema]]:
    """The newest schema of each subject of `state`; what cannot be read is noted."""
    notes += (f"{refused.error}" for refused in state.refused if not refused.is_held)
    schemas = Schemas(state, avro_version=config.avro_version)
    for subject in state.subjects:
        for stored, error in schemas.refusals(subject):
            notes.append(f"{subject} {state.origin.name_of(stored.version)}: {error}")
        history = schemas.history(subject)
        if history:
            yield subject, history[-1].schema


def _other_types(state: RegistryState) -> Mapping[Subject, str]:
    """The subjects that `state` holds as other schemas than Avro, with a sentence about each."""
    return {
        passed.subject: f"{state.origin.description} holds it as {passed.schema_type}"
        for passed in state.passed_over
    }


def _subjects(
    before: Mapping[Subject, Schema], after: Mapping[Subject, Schema]
) -> Iterator[SubjectDiff]:
    for subject in sorted({*before, *after}):
        if subject not in before:
            yield SubjectDiff(subject, "new", Impact.MINOR)
        elif subject not in after:
            yield SubjectDiff(subject, "removed", Impact.MAJOR)
        else:
            changes = tuple(diff(before[subject], after[subject]))
            impact = impact_of(changes)
            if impact is not None:
                yield SubjectDiff(subject, "changed", impact, changes)


def diff_schemas(old: str, new: str, project: Project, config: Config) -> DiffResult:
    """The changes from `old` to `new`.

    Each is a file, `SUBJECT@VERSION` of the snapshot (`@latest` too), or a SUBJECT, whose schema
    is the project's own.

    Raises:
        UsageError: there is no such file, subject or version.
        SchemaParseError: one of the two is refused.
    """
    before, after = (_schema(spec, project, config) for spec in (old, new))
    changes = tuple(diff(before, after))
    return DiffResult(old, new, impact_of(changes), changes)


def _schema(spec: str, project: Project, config: Config) -> Schema:
    path = config.cwd / Path(spec)
    if is_regular(path, config.shown(path)):
        return _of_file(path, project, config)
    subject, at, version = spec.rpartition("@")
    if at:
        return _of_snapshot(Subject(subject), version, spec, config)
    known = {s.subject: s.schema for s in project.subjects}
    if spec not in known and looks_like_a_file(spec, config):
        raise UsageError(f"{spec}: no such file", advice="name a schema file, or a subject")
    if spec not in known:
        raise UsageError(
            f"{spec!r} is no file, no subject of this project and no SUBJECT@VERSION",
            advice=did_you_mean(spec, known),
        )
    return known[Subject(spec)]


def _of_file(path: Path, project: Project, config: Config) -> Schema:
    """The schema of a file of the project, or of any other that may use the project's types."""
    shown = config.shown(path)
    for file in project.files:
        if file.path == shown:
            return file.schema
    if path.is_relative_to(config.snapshot):
        return _of_snapshot_file(shown, config)
    others = [file.schema for file in project.files]
    return read_beside(read_bytes(path, shown), others, shown, avro_version=config.avro_version)


def _of_snapshot_file(shown: str, config: Config) -> Schema:
    snapshot = read_snapshot(config.snapshot, config)
    schemas = Schemas(snapshot, avro_version=config.avro_version)
    for subject, held in snapshot.subjects.items():
        for version in held.versions:
            if version.location.path == shown:
                return schemas.schema(subject, version)
    raise UsageError(f"{shown} is no version of {snapshot.origin.description}")


def _of_snapshot(subject: Subject, version: str, spec: str, config: Config) -> Schema:
    snapshot = read_snapshot(config.snapshot, config)
    schemas = Schemas(snapshot, avro_version=config.avro_version)
    versions = snapshot.versions(subject)
    if not versions:
        raise UsageError(
            f"{spec!r}: {snapshot.origin.description} has no subject {subject!r}",
            advice=did_you_mean(subject, snapshot.subjects),
        )
    if version == "latest":
        return schemas.schema(subject, versions[-1])
    for known in versions:
        if str(known.version) == version:
            return schemas.schema(subject, known)
    numbers = ", ".join(str(known.version) for known in versions)
    raise UsageError(f"{spec!r}: there is no version {version!r}", advice=f"there is {numbers}")
