"""The consumers that declare their reader schema, and cannot read what a change writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemareg.commands.check_result import CheckResult, Verdict
from schemareg.compat import can_read
from schemareg.compat.words import described
from schemareg.findings import Diagnostic, Severity
from schemareg.places import ROOT
from schemareg.workspace import Config, Project
from schemareg.workspace.consumers import consumer_readers


def with_broken_consumers(result: CheckResult, project: Project, config: Config) -> CheckResult:
    """`result` with the consumers of `config` that cannot read a subject that changes.

    What a consumer declares counts at every level: it reads the events of tomorrow, too.

    Raises:
        UsageError, SchemaParseError: the reader schema of a consumer.
    """
    changed = {s.subject for s in result.subjects if s.verdict is not Verdict.UNCHANGED}
    if not (config.consumers and changed and project.is_whole) or project.failures:
        return result
    found = tuple(f for f in _broken(project, config) if f.element in changed)
    return replace(result, policy=(*result.policy, *found))


def _broken(project: Project, config: Config) -> Iterator[Diagnostic]:
    own = {subject.subject: subject for subject in project.subjects}
    for reader in consumer_readers(config, project.files, project.subjects):
        subject = own[reader.subject]
        version = project.avro_version
        reasons = can_read(reader=reader.schema, writer=subject.schema, avro_version=version)
        first = next(iter(reasons), None)
        if first is not None:
            yield Diagnostic(
                "consumer-breaks",
                Severity.ERROR,
                f"{reader.consumer} cannot read it with {reader.path}: {described(first)}",
                subject.location(ROOT),
                subject.subject,
                f"let {reader.consumer} read another schema first, or change this one so that it"
                " can",
            )
