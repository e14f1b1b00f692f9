"""Deprecated fields: removed without notice or too early, and still read by a consumer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import islice

from schemareg.avro import Schema
from schemareg.avro.deprecation import Deprecation, deprecation
from schemareg.avro.schema import Field, Record
from schemareg.commands.check_result import CheckResult, SubjectCheck
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.places import Location, child
from schemareg.state import Origin, RegistryState, Schemas
from schemareg.workspace import Config, Project, ProjectSubject
from schemareg.workspace.consumers import consumer_readers


@dataclass(frozen=True, slots=True)
class _Reads:
    """A consumer that reads the events of `schema`, with what it declares of the fields."""

    consumer: str
    schema: Schema
    event: str
    reads: Callable[[str], bool]
    location: Location


def with_deprecations(
    result: CheckResult, project: Project, schemas: Schemas, config: Config, today: date
) -> CheckResult:
    """`result` with what the change removes without notice, and who reads what is deprecated.

    Raises:
        UsageError, SchemaParseError: the reader schema of a consumer, where a field is deprecated.
    """
    own = {subject.subject: subject for subject in project.subjects}
    subjects = tuple(
        _with_removals(checked, own[checked.subject], schemas, today) for checked in result.subjects
    )
    about = (*result.policy, *_reads_of_deprecated(project, config, today))
    return replace(result, subjects=subjects, policy=about)


def _with_removals(
    checked: SubjectCheck, subject: ProjectSubject, schemas: Schemas, today: date
) -> SubjectCheck:
    if not checked.changes:
        return checked
    latest = schemas.history(subject.subject)[-1].schema
    found = tuple(_removals(subject, latest, today))
    return replace(checked, warnings=(*checked.warnings, *found)) if found else checked


def _removals(subject: ProjectSubject, old: Schema, today: date) -> Iterator[Diagnostic]:
    """The fields of the types in this text that are gone, and were not due to go."""
    for record, field in _removed(old, subject.schema):
        mark = deprecation(field.props)
        if mark is None:
            message = "it is removed, and its last version does not call it deprecated"
            advice = (
                'register a version first that has "deprecated": {"replacement": "…", "removal": '
                '"2030-12-31"}'
            )
            rule = "removed-without-deprecation"
        elif mark.removal is not None and mark.removal > today:
            message = f"it is removed before the day that was named: {mark.describe()}"
            advice = "wait for that day, or let the owners of its consumers agree"
            rule = "removed-before-its-day"
        else:
            continue
        pointer = subject.schema.pointer(record)
        yield Diagnostic(
            rule,
            subject.settings.removal or Severity.INFO,
            message,
            subject.location(child(pointer, "fields")),
            f"{record.fullname}.{field.name}",
            advice,
        )


def _removed(old: Schema, new: Schema) -> Iterator[tuple[Record, Field]]:
    """Each field of `old` that `new` knows under none of its names, and the record without it."""
    for fullname, before in old.names.items():
        after = new.names.get(fullname)
        if after is None and before is old.root and isinstance(new.root, Record):
            after = new.root
        if not isinstance(before, Record) or not isinstance(after, Record):
            continue
        names = {name for field in after.fields for name in (field.name, *field.aliases)}
        for field in before.fields:
            if not names.intersection((field.name, *field.aliases)):
                yield after, field


def _reads_of_deprecated(project: Project, config: Config, today: date) -> Iterator[Diagnostic]:
    if project.selected is not None or project.failures or not project.is_whole:
        return
    if not any(map(_has_deprecated, project.subjects)):
        return
    for reads in (*_configured(project, config), *_in_manifest(project, config)):
        for path, mark in _deprecated(reads.schema):
            if reads.reads(path):
                yield _read(reads, path, mark, today)


def _has_deprecated(subject: ProjectSubject) -> bool:
    """Whether a field of any record is deprecated."""
    return any(
        deprecation(field.props) is not None
        for node in subject.schema.names.values()
        if isinstance(node, Record)
        for field in node.fields
    )


def _read(reads: _Reads, path: str, mark: Deprecation, today: date) -> Diagnostic:
    is_over = mark.removal is not None and mark.removal <= today
    described = mark.describe()
    instead = f"read {mark.replacement} instead" if mark.replacement else "do without it"
    return Diagnostic(
        "deprecated-field-read",
        Severity.WARNING if is_over else Severity.INFO,
        f"{reads.consumer} reads it, and it is deprecated{described and f': {described}'}",
        reads.location,
        f"{reads.event}.{path}",
        f"let {reads.consumer} {instead}",
    )


def _deprecated(schema: Schema) -> Iterator[tuple[str, Deprecation]]:
    """The dotted path of each deprecated field, into the types that `schema` uses.

    Types that use each other many times multiply the paths, so that only some are looked at.
    """
    from schemareg.services.platform import fields_of

    for path, field in islice(fields_of(schema), LIMITS.field_paths):
        if (mark := deprecation(field.props)) is not None:
            yield path, mark


def _configured(project: Project, config: Config) -> Iterator[_Reads]:
    """The consumers of schemareg.toml."""
    from schemareg.services.platform import has_field

    own = {subject.subject: subject.schema for subject in project.subjects}
    for reader in consumer_readers(config, project.files, project.subjects):
        read = partial(has_field, reader.schema)
        place = Location(reader.path)
        yield _Reads(reader.consumer, own[reader.subject], reader.subject, read, place)


def _in_manifest(project: Project, config: Config) -> Iterator[_Reads]:
    """The consumers of the services' manifest that declare fields or a reader schema."""
    from schemareg.services.manifest_place import find_manifest

    path = find_manifest(config)
    if path is None:
        return
    from schemareg.services.manifest_file import read_manifest
    from schemareg.services.platform import Platform, has_field

    platform = Platform.of(
        read_manifest(path, config).manifest, project, config, RegistryState({}, Origin("none"))
    )
    for service in platform.manifest.services.values():
        for uses in service.consumes:
            schema = platform.event(uses.event, uses.topic).proposed
            if schema is None:
                continue
            if uses.fields is not None:
                read: Callable[[str], bool] = frozenset(uses.fields).__contains__
            elif (reader := platform.reader(uses)) is not None:
                read = partial(has_field, reader, event=uses.event)
            else:
                continue
            yield _Reads(service.name, schema, uses.event, read, uses.location)
