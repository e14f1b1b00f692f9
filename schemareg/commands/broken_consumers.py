"""The consumers that declare what they read, and cannot read what a change writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemareg.commands.check_result import CheckResult, Verdict
from schemareg.compat import can_read
from schemareg.compat.words import described
from schemareg.findings import Diagnostic, Severity
from schemareg.places import ROOT
from schemareg.registry.api.state import RegistryState
from schemareg.subjects import Subject
from schemareg.workspace import Config, Project, ProjectSubject
from schemareg.workspace.consumers import ConsumerReader, consumer_readers


def with_broken_consumers(
    result: CheckResult, project: Project, config: Config, state: RegistryState
) -> CheckResult:
    """`result` with the consumers that cannot read a subject that changes.

    Those of schemareg.toml and of the manifest of the services, by their reader schemas and by the
    fields that they declare. What a consumer declares counts at every level: it reads the events
    of tomorrow, too.

    Raises:
        UsageError, SchemaParseError: the manifest, or the reader schema of a consumer.
    """
    changed = {s.subject for s in result.subjects if s.verdict is not Verdict.UNCHANGED}
    if not (changed and project.is_whole) or project.failures:
        return result
    readers = list(consumer_readers(config, project.files, project.subjects))
    found = [*_of_manifest(project, config, state, changed, readers)]
    broken = [*_broken(project, readers, changed), *found]
    return replace(result, policy=(*result.policy, *dict.fromkeys(broken)))


def _broken(
    project: Project, readers: Iterable[ConsumerReader], changed: set[Subject]
) -> Iterator[Diagnostic]:
    own = {subject.subject: subject for subject in project.subjects}
    for reader in (each for each in readers if each.subject in changed):
        subject = own[reader.subject]
        version = project.avro_version
        reasons = can_read(reader=reader.schema, writer=subject.schema, avro_version=version)
        first = next(iter(reasons), None)
        if first is not None:
            message = f"{reader.consumer} cannot read it with {reader.path}: {described(first)}"
            yield _finding(reader.consumer, subject, message)


def _of_manifest(
    project: Project,
    config: Config,
    state: RegistryState,
    changed: set[Subject],
    readers: list[ConsumerReader],
) -> Iterator[Diagnostic]:
    """What the manifest's consumers lack of the fields they declare; their schemas are readers."""
    from schemareg.services.manifest_place import find_manifest

    path = find_manifest(config)
    if path is None:
        return
    from schemareg.services.further import manifest_readers
    from schemareg.services.manifest_file import read_manifest
    from schemareg.services.platform import Platform, has_field

    platform = Platform.of(read_manifest(path, config).manifest, project, config, state)
    readers += manifest_readers(platform)
    own = {subject.subject: subject for subject in project.subjects}
    uses = (u for service in platform.manifest.services.values() for u in service.consumes)
    for consumes in uses:
        subject = own.get(platform.subject(consumes.event, consumes.topic))
        if subject is None or subject.subject not in changed:
            continue
        for field in consumes.fields or ():
            if not has_field(subject.schema, field, event=consumes.event):
                message = f"{consumes.service} reads {field}, which {consumes.event} does not have"
                yield _finding(consumes.service, subject, message)


def _finding(consumer: str, subject: ProjectSubject, message: str) -> Diagnostic:
    return Diagnostic(
        "consumer-breaks",
        Severity.ERROR,
        message,
        subject.location(ROOT),
        subject.subject,
        f"let {consumer} read another schema first, or change this one so that it can",
    )
