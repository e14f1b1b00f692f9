"""What changed between two schemas, wherever each of them is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from schemareg.avro import Schema
from schemareg.diff import Change, Impact, diff, impact_of
from schemareg.errors import UsageError
from schemareg.results import Result
from schemareg.state import Schemas, read_snapshot
from schemareg.subjects import Subject
from schemareg.suggestions import did_you_mean
from schemareg.workspace import Config, Project
from schemareg.workspace.consumers import read_beside
from schemareg.workspace.files import is_regular, read_bytes


@dataclass(frozen=True, slots=True)
class DiffResult(Result):
    """Every change from `old` to `new`; `impact` is None when nothing changed."""

    command: ClassVar[str] = "diff"

    old: str
    new: str
    impact: Impact | None
    changes: tuple[Change, ...]


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
